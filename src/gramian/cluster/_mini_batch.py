"""One batch after the other: how the centres of mini-batch k-means move, and when that may end.

Source: D. Sculley, "Web-scale k-means clustering", WWW 2010; with scikit-learn's reassignment of
centres that hardly any row chooses, and its two rules to stop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian._input import Rows
from gramian._sums import weighted_total
from gramian.cluster._assignment import assign

__all__ = ["Progress", "Sampler", "Steps", "part_of"]

BATCHES_BETWEEN = 10
"""Rows per cluster that pass by before light clusters are looked for again."""


@dataclass
class Steps:
    """Centres, and the weight that each has seen so far."""

    centers: Tensor
    counts: Tensor
    generator: torch.Generator
    reassignment_ratio: float
    verbose: bool
    passed: int = 0

    def take(self, rows: Rows, weights: Tensor) -> float:
        """Move the centres towards the means of a batch; its inertia before they moved."""
        found = assign(rows, self.centers, weights, values=True)
        assert found.squared is not None
        self.counts = self.counts + found.mass
        share = found.sums / self.counts.where(self.counts > 0, 1)[:, None]
        self.centers = (self.centers.double() + share).to(self.centers.dtype)
        self.passed += len(rows)
        if bool((self.counts == 0).any()) or self.passed >= BATCHES_BETWEEN * len(self.counts):
            self.passed = 0
            self._reassign(rows)
        return weighted_total(weights, found.squared)

    def _reassign(self, rows: Rows) -> None:
        """Put centres of little weight on rows of the batch, on half of them at most."""
        light = self.counts < self.reassignment_ratio * self.counts.max()
        most = len(rows) // 2
        if int(light.sum()) > most:
            light[self.counts.argsort(stable=True)[most:]] = False
        places = light.nonzero()[:, 0]
        if not len(places):
            return
        if self.verbose:
            print(f"[MiniBatchKMeans] Reassigning {len(places)} cluster centers.")
        chosen = torch.randperm(len(rows), generator=self.generator)[: len(places)]
        self.centers[places] = rows.take(chosen.to(places.device)).to(self.centers.dtype)
        # heavy enough that they are not moved again at once
        self.counts[places] = self.counts[~light].min()


@dataclass
class Progress:
    """The batches' inertia, smoothed over about one pass of the rows, and what that tells."""

    n_samples: int
    batch_size: int
    n_steps: int
    tol: float
    patience: int | None
    verbose: bool
    smoothed: float | None = None
    least: float | None = None
    idle: int = 0

    def finished(self, step: int, moved: float, inertia: float) -> bool:
        """Whether to stop after ``step``, from 1 on; the first one tells of the start alone."""
        inertia /= self.batch_size
        note = f"Minibatch step {step}/{self.n_steps}: mean batch inertia: {inertia}"
        if step == 1:
            self._say(note)
            return False
        share = min(1.0, 2.0 * self.batch_size / (self.n_samples + 1))
        before = inertia if self.smoothed is None else self.smoothed
        self.smoothed = before * (1 - share) + inertia * share
        self._say(f"{note}, ewa inertia: {self.smoothed}")
        if self.tol > 0 and moved <= self.tol:
            self._say(f"Converged (small centers change) at step {step}/{self.n_steps}")
            return True
        if self.least is None or self.smoothed < self.least:
            self.least, self.idle = self.smoothed, 0
        else:
            self.idle += 1
        if self.patience is not None and self.idle >= self.patience:
            self._say(f"Converged (lack of improvement in inertia) at step {step}/{self.n_steps}")
            return True
        return False

    def _say(self, line: str) -> None:
        if self.verbose:
            print(line)


class Sampler:
    """Row numbers drawn with replacement in proportion to weight."""

    def __init__(self, weights: Tensor, generator: torch.Generator) -> None:
        self._n, self._generator = len(weights), generator
        self._device = weights.device
        # equal weights are an expanded scalar, and need no running sum
        self._ends = None if weights.stride(0) == 0 else weights.cpu().cumsum(0)

    def draw(self, count: int) -> Tensor:
        targets = torch.rand(count, generator=self._generator, dtype=torch.float64)
        if self._ends is None:
            return (targets * self._n).long().clamp_(max=self._n - 1).to(self._device)
        last = torch.searchsorted(self._ends, self._ends[-1:])
        found = torch.searchsorted(self._ends, targets * self._ends[-1], right=True)
        return torch.minimum(found, last).to(self._device)


def part_of(rows: Rows, index: Tensor) -> Rows:
    """Some of the rows, as a dense table."""
    table = rows.take(index)
    return replace(rows, given=rows.give(table), tensor=table)
