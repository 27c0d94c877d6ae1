"""Any learning-rate scheduler of torch as a callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from gramian._validation import _message, check_choice
from gramian.train._callback import Callback

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["Schedule"]


class Schedule(Callback):
    """Changes the learning rate after every epoch or every step.

    Parameters
    ----------
    build : callable
        Makes a scheduler of `torch.optim.lr_scheduler` from the optimiser.
    every : {"epoch", "step"}, default="epoch"
    monitor : str, default="val_loss"
        Column of `History` that `ReduceLROnPlateau` is told; others do not need it.

    Attributes
    ----------
    scheduler : the scheduler of the run in hand

    Raises
    ------
    TypeError
        From `fit`, if the model's optimiser is not one of torch's.
    ValueError
        From `fit`, if `ReduceLROnPlateau` is given per step or the history lacks `monitor`.

    Examples
    --------
    >>> from functools import partial
    >>> from torch.optim.lr_scheduler import CosineAnnealingLR
    >>> from gramian.train import Schedule, Trainer
    >>> cosine = Schedule(partial(CosineAnnealingLR, T_max=10))
    >>> trainer = Trainer(max_epochs=10, callbacks=[cosine])
    """

    def __init__(
        self, build: Callable[[Any], Any], every: str = "epoch", *, monitor: str = "val_loss"
    ) -> None:
        self.build, self.monitor = build, monitor
        self.every = check_choice(every, "every", "Schedule", ("epoch", "step"))
        self.scheduler: Any = None

    def on_fit_start(self, trainer: Trainer) -> None:
        """Make the scheduler of this run."""
        optim = trainer.optim
        if not isinstance(optim, Optimizer):
            name = type(optim).__name__
            remedy = "Return train.SGD or one of torch.optim from configure_optimizers."
            raise TypeError(_message("Schedule", "optimizer", "a torch optimiser", name, remedy))
        self.scheduler = self.build(optim)
        if self._on_plateau and self.every == "step":
            raise ValueError(_message("Schedule", "every", "'epoch' on a plateau", self.every))

    @property
    def _on_plateau(self) -> bool:
        return isinstance(self.scheduler, ReduceLROnPlateau)

    def on_step_end(self, trainer: Trainer) -> None:
        """Advance a schedule by steps."""
        if self.every == "step":
            self.scheduler.step()

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Advance a schedule by epochs."""
        if self.every != "epoch":
            return
        if not self._on_plateau:
            self.scheduler.step()
            return
        if self.monitor not in trainer.history.epochs:
            known = f"a column of the history ({', '.join(trainer.history.epochs)})"
            raise ValueError(_message("Schedule", "monitor", known, self.monitor))
        self.scheduler.step(trainer.history[self.monitor][-1])

    def state_dict(self) -> dict[str, Any]:
        """The state of the scheduler."""
        return {"scheduler": self.scheduler.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        self.scheduler.load_state_dict(state["scheduler"])
