"""scikit-learn's names for metrics and kernels, and its ``gamma`` beside our ``bandwidth``."""

from __future__ import annotations

import math
from typing import Any

from gramian._validation import check_choice, check_real
from gramian.pairwise._base import PairFunction
from gramian.pairwise.inner import CosineSimilarity, Linear, Polynomial, Sigmoid
from gramian.pairwise.kernels import Chi2, Gaussian, Laplacian
from gramian.pairwise.metrics import (
    Chebyshev,
    CosineDistance,
    Euclidean,
    Manhattan,
    SquaredEuclidean,
)

__all__ = ["KERNEL_NAMES", "METRIC_NAMES", "kernel_by_name", "metric_by_name"]

METRIC_NAMES: dict[str, type[PairFunction]] = {
    "euclidean": Euclidean,
    "l2": Euclidean,
    "sqeuclidean": SquaredEuclidean,
    "manhattan": Manhattan,
    "cityblock": Manhattan,
    "l1": Manhattan,
    "chebyshev": Chebyshev,
    "cosine": CosineDistance,
}

KERNEL_NAMES = ("rbf", "laplacian", "chi2", "linear", "poly", "polynomial", "sigmoid", "cosine")


def metric_by_name(name: str, caller: str) -> PairFunction:
    """The metric that scikit-learn calls ``name``.

    Examples
    --------
    >>> metric_by_name("cityblock", "example")
    Manhattan()
    """
    return METRIC_NAMES[check_choice(name, "metric", caller, METRIC_NAMES)]()


def kernel_by_name(
    name: str,
    caller: str,
    *,
    n_features: int,
    gamma: float | None = None,
    bandwidth: Any = None,
    degree: int = 3,
    coef0: float = 1.0,
) -> PairFunction:
    """The kernel that scikit-learn calls ``name``, from either vocabulary.

    ``gamma=None`` means 1 / n_features, as there (1 for ``"chi2"``); giving both ``gamma`` and
    ``bandwidth`` is a ``ValueError``.

    Examples
    --------
    >>> kernel_by_name("rbf", "example", n_features=3, gamma=0.5)
    Gaussian(bandwidth=1.0)
    """
    check_choice(name, "kernel", caller, KERNEL_NAMES)
    if gamma is not None and bandwidth is not None:
        raise ValueError(
            f"{caller}: gamma must be None when bandwidth is given, got gamma={gamma!r} and "
            f"bandwidth={bandwidth!r}. Pass one of the two."
        )
    if bandwidth is not None and name not in ("rbf", "laplacian", "chi2"):
        raise ValueError(
            f"{caller}: bandwidth must be None for the {name!r} kernel, got {bandwidth!r}. "
            "That kernel has no bandwidth; leave it out."
        )
    if gamma is None:
        gamma = 1.0 if name == "chi2" else 1.0 / n_features
    gamma = check_real(gamma, "gamma", caller, low=0, low_open=True)
    if name == "rbf":
        return Gaussian(1.0 / math.sqrt(2 * gamma) if bandwidth is None else bandwidth)
    if name == "laplacian":
        return Laplacian(1.0 / gamma if bandwidth is None else bandwidth)
    if name == "chi2":
        return Chi2(1.0 / gamma if bandwidth is None else bandwidth)
    if name in ("poly", "polynomial"):
        return Polynomial(degree=degree, offset=coef0, scale=gamma)
    if name == "sigmoid":
        return Sigmoid(scale=gamma, offset=coef0)
    return Linear() if name == "linear" else CosineSimilarity()
