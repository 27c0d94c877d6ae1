"""Principal components of an operator's rows in its feature space, and what certifies them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian.linalg import Eigen, Operator, eigh

__all__ = ["Components", "leading_components", "scaled_vectors"]

_NEGATIVE = 1e-5
"""A negative eigenvalue of more than this part of the largest is no rounding error."""
_ZERO = 1e-12
"""An eigenvalue of less than this part of the largest counts as zero."""
_CLEAR = 10.0
"""An eigenvalue this many times above its residual is told apart from zero."""


@dataclass(frozen=True)
class Components:
    """The leading eigenpairs of the centred kernel matrix HKH, H = I − 1.

    Attributes
    ----------
    values : Tensor of shape (k,), float64
        Falling; those that rounding cannot tell from zero are zero.
    vectors : Tensor of shape (n, k), float64
    residuals : Tensor of shape (k,), float64
        ‖HKH v − λ v‖ with entries in float64.
    offset : Tensor of shape (k,), float64
        Projection of the mean of all features, which every projection is less by.
    total : float
        Trace of HKH: the variance of all components, times n.
    solver : str
    passes : float
    """

    values: Tensor
    vectors: Tensor
    residuals: Tensor
    offset: Tensor
    total: float
    solver: str
    passes: float

    def above_zero(self) -> Components:
        """Those with an eigenvalue above zero."""
        wanted = self.values > 0
        return replace(
            self,
            values=self.values[wanted],
            vectors=self.vectors[:, wanted],
            residuals=self.residuals[wanted],
            offset=self.offset[wanted],
        )


@torch.no_grad()
def leading_components(
    operator: Operator,
    k: int,
    *,
    solver: str,
    tol: float | None,
    max_passes: int | None,
    generator: torch.Generator,
    caller: str,
) -> Components:
    """The k leading components; float64 products where float32 leaves one in doubt.

    Raises
    ------
    ValueError
        If one of the k eigenvalues is negative beyond rounding, or entries are not finite.
    """
    exact = operator.double()
    n = operator.shape[0]
    means = exact.T @ torch.full((n, 1), 1 / n, dtype=torch.float64, device=operator.device)
    means = means[:, 0]
    if not bool(torch.isfinite(means).all()):
        raise ValueError(
            f"{caller}: kernel must give finite entries, got NaN or infinity. "
            "Check its parameters and the scale of X."
        )
    found = _eigh(operator, k, solver, tol, max_passes, generator)
    passes = 1 + found.passes
    cheap = found.solver == "lanczos" and operator.dtype != torch.float64
    if cheap and max_passes is None and not _clear(found):
        found = _eigh(exact, k, solver, tol, max_passes, generator)
        passes += found.passes
    if not found.converged:
        _warn(found, caller)
    trace = float(exact.diagonal().sum())
    values = _settled(found, torch.finfo(torch.float64).eps * abs(trace), caller)
    return Components(
        values,
        found.vectors,
        found.residuals,
        means @ scaled_vectors(values, found.vectors),
        trace - float(means.sum()),
        found.solver,
        passes,
    )


def scaled_vectors(values: Tensor, vectors: Tensor) -> Tensor:
    """V / √λ with zeros where λ = 0, and columns that sum to zero as HV does: (n, k), float64.

    Feature vectors less their mean, times this, are the rows' components: √λ is the length of the
    axis in feature space that a unit vector v stands for.
    """
    values, vectors = values.double(), vectors.double()
    scaled = torch.where(values > 0, vectors / values.sqrt(), 0.0)
    return scaled - scaled.mean(0)


def _eigh(
    operator: Operator,
    k: int,
    solver: str,
    tol: float | None,
    max_passes: int | None,
    generator: torch.Generator,
) -> Eigen:
    return eigh(
        operator,
        k,
        centered=True,
        tol=tol,
        generator=generator,
        solver=solver,
        max_passes=300 if max_passes is None else max_passes,
    )


def _clear(found: Eigen) -> bool:
    """Whether every eigenvalue is told apart from zero, and every residual met the tolerance."""
    return found.converged and bool((found.values > _CLEAR * found.residuals).all())


def _settled(found: Eigen, rounding: float, caller: str) -> Tensor:
    """The eigenvalues with zeros for those that are zero up to rounding."""
    values = found.values
    largest, least = float(values.max()), float(values.min())
    floor = torch.clamp(found.residuals, min=max(_ZERO * largest, rounding))
    if bool((values < -torch.clamp(floor, min=_NEGATIVE * largest)).any()):
        raise ValueError(
            f"{caller}: kernel must be positive semi-definite on the rows, got the eigenvalue "
            f"{least:g} beside {largest:g}. There are significant negative eigenvalues: lower "
            "n_components, or use a positive definite kernel."
        )
    return torch.where(values > floor, values, 0.0)


def _warn(found: Eigen, caller: str) -> None:
    from sklearn.exceptions import ConvergenceWarning

    remedy = "raise tol or max_iter, or pass X in float64"
    if found.solver == "dense":
        remedy = "shift or scale X so that the kernel varies more, or raise tol"
    warnings.warn(
        f"{caller}: residuals must be at most tol times the largest eigenvalue "
        f"{float(found.values[0]):.1e}, got {float(found.residuals.max()):.1e}: {found.reason}. "
        f"To do: {remedy}.",
        ConvergenceWarning,
        stacklevel=7,
    )
