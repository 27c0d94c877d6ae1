"""Threads are put back, and memory is counted whoever takes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gramian.labs import extra_memory, threads
from gramian.labs.frame import machine

MIB = 2**20


def test_threads_are_put_back_after_an_error() -> None:
    before = torch.get_num_threads()

    def fail() -> None:
        with threads(before + 1):
            assert torch.get_num_threads() == before + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.get_num_threads() == before


def held_by(call: Callable[[], torch.Tensor]) -> int:
    """What a call holds, where the system counts it."""
    held = extra_memory(call)
    if held is None:
        pytest.skip("this system does not count")
    return held


def by_torch() -> torch.Tensor:
    return torch.ones(16 * MIB).cumsum(0)


def by_numpy() -> torch.Tensor:
    return torch.from_numpy(np.ones(16 * MIB, dtype=np.float32).cumsum(dtype=np.float32))


@pytest.mark.parametrize("call", [by_torch, by_numpy])
def test_what_is_held_beside_the_result_is_counted_every_time(
    call: Callable[[], torch.Tensor],
) -> None:
    call()
    for _ in range(2):
        assert 60 * MIB < held_by(call) < 80 * MIB


def test_the_result_itself_is_not_counted() -> None:
    assert held_by(lambda: torch.ones(16 * MIB)) < 16 * MIB


@pytest.mark.parametrize("status", ["", "VmRSS:\t1 kB\n"])
def test_nothing_is_said_where_the_system_does_not_count(
    status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "status").write_text(status)
    monkeypatch.setattr(machine, "_PROCESS", tmp_path)
    assert extra_memory(lambda: torch.ones(1)) is None
    monkeypatch.setattr(machine, "_PROCESS", tmp_path / "missing")
    assert extra_memory(lambda: torch.ones(1)) is None
