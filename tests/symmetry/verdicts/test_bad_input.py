"""What a test of symmetry refuses, and in which words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.symmetry.verdicts.rows import mirror, pilot, rows, same

from gramian.symmetry import (
    equivariance_test,
    group_averaged,
    holm,
    invariance_test,
    required_rows,
)

X = rows(10)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"x": X[:7]}, ValueError, r"x must be of shape \(n, ...\) with at least 8 rows"),
        ({"x": X.long()}, TypeError, "x must be a floating array"),
        ({"x": X * math.nan}, ValueError, "x must be finite"),
        ({"g": 3}, TypeError, "g must be callable"),
        ({"g": lambda x: x[:3]}, ValueError, "g must be a map of a batch to a batch of 10 rows"),
        ({"phi": lambda x: x[:3]}, ValueError, "phi must be a map of a batch to a batch"),
        ({"phi": lambda x: x / 0}, ValueError, "phi must be of finite features"),
        ({"delta": 0.6}, ValueError, r"delta must be a finite number in \(0, 0.5\]"),
        ({"delta": 0.0}, ValueError, r"delta must be a finite number in \(0, 0.5\]"),
        ({"n_permutations": 3}, ValueError, r"n_permutations must be an int in \[19, inf\)"),
        ({"labels": [1, 2]}, ValueError, r"labels must be of shape \(10,\)"),
    ],
)
def test_bad_input_is_refused(
    arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"phi": same, "x": X, "g": mirror} | arguments
    with pytest.raises(kind, match=f"invariance_test: {message}"):
        invariance_test(given.pop("phi"), given.pop("x"), given.pop("g"), **given)


def test_bad_actions_are_refused() -> None:
    with pytest.raises(TypeError, match="equivariance_test: action must be callable"):
        equivariance_test(same, X, mirror, None)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="equivariance_test: action must be a map of features"):
        equivariance_test(same, X, mirror, lambda z: z[:, :2])


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="holm: pvalues must be a non-empty list"):
        holm([])
    with pytest.raises(ValueError, match=r"holm: pvalues must lie in \[0, 1\]"):
        holm([0.5, 1.5])
    with pytest.raises(ValueError, match=r"required_rows: pilot.ratio must be below 0.1, got 0.2"):
        required_rows(pilot(0.2, 0.01))
    with pytest.raises(ValueError, match="required_rows: power must be a finite number"):
        required_rows(pilot(0.05, 0.01), power=1.0)
    with pytest.raises(ValueError, match="group_averaged: elements must be at least one map"):
        group_averaged(same, [])


def test_numpy_arrays_are_taken() -> None:
    x = rows().numpy()
    result = invariance_test(lambda z: np.asarray(z)[:, :4], x, mirror, random_state=0)
    assert result.verdict == "not invariant"
