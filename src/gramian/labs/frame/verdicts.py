"""Judgement: claims by their thresholds, controls by the test of their claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gramian._validation import _message
from gramian.labs.frame.declaration import Claim, Control
from gramian.labs.frame.relations import satisfied, side
from gramian.labs.frame.result import Result
from gramian.labs.frame.statistics import Estimate
from gramian.symmetry import holm

__all__ = ["ALPHA", "ClaimVerdict", "ControlVerdict", "judge_claims", "judge_controls"]

ALPHA = 0.01
MOST_SPREAD = 2.0
"""Ratio of the quartiles above which a timing decides nothing."""


@dataclass(frozen=True)
class ClaimVerdict:
    """A judged claim.

    Attributes
    ----------
    claim : Claim
    verdict : {"holds", "refuted", "undecided", "not_applicable"}
    why : str
        Why it is not applicable.
    estimates : list of Estimate
        What was judged.
    p, p_holm : float or None
    """

    claim: Claim
    verdict: str
    why: str = ""
    estimates: tuple[Estimate, ...] = ()
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class ControlVerdict:
    """A judged control; `behaves` is None where its claim is not applicable."""

    control: Control
    claim: Claim
    observed: Estimate | None
    behaves: bool | None
    why: str = ""


def judge_claims(result: Result) -> list[ClaimVerdict]:
    """Every claim of the lab, in its order."""
    context, found = result.context, []
    for claim in context.lab.claims:
        why = result.skipped.get(claim.id, "")
        if context.mode not in claim.modes:
            why = f"judged in {' and '.join(claim.modes)} mode only"
        elif claim.requires and context.device.type != claim.requires:
            why = f"needs a {claim.requires} device"
        if why:
            found.append(ClaimVerdict(claim, "not_applicable", why))
            continue
        for id in claim.measurements:
            if id not in result.measurements:
                raise RuntimeError(
                    _message(f"Lab {context.lab.name}", f"claim {claim.id}", "measured", id)
                )
        estimates = tuple(result.measurements[id].estimate for id in claim.measurements)
        found.append(ClaimVerdict(claim, "", estimates=estimates, p=_joint_p(claim, estimates)))
    family = [verdict.p for verdict in found if verdict.p is not None]
    adjusted = iter(holm(family).tolist() if family else [])
    judged = []
    for verdict in found:
        if verdict.verdict:
            judged.append(verdict)
            continue
        p_holm = None if verdict.p is None else next(adjusted)
        outcomes = {judge(verdict.claim, each, p_holm) for each in verdict.estimates}
        worst = next(o for o in ("refuted", "undecided", "holds") if o in outcomes)
        judged.append(
            ClaimVerdict(
                verdict.claim, worst, estimates=verdict.estimates, p=verdict.p, p_holm=p_holm
            )
        )
    return judged


def judge(claim: Claim, estimate: Estimate, p: float | None) -> str:
    """One value against the threshold of a claim; ``p`` is already adjusted."""
    holds = satisfied(claim.relation, estimate.value, claim.threshold)
    if claim.kind == "timing":
        low, high = _interval(claim, estimate)
        if high > MOST_SPREAD * low:
            return "undecided"
    if claim.kind != "statistical":
        return "holds" if holds else "refuted"
    if p is None:
        return side(claim.relation, _interval(claim, estimate), claim.threshold)
    if holds and p <= ALPHA:
        return "holds"
    beyond = estimate.interval and side(claim.relation, estimate.interval, claim.threshold)
    return "refuted" if beyond == "refuted" else "undecided"


def judge_controls(result: Result, claims: list[ClaimVerdict]) -> list[ControlVerdict]:
    """Every control of the lab, in its order, beside the judged claims."""
    lab, judged = result.context.lab, {verdict.claim.id: verdict for verdict in claims}
    found = []
    for control in lab.controls:
        claim, observed = judged[control.claim].claim, result.observed.get(control.id)
        why = result.skipped.get(control.id, "")
        if judged[control.claim].verdict == "not_applicable":
            why = "its claim is not applicable"
        if why:
            found.append(ControlVerdict(control, claim, observed, None, why))
            continue
        if observed is None:
            raise RuntimeError(_message(f"Lab {lab.name}", "control", "observed", control.id))
        found.append(ControlVerdict(control, claim, observed, behaves(control, claim, observed)))
    return found


def behaves(control: Control, claim: Claim, observed: Estimate) -> bool:
    """Whether a positive control passes the test of its claim, and a negative one does not."""
    p = observed.p if claim.kind == "statistical" else None
    passes = judge(claim, observed, p) == "holds"
    if control.must is not None and not satisfied(control.must[0], observed.value, control.must[1]):
        return False
    return passes == (control.sign == "positive")


def _joint_p(claim: Claim, estimates: tuple[Estimate, ...]) -> float | None:
    """The p-value that all measurements of a claim together are judged by: the largest."""
    values = [e.p for e in estimates if claim.kind == "statistical" and e.p is not None]
    if values and len(values) < len(estimates):
        raise RuntimeError(
            _message(f"Claim {claim.id}", "measurements", "all with p-values, or none", values)
        )
    return max(values, default=None)


def _interval(claim: Claim, estimate: Estimate) -> tuple[float, float]:
    if estimate.interval is None:
        value: Any = estimate.value
        raise RuntimeError(
            _message(f"Claim {claim.id}", "measurement", "an Estimate with an interval", value)
        )
    return estimate.interval
