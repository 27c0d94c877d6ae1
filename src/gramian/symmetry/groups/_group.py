"""A finite group of permutations: its elements, its Cayley table, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from gramian._validation import check_int
from gramian.symmetry.groups import _names
from gramian.symmetry.groups._action import PermutationAction
from gramian.symmetry.groups._checks import as_permutations, as_table
from gramian.symmetry.groups._tables import closure, compose, composed, element_orders

__all__ = ["FiniteGroup"]

LARGEST_GENERATED = 2_000
"""`FiniteGroup.generated_by` stops here: a Cayley table of 32 MB."""


class FiniteGroup:
    """A finite group, as permutations of points.

    Parameters
    ----------
    permutations : array of ints of shape (order, degree)
        Every element of the group once, the identity first. Row g says where g sends each point.

    Attributes
    ----------
    elements : Tensor of shape (order, degree), int64
        The permutations: ``elements[g, i]`` is the point g(i).
    table : Tensor of shape (order, order), int64
        The Cayley table: ``table[g, h]`` is the number of gh, the element that does h first.

    Raises
    ------
    TypeError
        If the entries are not whole numbers.
    ValueError
        If a row is not a permutation, a row occurs twice, the first is not the identity, or the
        product of two rows is missing.

    Notes
    -----
    Elements are known by their row; 0 is the identity. O(order² · degree) time for the table,
    8 · order² bytes of memory. The named groups (`Cyclic`, `Dihedral`, …) need no products.

    Examples
    --------
    >>> from gramian.symmetry import FiniteGroup
    >>> group = FiniteGroup([[0, 1, 2], [1, 2, 0], [2, 0, 1]])
    >>> group.name, group.order, group.is_abelian
    ('C3', 3, True)
    >>> group.table
    tensor([[0, 1, 2],
            [1, 2, 0],
            [2, 0, 1]])
    """

    elements: Tensor
    table: Tensor

    def __init__(self, permutations: Any) -> None:
        elements = as_permutations(permutations, "permutations", "FiniteGroup")
        table = compose(elements)
        if table is None:
            raise ValueError(
                "FiniteGroup: permutations must be closed under products, got two whose product "
                "is missing. FiniteGroup.generated_by adds what is missing."
            )
        self._hold(elements, table)

    def _hold(self, elements: Tensor, table: Tensor, label: str = "") -> None:
        """Keep what makes the group; ``label`` is its name where it has no other."""
        self.elements, self.table = elements, table
        self._label = label or f"group of order {len(table)}"

    @classmethod
    def generated_by(cls, generators: Sequence[Sequence[int]]) -> FiniteGroup:
        """The least group that contains the given permutations.

        Parameters
        ----------
        generators : array of ints of shape (k, degree)
            At least one permutation.

        Returns
        -------
        group : FiniteGroup

        Raises
        ------
        ValueError
            If a row is not a permutation, or more than 2 000 elements come out.

        Examples
        --------
        >>> from gramian.symmetry import FiniteGroup
        >>> FiniteGroup.generated_by([[1, 0, 2, 3], [1, 2, 3, 0]]).name
        'S4'
        """
        caller = "FiniteGroup.generated_by"
        rows = as_permutations(generators, "generators", caller, group=False)
        found = closure(rows.tolist(), limit=LARGEST_GENERATED)
        if found is None:
            raise ValueError(
                f"{caller}: generators must make at most {LARGEST_GENERATED} elements, got more."
            )
        elements = torch.tensor(found)
        return cls._known(elements, composed(elements))

    @classmethod
    def from_table(cls, table: Any) -> FiniteGroup:
        """The group with a given Cayley table, acting on its own elements from the left.

        Parameters
        ----------
        table : array of ints of shape (order, order)
            ``table[g, h]`` is the number of gh; element 0 is the identity.

        Returns
        -------
        group : FiniteGroup
            Of degree ``order``; ``elements`` equals ``table``.

        Raises
        ------
        ValueError
            If the table is not that of a group. Associativity is tested in full: O(order³) time.

        Examples
        --------
        >>> from gramian.symmetry import FiniteGroup
        >>> FiniteGroup.from_table([[0, 1], [1, 0]]).name
        'C2'
        """
        checked = as_table(table, "table", "FiniteGroup.from_table")
        return cls._known(checked, checked)

    @classmethod
    def _known(cls, elements: Tensor, table: Tensor) -> FiniteGroup:
        """A group whose elements and table are known to be right."""
        group = FiniteGroup.__new__(FiniteGroup)
        group._hold(elements, table)
        return group

    @property
    def order(self) -> int:
        """Number of elements."""
        return len(self.elements)

    @property
    def degree(self) -> int:
        """Number of points that the permutations move."""
        return self.elements.shape[1]

    @cached_property
    def name(self) -> str:
        """The group's name up to isomorphism: ``"C12"``, ``"D4"``, ``"S3"``, ``"C3xC3"``, ….

        See `group_name`. Other groups are called after their constructor.
        """
        return _names.name_of_table(self.table) or self._label

    @cached_property
    def inverses(self) -> Tensor:
        """The number of g⁻¹ for each g, (order,), int64."""
        return (self.table == 0).int().argmax(1)

    @cached_property
    def element_orders(self) -> Tensor:
        """The least k ≥ 1 with gᵏ = 1 for each g, (order,), int64."""
        return element_orders(self.table)

    @property
    def is_abelian(self) -> bool:
        """Whether gh = hg for all g and h."""
        return torch.equal(self.table, self.table.T)

    @cached_property
    def generators(self) -> tuple[int, ...]:
        """Numbers of a few elements that generate the group: the first of largest order first.

        Each adds to the subgroup of those before it, so there are at most log₂(order).
        """
        chosen: list[int] = []
        inside = torch.zeros(self.order, dtype=torch.bool)
        inside[0] = True
        for g in self.element_orders.argsort(descending=True, stable=True).tolist():
            if not inside[g]:
                chosen.append(g)
                inside = self._generated(chosen)
        return tuple(chosen)

    def _generated(self, chosen: list[int]) -> Tensor:
        """Mask of the subgroup that some elements generate, (order,), bool."""
        inside = torch.zeros(self.order, dtype=torch.bool)
        fresh = torch.tensor([0])
        while len(fresh):
            inside[fresh] = True
            products = self.table[fresh][:, chosen].unique()
            fresh = products[~inside[products]]
        return inside

    @cached_property
    def orbits(self) -> tuple[tuple[int, ...], ...]:
        """The points, by orbit: two share one where an element sends the first to the second."""
        first = self.elements.amin(0).tolist()  # the least point that each can be sent to
        return tuple(
            tuple(point for point, leader in enumerate(first) if leader == least)
            for least in sorted(set(first))
        )

    @property
    def is_transitive(self) -> bool:
        """Whether there is one orbit only."""
        return not bool(self.elements.amin(0).any())

    @property
    def is_regular(self) -> bool:
        """Whether exactly one element sends any point to any other."""
        return self.is_transitive and self.order == self.degree

    def natural(self) -> PermutationAction:
        """The group's action on vectors with one entry per point, (gx)[g(i)] = x[i].

        Examples
        --------
        >>> import torch
        >>> from gramian.symmetry import Cyclic
        >>> Cyclic(3).natural().orbit(torch.tensor([1.0, 0.0, 0.0]))
        tensor([[1., 0., 0.],
                [0., 1., 0.],
                [0., 0., 1.]])
        """
        return PermutationAction(self, self.elements)

    def regular(self) -> PermutationAction:
        """The action on functions of the group's own elements, (gf)(h) = f(g⁻¹h)."""
        return PermutationAction(self, self.table)

    def trivial(self, size: int = 1) -> PermutationAction:
        """The action on vectors of ``size`` entries that moves nothing."""
        check_int(size, "size", "FiniteGroup.trivial", low=1)
        return PermutationAction(self, torch.arange(size).expand(self.order, -1))

    def is_same_as(self, other: FiniteGroup) -> bool:
        """Whether both have one Cayley table: the same elements in the same order."""
        return self is other or torch.equal(self.table, other.table)

    def __len__(self) -> int:
        return self.order

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: order {self.order}, degree {self.degree}>"
