"""Optimisers of the training loop that see all rows in every step, and know when they are done.

An epoch of the loop is one step: its forward pass gives scores, its backward pass the gradient.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from gramian.linear._losses import Margin
from gramian.linear._objective import Objective
from gramian.train._callback import Callback
from gramian.train._trainer import Trainer

__all__ = ["Descent", "Lbfgs", "Newton", "StopWhenDone"]

_SETTLED = 0.1
"""Share of the duality gap below which a stand-in counts as minimised."""

_HALVINGS = 60


class Descent(ABC):
    """Steps down an objective until its certificate is small enough.

    Parameters
    ----------
    model : Objective
    tol : float
        The objective of every problem ends at most ``tol**2`` of itself above its least value: for
        a loss of margins by the duality gap, else by the gradient.
    max_iter : int

    Attributes
    ----------
    error : float
        The largest √(excess / objective) at the last step.
    n_iter : int
    """

    def __init__(self, model: Objective, tol: float, max_iter: int) -> None:
        self.model, self.tol, self.max_iter = model, tol, max_iter
        self.error, self.n_iter = float("inf"), 0

    @property
    def done(self) -> bool:
        """Whether the certificate or the number of steps says so."""
        return self.error <= self.tol or self.n_iter >= self.max_iter

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self.model.zero_grad()

    def step(self) -> None:
        """Judge the point, and go on from it."""
        loss = self.model.row_loss
        if not isinstance(loss, Margin):
            self.error = self.model.excess() ** 0.5
        else:
            gap, own = _gaps(self.model, loss)
            self.error = float(gap.max().sqrt())
            settled = own <= _SETTLED * gap.clamp_min(self.tol**2)
            if self.error > self.tol and bool(settled.all()):
                self.n_iter += 1
                if loss.advance(self.model.scores):
                    self._restart()
                    return
        if not self.done:
            self.n_iter += self._move()

    @abstractmethod
    def _move(self) -> int:
        """Change the variables; how many steps that took."""

    def _restart(self) -> None:  # noqa: B027 # a method without memory has nothing to forget
        """The objective is another one now."""


class Lbfgs(Descent):
    """The method of limited memory: `torch.optim.LBFGS`, 20 of its steps at a time.

    References
    ----------
    .. [1] D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale
       optimization", Mathematical Programming 45, 1989.
    """

    _AT_ONCE = 20

    def __init__(self, model: Objective, tol: float, max_iter: int) -> None:
        super().__init__(model, tol, max_iter)
        self._restart()

    def _restart(self) -> None:
        self._inner = torch.optim.LBFGS(
            self.model.parameters(),
            max_iter=min(self._AT_ONCE, self.max_iter),
            tolerance_grad=0,
            tolerance_change=0,
            history_size=20,
            line_search_fn="strong_wolfe",
        )

    def _move(self) -> int:
        def closure() -> Tensor:
            self.model.zero_grad()
            value = self.model.objective(self.model()).sum()
            value.backward()
            return value

        before = self._steps()
        self._inner.step(closure)
        return max(1, self._steps() - before)

    def _steps(self) -> int:
        return int(self._inner.state[self.model.V].get("n_iter", 0))


class Newton(Descent):
    """Newton's method for losses of margins.

    Notes
    -----
    The loss is piecewise quadratic: with an exact search along each direction the method ends
    after finitely many steps. A step takes O(a d²) time for the a rows where the loss bends, O(d³)
    to factor, and 16 d² bytes, one class after the other.

    References
    ----------
    .. [1] O. L. Mangasarian, "A finite Newton method for classification", Optimization Methods and
       Software 17(5), 2002.
    """

    @staticmethod
    def bytes_needed(d: int) -> int:
        """Of the second derivative and its factor."""
        return 16 * (d + 1) ** 2

    def _move(self) -> int:
        model = self.model
        assert isinstance(model.row_loss, Margin)
        loss, scores, here = model.row_loss, model.scores, model.V.detach()
        gradient = model.gradient()
        ahead = torch.empty_like(gradient)
        for k, bends in enumerate(loss.bends(scores).T):
            factor = torch.linalg.cholesky(model.curvature(bends))
            ahead[:, [k]] = torch.cholesky_solve(-gradient[:, [k]], factor)
        scores_ahead = model.scores_of(ahead)
        bent = model.penalty_times(ahead)
        slope, bend = (here * bent).sum(0), (ahead * bent).sum(0)

        def rise(length: Tensor) -> Tensor:
            slopes = loss.slopes(scores + length * scores_ahead)
            return slope + length * bend + (slopes * scores_ahead).sum(0)

        model.move(_zero_of(rise, slope) * ahead)
        return 1


def _zero_of(rise: Callable[[Tensor], Tensor], like: Tensor) -> Tensor:
    """Where rising functions that start below zero pass it: doubling, then halving."""
    low, high = torch.zeros_like(like), torch.ones_like(like)
    for _ in range(_HALVINGS):
        short = rise(high) < 0
        if not bool(short.any()):
            break
        low, high = torch.where(short, high, low), torch.where(short, 2 * high, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = rise(middle) < 0
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return high


def _gaps(model: Objective, loss: Margin) -> tuple[Tensor, Tensor]:
    """Duality gap over objective, and what the stand-in could still gain over it; both (k,).

    The point is ½‖p‖² + loss, its gradient g by p; the multipliers of the rows stand for the
    point p − g.
    """
    point, gradient = model.penalised()
    value = 0.5 * point.square().sum(0) + loss.true_values(model.scores)
    dual = loss.dual_values(loss.multipliers(model.scores))
    dual = dual - 0.5 * (point - gradient).square().sum(0)
    size = value.clamp_min(1e-300)
    return (value - dual).clamp_min(0) / size, 0.5 * gradient.square().sum(0) / size


class StopWhenDone(Callback):
    """Ends a run when its optimiser says so."""

    def on_step_end(self, trainer: Trainer) -> None:
        """Ask the optimiser."""
        trainer.should_stop = trainer.should_stop or trainer.optim.done
