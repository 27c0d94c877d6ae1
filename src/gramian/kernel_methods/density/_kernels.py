"""The kernels that `KernelDensity` takes: by name, under any metric, at any bandwidth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from sklearn.metrics import DistanceMetric
from torch import Tensor

from gramian.pairwise import (
    CosineWindow,
    Epanechnikov,
    Exponential,
    Gaussian,
    PairFunction,
    Tophat,
    Triangular,
)
from gramian.pairwise._banded import Banded
from gramian.pairwise.composition import Product, Scaled, Sum

__all__ = ["KERNELS", "OfMetric", "at_bandwidth", "euclidean", "has_tails"]

KERNELS: dict[str, type[Banded]] = {
    "gaussian": Gaussian,
    "tophat": Tophat,
    "epanechnikov": Epanechnikov,
    "exponential": Exponential,
    "linear": Triangular,
    "cosine": CosineWindow,
}
"""scikit-learn's names."""

_ORDERS = {
    "manhattan": 1.0,
    "cityblock": 1.0,
    "l1": 1.0,
    "chebyshev": np.inf,
    "infinity": np.inf,
}


@dataclass(frozen=True, eq=False)
class OfMetric(PairFunction):
    """A profile of r² with r² taken from one of scikit-learn's metrics.

    Attributes
    ----------
    profile : a kernel of the squared Euclidean distance
    metric : str
    arguments : dict
        Of the metric.
    """

    profile: Banded
    metric: str
    arguments: dict[str, Any]

    @property
    def differentiable(self) -> bool:
        return self._order is not None

    def check(self, n_features: int, caller: str) -> None:
        """Raise ``ValueError`` if the metric cannot be used on so many features."""
        try:
            self.forward(torch.ones(1, n_features), torch.ones(1, n_features))
        except (ValueError, TypeError, RuntimeError) as error:
            raise ValueError(
                f"{caller}: metric_params must be arguments of the metric {self.metric!r} on "
                f"{n_features} features, got {self.arguments!r}. {error}"
            ) from None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.profile.entry(self._distances(x, y).square())

    def log_forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.profile.log_entry(self._distances(x, y).square())

    def _distances(self, x: Tensor, y: Tensor) -> Tensor:
        if self._order is not None:
            return torch.cdist(x, y, p=self._order)
        # scikit-learn computes in float64 on the CPU
        left, right = (np.ascontiguousarray(t.cpu().double().numpy()) for t in (x, y))
        return torch.from_numpy(np.asarray(self._their_metric.pairwise(left, right))).to(x)

    @cached_property
    def _order(self) -> float | None:
        """The p of a Minkowski distance without weights; None for the other metrics."""
        if self.metric in ("minkowski", "p") and set(self.arguments) <= {"p"}:
            return float(self.arguments.get("p", 2))
        return None if self.arguments else _ORDERS.get(self.metric)

    @cached_property
    def _their_metric(self) -> Any:
        return DistanceMetric.get_metric(self.metric, **self.arguments)


def has_tails(kernel: PairFunction) -> bool:
    """Whether entries may underflow to a zero that they are not, so that logarithms are needed."""
    if isinstance(kernel, OfMetric):
        return has_tails(kernel.profile)
    return not isinstance(kernel, Tophat | Epanechnikov | Triangular | CosineWindow)


def _rescaled(kernel: PairFunction, factor: float) -> PairFunction | None:
    """The kernel with its bandwidth times ``factor``; None where it has none to multiply."""
    if factor == 1:
        return kernel
    if isinstance(kernel, Banded):
        return replace(kernel, bandwidth=kernel.bandwidth * factor)
    if isinstance(kernel, OfMetric):
        profile = kernel.profile
        return replace(kernel, profile=replace(profile, bandwidth=profile.bandwidth * factor))
    if isinstance(kernel, Scaled):
        part = _rescaled(kernel.part, factor)
        return None if part is None else replace(kernel, part=part)
    if isinstance(kernel, Sum | Product):
        parts = [part for whole in kernel.parts if (part := _rescaled(whole, factor)) is not None]
        return replace(kernel, parts=tuple(parts)) if len(parts) == len(kernel.parts) else None
    return None


def euclidean(kernel: PairFunction) -> PairFunction:
    """The kernel itself, or its profile of the Euclidean distance where it has another metric."""
    return kernel.profile if isinstance(kernel, OfMetric) else kernel


def at_bandwidth(
    kernel: PairFunction, width: float | Tensor, n_features: int
) -> tuple[PairFunction, Tensor | None]:
    """The kernel of (x − y) / h, and what features are divided by before it, (d,), if anything.

    One bandwidth goes into the kernel. Bandwidths of features go into the data, once, because the
    engine is faster without them; so does that of a kernel that has none to multiply.
    """
    if isinstance(kernel, Banded) and kernel.per_feature:
        assert isinstance(kernel.bandwidth, Tensor)
        width = kernel.bandwidth.double() * width
        kernel = replace(kernel, bandwidth=1.0)
    if isinstance(width, Tensor):
        return kernel, width
    wider = _rescaled(kernel, width)
    if wider is not None:
        return wider, None
    return kernel, torch.full((n_features,), width, dtype=torch.float64)
