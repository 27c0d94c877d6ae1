"""Checks of targets against the outputs they are compared with."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._validation import _message

__all__ = ["check_labels", "check_same_shape"]

_CALLER = "Trainer.fit"


def check_labels(outputs: Tensor, labels: Tensor, n_rows: int) -> None:
    """Class labels are integers from 0 to one below the number of scores."""
    if labels.dtype.is_floating_point or labels.dtype == torch.bool:
        remedy = "Convert them with .long()."
        raise TypeError(_message(_CALLER, "labels", "integers", str(labels.dtype), remedy))
    n_classes = outputs.shape[-1]
    if labels[:n_rows].numel() * n_classes != outputs.numel():
        one = f"one per row of scores, outputs being {tuple(outputs.shape)}"
        raise ValueError(_message(_CALLER, "labels", one, tuple(labels[:n_rows].shape)))
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= n_classes:
        remedy = "Give the model one output per class, counting from 0."
        found = low if low < 0 else high
        within = f"in [0, {n_classes - 1}]"
        raise ValueError(_message(_CALLER, "labels", within, found, remedy))


def check_same_shape(outputs: Tensor, targets: Tensor, caller: str) -> None:
    """Refuse a difference that would broadcast rows against rows."""
    if outputs.shape != targets.shape:
        remedy = f"Reshape them, for instance with y.reshape{(-1, *outputs.shape[1:])}."
        wanted = f"of the outputs' shape {tuple(outputs.shape)}"
        raise ValueError(_message(caller, "targets", wanted, tuple(targets.shape), remedy))
