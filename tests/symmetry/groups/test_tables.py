"""Cayley tables and names: the axioms, the number of groups of each order, and every name."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gramian.symmetry import (
    Cyclic,
    Dicyclic,
    Dihedral,
    FiniteGroup,
    Product,
    Symmetric,
    group_name,
    small_groups,
)
from gramian.symmetry.groups import _names
from gramian.symmetry.groups._tables import is_group

# A000001 of the on-line encyclopedia of integer sequences
COUNTS = [1, 1, 1, 2, 1, 2, 1, 5, 2, 2, 1, 5, 1, 2, 1, 14, 1, 5, 1, 5, 2, 2, 1, 15]


def relabelled(table: torch.Tensor, seed: int) -> torch.Tensor:
    """The same group with its elements in another order, the identity still first."""
    others = torch.randperm(len(table) - 1, generator=torch.Generator().manual_seed(seed)) + 1
    new = torch.cat([torch.tensor([0]), others])  # the new number of each element
    shuffled = torch.empty_like(table)
    shuffled[new[:, None], new] = new[table]
    return shuffled


@pytest.mark.parametrize("order", range(1, 25))
def test_every_group_of_an_order_is_there_once(order: int) -> None:
    tables = _names.named_tables(order)
    assert len(tables) == COUNTS[order - 1]
    assert all(len(table) == order and is_group(table) for table in tables.values())
    # an isomorphism would carry one signature to the other
    assert len({_names._signature(table) for table in tables.values()}) == len(tables)


@pytest.mark.parametrize("order", range(1, 25))
def test_names_do_not_depend_on_how_the_elements_are_numbered(order: int) -> None:
    for seed, (name, table) in enumerate(_names.named_tables(order).items()):
        assert group_name(table) == name
        assert group_name(relabelled(table, seed)) == name
    assert [group.name for group in small_groups(order)] == list(_names.named_tables(order))


def test_names_of_constructions() -> None:
    assert Dihedral(1).name == "C2"
    assert Dihedral(2).name == "C2xC2"
    assert Dihedral(3).name == Symmetric(3).name == "S3"
    assert Dicyclic(1).name == "C4"
    assert Dicyclic(2).name == "Q8"
    assert Product(Cyclic(3), Cyclic(4)).name == "C12"
    assert Product(Cyclic(2), Dihedral(3)).name == "D6"
    assert Product(Cyclic(3), Cyclic(3)).name == "C3xC3"


def test_names_above_order_24() -> None:
    assert Cyclic(120).name == "C120"
    assert Dihedral(45).name == "D45"
    assert Product(Cyclic(6), Cyclic(10), Cyclic(4)).name == "C2xC2xC60"
    assert Symmetric(5).name == "S5"
    assert Dicyclic(7).name == "Dic7"
    assert group_name(Dicyclic(7).table) is None
    assert Product(Symmetric(4), Cyclic(2)).name == "S4xC2"
    assert FiniteGroup.from_table(Symmetric(5).table).name == "group of order 120"


@given(st.lists(st.integers(1, 7), min_size=1, max_size=3))
def test_invariant_factors_divide_each_other(orders: list[int]) -> None:
    group = Product(*map(Cyclic, orders))
    factors = [int(part[1:]) for part in group.name.split("x")]
    assert torch.tensor(factors).prod() == group.order
    assert all(b % a == 0 for a, b in pairwise(factors))
    exponents = sorted(group.element_orders.tolist())
    assert sorted(Product(*map(Cyclic, factors)).element_orders.tolist()) == exponents


def test_what_is_no_group_is_found() -> None:
    table = Cyclic(5).table.clone()
    table[1, 2], table[1, 3] = int(table[1, 3]), int(table[1, 2])
    assert not is_group(table)
    # a Latin square with an identity that is not associative: the least loop
    loop = [
        [0, 1, 2, 3, 4],
        [1, 0, 3, 4, 2],
        [2, 4, 0, 1, 3],
        [3, 2, 4, 0, 1],
        [4, 3, 1, 2, 0],
    ]
    assert not is_group(torch.tensor(loop))
    with pytest.raises(ValueError, match=r"group_name: table must be the Cayley table of a group"):
        group_name(loop)
    with pytest.raises(ValueError, match=r"got a 2 x 3 table"):
        FiniteGroup.from_table([[0, 1, 2], [1, 0, 2]])
    with pytest.raises(ValueError, match=r"from_table: table must be the Cayley table"):
        FiniteGroup.from_table([[0, 1], [1, 2]])


@pytest.mark.parametrize("order", [0, 25])
def test_orders_without_a_list(order: int) -> None:
    with pytest.raises(ValueError, match=r"small_groups: order must be an int in \[1, 24\]"):
        small_groups(order)
