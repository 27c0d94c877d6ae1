"""Which group is it? Every group up to order 24, and abelian and dihedral ones of any order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, reduce
from itertools import permutations, product

import torch
from torch import Tensor

from gramian.symmetry.groups._tables import (
    closure,
    composed,
    direct,
    element_orders,
    metacyclic,
    semidirect,
)

__all__ = ["LARGEST_NAMED", "alternating", "name_of_table", "named_tables", "symmetric"]

LARGEST_NAMED = 24
"""Groups up to this order all have names."""


def cyclic(n: int) -> Tensor:
    return metacyclic(n, 1, 1)


def dihedral(n: int) -> Tensor:
    return metacyclic(n, 2, -1)


def dicyclic(n: int) -> Tensor:
    return metacyclic(2 * n, 2, -1, n)


def symmetric(n: int) -> list[tuple[int, ...]]:
    """All permutations of n points, in lexicographic order."""
    return list(permutations(range(n)))


def alternating(n: int) -> list[tuple[int, ...]]:
    """The even permutations of n points, in lexicographic order."""

    def even(p: tuple[int, ...]) -> bool:
        return sum(p[i] > p[j] for j in range(n) for i in range(j)) % 2 == 0

    return [p for p in symmetric(n) if even(p)]


def _special_linear() -> Tensor:
    """SL(2, 3) on the eight vectors of F₃² that are not zero."""
    vectors = [v for v in product(range(3), repeat=2) if v != (0, 0)]
    shears = [
        [vectors.index(((x + y) % 3, y)) for x, y in vectors],
        [vectors.index((x, (x + y) % 3)) for x, y in vectors],
    ]
    elements = closure(shears, limit=LARGEST_NAMED)
    assert elements is not None
    return composed(torch.tensor(elements))


def _inverted_by(normal: Tensor, acting: Tensor, inverting: Tensor) -> Tensor:
    """N ⋊ H for abelian N, where the h of the mask ``inverting`` send n to n⁻¹."""
    inverses = (normal == 0).int().argmax(1)
    maps = torch.where(inverting[:, None], inverses, torch.arange(len(normal)))
    return semidirect(normal, acting, maps)


def _pauli() -> Tensor:
    """C4∘D4, the Pauli group: X sends (iᵃ, Zᵇ) to (iᵃ⁺²ᵇ, Zᵇ)."""
    normal = direct(cyclic(4), cyclic(2))  # (a, b) has the number b + 2a
    number = torch.arange(8)
    a, b = number // 2, number % 2
    return semidirect(normal, cyclic(2), torch.stack([number, b + 2 * ((a + 2 * b) % 4)]))


def _swapped_by_four() -> Tensor:
    """C2² ⋊ C4, where the generator of C4 swaps the two factors."""
    still, swap = torch.tensor([0, 1, 2, 3]), torch.tensor([0, 2, 1, 3])
    maps = torch.stack([still, swap, still, swap])
    return semidirect(direct(cyclic(2), cyclic(2)), cyclic(4), maps)


_NOT_ABELIAN: dict[int, dict[str, Callable[[], Tensor]]] = {
    6: {"S3": lambda: dihedral(3)},
    8: {"D4": lambda: dihedral(4), "Q8": lambda: dicyclic(2)},
    10: {"D5": lambda: dihedral(5)},
    12: {
        "A4": lambda: composed(torch.tensor(alternating(4))),
        "D6": lambda: dihedral(6),
        "Dic3": lambda: dicyclic(3),
    },
    14: {"D7": lambda: dihedral(7)},
    16: {
        "C2^2:C4": _swapped_by_four,
        "C2xD4": lambda: direct(cyclic(2), dihedral(4)),
        "C2xQ8": lambda: direct(cyclic(2), dicyclic(2)),
        "C4:C4": lambda: metacyclic(4, 4, -1),
        "C4oD4": _pauli,
        "D8": lambda: dihedral(8),
        "M16": lambda: metacyclic(8, 2, 5),
        "Q16": lambda: dicyclic(4),
        "SD16": lambda: metacyclic(8, 2, 3),
    },
    18: {
        "C3^2:C2": lambda: _inverted_by(
            direct(cyclic(3), cyclic(3)), cyclic(2), torch.arange(2) == 1
        ),
        "C3xS3": lambda: direct(cyclic(3), dihedral(3)),
        "D9": lambda: dihedral(9),
    },
    20: {
        "D10": lambda: dihedral(10),
        "Dic5": lambda: dicyclic(5),
        "F5": lambda: metacyclic(5, 4, 2),
    },
    21: {"C7:C3": lambda: metacyclic(7, 3, 2)},
    22: {"D11": lambda: dihedral(11)},
    24: {
        "C2xA4": lambda: direct(cyclic(2), composed(torch.tensor(alternating(4)))),
        "C2xD6": lambda: direct(cyclic(2), dihedral(6)),
        "C2xDic3": lambda: direct(cyclic(2), dicyclic(3)),
        "C3:C8": lambda: metacyclic(3, 8, -1),
        # the rotations of odd exponent invert, the mirror r⁰s does not
        "C3:D4": lambda: _inverted_by(cyclic(3), dihedral(4), torch.arange(8) % 2 == 1),
        "C3xD4": lambda: direct(cyclic(3), dihedral(4)),
        "C3xQ8": lambda: direct(cyclic(3), dicyclic(2)),
        "C4xS3": lambda: direct(cyclic(4), dihedral(3)),
        "D12": lambda: dihedral(12),
        "Dic6": lambda: dicyclic(6),
        "S4": lambda: composed(torch.tensor(symmetric(4))),
        "SL(2,3)": _special_linear,
    },
}


def _factor_chains(n: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """Ways to write n as d₁ d₂ … with dᵢ > 1 and each a divisor of the next."""
    if n == 1:
        yield ()
    for d in range(2, n + 1):
        if n % d == 0 and d % least == 0:
            yield from ((d, *rest) for rest in _factor_chains(n // d, d))


def _abelian_name(factors: tuple[int, ...]) -> str:
    return "x".join(f"C{d}" for d in factors or (1,))


def named_tables(order: int) -> dict[str, Tensor]:
    """A table of every group of one order up to `LARGEST_NAMED`, the abelian ones first."""
    chains = sorted(_factor_chains(order), key=len)
    tables = {_abelian_name(c): reduce(direct, map(cyclic, c), cyclic(1)) for c in chains}
    return tables | {name: build() for name, build in _NOT_ABELIAN.get(order, {}).items()}


Signature = tuple[tuple[tuple[int, ...], int], ...]


def _signature(table: Tensor) -> Signature:
    """How often each (order, size of the centraliser, number of square roots) occurs.

    An invariant that tells all groups up to order 24 apart.
    """
    orders = element_orders(table)
    centralisers = (table == table.T).sum(1)
    roots = torch.bincount(table.diagonal(), minlength=len(table))
    kinds = torch.stack([orders, centralisers, roots], 1).tolist()
    return tuple(sorted(Counter(map(tuple, kinds)).items()))


@cache
def _names_by_signature(order: int) -> dict[Signature, str]:
    return {_signature(table): name for name, table in named_tables(order).items()}


def _invariant_factors(orders: Tensor) -> tuple[int, ...]:
    """d₁ | d₂ | … of the abelian group whose elements have these orders.

    The largest factor is the largest order; dividing by it leaves as many elements x with
    xᵏ = 1 as the rest of the group has.
    """
    size = len(orders)
    divisors = [k for k in range(1, size + 1) if size % k == 0]
    killed = {k: int((k % orders == 0).sum()) for k in divisors}  # ∏ gcd(k, dᵢ)
    factors: list[int] = []
    while killed[size] > 1:
        largest = next(k for k in divisors if killed[k] == killed[size])
        factors.insert(0, largest)
        killed = {k: count // math.gcd(k, largest) for k, count in killed.items()}
    return tuple(factors)


def _is_dihedral(table: Tensor, orders: Tensor) -> bool:
    """Whether a cyclic half has nothing but involutions outside it."""
    half = len(table) // 2
    rotations = (orders == half).nonzero()[:, 0]
    if len(table) % 2 or not len(rotations):
        return False
    powers = [0]
    while len(powers) < half:
        powers.append(int(table[powers[-1], rotations[0]]))
    outside = torch.ones(len(table), dtype=torch.bool)
    outside[powers] = False
    return bool((orders[outside] == 2).all())


def name_of_table(table: Tensor) -> str | None:
    """The name of the group with this table; None where it has none here."""
    order = len(table)
    orders = element_orders(table)
    if torch.equal(table, table.T):
        return _abelian_name(_invariant_factors(orders))
    if order <= LARGEST_NAMED:
        return _names_by_signature(order)[_signature(table)]
    return f"D{order // 2}" if _is_dihedral(table, orders) else None
