"""Tiles of entries for sums and explicit blocks: fast where that is accurate, redone where not.

Tiles have one constant shape, padded, so that a row's bits do not depend on its neighbours or on
its place in a tile (a property that `tests/engine` checks on the matrix product in use). The
product form of squared distances errs by (d + 8) u (‖a‖ + ‖b‖)². What that does to an entry
depends on the kernel's slope, so each row gets a grade from its own norm and the radius of y:

0. the product form in the tile's dtype,
1. the product form in float64, where the error of grade 0 could exceed 10⁻⁵,
2. brute force in float64, where even that is not enough.

Kernels with a kink at zero distance (no finite slope) have the pairs that are near each other,
compared with their norms, redone by brute force instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.engine import exact
from gramian.engine.call import Call
from gramian.engine.torch_backend.frame import Frame, blocks, embedded, finite, frame_of
from gramian.engine.torch_backend.scratch import Scratch
from gramian.pairwise._base import Elementary, PairFunction
from gramian.pairwise.composition import Composite, Exp, Log

__all__ = ["DIRECT_FEATURES", "Entries", "padded"]

DIRECT_FEATURES = 16
_NEAR = 1e-3
_GRADE_1, _GRADE_2 = 1e-5, 1e-9


def padded(rows: Tensor, size: int) -> Tensor:
    """``rows`` made up to ``size`` by repeating the first, whose entries nobody reads.

    Always in one layout, because a matrix product gives other bits for another layout.
    """
    if len(rows) == size:
        return rows.contiguous()
    return torch.cat([rows, rows[:1].expand(size - len(rows), -1)])


@dataclass(frozen=True)
class _Block:
    """A padded block of raw rows, and how many of them count."""

    rows: Tensor
    valid: int


class Entries:
    """Computes tiles of entries for one call.

    Parameters
    ----------
    call : Call
    tile : tuple of int
        Rows and columns of every tile.
    dtype : torch.dtype, optional
        Arithmetic of the tiles; float32 or float64 as the call's data if not given.
    """

    def __init__(self, call: Call, tile: tuple[int, int], dtype: torch.dtype | None = None) -> None:
        self.call, self.tile = call, tile
        self.dtype = dtype or call.compute_dtype
        self.exact_search = dtype is not None
        self.frames: dict[int, Frame] = {}
        self.repeated: set[int] = set()
        self.scratch = Scratch()
        self._frame_leaves(call.kernel)
        if not all(2.0**-40 < frame.scale < 2.0**40 for frame in self.frames.values()):
            self.dtype = torch.float64  # squares of such numbers leave float32's range

    def _frame_leaves(self, kernel: PairFunction) -> None:
        if isinstance(kernel, Composite):
            for part in kernel.parts:
                self._frame_leaves(part)
        elif isinstance(kernel, Elementary):
            if id(kernel) in self.frames:
                self.repeated.add(id(kernel))
                return
            on = self.call.y if self.call.centre_on is None else self.call.centre_on
            name, caller = self.call.names[1], self.call.reduction
            self.frames[id(kernel)] = frame_of(kernel, on, name, caller)
        else:
            for columns in blocks(len(self.call.y), self.tile[1]):
                rows, (_, name) = self.call.y[columns], self.call.names
                finite(rows, columns.start, name, self.call.reduction)

    def __call__(self, rows: Tensor, first: int, columns: slice, *, log: bool = False) -> Tensor:
        """The table of one tile, for raw rows and a slice of y; its logarithm if asked.

        ``first`` is the number of the first row, which tells where the diagonal lies.
        """
        x = _Block(padded(rows, self.tile[0]), len(rows))
        y = _Block(padded(self.call.y[columns], self.tile[1]), columns.stop - columns.start)
        diagonal = self._diagonal(slice(first, first + len(rows)), columns)
        return self._evaluate(self.call.kernel, x, y, diagonal, log)

    def _diagonal(self, rows: slice, columns: slice) -> tuple[Tensor, Tensor] | None:
        """Positions in the tile where row and column are the same row of data."""
        if self.call.row_of is None:
            return None
        place = self.call.row_of[rows] - columns.start
        i = ((place >= 0) & (place < columns.stop - columns.start)).nonzero()[:, 0]
        return (i, place[i]) if len(i) else None

    def _evaluate(
        self,
        kernel: PairFunction,
        x: _Block,
        y: _Block,
        diagonal: tuple[Tensor, Tensor] | None,
        log: bool,
    ) -> Tensor:
        if isinstance(kernel, Log):
            values = self._evaluate(kernel.part, x, y, diagonal, True)
            return values.log() if log else values
        if isinstance(kernel, Exp) and log:
            return self._evaluate(kernel.part, x, y, diagonal, False)
        if isinstance(kernel, Composite):
            parts = [self._evaluate(part, x, y, diagonal, log) for part in kernel.parts]
            return kernel.log_combine(parts) if log else kernel.combine(parts)
        if not isinstance(kernel, Elementary):
            return self._custom(kernel, x, y, log)
        value = self._form(kernel, x, y, diagonal)
        value = kernel.log_entry(value) if log else kernel.entry_(value)
        # a part that occurs again in the composition fills the same table again
        return value.clone() if id(kernel) in self.repeated else value

    def _custom(self, kernel: PairFunction, x: _Block, y: _Block, log: bool) -> Tensor:
        """A table of a user's own function, in memory that is free to be overwritten."""
        function = kernel.log_forward if log else kernel.forward
        table = function(x.rows.to(self.dtype), y.rows.to(self.dtype))
        if not isinstance(table, Tensor) or table.shape != self.tile:
            got = tuple(table.shape) if isinstance(table, Tensor) else type(table).__name__
            raise ValueError(
                f"{type(kernel).__name__}.{function.__name__}: the result must be a tensor of "
                f"shape {self.tile} for blocks of so many rows, got {got}."
            )
        return table.to(self.dtype, copy=True, memory_format=torch.contiguous_format)

    def _form(
        self, kernel: Elementary, x: _Block, y: _Block, diagonal: tuple[Tensor, Tensor] | None
    ) -> Tensor:
        """The form's values, with the diagonal exactly zero where a form is a distance."""
        a, b = embedded(kernel, x.rows), embedded(kernel, y.rows)
        if kernel.form == "dot":
            a, b = a.to(self.dtype), b.to(self.dtype)
            return torch.mm(a, b.T, out=self._table("form", kernel, self.dtype))
        if self.exact_search or kernel.form == "chi_squared":
            value = exact.form_table(kernel.form, a.double(), b.double()).to(self.dtype)
        elif kernel.form in ("manhattan", "chebyshev"):
            p = 1.0 if kernel.form == "manhattan" else torch.inf
            value = torch.cdist(a.to(self.dtype), b.to(self.dtype), p=p)
        elif a.shape[1] <= DIRECT_FEATURES:
            value = self._direct(kernel, a, b)
        else:
            value = self._graded(kernel, a, b, x.valid, y.valid)
        if diagonal is not None:
            value[diagonal] = 0
        return value

    def _table(self, name: str, kernel: Elementary, dtype: torch.dtype) -> Tensor:
        """A whole tile to be filled, kept apart for each part of a composition."""
        return self.scratch(f"{name} {id(kernel)}", *self.tile, dtype, self.call.x.device)

    def _direct(self, kernel: Elementary, a: Tensor, b: Tensor) -> Tensor:
        """Σ (a − b)², one feature after another; in float64 where float32 has not the range."""
        frame = self.frames[id(kernel)]
        roomy = a.dtype != torch.float64 and 2.0**-40 < frame.scale < 2.0**40
        dtype = self.dtype if roomy else torch.float64
        total = self._table("form", kernel, dtype)
        self._summed(a, b, total, self._table("gap", kernel, dtype))
        far = ~(a.abs().amax(1) < 2.0**60) if roomy else None
        if far is not None and self.dtype == torch.float32 and bool(far.any()):
            redone = torch.empty(int(far.sum()), len(b), dtype=torch.float64, device=a.device)
            total[far] = self._summed(a[far], b, redone, torch.empty_like(redone)).float()
        return total.to(self.dtype)

    @staticmethod
    def _summed(a: Tensor, b: Tensor, total: Tensor, gap: Tensor) -> Tensor:
        """Fill ``total`` with Σ (a − b)², using ``gap`` on the way."""
        total.zero_()
        columns = b.T.to(total.dtype).contiguous()
        for feature, values in enumerate(a.T.to(total.dtype).contiguous()):
            torch.sub(values[:, None], columns[feature][None], out=gap)
            total.addcmul_(gap, gap)
        return total

    def _graded(self, kernel: Elementary, a: Tensor, b: Tensor, n: int, m: int) -> Tensor:
        """The product form, with the rows and pairs redone that need it."""
        frame = self.frames[id(kernel)]
        if not 2.0**-400 < frame.scale < 2.0**400:
            return exact.form_table(kernel.form, a.double(), b.double())
        value, norms_a, norms_b = self._product(kernel, a, b, self.dtype)
        slope = kernel.slope()
        if self.call.config.precision == "fast":
            return value.div_(frame.scale**2)
        steep = 0.0 if slope is None else slope / frame.scale**2
        rows, columns = self._graded_rows(norms_a, steep, frame), None
        if self.call.row_of is not None:
            columns = self._graded_rows(norms_b, steep, frame)  # entry (j, i) must be entry (i, j)
        if bool(rows[0][:n].any()) or (columns is not None and bool(columns[0][:m].any())):
            self._redo(kernel, value, a, b, rows, columns)
        value.div_(frame.scale**2)
        if slope is None:
            near = value * frame.scale**2 < (norms_a[:, None] + norms_b[None]).mul_(_NEAR)
            near[n:], near[:, m:] = False, False
            i, j = near.nonzero(as_tuple=True)
            self._redo_pairs(kernel, value, a, b, i, j)
        return value

    def _product(
        self, kernel: Elementary, a: Tensor, b: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Squared distances in the frame's scale, and the norms; symmetric to the bit."""
        frame = self.frames[id(kernel)]
        left, right = frame.place(a, dtype), frame.place(b, dtype)
        norms_a, norms_b = left.square().sum(1), right.square().sum(1)
        value = torch.mm(left, right.T, out=self._table("form", kernel, dtype)).mul_(-2)
        norms = self._table("gap", kernel, dtype)
        value += torch.add(norms_a[:, None], norms_b[None], out=norms)
        return value.clamp_min_(0), norms_a, norms_b

    def _graded_rows(self, norms: Tensor, steep: float, frame: Frame) -> tuple[Tensor, Tensor]:
        """Which rows need float64, and which of them brute force."""
        # a quarter of the bound: half the largest error ever seen, and grades are no promise
        features = len(frame.centre)
        reach = (features + 8) / 4 * (norms.double().sqrt() + frame.radius).square()
        unit = torch.finfo(self.dtype).eps / 2
        limit = _GRADE_1 if self.dtype == torch.float32 else _GRADE_2
        redo = ~(unit * steep * reach <= limit) | ~torch.isfinite(norms)
        if self.dtype == torch.float64:
            return redo, redo
        return redo, redo & ~(2.0**-53 * steep * reach <= _GRADE_2)

    def _redo(
        self,
        kernel: Elementary,
        value: Tensor,
        a: Tensor,
        b: Tensor,
        rows: tuple[Tensor, Tensor],
        columns: tuple[Tensor, Tensor] | None,
    ) -> None:
        """Put float64 values, in the frame's scale, into the rows and columns graded so."""
        scale = self.frames[id(kernel)].scale
        sides = [(value, a, b, *rows)]
        if columns is not None:
            sides.append((value.T, b, a, *columns))
        if self.dtype != torch.float64:
            wide, *_ = self._product(kernel, a, b, torch.float64)
            for target, source, (redo, _) in (
                (value, wide, rows),
                *([] if columns is None else [(value.T, wide.T, columns)]),
            ):
                target[redo] = source[redo].to(value.dtype)
        # brute force after the rest, so that it stays where a row and a column differ in grade
        for target, left, right, _, brute in sides:
            if bool(brute.any()):
                table = exact.form_table(kernel.form, left[brute].double(), right.double())
                target[brute] = (table * scale**2).to(value.dtype)

    def _redo_pairs(
        self, kernel: Elementary, value: Tensor, a: Tensor, b: Tensor, i: Tensor, j: Tensor
    ) -> None:
        """Put brute-force values into the pairs (i, j), a bounded number at a time."""
        size = max(64, 2**17 // a.shape[1])
        for start in range(0, len(i), size):
            rows, columns = i[start : start + size], j[start : start + size]
            found = exact.form_pairs(kernel.form, a[rows].double(), b[columns].double())
            value[rows, columns] = found.to(value.dtype)
