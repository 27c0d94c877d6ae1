"""What every test gets, and each instruction set in turn for those that ask.

Every test: no luck with uninitialised memory, no settings left behind, several threads even for
small tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import hypothesis
import pytest
import torch
from tests.examples import FAST
from tests.instruction_sets import SETS, forced

import gramian as gm
from gramian.engine import plan

hypothesis.settings.register_profile("fast", deadline=None, derandomize=True, max_examples=FAST)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("fast")

if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    # Workers share the cores. Tests about threads set their own number.
    _workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // _workers))


def poison(block: torch.Tensor) -> torch.Tensor:
    """``block`` filled with NaN, or with the least number of an integer type."""
    if block.device.type == "cpu" and block.layout == torch.strided and not block.requires_grad:
        if block.dtype.is_floating_point or block.dtype.is_complex:
            block.fill_(float("nan"))
        elif block.dtype != torch.bool:
            block.fill_(torch.iinfo(block.dtype).min)
    return block


@pytest.fixture(autouse=True, scope="session")
def _threads_for_small_tables() -> Iterator[None]:
    """Give work to as many threads as are asked for, however small it is."""
    backend = plan._load("native")
    with pytest.MonkeyPatch.context() as patch:
        if not isinstance(backend, str):
            patch.setattr(backend, "WORTH_A_THREAD", 1e-12)
        yield


@pytest.fixture(autouse=True, scope="session")
def _poisoned_memory() -> Iterator[None]:
    """Make `torch.empty` give memory that no correct result can be made of."""

    def poisoning(function: Any) -> Any:
        def allocate(*args: Any, **kwargs: Any) -> torch.Tensor:
            return poison(function(*args, **kwargs))

        return allocate

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (torch, "empty"),
            (torch, "empty_like"),
            (torch, "empty_strided"),
            (torch.Tensor, "new_empty"),
        ):
            patch.setattr(owner, name, poisoning(getattr(owner, name)))
        yield


@pytest.fixture(autouse=True)
def _settings_and_threads_restored() -> Iterator[None]:
    """Put the engine's settings and torch's thread count back after each test."""
    settings, threads = asdict(gm.config()), torch.get_num_threads()
    yield
    gm.config(**settings)
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


@pytest.fixture(params=SETS)
def instruction_set(request: pytest.FixtureRequest) -> Iterator[str]:
    """The compiled core on each instruction set of this machine in turn."""
    with forced(request.param):
        yield request.param
