"""What comes before the first step: device, precision, and a look at the first batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from gramian._validation import _message
from gramian.train import _random
from gramian.train._callback import Callback
from gramian.train._checkpoint import Checkpoint
from gramian.train._faces import interactive
from gramian.train._inspect import evaluating
from gramian.train._loader import Feed, TensorLoader
from gramian.train._module import Module
from gramian.train._tensors import weights
from gramian.train._watch import Watch

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["check_start", "in_precision", "place", "subscribers"]

_CALLER = "Trainer.fit"


def subscribers(trainer: Trainer) -> list[Callback]:
    """Who is told of this run, in order: checkpoints after what they keep, the board last."""
    shown = trainer.board or (trainer.board is None and interactive())
    ordered = sorted(trainer.callbacks, key=lambda callback: isinstance(callback, Checkpoint))
    found = [Watch(), *ordered, *([trainer.model.board] if shown else [])]
    first = trainer.group is None or trainer.group.rank == 0
    return [callback for callback in found if first or callback.everywhere]


def place(trainer: Trainer) -> None:
    """Note the model's device, and move data in memory there if they fit well."""
    first = next(iter(weights(trainer.model).values()), torch.empty(0))
    trainer._device = None if first.device.type == "cpu" else first.device
    if trainer._device is not None:
        for feed in (trainer.train_dataloader, trainer.val_dataloader):
            if feed is not None and _fits(feed, trainer._device):
                feed.loader = feed.loader.to(trainer._device)


def _fits(feed: Feed, device: torch.device) -> bool:
    """Whether the data are tensors in memory that take at most half of the free device memory."""
    if not isinstance(feed.loader, TensorLoader) or device.type != "cuda":
        return False
    needed = sum(tensor.numel() * tensor.element_size() for tensor in feed.loader.tensors)
    return needed <= torch.cuda.mem_get_info(device)[0] // 2


def in_precision(trainer: Trainer, step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` itself, or under autocast if the trainer asks for bfloat16."""
    if trainer.precision is None:
        return step
    kind = "cpu" if trainer._device is None else trainer._device.type
    able = torch.amp.is_autocast_available(kind)
    if not able or (kind == "cuda" and not torch.cuda.is_bf16_supported()):
        constraint = f"None on a device ({kind}) without bfloat16"
        raise ValueError(_message(_CALLER, "precision", constraint, trainer.precision))
    wrapped: Callable[..., Any] = torch.autocast(kind, dtype=torch.bfloat16)(step)
    return wrapped


def check_start(trainer: Trainer) -> None:
    """Try the first batch on the model; lazy layers find their shapes, generators stay as they are.

    A model with a training step of its own may read batches in its own way: only its own code
    can judge them.
    """
    model, feed = trainer.model, trainer.train_dataloader
    standard = type(model).training_step is Module.training_step
    lazy = any(is_lazy(tensor) for tensor in weights(model).values())
    if not standard and not lazy:
        return
    loader = feed.loader
    in_memory = isinstance(loader, TensorLoader)
    if in_memory:
        batch: Any = next(loader.in_batches_of(loader.batch_size).reusing(), None)
    else:
        before = _random.states(model, trainer.data, loader)
        batch = next(iter(loader), None)
        _random.restore(before, model, trainer.data, loader)
    _check_batch(batch, feed.name)
    batch = trainer.prepare_batch(batch)
    outputs = _outputs_of(model, batch[:-1])
    if standard:
        targets = loader.tensors[-1] if in_memory else batch[-1]
        model.check_targets(outputs, targets, len(batch[-1]))


def _check_batch(batch: Any, name: str) -> None:
    """Refuse what is not (inputs, ..., targets) with one row of each per example."""
    remedy = "Check the number of rows and the indices."
    if batch is None or (isinstance(batch, list | tuple) and batch and len(batch[0]) == 0):
        raise ValueError(_message(_CALLER, name, "a loader of at least one batch", "none", remedy))
    parts = batch if isinstance(batch, list | tuple) else ()
    if len(parts) < 2 or not all(isinstance(part, Tensor) for part in parts):
        found = type(batch).__name__
        form = "a loader of batches (inputs, targets) of tensors"
        remedy = "Or override training_step and validation_step."
        raise TypeError(_message(_CALLER, name, form, found, remedy))
    lengths = [len(part) for part in parts]
    if len(set(lengths)) > 1:
        rows = "a loader whose inputs and targets have equally many rows"
        raise ValueError(_message(_CALLER, name, rows, lengths))


def _outputs_of(model: nn.Module, inputs: Sequence[Tensor]) -> Any:
    """What the model answers to a batch, in evaluation mode and without gradients."""
    try:
        with evaluating(model):
            return model(*inputs)
    except (RuntimeError, ValueError, IndexError) as error:
        shapes = ", ".join(str(tuple(part.shape)) for part in inputs)
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{_CALLER}: model must accept inputs of shape {shapes}, got: {reason}. "
            "Compare the first layer with the data."
        ) from error
