"""Subscribers: objects that a trainer calls at five fixed points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["Callback"]


class Callback:
    """Something that follows a run. Override what you need; what is not overridden costs nothing.

    Notes
    -----
    A callback may read everything of the trainer (``model``, ``optim``, ``history``, ``epoch``,
    ``train_batch_idx``) and set ``trainer.should_stop``. Losses of the running epoch are still on
    their device; ``trainer.history.steps`` fetches them.

    Examples
    --------
    >>> from gramian.train import Callback
    >>> class StopAtLoss(Callback):
    ...     def on_epoch_end(self, trainer):
    ...         trainer.should_stop = trainer.history["train_loss"][-1] < 0.1
    """

    everywhere = True
    """Whether it acts in every process of a distributed run, not in the first one alone."""

    def on_fit_start(self, trainer: Trainer) -> None:
        """Model, data and optimiser are ready; a checkpoint is not read yet."""

    def on_epoch_start(self, trainer: Trainer) -> None:
        """``trainer.epoch`` epochs are done and another begins."""

    def on_step_end(self, trainer: Trainer) -> None:
        """The weights have been updated from one more batch."""

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Training and validation of an epoch are done; the history has its row."""

    def on_fit_end(self, trainer: Trainer) -> None:
        """The run is over, also after an error or an interrupt."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint must keep: numbers, texts, tensors, lists and dicts of them."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up where `state_dict` left off; called after `on_fit_start`."""
