"""The penalty, its pieces, and groups read from weights that were trained with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from gramian.symmetry import (
    Cyclic,
    Dihedral,
    OrbitNet,
    SymmetryRegularizer,
    circulance,
    commutator_null,
    cyclic_shifts,
    identify_group,
    input_maps,
    orbit_data,
    relative_commutator,
    train_orbit_net,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=generator(seed), dtype=torch.float64)


def test_orbits_are_free_and_random_weights_are_not() -> None:
    penalty = SymmetryRegularizer()
    for orbit in (cyclic_shifts(7).orbit(normal(7)), Dihedral(4).regular().orbit(normal(8))):
        assert float(penalty(orbit)) < 1e-20
    assert float(penalty(normal(8, 8))) > 0.05


def test_the_scale_of_the_weights_does_not_matter() -> None:
    penalty, W = SymmetryRegularizer(), normal(6, 4)
    assert float(penalty(100 * W)) == pytest.approx(float(penalty(W)))


def test_several_templates_need_their_number() -> None:
    two = torch.cat(
        [cyclic_shifts(6).orbit(normal(6)), cyclic_shifts(6).orbit(2 * normal(6, seed=1))]
    )
    assert float(SymmetryRegularizer(n_orbits=2, random_state=0)(two)) < 1e-20
    assert float(SymmetryRegularizer()(two)) > 1e-3


def test_collapse_costs() -> None:
    W = normal(1, 5).expand(6, 5)
    terms = SymmetryRegularizer(min_rank=2.0).terms(W)
    assert float(terms["symmetry"]) < 1e-20
    assert float(terms["collapse"]) == pytest.approx(1)  # rank 1: (2 / 1 − 1)²
    free = SymmetryRegularizer(min_rank=1.0, collapse=0.0)
    assert float(free(W)) < 1e-20
    assert torch.isfinite(SymmetryRegularizer()(torch.zeros(4, 3)))


def test_the_mean_row_stands_for_all_pairs() -> None:
    W = normal(7, 4)
    G = W @ W.T / (W @ W.T).diagonal().mean()
    rows = torch.stack(
        [torch.cat([G[i, i : i + 1], G[i][torch.arange(7) != i].sort().values]) for i in range(7)]
    )
    pairs = (rows[:, None] - rows).square().sum() / (2 * 7 * 7 * 7)
    assert float(SymmetryRegularizer().terms(W)["symmetry"]) == pytest.approx(float(pairs))


@pytest.mark.parametrize("strength", [None, 0.05])
def test_gradients(strength: float | None) -> None:
    covariance = torch.diag(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64))
    penalty = SymmetryRegularizer(strength=strength, covariance=covariance, random_state=0)
    assert torch.autograd.gradcheck(penalty, normal(5, 3).requires_grad_())


def test_the_commutator_sees_shifts_but_not_turns() -> None:
    x, _ = orbit_data(cyclic_shifts(12), 4, random_state=0)
    covariance = (x.T @ x).double()
    orbit = cyclic_shifts(12).orbit(normal(12))
    null = commutator_null(orbit, covariance, n_random=100, random_state=0)
    assert float(relative_commutator(orbit, covariance)) < 1e-6 < 0.01 < float(null[0])
    x, _ = orbit_data(Cyclic(5).plane(), 4, random_state=0)
    with pytest.raises(
        ValueError, match="covariance must be other than a multiple of the identity"
    ):
        SymmetryRegularizer(covariance=x.T @ x, random_state=0)


def test_maps_of_exact_orbits_are_the_group() -> None:
    shuffle = torch.randperm(7, generator=generator())
    action = cyclic_shifts(7)
    W = action.orbit(normal(7))[shuffle]
    found = identify_group(W @ W.T, random_state=0)
    assert found is not None
    maps = input_maps(found.permutations, W)
    assert maps.residual < 1e-9
    assert maps.orthogonality < 1e-9
    for matrix in maps.matrices:
        gaps = (action.matrices() - matrix).abs().amax((1, 2))
        assert float(gaps.min()) < 1e-8


def test_maps_of_plane_orbits_are_turns() -> None:
    W = Cyclic(5).plane().orbit(normal(2))[torch.randperm(5, generator=generator())]
    found = identify_group(W @ W.T, random_state=0)
    assert found is not None
    maps = input_maps(found.permutations, W).matrices
    turns = Cyclic(5).plane().matrices()
    for matrix in maps:
        assert float((turns - matrix).abs().amax((1, 2)).min()) < 1e-8


def test_wrong_permutations_do_not_fit() -> None:
    W = normal(8, 3)
    wrong = torch.stack([torch.arange(8), torch.randperm(8, generator=generator())])
    assert input_maps(wrong, W).residual > 0.1


def test_orbit_data_are_orbits() -> None:
    action = cyclic_shifts(6)
    x, labels = orbit_data(action, 3, random_state=0)
    for label in range(3):
        rows = x[labels == label]
        assert len(rows.unique(dim=0)) == 6
        assert any(torch.equal(rows[0].roll(1), row) for row in rows)
    less, _ = orbit_data(action, 3, missing=2, noise=0.1, random_state=0)
    assert less.shape == (12, 6)


def test_the_same_seed_trains_the_same_net() -> None:
    x, labels = orbit_data(Cyclic(5).plane(), 3, random_state=0)
    nets = [train_orbit_net(x, labels, 5, n_steps=20, random_state=1) for _ in range(2)]
    assert torch.equal(nets[0].weight, nets[1].weight)
    other = train_orbit_net(x, labels, 5, n_steps=20, random_state=2)
    assert not torch.equal(nets[0].weight, other.weight)


def test_pooled_units_are_read_together() -> None:
    x, action = normal(4, 6).float(), cyclic_shifts(6)
    net = OrbitNet(6, 6, 3, n_thresholds=4, random_state=0)
    net.readout.data = normal(3, 4, seed=1).float()
    scores = net(x)
    net.weight.data = net.weight.data[torch.randperm(6, generator=generator())] * 5
    torch.testing.assert_close(net(x), scores)  # neither order nor size counts
    net.weight.data = action.orbit(normal(6, seed=2).float())
    torch.testing.assert_close(net(x.roll(2, 1)), net(x))


def test_pooled_training_finds_shifts_where_shuffled_labels_do_not() -> None:
    action = Cyclic(5).plane()
    x, labels = orbit_data(action, 16, random_state=0)
    wrong = labels[torch.randperm(len(labels), generator=generator())]
    errors = []
    for given in (labels, wrong):
        net = train_orbit_net(x, given, 5, n_thresholds=4, n_steps=300, random_state=0)
        weights = net.weight.detach()
        moved = action.orbit(weights[0])
        errors.append(float(torch.cdist(moved, weights).amin(1).max() / weights.norm(dim=1).mean()))
    assert errors[0] < 0.2 < errors[1]


def test_the_penalty_makes_gramians_of_groups() -> None:
    x, labels = orbit_data(Cyclic(5).plane(), 3, random_state=0)
    plain = train_orbit_net(x, labels, 5, n_steps=300, random_state=0).weight.detach()
    penalty = SymmetryRegularizer(random_state=0)
    trained = train_orbit_net(
        x, labels, 5, regularizer=penalty, weight=10, n_steps=300, random_state=0
    ).weight.detach()
    assert float(penalty(trained)) < 0.1 * float(penalty(plain))


def test_circulance_by_the_dft() -> None:
    G = normal(6, 6)
    F = torch.fft.fft(torch.eye(6, dtype=torch.float64), norm="ortho")
    centred = G - G.mean()
    spectrum = (F.conj().T @ centred.to(F.dtype) @ F).abs().square()
    expected = spectrum.diagonal().sum() / spectrum.sum()
    assert circulance(G) == pytest.approx(float(expected))
    assert circulance(torch.ones(4, 4)) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SymmetryRegularizer(n_orbits=0), "SymmetryRegularizer: n_orbits must be"),
        (lambda: SymmetryRegularizer(min_rank=0.5), "SymmetryRegularizer: min_rank must be"),
        (lambda: SymmetryRegularizer(collapse=-1.0), "SymmetryRegularizer: collapse must be"),
        (lambda: SymmetryRegularizer(commutator=-1.0), "SymmetryRegularizer: commutator must"),
        (lambda: SymmetryRegularizer(strength=0.0), "SymmetryRegularizer: strength must be"),
        (
            lambda: SymmetryRegularizer(covariance=torch.ones(2, 3)),
            "SymmetryRegularizer: covariance must be of shape (d, d)",
        ),
        (
            lambda: SymmetryRegularizer(covariance=torch.tensor([[1.0, 2.0], [0.0, 1.0]])),
            "SymmetryRegularizer: covariance must be symmetric",
        ),
        (lambda: commutator_null(torch.ones(2, 2), torch.eye(2), n_random=0), "n_random must be"),
        (lambda: OrbitNet(0, 1, 1), "OrbitNet: n_features must be an int"),
        (lambda: OrbitNet(1, 1, 1, n_thresholds=0), "OrbitNet: n_thresholds must be an int"),
        (lambda: orbit_data(cyclic_shifts(3), 0), "orbit_data: n_orbits must be"),
        (lambda: orbit_data(cyclic_shifts(3), 1, noise=-1.0), "orbit_data: noise must be"),
        (lambda: orbit_data(cyclic_shifts(3), 1, missing=3), "orbit_data: missing must be"),
        (
            lambda: train_orbit_net(torch.ones(3, 2), torch.zeros(2).long(), 2),
            "train_orbit_net: labels must be of shape (3,)",
        ),
        (
            lambda: input_maps(torch.zeros(2, 3).long(), torch.ones(4, 2)),
            "input_maps: permutations must be of shape (order, h)",
        ),
        (lambda: circulance(torch.ones(2, 3)), "circulance: G must be square"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_an_action_is_needed() -> None:
    with pytest.raises(TypeError, match="orbit_data: action must be an Action"):
        orbit_data(Cyclic(3), 1)  # type: ignore[arg-type]  # what is tested
