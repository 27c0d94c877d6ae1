"""The palettes can be told apart and read, and themes leave nothing behind."""

from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gramian.plot import style

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(color: str) -> np.ndarray:
    part = np.array(to_rgb(color))
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def oklab(light: np.ndarray) -> np.ndarray:
    return np.array(LAB) @ np.cbrt(np.clip(np.array(LMS) @ light, 0, None))


def contrast(a: str, b: str) -> float:
    low, high = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_cluster_colors_stay_apart(theme: style.Theme, sight: str) -> None:
    seen = [oklab(np.clip(np.array(SIGHT[sight]) @ linear(c), 0, 1)) for c in theme.cycle]
    assert len(seen) == 8
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.07


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_contrast_with_the_page(theme: style.Theme) -> None:
    assert all(contrast(color, theme.surface) >= 3 for color in (*theme.cycle, theme.noise))
    assert contrast(theme.text, theme.surface) >= 7
    assert all(contrast(c, theme.surface) >= 4.5 for c in (theme.muted, theme.accent))
    for cell in theme.diverging:
        assert contrast(style.legible(cell), cell) >= 4.0


def test_a_wrong_color_would_be_found() -> None:
    assert contrast("#ffffff", "#ffff00") < 1.2
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_themes_nest_and_end() -> None:
    assert style.current() is style.LIGHT
    with style.theme("dark") as dark:
        assert style.current() is dark is style.DARK
        with style.theme("light"):
            assert style.current() is style.LIGHT
        assert style.current() is style.DARK
    assert style.current() is style.LIGHT


def test_unknown_theme() -> None:
    with pytest.raises(ValueError, match=r"^style.theme: name must be one of 'light', 'dark', got"):
        style.theme("blue").__enter__()


@pytest.mark.parametrize(("ground", "name"), [("black", "dark"), ("white", "light")])
def test_the_ground_of_given_axes_decides(ground: str, name: str) -> None:
    ax = style.figure().add_subplot(facecolor=ground)
    assert style.current(ax).name == name
    ax.set_facecolor("none")
    assert style.current(ax).name == "light"


def test_figure_changes_no_setting() -> None:
    before = dict(mpl.rcParams)
    assert style.figure(3, 2).get_size_inches().tolist() == [3, 2]
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [("age", "age"), ("a$b$", r"a\$b\$"), ("a\nb\x00", "a b"), ("x" * 40, "x" * 27 + "…")],
)
def test_plain(text: str, shown: str) -> None:
    assert style.plain(text) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.0, "0"),
        (-1.5, "\u22121.5"),
        (2500, "2500"),
        (12_000, "12k"),
        (3.2e6, "3.2M"),
        (2e9, "2G"),
    ],
)
def test_short(number: float, shown: str) -> None:
    assert style.short(number) == shown
