"""The hinge loss by proximal steps on its dual problem, each a smooth problem for Newton.

A step maximises the dual objective less Σ (a − c)² / (2 σ) about the dual variables c of the step
before. Its primal problem has a smooth loss, whose curvature lives on the rows with 0 < a < w
alone: rows at a bound are shrunk away, and the systems are those of the free support vectors. Once
these stay the same, a step costs one system and takes the gap down by a factor that grows with σ².

Source: R. T. Rockafellar, "Monotone operators and the proximal point algorithm", SIAM J. Control
Optim. 14(5), 1976.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from gramian.kernel_methods.classifiers._losses import Diagonal, ProximalHinge
from gramian.kernel_methods.classifiers._newton import Found, Point, minimize, newton_step
from gramian.kernel_methods.classifiers._system import KernelSystem

__all__ = ["hinge_gap", "minimize_hinge"]

_GROWTH = 5.0
_STIFFEST = 1e7
"""σ ends here, or lower where rounding shows: what systems leave unsolved comes back times σ."""
_NEAR = 1e-4
"""Gap that is near the solution."""
_PREDICTION = 1e-12
"""Relative residual of a predicted step."""
_PART = 0.1
"""A proximal step is exact enough when its own gap is this part of what it moved, and of ours."""
_STALLED = 10
"""Proximal steps without a gap that is smaller by `_PART` after which rounding is to blame."""


@torch.no_grad()
def minimize_hinge(
    system: KernelSystem,
    signs: Tensor,
    weights: Tensor,
    start: Point,
    *,
    tol: float,
    max_iter: int,
    fit_intercept: bool,
) -> Found:
    """Minimise ½‖f‖² + Σ w max(0, 1 − y (f + b)) for each column; parameters as `minimize`."""
    unit = 1 / system.diagonal if system.diagonal > 0 else 1.0
    ceiling = _STIFFEST * unit
    loss = ProximalHinge(signs, weights, _dual(signs, weights, start), unit)
    point, best, last, since, steps = start, math.inf, math.inf, 0, 0
    while True:
        found = _proximal(
            system, loss, point, tol=tol, max_iter=max_iter - steps, fit_intercept=fit_intercept
        )
        steps += found.n_iter + 1
        worst = float(found.gap.max())
        near = best <= _NEAR
        # far from the solution the gap may rise for a while; near it that is rounding times σ
        if found.reason or (near and worst > 2 * last):
            ceiling = max(unit, loss.sigma / _GROWTH**2)
        since = 0 if worst < (1 - _PART * near) * best else since + 1
        if worst < best:
            best, kept = worst, found
        last = worst
        reason = ""
        if steps >= max_iter:
            reason = f"max_iter={max_iter} is reached"
        elif since >= _STALLED:
            reason = "rounding allows no smaller gap"
        if best <= tol or reason:
            point = _centred(signs, weights, kept.point) if fit_intercept else kept.point
            reason = "" if best <= tol else reason
            return replace(kept, point=point, feasible=point, n_iter=steps, reason=reason)
        loss = ProximalHinge(
            signs,
            weights,
            _dual(signs, weights, found.point),
            min(loss.sigma * _GROWTH, ceiling),
        )
        point = _predicted(system, loss, found.point, fit_intercept)


def _proximal(
    system: KernelSystem,
    loss: ProximalHinge,
    point: Point,
    *,
    tol: float,
    max_iter: int,
    fit_intercept: bool,
) -> Found:
    """One proximal step, with the gap of the hinge loss itself."""

    def watch(found: Found) -> str | None:
        gap = hinge_gap(loss.signs, loss.weights, found.feasible)
        if bool((gap <= tol).all()):
            return ""
        moved = _dual(loss.signs, loss.weights, found.feasible) - loss.center
        distance = moved.square().sum(0) / (2 * loss.sigma)
        exact = (found.excess < _PART * distance) & (found.gap <= _PART * gap)
        return "" if bool(exact.all()) else None

    found = minimize(
        system,
        loss,
        point,
        tol=_PART * tol,
        max_iter=max_iter,
        fit_intercept=fit_intercept,
        watch=watch,
    )
    beta = found.feasible.beta
    # σ makes the steps so large that what they add up to is not K β to the last digits
    point = Point(beta, system.product(beta), found.feasible.intercept)
    if fit_intercept:
        point = replace(point, intercept=loss.intercept(point.f, point.intercept))
    gap = hinge_gap(loss.signs, loss.weights, point)
    return replace(found, point=point, feasible=point, gap=gap)


def _predicted(
    system: KernelSystem, loss: ProximalHinge, point: Point, fit_intercept: bool
) -> Point:
    """Newton's step for a new centre, if the rows that are free there stay free.

    The old point itself would clip many of them at a bound, because there σ (1 − m) is what they
    moved in the step before.
    """
    free = (loss.center > 0) & (loss.center < loss.weights)
    slack = 1 - loss.signs * (point.f + point.intercept)
    rest = torch.where(free, loss.signs * loss.sigma * slack, 0.0)
    root = Diagonal(free.to(rest) * math.sqrt(loss.sigma))
    product = system.product(rest)
    found = newton_step(
        system,
        loss,
        point,
        root,
        rest,
        product,
        tol=_PREDICTION,
        fit_intercept=fit_intercept,
    )
    return replace(found, f=system.product(found.beta))


def _centred(signs: Tensor, weights: Tensor, point: Point) -> Point:
    """The point with the middle of the best intercepts, where every row is at a bound.

    An intercept is best where rows at zero have margins of one or more, and those at their upper
    bound of one or less.
    """
    dual = _dual(signs, weights, point)
    edge = signs - point.f
    above = (dual == 0) == (signs > 0)
    low = torch.where(above, edge, -math.inf).amax(0)
    high = torch.where(above, math.inf, edge).amin(0)
    bound = ((dual == 0) | (dual == weights)).all(0) & torch.isfinite(low) & torch.isfinite(high)
    return replace(point, intercept=torch.where(bound, (low + high) / 2, point.intercept))


def _dual(signs: Tensor, weights: Tensor, point: Point) -> Tensor:
    """Dual variables within their bounds."""
    return torch.clamp(signs * point.beta, torch.zeros_like(weights), weights)


def hinge_gap(signs: Tensor, weights: Tensor, point: Point) -> Tensor:
    """Duality gap of each column over its objective, for a β that is feasible."""
    slack = 1 - signs * (point.f + point.intercept)
    loss = weights * slack.clamp_min(0)
    value = (point.beta * point.f).sum(0) / 2 + loss.sum(0)
    gap = (loss - signs * point.beta * slack).sum(0)
    return torch.where(value > 0, gap / value, 0.0)
