"""Digits as the labs on images use them: pixels in [0, 1] or normalised, and batches of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Generator, Tensor

from gramian import train
from gramian.labs import Context, statistics
from gramian.symmetry import SymmetryResult

__all__ = ["Digits", "Part", "as_estimate", "load_part", "normalised"]

MEAN, SD = 0.1307, 0.3081
"""Of all pixels of the 60,000 training images."""
Part = tuple[Tensor, Tensor]
"""Images (n, 1, 28, 28) with pixels in [0, 1], and their labels."""
Prepare = Callable[[Tensor, Generator], Tensor]


def load_part(context: Context, split: str, rows: Sequence[int] | None = None) -> Part:
    """The images of a part, or some of them."""
    part = context.load("mnist", split, rows)
    return torch.from_numpy(part.images).float()[:, None] / 255, torch.from_numpy(part.y)


def normalised(images: Tensor) -> Tensor:
    """Pixels of mean 0 and standard deviation 1 over the training images."""
    return (images - MEAN) / SD


def as_estimate(found: SymmetryResult) -> statistics.Estimate:
    """T with its bounds, as claims are judged by it."""
    method = "BCa bootstrap, one-sided"
    return statistics.Estimate(found.ratio, found.interval, 0.95, method, found.n)


class _Prepared:
    """A loader whose images go through `prepare`, anew whenever they are read."""

    def __init__(self, loader: train.TensorLoader, prepare: Prepare, rng: Generator) -> None:
        self.loader, self.prepare, self.rng = loader, prepare, rng

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Part]:
        for images, labels in self.loader:
            yield self.prepare(images, self.rng), labels


class Digits(train.DataModule):
    """Training images in batches, prepared batch by batch where a lab asks for it.

    With a `test` part the trainer validates on it after each epoch.
    """

    def __init__(
        self,
        part: Part,
        batch_size: int,
        random_state: int,
        *,
        test: Part | None = None,
        prepare: Prepare | None = None,
    ) -> None:
        super().__init__(random_state=random_state)
        self.batch_size = batch_size
        self.part, self.test, self.prepare = part, test, prepare

    def train_dataloader(self) -> train.TensorLoader | _Prepared:
        loader = self.get_tensorloader(self.part, train=True)
        return loader if self.prepare is None else _Prepared(loader, self.prepare, self.generator)

    def val_dataloader(self) -> train.TensorLoader | None:
        return None if self.test is None else self.get_tensorloader(self.test, train=False)
