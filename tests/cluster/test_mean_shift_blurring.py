"""Blurring mean shift against plain loops, simultaneous and in place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from tests.cluster.lab_points import lab_points
from tests.cluster.mean_shift_by_definition import COUNTS, plain_mean

from gramian.cluster._mean_shift import MeanShift


def plain_blur(X: np.ndarray, h: float, kernel: str, batch: int, max_iter: int) -> np.ndarray:
    """The rows after some sweeps, by the definition."""
    now, ones = X.copy(), np.ones(len(X))
    for _ in range(max_iter + 1):
        before = now.copy()
        for start in range(0, len(X), batch):
            rows = range(start, min(len(X), start + batch))
            now[rows] = [plain_mean(now[i], now, h, kernel, ones) for i in rows]
        if np.linalg.norm(now - before, axis=1).max() <= 1e-3 * h:
            break
    return now


@pytest.mark.parametrize("kernel", list(COUNTS))
@pytest.mark.parametrize(("order", "batch"), [("simultaneous", 90), ("in-place", 32)])
def test_blurring_is_a_plain_loop(kernel: str, order: str, batch: int) -> None:
    X, _ = make_blobs(90, 2, centers=3, random_state=10)
    for max_iter in (0, 2, 300):
        frames: list[np.ndarray] = []
        model = MeanShift(
            bandwidth=2.0,
            kernel=kernel,
            blurring=order,
            batch_size=32,
            max_iter=max_iter,
            callback=lambda state, frames=frames: frames.append(state.positions),
        ).fit(X)
        ends = plain_blur(X, 2.0, kernel, batch, max_iter)
        np.testing.assert_allclose(frames[-1], ends, rtol=1e-9)
        assert len(frames) == model.n_iter_ + 1 <= max_iter + 1
        gaps = np.linalg.norm(ends[:, None] - model.cluster_centers_[None], axis=2)
        np.testing.assert_array_equal(model.labels_, gaps.argmin(1))


def test_only_simultaneous_blurring_ignores_the_order_of_the_rows() -> None:
    X, truth = lab_points()
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    gaps = {}
    for blurring in ("simultaneous", "in-place"):
        ends: list[torch.Tensor] = []
        for rows in (X, X[order]):
            model = MeanShift(
                bandwidth=2.5,
                kernel="gaussian",
                blurring=blurring,
                max_iter=4,
                callback=lambda state, ends=ends: ends.append(state.positions),
            ).fit(rows)
        assert adjusted_rand_score(truth[order], model.labels_) == 1.0
        gaps[blurring] = float((ends[4][order] - ends[9]).abs().max())
    assert gaps["simultaneous"] < 1e-4
    assert gaps["in-place"] > 1e-3
