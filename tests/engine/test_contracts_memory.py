"""Contract 1: working memory stays inside the budget; inputs are neither copied nor changed.

Measured as anonymous resident memory, sampled while the reduction runs, in a process of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.anonymous_memory import printed_by

SCRIPT = """
    import sys
    import numpy as np, gramian as gm
    from tests.anonymous_memory import growth_of

    reduction, n, d, budget, path = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
    gm.config(backend=sys.argv[6])
    x = np.memmap(path, np.float32, "r", shape=(n, d))
    run = {
        "sum": lambda x: gm.Gram(x, x[:2000], gm.Gaussian(d**0.5)).sum(1),
        "columns": lambda x: gm.Gram(x[:2000], x, gm.Gaussian(d**0.5)).sum(1),
        "argmin": lambda x: gm.Gram(x, x[:1000]).argmin(1),
        "topk": lambda x: gm.Gram(x[:2000], x).topk(10),
        "count": lambda x: gm.Gram(x, x[:2000], gm.Euclidean()).count(d**0.5),
        "copied": lambda x: gm.Gram(x[:200], x * 1).topk(10),
    }[reduction]
    run(x[:3000])                                    # libraries and pools warm up
    with gm.config_context(memory=budget):
        print(growth_of(lambda: run(x)))
"""


def growth(reduction: str, n: int, d: int, budget: int, path: Path, backend: str = "torch") -> int:
    """Bytes of anonymous memory that a reduction took at its peak."""
    return printed_by(SCRIPT, reduction, n, d, budget, path, backend)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 000 × 64 float32 numbers, 98 MiB."""
    import numpy as np

    path = tmp_path_factory.mktemp("memory") / "table.bin"
    generator = np.random.default_rng(0)
    with open(path, "wb") as file:
        for _ in range(40):
            generator.standard_normal((10_000, 64), dtype=np.float32).tofile(file)
    return path


FULL = [pytest.param(name, marks=pytest.mark.full) for name in ("sum", "columns", "topk", "count")]


@pytest.mark.parametrize("backend", ["torch", "auto"])
@pytest.mark.parametrize("reduction", ["argmin", *FULL])
def test_working_memory_stays_inside_the_budget(reduction: str, backend: str, table: Path) -> None:
    n, d, budget = 400_000, 64, 64 * 2**20
    allowed = budget + 48 * n  # up to a stated few bytes per row, outputs included
    assert growth(reduction, n, d, budget, table, backend) < allowed


def test_the_measurement_can_fail(table: Path) -> None:
    """A reduction over a copy of the table is seen for what it is."""
    assert growth("copied", 400_000, 64, 64 * 2**20, table) > 90 * 2**20
