"""Searches: the smallest and largest entries, and those within a radius."""

from __future__ import annotations

from typing import Any

from gramian._arrays import as_vector
from gramian._validation import check_int, check_real
from gramian.engine import plan as engine
from gramian.engine.autograd import differentiable
from gramian.engine.call import Call
from gramian.gram._table import Table

__all__ = ["Searches"]


class Searches(Table):
    """Nearest, farthest, and within a radius; exact where the configuration says so."""

    def topk(self, k: int, dim: int = 1, largest: bool = False) -> tuple[Any, Any]:
        """The k smallest (or largest) entries per row and where they are.

        Parameters
        ----------
        k : int in [1, m]
        dim : {0, 1}, default=1
        largest : bool, default=False

        Returns
        -------
        values : (n, k), sorted
        indices : (n, k), int64
            Ties go to the smallest index.
        """
        side = self._along(dim, "topk")
        check_int(k, "k", "Gram.topk", low=1, high=side.shape[1])
        values, indices = differentiable(side._call("topk", k=k, largest=bool(largest)))
        return self._give(values), self._give(indices)

    def min(self, dim: int = 1) -> tuple[Any, Any]:
        """The smallest entry per row and where it is: (values, indices), each (n,)."""
        values, indices = self.topk(1, dim)
        return values[:, 0], indices[:, 0]

    def max(self, dim: int = 1) -> tuple[Any, Any]:
        """The largest entry per row and where it is: (values, indices), each (n,)."""
        values, indices = self.topk(1, dim, largest=True)
        return values[:, 0], indices[:, 0]

    def argmin(self, dim: int = 1) -> Any:
        """Index of the smallest entry per row, (n,), int64; ties go to the smallest index."""
        side = self._along(dim, "argmin")
        return self._give(engine.run(side._call("topk", values=False))[1][:, 0])

    def argmax(self, dim: int = 1) -> Any:
        """Index of the largest entry per row, (n,), int64; ties go to the smallest index."""
        side = self._along(dim, "argmax")
        return self._give(engine.run(side._call("topk", values=False, largest=True))[1][:, 0])

    def count(self, radius: float, *, weights: Any = None) -> Any:
        """How many entries of each row are ≤ radius, or the sum of their weights.

        Parameters
        ----------
        radius : float
            Kept in float64; compared as float64 brute force would.
        weights : (m,), optional

        Returns
        -------
        (n,), int64, or float64 with weights
        """
        call = self._within("count", radius)
        if weights is not None:
            right, flat = as_vector(weights, "weights", "Gram.count", rows=self.shape[1], like=None)
            if not flat:
                raise ValueError(
                    f"Gram.count: weights must have shape ({self.shape[1]},), "
                    f"got {tuple(right.shape)}."
                )
            call = self._call("count", radius=call.radius, weights=right[:, 0])
        return self._give(engine.run(call))

    def neighbors(self, radius: float) -> tuple[Any, Any, Any]:
        """Which entries are ≤ radius, as a compressed sparse row matrix.

        Returns
        -------
        indptr : (n + 1,), int64
        indices : (nnz,), int64
            Columns of row i are ``indices[indptr[i]:indptr[i + 1]]``, rising.
        values : (nnz,)
            The entries themselves.
        """
        found = engine.run(self._within("neighbors", radius))
        indptr, indices, values = (self._give(part) for part in found)
        return indptr, indices, values

    def _within(self, reduction: str, radius: float) -> Call:
        checked = check_real(radius, "radius", f"Gram.{reduction}")
        return self._call(reduction, radius=checked)
