"""Preconditioned conjugate gradients for many right-hand sides, with true residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.linalg._operator import Operator, ridge_residual
from gramian.linalg._result import Clock

__all__ = ["Iterate", "conjugate_gradient"]

_TRUST = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far the recurrence may fall, by the products' dtype, before it is compared with the truth."""
_DIVERGED = 1e3
"""Growth of the true residual over its best that no sound iteration shows."""
_STEPS = 50
"""Steps after which it is compared at the latest."""

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Iterate:
    """Where an iterative solver stopped.

    Attributes
    ----------
    x : Tensor of shape (n, r), float64
    residual : Tensor of shape (r,), float64
        ‖(K + ridge I) x − b‖ / ‖b‖, with entries in float64; 0 where b = 0.
    reason : str
        Why it stopped; "" if every right-hand side met the tolerance.
    """

    x: Tensor
    residual: Tensor
    reason: str


@torch.no_grad()
def conjugate_gradient(
    operator: Operator,
    b: Tensor,
    *,
    ridge: float,
    tol: float,
    preconditioner: Map | None = None,
    x0: Tensor | None = None,
    max_iterations: int = 1000,
    clock: Clock | None = None,
) -> Iterate:
    """Solve (K + ridge I) x = b for a positive definite sum, by products with K alone.

    Parameters
    ----------
    operator : Operator of shape (n, n)
        Its products may be float32; vectors, scalars and dot products are float64.
    b : Tensor of shape (n, r), float64
        Right-hand sides. They share every product; each has its own step lengths, and leaves when
        its true residual is small.
    ridge : float
    tol : float
        For the true residual, relative to ‖b‖.
    preconditioner : callable, optional
        v ↦ P⁻¹ v on (n, r) float64, symmetric positive definite; any scale.
    x0 : Tensor of shape (n, r), optional
    max_iterations : int, default=1000
    clock : Clock, optional
        Time and pass budgets, callback and count of passes.

    Returns
    -------
    Iterate

    Raises
    ------
    FloatingPointError
        If a product is not finite.

    Notes
    -----
    One product a step, and one in float64 each time the residual is replaced by the true one:
    where the recurrence has fallen by the digits that the products have, and every 50 steps.
    Where float32 products do not bring the true residual down, the steps go on in float64.
    β is Polak and Ribière's, which forgives a residual that was replaced. Nine blocks of
    vectors.

    References
    ----------
    .. [1] M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear
       systems", J. Res. Natl. Bur. Stand. 49, 1952.
    .. [2] H. A. van der Vorst and Q. Ye, "Residual replacement strategies for Krylov subspace
       iterative methods", SIAM J. Sci. Comput. 22(3), 2000.
    .. [3] G. H. Golub and Q. Ye, "Inexact preconditioned conjugate gradient method with
       inner-outer iteration", SIAM J. Sci. Comput. 21(4), 1999: Polak and Ribière's β.

    Examples
    --------
    >>> import torch
    >>> from gramian.linalg import DenseOperator
    >>> K = DenseOperator(torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64))
    >>> found = conjugate_gradient(K, torch.tensor([[4.0], [4.0]]).double(), ridge=1.0, tol=1e-9)
    >>> [round(value, 6) for value in found.x[:, 0].tolist()]
    [1.0, 1.0]
    """
    clock = Clock("pcg") if clock is None else clock
    run = _Run(operator, b, ridge, tol, preconditioner or torch.clone, clock)
    run.begin(x0)
    last = clock.iteration + max_iterations  # another solver may have used the clock before
    while len(run.active):
        if clock.iteration >= last:
            return run.result(f"max_iterations={max_iterations} is reached")
        stop = run.step() or clock.tick(float(run.relative().max()))
        if stop:
            return run.result(stop)
    return run.result("")


class _Run:
    """The state of one solve; ``r``, ``p``, ``rz`` hold the active right-hand sides only."""

    def __init__(
        self, operator: Operator, b: Tensor, ridge: float, tol: float, inverse: Map, clock: Clock
    ) -> None:
        self.operator, self.exact = operator, operator.double()
        self.b, self.ridge, self.inverse, self.clock = b, ridge, inverse, clock
        self.scale = torch.linalg.vector_norm(b, dim=0)
        self.target = tol * self.scale
        self.x = torch.zeros_like(b)
        self.final = torch.zeros_like(self.scale)
        self.active = self.scale.nonzero()[:, 0]
        self.steps = 0

    def begin(self, x0: Tensor | None) -> None:
        """Take the starting point, and its true residual."""
        if x0 is not None:
            self.x = torch.where(self.scale > 0, x0.to(self.b), 0.0)
        self.r = self._true_residual() if x0 is not None else self.b[:, self.active]
        self.known = self.norm = torch.linalg.vector_norm(self.r, dim=0)
        self.p, self.rz = torch.zeros_like(self.r), torch.ones_like(self.norm)
        self.best = self.x.clone()
        self._drop()
        self._restart()

    def relative(self) -> Tensor:
        """Relative residuals of the right-hand sides that are still at work."""
        found = self.norm / self.scale[self.active]
        return found if len(found) else self.final

    def step(self) -> str | None:
        """One step of all that are active; why no further one may follow, or None."""
        product = self._product(self.p)
        curvature = (self.p * product).sum(0)
        size = torch.linalg.vector_norm(self.p, dim=0) * torch.linalg.vector_norm(product, dim=0)
        rounding = 4 * torch.finfo(self.operator.dtype).eps
        if not bool((curvature > rounding * size).all()):
            return self._distrust("K + ridge I is not positive definite up to rounding")
        length = self.rz / curvature
        self.x[:, self.active] += length * self.p
        r_old, self.r = self.r, self.r - length * product
        self.norm = torch.linalg.vector_norm(self.r, dim=0)
        self.steps += 1
        trust = _TRUST[self.operator.dtype] * self.known
        due = (self.norm <= self.target[self.active]) | (self.norm <= trust)
        due |= ~(self.norm <= _DIVERGED * self.known)
        if bool(due.any()) or self.steps >= _STEPS:
            stop = self._replace()
            if stop or not len(self.active) or self.steps == 0:
                return stop
            r_old = r_old[:, self.kept]
        z = self.inverse(self.r)
        beta = (z * (self.r - r_old)).sum(0) / self.rz
        self.rz = (z * self.r).sum(0)
        self.p = z + beta.clamp_min(0) * self.p
        if not bool((torch.isfinite(self.p).all(0) & (self.rz > 0)).all()):
            return self._distrust("the preconditioner is not positive definite up to rounding")
        return None

    def result(self, reason: str) -> Iterate:
        """The best that was seen; those still active are compared with where they stand."""
        if len(self.active):
            self.norm = torch.linalg.vector_norm(self._true_residual(), dim=0)
            self._keep_best()
            self.x[:, self.active] = self.best[:, self.active]
            self.final[self.active] = self.known / self.scale[self.active]
        return Iterate(self.x, self.final, reason)

    def _product(self, v: Tensor) -> Tensor:
        product = (self.operator @ v.to(self.operator.dtype)).double() + self.ridge * v
        self.clock.passes += 1
        if not bool(torch.isfinite(product).all()):
            raise FloatingPointError(
                "conjugate_gradient: products must be finite, got NaN or infinity. "
                "Check the kernel's parameters and the scale of the data."
            )
        return product

    def _true_residual(self) -> Tensor:
        self.clock.passes += 1
        return ridge_residual(
            self.exact, self.x[:, self.active], self.b[:, self.active], self.ridge
        )

    def _replace(self) -> str | None:
        """Put the true residual in, let those go that are done, and see whether steps helped."""
        tracked, self.steps = self.norm, 1
        self.r = self._true_residual()
        self.norm = torch.linalg.vector_norm(self.r, dim=0)
        stuck = (self.norm > 10 * tracked) & (self.norm > self.known / 4)
        if self.operator.dtype != torch.float64:
            stuck |= self.norm > self.known
        stuck |= ~(self.norm <= _DIVERGED * self.known)
        stuck &= ~(self.norm <= self.target[self.active])
        self._keep_best()
        self._drop()
        if bool(stuck.any()):
            return self._distrust("rounding allows no smaller residual")
        return None

    def _keep_best(self) -> None:
        """Remember the solutions whose true residual is the smallest so far."""
        better = self.norm < self.known
        self.best[:, self.active[better]] = self.x[:, self.active[better]]
        self.known = torch.minimum(self.known, self.norm)

    def _drop(self) -> None:
        """Take out the right-hand sides whose (true) residual is small."""
        self.kept = ~(self.norm <= self.target[self.active])
        self.final[self.active] = self.norm / self.scale[self.active]
        self.active, self.r, self.p = (
            self.active[self.kept],
            self.r[:, self.kept],
            self.p[:, self.kept],
        )
        self.rz, self.norm, self.known = (
            part[self.kept] for part in (self.rz, self.norm, self.known)
        )

    def _distrust(self, reason: str) -> str | None:
        """Go on in float64, from the true residual; give up where it was float64 already."""
        if self.operator.dtype == torch.float64:
            return reason
        self.operator = self.exact
        self.r = self._true_residual()
        self.norm = torch.linalg.vector_norm(self.r, dim=0)
        self._keep_best()
        if bool((self.norm > self.known).any()):
            self.x[:, self.active] = self.best[:, self.active]
            self.r = self._true_residual()
            self.norm = self.known
        self._restart()
        return None

    def _restart(self) -> None:
        """Begin a new sequence of directions from the residual."""
        self.p = self.inverse(self.r)
        self.rz = (self.p * self.r).sum(0)
        self.steps = 0
