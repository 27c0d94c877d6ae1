"""Many models of one architecture as one: every tensor gets a first axis that counts the runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.func import vmap
from torch.optim import Optimizer

from gramian._validation import _message
from gramian.train._module import Module
from gramian.train._sgd import SGD
from gramian.train._tensors import trainable, weights

__all__ = ["Stack"]

_CALLER = "fit_many"

_ELEMENTWISE = (
    SGD,
    optim.SGD,
    optim.Adam,
    optim.AdamW,
    optim.NAdam,
    optim.RAdam,
    optim.Adamax,
    optim.Adagrad,
    optim.Adadelta,
    optim.RMSprop,
    optim.ASGD,
    optim.Rprop,
)
"""Optimisers whose update of one number looks at that number alone, so that runs do not mix."""

_NORM_EPSILON = 1e-6
"""What `torch.nn.utils.clip_grad_norm_` adds to a norm."""


class Stack:
    """Models that train side by side, with one optimiser for all.

    Parameters
    ----------
    models : sequence of Module
        Of one architecture. The first lends its code to all of them until `unstack`.

    Attributes
    ----------
    tensors : dict of str to Tensor of shape (n_models, ...)
        The weights and buffers of all models.
    optimizer : Optimizer
        Of all models.
    """

    def __init__(self, models: Sequence[Module]) -> None:
        self.models, self.model = models, models[0]
        named = [weights(model) for model in models]
        self._check_alike(named)
        first: dict[int, str] = {}
        self._known_as = {name: first.setdefault(id(own), name) for name, own in named[0].items()}
        """Tied tensors go by one name."""
        self.tensors = {
            name: torch.stack([own[name].detach() for own in named]) for name in first.values()
        }
        self._slots = {name: _slot(self.model, name) for name in self._known_as}
        self._own = {name: slot[key] for name, (slot, key) in self._slots.items()}
        self._leaves: list[Tensor] = []
        self._gradients: list[Tensor] = []
        self._flat: list[Tensor] = []
        """Gradients of one group of weights, (n_models, n_weights); `_gradients` are views."""
        self.optimizer = self._build_optimizer()

    def train_step(self, batch: Sequence[Tensor], clip: float) -> dict[str, Tensor]:
        """One step of every run on the same batch; what each noted, (n_models,) per name."""
        losses, noted = self._map(self.model.training_step, batch)
        found = torch.autograd.grad(losses.sum(), self._leaves, allow_unused=True)
        for leaf, gradient in zip(self._leaves, found, strict=True):
            if gradient is None:
                form, shape = "all part of the loss", tuple(leaf.shape[1:])
                remedy = "Leave such weights out of the optimizer."
                raise ValueError(_message(_CALLER, "weights", form, shape, remedy))
        with torch.no_grad():
            torch._foreach_copy_(self._gradients, list(found))
            if clip > 0:
                self._clip(clip)
            self.optimizer.step()
        return noted

    def validation_step(self, batch: Sequence[Tensor]) -> dict[str, Tensor]:
        """What each run notes of a validation batch, (n_models,) per name."""
        with torch.no_grad():
            return self._map(self.model.validation_step, batch)[1]

    def learning_rates(self) -> list[float]:
        """Of every run, from its first group of weights."""
        rates: list[float] = []
        for group in self.optimizer.param_groups[:: len(self._flat)]:
            rates += [float(group["lr"])] * len(group["params"][0])
        return rates

    def unstack(self) -> None:
        """Give every model its own weights, and the first one its own tensors back."""
        for name, (slot, key) in self._slots.items():
            slot[key] = self._own[name]
        with torch.no_grad():
            for i, model in enumerate(self.models):
                for name, own in weights(model).items():
                    own.copy_(self.tensors[self._known_as[name]][i])

    def _map(
        self, step: Callable[[Any], Any], batch: Sequence[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of every run, and what it noted."""

        def one(tensors: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
            for name, (slot, key) in self._slots.items():
                slot[key] = tensors[self._known_as[name]]
            with self._noting() as noted:
                loss = step(batch)
            return loss if isinstance(loss, Tensor) else torch.zeros(()), noted

        # dropout draws anew for each run
        return vmap(one, randomness="different")(self.tensors)

    @contextmanager
    def _noting(self) -> Iterator[dict[str, Tensor]]:
        """Catch what the model plots."""
        noted: dict[str, Tensor] = {}

        def note(key: str, value: Tensor | float, train: bool) -> None:
            noted[("train_" if train else "val_") + key] = torch.as_tensor(value).detach()

        vars(self.model)["plot"] = note
        try:
            yield noted
        finally:
            del vars(self.model)["plot"]

    def _clip(self, largest: float) -> None:
        """Scale the gradient of each run down to the norm `largest`."""
        norms = torch.stack([flat.square().sum(1) for flat in self._flat]).sum(0).sqrt()
        scales = (largest / (norms + _NORM_EPSILON)).clamp_max(1)
        for flat in self._flat:
            flat.mul_(scales[:, None])

    def _build_optimizer(self) -> Optimizer:
        """One optimiser with a group for each span of models of equal settings and each own group.

        The weights of a group lie in one table, a row per model: an update then is a single call
        for many weights, and fused updates want them without gaps.
        """
        each = [model.configure_optimizers() for model in self.models]
        for optimizer in each:
            if type(optimizer) not in _ELEMENTWISE:
                kind = type(optimizer).__name__
                form = "train.SGD, or one of torch.optim that treats every weight for itself"
                remedy = "Train such models one by one."
                raise TypeError(_message(_CALLER, "optimizer", form, kind, remedy))
        name_of = {id(tensor): name for name, tensor in trainable(self.model).items()}
        tables = []
        for group in each[0].param_groups:
            names = [self._known_as[name_of[id(tensor)]] for tensor in group["params"]]
            tables.append(self._lay_out(names))
        first: Optimizer = each[0]
        groups, start = [], 0
        for _, alike in groupby(each, key=_settings):
            optimizer, *others = alike
            span = slice(start, start + 1 + len(others))
            for group, table, flat in zip(optimizer.param_groups, tables, self._flat, strict=True):
                part = table[span].requires_grad_()
                part.grad = flat[span]
                groups.append(group | {"params": [part]})
            start = span.stop
        first.param_groups = groups
        return first

    def _lay_out(self, names: Sequence[str]) -> Tensor:
        """Move some stacked weights into one table, (n_models, n_weights), which it gives."""
        old = [self.tensors[name] for name in names]
        sizes = [tensor[0].numel() for tensor in old]
        table = old[0].new_empty(len(self.models), sum(sizes))
        flat = torch.zeros_like(table)
        for name, tensor, values, slopes in zip(
            names, old, table.split(sizes, 1), flat.split(sizes, 1), strict=True
        ):
            leaf = _as_gradients_come(values, tensor.shape).copy_(tensor)
            self.tensors[name] = leaf.requires_grad_()
            self._leaves.append(leaf)
            self._gradients.append(_as_gradients_come(slopes, tensor.shape))
        self._flat.append(flat)
        return table.detach()

    def _check_alike(self, named: Sequence[dict[str, Tensor]]) -> None:
        """Refuse models of several architectures."""
        first = {name: (tuple(t.shape), t.dtype) for name, t in named[0].items()}
        for i, own in enumerate(named):
            found = {name: (tuple(t.shape), t.dtype) for name, t in own.items()}
            if found != first or type(self.models[i]) is not type(self.model):
                odd = sorted(set(found.items()) ^ set(first.items()))[:1]
                what = odd[0] if odd else type(self.models[i]).__name__
                remedy = "Call fit_many once for each architecture."
                raise ValueError(_message(_CALLER, "build", "of one architecture", what, remedy))


def _as_gradients_come(part: Tensor, shape: torch.Size) -> Tensor:
    """A view of that shape; matrices lie transposed, as the backward pass makes their gradients."""
    if len(shape) == 3:
        return part.unflatten(1, (shape[2], shape[1])).mT
    return part.unflatten(1, shape[1:]) if len(shape) > 1 else part[:, 0]


def _slot(model: nn.Module, name: str) -> tuple[dict[str, Any], str]:
    """The dictionary in which a module keeps a tensor, and its key there."""
    prefix, _, key = name.rpartition(".")
    owner = model.get_submodule(prefix)
    for kept in (owner._parameters, owner._buffers):
        if key in kept:
            return kept, key
    return vars(owner), key


def _settings(optimizer: Optimizer) -> tuple[Any, ...]:
    """Everything that an optimiser was told but the weights: class, and settings by group."""
    groups = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    return type(optimizer), repr(groups)
