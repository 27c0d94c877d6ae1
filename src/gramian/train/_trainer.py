"""The loop: epochs, steps, validation."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import _message, check_choice, check_int, check_real
from gramian.train._callback import Callback
from gramian.train._checkpoint import resume_from
from gramian.train._devices import gpus_for
from gramian.train._distributed import Group, SharedHistory, found_group
from gramian.train._history import History
from gramian.train._hyper import HyperParameters
from gramian.train._loader import Feed, TensorLoader
from gramian.train._module import Module
from gramian.train._setup import check_start, in_precision, place, subscribers
from gramian.train._tensors import move, trainable

__all__ = ["Trainer"]


class Trainer(HyperParameters):
    """Trains a model on data.

    Parameters
    ----------
    max_epochs : int
    num_gpus : int, default=0
        0 trains where the model is; 1 on the first GPU, or on the processor with a warning if
        there is none. For several GPUs start one process per GPU with ``torchrun``.
    gradient_clip_val : float, default=0
        Largest Euclidean norm of the whole gradient; 0 does not clip.
    callbacks : sequence of Callback, default=()
        Called in order; checkpoints come last.
    board : bool or None, default=None
        Whether to show the curves while training: in a notebook, in a terminal, else as one line
        per epoch. None shows them in a notebook and in a terminal only.
    precision : {None, "bf16"}, default=None
        "bf16" computes losses under autocast in bfloat16; weights and updates stay as they are.
    eval_batch_size : int, default=1024
        Rows of a batch when tensors in memory are validated; never fewer than when training.

    Attributes
    ----------
    history : History
        Of the last run.
    model, optim, train_dataloader, val_dataloader
        Of the last run.
    epoch : int
        Epochs that are done.
    train_batch_idx, val_batch_idx : int
        Batches that are done.
    should_stop : bool
        A callback sets it to end the run.

    Notes
    -----
    The loop is `fit` and `fit_epoch`. A step costs a few microseconds beyond forward, backward
    and update: losses stay on their device until an epoch is over or a second has gone by.

    Several processes begun by ``torchrun`` share every batch through DistributedDataParallel, and
    weights, batches and history are those of one process with the same batches, up to rounding;
    the first process writes checkpoints and shows the board. Running means of batch normalisation
    are those of the first process's rows. A callback must stop all processes at the same step.

    The model, data and optimiser need only what the loop calls. ``val_dataloader()`` may return
    None. An optimiser is any object with ``step`` and ``zero_grad``; it steps under
    `torch.no_grad`. A program may put its own ``fit_epoch``, ``prepare_batch``, ``prepare_model``
    or ``clip_gradients`` in the place of ours with `add_to_class`; its ``fit_epoch`` then decides
    whether callbacks hear of steps, whether `precision` counts and whether processes share.

    Examples
    --------
    >>> import torch
    >>> from gramian import train as d2l
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> model = d2l.LinearRegressionScratch(2, lr=0.03, random_state=0)
    >>> history = d2l.Trainer(max_epochs=10).fit(model, data)
    >>> len(history), bool((model.w.flatten() - data.w).abs().max() < 0.01)
    (10, True)
    """

    callbacks: Sequence[Callback] = ()
    board: bool | None = None
    precision: str | None = None
    eval_batch_size = 1024
    gpus: Sequence[torch.device] = ()
    group: Group | None = None
    optim: Any
    _training_step: Callable[..., Any]
    _device: torch.device | None = None

    def __init__(
        self,
        max_epochs: int,
        num_gpus: int = 0,
        gradient_clip_val: float = 0,
        *,
        callbacks: Sequence[Callback] = (),
        board: bool | None = None,
        precision: str | None = None,
        eval_batch_size: int = 1024,
    ) -> None:
        check_int(max_epochs, "max_epochs", "Trainer", low=0)
        remedy = "For several GPUs start one process per GPU with torchrun."
        check_int(num_gpus, "num_gpus", "Trainer", low=0, high=1, remedy=remedy)
        check_real(gradient_clip_val, "gradient_clip_val", "Trainer", low=0)
        check_choice(precision, "precision", "Trainer", (None, "bf16"))
        check_int(eval_batch_size, "eval_batch_size", "Trainer", low=1)
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(_message("Trainer", "callbacks", "Callback objects", callback))
        self.save_hyperparameters()
        self.gpus = gpus_for(num_gpus)

    def fit(
        self, model: Module, data: Any, *, resume: str | PathLike[str] | None = None
    ) -> History:
        """Train until `max_epochs` are done or a callback stops the run.

        Parameters
        ----------
        model : Module
            Trained in place; wrap any other ``nn.Module`` in `Learner`.
        data : DataModule
            Anything with ``train_dataloader()`` and ``val_dataloader()``.
        resume : path, default=None
            A file of `Checkpoint`: go on from there, to the same bits as if never interrupted.

        Returns
        -------
        history : History

        Raises
        ------
        TypeError, ValueError
            If model, batches, targets or checkpoint do not fit together, or there is no batch.
        DataError
            If the checkpoint cannot be read.

        Warns
        -----
        RuntimeWarning
            If the loss is not finite, from which step on; the run stops. If it grows without
            bound, from which step on.
        """
        self.prepare_data(data)
        self.prepare_model(model)
        self._begin()
        check_start(self)
        step_alone = self._training_step
        if self.group is not None:
            self.group.align(self)
            self._training_step = self.group.spread(model, step_alone)
        self.optim = model.configure_optimizers()
        model.board.follow(self.history)
        self._tell("on_fit_start")
        try:
            if resume is not None:
                resume_from(resume, self)
            while self.epoch < self.max_epochs and not self.should_stop:
                began = time.perf_counter()
                self._tell("on_epoch_start")
                self.fit_epoch()
                self.epoch += 1
                seconds = time.perf_counter() - began
                self.history.end_epoch(learning_rate=self.learning_rate, seconds=seconds)
                self._tell("on_epoch_end")
        finally:
            self._training_step = step_alone  # what is spread would keep the group alive
            self._tell("on_fit_end")
        return self.history

    def fit_epoch(self) -> None:
        """One pass over the training data, then one over the validation data."""
        self.model.train()
        for batch in self.train_dataloader:
            loss = self._training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            loss.backward()
            with torch.no_grad():
                if self.gradient_clip_val > 0:
                    self.clip_gradients(self.gradient_clip_val, self.model)
                self.optim.step()
            self.train_batch_idx += 1
            for on_step_end in self._on_step_end:
                on_step_end(self)
            if self.should_stop:
                return
        self.validate()

    def validate(self) -> None:
        """One pass over the validation data, if there are any."""
        if self.val_dataloader is None:
            return
        self.model.eval()
        with torch.no_grad():
            for batch in self.val_dataloader:
                self._validation_step(self.prepare_batch(batch))
                self.val_batch_idx += 1

    def evaluate(self, model: Module, data: Any) -> dict[str, float]:
        """Mean of every validation measure over all rows.

        Parameters
        ----------
        model : Module
            Left as it is, in evaluation mode.
        data : DataModule

        Returns
        -------
        measures : dict of str to float
            Such as "val_loss" and "val_acc".

        Raises
        ------
        ValueError
            If the data have no validation part.
        """
        before, probe = model.trainer, copy.copy(self)  # the last run's history stays as it is
        probe.prepare_data(data)
        if probe.val_dataloader is None:
            raise ValueError("Trainer.evaluate: val_dataloader must be a loader, got None.")
        try:
            probe.prepare_model(model)
            probe._begin()
            probe.validate()
        finally:
            model.trainer = before
        probe.history.end_epoch(learning_rate=math.nan, seconds=math.nan)
        return {k: v[0] for k, v in probe.history.epochs.items() if k.startswith("val_")}

    def prepare_data(self, data: Any) -> None:
        """Take the loaders; tensors in memory are validated in large batches."""
        self.data, self.group = data, found_group()
        self.train_dataloader = Feed(data.train_dataloader(), "train_dataloader", self.group)
        loader = data.val_dataloader()
        if isinstance(loader, TensorLoader):
            loader = loader.in_batches_of(max(loader.batch_size, self.eval_batch_size))
        feed = None if loader is None else Feed(loader, "val_dataloader", self.group)
        self.val_dataloader = feed
        self.num_train_batches = self.train_dataloader.length
        self.num_val_batches = 0 if feed is None else feed.length

    def prepare_model(self, model: Module) -> None:
        """Take the model, and move it to the GPU if there is one for it."""
        if not isinstance(model, Module):
            remedy = "Wrap it: train.Learner(net, loss=..., optimizer=...)."
            found = type(model).__name__
            raise TypeError(_message("Trainer.fit", "model", "a train.Module", found, remedy))
        model.trainer = self
        model.board.xlim = [0, self.max_epochs]
        if self.gpus:
            move(model, self.gpus[0])
        self.model = model

    def prepare_batch(self, batch: Sequence[Tensor]) -> Sequence[Tensor]:
        """The batch on the device of the model."""
        if self._device is None:
            return batch
        return [part.to(self._device, non_blocking=True) for part in batch]

    def clip_gradients(self, grad_clip_val: float, model: nn.Module) -> None:
        """Scale the gradient of the whole model down to the norm `grad_clip_val`."""
        weights = self._weights if model is self.model else list(trainable(model).values())
        nn.utils.clip_grad_norm_(weights, grad_clip_val)

    @property
    def learning_rate(self) -> float:
        """Of the optimiser's first group; nan if it does not tell."""
        groups = getattr(self.optim, "param_groups", None)
        rate = groups[0].get("lr") if groups else getattr(self.optim, "lr", None)
        return math.nan if rate is None else float(rate)

    def _begin(self) -> None:
        """Counters, history, callbacks and device of a new run."""
        self.history = History() if self.group is None else SharedHistory(self.group)
        self.epoch = self.train_batch_idx = self.val_batch_idx = 0
        self.should_stop = False
        self._callbacks = subscribers(self)
        silent = Callback.on_step_end
        self._on_step_end = [
            c.on_step_end for c in self._callbacks if type(c).on_step_end is not silent
        ]
        self._weights = list(trainable(self.model).values())
        place(self)
        self._training_step = in_precision(self, self.model.training_step)
        self._validation_step = in_precision(self, self.model.validation_step)

    def _tell(self, point: str) -> None:
        """Call one method of every callback."""
        for callback in self._callbacks:
            getattr(callback, point)(self)
