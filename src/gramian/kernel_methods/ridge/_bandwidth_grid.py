"""Bandwidths to try when nobody names any: about the distance between two rows."""

from __future__ import annotations

import torch

from gramian._input import Rows
from gramian.gram import Gram
from gramian.pairwise import Euclidean, Manhattan

__all__ = ["bandwidth_grid"]

_SAMPLE = 1000
_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


def bandwidth_grid(
    rows: Rows, generator: torch.Generator, caller: str, *, manhattan: bool = False
) -> list[float]:
    """Five bandwidths, a factor 2 apart, about the median distance of a sample of rows.

    Raises
    ------
    ValueError
        If all rows of the sample are equal.
    """
    chosen = torch.randperm(len(rows), generator=generator)[:_SAMPLE]
    x = rows.take(chosen.to(rows.device)).double()
    distances = Gram(x, kernel=Manhattan() if manhattan else Euclidean()).dense()
    positive = distances[distances > 0]
    if not len(positive):
        raise ValueError(
            f"{caller}: bandwidths must be given where all rows are equal, got 'auto'. "
            "Pass numbers."
        )
    middle = float(positive.median())
    return [factor * middle for factor in _FACTORS]
