"""Gram matrices, profiles and images."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.plot.tables import table

from gramian import plot


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
