"""The first weights of a layer, and the shapes it takes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["check_last", "drawn"]


def drawn(*shape: int, bound: float, generator: torch.Generator) -> nn.Parameter:
    """Weights from U(−bound, bound), in torch's default dtype."""
    return nn.Parameter(bound * (2 * torch.rand(shape, generator=generator) - 1))


def check_last(x: Tensor, sizes: tuple[int, ...], names: str, caller: str) -> None:
    """The last dimensions of ``x`` are ``sizes``."""
    if x.ndim < len(sizes) or tuple(x.shape[-len(sizes) :]) != sizes:
        wanted = ", ".join(map(str, sizes))
        raise ValueError(
            f"{caller}: x must have shape (..., {wanted}), the last being {names}, "
            f"got {tuple(x.shape)}."
        )
