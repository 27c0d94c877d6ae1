"""The k smallest or largest entries per row, exactly as float64 brute force orders them."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.engine import exact
from gramian.engine.call import Call
from gramian.engine.plan import Plan
from gramian.engine.torch_backend.filters import Filter, Tile, filter_for
from gramian.engine.torch_backend.frame import blocks, embedded, finite
from gramian.engine.torch_backend.workers import for_each
from gramian.pairwise._base import Elementary

__all__ = ["exact_pairs", "search", "tile_shape", "waiting_bytes"]

_ENTRIES = 2**17
_COLUMNS = 480
_PAIRS = 2**14
_NOWHERE = 2**62


def tile_shape(n_columns: int, k: int = 1) -> tuple[int, int]:
    """Rows and columns of a tile: bits do not depend on them here, so few columns get more rows.

    Many entries per row get fewer rows, because each row keeps a list of candidates.
    """
    columns = min(n_columns, _COLUMNS)
    return max(1, min(_ENTRIES // columns, 2 * _PAIRS // _most_open(k))), columns


def waiting_bytes(rows: int, k: int) -> int:
    """What a block's candidates take: their table, a sorted copy, and the k best of each row."""
    return (_PAIRS + rows * _most_open(k)) * 24 * 2 + rows * k * 8 * 6


def exact_pairs(kernel: Elementary, x: Tensor, y: Tensor, i: Tensor, j: Tensor) -> Tensor:
    """The form's float64 brute-force value for the rows i of x and j of y, in bounded chunks."""
    size = max(64, _ENTRIES // max(1, x.shape[1]))
    values = torch.empty(len(i), dtype=torch.float64, device=x.device)
    for part in blocks(len(i), size):
        a = embedded(kernel, x[i[part]].double())
        values[part] = exact.form_pairs(kernel.form, a, embedded(kernel, y[j[part]].double()))
    return values


def search(call: Call, plan: Plan) -> tuple[Tensor, Tensor]:
    """Values (n, k) in the dtype of x, and indices (n, k)."""
    kernel = call.kernel
    assert isinstance(kernel, Elementary)
    x, y, k = call.x, call.y, call.k
    sign = -kernel.order if call.largest else kernel.order
    centre_on = y if call.centre_on is None else call.centre_on
    fast = filter_for(kernel, y, centre_on, call.names[1], call.reduction)
    values = torch.empty(len(x) if call.values else 0, k, dtype=x.dtype, device=x.device)
    indices = torch.empty(len(x), k, dtype=torch.int64, device=x.device)

    def work(rows: slice) -> None:
        block = finite(x[rows], rows.start, call.names[0], call.reduction)
        found = _Rows(call, fast, sign, block)
        for columns in blocks(len(y), plan.tile[1]):
            found.scan(columns)
        distances, indices[rows] = found.result()
        if call.values:
            values[rows] = exact.finished(kernel, distances).to(x.dtype)

    for_each(work, blocks(len(x), plan.tile[0]), plan.workers)
    return values, indices


class _Waiting:
    """Pairs that brute force may have to decide, in tables of fixed size.

    A list of small tensors between large temporaries would keep the allocator from using the same
    memory again, and the budget could not be kept.
    """

    def __init__(self, fast: Filter, n: int, k: int, device: torch.device) -> None:
        size = _PAIRS + n * _most_open(k)
        kinds = {"rows": torch.int64, "columns": torch.int64, "bounds": fast.dtype}
        self.tables = [
            fast.scratch(f"waiting {name}", 1, size, dtype, device)[0]
            for name, dtype in kinds.items()
        ]
        self.held = 0

    @property
    def room(self) -> int:
        return len(self.tables[0]) - self.held

    def add(self, *parts: Tensor) -> None:
        end = self.held + len(parts[0])
        for table, part in zip(self.tables, parts, strict=True):
            table[self.held : end] = part
        self.held = end

    def take(self) -> tuple[Tensor, ...]:
        """Everything that waits; the tables are empty afterwards."""
        held, self.held = self.held, 0
        return tuple(table[:held] for table in self.tables)


def _most_open(k: int) -> int:
    """Open pairs that a row may have in one tile before the tile is decided as a whole."""
    return 32 + 4 * k


class _Rows:
    """The search of one block of rows: bounds first, brute force for what they leave open.

    ``ceiling`` is an upper bound of each row's k-th best value so far. A pair whose lower bound
    exceeds it is out; the others wait, and are thinned out again as the ceiling falls.
    """

    def __init__(self, call: Call, fast: Filter, sign: int, x: Tensor) -> None:
        self.call, self.fast, self.sign, self.x = call, fast, sign, x
        self.kernel = fast.kernel
        self.placed = fast.place(x)
        n, k = len(x), call.k
        self.uppers = x.new_full((n, k), torch.inf, dtype=torch.float64)
        self.best = x.new_full((n, k), torch.inf, dtype=torch.float64)
        self.where = torch.full((n, k), _NOWHERE, dtype=torch.int64, device=x.device)
        self.settled = False
        self.waiting = _Waiting(fast, n, k, x.device)

    @property
    def ceiling(self) -> Tensor:
        return self.uppers[:, -1]

    def scan(self, columns: slice) -> None:
        """Take in one tile of columns."""
        y = self.call.y[columns]
        lower, upper = self._signed(self.fast.bounds(self.placed, self.fast.place(y)))
        before = self.uppers.clone()
        self._lower_ceiling(slice(None), upper)
        open_ = ~(lower > self._fit(self.ceiling, lower)[:, None])
        crowded = open_.sum(1) > _most_open(self.call.k)
        if bool(crowded.any()):
            self._settle_crowded(crowded.nonzero()[:, 0], columns, open_, before)
        i, j = open_.nonzero(as_tuple=True)
        if len(i) > self.waiting.room:
            self._settle_waiting()
        if len(i):
            self.waiting.add(i, j + columns.start, lower[i, j])

    def result(self) -> Tile:
        """The k best of each row: float64 values of the form, and columns."""
        if not self.call.values and self.call.k == 1 and not self.settled:
            self._take_lonely()
        self._settle_waiting()
        return self.best * self.sign, self.where

    def _signed(self, bounds: Tile) -> Tile:
        lower, upper = bounds
        return (lower, upper) if self.sign > 0 else (-upper, -lower)

    def _fit(self, ceiling: Tensor, like: Tensor) -> Tensor:
        """The ceiling in the tile's dtype, rounded up so that nothing is lost."""
        fitted = ceiling.to(like.dtype)
        return torch.where(
            fitted.double() < ceiling,
            torch.nextafter(fitted, fitted.new_full((), torch.inf)),
            fitted,
        )

    def _lower_ceiling(self, rows: slice | Tensor, upper: Tensor) -> None:
        """Bring a tile's upper bounds into the k lowest of each row."""
        k = self.call.k
        # an infinite bound, of either sign, only says that the tile's dtype has overflowed
        upper = upper.nan_to_num(nan=torch.inf, posinf=torch.inf, neginf=torch.inf)
        if k == 1:
            least = upper.amin(1, keepdim=True).double()
            self.uppers[rows] = torch.minimum(self.uppers[rows], least)
            return
        if upper.shape[1] > k:
            upper = upper.topk(k, dim=1, largest=False).values
        merged = torch.cat([self.uppers[rows], upper.double()], dim=1)
        self.uppers[rows] = merged.topk(k, dim=1, largest=False).values.sort(dim=1).values

    def _settle_crowded(self, rows: Tensor, columns: slice, open_: Tensor, before: Tensor) -> None:
        """Rows with many open pairs in a tile: bounds in float64, then the whole tile exactly.

        Better bounds take the place of the tile's first ones, which ``before`` does not have yet:
        a pair that counts twice among the k lowest would bring the ceiling too low.
        """
        y, unit = self.call.y[columns], self.fast.unit
        if self.fast.dtype != torch.float64:
            wide = self.fast.widened()
            lower, upper = self._signed(wide.bounds(wide.place(self.x[rows]), wide.place(y)))
            self.uppers[rows] = before[rows]
            self._lower_ceiling(rows, upper)
            still = ~(lower > self.ceiling[rows, None])
            open_[rows] = still
            rows = rows[still.sum(1) > _most_open(self.call.k)]
        if not len(rows):
            return
        open_[rows] = False
        a = embedded(self.kernel, self.x[rows].double())
        b = embedded(self.kernel, y.double())
        table = exact.form_table(self.kernel.form, a, b).mul_(self.sign)
        order = table.sort(dim=1, stable=True)
        k = min(self.call.k, table.shape[1])
        self._merge(rows, order.values[:, :k], order.indices[:, :k] + columns.start)
        found = order.values[:, :k] * unit
        self.uppers[rows] = before[rows]
        self._lower_ceiling(rows, found + found.abs() * 1e-12)

    def _settle_waiting(self) -> None:
        """Evaluate the waiting pairs that are still below the ceiling by brute force."""
        i, j = self._thinned()
        if not len(i):
            return
        values = exact_pairs(self.kernel, self.x, self.call.y, i, j).mul_(self.sign)
        # sort by row, then value, then column: stable sorts from the last key to the first
        order = j.sort(stable=True).indices
        order = order[values[order].sort(stable=True).indices]
        order = order[i[order].sort(stable=True).indices]
        i, j, values = i[order], j[order], values[order]
        counts = torch.bincount(i, minlength=len(self.x))
        rank = torch.arange(len(i), device=i.device) - (counts.cumsum(0) - counts)[i]
        keep = rank < self.call.k
        i, j, values, rank = i[keep], j[keep], values[keep], rank[keep]
        best = torch.full_like(self.best, torch.inf)
        where = torch.full_like(self.where, _NOWHERE)
        best[i, rank], where[i, rank] = values, j
        self._merge(slice(None), best, where)
        worst = self.best[:, -1] * self.fast.unit
        self.uppers[:, -1] = torch.minimum(self.ceiling, worst + worst.abs() * 1e-12)

    def _merge(self, rows: slice | Tensor, best: Tensor, where: Tensor) -> None:
        """Join exact finds with those from before, by value and then column."""
        self.settled = True
        values = torch.cat([self.best[rows], best], dim=1)
        columns = torch.cat([self.where[rows], where], dim=1)
        order = columns.sort(dim=1, stable=True).indices
        order = order.gather(1, values.gather(1, order).sort(dim=1, stable=True).indices)
        order = order[:, : self.call.k]
        self.best[rows], self.where[rows] = values.gather(1, order), columns.gather(1, order)

    def _thinned(self) -> tuple[Tensor, Tensor]:
        """The waiting pairs whose lower bound is not above the present ceiling."""
        i, j, lower = self.waiting.take()
        keep = ~(lower > self._fit(self.ceiling, lower)[i])
        return i[keep], j[keep]

    def _take_lonely(self) -> None:
        """Rows with a single pair left need no brute force where only the index is asked for."""
        i, j = self._thinned()
        lonely = (torch.bincount(i, minlength=len(self.x)) == 1)[i]
        self.where[i[lonely], 0] = j[lonely]
        i, j = i[~lonely], j[~lonely]
        self.waiting.add(i, j, self.ceiling[i])
