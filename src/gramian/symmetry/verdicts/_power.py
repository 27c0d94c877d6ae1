"""How many rows a test needs, fixed before it is run."""

from __future__ import annotations

import math
from statistics import NormalDist

from gramian._validation import _message, check_real
from gramian.symmetry.verdicts._design import LEAST_ROWS
from gramian.symmetry.verdicts._result import LEVEL, SymmetryResult

__all__ = ["required_rows"]


def required_rows(pilot: SymmetryResult, *, delta: float | None = None, power: float = 0.9) -> int:
    """Rows with which the verdict "invariant" is reached with the given probability.

    Parameters
    ----------
    pilot : SymmetryResult
        Of other rows of the same kind, which the test itself must not use again.
    delta : float, default=None
        Declared margin; None takes that of the pilot.
    power : float, default=0.9
        Probability of the verdict if the true ratio is that of the pilot, in (0, 1).

    Returns
    -------
    n : int
        At least 8.

    Raises
    ------
    ValueError
        If the pilot's ratio is not below `delta`: no number of rows will do.

    Notes
    -----
    The standard error falls as 1/√n, so n = n₀ (s₀ (z₀.₉₅ + z_power) / (δ − T₀))² with the pilot's
    rows n₀, standard error s₀ and ratio T₀. The pilot's own error is not accounted for: take a
    pilot of 50 rows or more.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import invariance_test, required_rows
    >>> x = torch.randn(60, 3, generator=torch.Generator().manual_seed(0))
    >>> blurred = lambda rows: rows + 0.12 * rows.roll(1, 1)
    >>> pilot = invariance_test(lambda rows: rows, x, blurred, random_state=0)
    >>> pilot.verdict, required_rows(pilot) > required_rows(pilot, delta=0.2)
    ('invariant', True)
    """
    caller = "required_rows"
    margin = pilot.delta if delta is None else check_real(delta, "delta", caller, low=0)
    check_real(power, "power", caller, low=0, high=1 - 1e-12, low_open=True)
    if not pilot.ratio < margin:
        remedy = "Declare a wider margin, or expect another verdict."
        raise ValueError(_message(caller, "pilot.ratio", f"below {margin:g}", pilot.ratio, remedy))
    quantiles = NormalDist().inv_cdf(1 - LEVEL) + NormalDist().inv_cdf(power)
    share = max(0.0, quantiles) * pilot.standard_error / (margin - pilot.ratio)
    return max(LEAST_ROWS, math.ceil(pilot.n * share**2))
