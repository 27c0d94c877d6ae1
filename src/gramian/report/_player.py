"""Moving pictures that need no script: one radio button per frame, and a GIF to keep.

The last frame stands still until the reader chooses another or plays; where reduced motion is
asked for, and on paper, nothing plays.
"""

from __future__ import annotations

from html import escape
from typing import Any

from gramian.report._data_uri import data_uri

MOST_FRAMES = 40
LIMIT = 2_000_000
"""Bytes of all frames together, in both themes; more are thinned to every second one."""

FEWEST = 6
"""Frames that stay, whatever their size."""


def player(moving: Any, alt: str, key: str, width: float, most: int) -> str:
    """The frames above a row of radio buttons, and a link to the GIF."""
    drawn = [
        (moving.frames[k], {name: moving.png(k, name) for name in ("light", "dark")})
        for k in moving.thinned(most)
    ]
    while len(drawn) > FEWEST and sum(len(p) for _, pngs in drawn for p in pngs.values()) > LIMIT:
        drawn = [drawn[0], *drawn[:0:-2][::-1]]
    buttons, frames = [], []
    for place, (frame, pngs) in enumerate(drawn):
        label, last = escape(frame), place == len(drawn) - 1
        buttons.append(
            f'<input type="radio" name="{key}" aria-label="{label}"{" checked" if last else ""}>'
        )
        words = f"{escape(alt)} Shown: {label}." if last else label
        pictures = "".join(
            f'<img class="on-{name}" alt="{words}" src="{data_uri(png)}">'
            for name, png in pngs.items()
        )
        frames.append(f'<div style="--i:{place}">{pictures}<p>{label}</p></div>')
    gif = data_uri(moving.gif([pngs["light"] for _, pngs in drawn]), "gif")
    cycle = f"--n:{len(drawn)};--cycle:{len(drawn) * moving.seconds:.2f}s"
    return (
        f"<style>@keyframes {key}{{0%{{opacity:1}}{100 / len(drawn):.4f}%{{opacity:0}}"
        f"100%{{opacity:0}}}}</style>"
        f'<div class="moving" style="{cycle};--frame:{key};max-width:{width:.0f}px">'
        f'<div class="steps" role="radiogroup" aria-label="Frame">{"".join(buttons)}'
        f'<label class="play"><input type="radio" name="{key}"><span>Play</span></label></div>'
        f'<div class="frames">{"".join(frames)}</div>'
        f'<p class="note">Choose a frame above, with the mouse or the arrow keys, or '
        f'<a download="{key}.gif" href="{gif}">keep it as a GIF</a>.</p></div>'
    )


def player_style() -> str:
    """The rules that show the chosen frame."""
    chosen = ",\n".join(
        f".steps:has(>input:nth-of-type({k}):checked)+.frames>div:nth-child({k}):nth-child({k})"
        for k in range(1, MOST_FRAMES + 1)
    )
    return f"{_STYLE}\n{chosen}{{visibility:visible}}"


_STYLE = """
.moving{margin:0 auto;width:100%}
.steps{display:flex;align-items:center;gap:2px;margin-bottom:.6rem}
.steps>input{appearance:none;-webkit-appearance:none;flex:1;min-width:0;height:1.4rem;margin:0;
border-radius:3px;background:var(--line);cursor:pointer}
.steps>input:hover{background:var(--muted)}
.steps>input:checked{background:var(--link)}
.steps>input:focus-visible,.play:focus-within{outline:2px solid var(--link);outline-offset:2px}
.play{margin-left:.6rem;padding:0 .7rem;border:1px solid var(--line);border-radius:8px;
cursor:pointer;font-size:.9rem}
.play input{position:absolute;opacity:0;pointer-events:none}
.play:has(:checked){background:var(--link);color:var(--card);border-color:var(--link)}
.frames{display:grid}
.frames>div{grid-area:1/1;visibility:hidden;min-width:0}
.frames>div:last-child{visibility:visible}
.steps:has(:checked)+.frames>div:last-child{visibility:hidden}
.frames img{width:100%;height:auto}
.frames img.on-light{display:block}
.frames img.on-dark{display:none}
.frames p{margin:.2rem 0 0;text-align:center;color:var(--muted);font-size:.94rem}
.steps:has(.play :checked)+.frames>div:nth-child(n):nth-child(n){visibility:visible;opacity:0;
animation:var(--frame) var(--cycle) step-end infinite;
animation-delay:calc(var(--cycle)*var(--i)/var(--n) - var(--cycle))}
@media screen and (prefers-color-scheme:dark){.frames img.on-light{display:none}
.frames img.on-dark{display:block}}
@media (prefers-reduced-motion:reduce){.play{display:none}}
@media print{.steps,.moving .note{display:none}}
""".strip()
