"""From the parameters of `KernelDensity` and its rows to the estimate."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gramian.kernel_methods.density._estimate import Estimate, Frame
from gramian.kernel_methods.density._kernels import at_bandwidth, euclidean
from gramian.kernel_methods.density._laws import log_integral
from gramian.kernel_methods.density._leave_one_out import best_bandwidth, distinct
from gramian.kernel_methods.density._parameters import chosen_kernel

if TYPE_CHECKING:
    from gramian.kernel_methods.density._kernel_density import KernelDensity

__all__ = ["estimate_at", "settle_bandwidth"]


def settle_bandwidth(model: KernelDensity, x: Tensor, weights: Tensor | None) -> float | Tensor:
    """The bandwidth as a number, or one per feature, (d,), float64."""
    n, d = x.shape
    if not isinstance(model.bandwidth, str):
        if isinstance(model.bandwidth, Real):
            return float(model.bandwidth)
        return torch.as_tensor(model.bandwidth, dtype=torch.float64, device=x.device)
    if model.bandwidth == "scott":
        return float(n ** (-1 / (d + 4)))
    if model.bandwidth == "silverman":
        return float((n * (d + 2) / 4) ** (-1 / (d + 4)))
    unique, masses = distinct(x, weights)
    return best_bandwidth(unique, masses, lambda h: estimate_at(model, unique, masses, h))


def estimate_at(
    model: KernelDensity, x: Tensor, weights: Tensor | None, width: float | Tensor
) -> Estimate:
    """The estimate from these rows at a bandwidth."""
    d = x.shape[1]
    kernel, widths = at_bandwidth(chosen_kernel(model), width, d)
    scaling = 0.0 if widths is None else float(widths.log().sum())
    if model.normalized:
        integral = scaling + log_integral(euclidean(kernel), d, "KernelDensity.fit")
    else:
        assert widths is not None or isinstance(width, float)
        integral = scaling if widths is not None else d * math.log(width)
    frame = None if widths is None else Frame(x[0].double(), widths.to(x.device))
    return Estimate.of(x, weights, kernel, integral, frame)
