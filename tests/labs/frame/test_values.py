"""How the reader sees a value, and how the record keeps it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gramian.labs.frame.values import for_json, shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e-12, "10⁻¹²"),
        (-1e-12, "−10⁻¹²"),
        (-2.5e-7, "−2.5·10⁻⁷"),
        (0.123456, "0.1235"),
        (-0.5, "−0.5"),
        (math.inf, "inf"),
        (12000, "12\u202f000"),
        (True, "yes"),
        (None, "–"),
        ([1, 0.5], "(1, 0.5)"),
        ("text", "text"),
    ],
)
def test_for_the_reader(value: Any, expected: str) -> None:
    assert shown(value) == expected


def test_for_the_record() -> None:
    assert for_json({"a": (1.0, math.nan, [-math.inf])}) == {"a": [1.0, "nan", ["-inf"]]}
