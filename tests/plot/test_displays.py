"""What all displays have in common: they draw, take axes and themes, refuse bad input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.plot.tables import gram, table

from gramian import plot
from gramian.plot import style
from gramian.plot._base import Display

MAKERS: dict[str, Callable[[np.ndarray], Display]] = {
    "scatter": lambda y: plot.ClusterScatterDisplay.from_predictions(table(len(y))[0], y),
    "scatter 1-D": lambda y: plot.ClusterScatterDisplay.from_predictions(table(len(y), 1)[0], y),
    "scatter 2-D": lambda y: plot.ClusterScatterDisplay.from_predictions(
        table(len(y), 2)[0], y, centers=[[0.0, 1.0]]
    ),
    "sizes": plot.ClusterSizesDisplay.from_predictions,
    "silhouette": lambda y: plot.SilhouetteDisplay.from_predictions(np.linspace(-1, 1, len(y)), y),
    "inertia": lambda y: plot.InertiaCurveDisplay.from_predictions([1, 2, 4], [9, 3, 1], chosen=2),
    "k-distance": lambda y: plot.KDistanceDisplay.from_predictions(
        np.arange(len(y)), n_neighbors=4, eps=3.0, knee=0
    ),
    "inertia, silhouette, gap": lambda y: plot.InertiaCurveDisplay.from_predictions(
        [1, 2, 4], [9, 3, 1], silhouette=[np.nan, 0.5, 0.2], gap=[0, 1, 2], chosen=2
    ),
    "k-means": lambda y: plot.KMeansIterationsDisplay.from_predictions(
        table(len(y))[0], np.zeros((2, 3, 3))
    ),
    "mean shift": lambda y: plot.MeanShiftIterationsDisplay.from_predictions(
        table(len(y))[0], np.zeros((2, len(y), 3)), y
    ),
    "dendrogram": lambda y: plot.DendrogramDisplay.from_predictions([[0, 1, 1.0, 2]], cut=0.5),
    "condensed tree": lambda y: plot.CondensedTreeDisplay.from_predictions(
        [2, 2], [0, 1], [1.0, 2.0], [1, 1], selected=[2]
    ),
    "gram": gram,
    "profile": lambda y: plot.ProfileDisplay.from_predictions(table(len(y))[0], y),
    "images": lambda y: plot.ImageGridDisplay.from_predictions(
        np.random.default_rng(0).random((7, 28, 28)), titles=range(7)
    ),
}


LABELS = {
    "some noise": table()[1],
    "one cluster": np.zeros(60, dtype=np.int64),
    "all noise": np.full(60, -1),
    "one row": np.zeros(1, dtype=np.int64),
    "60 clusters": np.arange(60),
    "far numbers": np.array([7, 7, 10**12, -1, -3]),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("maker", MAKERS)
def test_every_display_draws(maker: str, labels: str) -> None:
    before = dict(mpl.rcParams)
    display = MAKERS[maker](LABELS[labels])
    assert display.plot() is display
    assert isinstance(display.figure_, Figure)
    display.figure_.draw_without_rendering()
    assert dict(mpl.rcParams) == before
    assert display.describe().endswith(".")
    columns = display.columns()
    assert columns is None or len({len(column) for column in columns.values()}) == 1


@pytest.mark.parametrize("maker", MAKERS)
def test_given_axes_are_used(maker: str) -> None:
    figure = style.figure()
    left, right = figure.subplots(1, 2)
    right.tick_params(labelcolor="red")
    display = MAKERS[maker](LABELS["some noise"]).plot(ax=right)
    assert display.ax_ is right
    assert display.figure_ is figure
    assert not left.has_data()
    figure.draw_without_rendering()


@pytest.mark.parametrize("maker", MAKERS)
def test_wrong_axes(maker: str) -> None:
    with pytest.raises(TypeError, match=r"\.plot: ax must be matplotlib axes or None, got 'left'"):
        MAKERS[maker](LABELS["some noise"]).plot(ax="left")


@pytest.mark.parametrize("maker", MAKERS)
def test_themes(maker: str) -> None:
    display = MAKERS[maker](LABELS["some noise"])
    figures = display.themed()
    assert not hasattr(display, "figure_")
    for name, theme in (("light", style.LIGHT), ("dark", style.DARK)):
        ax = figures[name].axes[0]
        assert ax.xaxis.label.get_color() == theme.text
        assert mpl.colors.to_hex(figures[name].get_facecolor()) == theme.surface


def test_nothing_is_left_open_and_pyplot_is_not_needed() -> None:
    program = (
        "import sys\n"
        "from gramian import plot\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot.ClusterSizesDisplay.from_predictions([0, 1, 1]).plot()\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_notebook_picture() -> None:
    display = plot.ClusterSizesDisplay.from_predictions([0, 1])
    assert display._repr_png_() is None
    png = display.plot()._repr_png_()
    assert png is not None
    assert png.startswith(b"\x89PNG")


def test_public_names() -> None:
    assert set(dir(plot)) == set(plot.__all__)
    for name in plot.__all__:
        assert getattr(plot, name).__doc__
    with pytest.raises(AttributeError, match=r"module 'gramian.plot' has no attribute 'Pie'"):
        plot.Pie  # noqa: B018 # the look-up itself is tested


# ---- what is stored -------------------------------------------------------------------------


BAD = {
    "length": (
        np.zeros((3, 2)),
        [0, 1],
        ValueError,
        r"labels must be of length 3, got 2. Pass one",
    ),
    "rank": (np.zeros(3), [0, 1, 2], ValueError, r"X must be an array of 2 axes, got \(3,\)"),
    "empty": (np.zeros((0, 2)), [], ValueError, r"X must be a non-empty array, got \(0, 2\)"),
    "nan": (
        np.full((2, 2), np.nan),
        [0, 1],
        ValueError,
        r"X must be free of NaN and infinity, got",
    ),
    "text": (
        np.array([["a", "b"]]),
        [0],
        TypeError,
        r"X must be an array of real numbers, got '<U1'",
    ),
    "float labels": (
        np.zeros((1, 2)),
        [0.5],
        TypeError,
        r"labels must be an array of integers, got",
    ),
    "label rank": (np.zeros((1, 2)), [[0]], ValueError, r"labels must be an array of 1 axes, got"),
}


@pytest.mark.parametrize("display", [plot.ClusterScatterDisplay, plot.ProfileDisplay])
@pytest.mark.parametrize("case", BAD)
def test_bad_input(display: Any, case: str) -> None:
    X, labels, error, message = BAD[case]
    with pytest.raises(error, match=rf"^{display.__name__}\.from_predictions: {message}"):
        display.from_predictions(X, labels)


@pytest.mark.parametrize(
    ("display", "arguments"),
    [
        (plot.ClusterScatterDisplay, [np.zeros((2, 2))]),
        (plot.ClusterSizesDisplay, []),
        (plot.SilhouetteDisplay, [[0.0]]),
        (plot.GramDisplay, [np.zeros((1, 1)), [0]]),
        (plot.ProfileDisplay, [np.zeros((2, 2))]),
    ],
)
def test_unfitted(display: Any, arguments: list[Any]) -> None:
    message = (
        rf"^{display.__name__}\.from_estimator: estimator must be a fitted object with the "
        r"attribute labels_, got .* Call fit first, or use from_predictions\.$"
    )
    with pytest.raises(ValueError, match=message):
        display.from_estimator(object(), *arguments)
