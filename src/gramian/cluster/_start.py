"""Where k-means starts: what the parameter ``init`` means."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.validation import check_array
from torch import Tensor

from gramian._arrays import wrap
from gramian._input import Rows
from gramian.cluster._oversampling import oversample
from gramian.cluster._seeding import plus_plus, random_rows

__all__ = ["first_centers"]


def first_centers(
    init: Any,
    rows: Rows,
    weights: Tensor,
    n_clusters: int,
    generator: torch.Generator,
    caller: str = "KMeans.fit",
) -> Tensor:
    """Centres to start from, (n_clusters, n_features), in the dtype of the rows."""
    if isinstance(init, str):
        if init == "random":
            return rows.take(random_rows(weights, n_clusters, generator))
        if init == "k-means||":
            return rows.take(oversample(rows, weights, n_clusters, generator))
        return rows.take(plus_plus(rows, weights, n_clusters, generator))
    if callable(init):
        state: Any = generator
        if rows.form.numpy:
            seed = int(torch.randint(2**32, (), generator=generator))
            state = np.random.RandomState(seed)
        init = init(rows.given, n_clusters, random_state=state)
    return _checked(init, rows, n_clusters, caller)


def _checked(value: Any, rows: Rows, n_clusters: int, caller: str) -> Tensor:
    """Centres that the caller chose, as a tensor like the rows."""
    if not isinstance(value, Tensor):
        if sparse.issparse(value):
            table: Any = value
            value = table.toarray()
        checked = check_array(value, dtype=[np.float64, np.float32], input_name="init")
        value = wrap(checked, "init", caller)
    centers = value.detach().to(dtype=rows.dtype, device=rows.device)
    if centers.ndim != 2 or not bool(torch.isfinite(centers).all()):
        raise ValueError(
            f"{caller}: init must be a finite array of shape (n_clusters, n_features), got "
            f"shape {tuple(centers.shape)}, or NaN or infinity in it."
        )
    for what, size, wanted in (
        ("clusters", centers.shape[0], n_clusters),
        ("features of the data", centers.shape[1], rows.shape[1]),
    ):
        if size != wanted:
            raise ValueError(
                f"{caller}: The shape of the initial centers {tuple(centers.shape)} does not "
                f"match the number of {what} {wanted}."
            )
    return centers.clone()
