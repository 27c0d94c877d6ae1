"""A classification problem with its weights, and the way to its solution for one C or several."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian.kernel_methods.classifiers._hinge import minimize_hinge
from gramian.kernel_methods.classifiers._losses import Logistic, Loss, SquaredHinge
from gramian.kernel_methods.classifiers._newton import Found, Point, minimize
from gramian.kernel_methods.classifiers._softmax import Softmax
from gramian.kernel_methods.classifiers._system import KernelSystem

__all__ = ["Problem"]

_SMOOTH: dict[str, Callable[[Tensor, Tensor], Loss]] = {
    "squared_hinge": SquaredHinge,
    "logistic": Logistic,
    "softmax": Softmax,
}
_RUNG = 10.0
"""Factor between the C of a cold start's stations."""
_ROUGH = 0.1
"""Duality gap at which the next station begins."""
_NEAR = 1e-3
"""The same at the last station on the approximation."""
_ROUGH_STEPS = 50
_ROUNDED = 1e-2
"""Duality gap down to which float32 products lead: their errors add up in the function."""
_REFINED = 1e-8
"""Duality gap down to which they lead from a function that was computed in float64."""
_EXACT = 512
"""Up to so many rows a solution is taken down to rounding, whatever ``tol`` is: steps are cheap."""
_ROUNDING = 1e-16
"""A gap that no search reaches: it ends where rounding stops it."""
_TRUSTED = 0.1
"""The approximation is left where C times what it leaves out of the diagonal is above this."""


@dataclass(frozen=True)
class Problem:
    """min ½‖f‖² + C Σ_i w_i loss(y_i, f(x_i) + b), for each column of ``targets``.

    Attributes
    ----------
    loss : {"squared_hinge", "hinge", "logistic", "softmax"}
    targets : Tensor of shape (n, k), float64
        Signs ±1 of k problems, or one-hot rows for "softmax".
    weights : Tensor of shape (n, 1), float64
        w, positive.
    fit_intercept : bool
    """

    loss: str
    targets: Tensor
    weights: Tensor
    fit_intercept: bool

    def solve(
        self, system: KernelSystem, C: float, start: Point | None, *, tol: float, max_iter: int
    ) -> Found:
        """The solution for one C, from a start or from the stations of a cold one."""
        rough = self._bears_float32(system, C)
        before = 0
        if start is None:
            start, before = self._cold_start(system, C, rough)
        if rough:
            found = self._search(system, C, start, max(tol, _ROUNDED), max_iter, rough=True)
            before, max_iter = before + found.n_iter, max_iter - found.n_iter
            beta = found.point.beta
            start = Point(beta, system.product(beta), found.point.intercept)
        # what is added to f now is so small that its float32 digits are enough
        found = self._search(system, C, start, tol, max_iter, rough=rough and tol >= _REFINED)
        if len(system) <= _EXACT and not found.reason:
            found = self._finished(system, C, found, max_iter)
        return replace(found, n_iter=found.n_iter + before)

    def _finished(self, system: KernelSystem, C: float, found: Found, max_iter: int) -> Found:
        """The solution as far as rounding lets it go."""
        end = self._search(system, C, found.point, _ROUNDING, max_iter)
        if not float(end.gap.max()) < float(found.gap.max()):
            return found
        return replace(end, n_iter=found.n_iter + end.n_iter, reason="")

    def _bears_float32(self, system: KernelSystem, C: float) -> bool:
        """Whether float32 products lead near the solution; the hinge's systems are too stiff."""
        largest = (2 * C * self.weights).sqrt()
        return self.loss != "hinge" and system.tolerates_float32(largest)

    def _search(
        self,
        system: KernelSystem,
        C: float,
        start: Point,
        tol: float,
        max_iter: int,
        *,
        rough: bool = False,
    ) -> Found:
        weights = (C * self.weights).expand_as(self.targets)
        if self.loss == "hinge":
            return minimize_hinge(
                system,
                self.targets,
                weights,
                start,
                tol=tol,
                max_iter=max_iter,
                fit_intercept=self.fit_intercept,
            )
        loss = _SMOOTH[self.loss](self.targets, weights)
        return minimize(
            system,
            loss,
            start,
            tol=tol,
            max_iter=max_iter,
            fit_intercept=self.fit_intercept,
            rough=rough,
        )

    def _cold_start(self, system: KernelSystem, C: float, rough: bool) -> tuple[Point, int]:
        """Near the solution for C, and the Newton steps that it took.

        From a C at which the loss is gentle it goes up in stations: on the low-rank approximation
        of K as long as what that leaves out matters little, then on K.
        """
        zero = torch.zeros_like(self.targets)
        point, steps = Point(zero, zero, zero[0].clone()), 0
        size = C * float(self.weights.mean()) * system.diagonal
        rungs = max(0, math.ceil(math.log(size, _RUNG))) if size > 0 else 0
        stations = [C / _RUNG**rung for rung in range(rungs, -1, -1)]
        low_rank = system.simplified()
        trusted = [
            station
            for station in stations
            if station * float(self.weights.mean()) * system.left_out <= _TRUSTED
        ]
        for station in trusted:
            tol = _NEAR if station == trusted[-1] else _ROUGH
            found = self._search(low_rank, station, point, tol, _ROUGH_STEPS, rough=rough)
            point, steps = found.point, steps + found.n_iter
        point = Point(point.beta, system.product(point.beta, rough=rough), point.intercept)
        for station in stations[len(trusted) : -1]:
            found = self._search(system, station, point, _ROUGH, _ROUGH_STEPS, rough=rough)
            point, steps = found.point, steps + found.n_iter
        return point, steps
