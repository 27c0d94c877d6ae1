"""Linear classifiers of digits, trained under augmentation; two labs look at them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn

from gramian import train
from gramian.labs.experiments._digits import Digits, Part, normalised
from gramian.symmetry import Flip, ImageTransform, Rotation, Translation

__all__ = [
    "AUGMENTATIONS",
    "Snapshots",
    "accuracy",
    "fit_linear",
    "turned_averages",
    "untrained",
    "weight_images",
]

RATE, BATCH = 0.01, 64
PER_FRAME = 468
"""Steps from one snapshot of the weights to the next."""
ANGLES = 72
"""Turns over which weights are averaged, 5° apart."""

Augmentation = Callable[[int, Generator], ImageTransform]
AUGMENTATIONS: dict[str, Augmentation] = {
    "none": lambda n, rng: Rotation(0.0),
    "half circle": lambda n, rng: Rotation.random(n, 0, 180, random_state=rng),
    "full circle": lambda n, rng: Rotation.random(n, 0, 360, random_state=rng),
    "flips": lambda n, rng: Flip.random(n, random_state=rng),
    "shifts": lambda n, rng: Translation.random(n, 4, random_state=rng),
}
"""For a number of images, a transform for each. What comes in at the edges is background, 0."""


def untrained(seed: int) -> nn.Sequential:
    """784 pixels to 10 scores, as torch draws the weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # layers draw from torch's own generator
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def fit_linear(
    part: Part, augmentation: str, epochs: int, seed: int, *callbacks: train.Callback
) -> nn.Sequential:
    """Gradient descent on the cross-entropy; every image is moved, then normalised."""
    augment, net = AUGMENTATIONS[augmentation], untrained(seed)

    def prepare(images: Tensor, rng: Generator) -> Tensor:
        return normalised(augment(len(images), rng)(images))

    sgd: Callable[..., Any] = partial(torch.optim.SGD, lr=RATE)
    learner = train.Learner(net, loss=nn.CrossEntropyLoss(), optimizer=sgd)
    data = Digits(part, BATCH, seed, prepare=prepare)
    train.Trainer(epochs, callbacks=callbacks, board=False).fit(learner, data)
    return net


class Snapshots(train.Callback):
    """Copies of the weight images on the way, with the steps at which they were taken."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.images: list[Tensor] = []

    def on_fit_start(self, trainer: train.Trainer) -> None:
        self._keep(trainer)

    def on_step_end(self, trainer: train.Trainer) -> None:
        if trainer.train_batch_idx % PER_FRAME == 0:
            self._keep(trainer)

    def _keep(self, trainer: train.Trainer) -> None:
        self.steps.append(trainer.train_batch_idx)
        self.images.append(weight_images(trainer.model.net))


def _weights(net: nn.Sequential) -> Tensor:
    """The weights of the linear layer, which come before its biases."""
    return next(net.parameters())


def weight_images(net: nn.Sequential) -> Tensor:
    """A copy of the weights as one image for each digit, (10, 28, 28)."""
    return _weights(net).detach().clone().unflatten(1, (28, 28))


def turned_averages(net: nn.Sequential) -> nn.Sequential:
    """The classifier with the mean of its weights over all turns by multiples of 5°."""
    images = weight_images(net)
    turns = torch.stack([Rotation(360.0 * k / ANGLES)(images) for k in range(ANGLES)])
    averaged = copy.deepcopy(net)
    with torch.no_grad():
        _weights(averaged).copy_(turns.mean(0).flatten(1))
    return averaged


def accuracy(net: nn.Sequential, part: Part, move: ImageTransform | None = None) -> float:
    """Share of the images, moved first, whose largest score is that of the label."""
    images, labels = part
    moved = images if move is None else move(images)
    return float((train.predict(net, normalised(moved)).argmax(1) == labels).double().mean())
