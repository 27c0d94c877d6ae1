"""What the linear classifiers minimise, as a module that a trainer can train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gramian._input import BLOCK_ELEMENTS
from gramian.linear._design import Design
from gramian.linear._losses import Loss
from gramian.train._module import Module

__all__ = ["Objective"]


class Objective(Module):
    """½‖W‖² + Σ_i w_i loss(y_i, x_i W + b) over W of shape (d, k) and b of shape (k,).

    Rows are seen about their mean, and each variable in a unit that makes its curvature about one:
    an exact change of variables, after which few steps do. The variables V are of shape (d, k), or
    (d + 1, k) with an intercept; they stand for W = units · V and b = unit · V_d − mean · W.

    Parameters
    ----------
    design : Design
        The rows, less their mean where there is an intercept.
    loss : Loss
    weights : Tensor of shape (n,), float64
        Of the rows; they contain C.
    penalty : float or None
        Factor of ½ b²; None: no intercept.
    optimizer : callable
        Makes the optimiser from this module.
    """

    def __init__(
        self,
        design: Design,
        loss: Loss,
        weights: Tensor,
        penalty: float | None,
        optimizer: Callable[[Objective], Any],
    ) -> None:
        super().__init__()
        self.design, self.row_loss, self.penalty = design, loss, penalty or 0.0
        self.has_intercept, self._optimizer = penalty is not None, optimizer
        bend = loss.curvature * weights
        units = (1 + _squares(design, bend)).rsqrt()
        if self.has_intercept:
            units = torch.cat([units, (bend.sum() + self.penalty).rsqrt()[None]])
        self.units = units[:, None]
        self.V = nn.Parameter(self.units.new_zeros(len(units), loss.n_outputs))

    @property
    def d(self) -> int:
        """Number of features."""
        return self.design.shape[1]

    def coefficients(self) -> tuple[Tensor, Tensor]:
        """W of shape (d, k) and b of shape (k,), zeros without an intercept, for rows as given."""
        scaled = self.V * self.units
        W = scaled[: self.d]
        if not self.has_intercept:
            return W, torch.zeros_like(W[0])
        return W, scaled[self.d] - self.design.offset @ W

    def solution(self) -> tuple[Tensor, Tensor]:
        """`coefficients` as plain numbers."""
        W, b = self.coefficients()
        return W.detach(), b.detach()

    def begin_at(self, W: Tensor, b: Tensor) -> None:
        """Take coefficients of an earlier fit."""
        with torch.no_grad():
            self.V[: self.d] = W / self.units[: self.d]
            if self.has_intercept:
                self.V[self.d] = (b + self.design.offset @ W) / self.units[self.d]

    def forward(self, *_: Any) -> Tensor:
        """Scores of shape (n, k)."""
        return self.scores_of(self.V)

    def scores_of(self, V: Tensor) -> Tensor:
        """Scores that belong to variables."""
        scaled = V * self.units
        found: Tensor = _Product.apply(scaled[: self.d], self.design)
        if self.has_intercept:
            found = found + scaled[self.d]
        return found

    def objective(self, scores: Tensor) -> Tensor:
        """The value of each of the k problems, or of the one that couples them."""
        W, b = self.coefficients()
        norms, values = W.square().sum(0) + self.penalty * b.square(), self.row_loss.values(scores)
        if len(values) < len(norms):
            norms = norms.sum(0, keepdim=True)
        return 0.5 * norms + values

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        """The objective of all rows, noted as "train_loss"."""
        scores = self()
        self.scores = scores.detach()
        value = self.objective(scores).sum()
        self.plot("loss", value, train=True)
        return value

    def configure_optimizers(self) -> Any:
        """The optimiser that was asked for."""
        return self._optimizer(self)

    def gradient(self) -> Tensor:
        """The gradient by the variables, after a backward pass."""
        assert self.V.grad is not None
        return self.V.grad

    def penalised(self) -> tuple[Tensor, Tensor]:
        """p with the penalty ½‖p‖², that is W and √penalty · b, and the gradient by p."""
        W, b = self.solution()
        slope = self.gradient() / self.units
        if not self.has_intercept:
            return W, slope
        root, slope_b = self.penalty**0.5, slope[self.d]
        slope_W = slope[: self.d] + torch.outer(self.design.offset, slope_b)
        point = torch.cat([W, root * b[None]])
        return point, torch.cat([slope_W, slope_b[None] / root])

    def excess(self) -> float:
        """About how far the objective is above its least value, over the value.

        With the best intercept it is at most ½‖∂W‖² above. An intercept that is not penalised adds
        ½ (∂b)² over its curvature.
        """
        slope = self.gradient() / self.units
        far = slope[: self.d].square().sum()
        if self.has_intercept:
            far = far + self.gradient()[self.d].square().sum()
        return float(0.5 * far / self.objective(self.scores).detach().sum().clamp_min(1e-300))

    def penalty_times(self, directions: Tensor) -> Tensor:
        """Second derivative of the penalty by the variables, times directions."""
        found = self.units.square() * directions
        if self.has_intercept:
            found[self.d] = 0
            normal = self.units[:, 0].clone()
            normal[: self.d] *= -self.design.offset
            found += self.penalty * torch.outer(normal, normal @ directions)
        return found

    def curvature(self, bends: Tensor) -> Tensor:
        """Second derivative of one problem by its variables, for that of the loss, (n,)."""
        found = self.penalty_times(torch.eye(len(self.units)).to(self.units))
        bent = bends.nonzero()[:, 0]
        for rows in bent.split(max(1, BLOCK_ELEMENTS // self.d)):
            block = self.design.rows.take(rows).double() - self.design.offset
            if self.has_intercept:
                block = torch.cat([block, torch.ones_like(block[:, :1])], dim=1)
            block *= self.units.T * bends[rows].sqrt()[:, None]
            found.addmm_(block.T, block)
        return found

    def move(self, step: Tensor) -> None:
        """Add to the variables."""
        with torch.no_grad():
            self.V.add_(step)


class _Product(torch.autograd.Function):
    """Rows times coefficients, in blocks, forwards and backwards."""

    @staticmethod
    def forward(ctx: Any, W: Tensor, design: Design) -> Tensor:
        ctx.design = design
        return design.product(W.detach())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.design.adjoint(gradients[0].contiguous()), None


def _squares(design: Design, weights: Tensor) -> Tensor:
    """Σ_i w_i (x_ij − m_j)² of every feature, (d,)."""
    found = torch.zeros_like(design.offset)
    if not design.rows.sparse:
        for span, block in design.row_blocks():
            found += weights[span] @ block.square()
        return found
    given, row_weights = design.rows.given, weights.numpy()
    squares = torch.from_numpy(given.multiply(given).T @ row_weights).double()
    plain = torch.from_numpy(given.T @ row_weights).double()
    found = squares - 2 * design.offset * plain + design.offset.square() * weights.sum()
    return found.clamp_min(0)
