"""Pieces of Gram: their bits, where they go, and memory that does not fit."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
import torch
from tests.gram.cases import X, Y, every_kernel, table
from torch import Tensor

import gramian as gm

PIECES: list[Any] = [
    0,
    -1,
    np.int64(3),
    torch.tensor(2),
    slice(None),
    slice(2, 20, 3),
    slice(None, None, -1),
    [1],
    [4, 4, -2],
    [],
    np.array([5, 1])[::-1],
    torch.tensor([7, 0]),
    np.arange(31) % 3 == 0,
]


def as_numpy(index: Any) -> Any:
    if isinstance(index, list):
        return np.array(index, dtype=np.int64)
    return index.numpy() if isinstance(index, Tensor) else index


@pytest.mark.parametrize("i", PIECES, ids=repr)
@pytest.mark.parametrize("j", [5, slice(1, 9), [3, 3, 0]], ids=repr)
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("kernel", [gm.SquaredEuclidean(), gm.Laplacian(2.0)], ids=repr)
def test_indexing(i: Any, j: Any, symmetric: bool, kernel: gm.PairFunction) -> None:
    G = gm.Gram(X, None if symmetric else Y, kernel)
    whole = G.dense().numpy()
    expected = whole[as_numpy(i)][..., as_numpy(j)]
    found = G[i, j]
    assert found.shape == expected.shape
    assert np.array_equal(found.numpy(), expected)
    two_d = whole[np.atleast_1d(np.arange(31)[as_numpy(i)])]
    assert np.array_equal(G.rows(i).numpy(), two_d)
    assert np.array_equal(
        G.block(i, j).numpy(), two_d[:, np.atleast_1d(np.arange(31)[as_numpy(j)])]
    )


@every_kernel
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("d", [5, 20])
def test_pieces_have_the_bits_of_the_whole(
    kernel: gm.PairFunction, dtype: torch.dtype, d: int
) -> None:
    x, y = table(250, d).to(dtype) + 100, table(490, d, seed=1).to(dtype) + 100
    for G in (gm.Gram(x, y, kernel), gm.Gram(x, kernel=kernel)):
        whole = G.dense()
        i, j = torch.tensor([249, 3, 3, 240, 17]), torch.tensor([0, 249, 17, 241, 100])
        assert torch.equal(G.rows(i), whole[i])
        assert torch.equal(G.columns(j), whole[:, j])
        assert torch.equal(G.block(i, j), whole[i][:, j])
        assert torch.equal(G[3:7, -1], whole[3:7, -1])


@every_kernel
def test_the_symmetric_matrix_is_symmetric_to_the_bit(kernel: gm.PairFunction) -> None:
    for d in (5, 20):
        whole = gm.Gram(table(250, d).float() + 50, kernel=kernel).dense()
        assert torch.equal(whole, whole.T)
        if getattr(kernel, "metric", False):
            assert bool((whole.diagonal() == 0).all())
            assert bool((gm.Gram(table(250, d).float() + 50, kernel=kernel).diagonal() == 0).all())


def test_indexing_wants_two() -> None:
    G = gm.Gram(X, Y)
    for key in (0, slice(None), (1, 2, 3), [0, 1]):
        with pytest.raises(IndexError, match=r"^Gram: index must be a pair G\[i, j\], got "):
            G[key]


def test_it_is_no_sequence() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(gm.Gram(X))
    with pytest.raises(TypeError):
        np.asarray(gm.Gram(X))
    with pytest.raises(TypeError):
        operator.matmul(np.ones((2, 31)), gm.Gram(X))


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
@every_kernel
def test_pieces_go_where_they_are_told(
    kernel: gm.PairFunction, dtype: torch.dtype, backend: str
) -> None:
    with gm.config_context(backend=backend):
        G = gm.Gram(X.to(dtype), Y.to(dtype), kernel)
        wide = torch.full((31, 50), -7.0, dtype=dtype)
        out = wide[:, :43]
        assert G.dense(out=out) is out
        assert torch.equal(out, G.dense())
        assert (wide[:, 43:] == -7).all()
        part = torch.empty(3, 2, dtype=dtype)
        assert torch.equal(G.block([4, 30, 4], slice(1, 3), out=part), out[[4, 30, 4], 1:3])


def test_arrays_take_pieces_too() -> None:
    G, out = gm.Gram(X.numpy(), Y.numpy(), gm.Euclidean()), np.empty((31, 43))
    assert G.dense(out=out) is out
    assert np.array_equal(out, G.dense())


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ([[0.0] * 43] * 31, TypeError, "out must be a tensor or a writeable array, got .list."),
        (np.broadcast_to(0.0, (31, 43)), TypeError, "got .ndarray."),
        (np.empty((31, 43))[::-1], TypeError, "got .ndarray."),
        (torch.empty(31, 42).double(), ValueError, r"of shape \(31, 43\), torch.float64, on cpu"),
        (torch.empty(31, 43), ValueError, r"got \(31, 43\), torch.float32"),
        (torch.empty(43, 31).double().T, ValueError, r"without gaps, .*strides \(1, 31\)"),
    ],
)
def test_refuses_memory_that_does_not_fit(out: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"Gram.dense: .*{message}"):
        gm.Gram(X, Y, gm.Euclidean()).dense(out=out)


def test_memory_of_the_caller_takes_no_gradients() -> None:
    x, out = X.clone().requires_grad_(), torch.empty(31, 43).double()
    G = gm.Gram(x, Y, gm.Gaussian(1.5))
    with pytest.raises(ValueError, match=r"Gram.dense: .* must be constant with out"):
        G.dense(out=out)
    with torch.no_grad():
        assert torch.equal(G.dense(out=out), G.dense())
