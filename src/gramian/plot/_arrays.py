"""What the pictures accept: arrays, tensors, data frames and fitted estimators, duck typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gramian._validation import _message

CHUNK_BYTES = 16 << 20


def as_array(value: Any, name: str, caller: str, *, ndim: int) -> np.ndarray:
    """``value`` as a non-empty real array of ``ndim`` axes; memory-maps are not loaded."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = (value.float() if value.dtype is torch.bfloat16 else value).numpy()
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(_message(caller, name, "an array of real numbers", str(array.dtype)))
    if array.ndim != ndim:
        raise ValueError(_message(caller, name, f"an array of {ndim} axes", array.shape))
    if array.size == 0:
        raise ValueError(_message(caller, name, "a non-empty array", array.shape))
    return array


def as_finite(value: Any, name: str, caller: str, *, ndim: int) -> np.ndarray:
    """`as_array`, refusing NaN and infinity; works through the rows chunk by chunk."""
    array = as_array(value, name, caller, ndim=ndim)
    for rows in row_chunks(array):
        if not np.isfinite(array[rows]).all():
            raise ValueError(_message(caller, name, "free of NaN and infinity", array.shape))
    return array


def as_labels(value: Any, caller: str, *, n_rows: int | None = None) -> np.ndarray:
    """Cluster labels as int64; every negative label means noise."""
    array = as_array(value, "labels", caller, ndim=1)
    if array.dtype.kind == "f":
        raise TypeError(_message(caller, "labels", "an array of integers", str(array.dtype)))
    if n_rows is not None and len(array) != n_rows:
        remedy = "Pass one label per row."
        raise ValueError(_message(caller, "labels", f"of length {n_rows}", len(array), remedy))
    return array.astype(np.int64, copy=False)


def as_names(value: Sequence[str] | None, n_features: int, caller: str) -> list[str]:
    """Feature names as text; x0, x1, … where none are given."""
    names = [f"x{i}" for i in range(n_features)] if value is None else [str(v) for v in value]
    if len(names) != n_features:
        constraint = f"of length {n_features}"
        raise ValueError(_message(caller, "feature_names", constraint, len(names)))
    return names


def names_of(table: Any) -> list[str] | None:
    """Column names of a data frame, None for anything else."""
    columns = getattr(table, "columns", None)
    return None if columns is None else [str(column) for column in columns]


def row_chunks(array: np.ndarray) -> Iterator[slice]:
    """Slices of rows that take about 16 MiB each in float64."""
    per_row = 8 * int(np.prod(array.shape[1:], dtype=np.int64))
    step = max(1, CHUNK_BYTES // per_row)
    for start in range(0, len(array), step):
        yield slice(start, start + step)


def fitted(estimator: Any, attribute: str, caller: str) -> Any:
    """A fitted attribute, or an error that says what is missing."""
    if not hasattr(estimator, attribute):
        constraint = f"a fitted object with the attribute {attribute}"
        remedy = "Call fit first, or use from_predictions."
        raise ValueError(_message(caller, "estimator", constraint, estimator, remedy))
    return getattr(estimator, attribute)


def labels_for(estimator: Any, X: Any, caller: str) -> Any:
    """The fitted labels where X is the training table, else what the estimator predicts."""
    labels = fitted(estimator, "labels_", caller)
    if len(labels) == len(X):
        return labels
    if hasattr(estimator, "predict"):
        return estimator.predict(X)
    remedy = "Pass the rows it was fitted on."
    raise ValueError(_message(caller, "X", f"of length {len(labels)}", len(X), remedy))


@dataclass(frozen=True)
class Clusters:
    """Labels sorted out: cluster names in order, sizes, and the noise apart."""

    names: np.ndarray
    counts: np.ndarray
    ranks: np.ndarray
    n_noise: int

    @classmethod
    def of(cls, labels: np.ndarray) -> Clusters:
        """Ranks are positions in ``names``; noise has rank -1."""
        names, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
        n_negative = int((names < 0).sum())
        return cls(
            names=names[n_negative:],
            counts=counts[n_negative:],
            ranks=np.maximum(inverse.reshape(-1) - n_negative, -1),
            n_noise=int(counts[:n_negative].sum()),
        )

    def __len__(self) -> int:
        return len(self.names)

    def describe(self) -> str:
        """The count of clusters and of noise points, in words."""
        text = f"{len(self)} cluster{'' if len(self) == 1 else 's'}"
        if self.n_noise:
            total = int(self.counts.sum()) + self.n_noise
            text += f" and {self.n_noise:,} noise points ({self.n_noise / total:.1%})"
        return text
