"""Problems with a known truth: kernel matrices in float64, and how far a solution is from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

Draw = Callable[..., Tensor]


@pytest.fixture
def draw() -> Draw:
    """Standard normal numbers in float64, from one seed."""
    generator = torch.Generator().manual_seed(20)
    return lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.fixture
def seed() -> Callable[[], torch.Generator]:
    """A fresh generator, the same each time."""
    return lambda: torch.Generator().manual_seed(7)


@pytest.fixture
def gaussian(draw: Draw) -> Callable[..., Tensor]:
    """The kernel matrix of n points in three dimensions, in float64, optionally with repeats."""

    def make(n: int, repeated: int = 0, bandwidth: float = 2.0) -> Tensor:
        x = draw(n, 3)
        x[n - repeated :] = x[:repeated]
        squares = (x[:, None] - x[None]).square().sum(-1)
        return torch.exp(-squares / (2 * bandwidth**2))

    return make
