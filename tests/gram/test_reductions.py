"""Sums and searches of Gram against the dense matrix."""

from __future__ import annotations

import math

import pytest
import torch
from tests.gram.cases import CLOSE, V, X, Y, assert_close, every_kernel, table, truth
from torch import Tensor

import gramian as gm


@every_kernel
@pytest.mark.parametrize("dtype", list(CLOSE), ids=str)
def test_sums(kernel: gm.PairFunction, dtype: torch.dtype) -> None:
    x, y, v = X.to(dtype), Y.to(dtype), V.to(dtype)
    u = table(31, 2, seed=3).to(dtype)
    G, dense = gm.Gram(x, y, kernel), truth(x, y, kernel)
    wide = {**CLOSE[dtype], "atol": CLOSE[dtype]["atol"] * float(dense.abs().sum(1).amax())}

    def close(found: Tensor, expected: Tensor) -> None:
        assert found.dtype == dtype
        torch.testing.assert_close(found.double(), expected, **wide)

    close(G.dense(), dense)
    close(G @ v, dense @ v.double())
    close(G @ v[:, 0], dense @ v[:, 0].double())
    close(G.T @ u, dense.T @ u.double())
    for dim in (0, 1):
        close(G.sum(dim), dense.sum(dim))
        close(G.mean(dim), dense.mean(dim))
        close(G.logsumexp(dim), dense.logsumexp(dim))
    close(G.sum(), dense.sum(1))
    close(G.diagonal(), dense[:, :31].diagonal())
    close(G.frobenius_norm(), torch.linalg.matrix_norm(dense))
    close(gm.Gram(x, kernel=kernel).trace(), truth(x, x, kernel).trace())
    if float(dense.amin()) >= 0:
        mean = dense @ v.double() / dense.sum(1, keepdim=True)
        close(G.weighted_mean(v), mean)
        close(G.weighted_mean(v[:, 0]), mean[:, 0])


@every_kernel
@pytest.mark.parametrize("dtype", list(CLOSE), ids=str)
def test_searches(kernel: gm.PairFunction, dtype: torch.dtype) -> None:
    x, y = X.to(dtype), Y.to(dtype)
    G, dense = gm.Gram(x, y, kernel), truth(x, y, kernel)
    for dim, ours, matrix in ((1, G, dense), (0, G.T, dense.T)):
        for largest in (False, True):
            expected = matrix.topk(4, largest=largest).values
            values, indices = G.topk(4, dim, largest)
            assert_close(values, expected, dtype)
            torch.testing.assert_close(matrix.gather(1, indices), expected, **CLOSE[torch.float64])
            assert indices.dtype == torch.int64
            extreme, where = (G.max if largest else G.min)(dim)
            assert torch.equal(extreme, values[:, 0])
            assert torch.equal(where, indices[:, 0])
            assert torch.equal((G.argmax if largest else G.argmin)(dim), where)
        assert ours.shape == matrix.shape
    radius = float(dense.flatten().sort().values[300:302].mean())
    inside = dense <= radius
    weights = table(43, 1, seed=4)[:, 0]
    assert torch.equal(G.count(radius), inside.sum(1))
    weighted = G.count(radius, weights=weights)
    assert weighted.dtype == torch.float64
    torch.testing.assert_close(weighted, inside.double() @ weights)
    indptr, indices, values = G.neighbors(radius)
    assert indptr.dtype == indices.dtype == torch.int64
    assert torch.equal(indptr, torch.cat([torch.zeros(1), inside.sum(1).cumsum(0)]).long())
    assert torch.equal(indices, inside.nonzero()[:, 1])
    assert_close(values, dense[inside], dtype)


def test_ties_go_to_the_smallest_index() -> None:
    x = torch.tensor([[0.0], [0.0], [1.0], [0.0]])
    for kernel in (gm.Euclidean(), gm.Euclidean() * 1.0):
        assert gm.Gram(x, kernel=kernel).topk(3)[1].tolist()[0] == [0, 1, 3]
        assert gm.Gram(x, kernel=kernel).argmax().tolist() == [2, 2, 0, 2]


def test_large_symmetric_counts_of_kernels() -> None:
    """More rows than one block: each block must know where its own diagonal lies."""
    x = table(700, 3)
    for kernel in (gm.Gaussian(1.0), gm.Euclidean() * 1.0, gm.Linear()):
        for precision in ("exact", "fast"):
            with gm.config_context(precision=precision):
                found = gm.Gram(x, kernel=kernel).count(0.5)
            assert torch.equal(found, (truth(x, x, kernel) <= 0.5).sum(1))


def test_attention() -> None:
    found = gm.Gram(X, Y, (gm.Linear() * (1 / math.sqrt(5))).exp()).weighted_mean(V)
    expected = torch.nn.functional.scaled_dot_product_attention(X[None], Y[None], V[None])[0]
    torch.testing.assert_close(found, expected)


def test_weighted_mean_far_from_everything() -> None:
    far = X + 1e4
    nearest = gm.Gram(far, Y).argmin()
    found = gm.Gram(far, Y, gm.Gaussian(0.5)).weighted_mean(V)
    torch.testing.assert_close(found, V[nearest])
    assert bool(gm.Gram(far, Y, gm.Epanechnikov(1.0)).weighted_mean(V).isnan().all())


def test_logsumexp_of_infinite_entries_is_infinite() -> None:
    x = torch.tensor([[0.0], [3e38]])
    assert gm.Gram(x).logsumexp().tolist() == [math.inf, math.inf]
    minus = gm.Gram(x, kernel=gm.Tophat(1.0).log())
    assert minus.logsumexp().tolist() == [0.0, 0.0]
    assert gm.Gram(x[:1], x[1:], gm.Tophat(1.0).log()).logsumexp().tolist() == [-math.inf]
