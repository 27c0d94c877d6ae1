"""Where the pixels of moved images come from: whole pixels by index, others by interpolation."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["centred_plane", "interpolated", "moved", "to_edges"]


def centred_plane(height: int, width: int, like: Tensor) -> Tensor:
    """The places of the pixels, x + iy from the image's centre, y downwards, (height, width)."""
    y = torch.arange(height, dtype=like.dtype, device=like.device) - (height - 1) / 2
    x = torch.arange(width, dtype=like.dtype, device=like.device) - (width - 1) / 2
    return torch.complex(*torch.broadcast_tensors(x, y[:, None]))


def moved(x: Tensor, sources: Tensor) -> Tensor:
    """Images whose pixel [:, i, j] is the pixel of ``x``, (n, c, h, w), that is numbered there.

    ``sources``, (n or 1, height, width), counts the pixels of ``x`` row by row. Nothing is
    computed with the values.
    """
    index = sources.flatten(1)[:, None].expand(len(x), x.shape[1], -1)
    return x.flatten(2).gather(2, index).unflatten(2, sources.shape[1:])


def to_edges(places: Tensor, height: int, width: int) -> Tensor:
    """Complex places in pixels from the centre, in units in which the edges are at −1 and 1."""
    return torch.complex(places.real * (2 / width), places.imag * (2 / height))


def interpolated(x: Tensor, places: Tensor, fill: float, mode: str) -> Tensor:
    """Images whose pixels are the values of ``x``, (n, c, h, w), at ``places``.

    ``places``, complex of shape (n or 1, height, width), is in the unit of `to_edges`. What lies
    outside the image has the value ``fill``, and the last pixels fade to it.
    """
    grid = torch.view_as_real(places).expand(len(x), -1, -1, -1)
    above = x - fill if fill else x  # torch fills with zeros
    found = torch.nn.functional.grid_sample(above, grid, mode=mode, align_corners=False)
    return found + fill if fill else found
