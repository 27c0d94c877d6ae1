"""Inputs and truths of the exercise of bell-polynomials, and what known mistakes make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gramian.labs.checking import Case, Draw, Evidence, Fixture

__all__ = [
    "MONOMIALS",
    "along",
    "bell",
    "errors",
    "lines",
    "net",
    "nets",
    "one_order",
    "plain",
    "points",
    "polynomials",
    "renamed",
    "unlike",
    "without",
]

_TERMS = (
    (1, [0, 0, 0, 0, 0, 0]),
    (15, [0, 0, 0, 0, 1]),
    (20, [0, 0, 0, 2]),
    (45, [0, 0, 1, 1]),
    (15, [1, 1, 1]),
    (60, [0, 1, 2]),
    (15, [0, 0, 3]),
    (10, [2, 2]),
    (15, [1, 3]),
    (6, [0, 4]),
    (1, [5]),
)
MONOMIALS = [variables for _, variables in _TERMS]


def points(draw: Draw) -> Iterator[Case]:
    yield Case("one point", X=draw.uniform(0, 2, 1, 6))
    yield Case("all variables one", X=np.ones((1, 6)))
    yield Case("one variable, the others zero", X=2 * np.eye(6))
    yield Case("many points", X=draw.uniform(0, 2, 5, 6))
    yield Case("negative entries", X=draw.normal(4, 6))


def polynomials(draw: Draw) -> Iterator[Case]:
    short = [[0, 1, 2, 3, 4, 5], [0, 1]]
    pairs = [[0, 1], [2, 3], [4, 5], [0, 5]]
    for label, monomials in (
        ("two monomials", short),
        ("four of one form", pairs),
        ("eleven monomials", MONOMIALS),
    ):
        yield Case(label, monomials=monomials, times=100, seed=draw.seed())


def nets(draw: Draw) -> Iterator[Case]:
    for label, sizes in (
        ("no hidden layer", [2, 1]),
        ("no equal sizes", [2, 3, 1]),
        ("one skip", [2, 3, 3, 1]),
        ("a layer of one unit", [2, 1, 4, 1]),
        ("a hidden layer as wide as the input", [3, 3, 2, 2]),
        ("an output as wide as the last layer", [2, 4, 4, 4]),
    ):
        pairs = list(pairwise(sizes))
        yield Case(
            label,
            weights=[draw.normal(n_out, n_in) for n_in, n_out in pairs],
            biases=[draw.normal(n_out) for _, n_out in pairs],
            X=draw.normal(3, sizes[0]),
        )


def lines(draw: Draw) -> Iterator[Case]:
    for label, d, i, g in (
        ("one variable", 1, 0, 2),
        ("the first variable", 3, 0, 3),
        ("the last variable", 6, 5, 4),
    ):
        parameters = [draw.normal(4, d), draw.normal(4), draw.normal(1, 4), draw.normal(1)]
        yield Case(
            label,
            dtypes=("float32",),
            model=Fixture("networks.relu_net", parameters=parameters),
            x=draw.normal(d),
            i=i,
            grid=draw.uniform(0, 2, g),
        )


def errors(draw: Draw) -> Iterator[Case]:
    yield Case("one seed, one twin", bell=np.array([0.5]), twins=np.array([[0.75]]))
    yield Case("one seed", bell=draw.uniform(0.1, 1, 1), twins=draw.uniform(0.1, 1, 3, 1))
    yield Case("one twin", bell=draw.uniform(0.1, 1, 3), twins=draw.uniform(0.1, 1, 1, 3))
    yield Case("as many twins as seeds", bell=np.array([1.0, 4.0]), twins=draw.uniform(1, 5, 2, 2))
    yield Case("many", bell=draw.uniform(0.1, 1, 4), twins=draw.uniform(0.1, 1, 3, 4))


def _monomials(X: np.ndarray) -> np.ndarray:
    """The values of the eleven monomials, without coefficients."""
    return np.stack([X[:, variables].prod(axis=1) for variables in MONOMIALS])


def bell(X: np.ndarray) -> np.ndarray:
    return np.array([c for c, _ in _TERMS]) @ _monomials(X)


def plain(X: np.ndarray) -> np.ndarray:
    return _monomials(X).sum(axis=0)


def without(k: int) -> Callable[[np.ndarray], np.ndarray]:
    """The polynomial without monomial k."""
    return lambda X: bell(X) - _TERMS[k][0] * _monomials(X)[k]


def renamed(monomials: list[list[int]], orders: Sequence[Sequence[int]]) -> list[list[int]]:
    """Each monomial with its variables renamed."""
    return [
        sorted(order[i] for i in monomial)
        for monomial, order in zip(monomials, orders, strict=True)
    ]


def unlike(rows: Sequence[Sequence[int]]) -> bool:
    """Whether no two are equal."""
    return len(set(map(tuple, rows))) == len(rows)


def one_order(evidence: Evidence) -> bool:
    """All monomials of every scrambling have the same order."""
    value = getattr(evidence.outcome(evidence.failing), "value", None)
    return isinstance(value, dict) and all(
        len(set(map(tuple, orders))) == 1 for orders in value["orders"]
    )


def net(
    *, skips: bool = True, broadcasts: bool = False, at_output: bool = False
) -> Callable[[list[np.ndarray], list[np.ndarray], np.ndarray], np.ndarray]:
    """A net with skips, right or with one mistake."""

    def answers(weights: list[np.ndarray], biases: list[np.ndarray], X: np.ndarray) -> np.ndarray:
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            H = np.maximum(X @ W.T + b, 0)
            fits = broadcasts or H.shape == X.shape
            X = X + H if skips and fits else H
        last = X @ weights[-1].T + biases[-1]
        return X + last if at_output and last.shape == X.shape else last

    return answers


def along(model: Fixture, x: np.ndarray, i: int, grid: np.ndarray) -> Any:
    """The answers of a net with one hidden layer along one variable."""
    W, b, V, c = model.options["parameters"]
    X = np.tile(x, (len(grid), 1))
    X[:, i] = grid
    return (np.maximum(X @ W.T + b, 0) @ V.T + c)[:, 0]
