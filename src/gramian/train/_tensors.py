"""The tensors of a model by name, whether registered as parameters or plain attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from gramian.errors import DataError

__all__ = ["copy_weights", "load_weights", "move", "trainable", "weights"]


def _plain(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Leaf tensors that want gradients but are no `Parameter`: weights of a model from scratch."""
    for prefix, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor) and value.requires_grad and value.is_leaf:
                yield (f"{prefix}.{name}" if prefix else name), value


def trainable(model: nn.Module) -> dict[str, Tensor]:
    """Every tensor that training may change by its gradient."""
    registered = {name: p for name, p in model.named_parameters() if p.requires_grad}
    return registered | dict(_plain(model))


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Every tensor that a copy of the model needs: parameters, buffers, plain weights."""
    state = {k: v for k, v in model.state_dict(keep_vars=True).items() if isinstance(v, Tensor)}
    return state | dict(_plain(model))


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of `weights` that later steps do not touch."""
    return {name: tensor.detach().clone() for name, tensor in weights(model).items()}


def load_weights(model: nn.Module, saved: Mapping[str, Tensor], caller: str) -> None:
    """Write saved weights into the model's own tensors; nothing changes unless all of them fit."""
    own = weights(model)
    if set(own) != set(saved):
        odd = sorted(set(own) ^ set(saved))[:3]
        raise DataError(
            f"{caller}: weights must be those of this model, got others: {', '.join(odd)}. "
            "Build the model as it was when they were saved."
        )
    for name, tensor in own.items():
        if tensor.shape != saved[name].shape:
            raise DataError(
                f"{caller}: {name} must be of shape {tuple(tensor.shape)}, got "
                f"{tuple(saved[name].shape)}. Build the model as it was when it was saved."
            )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(saved[name])


def move(model: nn.Module, device: torch.device) -> None:
    """Move the model, plain weights included."""
    model.to(device)
    for _, tensor in _plain(model):
        tensor.data = tensor.data.to(device)
