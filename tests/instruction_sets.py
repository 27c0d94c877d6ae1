"""The compiled core on one instruction set after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["SETS", "SETS_OF_SEARCHES", "forced", "on_sets_of_searches"]

SETS = ("avx512", "avx2", "neon", "baseline")
SETS_OF_SEARCHES = ("avx512_vnni_bf16", "avx512_bf16", "avx512_vnni", *SETS)
"""The first three differ from avx512 only where nearest rows are searched for."""

on_sets_of_searches = pytest.mark.parametrize("instruction_set", SETS_OF_SEARCHES, indirect=True)


@contextmanager
def forced(name: str) -> Iterator[None]:
    """The core on one instruction set; the test is skipped where this machine lacks it."""
    native = pytest.importorskip("gramian._native", reason="the compiled core is not built here")
    if name not in native.instruction_sets():
        pytest.skip(f"{name} cannot run here")
    native.force(name)
    try:
        yield
    finally:
        native.force("")
