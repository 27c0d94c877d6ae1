"""Fast tiles with rigorous error bounds, which decide most of a search before brute force.

A filter gives, for a tile, a lower and an upper bound of the float64 brute-force value of every
pair. What the bounds cannot decide goes to `gramian.engine.exact`.

The product form errs by at most (d + 8) u (‖a‖ + ‖b‖)², with a and b the centred rows and u the
unit round-off of the tile; since (‖a‖ + ‖b‖)² ≤ 2(‖a‖² + ‖b‖²), both bounds are the same tile
with norms enlarged or reduced by the factor 2 (d + 8) u. The direct forms sum non-negative terms,
so their error is relative: (d + 4) u.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from gramian.engine.torch_backend.frame import Frame, embedded, frame_of
from gramian.engine.torch_backend.scratch import Scratch
from gramian.pairwise._base import Elementary

__all__ = ["Direct", "Filter", "Product", "filter_for"]

Tile = tuple[Tensor, Tensor]
_DIRECT_FEATURES = 8
_UNIT = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}
_TINY = {torch.float32: 2.0**-120, torch.float64: 2.0**-1000}


@dataclass(frozen=True)
class Filter:
    """Bounds for tiles of one kernel's form, in the arithmetic of ``dtype``.

    ``unit`` is what one unit of the form is in the filter's own scale.
    """

    kernel: Elementary
    dtype: torch.dtype
    scratch: Scratch = field(default_factory=Scratch, repr=False, kw_only=True)

    def table(self, name: str, x: Tensor, y: Tensor) -> Tensor:
        """An uninitialised tile, good until the next tile is asked for."""
        return self.scratch(name, len(x), len(y), self.dtype, x.device)

    @property
    def unit(self) -> float:
        return 1.0

    def place(self, rows: Tensor) -> tuple[Tensor, ...]:
        """What is kept of a block of raw rows for its tiles."""
        raise TypeError(f"{type(self).__name__}.place: must be defined by the subclass.")

    def bounds(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...]) -> Tile:
        """Lower and upper bounds for a tile of placed rows, (n, m) each."""
        raise TypeError(f"{type(self).__name__}.bounds: must be defined by the subclass.")

    def widened(self) -> Filter:
        """The same filter in float64, for rows that this one leaves open."""
        return type(self)(**{**self.__dict__, "dtype": torch.float64})


@dataclass(frozen=True)
class Product(Filter):
    """‖a‖² + ‖b‖² − 2 a·b on centred rows, or a·b as it is for the inner product."""

    frame: Frame

    @property
    def unit(self) -> float:
        return self.frame.scale**2

    def place(self, rows: Tensor) -> tuple[Tensor, ...]:
        placed = self.frame.place(embedded(self.kernel, rows), self.dtype)
        return placed, placed.square().sum(1)

    def bounds(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...]) -> Tile:
        (a, norms_a), (b, norms_b) = x, y
        error = 2 * (a.shape[1] + 8) * _UNIT[self.dtype]
        tiny = (a.shape[1] + 8) * _TINY[self.dtype]
        product, norms = self.table("product", a, b), self.table("norms", a, b)
        torch.add(norms_a[:, None], (norms_b + tiny / error)[None], out=norms)
        lower = self.table("lower", a, b)
        if self.kernel.form == "dot":
            torch.mm(a, b.T, out=product)
            torch.sub(product, norms, alpha=error, out=lower)
            return lower, product.add_(norms, alpha=error)
        # what the enlarged norms add for numbers that vanish is in the error, not in the value
        torch.addmm(a.new_tensor(-tiny / error), a, b.T, alpha=-2, out=product)
        torch.add(product, norms, alpha=1 - error, out=lower)
        return lower, product.add_(norms, alpha=1 + error)


@dataclass(frozen=True)
class Direct(Filter):
    """Sums of non-negative terms, one feature after another."""

    def place(self, rows: Tensor) -> tuple[Tensor, ...]:
        return (embedded(self.kernel, rows).to(self.dtype),)

    def bounds(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...]) -> Tile:
        value = self._value(x[0], y[0])
        error = (x[0].shape[1] + 4) * _UNIT[self.dtype]
        lower = torch.mul(value, 1 - error, out=self.table("lower", x[0], y[0]))
        return lower, value.mul_(1 + error).add_(x[0].shape[1] * _TINY[self.dtype])

    def _value(self, x: Tensor, y: Tensor) -> Tensor:
        form = self.kernel.form
        if form in ("manhattan", "chebyshev"):
            return torch.cdist(x, y, p=1.0 if form == "manhattan" else torch.inf)
        total, gap = self.table("total", x, y).zero_(), self.table("gap", x, y)
        for a, b in zip(x.T.contiguous(), y.T.contiguous(), strict=True):
            torch.sub(a[:, None], b[None], out=gap)
            if form == "squared_euclidean":
                total.addcmul_(gap, gap)
            else:
                both = a[:, None] + b[None]
                total.add_(gap.mul_(gap).div_(both.where(both > 0, both.new_ones(()))))
        return total


@dataclass(frozen=True)
class Undecided(Filter):
    """No bound: for numbers whose squares leave float64, where brute force has infinities."""

    def place(self, rows: Tensor) -> tuple[Tensor, ...]:
        return (rows,)

    def bounds(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...]) -> Tile:
        open_ = x[0].new_full((len(x[0]), len(y[0])), torch.inf, dtype=torch.float64)
        return -open_, open_


def filter_for(kernel: Elementary, y: Tensor, centre_on: Tensor, name: str, caller: str) -> Filter:
    """The fastest filter whose bounds hold for this kernel on rows like ``y``.

    Rows that the kernel maps first, and float64 rows, are not exact in float32: direct forms then
    run in float64, while the product form rounds once, after centring, within its bound.
    """
    frame = frame_of(kernel, centre_on, name, caller)
    features = len(frame.centre)
    if not 2.0**-400 < frame.scale < 2.0**400:
        return Undecided(kernel, torch.float64)
    if kernel.form == "dot":
        origin = Frame(torch.zeros_like(frame.centre), 1.0, 0.0)
        return Product(kernel, torch.float64, origin)
    if kernel.form == "squared_euclidean" and features > _DIRECT_FEATURES:
        return Product(kernel, torch.float32, frame)
    exact_in_float32 = y.dtype != torch.float64 and not kernel.embeds
    return Direct(kernel, torch.float32 if exact_in_float32 else torch.float64)
