"""The parameters of KMeans: what may be given, and how many runs that makes."""

from __future__ import annotations

import warnings
from typing import Any

from gramian._validation import check_choice, check_int, check_real

__all__ = ["check_parameters", "count_runs"]

CALLER = "KMeans.fit"
RUNS_FROM_CHANCE = 10
"""What ``n_init="auto"`` means where a single start is a poor bet."""


def check_parameters(model: Any, n_samples: int) -> None:
    """Check every parameter of ``model`` but ``n_init``, which `count_runs` checks."""
    check_int(model.n_clusters, "n_clusters", CALLER, low=1)
    if n_samples < model.n_clusters:
        raise ValueError(
            f"{CALLER}: n_samples={n_samples} should be >= n_clusters={model.n_clusters}. "
            "Lower n_clusters or pass more rows."
        )
    check_int(model.max_iter, "max_iter", CALLER, low=1)
    check_real(model.tol, "tol", CALLER, low=0)
    verbose = int(model.verbose) if isinstance(model.verbose, bool) else model.verbose
    check_int(verbose, "verbose", CALLER, low=0)
    check_choice(model.algorithm, "algorithm", CALLER, ("lloyd", "elkan"))
    if isinstance(model.init, str):
        check_choice(model.init, "init", CALLER, ("k-means++", "random"))
    if model.callback is not None and not callable(model.callback):
        raise TypeError(f"{CALLER}: callback must be callable or None, got {model.callback!r}.")
    if model.algorithm == "elkan" and model.n_clusters == 1:
        warnings.warn(
            "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
            RuntimeWarning,
            stacklevel=3,
        )


def count_runs(init: Any, n_init: Any) -> int:
    """How many runs ``n_init`` asks for."""
    given = not isinstance(init, str) and not callable(init)
    if isinstance(n_init, str):
        check_choice(n_init, "n_init", CALLER, ("auto",))
        return 1 if given or init == "k-means++" else RUNS_FROM_CHANCE
    runs = check_int(n_init, "n_init", CALLER, low=1)
    if given and runs != 1:
        warnings.warn(
            "Explicit initial center position passed: performing only one init in KMeans "
            f"instead of n_init={runs}.",
            RuntimeWarning,
            stacklevel=3,
        )
        return 1
    return runs
