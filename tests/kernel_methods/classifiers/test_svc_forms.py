"""What goes into a machine and comes out of it: tensors, sparse rows, any kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.metrics.pairwise import rbf_kernel
from tests.kernel_methods.classifiers.machines import TIGHT, TIGHTLY, dense_squared_hinge

import gramian as gm


def test_attributes_describe_the_decision_function(cloud: Any) -> None:
    X, y = cloud
    names = np.array(["no", "yes"])[y]
    model = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, names)
    np.testing.assert_array_equal(model.classes_, ["no", "yes"])
    np.testing.assert_array_equal(model.support_vectors_, X[model.support_])
    np.testing.assert_array_equal(model.n_support_, np.bincount(y[model.support_], minlength=2))
    by_hand = rbf_kernel(X, model.support_vectors_, 0.5) @ model.dual_coef_[0] + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), by_hand, atol=1e-9)
    assert set(model.predict(X)) == {"no", "yes"}
    assert model.score(X, names) == np.mean(model.predict(X) == names)
    assert model.gap_ <= 1e-14
    assert model.n_iter_ >= 1
    assert model.passes_ > 0
    assert 1 <= model.rank_ <= len(X)


def test_tensors_float32_and_sparse_rows_give_the_same_machine(cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    tensor = gm.KernelSVC(gamma=0.5, **TIGHT).fit(torch.from_numpy(X), torch.from_numpy(y))
    found = tensor.decision_function(torch.from_numpy(X))
    assert isinstance(found, torch.Tensor)
    assert isinstance(tensor.predict(torch.from_numpy(X)), torch.Tensor)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)
    narrow = gm.KernelSVC(gamma=0.5, tol=1e-10, random_state=0).fit(X.astype(np.float32), y)
    found32 = narrow.decision_function(X.astype(np.float32))
    assert found32.dtype == np.float32
    np.testing.assert_allclose(found32, expected, atol=2e-4)
    rows = sparse.csr_matrix(X)
    thin = gm.KernelSVC(gamma=0.5, **TIGHT).fit(rows, y)
    assert sparse.issparse(thin.support_vectors_)
    np.testing.assert_allclose(thin.decision_function(rows), expected, atol=1e-6)


def test_precomputed_callable_and_pair_function_kernels(cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    K = rbf_kernel(X, gamma=0.5)
    given = gm.KernelSVC(kernel="precomputed", **TIGHT).fit(K, y)
    np.testing.assert_allclose(given.decision_function(K), expected, atol=1e-7)
    assert given.support_vectors_.shape == (0, 0)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return rbf_kernel(a, b, gamma=0.5)

    for other in (kernel, gm.Gaussian(1.0)):
        model = gm.KernelSVC(kernel=other, **TIGHT).fit(X, y)
        np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-7)
    wide = gm.KernelSVC(bandwidth=1.0, **TIGHT).fit(X, y)
    np.testing.assert_allclose(wide.decision_function(X), expected, atol=1e-9)


def test_the_block_of_support_vectors_need_not_fit(cloud: Any) -> None:
    X, y = make_classification(900, 6, n_informative=4, flip_y=0.1, random_state=0)
    expected = gm.KernelSVC(tol=1e-12, random_state=0).fit(X, y).decision_function(X)
    with gm.config_context(memory="8MiB"):
        small = gm.KernelSVC(tol=1e-12, random_state=0).fit(X, y)
    assert small.rank_ < 512
    np.testing.assert_allclose(small.decision_function(X), expected, atol=2e-5)


def gap_by_hand(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """Duality gap of a squared-hinge machine with the Gaussian kernel of gamma 0.2, over P."""
    K, signs = rbf_kernel(X, gamma=0.2), 2.0 * y - 1
    beta = np.zeros(len(X))
    beta[model.support_] = model.dual_coef_[0]
    slack = np.maximum(0, 1 - signs * (K @ beta + model.intercept_[0]))
    rest = 2 * model.C * signs * slack - beta
    return rest @ K @ rest / 2 / (beta @ K @ beta / 2 + model.C * (slack**2).sum())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_in_float32_lead_to_the_solution(dtype: Any) -> None:
    X, y = make_classification(2100, 6, n_informative=4, flip_y=0.2, random_state=0)
    X = X.astype(dtype)
    model = gm.KernelSVC(gamma=0.2, C=0.3, random_state=0).fit(X, y)
    assert model.gap_ <= 1e-5
    assert gap_by_hand(model, X.astype(np.float64), y) == pytest.approx(model.gap_, abs=1e-8)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_nystroem_with_every_row_is_the_machine_itself(loss: str, cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, loss=loss, **TIGHTLY).fit(X, y).decision_function(X)
    model = gm.KernelSVC(gamma=0.5, loss=loss, solver="nystroem", **TIGHTLY).fit(X, y)
    assert model.rank_ == len(model.support_) == len(X)
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-4)


def test_nystroem_is_a_machine_with_the_kernel_of_its_rows(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(gamma=0.1, C=2.0, solver="nystroem", rank=20, **TIGHT).fit(X, y)
    assert model.support_vectors_.shape == (20, 4)
    assert (np.diff(model.support_) > 0).all()
    assert model.passes_ == 0
    K = rbf_kernel(X, gamma=0.1)
    columns = K[:, model.support_]
    approximate = columns @ np.linalg.solve(columns[model.support_], columns.T)
    expected = dense_squared_hinge(approximate, 2.0 * y - 1, np.full(len(y), 2.0))
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-6)
    lower, higher = model.path(X, y, [2.0, 4.0])
    np.testing.assert_allclose(lower.decision_function(X), expected, atol=1e-6)
    assert lower.rank_ == higher.rank_ == 20


# ------------------------------------------------------------------ hostile input
