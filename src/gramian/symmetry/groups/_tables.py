"""Cayley tables: entry (g, h) is the number of the product gh, and element 0 is the identity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "closure",
    "compose",
    "composed",
    "direct",
    "element_orders",
    "is_group",
    "metacyclic",
    "semidirect",
]


def metacyclic(m: int, n: int, power: int, carry: int = 0) -> Tensor:
    """⟨a, b | aᵐ = 1, bⁿ = a^carry, b a b⁻¹ = a^power⟩; aⁱ bʲ has the number i + m j."""
    number = torch.arange(m * n)
    i, j = number % m, number // m
    twist = torch.tensor([pow(power, exponent, m) for exponent in range(n)])[j]
    a = i[:, None] + twist[:, None] * i + carry * (j[:, None] + j >= n)
    return a % m + m * ((j[:, None] + j) % n)


def semidirect(normal: Tensor, acting: Tensor, automorphisms: Tensor) -> Tensor:
    """N ⋊ H: (n, h)(n', h') = (n · h(n'), hh'), with the number n + |N| h of (n, h).

    ``automorphisms``, (|H|, |N|), is the map of N that each h stands for.
    """
    number = torch.arange(len(normal) * len(acting))
    n, h = number % len(normal), number // len(normal)
    moved = automorphisms[h][:, n]  # [g, g']: h(n')
    return normal[n[:, None], moved] + len(normal) * acting[h[:, None], h]


def direct(left: Tensor, right: Tensor) -> Tensor:
    """left × right, with the number j + |right| i of the pair (i, j)."""
    return semidirect(right, left, torch.arange(len(right)).expand(len(left), -1))


def compose(permutations: Tensor) -> Tensor | None:
    """The table of a set of permutations, (order, degree); None where it is not closed."""
    rows = np.ascontiguousarray(permutations.numpy().astype(np.int32))
    width = np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))
    keys = rows.view(width)[:, 0]
    sorting = np.argsort(keys)
    table = np.empty((len(rows), len(rows)), dtype=np.int64)
    for g, row in enumerate(rows):
        products = np.ascontiguousarray(row[rows]).view(width)[:, 0]
        place = np.searchsorted(keys, products, sorter=sorting).clip(max=len(rows) - 1)
        table[g] = sorting[place]
        if not np.array_equal(keys[table[g]], products):
            return None
    return torch.from_numpy(table)


def composed(permutations: Tensor) -> Tensor:
    """The table of permutations that are known to be closed."""
    table = compose(permutations)
    assert table is not None
    return table


def closure(generators: Sequence[Sequence[int]], limit: int) -> list[tuple[int, ...]] | None:
    """All products of the permutations, identity first; None beyond ``limit`` elements."""
    identity = tuple(range(len(generators[0])))
    found = {identity: None}  # a dict keeps the order of discovery
    fresh = [identity]
    while fresh:
        products = [tuple(s[point] for point in g) for g in fresh for s in generators]
        fresh = [g for g in dict.fromkeys(products) if g not in found]
        found.update(dict.fromkeys(fresh))
        if len(found) > limit:
            return None
    return list(found)


def is_group(table: Tensor) -> bool:
    """Whether a square table is a group with element 0 as its identity."""
    number = torch.arange(len(table))
    neutral = torch.equal(table[0], number) and torch.equal(table[:, 0], number)
    if not neutral or not torch.equal(table.sort(1).values, number.expand_as(table)):
        return False
    # (gh)k = g(hk), one g at a time: order² memory
    return all(torch.equal(table[table[g]], table[g][table]) for g in range(len(table)))


def element_orders(table: Tensor) -> Tensor:
    """The least k ≥ 1 with gᵏ = 1, of each element g."""
    number = torch.arange(len(table))
    orders, powers = torch.ones_like(number), number
    while bool((powers != 0).any()):
        orders += powers != 0
        powers = torch.where(powers == 0, 0, table[powers, number])
    return orders
