"""Band-limited interpolation: images as sums of waves, moved around the edges."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["shifted", "turned"]


def shifted(x: Tensor, distance: Tensor, dim: int) -> Tensor:
    """``x`` moved along ``dim`` by a distance that broadcasts against the rest of its shape.

    Every wave but that of alternating signs keeps its size, so a shift back undoes it.
    """
    size = x.shape[dim]
    cycles = torch.fft.rfftfreq(size, dtype=x.dtype, device=x.device)
    angle = -2 * math.pi * cycles * distance.movedim(dim, -1)
    waves = torch.fft.rfft(x.movedim(dim, -1)) * torch.polar(torch.ones_like(angle), angle)
    return torch.fft.irfft(waves, n=size).movedim(-1, dim)


def turned(x: Tensor, angle: Tensor) -> Tensor:
    """Square images (n, c, s, s) turned counter-clockwise by three shears.

    ``angle``, (n or 1,), is in radians, at most π/4 on either side. Reference: M. Unser,
    P. Thévenaz, L. Yaroslavsky, "Convolution-based interpolation for fast, high-quality rotation
    of images", IEEE Trans. Image Process. 4(10), 1995.
    """
    size = x.shape[-1]
    from_centre = torch.arange(size, dtype=x.dtype, device=x.device) - (size - 1) / 2
    angle = angle[:, None, None, None]
    right = (angle / 2).tan() * from_centre[:, None]  # of each row
    down = -angle.sin() * from_centre  # of each column
    return shifted(shifted(shifted(x, right, -1), down, -2), right, -1)
