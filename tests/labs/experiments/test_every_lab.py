"""Every lab holds, and every fault is caught by the claim that it belongs to."""

from __future__ import annotations

from html import escape

import pytest

from gramian.labs import Record, get_lab, lab_names, run_lab
from gramian.labs.frame.page import LARGEST
from gramian.labs.frame.schema import validate

FAST = ("broadcast-shapes", "deep-sets")
NAMES = [pytest.param(name, marks=() if name in FAST else pytest.mark.full) for name in lab_names()]


def first_or_later(name: str, place: int) -> list[pytest.MarkDecorator]:
    """The first fault of a lab belongs to the full run, the others to the nightly one."""
    if place:
        return [pytest.mark.nightly]
    return [] if name in FAST else [pytest.mark.full]


FAULTS = [
    pytest.param(name, fault, marks=first_or_later(name, place))
    for name in lab_names()
    for place, fault in enumerate(get_lab(name).faults)
]


def check_holds(record: Record) -> None:
    assert record.exit_code == 0, record.text()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_in_quick_mode(name: str) -> None:
    record = run_lab(name)
    check_holds(record)
    validate(record.as_dict())
    page = record.html()
    assert len(page.encode()) <= LARGEST
    assert "<script" not in page
    assert escape(record.lab.answer) in page


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_is_caught(name: str, fault: str) -> None:
    record = run_lab(name, fault=fault)
    assert record.exit_code != 0, record.text()
    claim = next(control.claim for control in record.lab.controls if control.id == fault)
    verdicts = {verdict.claim.id: verdict.verdict for verdict in record.claims}
    assert verdicts[claim] in ("refuted", "undecided", "not_applicable"), record.text()


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", lab_names())
def test_it_holds_for_other_seeds(name: str, seed: int) -> None:
    check_holds(run_lab(name, seed=seed))


@pytest.mark.parametrize("name", FAST)
def test_equal_seeds_give_equal_numbers(name: str) -> None:
    first, second = (run_lab(name).as_dict()["measurements"] for _ in range(2))
    assert first == second
