"""Soft sorting and soft ranks of many rows, with their gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register
from gramian.symmetry import soft_rank, soft_sort

Array = NDArray[np.float64]
Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d), and the weights (n, d) of the sum whose gradient is taken."""

    values: Tensor
    weights: Tensor
    ranks: bool
    strength: float

    @cached_property
    def expected(self) -> tuple[Array, Array]:
        """Results and gradients by scikit-learn's isotonic regression, row by row."""
        one = _rank_by_regression if self.ranks else _sort_by_regression
        rows = zip(self.values.double().numpy(), self.weights.double().numpy(), strict=True)
        found = [one(values, weights, self.strength) for values, weights in rows]
        results, gradients = zip(*found, strict=True)
        return np.stack(results), np.stack(gradients)


def _sort_by_regression(values: Array, weights: Array, strength: float) -> tuple[Array, Array]:
    """The sorted values less what keeps them apart; the gradient is a mean over each block."""
    anchors = np.arange(len(values), 0.0, -1.0) / strength
    order = np.argsort(values)
    fitted, means = _falling(anchors + values[order], weights)
    gradient = np.empty_like(values)
    gradient[order] = means
    return fitted - anchors, gradient


def _rank_by_regression(values: Array, weights: Array, strength: float) -> tuple[Array, Array]:
    """The scaled values on the permutations of n, …, 1; only differences to the block count."""
    order = np.argsort(-values)
    scaled = values[order] / strength
    fitted, means = _falling(scaled - np.arange(len(values), 0.0, -1.0), weights[order])
    ranks, gradient = np.empty_like(values), np.empty_like(values)
    ranks[order], gradient[order] = scaled - fitted, (weights[order] - means) / strength
    return ranks, gradient


def _falling(y: Array, weights: Array) -> tuple[Array, Array]:
    """The nearest falling sequence, and the mean weight of each of its blocks."""
    from sklearn.isotonic import isotonic_regression

    fitted = isotonic_regression(y, increasing=False)
    block = np.cumsum(np.diff(fitted, prepend=fitted[0]) != 0)
    return fitted, (np.bincount(block, weights) / np.bincount(block))[block]


def make(sizes: Sizes, *, ranks: bool) -> Inputs:
    """Normal rows; the strength pools some entries and leaves others by themselves.

    Ranks pool values closer than the strength, sorting pools values further apart than one over
    it.
    """
    g, d = torch.Generator().manual_seed(0), sizes["d"]
    values, weights = (torch.randn(sizes["n"], d, generator=g) for _ in range(2))
    return Inputs(values, weights, ranks, strength=5.0 / d if ranks else d / 5.0)


def _with_gradient(inputs: Inputs, function: Function) -> Thunk:
    """The result, and the gradient of its weighted sum."""
    values = inputs.values.clone().requires_grad_()

    def call() -> tuple[Tensor, Tensor]:
        result = function(values)
        (gradient,) = torch.autograd.grad((result * inputs.weights).sum(), values)
        return result.detach(), gradient

    return call


def ours(inputs: Inputs) -> Thunk:
    function = soft_rank if inputs.ranks else soft_sort
    return _with_gradient(inputs, partial(function, strength=inputs.strength))


def torchsort(inputs: Inputs) -> Thunk:
    import torchsort

    function = torchsort.soft_rank if inputs.ranks else torchsort.soft_sort
    return _with_gradient(inputs, partial(function, regularization_strength=inputs.strength))


def verify(inputs: Inputs, found: Any, strict: bool) -> None:
    """Results and gradients are those of isotonic regression."""
    allowed = 1e-4 if strict else 1e-2
    for name, got, expected in zip(("result", "gradient"), found, inputs.expected, strict=True):
        error = np.abs(got.numpy() - expected).max() / np.abs(expected).max()
        truth.at_most(float(error), allowed, f"largest error of the {name}")


def add(name: str, *, ranks: bool, n: int, d: int) -> None:
    register(
        Case(
            name=f"soft-sort/{name}-{n}x{d}",
            title=f"soft {name} and its gradient, {n:,} rows of {d}",
            sizes={"n": n, "d": d},
            quick={"n": 20, "d": d},
            make=partial(make, ranks=ranks),
            ours=Contestant("gramian", ours, exact=True),
            peers=(Contestant("torchsort", torchsort, package="torchsort"),),
            verify=verify,
        )
    )


for rows, columns in ((1000, 100), (50, 1000)):
    add("sort", ranks=False, n=rows, d=columns)
    add("rank", ranks=True, n=rows, d=columns)
