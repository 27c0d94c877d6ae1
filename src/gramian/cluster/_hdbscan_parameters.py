"""What HDBSCAN's parameters may be."""

from __future__ import annotations

from typing import Any

import numpy as np

from gramian._validation import check_choice, check_int, check_real

__all__ = ["check_parameters", "enough_samples"]

_CALLER = "HDBSCAN.fit"


def check_parameters(model: Any) -> None:
    """Refuse what needs no data to be judged."""
    check_int(model.min_cluster_size, "min_cluster_size", _CALLER, low=2)
    if model.min_samples is not None:
        check_int(model.min_samples, "min_samples", _CALLER, low=1)
    if model.max_cluster_size is not None:
        check_int(model.max_cluster_size, "max_cluster_size", _CALLER, low=1)
    check_real(model.cluster_selection_epsilon, "cluster_selection_epsilon", _CALLER, low=0)
    check_real(model.alpha, "alpha", _CALLER, low=0, low_open=True)
    method = model.cluster_selection_method
    check_choice(method, "cluster_selection_method", _CALLER, ("eom", "leaf"))
    check_choice(model.allow_single_cluster, "allow_single_cluster", _CALLER, (True, False))
    centers = (None, "centroid", "medoid", "both")
    check_choice(model.store_centers, "store_centers", _CALLER, centers)
    check_choice(model.copy, "copy", _CALLER, (True, False))
    if model.metric == "precomputed" and model.store_centers is not None:
        raise ValueError(
            f"{_CALLER}: store_centers must be None where metric='precomputed', got "
            f"{model.store_centers!r}. Cannot store centers when using a precomputed distance "
            "matrix."
        )


def enough_samples(model: Any, kept: np.ndarray, weights: np.ndarray | None) -> int:
    """``min_samples`` as it counts, if the rows that take part are so many, or weigh so much."""
    n = len(kept)
    if n < 2:
        raise ValueError(
            f"{_CALLER}: X must have at least two finite rows of positive weight, got "
            f"n_samples={n} while HDBSCAN requires more than one sample."
        )
    wanted = model.min_cluster_size if model.min_samples is None else model.min_samples
    total = n if weights is None else float(weights.sum())
    if wanted > total:
        raise ValueError(
            f"{_CALLER}: min_samples ({wanted}) must be at most the number of samples in X, or "
            f"their total weight, got {total:g}. Lower min_samples or min_cluster_size."
        )
    return int(wanted)
