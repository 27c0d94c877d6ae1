"""The groups one meets by name."""

from __future__ import annotations

import math
from functools import reduce

import torch
from torch import Tensor

from gramian._validation import check_int
from gramian.symmetry.groups import _names
from gramian.symmetry.groups._action import MatrixAction
from gramian.symmetry.groups._group import FiniteGroup
from gramian.symmetry.groups._tables import composed, direct

__all__ = ["Alternating", "Cyclic", "Dicyclic", "Dihedral", "Product", "Symmetric"]

LARGEST_DEGREE = 6
"""Of `Symmetric` and `Alternating`: 720 elements, a table of 4 MB. One more would take 200 MB."""


class Cyclic(FiniteGroup):
    """The turns of n points on a circle, C_n; element k sends i to i + k mod n.

    Parameters
    ----------
    n : int
        Number of points and of elements, at least 1.

    Examples
    --------
    >>> from gramian.symmetry import Cyclic
    >>> Cyclic(4).elements[1]
    tensor([1, 2, 3, 0])
    """

    def __init__(self, n: int) -> None:
        check_int(n, "n", "Cyclic", low=1)
        table = _names.cyclic(n)
        self._hold(table, table)

    def plane(self) -> MatrixAction:
        """The rotations of the plane by multiples of 2π/n, counter-clockwise.

        Examples
        --------
        >>> import torch
        >>> from gramian.symmetry import Cyclic
        >>> Cyclic(4).plane().apply(1, torch.tensor([1.0, 0.0]))
        tensor([0., 1.])
        """
        return MatrixAction(self, _rotations(self.order))


class Dihedral(FiniteGroup):
    """The turns and mirrors of a regular polygon with n corners, D_n, of order 2n.

    Element k < n is the turn rᵏ: i ↦ i + k. Element n + k is rᵏs, where s: i ↦ −i is the mirror
    through corner 0.

    Parameters
    ----------
    n : int
        Number of corners, at least 1. D_1 acts on two points and D_2 on four, since a segment
        and a point have fewer symmetries than their group.

    Examples
    --------
    >>> from gramian.symmetry import Dihedral
    >>> Dihedral(4).name, Dihedral(4).order
    ('D4', 8)
    >>> Dihedral(3).name
    'S3'
    """

    def __init__(self, n: int) -> None:
        check_int(n, "n", "Dihedral", low=1)
        table = _names.dihedral(n)
        corner = torch.arange(n)
        turned = corner[:, None] + corner
        mirrored = corner[:, None] - corner
        elements = table if n < 3 else torch.cat([turned, mirrored]) % n
        self._hold(elements, table)

    def plane(self) -> MatrixAction:
        """The rotations by multiples of 2π/n, and the mirrors: s is that in the first axis."""
        turns = _rotations(self.order // 2)
        mirror = torch.tensor([[1.0, 0.0], [0.0, -1.0]], dtype=torch.float64)
        return MatrixAction(self, torch.cat([turns, turns @ mirror]))


class Dicyclic(FiniteGroup):
    """⟨a, b | a²ⁿ = 1, b² = aⁿ, b a b⁻¹ = a⁻¹⟩, of order 4n, acting on its own elements.

    Parameters
    ----------
    n : int
        At least 1; 2 gives the quaternions Q8.

    Examples
    --------
    >>> from gramian.symmetry import Dicyclic
    >>> Dicyclic(2).name, Dicyclic(3).name
    ('Q8', 'Dic3')
    """

    def __init__(self, n: int) -> None:
        check_int(n, "n", "Dicyclic", low=1)
        table = _names.dicyclic(n)
        self._hold(table, table, f"Dic{n}")


class Symmetric(FiniteGroup):
    """All permutations of n points, S_n, in lexicographic order.

    Parameters
    ----------
    n : int
        From 1 to 6.

    Examples
    --------
    >>> from gramian.symmetry import Symmetric
    >>> Symmetric(3).elements[:3].tolist()
    [[0, 1, 2], [0, 2, 1], [1, 0, 2]]
    """

    def __init__(self, n: int) -> None:
        check_int(n, "n", "Symmetric", low=1, high=LARGEST_DEGREE)
        elements = torch.tensor(_names.symmetric(n))
        self._hold(elements, composed(elements), f"S{n}")


class Alternating(FiniteGroup):
    """The even permutations of n points, A_n, in lexicographic order.

    Parameters
    ----------
    n : int
        From 1 to 6.

    Examples
    --------
    >>> from gramian.symmetry import Alternating
    >>> Alternating(4).name, Alternating(5).order
    ('A4', 60)
    """

    def __init__(self, n: int) -> None:
        check_int(n, "n", "Alternating", low=1, high=LARGEST_DEGREE)
        elements = torch.tensor(_names.alternating(n))
        self._hold(elements, composed(elements), f"A{n}")


class Product(FiniteGroup):
    """The direct product of groups, acting on tuples of their points.

    The point (i, j) of two factors has the number j + degree₂ · i, as in a flattened table, and
    the element (g, h) the number h + order₂ · g; further factors go on in the same way.

    Parameters
    ----------
    *factors : FiniteGroup
        At least one.

    Examples
    --------
    >>> from gramian.symmetry import Cyclic, Product
    >>> Product(Cyclic(2), Cyclic(4)).name
    'C2xC4'
    >>> Product(Cyclic(2), Cyclic(3)).name
    'C6'
    """

    def __init__(self, *factors: FiniteGroup) -> None:
        if not factors:
            raise ValueError("Product: factors must be at least one group, got none.")
        for factor in factors:
            if not isinstance(factor, FiniteGroup):
                raise TypeError(
                    f"Product: factors must be FiniteGroup, got {type(factor).__name__}."
                )
        self.factors = factors
        table = reduce(direct, (factor.table for factor in factors))
        elements = reduce(_on_pairs, (factor.elements for factor in factors))
        self._hold(elements, table, "x".join(factor.name for factor in factors))


def _on_pairs(left: Tensor, right: Tensor) -> Tensor:
    """The permutations of pairs of points, (order₁ order₂, degree₁ degree₂)."""
    pairs = left[:, None, :, None] * right.shape[1] + right[:, None, :]
    return pairs.reshape(len(left) * len(right), -1)


def _rotations(n: int) -> Tensor:
    """The matrices of the turns by multiples of 2π/n, (n, 2, 2), float64, quarter turns exact."""
    turns = []
    for k in range(n):
        c, s = _cosine(k, n), _cosine(4 * k - n, 4 * n)
        turns.append([[c, -s], [s, c]])
    return torch.tensor(turns, dtype=torch.float64)


def _cosine(k: int, n: int) -> float:
    """cos(2πk/n), exact at quarter turns."""
    quarter = {0: 1.0, n: 0.0, 2 * n: -1.0, 3 * n: 0.0}
    return quarter.get(4 * k % (4 * n), math.cos(2 * math.pi * k / n))
