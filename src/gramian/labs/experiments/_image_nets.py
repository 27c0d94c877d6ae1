"""Nets for images of 784 pixels and ten classes, with one hidden layer, with none, with two."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gramian import train
from gramian.labs.experiments._chains import chain

__all__ = ["HIDDEN", "MODELS", "RATE"]

RATE, HIDDEN = 0.1, 256


class Straight(train.MLPScratch):
    """The net without its ReLU."""

    def forward(self, X: Tensor) -> Tensor:
        return (X @ self.W1 + self.b1) @ self.W2 + self.b2


class Layers(train.Classifier):
    """Linear layers and ReLU between them, drawn by the library's rule."""

    def __init__(self, sizes: Sequence[int], seed: int) -> None:
        super().__init__()
        self.lr = RATE
        with torch.random.fork_rng():
            torch.manual_seed(seed)  # layers of torch draw from its own generator
            self.net = chain(sizes)


MODELS: dict[str, Callable[[int], train.Module]] = {
    "one hidden layer": lambda seed: train.MLPScratch(784, 10, HIDDEN, RATE, random_state=seed),
    "softmax": lambda seed: train.SoftmaxRegressionScratch(784, 10, RATE, random_state=seed),
    "no ReLU": lambda seed: Straight(784, 10, HIDDEN, RATE, random_state=seed),
    "library": lambda seed: Layers((784, HIDDEN, 10), seed),
    "two hidden layers": lambda seed: Layers((784, HIDDEN, HIDDEN, 10), seed),
}
