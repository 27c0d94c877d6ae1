"""What a test found, and the rule that turns numbers into a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LEVEL", "PARTLY", "SymmetryResult", "verdict_of"]

LEVEL = 0.05
"""Of the p-value and of each one-sided bound."""
PARTLY = 0.5
"""A ratio above this is no invariance."""


def verdict_of(
    interval: tuple[float, float], pvalue: float, *, delta: float, small: bool | None = None
) -> str:
    """The verdict that design and numbers allow.

    ``small`` says whether the ratio is shown to lie below ``delta``; None looks at the interval.
    """
    lower, upper = interval
    if small is None:
        small = upper < delta
    if small and pvalue <= LEVEL:
        return "invariant"
    if lower > PARTLY:
        return "not invariant"
    if delta <= lower <= PARTLY:
        return "partly invariant"
    return "undecided"


@dataclass(frozen=True)
class SymmetryResult:
    """The outcome of `invariance_test` or `equivariance_test`.

    Attributes
    ----------
    kind : {"invariance", "equivariance"}
    verdict : {"invariant", "partly invariant", "not invariant", "undecided"}
        For an equivariance test: of the features after the known action.
    ratio : float
        Mean distance of a row to its own transformed copy, over the mean distance to the
        transformed copies of the other rows. 0 is perfect, 1 is what chance gives; nan for
        features that are the same for every row.
    interval : tuple of two float
        One-sided 95 % bounds of the ratio, lower and upper (together a 90 % interval).
    pvalue : float
        Of "the transformed copy is no nearer to its own row than to another one".
    equivalence_pvalue : float
        Of "the ratio is `delta` or more".
    floor : float or None
        The ratio of g⁻¹g, what resampling twice costs; None where the transform has no inverse.
    within_ratio : float or None
        As `ratio`, against other rows of the same class only; None without labels.
    standard_error : float
        Of the ratio, by the bootstrap.
    delta : float
        The declared margin.
    n : int
        Rows.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import invariance_test
    >>> x = torch.randn(50, 6, generator=torch.Generator().manual_seed(0))
    >>> print(invariance_test(lambda rows: rows.sum(1), x, lambda rows: rows.flip(1),
    ...                       random_state=0))
    invariant: ratio 0.000 (90 % interval 0.000 to 0.000), p = 0.001, 50 rows
    """

    kind: str
    verdict: str
    ratio: float
    interval: tuple[float, float]
    pvalue: float
    equivalence_pvalue: float
    floor: float | None
    within_ratio: float | None
    standard_error: float
    delta: float
    n: int

    def __str__(self) -> str:
        word = self.verdict
        if self.kind == "equivariance":
            word = word.replace("invariant", "equivariant")
        if math.isnan(self.ratio):
            return f"{word}: all rows have the same features, {self.n} rows"
        lower, upper = self.interval
        parts = [f"ratio {self.ratio:.3f} (90 % interval {lower:.3f} to {upper:.3f})"]
        parts.append(f"p = {self.pvalue:.2g}")
        if self.floor is not None:
            parts.append(f"floor {self.floor:.3f}")
        return f"{word}: {', '.join(parts)}, {self.n} rows"
