"""Every message of Gram."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.gram.cases import X, Y, assert_close, truth
from torch import Tensor

import gramian as gm


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
