"""Pictures as markup: inline SVG where it is small, else PNG, each for light and for dark."""

from __future__ import annotations

import base64
import io
import re
import warnings
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from gramian._validation import _message
from gramian.report._data_uri import data_uri
from gramian.report._player import player

LIMIT = 150_000
"""Most characters that one variant of a picture may take."""

BROAD = 7.0
"""Inches above which a picture gets the whole width of the page."""

DPIS = (160, 120, 90, 64, 48)
LARGE_PNG = 30_000
"""Bytes above which a PNG may lose some of its colours."""

MOST_VECTOR_POINTS = 1_500
PIXELS_PER_INCH = 101


def markup(source: Any, alt: str, key: str, caller: str, most_frames: int) -> tuple[str, bool]:
    """The picture's HTML, and whether it wants the whole width of the page."""
    if hasattr(source, "frames"):
        width = source.size[0]
        return player(source, alt, key, width * PIXELS_PER_INCH, most_frames), width > BROAD
    if hasattr(source, "themed"):
        inner = ""
        for name, figure in source.themed().items():
            _rasterise_crowds(figure)
            drawn = _encode(figure, alt, f"{key}{name[0]}", transparent=True)
            inner += f'<div class="on-{name}">{drawn}</div>'
        return inner, figure.get_figwidth() > BROAD
    figure = getattr(source, "figure_", source)
    if not isinstance(figure, Figure):
        constraint = "a display or a matplotlib Figure"
        raise TypeError(_message(caller, "picture", constraint, source))
    paper = to_hex(figure.get_facecolor())
    inner = _encode(figure, alt, f"{key}p", transparent=False)
    broad = figure.get_figwidth() > BROAD
    return f'<div class="paper" style="background:{paper}">{inner}</div>', broad


def _rasterise_crowds(figure: Figure) -> None:
    """Draw large clouds of points as pixels; text and axes stay lines and letters."""
    clouds = [
        (collection, len(np.asarray(collection.get_offsets())))
        for axes in figure.axes
        for collection in axes.collections
    ]
    if sum(n_points for _, n_points in clouds) > MOST_VECTOR_POINTS:
        for collection, n_points in clouds:
            collection.set_rasterized(n_points > 1)


def _encode(figure: Figure, alt: str, key: str, *, transparent: bool) -> str:
    """The first of SVG and ever coarser PNG that is short enough; the last one at any rate."""
    width, height = figure.get_size_inches() * PIXELS_PER_INCH
    size = f'width="{width:.0f}" height="{height:.0f}" style="max-width:{width:.0f}px"'
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "gramian", "svg.id": None}):
        for dpi in DPIS[:2]:
            drawn = _save(figure, "svg", dpi=dpi, transparent=transparent, metadata={"Date": None})
            text = _inline(drawn.decode(), alt, key, width)
            if len(text) <= LIMIT:
                return text
    for dpi in DPIS:
        metadata = {"Software": None}
        drawn = _save(figure, "png", dpi=dpi, transparent=transparent, metadata=metadata)
        text = f'<img alt="{escape(alt)}" {size} src="{data_uri(_compressed(drawn))}">'
        if len(text) <= LIMIT:
            break
    return text


def _save(figure: Figure, form: str, **options: Any) -> bytes:
    """The saved bytes. A letter that the font lacks is the browser's business, not a warning."""
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        figure.savefig(target, format=form, **options)
    return target.getvalue()


def _inline(svg: str, alt: str, key: str, width: float) -> str:
    """An SVG document as an element of the page: no prologue, no outside names, ids of its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    svg = svg.replace("xlink:href=", "href=")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))

    def rename(match: re.Match[str]) -> str:
        return f' id="{key}-{match[1]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', rename, svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{key}-", svg)
    svg = re.sub(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)", _shrink, svg)
    svg = re.sub(r">\s*\n\s*<", ">\n<", svg)
    view = re.search(r'viewBox="[^"]*"', svg)
    box = view[0] if view else ""
    look = f"max-width:{width:.0f}px;stroke-linejoin:round;stroke-linecap:butt"
    head = f'<svg {box} role="img" aria-label="{escape(alt)}" style="{look}">'
    return head + svg[svg.index(">") + 1 :].strip()


def _shrink(match: re.Match[str]) -> str:
    """An embedded PNG, shorter."""
    return data_uri(_compressed(base64.b64decode(match[1])))


def _compressed(png: bytes) -> bytes:
    """The PNG with a palette: exact for up to 256 colours, the nearest 256 for a large one."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.array(image.convert("RGBA"))
    colors, index = np.unique(pixels.view(np.uint32), return_inverse=True)
    if len(colors) <= 256:
        palette = colors.view(np.uint8).reshape(-1, 4)
        flat = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), mode="P")
        flat.putpalette(palette.tobytes(), rawmode="RGBA")
    elif len(png) > LARGE_PNG:
        flat = Image.fromarray(pixels).quantize(256, method=Image.Quantize.FASTOCTREE)
    else:
        return png
    target = io.BytesIO()
    flat.save(target, format="png", optimize=True)
    return min(target.getvalue(), png, key=len)
