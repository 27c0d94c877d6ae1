"""Looking into a model: its answers, its activations, its weights and gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from gramian._validation import check_int
from gramian.train._tensors import trainable, weights

if TYPE_CHECKING:
    import polars as pl

__all__ = ["activations", "evaluating", "predict", "weight_table"]


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; every module's own mode comes back."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _device(model: nn.Module) -> torch.device:
    return next(iter(weights(model).values()), torch.empty(0)).device


def predict(model: nn.Module, X: Tensor, *, batch_size: int = 1024) -> Tensor:
    """What a model answers to many rows, in batches.

    Parameters
    ----------
    model : nn.Module
        Called in evaluation mode without gradients; its mode is put back.
    X : Tensor of shape (n, ...)
    batch_size : int, default=1024
        Rows of a batch; moved to the model's device one by one.

    Returns
    -------
    outputs : Tensor of shape (n, ...)
        On the device of `X`; scores for a classifier.

    Raises
    ------
    ValueError
        If there is no row.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import predict
    >>> predict(torch.nn.Linear(3, 2), torch.zeros(5000, 3)).shape
    torch.Size([5000, 2])
    """
    check_int(batch_size, "batch_size", "predict", low=1)
    if len(X) == 0:
        raise ValueError(f"predict: X must have at least one row, got {tuple(X.shape)}.")
    device = _device(model)
    with evaluating(model):
        parts = [model(part.to(device)).to(X.device) for part in X.split(batch_size)]
    return torch.cat(parts)


def activations(
    model: nn.Module, X: Tensor, layers: Sequence[str] | None = None, *, batch_size: int = 1024
) -> dict[str, Tensor]:
    """What the layers of a model give for every row.

    Parameters
    ----------
    model : nn.Module
        Called in evaluation mode without gradients. Hooks are always removed, also after an
        error.
    X : Tensor of shape (n, ...)
    layers : sequence of str, default=None
        Names as in ``model.named_modules()``; None takes every layer without parts.
    batch_size : int, default=1024

    Returns
    -------
    activations : dict of str to Tensor of shape (n, ...)
        On the device of `X`. A layer that is called several times gives its last answer.

    Raises
    ------
    ValueError
        If there is no such layer, no row, or a layer was not called.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from gramian.train import activations
    >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    >>> {name: tuple(a.shape) for name, a in activations(net, torch.ones(4, 2)).items()}
    {'0': (4, 3), '1': (4, 3), '2': (4, 1)}
    """
    known = dict(model.named_modules())
    leaves = [name for name, part in known.items() if name and not any(part.children())]
    names = leaves if layers is None else list(layers)
    for name in names:
        if name not in known:
            listed = ", ".join(leaves[:12])
            raise ValueError(
                f"activations: layers must be names of this model ({listed}), got {name!r}."
            )
    found: dict[str, list[Tensor]] = {name: [] for name in names}
    last: dict[str, Tensor] = {}

    def keep(name: str, _: nn.Module, __: Any, output: Tensor) -> None:
        # copied at once: the next layer may write into it
        last[name] = output.detach().to(X.device, copy=True)

    handles = [known[name].register_forward_hook(partial(keep, name)) for name in names]
    try:
        device = _device(model)
        with evaluating(model):
            for part in X.split(check_int(batch_size, "batch_size", "activations", low=1)):
                last.clear()
                model(part.to(device))
                for name, output in last.items():
                    found[name].append(output)
    finally:
        for handle in handles:
            handle.remove()
    for name, parts in found.items():
        if not parts:
            raise ValueError(f"activations: layers must be called by forward, got {name!r}.")
    return {name: torch.cat(parts) for name, parts in found.items()}


def weight_table(model: nn.Module) -> pl.DataFrame:
    """Every trainable tensor of a model with its size, spread and gradient.

    Parameters
    ----------
    model : nn.Module

    Returns
    -------
    table : polars DataFrame
        One row per tensor: "name", "shape", "count", "mean", "sd", "min", "max", "norm", "zeros"
        (share of exact zeros) and "gradient_norm" (null where there is no gradient).

    Examples
    --------
    >>> import torch
    >>> from gramian.train import weight_table
    >>> table = weight_table(torch.nn.Linear(3, 2))
    >>> table["name"].to_list(), table["count"].to_list()
    (['weight', 'bias'], [6, 2])
    """
    import polars as pl

    return pl.DataFrame([_row(name, tensor) for name, tensor in trainable(model).items()])


def _row(name: str, tensor: Tensor) -> dict[str, Any]:
    """The numbers of one tensor, in float64."""
    values = tensor.detach().double()
    gradient = None if tensor.grad is None else float(tensor.grad.double().norm())
    return {
        "name": name,
        "shape": " × ".join(map(str, tensor.shape)) or "1",
        "count": values.numel(),
        "mean": float(values.mean()),
        "sd": float(values.std(correction=0)),
        "min": float(values.min()),
        "max": float(values.max()),
        "norm": float(values.norm()),
        "zeros": float((values == 0).double().mean()),
        "gradient_norm": gradient,
    }
