"""A density estimate: rows, their weights, and the kernel about each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.cluster._local_means import GaussianMean
from gramian.gram import Gram
from gramian.kernel_methods.density._kernels import euclidean, has_tails
from gramian.kernel_methods.density._laws import draw
from gramian.kernel_methods.density._log_sums import log_sums, log_sums_of_others
from gramian.kernel_methods.kernel._random_state import Randomness
from gramian.pairwise import Gaussian, PairFunction

__all__ = ["Estimate", "Frame"]


@dataclass(frozen=True)
class Frame:
    """Features divided by a width each, about a row, so that far-off data keeps its digits.

    Attributes
    ----------
    origin, widths : Tensor of shape (d,), float64
    """

    origin: Tensor
    widths: Tensor

    def place(self, x: Tensor) -> Tensor:
        """Rows in the frame, in their own dtype."""
        return ((x.double() - self.origin) / self.widths).to(x.dtype)


@dataclass(frozen=True)
class Estimate:
    """Σ_j w_j k(x, y_j) / (Z Σ_j w_j), with Z the integral of the kernel.

    Attributes
    ----------
    rows : Tensor of shape (n, d), float32 or float64
        y, in ``frame`` where there is one.
    weights : Tensor of shape (n,), dtype of ``rows``, or None
        Positive, at most 1.
    kernel : PairFunction
    log_integral : float
        log Z in the units of the data; 0 where the density is not normalised.
    frame : Frame or None
    """

    rows: Tensor
    weights: Tensor | None
    kernel: PairFunction
    log_integral: float
    frame: Frame | None = None

    @classmethod
    def of(
        cls,
        x: Tensor,
        weights: Tensor | None,
        kernel: PairFunction,
        log_integral: float,
        frame: Frame | None,
    ) -> Estimate:
        """The estimate on rows and positive weights as they came."""
        rows = x.to(torch.promote_types(x.dtype, torch.float32))
        if frame is not None:
            rows = frame.place(rows)
        if weights is not None:
            # a smaller share of the largest weight than that is 0 in the dtype of the rows
            least = torch.finfo(rows.dtype).tiny
            weights = (weights / weights.max()).clamp_min(least).to(rows.dtype)
        return cls(rows, weights, kernel, log_integral, frame)

    @property
    def masses(self) -> Tensor:
        """The weights in float64, ones where there are none."""
        if self.weights is None:
            return self.rows.new_ones((), dtype=torch.float64).expand(len(self.rows))
        return self.weights.double()

    def place(self, x: Tensor) -> Tensor:
        """New rows beside the rows of the estimate: same device, dtype and frame."""
        x = x.to(self.rows)
        return x if self.frame is None else self.frame.place(x)

    def log_density(self, x: Tensor) -> Tensor:
        """At rows that `place` has placed, (q,), float64."""
        total = log_sums(x, self.rows, self.kernel, self.weights)
        return total.double() - self.masses.sum().log() - self.log_integral

    def log_density_of_others(self) -> Tensor:
        """At each row, from all the other rows alone, (n,), float64."""
        total = log_sums_of_others(self.rows, self.kernel, self.weights)
        rest = (self.masses.sum() - self.masses).log()
        return total - rest - self.log_integral

    def steps(self, n: int, rng: Randomness, caller: str) -> Tensor:
        """Draws from the kernel about 0 in the units of the data, (n, d), float64."""
        drawn = draw(euclidean(self.kernel), n, self.rows.shape[1], rng, caller)
        steps = torch.from_numpy(drawn).to(self.rows.device)
        return steps if self.frame is None else steps * self.frame.widths

    def gradient(self, x: Tensor) -> Tensor:
        """Of the log density in the units of the data, at placed rows, (q, d)."""
        if isinstance(self.kernel, Gaussian) and not self.kernel.per_feature:
            width = float(self.kernel.bandwidth)
            means, _ = GaussianMean(self.rows, self.weights, width)(x)
            found = (means - x) / width**2
        else:
            found = self._differentiated(x)
        return found if self.frame is None else found / self.frame.widths.to(found)

    def _differentiated(self, x: Tensor) -> Tensor:
        """The gradient by the engine's automatic differentiation."""
        x = x.detach().requires_grad_()
        table = Gram(x, self.rows, self.kernel)
        if has_tails(self.kernel):
            found = Gram(x, self.rows, self.kernel.log()).logsumexp()
            if self.weights is not None:
                found = found + table.weighted_mean(self.weights).log()
        else:
            found = (table.sum() if self.weights is None else table @ self.weights).log()
        (slope,) = torch.autograd.grad(found.sum(), x, allow_unused=True, materialize_grads=True)
        return slope.masked_fill(~found.detach().isfinite()[:, None], torch.nan)
