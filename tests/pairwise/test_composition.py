"""Sums, products, scalings, exponentials and logarithms mean what they say."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian.pairwise.composition import Composite

F, H = gm.Gaussian(1.3), gm.Laplacian(0.8)
Meaning = Callable[[Tensor, Tensor], Tensor]

COMPOSITIONS: list[tuple[gm.PairFunction, Meaning, str]] = [
    (F + H, lambda f, h: f + h, "Sum(parts=(Gaussian(bandwidth=1.3), Laplacian("),
    (F * H, lambda f, h: f * h, "Product(parts=(Gaussian(bandwidth=1.3), Laplacian("),
    (F + H + F, lambda f, h: 2 * f + h, "Sum(parts=(Sum(parts=("),
    (2.5 * F, lambda f, h: 2.5 * f, "Scaled(scale=2.5, part=Gaussian("),
    (F * 3, lambda f, h: 3 * f, "Scaled(scale=3, part=Gaussian("),
    (F.exp(), lambda f, h: f.exp(), "Exp(part=Gaussian("),
    (F.log(), lambda f, h: f.log(), "Log(part=Gaussian("),
    ((F * H).log(), lambda f, h: (f * h).log(), "Log(part=Product("),
    ((F + 0.5 * H).log(), lambda f, h: (f + 0.5 * h).log(), "Log(part=Sum("),
    (F.exp().log(), lambda f, h: f, "Log(part=Exp("),
    (F.log().exp(), lambda f, h: f, "Exp(part=Log("),
    (F.exp().log().exp(), lambda f, h: f.exp(), "Exp(part=Log(part=Exp("),
    (F + F.log(), lambda f, h: f + f.log(), "Sum(parts=(Gaussian("),
    (F.log() + F, lambda f, h: f + f.log(), "Sum(parts=(Log("),
    (F * F * F.exp(), lambda f, h: f * f * f.exp(), "Product(parts=(Product("),
    ((F + H) * (2 * H).exp(), lambda f, h: (f + h) * (2 * h).exp(), "Product(parts=(Sum("),
]
every_composition = pytest.mark.parametrize(
    ("function", "meaning", "shown"), COMPOSITIONS, ids=[shown for *_, shown in COMPOSITIONS]
)


@pytest.fixture
def rows() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 250, 3, generator=generator, dtype=torch.float64)
    return x, y[:7]


@every_composition
def test_meaning(
    function: gm.PairFunction, meaning: Meaning, shown: str, rows: tuple[Tensor, Tensor]
) -> None:
    x, y = rows
    expected = meaning(F.forward(x, y), H.forward(x, y))
    torch.testing.assert_close(function.forward(x, y), expected)
    torch.testing.assert_close(function.paired(x[:7], y), expected[:7].diagonal())
    logs = function.log_forward(x, y)
    known = ~logs.isnan()
    torch.testing.assert_close(logs[known], expected[known].log())
    assert bool(known.all()) or "Log(" in repr(function), "only a negative part has no logarithm"


@every_composition
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_through_gram(
    function: gm.PairFunction,
    meaning: Meaning,
    shown: str,
    dtype: torch.dtype,
    rows: tuple[Tensor, Tensor],
) -> None:
    x, y = (part.to(dtype) for part in rows)
    expected = meaning(F.forward(x.double(), y.double()), H.forward(x.double(), y.double()))
    G = gm.Gram(x, y, function)
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-9, "atol": 1e-9}
    torch.testing.assert_close(G.dense().double(), expected, **close)
    torch.testing.assert_close(G.sum(0).double(), expected.sum(0), **close)
    found, index = G.min()
    torch.testing.assert_close(found.double(), expected.amin(1), **close)
    torch.testing.assert_close(expected.gather(1, index[:, None])[:, 0], expected.amin(1))


@every_composition
def test_repr_and_copies(function: gm.PairFunction, meaning: Meaning, shown: str) -> None:
    assert repr(function).startswith(shown)
    assert repr(copy.deepcopy(function)) == repr(pickle.loads(pickle.dumps(function)))


def test_logarithms_outlive_underflow() -> None:
    x, y = torch.zeros(1, 1), torch.tensor([[100.0]])
    assert F.forward(x, y).item() == 0
    expected = -(100**2) / (2 * 1.3**2)
    for function in (F.log(), (F * 1.0).log(), (F + F * 0.0).log(), F.log().exp().log()):
        assert function.forward(x, y).item() == pytest.approx(expected, rel=1e-5)
        assert gm.Gram(x, y, function).dense().item() == pytest.approx(expected, rel=1e-5)
    product = (F * H).log().forward(x, y).item()
    assert product == pytest.approx(expected - 100 / 0.8, rel=1e-5)


def test_positive_definiteness_is_inherited() -> None:
    bad = gm.Sigmoid()
    assert (F + H).positive_definite
    assert not (F + bad).positive_definite
    assert (F * H).positive_definite
    assert not (F * bad).positive_definite
    assert (2.0 * F).positive_definite
    assert (0 * F).positive_definite
    assert not (-1.0 * F).positive_definite
    assert (torch.tensor(2.0, requires_grad=True) * F).positive_definite
    assert F.exp().positive_definite
    assert not bad.exp().positive_definite
    assert not F.log().positive_definite


def test_parameters_round_trip() -> None:
    h, c, a = (torch.tensor(v, dtype=torch.float64) for v in (0.7, 2.0, 0.4))
    each = torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64)
    function = c * gm.Gaussian(h) + gm.Matern(each).exp() * gm.RationalQuadratic(alpha=a).log()
    assert [p is q for p, q in zip(function.parameters(), (c, h, each, a), strict=True)] == [
        True
    ] * 4
    doubled = function.with_parameters(iter([2 * p for p in function.parameters()]))
    expected = (
        2 * c * gm.Gaussian(2 * h)
        + gm.Matern(2 * each).exp() * gm.RationalQuadratic(alpha=2 * a).log()
    )
    x = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(doubled.forward(x, x), expected.forward(x, x))
    again = doubled.with_parameters(iter(function.parameters()))
    torch.testing.assert_close(again.forward(x, x), function.forward(x, x))
    assert isinstance(again, Composite)


def test_plain_numbers_are_no_parameters() -> None:
    for function in (F, 2.0 * F + H, gm.Linear(), gm.Polynomial()):
        assert function.parameters() == []
        same = function.with_parameters(iter(()))
        assert repr(same) == repr(function)


@pytest.mark.parametrize(
    "number", [2, 2.0, np.float32(2), np.float64(2), np.int64(2), torch.tensor(2.0)]
)
def test_numbers_scale_from_both_sides(number: float) -> None:
    x = torch.ones(2, 2)
    for scaled in (number * F, F * number):
        torch.testing.assert_close(scaled.forward(x, x), torch.full((2, 2), 2.0))


@pytest.mark.parametrize("other", [True, "2", None, [1.0], torch.ones(2)], ids=str)
def test_what_cannot_be_multiplied(other: object) -> None:
    with pytest.raises(TypeError):
        operator.mul(F, other)


@pytest.mark.parametrize("other", [1.0, "2", None], ids=str)
def test_what_cannot_be_added(other: object) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        operator.add(F, other)


def test_classes_to_be_derived_say_so() -> None:
    x = torch.ones(1, 1)
    with pytest.raises(TypeError, match=r"PairFunction\.forward: must be defined by the subclass"):
        gm.PairFunction().forward(x, x)
    with pytest.raises(TypeError, match=r"Composite\.combine: must be defined by the subclass"):
        Composite().combine([x])
