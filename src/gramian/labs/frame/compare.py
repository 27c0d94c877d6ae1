"""Two records side by side: is the second run alike, within what each measurement allows?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gramian.errors import DataError
from gramian.labs.frame.schema import validate
from gramian.labs.frame.values import shown

__all__ = ["compare_records"]


def compare_records(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """What differs between two records of one lab.

    Parameters
    ----------
    a, b : mapping
        Records in the form "gramian.lab/1", as read from their JSON files.

    Returns
    -------
    differences : list of str
        One line each; empty if the records are alike. Measurements are matched by id and compared
        within the tolerance that `a` states, relative to max(1, abs(value)); timings are left
        out. Verdicts of claims and the behaviour of controls must be the same.

    Raises
    ------
    DataError
        If one is no such record, or they are of different labs.

    Examples
    --------
    >>> from gramian.labs import compare_records, run_lab
    >>> first, second = (run_lab("deep-sets", seed=seed).as_dict() for seed in (0, 0))
    >>> compare_records(first, second)
    []
    """
    validate(a, "first record")
    validate(b, "second record")
    if a["lab"] != b["lab"]:
        raise DataError(f"compare_records: lab must be the same, got {a['lab']!r}, {b['lab']!r}.")
    found = []
    for name in ("lab_version", "mode"):
        if a[name] != b[name]:
            found.append(f"{name}: {a[name]} and {b[name]}")
    timed = {
        id for claim in a["claims"] if claim["kind"] == "timing" for id in claim["measurements"]
    }
    found += _compare_measurements(a, b, timed)
    found += _compare_words(a, b, "claims", "verdict", timed)
    found += _compare_words(a, b, "controls", "behaves", timed)
    return found


def _compare_measurements(a: Mapping[str, Any], b: Mapping[str, Any], timed: set[str]) -> list[str]:
    left, right = ({m["id"]: m for m in record["measurements"]} for record in (a, b))
    found = [f"measurement {id}: in one record only" for id in sorted(set(left) ^ set(right))]
    for id in (id for id in left if id in right and id not in timed):
        values, tolerance = (left[id]["value"], right[id]["value"]), left[id]["tolerance"]
        if left[id]["unit"] != "s" and not _alike(*values, tolerance):
            found.append(f"measurement {id}: {values[0]} and {values[1]}, tolerance {tolerance:g}")
    return found


def _compare_words(
    a: Mapping[str, Any], b: Mapping[str, Any], part: str, word: str, timed: set[str]
) -> list[str]:
    """Claims or controls with another outcome; those of timings are left out."""
    clocked = {c["id"] for c in a["claims"] if timed & set(c["measurements"])}
    left, right = (
        {e["id"]: e[word] for e in record[part] if not {e["id"], e.get("claim")} & clocked}
        for record in (a, b)
    )
    return [
        f"{part.removesuffix('s')} {id}: {shown(left.get(id))} and {shown(right.get(id))}"
        for id in left | right
        if left.get(id) != right.get(id)
    ]


def _alike(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two values agree, lists entry by entry."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_alike(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if float in (type(a), type(b)) and isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= tolerance * max(1.0, abs(a))
    return bool(a == b)
