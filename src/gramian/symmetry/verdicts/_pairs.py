"""Sums over pairs of rows, in blocks: the table of all distances is never stored whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian.symmetry.verdicts._design import Design

__all__ = ["PairSums", "brief_ratio", "mean_between", "pair_sums", "paired_distances"]

BLOCK_ENTRIES = 1 << 22
"""Distances held at a time."""


@dataclass(frozen=True)
class PairSums:
    """What a test needs of the distances D_ij = ‖aᵢ − bⱼ‖ between n left and n right rows.

    Attributes
    ----------
    own : Tensor of shape (n,)
        D_ii: each row to its own partner.
    of_left, of_right : Tensor of shape (n,)
        Sums of D_ij over j ≠ i, and over i ≠ j.
    exchanged : Tensor of shape (n_permutations,)
        Mean distance to each row of partners.
    resampled : Tensor of shape (n_bootstrap,)
        Mean of D_ij over different rows i ≠ j of each bootstrap sample.
    within : float
        Mean of D_ij over i ≠ j of one class; nan without labels or such pairs.
    """

    own: Tensor
    of_left: Tensor
    of_right: Tensor
    exchanged: Tensor
    resampled: Tensor
    within: float

    @property
    def between(self) -> float:
        """Mean of D_ij over i ≠ j: the mean over all derangements."""
        n = len(self.own)
        return float(self.of_left.sum()) / (n * (n - 1))


def paired_distances(left: Tensor, right: Tensor) -> Tensor:
    """‖aᵢ − bᵢ‖ of each pair of rows, (n,), float64; exactly 0 for equal rows."""
    return torch.linalg.vector_norm(left - right, dim=1).double()


def _blocks(n: int) -> list[slice]:
    """Rows whose distances to n others are held at a time."""
    step = max(1, BLOCK_ENTRIES // n)
    return [slice(start, start + step) for start in range(0, n, step)]


def mean_between(table: Tensor) -> float:
    """Mean of ‖aᵢ − aⱼ‖ over i ≠ j."""
    n, centred = len(table), table - table.mean(0)
    sums = (torch.cdist(centred[rows], centred).sum(dtype=torch.float64) for rows in _blocks(n))
    return float(sum(sums)) / (n * (n - 1))


def brief_ratio(left: Tensor, right: Tensor, design: Design) -> float:
    """The ratio with a mean over a few derangements in the place of all: O(n p) time."""
    between = sum(float(paired_distances(left, right[row]).mean()) for row in design.apart)
    own = float(paired_distances(left, right).mean())
    return own * len(design.apart) / between if between > 0 else math.nan


def pair_sums(left: Tensor, right: Tensor, design: Design, labels: Tensor | None) -> PairSums:
    """All sums in one pass over the pairs.

    Parameters
    ----------
    left, right : Tensor of shape (n, p), float32 or float64
    design : Design
    labels : Tensor of shape (n,) or None

    Notes
    -----
    O(n² (p + n_bootstrap + n_permutations / p)) time, memory of 4 · 10⁶ distances. Distances
    come from a product of centred rows, with a relative error of some 10⁻⁶ in float32; the
    distance of a row to its own partner is a direct difference.
    """
    n = len(left)
    own = paired_distances(left, right)
    center = left.mean(0)  # distances stay the same, and a large common offset costs no digits
    right = right - center
    of_left, of_right = torch.zeros(n, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
    exchanged = torch.zeros(len(design.partners), dtype=torch.float64)
    resampled = torch.zeros(len(design.weights), dtype=torch.float64)
    within, pairs = 0.0, 0
    weights = design.weights.to(left.dtype)
    for rows in _blocks(n):
        distances = torch.cdist(left[rows] - center, right)
        places = torch.arange(n)[rows]
        distances[torch.arange(len(places)), places] = own[rows].to(distances)
        partners = design.partners[:, rows].T
        exchanged += distances.gather(1, partners).sum(0, dtype=torch.float64)
        distances[torch.arange(len(places)), places] = 0
        of_left[rows] = distances.sum(1, dtype=torch.float64)
        of_right += distances.sum(0, dtype=torch.float64)
        weighted = (distances @ weights.T) * weights[:, rows].T
        resampled += weighted.sum(0, dtype=torch.float64)
        if labels is not None:
            same = labels[rows, None] == labels
            within += float(distances[same].sum(dtype=torch.float64))
            pairs += int(same.sum()) - len(places)
    different = n**2 - design.weights.double().square().sum(1)
    return PairSums(
        own=own,
        of_left=of_left,
        of_right=of_right,
        exchanged=exchanged / n,
        resampled=resampled / different,
        within=within / pairs if pairs else float("nan"),
    )
