"""What a solver hands back: the solution and the certificate that goes with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

__all__ = ["STOPPED", "Callback", "Clock", "Progress", "Solution"]

STOPPED = "the callback stopped it"


@dataclass(frozen=True)
class Progress:
    """What a callback of a solver is told after each step.

    Attributes
    ----------
    solver : str
        "pcg", "sketch", "nystroem" or "lsmr".
    iteration : int
        Steps done, from 1.
    passes : float
        Products with the whole matrix so far; a sketch step costs a fraction of one.
    residual : float
        The largest relative residual among the right-hand sides, as the solver tracks it.
    seconds : float
        Wall time since the solver began.
    """

    solver: str
    iteration: int
    passes: float
    residual: float
    seconds: float


Callback = Callable[[Progress], Any]


@dataclass(frozen=True)
class Solution:
    """A solution of (K + ridge I) x = b, and how far it can be trusted.

    Attributes
    ----------
    x : Tensor of shape (n,) or (n, r)
    solver : {"direct", "pcg", "sketch", "nystroem"}
        What was run.
    residual : float
        max over right-hand sides of ‖(K + ridge I) x − b‖ / ‖b‖, computed from ``x`` with entries
        in float64 after the solver had finished; not the solver's own running figure.
    passes : float
        Products with the whole matrix, those for the certificate included.
    rank : int
        Rank of the factor that was used: n for a direct solve, that of the preconditioner, or the
        number of landmarks.
    seconds : float
        Wall time.
    converged : bool
        Whether ``residual`` is at most the tolerance asked for.
    reason : str
        Why the solver was chosen and why it stopped, as a sentence.
    """

    x: Tensor
    solver: str
    residual: float
    passes: float
    rank: int
    seconds: float
    converged: bool
    reason: str


@dataclass
class Clock:
    """Counts passes and seconds, asks the callback, and says when the budget is spent."""

    solver: str
    time_budget: float | None = None
    pass_budget: float | None = None
    callback: Callback | None = None
    passes: float = 0.0
    iteration: int = 0
    start: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.start

    def spent(self) -> str | None:
        """Why no further step may be made, or None."""
        if self.time_budget is not None and self.seconds >= self.time_budget:
            return f"the time budget of {self.time_budget:g} s is spent"
        if self.pass_budget is not None and self.passes >= self.pass_budget:
            return f"the budget of {self.pass_budget:g} passes is spent"
        return None

    def tick(self, residual: float) -> str | None:
        """Count one step; why the solver must stop, or None."""
        self.iteration += 1
        if self.callback is not None:
            state = Progress(self.solver, self.iteration, self.passes, residual, self.seconds)
            if self.callback(state):
                return STOPPED
        return self.spent()
