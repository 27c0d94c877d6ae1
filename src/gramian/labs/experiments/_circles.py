"""Small nets on points inside and outside a circle: many starts on several data sets at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gramian import train
from gramian.labs.experiments._small_nets import RATE, Repeated, squared_error, uniform_net

__all__ = ["circle", "train_on_sets"]


class OnOneSet(train.Learner):
    """A learner whose batches hold several data sets, one of which is its own."""

    data_set: Tensor

    def __init__(self, net: nn.Module, lr: float, data_set: int) -> None:
        super().__init__(net, loss=squared_error, optimizer=lambda weights: train.SGD(weights, lr))
        self.register_buffer("data_set", torch.tensor([data_set]))

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        return super().training_step([part.index_select(0, self.data_set)[0] for part in batch])


def circle(rng: torch.Generator, *shape: int) -> tuple[Tensor, Tensor]:
    """Points of U[−1, 1]², and 1 inside r² = ½, −1 outside."""
    X = 2 * torch.rand(*shape, 2, generator=rng) - 1
    inside = X.square().sum(-1, keepdim=True) < 0.5
    return X, 2 * inside.float() - 1


def train_on_sets(
    sizes: Sequence[int],
    X: Tensor,
    y: Tensor,
    seeds: Sequence[int],
    *,
    bound: float,
    epochs: int,
    steps: int,
) -> list[nn.Module]:
    """One model for each seed, on the data sets (n_sets, n_points, 2) in turn."""
    place = {seed: k % len(X) for k, seed in enumerate(seeds)}

    def build(lr: float, seed: int) -> OnOneSet:
        return OnOneSet(uniform_net(sizes, seed, bound=bound), lr, place[seed])

    data = Repeated(X, y, steps)
    sweep = train.fit_many(build, data, lrs=[RATE], seeds=seeds, max_epochs=epochs)
    return list(sweep.models)
