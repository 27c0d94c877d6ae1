"""Sizes, silhouettes, inertia and the k-distance curve."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gramian import plot


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
