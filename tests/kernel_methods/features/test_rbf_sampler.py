"""RBFSampler: scikit-learn's numbers, no bias, and less variance where features are orthogonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.kernel_approximation import RBFSampler as Theirs
from sklearn.metrics.pairwise import rbf_kernel

import gramian as gm
from gramian import RBFSampler

N_SEEDS = 200


def table(n: int = 12, d: int = 6, dtype: Any = np.float64) -> np.ndarray:
    return (np.random.RandomState(0).randn(n, d) * 0.5).astype(dtype)


@pytest.mark.parametrize("gamma", [0.3, "scale", 0.0])
def test_numbers_are_scikit_learns(gamma: Any) -> None:
    x = table(50)
    ours = RBFSampler(gamma=gamma, n_components=37, random_state=5).fit(x)
    theirs = Theirs(gamma=gamma, n_components=37, random_state=5).fit(x)
    np.testing.assert_allclose(ours.random_weights_, theirs.random_weights_, rtol=1e-13)
    np.testing.assert_array_equal(ours.random_offset_, theirs.random_offset_)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), atol=1e-12)


@pytest.mark.parametrize("n_components", [4, 6, 20], ids=["part", "one block", "blocks"])
@pytest.mark.parametrize("orthogonal", [False, True])
def test_inner_products_have_no_bias(orthogonal: bool, n_components: int) -> None:
    """The mean over seeds lies within five standard errors of the kernel, for every pair."""
    x, bandwidth = table(), 1.3
    true = gm.Gram(x, kernel=gm.Gaussian(bandwidth)).dense()
    found = np.empty((N_SEEDS, len(x), len(x)))
    for seed in range(N_SEEDS):
        settings: dict[str, Any] = {"orthogonal": orthogonal, "bandwidth": bandwidth}
        model = RBFSampler(n_components=n_components, random_state=seed, **settings)
        features = model.fit_transform(x)
        found[seed] = features @ features.T
    error = np.abs(found.mean(0) - true)
    assert (error <= 5 * found.std(0) / math.sqrt(N_SEEDS) + 1e-12).all()
    assert error.mean() < 1.5 / math.sqrt(N_SEEDS * n_components)


def test_orthogonal_features_have_less_variance() -> None:
    x = table(20, 16)
    true = rbf_kernel(x, gamma=0.1)
    squared = dict.fromkeys((False, True), 0.0)
    for orthogonal in squared:
        for seed in range(60):
            model = RBFSampler(gamma=0.1, n_components=16, random_state=seed, orthogonal=orthogonal)
            features = model.fit_transform(x)
            off = (features @ features.T - true)[np.triu_indices(20, 1)]
            squared[orthogonal] += float((off**2).mean())
    assert squared[True] < 0.95 * squared[False]


def test_columns_of_a_block_are_orthogonal_and_each_is_normal() -> None:
    model = RBFSampler(gamma=0.5, n_components=4000, random_state=0, orthogonal=True)
    w = model.fit(table(3, 5)).random_weights_
    block = w[:, 5:10]
    lengths = np.linalg.norm(block, axis=0)
    np.testing.assert_allclose((block / lengths).T @ (block / lengths), np.eye(5), atol=1e-12)
    np.testing.assert_allclose(w @ w.T / 4000, np.eye(5), atol=0.1)
    np.testing.assert_allclose((w**4).mean(1), np.full(5, 3.0), atol=0.4)


def test_bandwidth_is_another_name_for_gamma() -> None:
    x = table()
    wide = RBFSampler(bandwidth=2.0, random_state=0).fit_transform(x)
    np.testing.assert_array_equal(wide, RBFSampler(gamma=0.125, random_state=0).fit_transform(x))


def test_kinds_of_arrays() -> None:
    x = table(dtype=np.float32)
    model = RBFSampler(random_state=0).fit(x)
    assert model.random_weights_.dtype == np.float32
    features = model.transform(x)
    assert features.dtype == np.float32
    wide = RBFSampler(random_state=0).fit(x.astype(float)).transform(x.astype(float))
    np.testing.assert_allclose(features, wide, atol=2e-6)
    tensor = RBFSampler(random_state=0).fit(torch.from_numpy(x))
    assert isinstance(tensor.random_weights_, torch.Tensor)
    np.testing.assert_array_equal(tensor.transform(torch.from_numpy(x)).numpy(), features)
    rows = sparse.csr_matrix(table())
    for gamma in (0.5, "scale"):
        plain = RBFSampler(random_state=0, gamma=gamma).fit_transform(rows.toarray())
        held = RBFSampler(random_state=0, gamma=gamma).fit_transform(rows)
        np.testing.assert_allclose(held, plain, atol=1e-12)


def test_float32_far_from_the_origin_keeps_its_phases() -> None:
    x = (table(8, 3) + 1e5).astype(np.float32)
    model = RBFSampler(gamma=0.5, n_components=4000, random_state=0).fit(x)
    features = model.transform(x)
    gaps = ((x[:, None].astype(float) - x[None].astype(float)) ** 2).sum(2)
    np.testing.assert_allclose(features @ features.T, np.exp(-0.5 * gaps), atol=0.08)


def test_blocks_do_not_show() -> None:
    x = np.random.RandomState(0).randn(3000, 3)
    model = RBFSampler(n_components=500, random_state=0).fit(x)
    one = np.concatenate([model.transform(row[None]) for row in x[::500]])
    np.testing.assert_allclose(model.transform(x)[::500], one, atol=1e-13)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"gamma": -1.0}, ValueError, r"gamma must be a finite number in \[0, inf\), got -1.0"),
        ({"gamma": "auto"}, ValueError, "gamma must be one of 'scale', 'a number', got 'auto'"),
        ({"gamma": 2.0, "bandwidth": 1.0}, ValueError, "gamma must be left at its default 1.0"),
        ({"gamma": "scale", "bandwidth": 1.0}, ValueError, "Pass one of the two"),
        ({"bandwidth": 0.0}, ValueError, r"bandwidth must be a finite number in \(0, inf\)"),
        ({"n_components": 0}, ValueError, "n_components must be an int"),
        ({"orthogonal": "yes"}, ValueError, "orthogonal must be one of True, False"),
        ({"random_state": -1}, ValueError, "random_state must be an int"),
    ],
    ids=str,
)
def test_bad_parameters(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        RBFSampler(**settings).fit(table())
