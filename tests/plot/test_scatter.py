"""The scatter plot: its plane, its thinning, its legend."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gramian.plot import ClusterScatterDisplay, scatter, style
from gramian.plot._principal import PrincipalPlane


def drawn_points(display: ClusterScatterDisplay) -> int:
    return sum(len(np.asarray(c.get_offsets())) for c in display.ax_.collections)


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_two_features_are_drawn_as_they_are(kind: Any) -> None:
    X, labels = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 3 - 1
    display = ClusterScatterDisplay.from_predictions(
        kind(X), kind(labels), feature_names=["a", "b"]
    )
    np.testing.assert_array_equal(display.positions, X)
    np.testing.assert_array_equal(display.labels, labels)
    display.plot()
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("a", "b")
    assert display.n_drawn_ == drawn_points(display) == 30
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["cluster 0 · 10", "cluster 1 · 10", "noise · 10"]


def test_noise_lies_below_and_is_grey() -> None:
    ax = ClusterScatterDisplay.from_predictions(np.eye(2), [-1, 0]).plot().ax_
    noise, cluster = ax.collections
    assert noise.get_zorder() < cluster.get_zorder()
    assert np.asarray(noise.get_offsets()).tolist() == [[1, 0]]


@pytest.mark.parametrize("shape", [(200, 5), (4, 9), (3, 3), (2, 7)], ids=str)
def test_plane_is_that_of_the_singular_vectors(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(2).normal(size=shape) * np.arange(1, shape[1] + 1) + 100.0
    plane = PrincipalPlane(X)
    _, singular, directions = np.linalg.svd(X - X.mean(0), full_matrices=False)
    found = plane.axes.numpy()
    for axis in range(min(2, shape[0] - 1)):
        cosine = abs(found[:, axis] @ directions[axis])
        assert cosine == pytest.approx(1, abs=1e-9)
        assert found[np.abs(found[:, axis]).argmax(), axis] > 0
    shares = singular**2 / (singular**2).sum()
    np.testing.assert_allclose(plane.shares, shares[:2], atol=1e-9)
    np.testing.assert_allclose(plane.project(X), (X - X.mean(0)) @ found, atol=1e-9)


def test_plane_in_chunks_and_of_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(3).normal(size=(500, 4)).astype(np.float32)
    whole = PrincipalPlane(X).project(X)
    monkeypatch.setattr("gramian.plot._arrays.CHUNK_BYTES", 999)
    np.testing.assert_allclose(PrincipalPlane(X).project(X), whole, rtol=1e-9, atol=1e-12)
    assert whole.dtype == np.float64


@pytest.mark.parametrize("X", [np.ones((5, 3)), np.ones((1, 4)), np.ones((1, 1))], ids=str)
def test_no_variance(X: np.ndarray) -> None:
    display = ClusterScatterDisplay.from_predictions(X, np.zeros(len(X), dtype=int)).plot()
    assert np.isfinite(display.positions).all()
    display.figure_.draw_without_rendering()


def test_axes_tell_their_share() -> None:
    X = np.random.default_rng(0).normal(size=(400, 3)) * [9.0, 3.0, 0.0]
    display = ClusterScatterDisplay.from_predictions(X, np.zeros(400, dtype=int))
    shares = np.sort(X.var(0))[::-1] / X.var(0).sum()
    assert display.axis_names[0] == f"first principal axis ({shares[0]:.0%} of the variance)"
    assert display.axis_names[1] == f"second principal axis ({shares[1]:.0%})"


def test_centers_go_through_the_same_plane() -> None:
    X = np.random.default_rng(0).normal(size=(50, 4))
    model = SimpleNamespace(labels_=np.arange(50) % 2, cluster_centers_=X[:2])
    display = ClusterScatterDisplay.from_estimator(model, X)
    assert display.centers is not None
    np.testing.assert_allclose(display.centers, display.positions[:2])
    message = r"centers must be an array of shape \(k, 4\), got \(1, 3\)"
    with pytest.raises(ValueError, match=message):
        ClusterScatterDisplay.from_predictions(X, model.labels_, centers=np.zeros((1, 3)))


def test_other_rows_are_predicted() -> None:
    model = SimpleNamespace(labels_=np.zeros(9), predict=lambda X: np.arange(len(X)))
    display = ClusterScatterDisplay.from_estimator(model, np.zeros((4, 2)))
    assert display.labels.tolist() == [0, 1, 2, 3]
    del model.predict
    with pytest.raises(ValueError, match=r"X must be of length 9, got 4. Pass the rows it was"):
        ClusterScatterDisplay.from_estimator(model, np.zeros((4, 2)))


@pytest.mark.parametrize(("n", "rasterized"), [(20_000, False), (20_001, True)])
def test_rasterised_above(n: int, rasterized: bool) -> None:
    X = np.random.default_rng(0).normal(size=(n, 2))
    display = ClusterScatterDisplay.from_predictions(X, np.zeros(n, dtype=int)).plot()
    assert [c.get_rasterized() for c in display.ax_.collections] == [rasterized]
    assert display.n_drawn_ == n


def test_thinning_keeps_small_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scatter, "MOST_DRAWN", 6_000)
    sizes = [50_000, 300, 1, 2]
    labels = np.repeat([0, 1, 2, -1], sizes)
    X = np.column_stack([labels, np.arange(len(labels))]).astype(float)
    display = ClusterScatterDisplay.from_predictions(X, labels).plot()
    drawn = np.concatenate([np.asarray(c.get_offsets()) for c in display.ax_.collections])
    kept = {label: int((drawn[:, 0] == label).sum()) for label in (0, 1, 2, -1)}
    assert kept[1] == 300
    assert kept[2] == 1
    assert kept[-1] == 2
    assert 5_000 < kept[0] < 6_000
    assert len(np.unique(drawn, axis=0)) == len(drawn) == display.n_drawn_
    assert len(display.positions) == sum(sizes)


def test_very_many_clusters_stay_quick_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scatter, "MOST_DRAWN", 4_000)
    labels = np.arange(30_000) % 2_000
    X = np.random.default_rng(0).normal(size=(30_000, 2))
    display = ClusterScatterDisplay.from_predictions(X, labels).plot()
    assert len(display.ax_.collections) == 48
    assert 2_000 <= display.n_drawn_ <= 8_000
    assert display.ax_.get_legend() is None


def test_many_clusters_are_numbered_in_place() -> None:
    labels = np.arange(400) % 20
    X = np.column_stack([np.cos(labels), np.sin(labels)])
    display = ClusterScatterDisplay.from_predictions(X, labels).plot()
    assert [text.get_text() for text in display.ax_.texts] == [str(i) for i in range(20)]
    x, y = display.ax_.texts[7].get_position()
    assert (x, y) == pytest.approx((np.cos(7), np.sin(7)))


def test_looks_repeat_only_after_48() -> None:
    looks = {(style.LIGHT.color(i), style.MARKERS[i // 8 % 6]) for i in range(48)}
    assert len(looks) == 48


def test_memory_map(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 6))
    np.save(tmp_path / "rows.npy", rows)
    X = np.load(tmp_path / "rows.npy", mmap_mode="r")
    labels = np.arange(300) % 4
    found = ClusterScatterDisplay.from_predictions(X, labels).positions
    np.testing.assert_array_equal(
        found, ClusterScatterDisplay.from_predictions(rows, labels).positions
    )
