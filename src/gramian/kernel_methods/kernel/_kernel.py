"""What an estimator's kernel parameters mean: one kernel, and its table between rows.

scikit-learn's names, `PairFunction`, callables and "precomputed" all end up as a `KernelTable`,
which is never stored unless `held` finds room for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.metrics.pairwise import pairwise_kernels
from torch import Tensor

from gramian import _config
from gramian._arrays import Form
from gramian._input import Rows
from gramian._validation import check_choice, check_real
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._table import EntryTable, KernelTable, PairTable
from gramian.linalg import DenseOperator, Operator
from gramian.pairwise import PairFunction
from gramian.pairwise.names import KERNEL_NAMES, kernel_by_name

__all__ = ["Kernel", "chosen_kernel", "fitted_rows", "held"]

_CHOICES = (*KERNEL_NAMES, "additive_chi2", "precomputed")


@dataclass(frozen=True)
class Kernel:
    """A kernel that was chosen, in the form that the engine or scikit-learn can compute.

    Attributes
    ----------
    pair : PairFunction or None
        What the engine computes; None where only explicit blocks will do.
    metric : str or callable
        What ``pairwise_kernels`` of scikit-learn is called with; "precomputed" for a matrix.
    arguments : dict
        Its keyword arguments.
    """

    pair: PairFunction | None
    metric: str | Callable[..., Any]
    arguments: dict[str, Any]

    @property
    def precomputed(self) -> bool:
        """Whether the rows are rows of the kernel matrix itself."""
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def table(self, x: Rows, y: Rows) -> KernelTable:
        """The kernel between two tables of rows, not computed; x is y where it is symmetric.

        For "precomputed", x is the matrix and y only says how many columns it has.
        """
        kind = _working(torch.promote_types(x.dtype, y.dtype))
        if self.pair is not None and x.tensor is not None and y.tensor is not None:
            left = x.tensor.to(kind)
            right = left if x is y else y.tensor.to(left)
            return PairTable(left, right, self.pair)
        columns = x.shape[1] if self.precomputed else len(y)
        i, j = (torch.arange(size, device=x.device) for size in (len(x), columns))
        return EntryTable(self._blocks(x, y), i, j, kind)

    def _blocks(self, x: Rows, y: Rows) -> Callable[[Tensor, Tensor], Tensor]:
        """Explicit blocks at row numbers i of x and j of y."""

        def chosen(i: Tensor, j: Tensor) -> Tensor:
            if x.tensor is not None:
                return x.tensor[i[:, None], j]
            return torch.from_numpy(x.given[i.numpy()][:, j.numpy()].toarray())

        def paired(i: Tensor, j: Tensor) -> Tensor:
            assert self.pair is not None
            return PairTable(x.take(i), y.take(j), self.pair).entries()

        def foreign(i: Tensor, j: Tensor) -> Tensor:
            left, right = _numbers(x, i), _numbers(y, j)
            # scikit-learn halves its work where it is shown that both are the same
            right = left if x is y and len(i) == len(j) and bool((i == j).all()) else right
            found = pairwise_kernels(left, right, metric=self.metric, **self.arguments)
            return torch.from_numpy(np.asarray(found)).to(x.device)

        if self.precomputed:
            return chosen
        return foreign if self.pair is None or isinstance(self.metric, str) else paired

    def at_bandwidth(self, bandwidth: float, caller: str) -> Kernel:
        """The same kernel with another bandwidth."""
        if not _has_bandwidth(self.pair):
            shown = self.metric if self.pair is None else self.pair
            raise ValueError(
                f"{caller}: kernel must have a bandwidth for bandwidths, got {shown!r}. "
                "Take 'rbf', 'laplacian' or another kernel of a distance, or leave them out."
            )
        kind: Any = self.pair
        pair = replace(kind, bandwidth=bandwidth)
        if not isinstance(self.metric, str):
            return replace(self, pair=pair)
        gamma = 1 / (2 * bandwidth**2) if self.metric == "rbf" else 1 / bandwidth
        return Kernel(pair, self.metric, {"gamma": gamma})


def chosen_kernel(
    kernel: Any,
    caller: str,
    *,
    n_features: int,
    gamma: float | None = None,
    bandwidth: Any = None,
    degree: float = 3,
    coef0: float = 1.0,
    kernel_params: dict[str, Any] | None = None,
) -> Kernel:
    """The kernel that an estimator's parameters describe, in scikit-learn's words or ours.

    Raises
    ------
    ValueError, TypeError
        If a parameter is impossible, or both ``gamma`` and ``bandwidth`` are given.
    """
    if kernel_params is not None and not isinstance(kernel_params, dict):
        raise TypeError(
            f"{caller}: kernel_params must be a dict or None, got {kernel_params!r}. "
            "They are keyword arguments of a callable kernel."
        )
    gamma = None if gamma is None else check_real(gamma, "gamma", caller, low=0)
    degree = check_real(degree, "degree", caller, low=0)
    coef0 = check_real(coef0, "coef0", caller)
    if gamma is not None and bandwidth is not None:
        raise ValueError(
            f"{caller}: gamma must be None when bandwidth is given, got gamma={gamma!r} and "
            f"bandwidth={bandwidth!r}. Pass one of the two."
        )
    if isinstance(kernel, PairFunction):
        made = Kernel(kernel, kernel.forward, {})
        return made if bandwidth is None else made.at_bandwidth(bandwidth, caller)
    if callable(kernel):
        if bandwidth is not None:
            return Kernel(None, kernel, {}).at_bandwidth(bandwidth, caller)
        return Kernel(None, kernel, dict(kernel_params or {}))
    check_choice(kernel, "kernel", caller, [*_CHOICES, "a PairFunction", "a callable"])
    if bandwidth is not None:
        if kernel in ("precomputed", "additive_chi2"):
            return Kernel(None, kernel, {}).at_bandwidth(bandwidth, caller)
        return _banded(kernel, bandwidth, n_features, caller)
    arguments = {"gamma": gamma, "degree": degree, "coef0": coef0, "filter_params": True}
    # corners that scikit-learn computes and the engine has no kernel for
    odd = kernel in ("poly", "polynomial") and (degree < 1 or degree != int(degree))
    if kernel in ("precomputed", "additive_chi2") or gamma == 0 or odd:
        return Kernel(None, kernel, arguments)
    pair = kernel_by_name(
        kernel, caller, n_features=n_features, gamma=gamma, degree=int(degree), coef0=coef0
    )
    return Kernel(pair, kernel, arguments)


def _banded(name: str, bandwidth: Any, n_features: int, caller: str) -> Kernel:
    """A kernel by its name and a bandwidth, or one bandwidth per feature."""
    if isinstance(bandwidth, np.generic):
        bandwidth = bandwidth.item()
    pair: Any = kernel_by_name(name, caller, n_features=n_features, bandwidth=bandwidth)
    settled = pair.bandwidth
    if isinstance(settled, Tensor) and settled.ndim == 1:
        if len(settled) != n_features:
            raise ValueError(
                f"{caller}: bandwidth must be a positive number, or one for each of the "
                f"{n_features} features, got {len(settled)} numbers."
            )
        return Kernel(pair, pair.forward, {})
    return Kernel(pair, name, {}).at_bandwidth(float(settled), caller)


def _has_bandwidth(pair: PairFunction | None) -> bool:
    return is_dataclass(pair) and any(field.name == "bandwidth" for field in fields(pair))


def fitted_rows(given: Any) -> Rows:
    """A table that a fit has kept, as the rows that it was."""
    if isinstance(given, sparse.csr_matrix | sparse.csr_array):
        kind = torch.float32 if given.dtype == np.float32 else torch.float64
        return Rows(given, None, Form(numpy=True), kind, torch.device("cpu"))
    tensor = as_tensor(given)
    form = Form(numpy=not isinstance(given, Tensor))
    return Rows(given, tensor, form, tensor.dtype, tensor.device)


def held(table: KernelTable) -> tuple[Operator, int]:
    """The table itself, or the dense matrix where each entry is dear; and the bytes that it takes.

    Entries from Python or from sparse rows cost far more than to keep them: they are computed once
    where a quarter of the memory budget holds them, else again in each pass.
    """
    needed = table.shape[0] * table.shape[1] * table.dtype.itemsize
    if isinstance(table, PairTable) or needed > _config.current().memory // 4:
        return table, 0
    return DenseOperator(table.entries()), needed


def _working(dtype: torch.dtype) -> torch.dtype:
    """The dtype that solvers work in: float64 stays, everything else is float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _numbers(rows: Rows, index: Tensor) -> Any:
    """Some rows as scikit-learn takes them: NumPy or sparse."""
    given = rows.given
    if isinstance(given, Tensor):
        picked = given[index].cpu()
        return picked.to(_working(picked.dtype)).numpy()
    return given[index.numpy()]
