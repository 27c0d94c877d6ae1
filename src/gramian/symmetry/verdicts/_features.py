"""Rows, transforms and features, whatever a caller gives."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gramian._validation import _message
from gramian.train._inspect import predict

__all__ = ["Transform", "as_samples", "as_table", "features_of", "inverse_of", "moved"]

Transform = Callable[[Any], Any]


def as_samples(x: Any, caller: str, *, least: int) -> Tensor:
    """The samples as a finite floating tensor of at least ``least`` rows."""
    samples = x if isinstance(x, Tensor) else torch.from_numpy(np.asarray(x))
    if not samples.dtype.is_floating_point:
        raise TypeError(_message(caller, "x", "a floating array", str(samples.dtype)))
    if samples.ndim < 2 or len(samples) < least:
        constraint = f"of shape (n, ...) with at least {least} rows"
        raise ValueError(_message(caller, "x", constraint, tuple(samples.shape)))
    if not bool(torch.isfinite(samples).all()):
        raise ValueError(_message(caller, "x", "finite", "NaN or infinity"))
    return samples


def moved(g: Transform, x: Tensor, caller: str, name: str = "g") -> Tensor:
    """What a transform makes of all rows at once."""
    if not callable(g):
        raise TypeError(_message(caller, name, "callable", g))
    with torch.no_grad():
        result = g(x)
    result = result if isinstance(result, Tensor) else torch.as_tensor(result)
    if len(result) != len(x):
        constraint = f"a map of a batch to a batch of {len(x)} rows"
        raise ValueError(_message(caller, name, constraint, tuple(result.shape)))
    return result


def inverse_of(g: Transform) -> Transform | None:
    """The inverse that a transform brings along: an attribute or method ``inverse``."""
    inverse = getattr(g, "inverse", None)
    if inverse is None or inspect.signature(inverse).parameters:
        return inverse
    made: Transform = inverse()
    return made


def features_of(phi: Callable[[Any], Any], x: Tensor, caller: str) -> Tensor:
    """The features of all rows, of any shape: a module's in batches and in evaluation mode."""
    if isinstance(phi, nn.Module):
        return predict(phi, x)
    return moved(phi, x, caller, "phi")


def as_table(features: Tensor, caller: str, name: str = "phi") -> Tensor:
    """Features as finite rows of shape (n, p), at least float32, on the CPU."""
    table = features.detach().cpu()
    table = table.flatten(1) if table.ndim > 1 else table[:, None]
    if table.dtype != torch.float64:
        table = table.float()
    if not bool(torch.isfinite(table).all()):
        raise ValueError(_message(caller, name, "of finite features", "NaN or infinity"))
    return table
