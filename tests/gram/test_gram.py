"""Gram: what it is, and its algebra."""

from __future__ import annotations

import html
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.gram.cases import X, Y, assert_close, table, truth
from torch import Tensor

import gramian as gm


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
