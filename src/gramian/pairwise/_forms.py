"""The five pairwise forms every metric and kernel is built on, written out plainly.

A form turns two blocks of rows into one table. These are the definitions: they broadcast to
(n, m, d), so they serve the reference, small blocks and automatic differentiation. The engine's
backends have their own, tiled ways to the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

__all__ = ["FORMS", "chebyshev", "chi_squared", "dot", "manhattan", "squared_euclidean"]


def squared_euclidean(x: Tensor, y: Tensor) -> Tensor:
    """Σ (x_f − y_f)²."""
    return (x[:, None] - y[None]).square().sum(-1)


def manhattan(x: Tensor, y: Tensor) -> Tensor:
    """Σ |x_f − y_f|."""
    return (x[:, None] - y[None]).abs().sum(-1)


def chebyshev(x: Tensor, y: Tensor) -> Tensor:
    """max |x_f − y_f|."""
    return (x[:, None] - y[None]).abs().amax(-1)


def dot(x: Tensor, y: Tensor) -> Tensor:
    """Σ x_f y_f."""
    return (x[:, None] * y[None]).sum(-1)


def chi_squared(x: Tensor, y: Tensor) -> Tensor:
    """Σ (x_f − y_f)² / (x_f + y_f), where 0/0 counts as 0."""
    total = x[:, None] + y[None]
    safe = total.where(total > 0, total.new_ones(()))
    return ((x[:, None] - y[None]).square() / safe).sum(-1)


FORMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared_euclidean": squared_euclidean,
    "manhattan": manhattan,
    "chebyshev": chebyshev,
    "dot": dot,
    "chi_squared": chi_squared,
}
