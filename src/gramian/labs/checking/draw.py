"""Random inputs with short decimals, so that a failing one can be read and typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["Draw"]


class Draw:
    """Draws inputs from one generator.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of randomness.
    scalars : mapping of str to float, optional
        The lab's own numbers, or those of a variant.

    Examples
    --------
    >>> import numpy as np
    >>> draw = Draw(np.random.default_rng(0))
    >>> draw.normal(1, 3)
    array([[ 0.13, -0.13,  0.64]])
    >>> draw.grid(4).shape
    (4,)
    """

    def __init__(
        self, rng: np.random.Generator, scalars: Mapping[str, float] | None = None
    ) -> None:
        self.rng, self._scalars = rng, dict(scalars or {})

    def scalar(self, name: str) -> float:
        """The lab's number of this name."""
        return self._scalars[name]

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        """Normal numbers to two decimals."""
        return np.round(scale * self.rng.normal(size=shape), 2) + 0.0  # no negative zero

    def uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Uniform numbers in [low, high] to two decimals."""
        return np.round(self.rng.uniform(low, high, size=shape), 2) + 0.0

    def grid(self, *shape: int, reach: int = 2) -> np.ndarray:
        """Whole numbers in [-reach, reach] as floats: many ties and duplicates."""
        return self.rng.integers(-reach, reach + 1, size=shape).astype(np.float64)

    def labels(self, n: int, k: int) -> np.ndarray:
        """``n`` labels in 0 … k-1, int64."""
        return self.rng.integers(0, k, size=n)

    def integer(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def number(self, low: float, high: float) -> float:
        """A number in [low, high] to two decimals."""
        return round(float(self.rng.uniform(low, high)), 2)

    def sizes(self, choices: Sequence[int], most: int) -> tuple[int, ...]:
        """At most ``most`` sizes, each one of ``choices``."""
        return tuple(int(s) for s in self.rng.choice(choices, self.integer(0, most)))

    def seed(self) -> int:
        """A seed for a generator that the learner's function receives."""
        return int(self.rng.integers(2**31))
