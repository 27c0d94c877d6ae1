"""The frame of reference that distances are taken in: a centre, a scale and a radius, all from y.

Only y decides, so that no row of x feels its neighbours. The product form ‖a‖² + ‖b‖² − 2 a·b
of centred rows loses digits in proportion to (‖a‖ + ‖b‖)²; centring keeps that small for any
translation of the data, and the power-of-two scale keeps squares inside float32's range.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

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
        An upper bound of ‖y_j − centre‖ · scale.
    """

    centre: Tensor
    scale: float
    radius: float

    def place(self, rows: Tensor, dtype: torch.dtype) -> Tensor:
        """Rows centred and scaled: subtracted exactly enough, then rounded once to ``dtype``."""
        narrow = rows.dtype != torch.float64 and 2.0**-100 < self.scale < 2.0**100
        wide = rows.float() if narrow else rows.double()
        centred = wide - self.centre.to(wide)
        return centred.mul_(self.scale).to(dtype)


def blocks(n: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` that cover range(n)."""
    return (slice(start, min(n, start + size)) for start in range(0, n, size))


def finite(rows: Tensor, first: int, name: str, caller: str) -> Tensor:
    """``rows`` themselves, if every number in them is finite."""
    # the sum is finite for nearly every finite block, and one pass; the exact test comes after
    if not bool(torch.isfinite(rows.sum())):
        bad = ~torch.isfinite(rows).all(1)
        if bool(bad.any()):
            raise ValueError(
                f"{caller}: {name} must be finite, got NaN or infinity in row "
                f"{first + int(bad.nonzero()[0, 0])}. Remove or fill such rows."
            )
    return rows


def embedded(kernel: Elementary, rows: Tensor) -> Tensor:
    """Rows as the kernel's form sees them, in float64 where the kernel maps them first."""
    return kernel.embed(rows.double()) if kernel.embeds else rows


def frame_of(kernel: Elementary, y: Tensor, caller: str) -> Frame:
    """The frame of ``y`` as the kernel sees it, from one pass in a fixed order."""
    size = max(1, _CHUNK // y.shape[1])
    sums, lows, highs = [], [], []
    for part in blocks(len(y), size):
        rows = embedded(kernel, finite(y[part], part.start, "y", caller))
        least, most = rows.aminmax(dim=0)
        sums, lows, highs = [*sums, rows.double().sum(0)], [*lows, least], [*highs, most]
    low, high = torch.stack(lows).amin(0).double(), torch.stack(highs).amax(0).double()
    # added one after another: the centre must not depend on how a vectorised sum is split
    centre = (sum(sums) / len(y)).clamp(low, high)
    rounded = centre.float().double()
    centre = torch.where(rounded.isfinite(), rounded, centre)
    reach = torch.maximum(high - centre, centre - low).clamp_min(0)
    largest = float(reach.max())
    scale = 2.0 ** -math.frexp(largest)[1] if largest > 0 else 1.0
    scale = min(max(scale, 2.0**-1000), 2.0**1000)
    radius = float((reach * scale).square().sum().sqrt()) * (1 + 1e-6)
    return Frame(centre, scale, radius)
