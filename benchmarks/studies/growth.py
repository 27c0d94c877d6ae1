"""What ten times the rows cost: said in a line, drawn, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.studies.picture import draw

__all__ = ["MOST_FOR_TEN", "decades", "judged"]

MOST_FOR_TEN = 12.0
"""Ten times the rows may cost so many times as much."""


def decades(most: int) -> list[int]:
    """A hundredth, a tenth and all of ``most`` rows."""
    return [most // 100, most // 10, most]


def judged(name: str, sizes: Sequence[int], seconds: Sequence[float], path: Path) -> bool:
    """Whether each ten times the rows, as `decades` gives them, cost at most `MOST_FOR_TEN`."""
    steps = [after / before for before, after in pairwise(seconds)]
    print("ten times the rows cost", ", ".join(f"{step:.1f}" for step in steps), end=" ")
    print(f"times as much, at most {MOST_FOR_TEN:.0f}")
    allowed = [seconds[0] * MOST_FOR_TEN**i for i in range(len(sizes))]
    draw(
        path,
        {name: (sizes, seconds)},
        x="rows",
        y="seconds of a fit",
        lines={f"{MOST_FOR_TEN:.0f} times for ten times the rows": (sizes, allowed)},
    )
    return max(steps) <= MOST_FOR_TEN
