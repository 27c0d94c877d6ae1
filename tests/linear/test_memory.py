"""A memory-map larger than the budget is read in blocks: anonymous memory stays inside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.anonymous_memory import printed_by

SCRIPT = """
    import sys
    import numpy as np, gramian as gm
    from tests.anonymous_memory import growth_of

    X = np.load(sys.argv[1], mmap_mode="r")
    y = np.asarray(X[:, 0])
    model = {
        "regression": gm.LinearRegression(),
        "cholesky": gm.Ridge(solver="cholesky"),
        "svd": gm.Ridge(solver="svd"),
        "lsqr": gm.Ridge(solver="lsqr"),
        "positive": gm.Ridge(positive=True),
        "cv": gm.RidgeCV(),
    }[sys.argv[2]]
    model.fit(X[:5000], y[:5000])                    # libraries and pools warm up
    with gm.config_context(memory="24MiB"):
        print(growth_of(lambda: model.fit(X, y)))
"""
N, D = 60_000, 160


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """37 MiB of float32 numbers, which would be 73 in float64."""
    path = tmp_path_factory.mktemp("memory") / "table.npy"
    np.save(path, np.random.default_rng(0).standard_normal((N, D), dtype=np.float32))
    return path


@pytest.mark.full
@pytest.mark.parametrize("model", ["regression", "cholesky", "svd", "lsqr", "positive", "cv"])
def test_a_memory_map_is_never_copied(model: str, table: Path) -> None:
    # the budget, and some vectors of n numbers
    assert printed_by(SCRIPT, table, model) < 24 * 2**20 + 16 * 8 * N
