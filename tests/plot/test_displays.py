"""What every display does, and what each stores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from gramian import plot
from gramian.plot import style
from gramian.plot._base import Display


def table(n: int = 60, d: int = 3, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % (k + 1) - 1
    return rng.normal(size=(n, d)) + 5 * labels[:, None], labels


def gram(labels: np.ndarray) -> plot.GramDisplay:
    X = np.random.default_rng(1).normal(size=(len(labels), 2))
    distances = np.linalg.norm(X[:, None] - X[None], axis=-1)
    return plot.GramDisplay.from_predictions(distances, labels)


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


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_sizes(kind: Any) -> None:
    display = plot.ClusterSizesDisplay.from_predictions(kind([3, 1, 3, -1, -2, 3]))
    assert display.clusters.tolist() == [1, 3]
    assert display.counts.tolist() == [1, 3]
    assert display.n_noise == 2
    assert display.columns() == {
        "cluster": ["1", "3", "noise"],
        "points": [1, 3, 2],
        "share": ["16.7%", "50.0%", "33.3%"],
    }
    widths = [bar.get_width() for bar in display.plot().ax_.patches]
    assert widths == [1, 3, 2]


def test_many_sizes_are_ordered_and_logarithmic() -> None:
    labels = np.repeat(np.arange(50), [1000, *[3] * 49])
    ax = plot.ClusterSizesDisplay.from_predictions(labels).plot().ax_
    assert ax.get_yscale() == "log"
    assert ax.patches[0].get_data().values.tolist() == [1000, *[3] * 49]


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_silhouette(kind: Any) -> None:
    values = kind([0.5, float("nan"), -0.5, 1.0])
    display = plot.SilhouetteDisplay.from_predictions(values, kind([2, -1, 5, 2]))
    assert display.clusters.tolist() == [2, 5]
    assert display.cluster_means.tolist() == [0.75, -0.5]
    assert display.mean == pytest.approx(1 / 3)


def test_silhouette_blades_are_as_long_as_the_values() -> None:
    values, labels = np.linspace(-0.2, 0.9, 5000), np.repeat([0, 1], 2500)
    ax = plot.SilhouetteDisplay.from_predictions(values, labels).plot().ax_
    for blade, part in zip(ax.collections, np.split(values, 2), strict=True):
        corners = blade.get_paths()[0].vertices[:, 0]
        assert corners.max() == pytest.approx(max(part.max(), 0))
        assert corners.min() == pytest.approx(min(part.min(), 0))


@pytest.mark.parametrize("bad", [1.5, -1.1, float("nan")])
def test_silhouette_out_of_range(bad: float) -> None:
    with pytest.raises(ValueError, match=r"from_predictions: values must be in \[-1, 1\], got"):
        plot.SilhouetteDisplay.from_predictions([0.0, bad], [0, 0])


def test_inertia() -> None:
    fits = [
        SimpleNamespace(cluster_centers_=np.zeros((k, 2)), inertia_=10.0 / k) for k in (4, 2, 1)
    ]
    display = plot.InertiaCurveDisplay.from_estimator(fits, chosen=2)
    assert display.n_clusters.tolist() == [1, 2, 4]
    assert display.inertia.tolist() == [10.0, 5.0, 2.5]
    texts = [text.get_text() for text in display.plot().ax_.texts]
    assert texts == ["k = 2"]


def test_silhouette_and_gap_have_panels_of_their_own() -> None:
    display = plot.InertiaCurveDisplay.from_predictions(
        [4, 1, 2],
        [1.0, 9.0, 3.0],
        silhouette=[0.2, np.nan, 0.5],
        gap=torch.tensor([2.0, 0.0, 1.0]),
        gap_error=[0.1, 0.2, 0.3],
        chosen=2,
    )
    assert display.describe().endswith(
        "the silhouette is largest at 2; the gap is largest at 4; 2 is marked."
    )
    assert display.columns() == {
        "clusters": [1, 2, 4],
        "inertia": ["9", "3", "1"],
        "silhouette": ["", "0.5", "0.2"],
        "gap": ["0", "1", "2"],
        "error of gap": ["0.2", "0.3", "0.1"],
    }
    panels = display.plot().ax_.child_axes
    assert [panel.get_ylabel() for panel in panels] == ["inertia", "silhouette", "gap"]
    assert len({panel.get_xlim() for panel in panels}) == 1
    np.testing.assert_array_equal(panels[2].lines[0].get_ydata(), [0, 1, 2])


def test_inertia_messages() -> None:
    make = plot.InertiaCurveDisplay.from_predictions
    with pytest.raises(ValueError, match=r"chosen must be one of n_clusters, got 3"):
        make([1, 2], [2.0, 1.0], chosen=3)
    with pytest.raises(ValueError, match=r"inertia must be of length 2, got 1"):
        make([1, 2], [2.0])
    with pytest.raises(ValueError, match=r"silhouette must be of length 2, got 1"):
        make([1, 2], [2.0, 1.0], silhouette=[0.5])
    with pytest.raises(ValueError, match=r"gap_error must be left out where gap is, got \[0.1"):
        make([1, 2], [2.0, 1.0], gap_error=[0.1, 0.1])
    with pytest.raises(ValueError, match=r"attribute cluster_centers_, got .* Call fit first"):
        plot.InertiaCurveDisplay.from_estimator([object()])


def test_k_distance() -> None:
    model = SimpleNamespace(eps=2.0, min_samples=5)
    display = plot.KDistanceDisplay.from_estimator(model, torch.tensor([3.0, 1.0, 2.0, 9.0]))
    assert display.distances.tolist() == [1, 2, 3, 9]
    assert (display.n_neighbors, display.eps, display.share_within) == (5, 2.0, 0.5)
    assert "50.0% of the points" in display.plot().ax_.texts[0].get_text()
    columns = display.columns()
    assert columns["distance"][0] == "1"
    assert columns["distance"][-1] == "9"


def test_the_knee_is_marked() -> None:
    display = plot.KDistanceDisplay.from_predictions([4.0, 1.0, 2.0], n_neighbors=2, knee=1)
    assert "the knee is at 2" in display.describe()
    ax = display.plot().ax_
    assert ax.lines[-1].get_xydata().tolist() == [[pytest.approx(200 / 3), 2.0]]
    assert [text.get_text() for text in ax.texts] == ["knee"]
    with pytest.raises(ValueError, match=r"knee must be an int in \[0, 2\], got 3"):
        plot.KDistanceDisplay.from_predictions([4.0, 1.0, 2.0], n_neighbors=2, knee=3)


def test_k_distance_messages() -> None:
    make = plot.KDistanceDisplay.from_predictions
    with pytest.raises(ValueError, match=r"distances must be at least 0, got -1.0"):
        make([-1.0], n_neighbors=1)
    with pytest.raises(ValueError, match=r"eps must be a finite number in \[0, inf\), got -2"):
        make([1.0], n_neighbors=1, eps=-2)
    with pytest.raises(ValueError, match=r"n_neighbors must be an int in \[1, inf\), got 0"):
        make([1.0], n_neighbors=0)
    with pytest.raises(ValueError, match=r"distances must be free of NaN and infinity, got"):
        make([np.inf], n_neighbors=1)


def test_gram_is_reordered() -> None:
    labels = np.array([1, -1, 0, 1, 0])
    matrix = np.arange(25.0).reshape(5, 5)
    display = plot.GramDisplay.from_predictions(torch.from_numpy(matrix), labels)
    assert display.order.tolist() == [2, 4, 0, 3, 1]
    assert display.labels.tolist() == [0, 0, 1, 1, -1]
    order = display.order
    np.testing.assert_array_equal(display.matrix, matrix[order][:, order])
    np.testing.assert_array_equal(display.plot().ax_.images[0].get_array(), display.matrix)


def test_gram_near_is_strong_for_both_kinds() -> None:
    make = plot.GramDisplay.from_predictions
    matrix = np.array([[0.0, 1.0], [1.0, 0.0]])
    for kind, near in (("distance", 0.0), ("similarity", 1.0)):
        image = make(matrix, [0, 1], kind=kind).plot().ax_.images[0]
        strong, weak = image.to_rgba(near)[:3], image.to_rgba(1.0 - near)[:3]
        assert sum(strong) < sum(weak)


def test_gram_from_estimator_and_description() -> None:
    model = SimpleNamespace(labels_=np.array([0, 1, 0, 1]))
    matrix = np.array([[0.0, 8.0, 1.0], [8.0, 0.0, 9.0], [1.0, 9.0, 0.0]])
    display = plot.GramDisplay.from_estimator(model, matrix, [0, 1, 2], name="length")
    assert display.labels.tolist() == [0, 0, 1]
    assert "mean 0.4 within clusters, 8.5 between them" in display.describe()
    with pytest.raises(ValueError, match=r"rows must be row numbers in \[0, 3\], got"):
        plot.GramDisplay.from_estimator(model, matrix, [0, 1, 4])


def test_gram_messages() -> None:
    make = plot.GramDisplay.from_predictions
    with pytest.raises(ValueError, match=r"matrix must be square, got \(2, 3\)"):
        make(np.zeros((2, 3)), [0, 1])
    with pytest.raises(ValueError, match=r"at most 512 rows wide, got .* Sample the rows"):
        make(np.zeros((513, 513)), np.zeros(513, dtype=int))
    with pytest.raises(ValueError, match=r"kind must be one of 'distance', 'similarity', got 'x'"):
        make(np.zeros((1, 1)), [0], kind="x")


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_profile(kind: Any) -> None:
    X = np.array([[1.0, 5.0], [3.0, 5.0], [7.0, 5.0], [9.0, 5.0]])
    display = plot.ProfileDisplay.from_predictions(kind(X), kind([0, 0, 4, -1]))
    deviation = X[:, 0].std()
    np.testing.assert_allclose(display.profile[:, 0], np.array([-3, 2, 4]) / deviation)
    assert display.profile[:, 1].tolist() == [0, 0, 0]
    assert display.row_names == ["0", "4", "noise"]
    assert display.counts.tolist() == [2, 1, 1]
    assert "the noise lies 1.3 standard deviations above the mean in x0" in display.describe()


def test_profile_shows_the_features_that_differ() -> None:
    X = np.random.default_rng(0).normal(size=(200, 64))
    labels = np.arange(200) % 2
    X[:, [5, 40]] += 50 * labels[:, None]
    display = plot.ProfileDisplay.from_predictions(X, labels)
    assert display.profile.shape == (2, 64)
    assert len(display.shown_features) == 30
    assert {5, 40} <= set(display.shown_features.tolist())
    assert len(display.columns()) == 31


def test_profile_takes_names_from_a_frame() -> None:
    frame = pytest.importorskip("pandas").DataFrame({"age": [1.0, 2.0], "$x^": [3.0, 5.0]})
    display = plot.ProfileDisplay.from_predictions(frame, [0, 1])
    assert display.feature_names == ["age", "$x^"]
    display.plot().figure_.canvas.draw()
    with pytest.raises(ValueError, match=r"feature_names must be of length 2, got 1"):
        plot.ProfileDisplay.from_predictions(frame, [0, 1], feature_names=["a"])


def test_profile_of_many_rows_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    X, labels = table(500, 6)
    whole = plot.ProfileDisplay.from_predictions(X, labels).profile
    monkeypatch.setattr("gramian.plot._arrays.CHUNK_BYTES", 1000)
    parts = plot.ProfileDisplay.from_predictions(X, labels).profile
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_images() -> None:
    rng = np.random.default_rng(0)
    model = SimpleNamespace(cluster_centers_=rng.random((3, 784)), labels_=np.array([0, 2, 2]))
    display = plot.ImageGridDisplay.from_estimator(model)
    assert display.titles == ["0 · 1", "1 · 0", "2 · 2"]
    images = display.plot().ax_.images
    assert len(images) == 3
    for drawn, center in zip(images, model.cluster_centers_, strict=True):
        np.testing.assert_array_equal(drawn.get_array(), center.reshape(28, 28))
    assert len({image.get_clim() for image in images}) == 1


def test_images_messages() -> None:
    make = plot.ImageGridDisplay.from_predictions
    with pytest.raises(ValueError, match=r"images must be rows of 784 pixels, got \(2, 100\)"):
        make(np.zeros((2, 100)))
    with pytest.raises(ValueError, match=r"images must be at most 120 images, got 121"):
        make(np.zeros((121, 2, 2)))
    with pytest.raises(ValueError, match=r"titles must be of length 1, got 2"):
        make(np.zeros((1, 2, 2)), titles=["a", "b"])
    with pytest.raises(ValueError, match=r"images must be an array of 3 axes, got \(4,\)"):
        make(np.zeros(4))


# ---- bad input that every display refuses in the same words ---------------------------------

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
