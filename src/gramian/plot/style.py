"""One family of pictures: palettes, fonts, sizes and the light and dark themes.

The eight cluster colours of each theme keep the same order of hues. They were chosen by a search
in OKLab so that every pair stays apart (at least 0.07) for normal sight and for simulated
protanopia, deuteranopia and tritanopia, at a contrast of at least 3 : 1 with the page. Beyond
eight clusters the marker changes too. Sources: B. Ottosson, "A perceptual color space for image
processing", 2020; G. M. Machado et al., IEEE Trans. Vis. Comput. Graph. 15(6), 2009.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from gramian._validation import check_choice

__all__ = ["DARK", "LIGHT", "MARKERS", "Theme", "current", "figure", "theme"]

FONT = ["DejaVu Sans"]
"""Shipped with matplotlib, so that a picture has the same bytes on every machine."""

MARKERS = ("o", "s", "^", "D", "v", "P")
"""Marker of cluster ``i`` is ``MARKERS[i // 8 % 6]``: 48 looks before one repeats."""

NARROW, WIDE = 5.6, 10.0
"""Widths in inches: two narrow pictures stand side by side in a report, a wide one stands alone."""


@dataclass(frozen=True)
class Theme:
    """Colours of one theme, as hexadecimal strings."""

    name: str
    surface: str
    text: str
    muted: str
    grid: str
    noise: str
    accent: str
    cycle: tuple[str, ...]
    diverging: tuple[str, ...]
    sequential: tuple[str, ...]
    images: str

    def color(self, cluster: int) -> str:
        """Colour of a cluster by its rank; colours repeat after eight."""
        return self.cycle[cluster % len(self.cycle)]

    def tint(self, color: str, share: float) -> tuple[float, float, float]:
        """So much of a colour on the theme's surface: paler, yet without transparency."""
        red, green, blue = (
            share * part + (1 - share) * ground
            for part, ground in zip(to_rgb(color), to_rgb(self.surface), strict=True)
        )
        return red, green, blue

    def colormap(self, name: str) -> Colormap:
        """The theme's "diverging" or "sequential" map; both are readable without hue."""
        return LinearSegmentedColormap.from_list(name, getattr(self, name), N=128)

    def rc(self) -> Any:
        """The rcParams that a picture of this theme is built under."""
        return {
            "font.family": FONT,
            "font.size": 10.0,
            "text.color": self.text,
            "axes.edgecolor": self.muted,
            "axes.labelcolor": self.text,
            "axes.labelsize": 10.0,
            "axes.labelpad": 7.0,
            "axes.facecolor": self.surface,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": False,
            "axes.unicode_minus": True,
            "axes.formatter.use_mathtext": False,
            "figure.facecolor": self.surface,
            "grid.color": self.grid,
            "grid.linewidth": 0.8,
            "xtick.color": self.muted,
            "ytick.color": self.muted,
            "xtick.labelcolor": self.text,
            "ytick.labelcolor": self.text,
            "xtick.labelsize": 9.0,
            "ytick.labelsize": 9.0,
            "legend.frameon": False,
            "legend.fontsize": 9.0,
            "hatch.color": self.muted,
            "hatch.linewidth": 0.6,
        }


LIGHT = Theme(
    name="light",
    surface="#ffffff",
    text="#1d2430",
    muted="#677084",
    grid="#e6e9ef",
    noise="#8b93a3",
    accent="#b3261e",
    cycle=(
        "#083baf",
        "#a84e25",
        "#38a391",
        "#662162",
        "#ac77fa",
        "#b78512",
        "#0e7699",
        "#832420",
    ),
    diverging=("#0b3f8f", "#5b93d6", "#f4f5f7", "#de8a52", "#8f3410"),
    sequential=("#f3f6fa", "#a9cbe6", "#4b8fc4", "#1d4f93", "#101f4d"),
    images="gray_r",
)

DARK = Theme(
    name="dark",
    surface="#171b22",
    text="#e8ebf0",
    muted="#98a2b3",
    grid="#2b323d",
    noise="#7b8496",
    accent="#ff8a80",
    cycle=(
        "#7595d3",
        "#e6811b",
        "#36c29b",
        "#a66183",
        "#6965e6",
        "#f8b729",
        "#45d8fc",
        "#d33e25",
    ),
    diverging=("#9cc9ff", "#3d78c4", "#222832", "#b9632b", "#ffb98a"),
    sequential=("#1c222c", "#1f4172", "#2f74ad", "#6fb4dc", "#e4f3ff"),
    images="gray",
)

_THEMES = {"light": LIGHT, "dark": DARK}
_chosen: ContextVar[Theme | None] = ContextVar("gramian_plot_theme", default=None)


@contextmanager
def theme(name: str) -> Iterator[Theme]:
    """Draw every picture inside the block with the "light" or the "dark" colours.

    Parameters
    ----------
    name : {"light", "dark"}

    Yields
    ------
    theme : Theme

    Raises
    ------
    ValueError
        If the name is neither.

    Examples
    --------
    >>> from gramian.plot import style
    >>> with style.theme("dark") as colors:
    ...     colors.name
    'dark'
    """
    check_choice(name, "name", "style.theme", _THEMES)
    token = _chosen.set(_THEMES[name])
    try:
        yield _THEMES[name]
    finally:
        _chosen.reset(token)


def current(ax: Axes | None = None) -> Theme:
    """The theme in force: the one chosen by `theme`, else the one that suits the axes' ground."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    if ax is None:
        return LIGHT
    red, green, blue, opacity = to_rgba(ax.get_facecolor())
    dark = opacity > 0 and 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.35
    return DARK if dark else LIGHT


def figure(width: float = NARROW, height: float = 4.0) -> Figure:
    """An empty figure of `width` by `height` inches that needs no display and no pyplot."""
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)
    made = Figure(figsize=(width, height), dpi=144, layout=layout)
    FigureCanvasAgg(made)
    return made


def legible(on: Any) -> str:
    """Near-black or white, whichever is easier to read on the given colour."""
    red, green, blue, _ = (_linear(part) for part in to_rgba(on))
    return LIGHT.text if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 else "#ffffff"


def _linear(part: float) -> float:
    """One sRGB component as linear light."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def plain(text: object, longest: int = 28) -> str:
    """``text`` as one short line that matplotlib will not read as mathematics."""
    line = "".join(c if c.isprintable() else " " for c in str(text)).strip()
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return line.replace("$", r"\$")


def grouped(count: int) -> str:
    """A count with thin groups of three digits: 1234567 as ``1 234 567`` (narrow spaces)."""
    return f"{count:,}".replace(",", "\u202f")


def short(number: float) -> str:
    """A number for a tick: three significant digits, k, M and G for the large ones."""
    size = abs(number)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if limit <= size < 1e12 and (limit > 1e3 or size >= 1e4):
            return f"{number / limit:.3g}{unit}"
    return f"{number:.4g}".replace("-", "\u2212")
