"""Networks trained on orbits: is the group of the data in their weights?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call, grad, stack_module_state, vmap

from gramian.symmetry import (
    Action,
    Cyclic,
    OrbitNet,
    SymmetryRegularizer,
    cyclic_shifts,
    identify_group,
    input_maps,
    orbit_data,
    relative_commutator,
)

__all__ = ["ACTIONS", "METHODS", "Cell", "Outcome", "methods_of", "studies_of", "trained"]

ACTIONS: dict[str, Action] = {
    "plane": Cyclic(5).plane(),
    "shifts of 6": cyclic_shifts(6),
    "shifts of 12": cyclic_shifts(12),
}


@dataclass(frozen=True)
class Method:
    """What is trained, and on which labels.

    Attributes
    ----------
    penalty, commutator : bool
        Whether the term is added to the loss.
    pooled : bool
        Whether the readout sees the units together.
    shuffled : bool
        Whether every input has the label of another one.
    """

    penalty: bool = False
    commutator: bool = False
    pooled: bool = True
    shuffled: bool = False


METHODS: dict[str, Method] = {
    "labels": Method(),
    "labels, penalty": Method(penalty=True),
    "labels, commutator": Method(commutator=True),
    "shuffled labels, penalty": Method(penalty=True, shuffled=True),
    "not pooled, penalty": Method(penalty=True, pooled=False),
}
ORBITS, THRESHOLDS, WEIGHT, STEPS, RATE = 32, 4, 10.0, 600, 0.02
CLOSE = 0.2
"""Relative distance up to which a map of the inputs counts as an element of the group."""
KEPT = 0.9
"""Share of held-out inputs whose copy must lie nearest to their own orbit."""


class Cell(NamedTuple):
    """One setting of the data and the layer."""

    noise: float
    missing: int
    n_units: int


def methods_of(data: str) -> list[str]:
    """All but the commutator on the plane, where it is zero for all weights and so refused."""
    return [name for name, how in METHODS.items() if not (how.commutator and data == "plane")]


def studies_of(data: str) -> dict[str, dict[float, Cell]]:
    """What is varied, and the cell at each value."""
    n = ACTIONS[data].group.order
    if data == "shifts of 12":  # too slow for more
        return {"noise": {0.0: Cell(0.0, 0, n)}}
    return {
        "noise": {noise: Cell(noise, 0, n) for noise in (0.0, 0.05, 0.1, 0.2, 0.3)},
        "missing elements": {missing: Cell(0.0, missing, n) for missing in (0, 1, 2, 3)},
        "units": {units: Cell(0.0, 0, units) for units in (n, 2 * n, 3 * n)},
    }


@dataclass(frozen=True)
class Outcome:
    """What the weights of one network show.

    Attributes
    ----------
    named : bool
        Whether the group of the data is among the candidates of the weights' Gramian.
    kept : bool
        Whether, besides, its permutations carried to the inputs keep orbits that were held out.
    carried : bool
        Whether, besides being named, they move the weights as the group moves the data.
    """

    named: bool
    kept: bool
    carried: bool


def trained(data: str, method: str, cell: Cell, seeds: Sequence[int]) -> list[Outcome]:
    """Train one network for each seed, all at once, and read their weights."""
    action, how = ACTIONS[data], METHODS[method]
    noise, missing, n_units = cell
    drawn = [
        orbit_data(action, ORBITS, noise=noise, missing=missing, random_state=seed)
        for seed in seeds
    ]
    if how.shuffled:
        drawn = [
            (x, labels[torch.randperm(len(x), generator=_generator(seed))])
            for (x, labels), seed in zip(drawn, seeds, strict=True)
        ]
    x, labels = (torch.stack(column) for column in zip(*drawn, strict=True))
    thresholds = THRESHOLDS if how.pooled else None
    nets = [
        OrbitNet(action.size, n_units, ORBITS, n_thresholds=thresholds, random_state=seed)
        for seed in seeds
    ]
    weights = _trained_weights(nets, x, labels, _penalty(how, action))
    return [_outcome(one, action, seed) for one, seed in zip(weights, seeds, strict=True)]


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _penalty(how: Method, action: Action) -> Callable[[Tensor, Tensor], Tensor]:
    """What a method adds to the loss, from weights and the covariance of the data."""
    regularizer = SymmetryRegularizer(min_rank=max(2.0, action.size / 2), random_state=0)

    def penalty(weight: Tensor, covariance: Tensor) -> Tensor:
        total = weight.new_zeros(())
        if how.penalty:
            total = total + regularizer(weight)
        if how.commutator:
            total = total + relative_commutator(weight, covariance)
        return total

    return penalty


def _trained_weights(
    nets: list[OrbitNet], x: Tensor, labels: Tensor, penalty: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """Weights (s, h, d) after the steps of `train_orbit_net`, for data (s, n, d)."""
    parameters, _ = stack_module_state(nets)
    parameters = {name: value.detach() for name, value in parameters.items()}

    def loss(one: dict[str, Tensor], x: Tensor, labels: Tensor) -> Tensor:
        scores = functional_call(nets[0], one, (x,))
        fit = torch.nn.functional.cross_entropy(scores, labels)
        return fit + WEIGHT * penalty(one["weight"], x.T @ x)

    gradients = vmap(grad(loss))
    optimizer = torch.optim.Adam(list(parameters.values()), lr=RATE)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, 3 * (1 - step / STEPS))
        for name, gradient in gradients(parameters, x, labels).items():
            parameters[name].grad = gradient
        optimizer.step()
    return parameters["weight"]


def _outcome(weights: Tensor, action: Action, seed: int) -> Outcome:
    """What one weight matrix (h, d) shows."""
    found = identify_group(weights @ weights.T, random_state=seed)
    if found is None or action.group.name not in found.candidates:
        return Outcome(named=False, kept=False, carried=False)
    maps = input_maps(found.permutations, weights).matrices.to(weights)
    span = torch.linalg.pinv(weights) @ weights
    gaps = (maps[:, None] - action.matrices().to(weights) @ span).norm(dim=(2, 3)) / span.norm()
    carried = bool((gaps.amin(1) < CLOSE).all())
    return Outcome(named=True, kept=_kept(maps, action, seed) >= KEPT, carried=carried)


def _kept(maps: Tensor, action: Action, seed: int) -> float:
    """Share of inputs of new orbits that every map leaves nearest to their own orbit."""
    x, labels = orbit_data(action, ORBITS, random_state=_generator(10_000 + seed))
    nearest = torch.cdist(x @ maps.mT, x).argmin(2)  # [element, input]
    return float((labels[nearest] == labels).float().mean())
