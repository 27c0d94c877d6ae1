"""The network of mnist-cnn, how it is trained, and three ways to tell how often it is right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn

from gramian import train
from gramian.labs.experiments._digits import Digits, Part

__all__ = ["BATCH", "Network", "Trained", "fit", "over_batches", "some_of"]

BATCH = 32


class Network(train.Classifier):
    """32 filters of 3 × 3 pixels, 128 units, 10 scores: 2,770,634 parameters.

    `doubled` puts a softmax in front of the loss, which applies one of its own.
    """

    def __init__(self, doubled: bool, seed: int) -> None:
        super().__init__()
        self.doubled = doubled
        with torch.random.fork_rng():
            torch.manual_seed(seed)  # layers draw from torch's own generator
            self.net = nn.Sequential(
                nn.Conv2d(1, 32, 3),
                nn.ReLU(),
                nn.Flatten(),
                nn.Linear(32 * 26 * 26, 128),
                nn.ReLU(),
                nn.Linear(128, 10),
            )

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        return super().loss(Y_hat.softmax(1) if self.doubled else Y_hat, Y, averaged)

    def training_step(self, batch: Any) -> Tensor:
        Y_hat = self(batch[0])
        loss = self.loss(Y_hat, batch[1])
        self.plot("loss", loss, train=True)
        self.plot("acc", self.accuracy(Y_hat.detach(), batch[1]), train=True)
        return loss

    def configure_optimizers(self) -> torch.optim.Adam:
        return torch.optim.Adam(self.parameters(), lr=1e-3, fused=True)


@dataclass(frozen=True)
class Trained:
    """What the trainer noted, the scores of the test images, and where they are right."""

    history: train.History
    scores: Tensor
    hits: Tensor

    @property
    def accuracy(self) -> float:
        """Hits over images."""
        return float(self.hits.double().mean())

    @property
    def losses(self) -> Any:
        """Of every batch of the training."""
        return self.history.steps["train_loss"]


def fit(part: Part, test: Part, epochs: int, seed: int, *, doubled: bool = False) -> Trained:
    """A network trained on one part, and tried on the other."""
    network = Network(doubled, seed)
    trainer = train.Trainer(epochs, board=False, eval_batch_size=BATCH)
    history = trainer.fit(network, Digits(part, BATCH, seed, test=test))
    scores = train.predict(network, test[0])
    return Trained(history, scores, scores.argmax(1) == test[1])


def some_of(part: Part, images: int, rng: Generator, *, shuffled: bool = False) -> Part:
    """That many images, drawn at random; their labels shuffled among them if asked for."""
    rows = torch.randperm(len(part[1]), generator=rng)[:images]
    labels = rows[torch.randperm(images, generator=rng)] if shuffled else rows
    return part[0][rows], part[1][labels]


def over_batches(hits: Tensor, size: int) -> tuple[float, float]:
    """The mean of the batches' accuracies, and their sum over the index of the last batch."""
    accuracies = [float(batch.double().mean()) for batch in hits.split(size)]
    total, count = sum(accuracies), len(accuracies)
    return total / count, total / (count - 1) if count > 1 else math.inf
