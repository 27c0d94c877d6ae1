"""Every group up to order 24, and the name of a group from its table."""

from __future__ import annotations

from typing import Any

from gramian._validation import check_int
from gramian.symmetry.groups import _names
from gramian.symmetry.groups._checks import as_table
from gramian.symmetry.groups._group import FiniteGroup

__all__ = ["group_name", "small_groups"]


def small_groups(order: int) -> tuple[FiniteGroup, ...]:
    """Every group of one order, once up to isomorphism.

    Parameters
    ----------
    order : int
        From 1 to 24.

    Returns
    -------
    groups : tuple of FiniteGroup
        Abelian ones first. Each acts on its own elements.

    Raises
    ------
    ValueError
        If ``order`` is not in [1, 24].

    References
    ----------
    .. [1] H. U. Besche, B. Eick, E. A. O'Brien, "A millennium project: constructing small groups",
       Int. J. Algebra Comput. 12(5), 2002: how many there are.

    Examples
    --------
    >>> from gramian.symmetry import small_groups
    >>> [group.name for group in small_groups(12)]
    ['C12', 'C2xC6', 'A4', 'D6', 'Dic3']
    """
    check_int(order, "order", "small_groups", low=1, high=_names.LARGEST_NAMED)
    return tuple(FiniteGroup._known(t, t) for t in _names.named_tables(order).values())


def group_name(table: Any) -> str | None:
    """The name of the group with a given Cayley table.

    Parameters
    ----------
    table : array of ints of shape (order, order)
        ``table[g, h]`` is the number of gh; element 0 is the identity.

    Returns
    -------
    name : str or None
        None only above order 24, for a group that is neither abelian nor dihedral.

    Raises
    ------
    ValueError
        If the table is not that of a group.

    Notes
    -----
    ``Cn`` is cyclic of order n, ``Dn`` dihedral of order 2n (``"S3"`` for n = 3, ``"C2xC2"`` for
    n = 2), ``Dicn`` dicyclic of order 4n (``"Q8"`` and ``"Q16"`` for n = 2 and 4). ``x`` is a
    direct, ``:`` a semidirect and ``o`` a central product. Abelian groups are written by their
    invariant factors: C2 × C3 is ``"C6"``. Up to order 24 a group is told by how often each
    (order, size of the centraliser, number of square roots) occurs among its elements, which no
    two of those groups share. O(order³) time.

    Examples
    --------
    >>> from gramian.symmetry import Cyclic, Product, group_name
    >>> group_name(Product(Cyclic(4), Cyclic(6)).table)
    'C2xC12'
    """
    return _names.name_of_table(as_table(table, "table", "group_name"))
