"""The sixth complete Bell polynomial, its scrambled twins, and a net for one of many targets.

Source: E. T. Bell, "Exponential polynomials", Annals of Mathematics 35(2), 1934.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from math import comb, prod
from typing import Any

import torch
from torch import Tensor

import gramian as gm
from gramian import train

__all__ = [
    "BELL6",
    "GRID",
    "Points",
    "Polynomial",
    "TargetNet",
    "evaluate",
    "has_equal_monomials",
    "is_renaming",
    "misses_a_variable",
    "recurrence",
    "renamed",
    "scrambled",
    "sweeps",
    "twins",
]

Polynomial = tuple[tuple[int, tuple[int, ...]], ...]
"""Monomials: a coefficient, and its variables, ascending, as often as their powers."""

BELL6: Polynomial = (
    (1, (0, 0, 0, 0, 0, 0)),
    (15, (0, 0, 0, 0, 1)),
    (20, (0, 0, 0, 2)),
    (45, (0, 0, 1, 1)),
    (15, (1, 1, 1)),
    (60, (0, 1, 2)),
    (15, (0, 0, 3)),
    (10, (2, 2)),
    (15, (1, 3)),
    (6, (0, 4)),
    (1, (5,)),
)
GRID = torch.linspace(0, 2, 41)


def evaluate(polynomial: Polynomial, X: Tensor) -> Tensor:
    """Values (n,) in float64 at points (n, 6)."""
    columns = X.double().unbind(1)
    terms = [c * prod(columns[i] for i in variables) for c, variables in polynomial]
    return torch.stack([torch.as_tensor(term) for term in terms]).sum(0)


def recurrence(X: Tensor) -> Tensor:
    """B₆ by Bₙ₊₁ = Σₖ C(n, k) Bₙ₋ₖ xₖ₊₁."""
    columns = X.double().unbind(1)
    values = [torch.ones_like(columns[0])]
    for n in range(len(columns)):
        terms = [comb(n, k) * values[n - k] * columns[k] for k in range(n + 1)]
        values.append(torch.stack(terms).sum(0))
    return values[-1]


def renamed(polynomial: Polynomial, order: Sequence[int]) -> Polynomial:
    """Variable i becomes variable order[i], the same everywhere."""
    return tuple((c, tuple(sorted(order[i] for i in term))) for c, term in polynomial)


def scrambled(rng: torch.Generator) -> Polynomial:
    """B₆ with variables renamed in every monomial for itself, never twice in the same way."""
    orders: list[list[int]] = []
    while len(orders) < len(BELL6):
        order = torch.randperm(6, generator=rng).tolist()
        if order not in orders:
            orders.append(order)
    parts = [renamed((term,), order) for term, order in zip(BELL6, orders, strict=True)]
    return tuple(part for (part,) in parts)


def has_equal_monomials(polynomial: Polynomial) -> bool:
    return len({term for _, term in polynomial}) < len(polynomial)


def misses_a_variable(polynomial: Polynomial) -> bool:
    return len({i for _, term in polynomial for i in term}) < 6


def twins(count: int, rng: torch.Generator) -> list[Polynomial]:
    """Scramblings with all variables and without equal monomials."""
    found: list[Polynomial] = []
    while len(found) < count:
        twin = scrambled(rng)
        if not (has_equal_monomials(twin) or misses_a_variable(twin)):
            found.append(twin)
    return found


def is_renaming(polynomial: Polynomial) -> bool:
    """Whether one order of the variables in all monomials makes it of B₆."""
    return frozenset(polynomial) in _renamings()


@cache
def _renamings() -> frozenset[frozenset[tuple[int, tuple[int, ...]]]]:
    """B₆ in all 720 names."""
    return frozenset(frozenset(renamed(BELL6, order)) for order in permutations(range(6)))


class TargetNet(train.ResidualMLP):
    """Eight hidden layers of 50 with skips; it learns one column of y."""

    target: Tensor

    def __init__(self, target: Tensor, lr: float, seed: int) -> None:
        super().__init__(6, lr=lr, random_state=seed)
        self.register_buffer("target", target)

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        return super().loss(y_hat, y @ self.target[:, None])


class Points(train.DataModule):
    """Points of U[0, 2]⁶ with the standardised values of several polynomials.

    Parameters
    ----------
    polynomials : sequence of Polynomial
    sizes : tuple of int
        Points for training, validation and test.
    batch_size : int
    rng : torch.Generator
        Of the points and of the order of the batches.

    Attributes
    ----------
    test : tuple of Tensor
        Points (n, 6) and values (n, n_polynomials).
    """

    def __init__(
        self,
        polynomials: Sequence[Polynomial],
        sizes: tuple[int, int, int],
        batch_size: int,
        rng: torch.Generator,
    ) -> None:
        super().__init__(random_state=rng)
        self.polynomials, self.batch_size = polynomials, batch_size
        X = [2 * torch.rand(n, 6, generator=rng) for n in sizes]
        raw = self._values(X[0])
        self._mean, self._scale = raw.mean(0), raw.std(0)
        self.training, self.validation, self.test = ((part, self.values(part)) for part in X)

    def _values(self, X: Tensor) -> Tensor:
        return torch.stack([evaluate(polynomial, X) for polynomial in self.polynomials], 1)

    def values(self, X: Tensor) -> Tensor:
        """Of every polynomial at points (n, 6), with mean 0 and variance 1 in training."""
        return ((self._values(X) - self._mean) / self._scale).float()

    def get_dataloader(self, train: bool) -> Any:
        return self.get_tensorloader(self.training if train else self.validation, train)

    def linear_error(self) -> Tensor:
        """The mean squared test error of a linear fit to each polynomial."""
        (X, Y), (fresh, values) = self.training, self.test
        model = gm.LinearRegression().fit(X.double(), Y.double())
        found: Tensor = (model.predict(fresh.double()) - values).square().mean(0)
        return found


def sweeps(model: Any, data: Points, place: int) -> list[tuple[Tensor, Tensor]]:
    """For each variable the true and the predicted values along it, all others being 1."""
    lines = []
    for i in range(6):
        X = torch.ones(len(GRID), 6)
        X[:, i] = GRID
        lines.append((data.values(X)[:, place], train.predict(model, X)[:, 0]))
    return lines
