"""What the tests of the engine share: its backends in turn, and rows."""

from __future__ import annotations

import pytest
import torch
from tests.engine.compiled_core import Core
from torch import Tensor

import gramian as gm


@pytest.fixture(scope="session")
def core() -> Core:
    return Core()


@pytest.fixture(params=["torch", "auto"])
def each_backend(request: pytest.FixtureRequest) -> str:
    """Run the test once on the torch backend and once on the first that fits each call.

    Set for the whole process, because tests start threads of their own; the fixture in the
    conftest above puts the settings back.
    """
    gm.config(backend=request.param)
    return request.param


def normal(n: int, d: int, dtype: torch.dtype, seed: int, offset: float = 0.0) -> Tensor:
    """Normal rows, drawn in float64 whatever they are rounded to."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(n, d, generator=generator, dtype=torch.float64) + offset).to(dtype)
