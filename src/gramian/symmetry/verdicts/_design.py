"""What a test draws before it looks at the data: other partners, and resampled rows.

Source: J. Besag, P. Clifford, "Generalized Monte Carlo significance tests", Biometrika 76(4),
1989, section 2: the parallel method.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["FEW", "LEAST_ROWS", "N_BOOTSTRAP", "Design", "derangements"]

LEAST_ROWS = 8
"""Fewer rows have too few derangements for a p-value of 0.001."""
N_BOOTSTRAP = 2000
FEW = 4
"""Derangements behind a floor or a control, which need no interval."""


def derangements(n: int, count: int, generator: torch.Generator) -> Tensor:
    """Uniform permutations of n ≥ 2 places that leave none in its place, (count, n), int64.

    Notes
    -----
    Drawn by rejection: one permutation in e is a derangement. O(count · n log n) time.
    """
    places = torch.arange(n)
    kept = torch.empty(0, n, dtype=torch.int64)
    while len(kept) < count:
        drawn = torch.rand(3 * (count - len(kept)) + 8, n, generator=generator).argsort(1)
        kept = torch.cat([kept, drawn[(drawn != places).all(1)]])
    return kept[:count]


@dataclass(frozen=True)
class Design:
    """Random numbers of one test, or of all tests of an audit.

    Attributes
    ----------
    partners : Tensor of shape (n_permutations, n), int64
        One derangement, followed by another one for each row. If partners are exchangeable, the
        rows' own partners are one more draw of the same law, so the p-value is exact for every n;
        derangements alone would reject too often for small n.
    apart : Tensor of shape (FEW, n), int64
        Derangements: partners that are never a row's own.
    weights : Tensor of shape (N_BOOTSTRAP, n), float32
        How often each row occurs in each bootstrap sample.
    """

    partners: Tensor
    apart: Tensor
    weights: Tensor

    @classmethod
    def draw(cls, n: int, n_permutations: int, generator: torch.Generator) -> Design:
        """A design for n rows."""
        drawn = derangements(n, 1 + n_permutations, generator)
        chosen = torch.randint(n, (N_BOOTSTRAP, n), generator=generator)
        weights = torch.zeros(N_BOOTSTRAP, n).scatter_add_(1, chosen, torch.ones(chosen.shape))
        return cls(drawn[1:, drawn[0]], drawn[1 : 1 + FEW], weights)
