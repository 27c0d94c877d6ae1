"""Networks trained on orbits: is the group of the data in their weights?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.symmetry import (
    Action,
    Cyclic,
    SymmetryRegularizer,
    cyclic_shifts,
    identify_group,
    input_maps,
    orbit_data,
    relative_commutator,
    train_orbit_net,
)

__all__ = ["ACTIONS", "METHODS", "Outcome", "trained"]

ACTIONS: dict[str, Action] = {"plane": Cyclic(5).plane(), "shifts": cyclic_shifts(5)}
METHODS: dict[str, tuple[str, ...]] = {
    "plane": ("no penalty", "commutator", "penalty", "penalty, wrong labels"),
    "shifts": ("no penalty", "commutator", "penalty", "penalty, wrong labels", "both"),
}
"""On the plane "both" is refused: complete orbits have a covariance that commutes with all."""
ORBITS, WEIGHT, STEPS = 4, 10.0, 1000
CLOSE = 0.2
"""Relative distance up to which a map of the inputs counts as an element of the group."""


@dataclass(frozen=True)
class Outcome:
    """What the weights of one network show.

    Attributes
    ----------
    named : bool
        Whether the group of the data is among the candidates of the weights' Gramian.
    carried : bool
        Whether, besides, its permutations move the weights as the group moves the data.
    """

    named: bool
    carried: bool


def trained(data: str, method: str, noise: float, missing: int, n_units: int, seed: int) -> Outcome:
    """Train on four orbits of C₅, and read the weights."""
    action = ACTIONS[data]
    x, labels = orbit_data(action, ORBITS, noise=noise, missing=missing, random_state=seed)
    if method == "penalty, wrong labels":
        labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))]
    net = train_orbit_net(
        x,
        labels,
        n_units,
        regularizer=_regularizer(method, x, seed),
        weight=WEIGHT,
        n_steps=STEPS,
        random_state=seed,
    )
    weights = net.weight.detach()
    found = identify_group(weights @ weights.T, random_state=seed)
    named = found is not None and action.group.name in found.candidates
    return Outcome(named, named and _are_carried(found.permutations, weights, action))


def _regularizer(method: str, x: Tensor, seed: int) -> Callable[[Tensor], Tensor] | None:
    """The term that a method adds to the loss."""
    covariance = x.T @ x
    if method == "no penalty":
        return None
    if method == "commutator":
        return lambda weights: relative_commutator(weights, covariance)
    if method == "both":
        return SymmetryRegularizer(covariance=covariance, random_state=seed)
    return SymmetryRegularizer(random_state=seed)


def _are_carried(permutations: Tensor, weights: Tensor, action: Action) -> bool:
    """Whether every permutation of the units is an element of the group on what they span."""
    maps = input_maps(permutations, weights).matrices
    span = torch.linalg.pinv(weights) @ weights
    elements = action.matrices().to(weights) @ span
    distances = (maps[:, None] - elements).norm(dim=(2, 3)) / span.norm()
    return bool((distances.amin(1) < CLOSE).all())
