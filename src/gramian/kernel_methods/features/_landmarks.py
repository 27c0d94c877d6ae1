"""Rows that stand for all the others in Nyström's method."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from gramian import _config
from gramian._input import Rows, take_rows
from gramian._validation import as_generator, check_choice
from gramian.errors import MemoryBudgetError
from gramian.kernel_methods.kernel._kernel import Kernel
from gramian.kernel_methods.kernel._random_state import as_random_state
from gramian.kernel_methods.kernel._rows import part_of, rows_of
from gramian.linalg import rpcholesky

__all__ = ["WAYS", "chosen_landmarks"]

WAYS = ("uniform", "rpcholesky", "kmeans")


def chosen_landmarks(
    estimator: Any, rows: Rows, kernel: Kernel, caller: str
) -> tuple[Rows, Tensor | None]:
    """The landmarks, and which rows of the fit they are; None where they are none of these."""
    way = estimator.landmarks
    if not isinstance(way, str):
        return _given(estimator, rows, kernel, caller), None
    check_choice(way, "landmarks", caller, [*WAYS, "an array of rows"])
    m = _count(estimator.n_components, len(rows), caller)
    if way == "kmeans":
        return _centers(rows, kernel, m, estimator.random_state, caller), None
    if way == "uniform":
        drawn = as_random_state(estimator.random_state, caller).permutation(len(rows))[:m]
        index = torch.from_numpy(drawn).to(rows.device)
    else:
        _check_factor(rows, m, caller)
        generator = as_generator(estimator.random_state, caller)
        index = rpcholesky(kernel.table(rows, rows), m, generator=generator).pivots
    return part_of(rows, index), index


def _count(wanted: int, n: int, caller: str) -> int:
    """How many landmarks there are to be."""
    if wanted > n:
        warnings.warn(
            f"{caller}: n_components must be at most the number of rows {n}, got {wanted}. "
            f"{n} are taken, which evaluates the full kernel.",
            stacklevel=4,
        )
    return min(wanted, n)


def _given(estimator: Any, rows: Rows, kernel: Kernel, caller: str) -> Rows:
    """Landmarks that the caller passed, as rows on the device of the others."""
    _refuse_precomputed(kernel, "an array", caller)
    checked = take_rows(estimator, estimator.landmarks, reset=False)
    if checked.tensor is None or rows.tensor is None:
        return checked
    tensor = checked.tensor.to(rows.device, rows.dtype)
    return rows_of(tensor, numpy=rows.form.numpy)


def _centers(rows: Rows, kernel: Kernel, m: int, random_state: Any, caller: str) -> Rows:
    """Centres of k-means, with the data's dtype and kind."""
    from gramian.cluster import KMeans

    _refuse_precomputed(kernel, "'kmeans'", caller)
    with warnings.catch_warnings():
        # fewer distinct rows than centres: the doubles fall away with the null space
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        fitted = KMeans(n_clusters=m, n_init=1, random_state=random_state).fit(rows.given)
    centers = fitted.cluster_centers_
    tensor = centers if isinstance(centers, Tensor) else torch.from_numpy(centers)
    return rows_of(tensor.to(rows.dtype), numpy=rows.form.numpy)


def _refuse_precomputed(kernel: Kernel, way: str, caller: str) -> None:
    if kernel.precomputed:
        raise ValueError(
            f"{caller}: landmarks must be 'uniform' or 'rpcholesky' for kernel='precomputed', got "
            f"{way}: a matrix has no other rows to offer."
        )


def _check_factor(rows: Rows, m: int, caller: str) -> None:
    """Refuse a factor of n × m numbers that does not fit the memory budget."""
    needed, budget = len(rows) * m * rows.dtype.itemsize, _config.current().memory
    if needed > budget:
        raise MemoryBudgetError(
            f"{caller}: memory must be at least {needed} bytes for landmarks='rpcholesky' with {m} "
            f"of {len(rows)} rows, got {budget}. Raise it with gramian.config(memory={needed}), or "
            "use landmarks='uniform'.",
            needed=needed,
            budget=budget,
        )
