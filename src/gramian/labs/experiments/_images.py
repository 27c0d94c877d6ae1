"""Images of clothes or digits as a problem for the trainer, and weights as images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian import train
from gramian.data import Dataset

__all__ = ["Images", "Trained", "draw_weights", "with_pixels"]


class Images(train.DataModule):
    """Images to train on and to test with, as pixels and labels; copies of neither are made."""

    def __init__(
        self, parts: Sequence[tuple[Tensor, Tensor]], batch_size: int, random_state: int
    ) -> None:
        super().__init__(random_state=random_state)
        self.batch_size = batch_size
        self.parts = list(parts)

    def get_dataloader(self, train: bool) -> train.TensorLoader:
        return self.get_tensorloader(self.parts[0 if train else 1], train)


def with_pixels(*parts: Dataset) -> list[tuple[Tensor, Tensor]]:
    """Rows of pixels in [0, 1], with labels."""
    return [(torch.from_numpy(part.X).float() / 255, torch.from_numpy(part.y)) for part in parts]


@dataclass(frozen=True)
class Trained:
    """A model with its history."""

    model: train.Module
    history: train.History

    @property
    def accuracy(self) -> float:
        """Mean over the last three epochs."""
        return float(np.mean(self.history["val_acc"][-3:]))


def draw_weights(axes: Any, theme: Any, weights: Any, names: Sequence[str]) -> None:
    """One image for each name, all on one scale around 0."""
    bound = float(np.abs(weights).max())
    for ax, image, name in zip(axes.flat, weights, names, strict=True):
        ax.imshow(image, cmap=theme.colormap("diverging"), vmin=-bound, vmax=bound)
        ax.set_title(name, fontsize=10, color=theme.text)
        ax.set_axis_off()
