"""The errors that gramian adds, and what a caller can do with them."""

from __future__ import annotations

import pickle

import pytest

import gramian as gm


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (gm.MemoryBudgetError, MemoryError),
        (gm.BackendUnavailableError, RuntimeError),
        (gm.DataError, ValueError),
    ],
)
def test_they_are_kinds_of_pythons_own(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_memory_errors_carry_numbers_between_processes() -> None:
    error = gm.MemoryBudgetError("product: too small.", needed=20, budget=10)
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is gm.MemoryBudgetError
    assert (str(copied), copied.needed, copied.budget) == ("product: too small.", 20, 10)
