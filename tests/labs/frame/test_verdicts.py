"""Judgement: relations, kinds, families of p-values, controls."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gramian.labs import Claim, Estimate, negative, positive
from gramian.labs.frame.relations import in_words, satisfied, side
from gramian.labs.frame.verdicts import behaves, judge, judge_claims, judge_controls


@pytest.mark.parametrize(
    ("relation", "value", "threshold", "expected"),
    [
        ("<", 1.0, 1.0, False),
        ("<=", 1.0, 1.0, True),
        (">", 1.0, 1.0, False),
        (">=", 1.0, 1.0, True),
        ("in", 1.0, (1.0, 2.0), True),
        ("in", 2.1, (1.0, 2.0), False),
        ("==", [1, 2], [1, 2], True),
        ("==", True, False, False),
        ("<", math.nan, 1.0, False),
        (">", math.inf, 1.0, True),
        ("<", "text", 1.0, False),
    ],
)
def test_values(relation: str, value: Any, threshold: Any, expected: bool) -> None:
    assert satisfied(relation, value, threshold) is expected


@pytest.mark.parametrize(
    ("relation", "interval", "threshold", "expected"),
    [
        ("<", (0.1, 0.2), 0.3, "holds"),
        ("<", (0.1, 0.4), 0.3, "undecided"),
        ("<", (0.3, 0.4), 0.3, "refuted"),
        ("<=", (0.1, 0.3), 0.3, "holds"),
        (">", (0.4, 0.5), 0.3, "holds"),
        (">=", (0.1, 0.3), 0.3, "undecided"),
        (">", (0.1, 0.3), 0.3, "refuted"),
        ("in", (0.4, 0.5), (0.4, 0.5), "holds"),
        ("in", (0.3, 0.6), (0.4, 0.5), "undecided"),
        ("in", (0.6, 0.7), (0.4, 0.5), "refuted"),
        ("<", (math.nan, 0.2), 0.3, "undecided"),
    ],
)
def test_intervals(relation: str, interval: Any, threshold: Any, expected: str) -> None:
    assert side(relation, interval, threshold) == expected


def test_a_threshold_in_words() -> None:
    assert in_words("<=", 0.2, str) == "≤\u00a00.2"
    assert in_words("in", (1, 2), str) == "in [1, 2]"


def claim(kind: str = "numeric", **options: Any) -> Claim:
    return Claim("c", "text", "value", ">", 0.0, kind=kind, **options)


def test_a_numeric_claim_looks_at_the_value_alone() -> None:
    assert judge(claim(), Estimate(0.1, (-1.0, 1.0)), None) == "holds"
    assert judge(claim(), Estimate(-0.1), None) == "refuted"


def test_a_statistical_claim_looks_at_the_interval() -> None:
    assert judge(claim("statistical"), Estimate(0.1, (0.05, 0.2)), None) == "holds"
    assert judge(claim("statistical"), Estimate(0.1, (-0.05, 0.2)), None) == "undecided"
    assert judge(claim("statistical"), Estimate(-0.1, (-0.2, -0.05)), None) == "refuted"
    with pytest.raises(RuntimeError, match="measurement must be an Estimate with an interval"):
        judge(claim("statistical"), Estimate(0.1), None)


def test_a_p_value_decides_where_there_is_one() -> None:
    seen = Estimate(0.1, (-0.1, 0.3), p=0.02)
    assert judge(claim("statistical"), seen, 0.01) == "holds"
    assert judge(claim("statistical"), seen, 0.02) == "undecided"
    assert judge(claim("statistical"), Estimate(-0.1, (-0.2, -0.05), p=1.0), 1.0) == "refuted"
    assert judge(claim("statistical"), Estimate(-0.1, p=0.001), 0.001) == "undecided"


def test_a_timing_that_spreads_decides_nothing() -> None:
    assert judge(claim("timing"), Estimate(3.0, (2.5, 3.5)), None) == "holds"
    assert judge(claim("timing"), Estimate(3.0, (1.0, 3.5)), None) == "undecided"


def test_holm_runs_over_the_claims_with_p_values(lab, result) -> None:
    claims = [
        Claim(name, "text", name, ">", 0.0, kind="statistical") for name in ("a", "b", "plain")
    ]
    filled = result(lab(*claims))
    filled.measure("a", Estimate(1.0, (0.5, 1.5), p=0.004))
    filled.measure("b", Estimate(1.0, (0.5, 1.5), p=0.008))
    filled.measure("plain", Estimate(1.0, (0.5, 1.5)))
    judged = judge_claims(filled)
    assert [v.p_holm for v in judged] == [0.008, 0.008, None]
    assert [v.verdict for v in judged] == ["holds"] * 3
    worse = result(lab(*claims))
    worse.measure("a", Estimate(1.0, (0.5, 1.5), p=0.006))
    worse.measure("b", Estimate(1.0, (0.5, 1.5), p=0.009))
    worse.measure("plain", Estimate(1.0, (0.5, 1.5)))
    assert [v.verdict for v in judge_claims(worse)] == ["undecided", "undecided", "holds"]


def test_each_of_several_measurements_must_satisfy(lab, result) -> None:
    both = Claim("both", "text", ("a", "b"), "<", 1.0)
    for values, verdict in (((0.1, 0.2), "holds"), ((0.1, 1.2), "refuted")):
        filled = result(lab(both))
        for name, value in zip("ab", values, strict=True):
            filled.measure(name, value)
        assert judge_claims(filled)[0].verdict == verdict


def test_p_values_for_some_measurements_only(lab, result) -> None:
    filled = result(lab(Claim("both", "text", ("a", "b"), ">", 0.0, kind="statistical")))
    filled.measure("a", Estimate(1.0, (0.5, 1.5), p=0.001))
    filled.measure("b", Estimate(1.0, (0.5, 1.5)))
    with pytest.raises(RuntimeError, match="measurements must be all with p-values, or none"):
        judge_claims(filled)


def test_what_is_not_applicable(lab, result) -> None:
    claims = (
        Claim("full-only", "text", "a", "<", 1.0, modes=("full",)),
        Claim("device", "text", "b", "<", 1.0, requires="cuda"),
        Claim("skipped", "text", "c", "<", 1.0),
    )
    filled = result(lab(*claims))
    filled.skip("skipped", "no such thing here")
    judged = judge_claims(filled)
    assert {v.verdict for v in judged} == {"not_applicable"}
    assert [v.why for v in judged] == [
        "judged in full mode only",
        "needs a cuda device",
        "no such thing here",
    ]
    assert [v.behaves for v in judge_controls(filled, judged)] == [None, None]


def test_a_measurement_or_a_control_that_is_missing(result) -> None:
    empty = result()
    with pytest.raises(RuntimeError, match="Lab tiny: claim small must be measured, got 'value'"):
        judge_claims(empty)
    empty.measure("value", 0.5)
    with pytest.raises(RuntimeError, match="Lab tiny: control must be observed, got 'sound'"):
        judge_controls(empty, judge_claims(empty))


def test_controls_take_the_test_of_their_claim() -> None:
    small = Claim("small", "text", "value", "<", 1.0)
    sound = positive("p", "text", claim="small")
    broken = negative("n", "text", claim="small", must=(">", 5.0))
    assert behaves(sound, small, Estimate(0.5))
    assert not behaves(sound, small, Estimate(1.5))
    assert behaves(broken, small, Estimate(6.0))
    assert not behaves(broken, small, Estimate(2.0))  # it fails the test, but not by enough
    assert not behaves(broken, small, Estimate(0.5))


def test_a_control_of_a_statistical_claim_may_be_undecided() -> None:
    gap = claim("statistical")
    broken = negative("n", "text", claim="c")
    assert behaves(broken, gap, Estimate(0.1, (-0.2, 0.4)))
    assert behaves(broken, gap, Estimate(0.1, (0.05, 0.4), p=0.3))
    assert not behaves(broken, gap, Estimate(0.1, (0.05, 0.4), p=0.001))
