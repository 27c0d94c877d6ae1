"""The parameters of the k-means estimators: what may be given, and how many runs that makes."""

from __future__ import annotations

import warnings
from typing import Any

from gramian._validation import check_choice, check_int, check_real

__all__ = ["check_batches", "check_centers", "check_parameters", "count_runs"]

SEEDINGS = ("k-means++", "k-means||", "random")


def check_centers(model: Any, n_samples: int, caller: str) -> None:
    """Check what all of them have but ``n_init``, which `count_runs` checks."""
    check_int(model.n_clusters, "n_clusters", caller, low=1)
    if n_samples < model.n_clusters:
        raise ValueError(
            f"{caller}: n_samples={n_samples} should be >= n_clusters={model.n_clusters}. "
            "Lower n_clusters or pass more rows."
        )
    check_int(model.max_iter, "max_iter", caller, low=1)
    check_real(model.tol, "tol", caller, low=0)
    verbose = int(model.verbose) if isinstance(model.verbose, bool) else model.verbose
    check_int(verbose, "verbose", caller, low=0)
    if isinstance(model.init, str):
        check_choice(model.init, "init", caller, SEEDINGS)


def check_parameters(model: Any, n_samples: int, caller: str) -> None:
    """Check every parameter of a `KMeans` but ``n_init``."""
    check_centers(model, n_samples, caller)
    check_choice(model.algorithm, "algorithm", caller, ("lloyd", "elkan"))
    check_choice(model.metric, "metric", caller, ("euclidean", "cosine"))
    if model.callback is not None and not callable(model.callback):
        raise TypeError(f"{caller}: callback must be callable or None, got {model.callback!r}.")
    if model.algorithm == "elkan" and model.n_clusters == 1:
        warnings.warn(
            "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
            RuntimeWarning,
            stacklevel=3,
        )


def check_batches(model: Any, n_samples: int, caller: str) -> int:
    """Check what a `MiniBatchKMeans` has besides, and say how many rows it starts from."""
    check_int(model.batch_size, "batch_size", caller, low=1)
    check_real(model.reassignment_ratio, "reassignment_ratio", caller, low=0)
    if model.max_no_improvement is not None:
        check_int(model.max_no_improvement, "max_no_improvement", caller, low=0)
    size = model.init_size
    if size is None:
        size = 3 * min(model.batch_size, n_samples)
        if size < model.n_clusters:
            size = 3 * model.n_clusters
    elif check_int(size, "init_size", caller, low=1) < model.n_clusters:
        warnings.warn(
            f"init_size={size} should be larger than n_clusters={model.n_clusters}. "
            "Setting it to min(3*n_clusters, n_samples)",
            RuntimeWarning,
            stacklevel=4,
        )
        size = 3 * model.n_clusters
    return min(size, n_samples)


def count_runs(init: Any, n_init: Any, caller: str, *, from_chance: int = 10) -> int:
    """How many runs ``n_init`` asks for; "auto" is ``from_chance`` where one is a poor bet."""
    given = not isinstance(init, str) and not callable(init)
    if isinstance(n_init, str):
        check_choice(n_init, "n_init", caller, ("auto",))
        return 1 if given or init in ("k-means++", "k-means||") else from_chance
    runs = check_int(n_init, "n_init", caller, low=1)
    if given and runs != 1:
        warnings.warn(
            "Explicit initial center position passed: performing only one init in "
            f"{caller.partition('.')[0]} instead of n_init={runs}.",
            RuntimeWarning,
            stacklevel=3,
        )
        return 1
    return runs
