"""Groups of permutations: elements and tables agree, and bad input is refused."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gramian.symmetry import (
    Alternating,
    Cyclic,
    Dicyclic,
    Dihedral,
    FiniteGroup,
    Product,
    Symmetric,
    small_groups,
)

GROUPS = [
    Cyclic(1),
    Cyclic(7),
    Dihedral(1),
    Dihedral(2),
    Dihedral(5),
    Dicyclic(3),
    Symmetric(1),
    Symmetric(4),
    Alternating(2),
    Alternating(4),
    Product(Cyclic(2), Dihedral(3)),
    Product(Symmetric(3), Cyclic(3), Cyclic(2)),
    *small_groups(16),
]


@pytest.mark.parametrize("group", GROUPS, ids=repr)
def test_the_table_is_that_of_the_permutations(group: FiniteGroup) -> None:
    elements = group.elements
    assert len(group) == group.order == len(elements.unique(dim=0))
    for g in range(group.order):
        for h in range(group.order):
            assert torch.equal(elements[group.table[g, h]], elements[g][elements[h]])
    number = torch.arange(group.order)
    assert torch.equal(group.table[number, group.inverses], torch.zeros_like(number))
    assert torch.equal(group._generated(list(group.generators)), torch.ones_like(number) > 0)
    assert 2 ** len(group.generators) <= group.order
    assert group.is_abelian == all(
        group.table[g, h] == group.table[h, g] for g in number for h in number
    )


def test_orders_of_elements() -> None:
    assert Cyclic(6).element_orders.tolist() == [1, 6, 3, 2, 3, 6]
    assert Dihedral(4).element_orders.tolist() == [1, 4, 2, 4, 2, 2, 2, 2]
    assert sorted(Dicyclic(2).element_orders.tolist()) == [1, 2, 4, 4, 4, 4, 4, 4]


def test_symmetric_groups_are_all_permutations() -> None:
    assert Symmetric(5).elements.tolist() == [list(p) for p in permutations(range(5))]
    even = torch.linalg.det(Alternating(4).natural().matrices())
    assert even.tolist() == [1.0] * 12


def test_orbits_of_points() -> None:
    group = FiniteGroup.generated_by([[1, 0, 2, 3, 4], [0, 1, 2, 4, 3]])
    assert group.name == "C2xC2"
    assert group.orbits == ((0, 1), (2,), (3, 4))
    assert not group.is_transitive
    assert Symmetric(3).is_transitive
    assert not Symmetric(3).is_regular
    assert Cyclic(5).is_regular
    assert Cyclic(1).is_regular


@given(st.lists(st.permutations(range(4)), min_size=1, max_size=3))
def test_generated_groups_are_closed_and_as_small_as_can_be(rows: list[list[int]]) -> None:
    group = FiniteGroup.generated_by(rows)
    found = {tuple(row) for row in rows}
    while True:  # the slow way: all products until nothing new comes
        more = found | {tuple(a[b[i]] for i in range(4)) for a in found for b in found}
        if more == found:
            break
        found = more
    assert {tuple(row) for row in group.elements.tolist()} == found
    assert group.elements[0].tolist() == [0, 1, 2, 3]
    again = FiniteGroup(group.elements)
    assert again.is_same_as(group)


def test_arrays_of_every_kind() -> None:
    rows = [[0, 1], [1, 0]]
    for given_as in (rows, np.array(rows, dtype=np.uint8), torch.tensor(rows, dtype=torch.int32)):
        assert FiniteGroup(given_as).elements.dtype == torch.int64
    assert repr(FiniteGroup(rows)) == "<FiniteGroup C2: order 2, degree 2>"


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([[0.0, 1.0]], TypeError, "permutations must hold whole numbers, got float64"),
        (torch.eye(2), TypeError, "permutations must hold whole numbers, got torch.float32"),
        ([0, 1], ValueError, r"must have two dimensions and .*, got shape \(2,\)"),
        ([[0, 1], [0]], ValueError, "must have rows of one length, got rows of several"),
        ([[0, 1], [1, 1]], ValueError, r"must be permutations of 0 to 1, got \[1, 1\] in row 1"),
        ([[1, 0], [0, 1]], ValueError, r"must begin with the identity, got \[1, 0\] in row 0"),
        ([[0, 1], [0, 1]], ValueError, "must be different, got one permutation twice"),
        ([[0, 1, 2], [1, 2, 0]], ValueError, "must be closed under products.*generated_by"),
    ],
)
def test_what_is_refused(rows: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^FiniteGroup: permutations.*{message}|{message}"):
        FiniteGroup(rows)


def test_too_many_elements() -> None:
    turn, swap = [*range(1, 9), 0], [1, 0, *range(2, 9)]
    with pytest.raises(ValueError, match=r"generated_by: generators must make at most 2000"):
        FiniteGroup.generated_by([turn, swap])


@pytest.mark.parametrize("build", [Cyclic, Dihedral, Dicyclic, Symmetric, Alternating])
def test_sizes_are_checked(build: type[FiniteGroup]) -> None:
    with pytest.raises(ValueError, match=f"{build.__name__}: n must be an int in"):
        build(0)
    with pytest.raises(TypeError, match=f"{build.__name__}: n must be an int in"):
        build(2.0)


def test_large_symmetric_groups_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Symmetric: n must be an int in \[1, 6\], got 7"):
        Symmetric(7)


def test_factors_of_a_product() -> None:
    with pytest.raises(ValueError, match="Product: factors must be at least one group, got none"):
        Product()
    with pytest.raises(TypeError, match="Product: factors must be FiniteGroup, got int"):
        Product(Cyclic(2), 3)
