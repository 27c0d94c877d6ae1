"""What `KernelDensity` may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.neighbors import BallTree, KDTree
from torch import Tensor

from gramian._validation import check_choice, check_int, check_real
from gramian.kernel_methods.density._kernels import KERNELS, OfMetric
from gramian.pairwise import PairFunction

if TYPE_CHECKING:
    from gramian.kernel_methods.density._kernel_density import KernelDensity

__all__ = ["check_parameters", "chosen_kernel"]

RULES = ("scott", "silverman", "loo")
_EUCLIDEAN = ("euclidean", "l2", "minkowski", "p")
_CALLER = "KernelDensity.fit"


def check_parameters(model: KernelDensity, n_features: int) -> None:
    """Raise ``ValueError`` or ``TypeError`` for the first parameter that is impossible."""
    _check_bandwidth(model.bandwidth, n_features)
    if not isinstance(model.kernel, PairFunction):
        check_choice(model.kernel, "kernel", _CALLER, [*KERNELS, "a PairFunction"])
    elif model.metric != "euclidean":
        raise ValueError(
            f"{_CALLER}: metric must be 'euclidean' for a kernel that is a PairFunction, which has "
            f"its own distance, got {model.metric!r}."
        )
    check_choice(model.algorithm, "algorithm", _CALLER, ("auto", "kd_tree", "ball_tree"))
    allowed = {"kd_tree": KDTree.valid_metrics, "ball_tree": BallTree.valid_metrics}
    metrics = allowed.get(model.algorithm, allowed["kd_tree"] + allowed["ball_tree"])
    if model.metric not in metrics:
        raise ValueError(
            f"{_CALLER}: invalid metric for {model.algorithm}: metric must be one of "
            f"{', '.join(sorted(set(metrics)))}, got {model.metric!r}."
        )
    check_real(model.atol, "atol", _CALLER, low=0)
    check_real(model.rtol, "rtol", _CALLER, low=0)
    check_choice(model.breadth_first, "breadth_first", _CALLER, (True, False))
    check_int(model.leaf_size, "leaf_size", _CALLER, low=1)
    if model.metric_params is not None and not isinstance(model.metric_params, dict):
        raise TypeError(
            f"{_CALLER}: metric_params must be a dict or None, got {model.metric_params!r}."
        )
    check_choice(model.normalized, "normalized", _CALLER, (True, False))
    kernel = chosen_kernel(model)
    if isinstance(kernel, OfMetric):
        kernel.check(n_features, _CALLER)


def chosen_kernel(model: KernelDensity) -> PairFunction:
    """The kernel asked for, at bandwidth 1, under the metric asked for."""
    if isinstance(model.kernel, PairFunction):
        return model.kernel
    profile, arguments = KERNELS[model.kernel](), model.metric_params or {}
    if model.metric in _EUCLIDEAN and (not arguments or arguments == {"p": 2}):
        return profile
    return OfMetric(profile, model.metric, arguments)


def _check_bandwidth(bandwidth: Any, n_features: int) -> None:
    if isinstance(bandwidth, str):
        check_choice(bandwidth, "bandwidth", _CALLER, [*RULES, "a number", "a number per feature"])
    elif not isinstance(bandwidth, np.ndarray | Tensor | list | tuple):
        check_real(bandwidth, "bandwidth", _CALLER, low=0, low_open=True)
    else:
        try:
            widths = torch.as_tensor(bandwidth, dtype=torch.float64).detach()
        except (TypeError, ValueError):
            widths = torch.empty(0)
        if widths.shape != (n_features,) or not bool(((widths > 0) & widths.isfinite()).all()):
            raise ValueError(
                f"{_CALLER}: bandwidth must be a positive number, or one for each of the "
                f"{n_features} features, got {bandwidth!r}."
            )
