"""The commutant: every basis map commutes, and there are as many as characters count."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from gramian.symmetry import (
    Action,
    Cyclic,
    Dihedral,
    MatrixAction,
    PermutationAction,
    Symmetric,
    commutant,
    cyclic_shifts,
    orbitals,
    pixel_shifts,
    pixel_turns,
    small_groups,
)

D4, S3, C6 = Dihedral(4), Symmetric(3), Cyclic(6)
PAIRS: list[tuple[Action, Action]] = [
    (Cyclic(1).trivial(2), Cyclic(1).trivial(3)),
    (C6.natural(), C6.natural()),
    (C6.natural(), C6.plane()),
    (C6.plane(), C6.natural()),
    (C6.plane(), C6.plane()),
    (C6.plane(), C6.trivial()),
    (D4.natural(), D4.regular()),
    (D4.plane(), D4.plane()),
    (D4.regular(), D4.plane()),
    (S3.natural(), S3.trivial(2)),
    (S3.regular(), S3.natural()),
    (pixel_turns(3), Cyclic(4).regular()),
    (small_groups(8)[-1].regular(), small_groups(8)[-1].natural()),
]


@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_the_basis_is_orthonormal_commutes_and_is_complete(pair: tuple[Action, Action]) -> None:
    action, output = pair
    basis = commutant(action, output)
    rho, rho_out = action.matrices(), output.matrices()
    for g in range(action.group.order):
        torch.testing.assert_close(rho_out[g] @ basis, basis @ rho[g], rtol=0, atol=1e-12)
    flat = basis.flatten(1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(len(flat), dtype=torch.float64))
    traces = rho.diagonal(dim1=1, dim2=2).sum(1) * rho_out.diagonal(dim1=1, dim2=2).sum(1)
    assert len(basis) == round(float(traces.mean()))


def projection(basis: Tensor) -> Tensor:
    flat = basis.flatten(1)
    return flat.T @ flat


@pytest.mark.parametrize("action", [cyclic_shifts(5), S3.natural(), pixel_turns(3)], ids=repr)
def test_both_ways_span_one_space(action: PermutationAction) -> None:
    by_matrices = commutant(MatrixAction(action.group, action.matrices()))
    torch.testing.assert_close(projection(commutant(action)), projection(by_matrices))


def test_maps_that_commute_with_all_permutations() -> None:
    for n in (3, 4, 5):
        basis = commutant(Symmetric(n).natural())
        ones = torch.ones(n, n, dtype=torch.float64)
        eye = torch.eye(n, dtype=torch.float64)
        torch.testing.assert_close(basis[0], eye / n**0.5)
        torch.testing.assert_close(basis[1], (ones - eye) / (n * n - n) ** 0.5)
        assert len(basis) == 2


def test_orbitals_of_images() -> None:
    labels = orbitals(pixel_shifts(28, 28))
    assert labels.shape == (784, 784)
    assert int(labels.max()) == 783
    assert labels[0].tolist() == list(range(784))
    assert (labels == labels[0, 0]).sum() == 784


def test_numbers_follow_the_first_entry() -> None:
    assert orbitals(S3.natural(), S3.trivial(2)).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert orbitals(Cyclic(1).trivial(2)).tolist() == [[0, 1], [2, 3]]


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="commutant: output must be an action of the same group"):
        commutant(Cyclic(4).natural(), Cyclic(5).natural())
    with pytest.raises(ValueError, match="orbitals: output must be an action of the same group"):
        orbitals(Cyclic(6).natural(), S3.natural())
    with pytest.raises(TypeError, match="orbitals: action must be a PermutationAction, got <Mat"):
        orbitals(Cyclic(6).plane())
