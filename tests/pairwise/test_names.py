"""scikit-learn's names and its gamma, beside our classes and bandwidths."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import pairwise

import gramian as gm
from gramian.pairwise.names import KERNEL_NAMES, METRIC_NAMES, kernel_by_name, metric_by_name

X = np.random.default_rng(0).random((9, 4))
Y = np.random.default_rng(1).random((7, 4))


@pytest.mark.parametrize("name", list(METRIC_NAMES))
def test_metrics_mean_what_scikit_learn_means(name: str) -> None:
    expected = pairwise.pairwise_distances(X, Y, metric=name)
    found = gm.Gram(X, Y, metric_by_name(name, "test")).dense()
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", KERNEL_NAMES)
@pytest.mark.parametrize("gamma", [None, 0.3])
def test_kernels_mean_what_scikit_learn_means(name: str, gamma: float | None) -> None:
    takes_gamma = name not in ("linear", "cosine")
    options = {"gamma": gamma} if takes_gamma and gamma is not None else {}
    expected = pairwise.pairwise_kernels(X, Y, metric=name, **options)
    kernel = kernel_by_name(name, "test", n_features=4, gamma=gamma)
    np.testing.assert_allclose(gm.Gram(X, Y, kernel).dense(), expected, rtol=1e-10)


def test_degree_and_coef0() -> None:
    kernel = kernel_by_name("poly", "test", n_features=4, gamma=0.5, degree=2, coef0=3.0)
    assert repr(kernel) == "Polynomial(degree=2, offset=3.0, scale=0.5)"
    kernel = kernel_by_name("sigmoid", "test", n_features=4, coef0=3.0)
    assert repr(kernel) == "Sigmoid(scale=0.25, offset=3.0)"


@pytest.mark.parametrize(
    ("name", "kind"), [("rbf", gm.Gaussian), ("laplacian", gm.Laplacian), ("chi2", gm.Chi2)]
)
def test_bandwidth_is_taken_as_it_is(name: str, kind: type) -> None:
    kernel = kernel_by_name(name, "test", n_features=4, bandwidth=0.7)
    assert type(kernel) is kind
    assert kernel.bandwidth == 0.7


def test_both_vocabularies_at_once() -> None:
    with pytest.raises(ValueError, match="KRR: gamma must be None when bandwidth is given") as e:
        kernel_by_name("rbf", "KRR", n_features=2, gamma=1.0, bandwidth=2.0)
    assert "gamma=1.0 and bandwidth=2.0" in str(e.value)


@pytest.mark.parametrize("name", ["linear", "poly", "polynomial", "sigmoid", "cosine"])
def test_bandwidth_where_there_is_none(name: str) -> None:
    with pytest.raises(ValueError, match=f"T: bandwidth must be None for the '{name}' kernel"):
        kernel_by_name(name, "T", n_features=2, bandwidth=2.0)


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"T: metric must be one of 'euclidean'.*got 'canberra'"):
        metric_by_name("canberra", "T")
    with pytest.raises(ValueError, match=r"T: kernel must be one of 'rbf'.*got 'matern'"):
        kernel_by_name("matern", "T", n_features=2)
    with pytest.raises(ValueError, match=r"T: gamma must be a finite number in \(0, .*got 0"):
        kernel_by_name("rbf", "T", n_features=2, gamma=0)


def test_a_bandwidth_per_feature_passes_through() -> None:
    kernel = kernel_by_name("rbf", "T", n_features=2, bandwidth=[1.0, 2.0])
    assert torch.equal(kernel.parameters()[0], torch.tensor([1.0, 2.0], dtype=torch.float64))
