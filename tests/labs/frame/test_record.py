"""The record as JSON, its check, and the comparison of two."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from gramian.errors import DataError
from gramian.labs import Claim, SourceValue, compare_records
from gramian.labs.frame.schema import validate


def test_a_sound_run_and_a_planted_fault(record: Any) -> None:
    assert (record().exit_code, record().verdict) == (0, "holds")
    broken = record(fault="broken")
    assert (broken.exit_code, broken.verdict) == (1, "refuted")
    assert "planted fault broken" in broken.text()
    assert broken.config["fault"] == "broken"


def test_a_misbehaving_control_voids_the_claims(record: Any) -> None:
    def powerless(result: Any) -> None:
        result.contrast("value", {"m": 0.5, "sound": 0.5, "broken": 0.5}, lambda case: case)

    made = record(fill=powerless)
    assert (made.exit_code, made.verdict) == (3, "void")
    assert "misbehaves" in made.text()


def test_the_json_is_valid_and_complete(record: Any) -> None:
    made = json.loads(record(seed=3, mode="full").json())
    validate(made)
    assert made["schema"] == "gramian.lab/1"
    assert made["config"]["parameters"] == {"n": 30}
    assert made["command"] == "gramian lab run tiny --full --seed 3 --device cpu"
    assert [c["verdict"] for c in made["claims"]] == ["holds"]
    assert [c["expected"] for c in made["controls"]] == ["<\u00a01", "not <\u00a01"]
    assert made["env"]["threads"] >= 1


def test_non_finite_numbers_are_texts(record: Any) -> None:
    def wild(result: Any) -> None:
        result.contrast("value", {"m": 0.5, "sound": 0.1, "broken": float("inf")}, lambda c: c)
        result.measure("list", [float("nan"), float("-inf")])

    made = record(fill=wild)
    entries = {m["id"]: m["value"] for m in json.loads(made.json())["measurements"]}
    assert entries["list"] == ["nan", "-inf"]
    assert made.as_dict()["controls"][1]["observed"] == "inf"


def test_source_values_are_compared(record: Any, lab: Any) -> None:
    values = (
        SourceValue("p. 1", "near", 0.51, "value", tolerance=0.02),
        SourceValue("p. 2", "far", 0.9, "value", tolerance=0.02, note="a misprint"),
        SourceValue("p. 3", "shape", [3, 2], "shape"),
        SourceValue("p. 4", "never measured", 1.0, "other"),
    )

    def fill(result: Any) -> None:
        result.contrast("value", {"m": 0.5, "sound": 0.1, "broken": 2.0}, lambda case: case)
        result.measure("shape", (3, 2))

    whole = record(lab(source_values=values), fill)
    assert whole.html().count("not measured") == 1
    made = whole.as_dict()["source_values"]
    assert [entry["agrees"] for entry in made] == [True, False, True, None]
    assert [entry["recomputed"] for entry in made] == [0.5, 0.5, [3, 2], None]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(schema="gramian.lab/2"), "schema must be 'gramian.lab/1'"),
        (lambda r: r.pop("env"), "record: env must be present"),
        (lambda r: r.update(seed="0"), "record: seed must be int, got '0'"),
        (lambda r: r.update(seed=True), "record: seed must be int, got True"),
        (lambda r: r["claims"][0].pop("p"), r"record.claims\[0\]: p must be present"),
        (lambda r: r["claims"][0].update(kind="sure"), "kind must be one of"),
        (lambda r: r["claims"][0].update(verdict="yes"), "verdict must be one of"),
        (lambda r: r["controls"].append(3), r"record.controls\[2\]: entry must be an object"),
    ],
)
def test_the_schema_is_checked(record: Any, change: Any, message: str) -> None:
    made = record().as_dict()
    change(made)
    with pytest.raises(DataError, match=message):
        validate(made)
    with pytest.raises(DataError, match=r"schema must be 'gramian.lab/1', got 'list'"):
        validate([])


def test_equal_runs_are_alike(record: Any) -> None:
    assert compare_records(record().as_dict(), record().as_dict()) == []


def test_differences_are_named(record: Any) -> None:
    first = record().as_dict()

    def changed(change: Any) -> list[str]:
        second = copy.deepcopy(first)
        change(second)
        return compare_records(first, second)

    def move(by: float) -> Any:
        return lambda r: r["measurements"][0].update(value=0.5 + by)

    assert changed(move(5e-7)) == []
    assert changed(move(5e-6)) == ["measurement value: 0.5 and 0.500005, tolerance 1e-06"]
    assert changed(lambda r: r["claims"][0].update(verdict="refuted")) == [
        "claim small: holds and refuted"
    ]
    assert changed(lambda r: r["controls"][0].update(behaves=False)) == [
        "control sound: yes and no"
    ]
    assert changed(lambda r: r["measurements"].clear()) == ["measurement value: in one record only"]
    assert changed(lambda r: r.update(lab_version=2)) == ["lab_version: 1 and 2"]
    with pytest.raises(DataError, match="compare_records: lab must be the same"):
        changed(lambda r: r.update(lab="other"))


def test_timings_may_differ(record: Any, lab: Any) -> None:
    timing = Claim("fast", "It is fast.", "value", ">", 0.1, kind="timing")

    def fill(ratio: float) -> Any:
        from gramian.labs import Estimate

        def run(result: Any) -> None:
            result.measure("value", Estimate(ratio, (ratio, ratio)))
            for name in ("sound", "broken"):
                result.control(name, Estimate(ratio, (ratio, ratio)))
            result.measure("seconds", ratio, unit="s")

        return run

    first, second = (record(lab(timing), fill(ratio)).as_dict() for ratio in (0.05, 3.0))
    assert compare_records(first, second) == []
