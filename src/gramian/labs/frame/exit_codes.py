"""Exit codes of `gramian lab run`, and which one counts where several apply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gramian.labs.frame.verdicts import ClaimVerdict, ControlVerdict

__all__ = [
    "DATA_MISSING",
    "HOLDS",
    "INTERNAL",
    "NO_POWER",
    "OVER_BUDGET",
    "REFUTED",
    "UNDECIDED",
    "USAGE",
    "exit_code",
    "verdict_of",
    "worst",
]

HOLDS, REFUTED, USAGE, NO_POWER, DATA_MISSING, UNDECIDED, OVER_BUDGET = range(7)
INTERNAL = 70
PRECEDENCE = (INTERNAL, USAGE, DATA_MISSING, NO_POWER, REFUTED, OVER_BUDGET, UNDECIDED, HOLDS)
PATIENCE = 5.0
"""Times the budget that a run may take."""

_VERDICTS = {
    HOLDS: "holds",
    REFUTED: "refuted",
    NO_POWER: "void",
    DATA_MISSING: "data missing",
    UNDECIDED: "undecided",
    OVER_BUDGET: "over budget",
    INTERNAL: "internal error",
}


def exit_code(
    claims: Sequence[ClaimVerdict],
    controls: Sequence[ControlVerdict],
    *,
    seconds: float,
    budget: float,
    strict: bool,
) -> int:
    """The code of one lab.

    Timing claims and their controls count only if ``strict``.
    """
    counted = [c for c in claims if strict or c.claim.kind != "timing"]
    steering = [c for c in controls if strict or c.claim.kind != "timing"]
    codes = [HOLDS]
    if any(control.behaves is False for control in steering):
        codes.append(NO_POWER)
    if any(claim.verdict == "refuted" for claim in counted):
        codes.append(REFUTED)
    if seconds > PATIENCE * budget:
        codes.append(OVER_BUDGET)
    if any(claim.verdict == "undecided" for claim in counted):
        codes.append(UNDECIDED)
    return worst(codes)


def worst(codes: Iterable[int]) -> int:
    """The code that counts where several apply; 0 for none."""
    given = set(codes)
    return next((code for code in PRECEDENCE if code in given), HOLDS)


def verdict_of(code: int) -> str:
    """The code in one or two words."""
    return _VERDICTS[code]
