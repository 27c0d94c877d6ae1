"""The same numbers in every kind of array give the same results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.gram.cases import CLOSE, V, X, Y, assert_close, every_kernel, table, truth
from torch import Tensor

import gramian as gm


def everything(G: gm.Gram, v: Any) -> list[Any]:
    """What every method returns, in one flat list."""
    return [
        G @ v,
        G.sum(),
        G.mean(0),
        G.logsumexp(),
        G.weighted_mean(v),
        *G.topk(3),
        *G.min(),
        *G.max(),
        G.argmin(),
        G.argmax(0),
        G.count(1.0),
        G.count(1.0, weights=v),
        *G.neighbors(1.0),
        G.rows([0, 1]),
        G.columns(slice(3)),
        G.block(0, 0),
        G.dense(),
        G.diagonal(),
        G.trace(),
        G.frobenius_norm(),
        G[0, 1],
        G[0, :],
        G[:, 0],
    ]


KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    "fortran": np.asfortranarray,
    "every other row": lambda a: np.repeat(a, 2, axis=0)[::2],
    "rows reversed": lambda a: a[::-1].copy()[::-1],
    "features reversed": lambda a: a[:, ::-1].copy()[:, ::-1],
    "big endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "read only": lambda a: np.frombuffer(a.tobytes(), dtype=a.dtype).reshape(a.shape),
    "list": lambda a: a.tolist(),
    "transposed tensor": lambda a: torch.from_numpy(np.ascontiguousarray(a.T)).T,
    "strided tensor": lambda a: torch.from_numpy(np.repeat(a, 3, axis=1))[:, ::3],
    "offset tensor": lambda a: torch.from_numpy(np.concatenate([a[:1], a]))[1:],
    "tensor with gradient": lambda a: torch.from_numpy(a).requires_grad_(),
    "parameter": lambda a: torch.nn.Parameter(torch.from_numpy(a)),
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("kernel", [gm.Euclidean(), gm.Gaussian(1.5), gm.Linear().exp()], ids=repr)
def test_the_same_numbers_held_otherwise(kind: str, kernel: gm.PairFunction) -> None:
    square = X[:20].numpy()
    x = KINDS[kind](square)
    expected = everything(gm.Gram(square, kernel=kernel), V[:20, 0].numpy())
    found = everything(gm.Gram(x, kernel=kernel), V[:20, 0])
    tensor = isinstance(x, Tensor)
    for ours, theirs in zip(found, expected, strict=True):
        assert isinstance(ours, Tensor if tensor else np.ndarray)
        assert np.array_equal(ours.detach() if tensor else ours, theirs)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numpy_in_numpy_out(dtype: type) -> None:
    x = X[:20].numpy().astype(dtype)
    v = V[:20, 0].numpy()
    kernel = gm.Gaussian(torch.tensor(1.5, requires_grad=True))
    for found, tensor in zip(
        everything(gm.Gram(x, kernel=kernel), v),
        everything(gm.Gram(torch.from_numpy(x), kernel=kernel), v),
        strict=True,
    ):
        assert isinstance(found, np.ndarray)
        assert np.array_equal(found, tensor.detach().numpy())
        assert found.dtype in (np.dtype(dtype), np.int64, np.float64)


def test_integers_and_lists_count_as_float64() -> None:
    x = [[0, 0], [3, 4]]
    for given in (x, np.array(x), np.array(x, dtype=np.uint8), np.array(x) > 0):
        assert gm.Gram(given).dtype == torch.float64
    assert gm.Gram(x, kernel=gm.Euclidean()).dense().tolist() == [[0, 5], [5, 0]]
    assert gm.Gram(np.array(x, dtype=np.uint8)).dense().tolist() == [[0, 25], [25, 0]]


def test_a_memory_map_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, X.numpy())
    mapped = np.load(path, mmap_mode="r")
    G = gm.Gram(mapped, kernel=gm.Gaussian(1.0))
    assert G._x.data_ptr() == mapped.__array_interface__["data"][0]
    assert np.array_equal(G.sum(), gm.Gram(X.numpy(), kernel=gm.Gaussian(1.0)).sum())
    before = path.read_bytes()
    everything(G, np.ones(31))
    assert path.read_bytes() == before


@pytest.mark.parametrize("dtype", list(CLOSE), ids=str)
@every_kernel
def test_inputs_are_never_modified(kernel: gm.PairFunction, dtype: torch.dtype) -> None:
    for d in (5, 20):
        x, v = table(33, d).to(dtype), table(33, 1, seed=2)[:, 0].to(dtype)
        copies = x.clone(), v.clone()
        everything(gm.Gram(x, kernel=kernel), v)
        assert torch.equal(x, copies[0])
        assert torch.equal(v, copies[1])


def test_results_are_the_callers_own() -> None:
    G = gm.Gram(X, kernel=gm.SquaredEuclidean())
    for name in ("dense", "sum", "diagonal", "argmin"):
        first = getattr(G, name)()
        expected = first.clone()
        first.zero_()
        assert torch.equal(getattr(G, name)(), expected)


def test_one_row_and_one_column() -> None:
    G = gm.Gram(X[:1], Y[:1], gm.Gaussian(2.0))
    entry = truth(X[:1], Y[:1], gm.Gaussian(2.0))
    assert_close(G.dense(), entry)
    assert_close(G @ torch.tensor([2.0]), 2 * entry[0])
    assert G.topk(1)[1].tolist() == [[0]]
    assert G.neighbors(1.0)[0].tolist() == [0, 1]
    assert [len(part) for part in G.neighbors(-1.0)] == [2, 0, 0]


def test_half_precision_results_overflow_only_when_they_must() -> None:
    x = torch.full((300, 1), 200.0, dtype=torch.float16)
    G = gm.Gram(x, kernel=gm.Linear())
    assert G.mean().tolist() == [40000.0] * 300
    small = torch.full((30, 1), 16.0, dtype=torch.float16)
    assert gm.Gram(small, kernel=gm.Linear()).frobenius_norm().item() == 256 * 30
    wide = torch.full((3, 2000), 5.0, dtype=torch.float16)
    assert gm.Gram(wide, kernel=gm.Linear() * 1e-3).diagonal().tolist() == [50.0] * 3
