"""Which distances an estimator's parameters ask for, and what may compute them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import VALID_METRICS, NearestNeighbors
from torch import Tensor

from gramian._validation import check_choice, check_int, check_real
from gramian.neighbors._compiled_tree import compiled_tree_pays, has_compiled_tree
from gramian.neighbors._tree import TREES, has_tree, tree_pays
from gramian.pairwise._base import PairFunction
from gramian.pairwise.names import METRIC_NAMES

__all__ = ["Distances", "check_radius", "plain"]

_METRICS = sorted({"precomputed"}.union(*VALID_METRICS.values()))
_MINKOWSKI = {1.0: "manhattan", 2.0: "euclidean", math.inf: "chebyshev"}


@dataclass(frozen=True)
class Distances:
    """A metric in scikit-learn's vocabulary, or a `PairFunction`."""

    metric: Any
    metric_params: dict[str, Any] | None
    algorithm: str
    leaf_size: int
    p: float | None
    n_jobs: int | None

    @property
    def precomputed(self) -> bool:
        """Whether the rows are distances already."""
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def check(self, caller: str) -> None:
        """Refuse what needs no data to be judged."""
        check_int(self.leaf_size, "leaf_size", caller, low=1)
        check_choice(self.algorithm, "algorithm", caller, ("auto", "ball_tree", "kd_tree", "brute"))
        if self.p is not None and self.p != math.inf:
            check_real(self.p, "p", caller, low=0, low_open=True)
        if self.n_jobs is not None:
            check_int(self.n_jobs, "n_jobs", caller)
        if self.metric_params is not None and not isinstance(self.metric_params, dict):
            raise TypeError(
                f"{caller}: metric_params must be a dict or None, got {self.metric_params!r}."
            )
        if not (isinstance(self.metric, PairFunction | DistanceMetric) or callable(self.metric)):
            check_choice(self.metric, "metric", caller, _METRICS)

    def pair_function(self, is_sparse: bool, estimator: str) -> PairFunction | None:
        """What the engine computes; None where the distances come from explicit blocks."""
        if isinstance(self.metric, PairFunction):
            if is_sparse:
                raise TypeError(
                    f"{estimator}: X must be dense where metric is a PairFunction, got a sparse "
                    "matrix. Pass X.toarray() or name the metric."
                )
            return self.metric
        if is_sparse or self.metric_params:
            return None
        name = self.metric
        if isinstance(name, str) and name == "minkowski":
            name = _MINKOWSKI.get(2.0 if self.p is None else float(self.p))
        if not isinstance(name, str) or name not in METRIC_NAMES:
            return None
        metric = METRIC_NAMES[name]()
        # a tree that does not know the metric is scikit-learn's to refuse
        return None if self.algorithm in TREES and not has_tree(metric) else metric

    def compiled_tree_for(self, x: Tensor, metric: PairFunction) -> bool:
        """Whether to ask the core's k-d tree, before any of scikit-learn's."""
        if self.algorithm not in ("auto", "kd_tree") or not has_compiled_tree(x, metric):
            return False
        return self.algorithm == "kd_tree" or compiled_tree_pays(x)

    def tree_for(self, x: Tensor, metric: PairFunction) -> str | None:
        """Which tree to ask; None for the engine."""
        if self.algorithm in TREES and has_tree(metric) and x.device.type == "cpu":
            return self.algorithm
        return "kd_tree" if self.algorithm == "auto" and tree_pays(x, metric) else None

    def explicit_model(self, radius: float = 1.0) -> NearestNeighbors:
        """scikit-learn's class with these distances."""
        p = 2 if self.p is None and "p" not in (self.metric_params or {}) else self.p
        return NearestNeighbors(
            radius=radius,
            algorithm=self.algorithm,
            leaf_size=self.leaf_size,
            metric=self.metric,
            metric_params=self.metric_params,
            p=p,
            n_jobs=self.n_jobs,
        )


def plain(table: Any) -> Any:
    """A table in the form that scikit-learn computes with; a copy only for tensors elsewhere."""
    if not isinstance(table, Tensor):
        return table
    table = table.cpu()
    return (table if table.dtype in (torch.float32, torch.float64) else table.float()).numpy()


def check_radius(radius: Any, caller: str) -> float:
    """The radius as a float; infinity is one."""
    if isinstance(radius, Real) and radius == math.inf:
        return math.inf
    return check_real(radius, "radius", caller, low=0)
