"""Looks at the training loss from time to time: a loss that is no number, or that runs away."""

from __future__ import annotations

import math
import time
import warnings
from array import array
from typing import TYPE_CHECKING

import numpy as np

from gramian.train._callback import Callback

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["Watch"]

INTERVAL = 1.0
"""Seconds between two looks within an epoch."""

GROWTH, STEPS = 10.0, 10
"""A loss runs away when its last steps all exceed ten times each of its first: ten of each, or a
quarter of the run while that is less."""


class Watch(Callback):
    """Warns once of a diverging loss, and stops a run whose loss is not finite."""

    def on_fit_start(self, trainer: Trainer) -> None:
        """Forget an earlier run."""
        self._due, self._seen, self._warned = time.perf_counter() + INTERVAL, 0, False

    def on_step_end(self, trainer: Trainer) -> None:
        """Look if it is time; processes that share a run stop only together, after an epoch."""
        if time.perf_counter() >= self._due and trainer.group is None:
            self._look(trainer)
            self._due = time.perf_counter() + INTERVAL

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Look at the rest of the epoch."""
        self._look(trainer)

    def _look(self, trainer: Trainer) -> None:
        losses = trainer.history.live("train_loss")
        fresh = enumerate(losses[self._seen :], self._seen)
        step = next((step for step, loss in fresh if not math.isfinite(loss)), None)
        if step is not None:
            trainer.should_stop = True
            self._warn(trainer, f"the loss is {losses[step]:g} from step {step + 1} on", step)
        elif not self._warned and (began := _runaway(losses)) is not None:
            self._warned = True
            growth = f"{losses[0]:.3g} to {losses[-1]:.3g}"
            self._warn(trainer, f"the loss grows from step {began + 1} on, {growth}", began)
        self._seen = len(losses)

    def _warn(self, trainer: Trainer, what: str, step: int) -> None:
        rate, batches = trainer.learning_rate, trainer.num_train_batches
        epoch = f" (epoch {step // batches + 1})" if batches else ""
        stopped = " Training has stopped." if trainer.should_stop else ""
        warnings.warn(
            f"Trainer.fit: {what}{epoch}.{stopped} Lower the learning rate (now {rate:g}), clip "
            "gradients with gradient_clip_val, or look for NaN in the data.",
            RuntimeWarning,
            stacklevel=6,  # the caller of fit
        )


def _runaway(losses: array[float]) -> int | None:
    """The step from which a loss stays above its first values, if it has grown tenfold since."""
    k = min(STEPS, len(losses) // 4)
    if k < 2:
        return None
    start = max(losses[:k])
    if not 0 < GROWTH * start < min(losses[-k:]):
        return None
    return int(np.flatnonzero(np.array(losses) <= start)[-1]) + 1
