"""Many runs of one architecture in one pass over the data."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau

from gramian._validation import _message, check_int, check_real
from gramian.train._callback import Callback
from gramian.train._history import History
from gramian.train._loader import Feed
from gramian.train._module import Module
from gramian.train._schedule import Schedule
from gramian.train._setup import check_start, place
from gramian.train._stack import Stack
from gramian.train._sweep import Run, Sweep
from gramian.train._trainer import Trainer

__all__ = ["fit_many"]

_CALLER = "fit_many"

Build = Callable[..., Module]


def fit_many(
    build: Build | Mapping[str, Build],
    data: Any,
    *,
    lrs: Iterable[float],
    seeds: Iterable[int],
    max_epochs: int,
    num_gpus: int = 0,
    gradient_clip_val: float = 0,
    schedule: Schedule | None = None,
) -> Sweep:
    """Train one architecture with every learning rate and every seed, all runs side by side.

    Parameters
    ----------
    build : callable, or dict of str to callable
        ``build(lr=..., seed=...)`` makes a model. Several callables by name are several
        initialisations: the models of all of them have the same tensors.
    data : DataModule
        Every run sees the same batches in the same order.
    lrs : sequence of float
        Learning rates, positive.
    seeds : sequence of int
        Not negative. torch's own generator is set to the seed while a model is built and finds the
        shapes of its lazy layers, and put back afterwards.
    max_epochs : int
    num_gpus : int, default=0
    gradient_clip_val : float, default=0
        As in `Trainer`; the norm is that of one run.
    schedule : Schedule, default=None
        Changes the rates of all runs in the same way, by epochs or by steps.

    Returns
    -------
    sweep : Sweep
        A list of `History`, ordered by initialisation, then rate, then seed, with the settings
        and the trained models of the runs, a table and a plot.

    Raises
    ------
    TypeError, ValueError
        If a parameter is impossible, the models differ in architecture or do not fit the data, or
        their optimiser does not treat every weight for itself. Possible are `train.SGD` and, of
        `torch.optim`, SGD, Adam, AdamW, NAdam, RAdam, Adamax, Adagrad, Adadelta, RMSprop, ASGD
        and Rprop. If `schedule` waits for a plateau, which each run would reach for itself.

    Warns
    -----
    RuntimeWarning
        If the loss of a run is not finite. Its history ends with that epoch; the others go on.

    Notes
    -----
    A run computes what ``torch.manual_seed(seed)`` followed by ``Trainer(max_epochs).fit(build(
    lr=lr, seed=seed), data)`` computes, with data whose generator is in the same state. Products
    of stacked matrices round otherwise than single ones: a step differs by a few units in the last
    place, and training then amplifies that as it does any rounding. In float64 the losses of 100
    steps agree to 1e-9 of their size where training is stable, in float32 to 1e-3. Dropout draws
    other numbers than in a run alone. "seconds" in the histories is the time of all runs together.

    Steps, losses and validation go through `torch.func.vmap`: the model's ``training_step`` must
    not branch on the values of tensors. Memory: weights, gradients and optimiser of all runs, and
    their activations for one batch.

    Examples
    --------
    >>> import torch
    >>> from gramian import train as d2l
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> def build(lr, seed):
    ...     return d2l.LinearRegressionScratch(2, lr, random_state=seed)
    >>> sweep = d2l.fit_many(build, data, lrs=[0.001, 0.03], seeds=[0, 1], max_epochs=3)
    >>> len(sweep), sweep.runs[sweep.best()].lr
    (4, 0.03)
    """
    builds = build if isinstance(build, Mapping) else {"": build}
    runs = [Run(*chosen) for chosen in product(builds, _rates(lrs), _whole(seeds))]
    if not runs:
        raise ValueError(_message(_CALLER, "build", "at least one callable", dict(builds)))
    trainer = Trainer(max_epochs, num_gpus, gradient_clip_val, board=False)
    trainer.prepare_data(data)
    if trainer.group is not None:
        remedy = "Give each process seeds of its own, without torchrun."
        raise ValueError(_message(_CALLER, "processes", "one", trainer.group.size, remedy))
    models = [_built(builds[run.init], run, trainer) for run in runs]
    histories = [History() for _ in runs]
    stack = Stack(models)
    try:
        if schedule is not None:
            _begin(schedule, trainer, stack)
        _fit(stack, trainer, histories, runs, schedule or Callback())
    finally:
        stack.unstack()
    return Sweep(histories, runs, models)


def _begin(schedule: Schedule, trainer: Trainer, stack: Stack) -> None:
    """Let the schedule find the one optimiser of all runs."""
    trainer.optim = stack.optimizer
    schedule.on_fit_start(trainer)
    if isinstance(schedule.scheduler, ReduceLROnPlateau):
        remedy = "Train one by one, or take a schedule that looks at no loss."
        constraint = "the same for all runs"
        raise ValueError(_message(_CALLER, "schedule", constraint, "ReduceLROnPlateau", remedy))


def _fit(
    stack: Stack,
    trainer: Trainer,
    histories: Sequence[History],
    runs: Sequence[Run],
    schedule: Callback,
) -> None:
    """The epochs of all runs; the history of one whose loss is not finite ends there."""
    training, validation = trainer.train_dataloader, trainer.val_dataloader
    active = list(range(len(runs)))
    for epoch in range(trainer.max_epochs):
        began = time.perf_counter()
        stack.model.train()
        noted = _Noted()
        for batch in training:
            ready = trainer.prepare_batch(batch)
            noted.add(stack.train_step(ready, trainer.gradient_clip_val), training)
            schedule.on_step_end(trainer)
        if validation is not None:
            stack.model.eval()
            for batch in validation:
                noted.add(stack.validation_step(trainer.prepare_batch(batch)), validation)
        columns, rates = noted.columns(), stack.learning_rates()
        seconds = time.perf_counter() - began
        for i in active:
            for name, (values, rows) in columns.items():
                histories[i].extend(name, values[i], rows)
            histories[i].end_epoch(learning_rate=rates[i], seconds=seconds)
        finite = [math.isfinite(histories[i].epochs.get("train_loss", [0.0])[-1]) for i in active]
        lost = [runs[i] for i, good in zip(active, finite, strict=True) if not good]
        if lost:
            _warn(lost, epoch + 1)
        active = [i for i, good in zip(active, finite, strict=True) if good]
        if not active:
            return
        schedule.on_epoch_end(trainer)


class _Noted:
    """What the steps of an epoch noted: per name, values of all runs and rows of the batches."""

    def __init__(self) -> None:
        self.values: dict[str, list[Tensor]] = {}
        self.rows: dict[str, list[int]] = {}

    def add(self, found: Mapping[str, Tensor], feed: Feed) -> None:
        """Note one batch."""
        for name, value in found.items():
            self.values.setdefault(name, []).append(value)
            self.rows.setdefault(name, []).append(feed.rows)

    def columns(self) -> dict[str, tuple[list[list[float]], list[int]]]:
        """Per name a list of values for every run, and the rows."""
        return {
            name: (torch.stack(values, dim=1).double().tolist(), self.rows[name])
            for name, values in self.values.items()
        }


def _built(build: Build, run: Run, trainer: Trainer) -> Module:
    """The model of one run, on its device, its lazy layers drawn."""
    with torch.random.fork_rng():
        torch.manual_seed(run.seed)
        model = build(lr=run.lr, seed=run.seed)
        trainer.prepare_model(model)
        place(trainer)
        check_start(trainer)
    return model


def _rates(lrs: Iterable[float]) -> list[float]:
    return [
        check_real(lr, "lrs", _CALLER, low=0, low_open=True) for lr in _listed(lrs, "lrs", "number")
    ]


def _whole(seeds: Iterable[int]) -> list[int]:
    return [check_int(seed, "seeds", _CALLER, low=0) for seed in _listed(seeds, "seeds", "int")]


def _listed(values: Iterable[Any], name: str, kind: str) -> list[Any]:
    """The values, if there is one at least."""
    found = list(values) if isinstance(values, Iterable) else []
    if not found:
        raise TypeError(_message(_CALLER, name, f"a sequence of at least one {kind}", values))
    return found


def _warn(lost: Sequence[Run], epoch: int) -> None:
    """Say which runs have ended."""
    named = ", ".join(str(run) for run in lost)
    warnings.warn(
        f"fit_many: the loss is not finite in epoch {epoch} of {named}; the others go on. Lower "
        "these rates, or clip gradients with gradient_clip_val.",
        RuntimeWarning,
        stacklevel=4,  # the caller of fit_many
    )
