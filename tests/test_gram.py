"""Gram: every public method against the dense matrix, every kind of array, every message."""

from __future__ import annotations

import html
import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import gramian as gm

KERNELS: list[gm.PairFunction] = [
    gm.SquaredEuclidean(),
    gm.Euclidean(),
    gm.Manhattan(),
    gm.CosineDistance(),
    gm.Gaussian(1.5),
    gm.Matern(1.5, nu=0.5),
    gm.Polynomial(2, scale=0.2),
    gm.Gaussian(1.5) + 0.5 * gm.Laplacian(2.0),
]
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=repr)
CLOSE: dict[torch.dtype, dict[str, float]] = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-12},  # the product form in float64
    torch.float32: {"rtol": 2e-5, "atol": 2e-5},  # the product form in float32
    torch.float16: {"rtol": 2e-3, "atol": 1e-3},  # one rounding of the result
    torch.bfloat16: {"rtol": 1e-2, "atol": 1e-2},  # one rounding of the result
}


def table(n: int, d: int = 5, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64)


X, Y = table(31), table(43, seed=1)
V = table(43, 3, seed=2)


def truth(x: Tensor, y: Tensor, kernel: gm.PairFunction) -> Tensor:
    return kernel.forward(x.double(), y.double())


def assert_close(found: Any, expected: Tensor, dtype: torch.dtype = torch.float64) -> None:
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), expected.double(), **CLOSE[dtype])


# ---------------------------------------------------------------------- what it is


def test_what_it_is() -> None:
    G = gm.Gram(X, Y)
    assert isinstance(G.kernel, gm.SquaredEuclidean)
    assert (G.shape, len(G), G.dtype, G.device) == ((31, 43), 31, X.dtype, X.device)
    assert not G.symmetric
    assert G.T.shape == (43, 31)
    assert G.T.T.shape == (31, 43)


@pytest.mark.parametrize("make", [lambda: X, lambda: X.numpy()], ids=["tensor", "array"])
def test_the_same_rows_twice_are_symmetric(make: Callable[[], Any]) -> None:
    x = make()
    for G in (gm.Gram(x), gm.Gram(x, None), gm.Gram(x, x)):
        assert G.symmetric
        assert G.T is G


def test_the_kernel_goes_by_position_too() -> None:
    assert repr(gm.Gram(X, Y, gm.Linear())) == repr(gm.Gram(X, Y, kernel=gm.Linear()))


def test_repr() -> None:
    assert repr(gm.Gram(X, Y)) == "Gram(31 x 43, SquaredEuclidean(), 5 features, float64)"
    G = gm.Gram(table(2, 1).half(), kernel=gm.Gaussian(2.0))
    assert repr(G) == "Gram(2 x 2, Gaussian(bandwidth=2.0), 1 feature, float16, symmetric)"


def test_html_is_escaped() -> None:
    class Odd(gm.SquaredEuclidean):
        def __repr__(self) -> str:
            return "<script>'&'</script>"

    page = gm.Gram(X, Y, Odd())._repr_html_()
    assert "<script>" not in page
    assert page.count(html.escape("<script>'&'</script>")) == 2
    assert "working memory" in page


def test_explain() -> None:
    plan = gm.Gram(X, Y, gm.Gaussian(2.0)).explain()
    text = str(plan)
    assert text.startswith("product of Gaussian(bandwidth=2.0), 31 x 43 entries, 5 features")
    assert plan.as_dict()["call"]["shape"] == (31, 43)
    assert gm.Gram(X).explain("neighbors").passes == 2
    with pytest.raises(ValueError, match=r"^Gram.explain: reduction must be one of 'block'"):
        gm.Gram(X).explain("median")


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    class Never(gm.PairFunction):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            raise AssertionError("computed")

    G = gm.Gram(X, Y, Never())
    G = 2.0 * (G + G) * G.T.T
    assert G.shape == (31, 43)
    repr(G), G.explain(), G.T, G.dtype


# ---------------------------------------------------------------------- against the dense matrix


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


# ---------------------------------------------------------------------- explicit pieces


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


# ---------------------------------------------------------------------- algebra


def test_algebra() -> None:
    f, h = gm.Gaussian(1.5), gm.Linear()
    G, H = gm.Gram(X, Y, f), gm.Gram(X, Y, h)
    a, b = truth(X, Y, f), truth(X, Y, h)
    assert_close((G + H).dense(), a + b)
    assert_close((G * H).dense(), a * b)
    for three in (3, 3.0, np.float64(3), np.float32(3), torch.tensor(3.0, dtype=torch.float64)):
        assert_close((three * G).dense(), 3 * a)
        assert_close((G * three).dense(), 3 * a)
    assert_close((G + 2.0 * H * G).T.dense(), (a + 2 * b * a).T)
    assert (gm.Gram(X) + gm.Gram(X)).symmetric
    assert (gm.Gram(X, Y) + gm.Gram(X.clone(), Y.clone())).shape == (31, 43)
    assert isinstance((2 * gm.Gram(X.numpy())).sum(), np.ndarray)


@pytest.mark.parametrize(
    "other",
    [gm.Gram(X, X.clone() + 1), gm.Gram(X.float(), Y.float()), gm.Gram(Y, X), gm.Gram(X)],
    ids=repr,
)
@pytest.mark.parametrize("operation", [operator.add, operator.mul])
def test_matrices_of_different_rows_do_not_mix(
    operation: Callable[[Any, Any], Any], other: gm.Gram
) -> None:
    with pytest.raises(ValueError, match=r"^Gram: both matrices must have the same x and y") as e:
        operation(gm.Gram(X, Y), other)
    assert repr(other) in str(e.value)


@pytest.mark.parametrize("other", ["2", None, True, [1.0], torch.ones(2), np.ones(2)], ids=str)
def test_what_does_not_scale(other: Any) -> None:
    with pytest.raises(TypeError):
        gm.Gram(X) * other
    with pytest.raises(TypeError):
        gm.Gram(X) + other


# ---------------------------------------------------------------------- kinds of arrays


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


# ---------------------------------------------------------------------- messages


def with_bad(table: Tensor, row: int, value: float = math.nan) -> Tensor:
    broken = table.clone()
    broken[row, 2] = value
    return broken


G = gm.Gram(X, Y)
MESSAGES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: gm.Gram(X, kernel="rbf"),
        TypeError,
        "Gram: kernel must be a PairFunction, got str. P",
    ),
    (lambda: gm.Gram(X, kernel=gm.Linear), TypeError, "Gram: kernel must be a PairFunction, got"),
    (lambda: gm.Gram(None), TypeError, "Gram: x must be a tensor or a NumPy array, got NoneType."),
    (lambda: gm.Gram(X, "y"), TypeError, "Gram: y must be a tensor or a NumPy array, got str."),
    (lambda: gm.Gram(X[0]), ValueError, "Gram: x must have shape (rows, features) with at least"),
    (lambda: gm.Gram(X[:0]), ValueError, "of each, got (0, 5)."),
    (lambda: gm.Gram(X, Y[:, :0]), ValueError, "Gram: y must have shape (rows, features)"),
    (lambda: gm.Gram(X.long()), TypeError, "Gram: x must be float16, bfloat16, float32 or float64"),
    (
        lambda: gm.Gram(X, Y[:, :3]),
        ValueError,
        "Gram: y must have as many features as x (5), got 3",
    ),
    (lambda: gm.Gram(X, Y.float()), ValueError, "Gram: y must have the dtype of x (torch.float64)"),
    (lambda: gm.Gram(X, Y.to("meta")), ValueError, "Gram: y must have the device of x (cpu), got"),
    (
        lambda: gm.Gram(with_bad(X, 7), Y).sum(),
        ValueError,
        "x must be finite, got NaN or infinity i",
    ),
    (lambda: gm.Gram(with_bad(X, 7), Y).topk(2), ValueError, "infinity in row 7. Remove or fill"),
    (
        lambda: gm.Gram(X, with_bad(Y, 9, math.inf)).sum(),
        ValueError,
        "y must be finite, got NaN or",
    ),
    (
        lambda: gm.Gram(X, with_bad(Y, 9, -math.inf)).count(1.0),
        ValueError,
        "in row 9. Remove or fi",
    ),
    (
        lambda: gm.Gram(with_bad(X, 3)).trace(),
        ValueError,
        "Gram.diagonal: x must be finite, got NaN",
    ),
    (lambda: G.sum(2), ValueError, "Gram.sum: dim must be one of 0, 1, got 2."),
    (lambda: G.mean(-1), ValueError, "Gram.mean: dim must be one of 0, 1, got -1."),
    (lambda: G.logsumexp(None), ValueError, "Gram.logsumexp: dim must be one of 0, 1, got None."),
    (lambda: G.argmin(5), ValueError, "Gram.argmin: dim must be one of 0, 1, got 5."),
    (lambda: G.argmax("rows"), ValueError, "Gram.argmax: dim must be one of 0, 1, got 'rows'."),
    (lambda: G.topk(0), ValueError, "Gram.topk: k must be an int in [1, 43], got 0."),
    (lambda: G.topk(44), ValueError, "Gram.topk: k must be an int in [1, 43], got 44."),
    (lambda: G.topk(32, dim=0), ValueError, "Gram.topk: k must be an int in [1, 31], got 32."),
    (lambda: G.topk(2.0), TypeError, "Gram.topk: k must be an int in [1, 43], got 2.0."),
    (lambda: G.topk(1, dim=3), ValueError, "Gram.topk: dim must be one of 0, 1, got 3."),
    (lambda: G.count("1"), TypeError, "Gram.count: radius must be a finite number, got '1'."),
    (lambda: G.count(math.nan), ValueError, "Gram.count: radius must be a finite number, got nan."),
    (lambda: G.neighbors(math.inf), ValueError, "Gram.neighbors: radius must be a finite number"),
    (lambda: G.count(1.0, weights=[1.0]), ValueError, "Gram.count: weights must have shape (43,)"),
    (
        lambda: G.count(1.0, weights=torch.ones(43, 1)),
        ValueError,
        "Gram.count: weights must have sh",
    ),
    (
        lambda: G @ torch.ones(31),
        ValueError,
        "Gram.__matmul__: v must have shape (43,) or (43, r),",
    ),
    (lambda: G @ torch.full((43,), math.nan), ValueError, "Gram.__matmul__: v must be finite, got"),
    (lambda: G @ ["a"] * 43, TypeError, "Gram.__matmul__: v must be an array of numbers"),
    (lambda: G.weighted_mean(1.0), ValueError, "Gram.weighted_mean: v must have shape (43,) or"),
    (lambda: G.rows(31), IndexError, "Gram.rows: i must lie in [-31, 30], got 31 to 31."),
    (lambda: G.columns(-44), IndexError, "Gram.columns: j must lie in [-43, 42], got -44 to -44."),
    (
        lambda: G.block(0, 1.5),
        IndexError,
        "Gram.block: j must be an int, a slice, a list of ints or",
    ),
    (
        lambda: G[[True], 0],
        IndexError,
        "Gram.__getitem__: i must be an int, a slice, a list of ints",
    ),
    (lambda: G.trace(), ValueError, "Gram.trace: the matrix must be square, got (31, 43)."),
    (lambda: gm.Gram(X, kernel=gm.Chi2()).sum(), ValueError, "Chi2: features must be non-negative"),
    (
        lambda: gm.Gram(X, kernel=gm.Gaussian([1.0])).sum(),
        ValueError,
        "one per feature (5), got 1 nu",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), MESSAGES, ids=[message for *_, message in MESSAGES]
)
def test_messages(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_what_is_not_finite_keeps_its_name_in_every_view() -> None:
    """On the torch backend, which serves every kernel."""
    gm.config(backend="torch")
    for broken, name, row in ((with_bad(X, 7), "x", 7), (X, "y", 9)):
        matrix = gm.Gram(broken, with_bad(Y, 9) if name == "y" else Y, gm.Gaussian(1.0))
        for call in (matrix.sum, matrix.argmin, matrix.logsumexp, matrix.T.min):
            for dim in (0, 1):
                with pytest.raises(ValueError, match=rf": {name} must be finite.* row {row}\."):
                    call(dim)
    with pytest.raises(ValueError, match=r": x must be finite.* row 7\."):
        gm.Gram(with_bad(X, 7)).sum()


def test_a_broken_call_leaves_nothing_behind() -> None:
    """After an error the pool of workers goes on."""
    for _ in range(5):
        with pytest.raises(ValueError, match="must be finite"):
            gm.Gram(with_bad(X, 7), Y, 2.0 * gm.Gaussian(1.0)).sum()
    assert_close(
        gm.Gram(X, Y, 2.0 * gm.Gaussian(1.0)).sum(), 2 * truth(X, Y, gm.Gaussian(1.0)).sum(1)
    )
