"""One table of distances, many kernels: the tiles of a bandwidth path are computed once."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from gramian import _config
from gramian._input import Rows
from gramian.gram import Gram
from gramian.kernel_methods.kernel._kernel import Kernel
from gramian.kernel_methods.kernel._table import EntryTable, KernelTable, PairTable
from gramian.pairwise import Chebyshev, Manhattan, PairFunction, SquaredEuclidean
from gramian.pairwise._base import Elementary

__all__ = ["PathTables", "Profiles"]

_METRICS: dict[str, PairFunction] = {
    "squared_euclidean": SquaredEuclidean(),
    "manhattan": Manhattan(),
    "chebyshev": Chebyshev(),
}


class Profiles:
    """Distances of all rows, held; kernels of them cost one elementwise function.

    Parameters
    ----------
    table : PairTable of shape (n, n)
        Of any kernel for which `why_not` gives None.
    """

    def __init__(self, table: PairTable) -> None:
        self.distances: Tensor = Gram(table.x, kernel=_METRICS[_form(table.kernel)]).dense()

    @staticmethod
    def why_not(table: object) -> str | None:
        """Why the distances of a table cannot be held, as a sentence, or None."""
        if not isinstance(table, PairTable) or _form(table.kernel) not in _METRICS:
            return "the kernel is not a function of one distance"
        n, budget = table.shape[0], _config.current().memory
        if n * n * table.dtype.itemsize > budget // 4:
            return f"the distances of {n} rows do not fit a quarter of the memory budget"
        return None

    def table(self, kernel: PairFunction) -> EntryTable:
        """The matrix of a kernel of the same distance."""
        assert isinstance(kernel, Elementary)
        distances, n = self.distances, len(self.distances)

        def supply(i: Tensor, j: Tensor) -> Tensor:
            return kernel.entry_(distances[i[:, None], j])

        every = torch.arange(n, device=distances.device)
        return EntryTable(supply, every, every, distances.dtype)


def _form(kernel: PairFunction) -> str:
    """The distance that a kernel is a function of, "" where it changes the rows first."""
    return kernel.form if isinstance(kernel, Elementary) and not kernel.embeds else ""


class PathTables:
    """The kernel matrix of all rows for each kernel, from shared distances if possible.

    Parameters
    ----------
    rows : Rows
    kernels : list of Kernel
    hold : bool
        Whether the whole matrices are wanted. Of a few columns each, they cost less than held
        distances do.
    """

    def __init__(self, rows: Rows, kernels: list[Kernel], *, hold: bool) -> None:
        self.rows, self.kernels = rows, kernels
        self.profiles: Profiles | None = None
        first = self._of(kernels[0])
        hold = hold and len(kernels) > 1 and Profiles.why_not(first) is None
        if hold and isinstance(first, PairTable):
            self.profiles = Profiles(first)
        self.passes = len(kernels) if self.profiles is None else 1

    def __iter__(self) -> Iterator[KernelTable]:
        for kernel in self.kernels:
            if self.profiles is None or kernel.pair is None:
                yield self._of(kernel)
            else:
                yield self.profiles.table(kernel.pair)

    def _of(self, kernel: Kernel) -> KernelTable:
        return kernel.table(self.rows, self.rows)
