"""Gram's linear algebra: kinds of arrays, gradients, refusals, and lazy parts of the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning

import gramian as gm


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_results_have_the_dtype_of_x(draw: Any, dtype: torch.dtype) -> None:
    G = gm.Gram(draw(30, 2).to(dtype), kernel=gm.Gaussian(1.0))
    factor, pivots = G.cholesky(10, random_state=0)
    values, vectors = G.eigh(3, random_state=0)
    b = draw(30)
    found = G.solve(b, ridge=1.0)
    assert factor.dtype == values.dtype == vectors.dtype == found.dtype == dtype
    assert pivots.dtype == torch.int64
    K = G.double().dense()
    tol = 10 * torch.finfo(dtype).eps + 1e-6
    assert (factor.double() @ factor.double().T - K)[pivots].abs().max() < tol
    torch.testing.assert_close(
        values.double(), torch.linalg.eigvalsh(K).flip(0)[:3], rtol=tol, atol=tol
    )
    expected = torch.linalg.solve(K + torch.eye(30).double(), b)
    torch.testing.assert_close(found.double(), expected, rtol=tol, atol=tol)


def test_numpy_in_numpy_out(draw: Any) -> None:
    x = draw(25, 2)
    G, same = gm.Gram(x.numpy(), kernel=gm.Gaussian()), gm.Gram(x, kernel=gm.Gaussian())
    b = draw(25, 2).numpy()
    found, info = G.solve(b, ridge=0.5, x0=np.zeros((25, 2)), return_info=True)
    assert isinstance(found, np.ndarray)
    assert isinstance(info.x, np.ndarray)
    np.testing.assert_array_equal(found, same.solve(torch.from_numpy(b), ridge=0.5).numpy())
    for part in (
        *G.cholesky(5, random_state=0),
        *G.eigh(2, random_state=0),
        G.solve(b[:, 0], ridge=1),
    ):
        assert isinstance(part, np.ndarray)


@pytest.mark.parametrize("solver", ["direct", "pcg"])
def test_gradients_of_a_solution_are_those_of_the_dense_one(draw: Any, solver: str) -> None:
    x, b = draw(12, 2).requires_grad_(), draw(12, 2).requires_grad_()
    bandwidth = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    weight = draw(12, 2)
    settings = {"ridge": 0.1, "solver": solver, "tol": 1e-12, "random_state": 0}
    found = gm.Gram(x, kernel=gm.Gaussian(bandwidth)).solve(b, **settings)
    squares = (x[:, None] - x[None]).square().sum(-1)
    K = torch.exp(-squares / (2 * bandwidth**2)) + 0.1 * torch.eye(12).double()
    expected = torch.linalg.solve(K, b)
    torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-8)
    inputs = (x, b, bandwidth)
    got = torch.autograd.grad((found * weight).sum(), inputs)
    wanted = torch.autograd.grad((expected * weight).sum(), inputs)
    torch.testing.assert_close(got, wanted, rtol=1e-6, atol=1e-7)


def test_gradients_with_respect_to_b_alone_and_not_twice(draw: Any) -> None:
    b = draw(8).requires_grad_()
    G = gm.Gram(draw(8, 2), kernel=gm.Gaussian())
    found = G.solve(b, ridge=1.0)
    (grad,) = torch.autograd.grad(found.sum(), b, retain_graph=True)
    expected = torch.linalg.solve(G.dense() + torch.eye(8).double(), torch.ones(8).double())
    torch.testing.assert_close(grad, expected)
    with pytest.raises(RuntimeError, match="create_graph must be False"):
        torch.autograd.grad(found.sum(), b, create_graph=True)
    with torch.no_grad():
        assert not G.solve(b, ridge=1.0).requires_grad


@pytest.mark.parametrize("method", ["cholesky", "eigh"])
def test_gradients_that_would_be_lost_are_refused(draw: Any, method: str) -> None:
    G = gm.Gram(draw(6, 2).requires_grad_(), kernel=gm.Gaussian())
    with pytest.raises(TypeError, match=f"Gram.{method}: x, y and the kernel's parameters"):
        getattr(G, method)(2)
    with torch.no_grad():
        assert len(getattr(G, method)(2)) == 2


@pytest.mark.parametrize(
    ("method", "given"),
    [("cholesky", {}), ("eigh", {"k": 1}), ("solve", {"b": np.ones(3), "ridge": 1})],
)
def test_a_matrix_of_two_tables_is_refused(method: str, given: dict[str, Any]) -> None:
    for y in (np.ones((3, 2)), np.ones((4, 2))):
        G = gm.Gram(np.zeros((3, 2)), y, gm.Gaussian())
        with pytest.raises(ValueError, match=f"Gram.{method}: the matrix must be symmetric"):
            getattr(G, method)(**given)


def test_eigenvectors_that_did_not_converge_are_warned_about(draw: Any) -> None:
    G = gm.Gram(draw(1600, 3).float(), kernel=gm.Gaussian(0.2))
    with pytest.warns(ConvergenceWarning, match="Gram.eigh: residuals must be at most tol"):
        G.eigh(2, tol=1e-14, random_state=0)


def test_centred_eigenvalues_are_those_of_kernel_pca(draw: Any) -> None:
    x = draw(40, 3)
    values, vectors = gm.Gram(x, kernel=gm.Linear()).eigh(3, centered=True)
    expected = torch.linalg.svdvals(x - x.mean(0)).square()
    torch.testing.assert_close(values, expected)
    torch.testing.assert_close(vectors.sum(0), torch.zeros(3).double(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kernel", [gm.Laplacian(1.0), gm.Gaussian(2.0)], ids=repr)
@pytest.mark.parametrize("d", [3, 40])
def test_taken_rows_are_those_of_the_matrix(draw: Any, kernel: gm.PairFunction, d: int) -> None:
    G = gm.Gram((draw(60, d) + 100).float(), kernel=kernel)
    index = torch.tensor([5, 59, 0, 5])
    part, whole = G.take(index), G.dense()
    assert part.shape == (4, 60)
    assert torch.equal(part.dense(), whole[index])
    assert torch.equal(part.block([1, 3], [59, 5, 5]), whole[index][[1, 3]][:, [59, 5, 5]])
    assert torch.equal(part.take([2, 0]).rows([1]), whole[[5]])
    v = draw(60, 2).float()
    torch.testing.assert_close(part @ v, (G @ v)[index], rtol=1e-6, atol=1e-5)
    u = draw(4, 1).float()
    torch.testing.assert_close(part.T @ u, whole[index].T @ u, rtol=1e-4, atol=1e-4)
    other = gm.Gram(draw(9, d).float(), draw(4, d).float(), kernel)
    torch.testing.assert_close(other.take(slice(2, 5)).dense(), other.dense()[2:5])


def test_double_is_the_same_matrix_in_float64(draw: Any) -> None:
    x = draw(20, 3).float()
    G = gm.Gram(x, kernel=gm.Gaussian())
    wide = G.double()
    assert wide.symmetric
    assert wide.dtype == torch.float64
    assert torch.equal(wide.dense(), gm.Gram(x.double(), kernel=gm.Gaussian()).dense())
    assert gm.Gram(x, draw(4, 3).float(), gm.Gaussian()).double().shape == (20, 4)
    assert isinstance(gm.Gram(x.numpy(), kernel=gm.Gaussian()).double().dense(), np.ndarray)
