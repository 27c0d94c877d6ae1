"""The best epoch: stop when it is long past, and keep its weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gramian._validation import check_int, check_real
from gramian.train._callback import Callback
from gramian.train._history import direction
from gramian.train._tensors import copy_weights, load_weights

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["BestWeights", "EarlyStopping"]


class _Monitor(Callback):
    """Follows one column of the history and knows its best epoch so far."""

    def __init__(self, monitor: str, mode: str | None, min_delta: float) -> None:
        caller = type(self).__name__
        self.monitor, self.mode = monitor, mode
        self.min_delta = check_real(min_delta, "min_delta", caller, low=0)
        self._sign = direction(monitor, mode, caller)
        self.best_value, self.best_epoch = math.nan, 0

    def on_fit_start(self, trainer: Trainer) -> None:
        """Forget an earlier run."""
        self.best_value, self.best_epoch = math.nan, 0

    def improved(self, trainer: Trainer) -> bool:
        """Whether the epoch just done is the best so far."""
        if self.monitor not in trainer.history.epochs:
            known = ", ".join(trainer.history.epochs)
            raise ValueError(
                f"{type(self).__name__}: monitor must be a column of the history ({known}), "
                f"got {self.monitor!r}."
            )
        value = trainer.history[self.monitor][-1]
        gain = self._sign * (value - self.best_value)
        # not(<=) lets the first number win over nan; a nan itself never does
        if math.isnan(value) or gain <= self.min_delta:
            return False
        self.best_value, self.best_epoch = value, trainer.epoch
        return True

    def state_dict(self) -> dict[str, Any]:
        """Best value and epoch."""
        return {"best_value": self.best_value, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        self.best_value, self.best_epoch = state["best_value"], state["best_epoch"]


class EarlyStopping(_Monitor):
    """Stops a run when a column of its history has not improved for some epochs.

    Parameters
    ----------
    monitor : str, default="val_loss"
        Column of `History`.
    patience : int, default=5
        Epochs without improvement after which the run stops.
    min_delta : float, default=0.0
        An improvement must exceed it; in the unit of the column.
    mode : {"min", "max"} or None, default=None
        None takes "max" for an accuracy or score, else "min".

    Attributes
    ----------
    best_epoch : int
        Counted from 1; 0 before the first.
    best_value : float

    Raises
    ------
    ValueError
        From `fit`, if the history has no such column.

    Examples
    --------
    >>> from gramian.train import EarlyStopping, Trainer
    >>> trainer = Trainer(max_epochs=100, callbacks=[EarlyStopping("val_acc", patience=3)])
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        mode: str | None = None,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = check_int(patience, "patience", "EarlyStopping", low=1)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Stop if the best epoch is long past."""
        if not self.improved(trainer) and trainer.epoch - self.best_epoch >= self.patience:
            trainer.should_stop = True


class BestWeights(_Monitor):
    """Gives the model the weights of its best epoch when the run is over.

    Parameters
    ----------
    monitor : str, default="val_loss"
        Column of `History`.
    mode : {"min", "max"} or None, default=None
        None takes "max" for an accuracy or score, else "min".

    Attributes
    ----------
    best_epoch : int
        Counted from 1; 0 before the first.
    best_value : float

    Notes
    -----
    Keeps one copy of the weights, on their device. Also acts when the run ends by an error.

    Examples
    --------
    >>> from gramian.train import BestWeights, Trainer
    >>> trainer = Trainer(max_epochs=100, callbacks=[BestWeights("val_acc")])
    """

    def __init__(self, monitor: str = "val_loss", *, mode: str | None = None) -> None:
        super().__init__(monitor, mode, 0.0)
        self._weights: dict[str, Tensor] = {}

    def on_fit_start(self, trainer: Trainer) -> None:
        """Forget an earlier run."""
        super().on_fit_start(trainer)
        self._weights = {}

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Keep the weights if the epoch is the best so far."""
        if self.improved(trainer):
            self._weights = copy_weights(trainer.model)

    def on_fit_end(self, trainer: Trainer) -> None:
        """Put the best weights back."""
        if self._weights:
            load_weights(trainer.model, self._weights, "BestWeights")

    def state_dict(self) -> dict[str, Any]:
        """Best value, epoch and weights."""
        return super().state_dict() | {"weights": self._weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        super().load_state_dict(state)
        self._weights = dict(state["weights"])
