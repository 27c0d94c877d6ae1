"""Linear layers with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

__all__ = ["chain"]


def chain(
    sizes: Sequence[int],
    linear: Callable[[int, int], nn.Module] = nn.Linear,
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """A net of these widths; layers are made, and drawn, from the inputs to the outputs."""
    parts = [part for ends in pairwise(sizes) for part in (linear(*ends), activation())]
    return nn.Sequential(*parts[:-1])
