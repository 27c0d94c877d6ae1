"""The search of `KernelRidgeCV`: every ridge and bandwidth scored, one factor for all ridges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv
from torch import Tensor

from gramian import _config
from gramian._validation import check_real
from gramian.kernel_methods.kernel._table import KernelTable
from gramian.kernel_methods.ridge._path import EigenPath, FactorPath, Path, Targets, eigen_bytes
from gramian.linalg import NotPositiveError

__all__ = ["Scored", "Search", "positive_numbers"]

_EIGEN = 1000
"""Rows up to which all eigenvectors are computed without being asked for."""
_PER_ROOT = 5.0
"""Landmarks are this many times the root of the rows."""
_LEAST = 256


@dataclass(frozen=True)
class Scored:
    """Scores of all ridges at one kernel, (ridges,); greater is better.

    ``rank`` and ``left_out`` are those of the path, see `Path`; of the last fold with folds.
    ``predicted`` is what leaving one out predicts at the best ridge, (n, t).
    """

    scores: Tensor
    rank: int
    left_out: float
    method: str
    predicted: Tensor | None = None


class _Said(RegressorMixin, BaseEstimator):
    """A model whose predictions are what it is asked about: scorers take no others."""

    def predict(self, X: Any) -> Any:
        return X


@dataclass(frozen=True)
class Search:
    """How a kernel is scored.

    Attributes
    ----------
    targets : Targets
    counted : Tensor of int64
        Rows of positive weight; the others are in no fit and no score.
    ridges : Tensor of shape (a,), float64
    cv : None, "gcv", int, splitter or iterable
    scoring : str, callable or None
    weighted : bool
        Whether a scorer is told the weights.
    method : {"auto", "eigen", "low-rank"}
    rank : int or None
    generator : torch.Generator
    caller : str
    """

    targets: Targets
    counted: Tensor
    ridges: Tensor
    cv: Any
    scoring: Any
    weighted: bool
    method: str
    rank: int | None
    generator: torch.Generator
    caller: str

    def score(self, table: KernelTable, given: Any) -> Scored:
        """Scores of a kernel; ``given`` is X as splitters want to see it."""
        if self.cv is None or (isinstance(self.cv, str) and self.cv == "gcv"):
            if len(self.counted) < table.shape[0]:
                table = table.between(self.counted, self.counted)
            targets = self.targets.take(self.counted)
            path, method = self._path(table, targets)
            if self.cv is not None:
                return Scored(self._generalised(path, targets), path.rank, path.left_out, method)
            errors = torch.cat([block.left_out for block in path.blocks(self.ridges)])
            predicted = targets.values[:, :, None] - errors
            scores = self._judged(predicted, targets)
            best = int(torch.where(scores.isnan(), -torch.inf, scores).argmax())
            return Scored(scores, path.rank, path.left_out, method, predicted[:, :, best])
        folds = []
        for train, test in self._splits(given):
            path, method = self._path(table.between(train, train), self.targets.take(train))
            predicted = path.model(self.ridges).predict(table.between(test, train))
            folds.append(self._judged(predicted, self.targets.take(test)))
        scores = torch.stack(folds).mean(0)
        return Scored(scores, path.rank, path.left_out, method)

    def takes_the_whole_matrix(self, n: int) -> bool:
        """Whether the path of n rows is that of all eigenvectors, whatever the kernel."""
        fits = eigen_bytes(n) <= _config.current().memory
        return self.method == "eigen" or (self.method == "auto" and n <= _EIGEN and fits)

    def _path(self, table: KernelTable, targets: Targets) -> tuple[Path, str]:
        n = table.shape[0]
        if self.takes_the_whole_matrix(n):
            return EigenPath(table, targets, self.caller), "eigen"
        rank = min(n, max(_LEAST, int(_PER_ROOT * n**0.5))) if self.rank is None else self.rank
        least = float(self.ridges.min())
        try:
            return FactorPath(table, targets, min(rank, n), least, self.generator), "low-rank"
        except NotPositiveError:
            if self.method == "low-rank" or eigen_bytes(n) > _config.current().memory:
                raise
            return EigenPath(table, targets, self.caller), "eigen"

    def _generalised(self, path: Path, targets: Targets) -> Tensor:
        """Minus the generalised cross-validation criterion, in the unit of a squared error."""
        total, weights = torch.zeros_like(self.ridges), targets.weights
        for block in path.blocks(self.ridges):
            total = total + weights[block.span] @ block.residual.square().mean(1)
        left = 1 - path.freedom(self.ridges) / float(weights.clamp_min(1.0).sum())
        return -total / weights.sum() / left.square()

    def _judged(self, predicted: Tensor, truth: Targets) -> Tensor:
        """Scores of predictions (n, t, a), (a,)."""
        if self.scoring is None:
            squares = (predicted - truth.values[:, :, None]).square().mean(1)
            return -(truth.weights @ squares) / truth.weights.sum()
        scorer: Callable[..., float] = get_scorer(self.scoring)
        arguments = {"sample_weight": truth.weights.cpu().numpy()} if self.weighted else {}
        said, true = predicted.cpu().numpy(), truth.values.cpu().numpy()
        if true.shape[1] == 1:
            said, true = said[:, 0], true[:, 0]
        scores = [scorer(_Said(), said[..., a], true, **arguments) for a in range(said.shape[-1])]
        return torch.tensor(scores, dtype=torch.float64, device=predicted.device)

    def _splits(self, given: Any) -> Iterator[tuple[Tensor, Tensor]]:
        """Row numbers of each fold's fit and of what is left out."""
        true, counted = self.targets.values.cpu().numpy(), self.targets.weights > 0
        for parts in check_cv(self.cv).split(given, true):
            train, test = (torch.from_numpy(np.asarray(part)).to(counted.device) for part in parts)
            train, test = train[counted[train]], test[counted[test]]
            if not len(train) or not len(test):
                raise ValueError(
                    f"{self.caller}: cv must leave rows of positive weight on both sides of every "
                    "split, got a split without. Take fewer folds."
                )
            yield train, test


def positive_numbers(value: Any, name: str, caller: str) -> list[float]:
    """Positive numbers, one or several."""
    if isinstance(value, np.ndarray | Tensor):
        value = value.tolist()
    values = list(value) if isinstance(value, list | tuple) else [value]
    if not values:
        raise ValueError(f"{caller}: {name} must have at least one number, got none.")
    return [check_real(each, name, caller, low=0, low_open=True) for each in values]
