"""The lab that the README shows is a lab: it holds, and its fault is caught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gramian.labs
from gramian.labs.frame.run import execute


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    text = (Path(gramian.labs.__file__).parent / "README.md").read_text("utf-8")
    namespace: dict[str, Any] = {"__name__": "readme"}
    exec(text.partition("```python\n")[2].partition("```")[0], namespace)
    return namespace


def test_it_holds(shown: dict[str, Any]) -> None:
    record = execute(shown["LAB"], shown["run"])
    assert record.exit_code == 0, record.text()
    assert record.as_dict()["source_values"][0]["agrees"]
    assert "Error of the mean" in record.html()


def test_its_fault_is_caught(shown: dict[str, Any]) -> None:
    assert execute(shown["LAB"], shown["run"], fault="cauchy").exit_code != 0


def test_every_public_name_is_told() -> None:
    text = (Path(gramian.labs.__file__).parent / "README.md").read_text("utf-8")
    told = {"compare_records", "get_lab", "lab_names", "run_lab", "Record"}
    assert [name for name in gramian.labs.__all__ if name not in told and name not in text] == []
