"""Moving pictures that need no script: one radio button per frame, and a GIF to keep.

The last frame stands still until the reader chooses another or plays; where reduced motion is
asked for, and on paper, nothing plays.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.labs.frame.drawing import DrawFrame, drawn
from gramian.report._pictures import PIXELS_PER_INCH, _data_uri

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MOST_FRAMES", "Animation", "animation_markup", "animation_style"]

MOST_FRAMES = 40
DPI, COLORS = 120, 64


@dataclass(frozen=True)
class Animation:
    """A function that draws one frame, and a label for each."""

    draw: DrawFrame
    frames: list[str]
    size: tuple[float, float]
    panels: tuple[int, int]
    seconds: float

    def thinned(self, most: int) -> list[int]:
        """At most so many frames, evenly from the first to the last."""
        count = min(len(self.frames), most)
        return np.linspace(0, len(self.frames) - 1, count).round().astype(int).tolist()

    def png(self, frame: int, theme: str) -> bytes:
        """One frame as it stands on a page of that theme."""
        figure = drawn(lambda ax, colors: self.draw(ax, colors, frame), theme, self)
        return _png(figure)


def _png(figure: Figure) -> bytes:
    """The figure with at most 64 colours: frames are many, and lines and areas need few."""
    from PIL import Image

    figure.set_dpi(DPI)
    canvas: Any = figure.canvas
    canvas.draw()  # at once, where savefig would lay the figure out twice
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    target = io.BytesIO()
    few = image.quantize(COLORS, dither=Image.Dither.NONE)
    few.save(target, format="png", optimize=True)
    return target.getvalue()


def animation_markup(moving: Animation, alt: str, key: str, most: int) -> str:
    """The frames above a row of radio buttons, and a link to the GIF."""
    kept = moving.thinned(most)
    images = {name: [moving.png(k, name) for k in kept] for name in ("light", "dark")}
    buttons, frames = [], []
    for place, frame in enumerate(kept):
        label = escape(moving.frames[frame])
        last = place == len(kept) - 1
        buttons.append(
            f'<input type="radio" name="{key}" aria-label="{label}"{" checked" if last else ""}>'
        )
        words = f"{escape(alt)} Shown: {label}." if last else label
        pictures = "".join(
            f'<img class="on-{name}" alt="{words}" src="{_data_uri(images[name][place])}">'
            for name in images
        )
        frames.append(f'<div style="--i:{place}">{pictures}<p>{label}</p></div>')
    width = moving.size[0] * PIXELS_PER_INCH
    gif = _data_uri(_gif(images["light"], moving.seconds)).replace("image/png", "image/gif", 1)
    cycle = f"--n:{len(kept)};--cycle:{len(kept) * moving.seconds:.2f}s"
    return (
        f"<style>@keyframes {key}{{0%{{opacity:1}}{100 / len(kept):.4f}%{{opacity:0}}"
        f"100%{{opacity:0}}}}</style>"
        f'<div class="moving" style="{cycle};--frame:{key};max-width:{width:.0f}px">'
        f'<div class="steps" role="radiogroup" aria-label="Frame">{"".join(buttons)}'
        f'<label class="play"><input type="radio" name="{key}"><span>Play</span></label></div>'
        f'<div class="frames">{"".join(frames)}</div>'
        f'<p class="note">Choose a frame above, with the mouse or the arrow keys, or '
        f'<a download="{key}.gif" href="{gif}">keep it as a GIF</a>.</p></div>'
    )


def animation_style(most: int) -> str:
    """The rules that show the chosen frame, for animations of up to `most` frames."""
    chosen = ",\n".join(
        f".steps:has(>input:nth-of-type({k}):checked)+.frames>div:nth-child({k}):nth-child({k})"
        for k in range(1, most + 1)
    )
    return f"{_STYLE}\n{chosen}{{visibility:visible}}"


def _gif(pngs: list[bytes], seconds: float) -> bytes:
    """All frames as one GIF that repeats and rests on the last frame."""
    from PIL import Image

    frames = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    size = frames[-1].size
    frames = [frame.resize((size[0] * 3 // 4, size[1] * 3 // 4)) for frame in frames]
    times = [round(1000 * seconds)] * len(frames)
    times[-1] = max(times[-1], 2000)
    target = io.BytesIO()
    frames[0].save(
        target, format="gif", save_all=True, append_images=frames[1:], duration=times, loop=0
    )
    return target.getvalue()


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
