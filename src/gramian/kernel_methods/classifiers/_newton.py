"""Newton's method for ½‖f‖² + Σ loss(f(x_i) + b) in a kernel's function space.

With f = K β the gradient is β + g(z), where g is the loss's derivative at z = f + b, and Newton's
step δ solves δ + W (K δ + δ_b) = r for r = −β − g. It is written as δ = r + S v with W = S Sᵀ, and
v solves the positive definite system (I + Sᵀ K S) v = −Sᵀ K r: nothing is divided by a curvature.
−g is a feasible point of the dual problem where b is the best one for f, and ½ rᵀ K r is the
duality gap between the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian.kernel_methods.classifiers._losses import Loss, Root
from gramian.kernel_methods.classifiers._system import KernelSystem
from gramian.linalg import NotPositiveError

__all__ = ["Found", "Point", "minimize", "newton_step"]

_FORCING = 0.1
"""Part of a step that may be wrong; less where the gap is small, down to `_LAST_FORCING`."""
_LAST_FORCING = 5e-3
_LOOSEST = 0.1
_FINEST = 1e-13
"""Relative residual that no system can be solved beyond."""
_STIFF = 100.0
"""Shift of the kernel that stands for an intercept, in units of its curvature."""
_INDEFINITE = 1e-6
"""A negative squared norm below minus this part of the objective is no rounding error."""
_SEARCHES = 40
_PROGRESS = 1e-9
"""Part by which the objective or the gap falls in a step that got anywhere."""
_STALLED = 4
"""Steps without progress or a smaller gap after which rounding is to blame."""


@dataclass(frozen=True)
class Point:
    """A function f = K β and its intercepts.

    Attributes
    ----------
    beta, f : Tensor of shape (n, k), float64
    intercept : Tensor of shape (k,), float64
    """

    beta: Tensor
    f: Tensor
    intercept: Tensor


@dataclass(frozen=True)
class Found:
    """Where a search ended, and how far that is from the best.

    Attributes
    ----------
    point : Point
    feasible : Point
        −g, which is feasible in the dual problem.
    gap, excess : Tensor of shape (k,), or (1,) where the columns are one problem, float64
        Duality gap between the two, relative to the objective and in its unit.
    n_iter : int
        Newton steps.
    reason : str
        "" where every gap is small enough, else why the search ended.
    """

    point: Point
    feasible: Point
    gap: Tensor
    excess: Tensor
    n_iter: int
    reason: str


Watch = Callable[[Found], str | None]


@torch.no_grad()
def minimize(
    system: KernelSystem,
    loss: Loss,
    start: Point,
    *,
    tol: float,
    max_iter: int,
    fit_intercept: bool,
    rough: bool = False,
    watch: Watch | None = None,
) -> Found:
    """Minimise ½‖f‖² + loss(f + b) for each column, all columns with shared products.

    Parameters
    ----------
    system : KernelSystem
    loss : Loss
    start : Point
    tol : float
        For the relative duality gap.
    max_iter : int
        Most Newton steps.
    fit_intercept : bool
        The intercept is not penalised.
    rough : bool, default=False
        Whether float32 products are good enough; the gap is then that of what they add up to.
    watch : callable, optional
        Told where each step begins; ends the search with the reason that it gives.

    Raises
    ------
    NotPositiveError
        If the kernel shows itself not positive semi-definite.
    """
    point, least, best, since = start, math.inf, math.inf, 0
    for n_iter in range(max_iter + 1):
        if fit_intercept:
            point = replace(point, intercept=loss.intercept(point.f, point.intercept))
        rest = -point.beta - loss.gradient(point.f + point.intercept)
        product = system.product(rest, rough=rough)
        value = _objective(loss, point)
        excess = _per_problem(loss, rest * product) / 2
        gap = _relative_gap(value, excess)
        feasible = Point(point.beta + rest, point.f + product, point.intercept)
        found = Found(point, feasible, gap, excess, n_iter, "")
        reason = None if watch is None else watch(found)
        worst, total = float(gap.max()), float(value.sum())
        moved = worst < (1 - _PROGRESS) * best or total < (1 - _PROGRESS) * least
        since = 0 if moved else since + 1
        best, least = min(best, worst), min(least, total)
        if reason is None and worst <= tol:
            reason = ""
        elif reason is None and since >= _STALLED:
            reason = "rounding allows no smaller gap"
        elif reason is None and n_iter == max_iter:
            reason = f"max_iter={max_iter} is reached"
        if reason is not None:
            break
        still = gap > tol
        root = loss.root(point.f + point.intercept).only(still)
        point = newton_step(
            system,
            loss,
            point,
            root,
            rest * still,
            product * still,
            rough=rough,
            tol=min(_FORCING, max(_LAST_FORCING, math.sqrt(worst))),
            fit_intercept=fit_intercept,
        )
    return replace(found, reason=reason or "")


def _objective(loss: Loss, point: Point) -> Tensor:
    """½‖f‖² + loss(f + b) of each problem."""
    return _per_problem(loss, point.beta * point.f) / 2 + loss.value(point.f + point.intercept)


def _relative_gap(value: Tensor, gap: Tensor) -> Tensor:
    """Duality gap of each problem over its objective ``value``."""
    relative = torch.where(value > 0, gap / value, 0.0)
    if bool((relative < -_INDEFINITE).any()) or not bool(torch.isfinite(relative).all()):
        raise NotPositiveError(
            "minimize: kernel must be positive semi-definite and finite, got a squared norm of "
            f"{2 * float(gap.min()):g}."
        )
    return relative.abs()


def newton_step(
    system: KernelSystem,
    loss: Loss,
    point: Point,
    root: Root,
    rest: Tensor,
    product: Tensor,
    *,
    tol: float,
    fit_intercept: bool,
    rough: bool = False,
) -> Point:
    """The step that solves δ + S Sᵀ (K δ + δ_b) = rest and Σ (β + δ) = 0, cut by a line search.

    ``product`` is K times ``rest``, and ``tol`` the part of the step, in the norm of f, that may be
    wrong.
    """
    shift = torch.zeros_like(point.intercept)
    if fit_intercept:
        mass = root.weights.square().sum(0)
        shift = torch.where(mass > 0, _STIFF * (system.diagonal + 1 / mass), shift)
    excess = (point.beta + rest).sum(0)
    target = -root.adjoint(product + shift * excess)
    # in the norm of f the step errs by at most the residual, and ought to err by part of its length
    length = _per_problem(loss, rest * product).clamp_min(0).sqrt()
    size = _per_problem(loss, target.square()).sqrt()
    wanted = torch.where(size > 0, tol * length / size, tol)
    tol = min(max(float(wanted.min()), _FINEST), _LOOSEST)
    inside = system.solve(root, target, shift, coupled=loss.coupled, tol=tol)
    delta = rest + inside
    change = product + system.product(inside, rough=rough)
    lift = shift * (excess + inside.sum(0))
    length = _line_search(loss, point, delta, change, lift)
    return Point(
        point.beta + length * delta,
        point.f + length * change,
        point.intercept + length * lift,
    )


def _line_search(loss: Loss, point: Point, delta: Tensor, change: Tensor, lift: Tensor) -> Tensor:
    """The step length of each problem: 1, or where the convex objective stops falling."""
    linear = _per_problem(loss, point.f * delta)
    square = _per_problem(loss, change * delta)
    z, moved = point.f + point.intercept, change + lift

    def slope(t: Tensor) -> Tensor:
        return linear + t * square + _per_problem(loss, loss.gradient(z + t * moved) * moved)

    low, length = torch.zeros_like(linear), torch.ones_like(linear)
    high, enough = length.clone(), slope(low).abs() / 2
    for _ in range(_SEARCHES):
        here = slope(length)
        steep = (here > enough) | ((here < -enough) & (length < high))
        if not bool(steep.any()):
            break
        low, high = torch.where(here < 0, length, low), torch.where(here > 0, length, high)
        length = torch.where(steep, (low + high) / 2, length)
    return length


def _per_problem(loss: Loss, terms: Tensor) -> Tensor:
    """Sums over the rows, and over the columns where they are one problem."""
    return terms.sum()[None] if loss.coupled else terms.sum(0)
