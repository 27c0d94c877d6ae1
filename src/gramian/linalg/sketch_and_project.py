"""Accelerated sketch-and-project: the ridge system from blocks of rows, in O(n) memory.

Each step solves the system approximately on a random block of rows. It needs b n entries of the
matrix for a block of b rows, so that it gets somewhere in a fraction of a pass.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gramian._validation import check_real
from gramian.linalg._operator import Operator, relative_residual
from gramian.linalg._preconditioner import LowRankInverse
from gramian.linalg._result import Clock
from gramian.linalg.cg import Iterate

__all__ = ["sketch_and_project"]

_POWER_STEPS = 10
_IDLE = {torch.float32: 10, torch.float64: 30}
"""Looks without progress after which the products are taken in float64, or it ends."""
_CHECK = 2.0
"""Passes between two looks at the true residual."""


@torch.no_grad()
def sketch_and_project(
    operator: Operator,
    b: Tensor,
    *,
    ridge: float,
    tol: float,
    generator: torch.Generator,
    block_size: int | None = None,
    rank: int = 100,
    x0: Tensor | None = None,
    max_passes: float = 200.0,
    clock: Clock | None = None,
) -> Iterate:
    """Solve (K + ridge I) x = b for positive semi-definite K where nothing of size n r fits.

    Parameters
    ----------
    operator : Operator of shape (n, n)
    b : Tensor of shape (n, r), float64
    ridge : float
        Positive: the rate depends on it.
    tol : float
        For the true residual relative to ‖b‖, looked at every second pass.
    generator : torch.Generator
        On the CPU; draws blocks and sketches.
    block_size : int, optional
        Rows of a block; n / 100, at least 100, if not given.
    rank : int, default=100
        Rank of the Nyström approximation of the block that the step is solved with.
    x0 : Tensor of shape (n, r), optional
    max_passes : float, default=200.0
    clock : Clock, optional

    Returns
    -------
    Iterate
        The best iterate among those whose true residual was looked at.

    Notes
    -----
    A step takes b n entries for the residual of the block and b² for the block itself. Memory is
    four blocks of n vectors, b² entries and b · rank numbers. The acceleration is Nesterov's, with
    the strong convexity set to the ridge relative to the mean diagonal and the other constant to
    n / b. Where the true residual grows tenfold over its best, the steps begin again from there
    without acceleration. Where ten looks show no progress, the steps go on in float64.

    References
    ----------
    .. [1] P. Rathore, Z. Frangella, J. Yang, M. Dereziński, M. Udell, "Have ASkotch: a neat
       solution for large-scale kernel ridge regression", arXiv:2407.10070, 2024, algorithms 2
       to 4.

    Examples
    --------
    >>> import torch
    >>> from gramian.linalg import DenseOperator
    >>> K, b = DenseOperator(torch.eye(4)), torch.ones(4, 1, dtype=torch.float64)
    >>> found = sketch_and_project(
    ...     K, b, ridge=1.0, tol=1e-6, generator=torch.Generator().manual_seed(0)
    ... )
    >>> [round(value, 4) for value in found.x[:, 0].tolist()]
    [0.5, 0.5, 0.5, 0.5]
    """
    ridge = check_real(ridge, "ridge", "sketch_and_project", low=0.0, low_open=True)
    clock = Clock("sketch") if clock is None else clock
    n = operator.shape[0]
    size = min(n, max(100, n // 100)) if block_size is None else min(block_size, n)
    run = _Run(operator, b, ridge, x0, size, min(rank, size), generator, clock)
    reason = f"max_passes={max_passes:g} is reached"
    due = 0.0
    while clock.passes < max_passes:
        if clock.passes >= due:
            if run.look(tol):
                return run.result("")
            due = clock.passes + _CHECK
        run.step()
        stop = clock.tick(float(run.best_residual.max())) or run.stuck()
        if stop:
            reason = stop
            break
    return run.result("" if run.look(tol) else reason)


class _Run:
    """The three sequences of the accelerated method; names are those of the paper."""

    def __init__(
        self,
        operator: Operator,
        b: Tensor,
        ridge: float,
        x0: Tensor | None,
        size: int,
        rank: int,
        generator: torch.Generator,
        clock: Clock,
    ) -> None:
        self.operator, self.exact, self.b, self.ridge = operator, operator.double(), b, ridge
        self.size, self.rank, self.generator, self.clock = size, rank, generator, clock
        self.w = torch.zeros_like(b) if x0 is None else x0.to(b).clone()
        self.best, self.idle = self.w.clone(), 0
        self.best_residual = b.new_full((b.shape[1],), math.inf)
        mean = float(operator.diagonal().double().mean())
        mu = min(1.0, ridge / mean) if mean > 0 else 1.0
        self._accelerate(mu, min(len(b) / size, 1 / mu))

    def _accelerate(self, mu: float, nu: float) -> None:
        """Set the momentum, and let all sequences begin at ``w``; mu = nu = 1 is none."""
        self.beta, self.gamma = 1 - math.sqrt(mu / nu), 1 / math.sqrt(mu * nu)
        self.alpha = 1 / (1 + self.gamma * nu)
        self.v, self.z = self.w.clone(), self.w.clone()

    def step(self) -> None:
        """One block: z → w, v, z."""
        n = len(self.b)
        block = torch.randperm(n, generator=self.generator)[: self.size].to(self.b.device)
        product = self.operator.take(block) @ self.z.to(self.operator.dtype)
        gradient = product.double() + self.ridge * self.z[block] - self.b[block]
        direction = self._project(block, gradient)
        # sequences move everywhere, the step itself only inside the block
        old_z, old_v = self.z, self.v
        self.w = old_z.clone()
        self.w[block] -= direction
        self.v = self.beta * old_v + (1 - self.beta) * old_z
        self.v[block] -= self.gamma * direction
        self.z = self.alpha * self.v + (1 - self.alpha) * self.w
        self.clock.passes += self.size / n

    def look(self, tol: float) -> bool:
        """Compare with the truth: keep the best, undo what diverges; whether all is done."""
        self.clock.passes += 1
        found = relative_residual(self.exact, self.w, self.b, self.ridge)
        self.idle = 0 if bool((found < 0.9 * self.best_residual).any()) else self.idle + 1
        better = found < self.best_residual
        self.best[:, better] = self.w[:, better]
        self.best_residual = torch.where(better, found, self.best_residual)
        if not bool((found <= 10 * self.best_residual).all()):
            self.w = self.best.clone()
            self._accelerate(1.0, 1.0)
        return bool((self.best_residual <= tol).all())

    def stuck(self) -> str | None:
        """Go on in float64 where looks no longer show progress; why not, where it was float64."""
        if self.idle < _IDLE[self.operator.dtype]:
            return None
        if self.operator.dtype == torch.float64:
            return "the residual no longer falls"
        self.operator, self.idle = self.exact, 0
        return None

    def result(self, reason: str) -> Iterate:
        return Iterate(self.best, self.best_residual, reason)

    def _project(self, block: Tensor, gradient: Tensor) -> Tensor:
        """(K̂_BB + ρ I)⁻¹ g over the step-size bound, where K̂ is a Nyström approximation."""
        table = self.operator.block(block, block).double()
        half, smallest = _nystroem(table, self.rank, self.generator)
        inverse = LowRankInverse(half, self.ridge + smallest)
        vector = torch.randn(len(block), 1, generator=self.generator, dtype=torch.float64)
        vector = vector.to(table.device)
        bound = 1e-3
        for _ in range(_POWER_STEPS):
            image = table @ vector + self.ridge * vector
            after = inverse(image)
            # the Rayleigh quotient in the norm of the block, in which the map is symmetric
            bound = max(bound, float((image * after).sum() / (image * vector).sum()))
            vector = after / torch.linalg.vector_norm(after)
        return inverse(gradient) / bound


def _nystroem(table: Tensor, rank: int, generator: torch.Generator) -> tuple[Tensor, float]:
    """H with H Hᵀ the randomised Nyström approximation, and its least nonzero eigenvalue."""
    test = torch.randn(len(table), rank, generator=generator, dtype=torch.float64)
    test = torch.linalg.qr(test.to(table.device))[0]
    shift = 8 * torch.finfo(torch.float64).eps * float(table.diagonal().sum().clamp_min(1e-300))
    sketch = table @ test + shift * test
    values, vectors = torch.linalg.eigh(test.T @ sketch)
    kept = values > shift / 2
    half = sketch @ (vectors[:, kept] / values[kept].sqrt())
    smallest = float(torch.linalg.eigvalsh(half.T @ half)[0]) if bool(kept.any()) else 0.0
    return half, max(0.0, smallest - shift)
