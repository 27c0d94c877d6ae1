"""A run in one file, to go on from: safetensors, whose header holds a JSON text; never pickle.

The header entry "gramian" names schema, library version and everything that is not a tensor.
Reading one cannot run code.
"""

from __future__ import annotations

import json
import math
import time
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gramian._validation import _message, check_int, check_real
from gramian.errors import DataError
from gramian.train import _random
from gramian.train._callback import Callback
from gramian.train._tensors import load_weights, trainable, weights
from gramian.train._tree import pack, unpack

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["SCHEMA", "Checkpoint", "resume_from"]

SCHEMA = "gramian.checkpoint/1"


class Checkpoint(Callback):
    """Writes a run to a file from which ``fit(..., resume=path)`` goes on to the same bits.

    Parameters
    ----------
    path : path
        A safetensors file. It is replaced as a whole: a reader, or a run that is killed, finds
        the old file or the new one.
    every_epochs : int, default=1
    every_steps : int, default=None
        Write also within an epoch, after so many steps.
    every_seconds : float, default=None
        Write also within an epoch, after so much wall time.

    Raises
    ------
    TypeError
        From `fit`, if the optimiser lacks ``state_dict`` and ``load_state_dict``.
    ValueError
        From `fit`, if the optimiser changes a tensor that is not an attribute of the model.

    Notes
    -----
    Saved are weights, optimiser, callbacks (schedules, early stopping, best weights), history, the
    place in the epoch, and the generators: torch's own and every `torch.Generator` that is an
    attribute of the model, the data module, its loader or its data set. Those of NumPy and of
    Python are not. A resumed run repeats the bits of the undisturbed one on the same machine with
    the same threads and versions, if its loader gives the same batches for the same generators.
    "seconds" in the history are measured anew. A run whose loss is not finite is not saved.

    The file takes as many bytes as weights, optimiser state and 8 bytes per recorded value.

    Examples
    --------
    >>> import tempfile, torch
    >>> from gramian import train as d2l
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/run.safetensors"
    ...     model = d2l.LinearRegressionScratch(2, lr=0.03)
    ...     first = d2l.Trainer(2, callbacks=[d2l.Checkpoint(path)]).fit(model, data)
    ...     again = d2l.LinearRegressionScratch(2, lr=0.03)
    ...     history = d2l.Trainer(5).fit(again, data, resume=path)
    >>> history["epoch"]
    [1, 2, 3, 4, 5]
    """

    everywhere = False

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        every_epochs: int = 1,
        every_steps: int | None = None,
        every_seconds: float | None = None,
    ) -> None:
        caller = "Checkpoint"
        self.path = Path(path)
        self.every_epochs = check_int(every_epochs, "every_epochs", caller, low=1)
        self.every_steps = every_steps
        if every_steps is not None:
            self.every_steps = check_int(every_steps, "every_steps", caller, low=1)
        self.every_seconds = every_seconds
        if every_seconds is not None:
            self.every_seconds = check_real(every_seconds, "every_seconds", caller, low=0)

    def on_fit_start(self, trainer: Trainer) -> None:
        """Refuse an optimiser that cannot be saved."""
        optim = trainer.optim
        if not hasattr(optim, "state_dict") or not hasattr(optim, "load_state_dict"):
            form, kind = "with state_dict and load_state_dict", type(optim).__name__
            remedy = "Add them, or return train.SGD or one of torch.optim."
            raise TypeError(_message("Checkpoint", "optimizer", form, kind, remedy))
        known = {id(tensor) for tensor in trainable(trainer.model).values()}
        groups = getattr(optim, "param_groups", ())
        strangers = [p for group in groups for p in group["params"] if id(p) not in known]
        if strangers:
            form = "of tensors that are attributes of the model"
            shape = tuple(strangers[0].shape)
            raise ValueError(_message("Checkpoint", "optimizer", form, shape))
        self._saved_at = time.perf_counter()

    def on_epoch_start(self, trainer: Trainer) -> None:
        """Keep the generators as they are before the order of the batches is drawn."""
        self._at_start = _states(trainer)

    def on_step_end(self, trainer: Trainer) -> None:
        """Write if enough steps or seconds have gone by."""
        by_steps = self.every_steps and trainer.train_batch_idx % self.every_steps == 0
        seconds = self.every_seconds
        if by_steps or (seconds is not None and time.perf_counter() - self._saved_at >= seconds):
            self._write(trainer)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Write after so many epochs, and after the last one."""
        last = trainer.epoch >= trainer.max_epochs or trainer.should_stop
        if last or trainer.epoch % self.every_epochs == 0:
            self._write(trainer)

    def _write(self, trainer: Trainer) -> None:
        from safetensors.torch import save

        from gramian import __version__
        from gramian.report import write_atomically

        losses = trainer.history.live("train_loss")
        if len(losses) and not math.isfinite(losses[-1]):
            return
        tensors: dict[str, Tensor] = {}
        state = _capture(trainer, self._at_start)
        facts = {"schema": SCHEMA, "version": __version__, "state": pack(state, tensors)}
        header = {"gramian": json.dumps(facts, allow_nan=False)}
        write_atomically(self.path, save(tensors, header))
        self._saved_at = time.perf_counter()


_COUNTERS = ("epoch", "train_batch_idx", "val_batch_idx", "should_stop")


def _states(trainer: Trainer) -> dict[str, Tensor]:
    return _random.states(trainer.model, trainer.data, trainer.train_dataloader.loader)


def _others(trainer: Trainer) -> list[Callback]:
    """The callbacks that a checkpoint keeps."""
    return [c for c in trainer.callbacks if not isinstance(c, Checkpoint)]


def _capture(trainer: Trainer, at_start: dict[str, Tensor]) -> dict[str, Any]:
    """Everything the rest of the run depends on."""
    return {
        "counters": {name: getattr(trainer, name) for name in _COUNTERS},
        "position": trainer.train_dataloader.position,
        "weights": weights(trainer.model),
        "optimizer": trainer.optim.state_dict(),
        "callbacks": [
            {"name": type(c).__name__, "state": c.state_dict()} for c in _others(trainer)
        ],
        "history": trainer.history.state_dict(),
        "generators": {"epoch_start": at_start, "now": _states(trainer)},
    }


def resume_from(path: str | PathLike[str], trainer: Trainer) -> None:
    """Put a trainer that is ready to begin into the state of a checkpoint."""
    caller = "Trainer.fit"
    state = _read(Path(path), caller)
    found = [saved["name"] for saved in state["callbacks"]]
    own = [type(callback).__name__ for callback in _others(trainer)]
    if found and found != own:
        remedy = "Pass the callbacks that the run had when it was saved."
        raise ValueError(_message(caller, "callbacks", f"{found} as in the file", own, remedy))
    load_weights(trainer.model, state["weights"], caller)
    if not hasattr(trainer.optim, "load_state_dict"):
        form, kind = "with load_state_dict", type(trainer.optim).__name__
        raise TypeError(_message(caller, "optimizer", form, kind))
    trainer.optim.load_state_dict(state["optimizer"])
    trainer.history.load_state_dict(state["history"])
    for callback, saved in zip(_others(trainer), state["callbacks"], strict=False):
        callback.load_state_dict(saved["state"])
    for name in _COUNTERS:
        setattr(trainer, name, state["counters"][name])
    model, data, feed = trainer.model, trainer.data, trainer.train_dataloader
    generators = state["generators"]
    if state["position"]:
        _random.restore(generators["epoch_start"], model, data, feed.loader)
        feed.resume_at(
            state["position"],
            then=lambda: _random.restore(generators["now"], model, data, feed.loader),
        )
    else:
        _random.restore(generators["now"], model, data, feed.loader)


def _read(path: Path, caller: str) -> dict[str, Any]:
    """The state in a checkpoint file."""
    from safetensors import SafetensorError, safe_open

    remedy = "Pass a file that train.Checkpoint wrote."
    if not path.is_file():
        raise DataError(_message(caller, "resume", "an existing file", str(path), remedy))
    try:
        with safe_open(path, framework="pt") as stream:
            text = (stream.metadata() or {}).get("gramian", "{}")
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 # no mapping
    except (SafetensorError, OSError) as error:
        raise DataError(
            f"{caller}: resume must be a whole safetensors file, got {str(path)!r}: {error}."
        ) from error
    facts = json.loads(text)
    if facts.get("schema") != SCHEMA:
        found = facts.get("schema", "another file")
        raise DataError(_message(caller, "resume", f"of schema {SCHEMA}", found, remedy))
    state: dict[str, Any] = unpack(facts["state"], tensors)
    return state
