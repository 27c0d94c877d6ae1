"""Which code a run ends with, and which one counts where several apply."""

from __future__ import annotations

import itertools

import pytest

from gramian.labs import Claim, Estimate, negative
from gramian.labs.frame.exit_codes import exit_code, verdict_of, worst
from gramian.labs.frame.verdicts import ClaimVerdict, ControlVerdict

NUMERIC = Claim("c", "text", "value", "<", 1.0)
TIMING = Claim("t", "text", "ratio", ">", 2.0, kind="timing")


def claims(*verdicts: str, of: Claim = NUMERIC) -> list[ClaimVerdict]:
    return [ClaimVerdict(of, verdict) for verdict in verdicts]


def control(behaves: bool | None, of: Claim = NUMERIC) -> ControlVerdict:
    return ControlVerdict(negative("n", "text", claim=of.id), of, Estimate(2.0), behaves)


def code(
    judged: list[ClaimVerdict],
    *controls: ControlVerdict,
    seconds: float = 1.0,
    strict: bool = False,
) -> int:
    return exit_code(judged, controls, seconds=seconds, budget=1.0, strict=strict)


def test_one_cause_at_a_time() -> None:
    assert code(claims("holds", "not_applicable"), control(True), control(None)) == 0
    assert code(claims("holds", "refuted")) == 1
    assert code(claims("holds"), control(False)) == 3
    assert code(claims("holds", "undecided")) == 5
    assert code(claims("holds"), seconds=5.1) == 6
    assert code(claims("holds"), seconds=4.9) == 0


def test_several_causes() -> None:
    assert code(claims("refuted", "undecided"), control(False), seconds=9.0) == 3
    assert code(claims("refuted", "undecided"), seconds=9.0) == 1
    assert code(claims("undecided"), seconds=9.0) == 6


@pytest.mark.parametrize(("verdict", "strict_code"), [("refuted", 1), ("undecided", 5)])
def test_timings_count_only_if_strict(verdict: str, strict_code: int) -> None:
    judged = claims(verdict, of=TIMING)
    assert code(judged, control(False, TIMING)) == 0
    assert code(judged, strict=True) == strict_code
    assert code(claims("holds", of=TIMING), control(False, TIMING), strict=True) == 3


def test_the_precedence_of_every_pair() -> None:
    order = [70, 2, 4, 3, 1, 6, 5, 0]
    for first, second in itertools.combinations(order, 2):
        assert worst([second, first, 0]) == first
    assert worst([]) == 0


def test_codes_in_words() -> None:
    assert [verdict_of(c) for c in (0, 1, 3, 4, 5, 6, 70)] == [
        "holds",
        "refuted",
        "void",
        "data missing",
        "undecided",
        "over budget",
        "internal error",
    ]
