"""Parameters of transforms, one for all images or one for each, and the images."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian._validation import check_choice, check_real

__all__ = ["as_parameter", "check_images", "check_interpolation", "check_together", "rows_of"]

INTERPOLATIONS = ("bilinear", "bicubic", "nearest", "fourier")


def as_parameter(value: Any, name: str, caller: str) -> Tensor:
    """A finite number, or one for each image, as a tensor of shape (n,) or ()."""
    try:
        parameter = value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"{caller}: {name} must be a number or one for each image, got {type(value).__name__}."
        ) from None
    if parameter.ndim > 1 or parameter.numel() == 0 or parameter.is_complex():
        raise ValueError(
            f"{caller}: {name} must be a number or one for each image, "
            f"got shape {tuple(parameter.shape)} of {parameter.dtype}."
        )
    if not bool(torch.isfinite(parameter).all()):
        raise ValueError(f"{caller}: {name} must be finite, got NaN or infinity.")
    return parameter if parameter.dtype.is_floating_point else parameter.double()


def check_interpolation(fill: Any, interpolation: Any, caller: str) -> tuple[float, str]:
    """The fill value and the way to interpolate, as the caller gave them."""
    check_choice(interpolation, "interpolation", caller, INTERPOLATIONS)
    return check_real(fill, "fill", caller), interpolation


def check_together(first: Tensor, second: Tensor, names: str, caller: str) -> int | None:
    """How many images two parameters are for; None where both are for all."""
    counts = {len(p) for p in (first, second) if p.ndim}
    if len(counts) > 1:
        raise ValueError(
            f"{caller}: {names} must be for as many images, got {len(first)} and {len(second)}."
        )
    return next(iter(counts), None)


def rows_of(parameter: Tensor, rows: Any) -> Tensor:
    """A parameter of some of the images."""
    return parameter[rows] if parameter.ndim else parameter


def check_images(x: Tensor, n_samples: int | None, caller: str) -> None:
    """A batch of images, as many as there are parameters."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{caller}: x must be a tensor, got {type(x).__name__}.")
    if x.ndim not in (3, 4) or 0 in x.shape:
        raise ValueError(
            f"{caller}: x must have shape (n, h, w) or (n, c, h, w) with at least one of each, "
            f"got {tuple(x.shape)}."
        )
    if n_samples is not None and len(x) != n_samples:
        raise ValueError(
            f"{caller}: x must have one image for each of the {n_samples} parameters, "
            f"got {len(x)}. Take g[rows] for x[rows]."
        )
