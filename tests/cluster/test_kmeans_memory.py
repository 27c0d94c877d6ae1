"""A memory-map is clustered in full passes: beside it stand a few bytes per row and the budget."""

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
    model = gm.KMeans(64, init=sys.argv[2], n_init=1, max_iter=5, tol=1e-3, random_state=0)
    model.fit(X[:5000])                              # libraries and pools warm up
    with gm.config_context(memory="16MiB"):
        print(growth_of(lambda: model.fit(np.array(X) if sys.argv[3] == "copied" else X)))
"""
ROWS, FEATURES = 4_800_000, 8
PER_ROW = {"random": 24, "k-means||": 40, "k-means++": 40}
"""Labels twice (as torch counts, as they are given), two bounds, and what seeding keeps."""

ROOM = 96 * 2**20
"""The budget, blocks of half a million rows, and what the allocator does not give back."""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("memory") / "rows.npy"
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(64, FEATURES)) * 4
    rows = centers[rng.integers(64, size=ROWS)] + rng.normal(size=(ROWS, FEATURES))
    np.save(path, rows.astype(np.float32))
    return path


@pytest.mark.full
@pytest.mark.parametrize("init", ["k-means||", "k-means++", "random"])
def test_a_memory_map_is_not_loaded(table: Path, init: str) -> None:
    assert printed_by(SCRIPT, table, init, "mapped") < PER_ROW[init] * ROWS + ROOM


@pytest.mark.full
def test_the_measurement_can_fail(table: Path) -> None:
    """A copy of the table is seen for what it is."""
    copied, mapped = (printed_by(SCRIPT, table, "random", how) for how in ("copied", "mapped"))
    assert mapped < 4 * ROWS * FEATURES < copied
