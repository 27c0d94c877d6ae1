"""Several processes that train one model: each takes its part of every batch."""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gramian._validation import _message
from gramian.train import _random
from gramian.train._history import History
from gramian.train._tensors import trainable

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["Group", "found_group"]


class Group:
    """The processes of a run, as one of them sees them.

    Attributes
    ----------
    rank, size : int
        This process among them, and how many there are.
    """

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._rows = self._all_rows = 1

    def share(self, batch: Sequence[Tensor]) -> Sequence[Tensor]:
        """This process's rows of a batch.

        A process without a row gets the first one, which then counts nothing: it has to take part
        in every exchange.
        """
        self._all_rows = len(batch[-1])
        self._rows = len(range(self.rank, self._all_rows, self.size))
        rows = slice(self.rank, None, self.size) if self._rows else slice(0, 1)
        return [part[rows] for part in batch]

    def mean(self, value: Tensor | float) -> Tensor:
        """The mean of a quantity over the rows of all processes, from that over our own."""
        share = torch.as_tensor(value).detach() * (self._rows / self._all_rows)
        dist.all_reduce(share)
        return share

    def align(self, trainer: Trainer) -> None:
        """Give every process the generators of the first: then all draw the same batches.

        Those of GPUs stay as they are: dropout differs between the rows of two processes anyway.
        """
        model, data, loader = trainer.model, trainer.data, trainer.train_dataloader.loader
        states = _random.states(model, data, loader)
        shared = {k: states[k] for k in sorted(states) if not k.startswith("cuda.")}
        for state in shared.values():
            dist.broadcast(state, src=0)
        _random.restore(shared, model, data, loader)

    def spread(self, model: nn.Module, step: Callable[..., Any]) -> Callable[..., Any]:
        """``step`` on our rows, scaled so that gradients become those of the whole batch.

        DistributedDataParallel gives every process the weights of the first, and the mean of all
        gradients.
        """
        registered = {id(tensor) for tensor in model.parameters()}
        plain = [name for name, t in trainable(model).items() if id(t) not in registered]
        if plain:
            form = "parameters where several processes train"
            remedy = "Wrap it in torch.nn.Parameter."
            raise ValueError(_message("Trainer.fit", "weights", form, plain[0], remedy))
        device = next(model.parameters()).device
        where = [device] if device.type == "cuda" else None
        parallel = nn.parallel.DistributedDataParallel(_Step(model, step), device_ids=where)
        return lambda batch: parallel(batch) * (self._rows * self.size / self._all_rows)


class SharedHistory(History):
    """A history of means over the rows of all processes: the same in each."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group

    def record(self, name: str, value: Tensor | float, rows: int = 1) -> None:
        """Note the mean over the whole batch, given that over our own rows."""
        super().record(name, self._group.mean(value), rows)


class _Step(nn.Module):
    """A training step as a module, which DistributedDataParallel can wrap."""

    def __init__(self, model: nn.Module, step: Callable[..., Any]) -> None:
        super().__init__()
        self.model, self._step = model, step

    def forward(self, batch: Sequence[Tensor]) -> Any:
        """The loss of our rows."""
        return self._step(batch)


def found_group() -> Group | None:
    """The processes of this run, if ``torchrun`` or the program has begun several."""
    if not dist.is_available():
        return None
    started = int(os.environ.get("WORLD_SIZE", "1")) > 1 and "MASTER_ADDR" in os.environ
    if started and not dist.is_initialized():
        import torch._dynamo  # noqa: F401  # an optimiser imports it; later, it would keep the group

        dist.init_process_group()
        atexit.register(_leave)
    return Group() if dist.is_initialized() and dist.get_world_size() > 1 else None


def _leave() -> None:
    """End the group that we began while the interpreter still runs, and with it its threads.

    They may hold the last tensors that were sent. Python would abort the process if they freed
    those while it is being taken down.
    """
    gc.collect()
    if dist.is_initialized():
        dist.destroy_process_group()
