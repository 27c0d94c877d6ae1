"""Groups found from Gramians alone, and Gramians in which there is none."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from benchmarks.symmetry.simulations import (
    DOCUMENTED_NOISE,
    GROUPS,
    IMPOSTORS,
    accepted,
    orbit_gramian,
    petersen,
    recovered,
    two_cycles,
)

from gramian.symmetry import Cyclic, Dihedral, FiniteGroup, identify_group
from gramian.symmetry.discovery._automorphisms import automorphism_order


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_recovered_under_noise(name: str) -> None:
    assert sum(recovered(name, DOCUMENTED_NOISE, seed) for seed in range(4)) >= 3


@pytest.mark.nightly
@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_recovered_in_nearly_all_seeds(name: str) -> None:
    assert sum(recovered(name, DOCUMENTED_NOISE, seed) for seed in range(100)) >= 95


@pytest.mark.parametrize("name", GROUPS)
def test_what_is_reported_holds_on_exact_gramians(name: str) -> None:
    G = orbit_gramian(GROUPS[name], 3)
    found = identify_group(G, random_state=0)
    assert found is not None
    h = len(G)
    p, table = found.permutations, found.cayley_table
    assert p.shape == (found.order, h)
    assert p[0].tolist() == list(range(h))
    for row in p:
        assert torch.allclose(G[row][:, row], G, atol=1e-9)
    for a in range(found.order):
        for b in range(found.order):
            assert torch.equal(p[table[a, b]], p[a][p[b]])
    assert sorted(u for orbit in found.orbits for u in orbit) == list(range(h))
    assert FiniteGroup.from_table(table).name == found.name == found.candidates[0]
    assert found.automorphism_order % found.order == 0
    assert found.pvalue == 1 / 200
    assert found.residual < 1e-9
    assert FiniteGroup(p).is_regular


def test_cyclic_gramians_carry_dihedral_groups_too() -> None:
    found = identify_group(orbit_gramian(Cyclic(12), 0), random_state=0)
    assert found is not None
    assert (found.name, found.automorphism_order) == ("C12", 24)
    assert set(found.candidates) == {"C12", "D6"}
    assert found.circulance == pytest.approx(1)


def test_several_templates_give_several_orbits() -> None:
    G = orbit_gramian(Cyclic(5), 1, orbits=2)
    found = identify_group(G, random_state=0)
    assert found is not None
    assert (found.name, found.order, len(found.orbits)) == ("C5", 5, 2)
    for row in found.permutations:
        assert torch.allclose(G[row][:, row], G, atol=1e-9)


def test_equal_sorted_rows_are_no_group() -> None:
    G = two_cycles().numpy()
    assert np.linalg.eigvalsh(G).min() > -1e-12
    assert len(np.unique(np.sort(G, axis=1), axis=0)) == 1
    assert automorphism_order(G, 1e-9) == 48
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(7)
        assert identify_group(G[np.ix_(order, order)], random_state=seed) is None
        assert identify_group(G, tol=1e-6, random_state=seed) is None


def test_transitive_is_not_regular() -> None:
    assert automorphism_order(petersen().numpy(), 1e-9) == 120
    assert identify_group(petersen(), random_state=0) is None


@pytest.mark.parametrize("name", IMPOSTORS)
def test_impostors_are_refused(name: str) -> None:
    assert not any(accepted(name, seed) for seed in range(50))


@pytest.mark.nightly
def test_a_thousand_random_gramians_are_refused() -> None:
    assert not any(accepted("random", seed) for seed in range(1000))


@pytest.mark.parametrize("h", [3, 4, 7])
def test_tables_that_every_permutation_keeps_name_nothing(h: int) -> None:
    assert identify_group(np.eye(h), random_state=0) is None
    assert identify_group(np.ones((h, h)), random_state=0) is None


def test_the_order_of_the_automorphisms_is_that_of_all_permutations_tried() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        G = rng.integers(0, 2, (5, 5)).astype(float)
        G = np.triu(G) + np.triu(G, 1).T
        kept = sum(
            np.array_equal(G[np.ix_(p, p)], G) for p in (list(p) for p in permutations(range(5)))
        )
        assert automorphism_order(G, 1e-9) == kept


def test_the_same_seed_gives_the_same_answer() -> None:
    G = orbit_gramian(Dihedral(4), 2, 0.01)
    first, second = (identify_group(G, random_state=5) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.name, first.pvalue, first.orbits) == (second.name, second.pvalue, second.orbits)
    assert str(first).startswith("D4: 1 orbit of 8 units, 8 automorphisms, p = 0.005")


def test_arrays_tensors_and_grams_are_taken() -> None:
    import gramian as gm

    t = torch.randn(6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    W = Cyclic(6).regular().orbit(t)
    for G in (W @ W.T, (W @ W.T).numpy(), (W @ W.T).float(), gm.Gram(W, kernel=gm.Linear())):
        found = identify_group(G, random_state=0)
        assert found is not None
        assert found.name == "C6"


@pytest.mark.parametrize(
    ("G", "kind", "message"),
    [
        (np.zeros((3, 4)), ValueError, "G must be square with 3 to 512 rows"),
        (np.eye(2), ValueError, "G must be square with 3 to 512 rows"),
        (np.full((3, 3), np.nan), ValueError, "G must be finite"),
        (np.arange(9.0).reshape(3, 3), ValueError, "G must be symmetric"),
        (np.eye(3).astype(complex), TypeError, "G must be a matrix of real numbers"),
    ],
)
def test_bad_tables_are_refused(G: np.ndarray, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"identify_group: {message}"):
        identify_group(G)


def test_a_tolerance_must_be_positive() -> None:
    with pytest.raises(ValueError, match="identify_group: tol must be a finite number in"):
        identify_group(np.eye(3), tol=0.0)
