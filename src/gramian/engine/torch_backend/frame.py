"""The frame of reference that distances are taken in: a centre, a scale and a radius, all from y.

Only y decides, so that no row of x feels its neighbours. The product form ‖a‖² + ‖b‖² − 2 a·b
of centred rows loses digits in proportion to (‖a‖ + ‖b‖)²; centring keeps that small for any
translation of the data, and the power-of-two scale keeps squares inside float32's range.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian._arrays import finite
from gramian.engine.torch_backend.workers import for_each
from gramian.pairwise._base import Elementary

__all__ = ["Frame", "blocks", "embedded", "finite", "frame_of"]

_CHUNK = 2**18


@dataclass(frozen=True)
class Frame:
    """Where the rows of y lie.

    Attributes
    ----------
    centre : Tensor of shape (d,), float64
        Mean of y, rounded to float32.
    scale : float
        A power of two; centred features times it are at most about 1 for every row of y.
    radius : float
        The largest ‖y_j − centre‖ · scale.
    """

    centre: Tensor
    scale: float
    radius: float

    def place(self, rows: Tensor, dtype: torch.dtype) -> Tensor:
        """Rows centred and scaled: subtracted exactly enough, then rounded once to ``dtype``."""
        narrow = torch.float64 not in (rows.dtype, dtype) and 2.0**-100 < self.scale < 2.0**100
        wide = rows.float() if narrow else rows.double()
        centred = wide - self.centre.to(wide)
        return centred.mul_(self.scale).to(dtype)


def blocks(n: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` that cover range(n)."""
    return (slice(start, min(n, start + size)) for start in range(0, n, size))


def embedded(kernel: Elementary, rows: Tensor) -> Tensor:
    """Rows as the kernel's form sees them, in float64 where the kernel maps them first."""
    return kernel.embed(rows.double()) if kernel.embeds else rows


def frame_of(kernel: Elementary, y: Tensor, name: str, caller: str) -> Frame:
    """The frame of ``y`` as the kernel sees it, from two passes in a fixed order."""
    size = max(1, _CHUNK // y.shape[1])
    width = embedded(kernel, y[:1]).shape[1]
    # running values, not lists of them: small survivors between large temporaries would keep the
    # allocator from using the same memory again
    total = torch.zeros(width, dtype=torch.float64, device=y.device)
    low, high = torch.full_like(total, torch.inf), torch.full_like(total, -torch.inf)

    def extend(part: slice) -> None:
        rows = embedded(kernel, finite(y[part], part.start, name, caller))
        least, most = rows.aminmax(dim=0)
        torch.minimum(low, least.double(), out=low)
        torch.maximum(high, most.double(), out=high)
        total.add_(rows.sum(0, dtype=torch.float64))

    # one worker takes the parts in order: a sum split over threads has other bits
    for_each(extend, blocks(len(y), size), 1)
    centre = (total / len(y)).clamp(low, high)
    rounded = centre.float().double()
    centre = torch.where(rounded.isfinite(), rounded, centre)
    reach = torch.maximum(high - centre, centre - low).clamp_min(0)
    largest = float(reach.max())
    exponent = math.frexp(largest)[1] if largest > 0 else 0
    scale = math.ldexp(1.0, -min(max(exponent, -1000), 1000))
    frame = Frame(centre, scale, 0.0)
    widest = total.new_zeros(())

    def widen(part: slice) -> None:
        placed = frame.place(embedded(kernel, y[part]), torch.float64)
        torch.maximum(widest, placed.square_().sum(1).amax(), out=widest)

    for_each(widen, blocks(len(y), size), 1)
    return replace(frame, radius=float(widest.sqrt()))
