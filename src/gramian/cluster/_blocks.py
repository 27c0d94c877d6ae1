"""DBSCAN in the compiled core, on rows in compact blocks under a tree of boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gramian import _config, _core
from gramian.engine.exact import reach
from gramian.pairwise._base import PairFunction

__all__ = ["cluster_by_blocks"]

_ROWS_PER_WORKER = 4096
_FEW_FEATURES = 8
_MOST_ROWS = 2**31 - 1


def cluster_by_blocks(
    x: Tensor,
    metric: PairFunction,
    radii: Sequence[float],
    min_samples: int,
    weights: Tensor | None,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Labels and core mask, both (radii, n), for radii that rise.

    None where the core cannot, or the engine is faster.

    Boxes leave few pairs of rows to be compared where features are few or the rows lie in
    clusters. A pair costs about 0.4 d ns there, and about 3 ns in the engine, which compares all of
    them: that decides where features are many, on an estimate of the pairs.
    """
    n, d = x.shape
    if not _fits(x):
        return None
    # imports what is not there without the core
    from gramian.engine.native_backend.recipe import FORMS, Recipe, recipe

    found = recipe(metric)
    if not isinstance(found, Recipe) or not found.kernel.metric or found.logarithm:
        return None
    labels = torch.empty(len(radii), n, dtype=torch.int64)
    core = torch.empty(len(radii), n, dtype=torch.bool)
    done = _core.native.dbscan(
        x,
        FORMS.index(found.form),
        torch.tensor([reach(found.kernel, eps) for eps in radii], dtype=torch.float64),
        float(min_samples),
        None if weights is None else weights.double().contiguous(),
        labels,
        core,
        1.0 if d <= _FEW_FEATURES else 8 / d,
        max(1, min(torch.get_num_threads(), n // _ROWS_PER_WORKER)),
    )
    return (labels.numpy(), core.numpy()) if done else None


def _fits(x: Tensor) -> bool:
    """Whether the core takes such rows, and what it needs of memory is allowed."""
    n, d = x.shape
    return (
        _core.serves(x)
        and x.dtype in (torch.float32, torch.float64)
        and n <= _MOST_ROWS
        and n * (40 + 22 * d) <= _config.current().memory
    )
