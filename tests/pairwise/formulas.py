"""Every public metric and kernel with its formula, written as a loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import torch
from hypothesis import strategies as st
from torch import Tensor

import gramian as gm
from gramian.pairwise._base import Elementary

Row = Sequence[float]


def squares(a: Row, b: Row) -> float:
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))


def absolute(a: Row, b: Row) -> float:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def dot(a: Row, b: Row) -> float:
    return sum(p * q for p, q in zip(a, b, strict=True))


def cosine(a: Row, b: Row) -> float:
    lengths = math.sqrt(dot(a, a)) * math.sqrt(dot(b, b))
    return dot(a, b) / lengths if lengths else 0.0


def chi_squared(a: Row, b: Row) -> float:
    return sum((p - q) ** 2 / (p + q) for p, q in zip(a, b, strict=True) if p + q > 0)


def waves(a: Row, b: Row, period: float) -> float:
    return sum(math.sin(math.pi * (p - q) / period) ** 2 for p, q in zip(a, b, strict=True))


def matern(s: float, nu: float) -> float:
    polynomial = {0.5: 1.0, 1.5: 1 + s, 2.5: 1 + s + s * s / 3}[nu]
    return polynomial * math.exp(-s)


def window(profile: Callable[[float], float], h: float) -> Callable[[Row, Row], float]:
    """A profile of r = ‖a − b‖ / h that vanishes from r = 1 on."""

    def function(a: Row, b: Row) -> float:
        r = math.sqrt(squares(a, b)) / h
        return profile(r) if r < 1 else 0.0

    return function


@dataclass(frozen=True)
class Case:
    """One function, its formula, and what it accepts."""

    function: Elementary
    formula: Callable[[Row, Row], float]
    non_negative: bool = False

    def __str__(self) -> str:
        return repr(self.function)


def cases() -> list[Case]:
    """Every public metric and kernel, with parameters that are not the defaults."""
    root = math.sqrt
    return [
        Case(gm.SquaredEuclidean(), squares),
        Case(gm.Euclidean(), lambda a, b: root(squares(a, b))),
        Case(gm.Manhattan(), absolute),
        Case(gm.Chebyshev(), lambda a, b: max(abs(p - q) for p, q in zip(a, b, strict=True))),
        Case(gm.CosineDistance(), lambda a, b: 1 - cosine(a, b) if any(a) or any(b) else 0.0),
        Case(gm.Gaussian(1.7), lambda a, b: math.exp(-squares(a, b) / (2 * 1.7**2))),
        Case(gm.Laplacian(1.7), lambda a, b: math.exp(-absolute(a, b) / 1.7)),
        Case(gm.Laplacian(1.7, norm="l2"), lambda a, b: math.exp(-root(squares(a, b)) / 1.7)),
        *(
            Case(
                gm.Matern(1.7, nu=nu),
                lambda a, b, nu=nu: matern(root(2 * nu * squares(a, b)) / 1.7, nu),
            )
            for nu in (0.5, 1.5, 2.5)
        ),
        Case(
            gm.RationalQuadratic(1.7, alpha=0.6),
            lambda a, b: (1 + squares(a, b) / (2 * 0.6 * 1.7**2)) ** -0.6,
        ),
        Case(gm.Periodic(1.7, period=2.3), lambda a, b: math.exp(-2 * waves(a, b, 2.3) / 1.7**2)),
        Case(gm.Chi2(1.7), lambda a, b: math.exp(-chi_squared(a, b) / 1.7), non_negative=True),
        Case(gm.Tophat(2.1), window(lambda r: 1.0, 2.1)),
        Case(gm.Epanechnikov(2.1), window(lambda r: 1 - r * r, 2.1)),
        Case(gm.Exponential(2.1), lambda a, b: math.exp(-root(squares(a, b)) / 2.1)),
        Case(gm.Triangular(2.1), window(lambda r: 1 - r, 2.1)),
        Case(gm.CosineWindow(2.1), window(lambda r: math.cos(math.pi * r / 2), 2.1)),
        Case(gm.Linear(), dot),
        *(
            Case(
                gm.Polynomial(degree, offset=0.7, scale=0.4),
                lambda a, b, degree=degree: (0.4 * dot(a, b) + 0.7) ** degree,
            )
            for degree in (1, 2, 3, 4)
        ),
        Case(gm.Sigmoid(scale=0.3, offset=-0.2), lambda a, b: math.tanh(0.3 * dot(a, b) - 0.2)),
        Case(gm.CosineSimilarity(), cosine),
    ]


CASES = cases()

every_case = pytest.mark.parametrize("case", CASES, ids=str)

every_falling_case = pytest.mark.parametrize(
    "case", [case for case in CASES if case.function.order == -1], ids=str
)


def points(case: Case, n: int, d: int = 3, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return x.abs() if case.non_negative else x


def loop(case: Case, x: Tensor, y: Tensor) -> Tensor:
    table = [[case.formula(a, b) for b in y.tolist()] for a in x.tolist()]
    return torch.tensor(table, dtype=torch.float64)


coordinate = st.integers(-40, 40).map(lambda k: k / 10)
