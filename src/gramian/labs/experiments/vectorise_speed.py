"""How much does the Python loop cost?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
    statistics,
)

BOOK = "Dive into Deep Learning, 3.1.2"

LAB = Lab(
    name="vectorise-speed",
    topic="arithmetic",
    question="How much does the Python loop cost?",
    answer="For 10,000 numbers the loop takes thousands of times as long, for one a few times.",
    source="Dive into Deep Learning, section 3.1.2",
    method=(
        "Two vectors of n ones are added entry by entry in a Python loop, and with a + b. Both are "
        "called before the clock starts. Then loop and sum are timed in turn, and the median of "
        "the ratios is taken; calls shorter than some milliseconds are repeated inside one timing."
        "\n\n"
        "The same is done for n = 1, 10, 100, 1000 and 10,000. Growth is the least factor from one "
        "n to the next; its interval has the quartiles of the two ratios that it is made of."
    ),
    claims=(
        Claim(
            "equal",
            "Both give the same numbers, of ones and of random entries.",
            "difference",
            "==",
            0,
            kind="exact",
        ),
        Claim(
            "ratio",
            "At 10,000 numbers the loop takes at least 80 times as long.",
            "ratio",
            ">=",
            80,
            kind="timing",
            figure="times",
        ),
        Claim(
            "growth",
            "The ratio grows with every step of n.",
            "growth",
            ">",
            1,
            kind="timing",
            figure="times",
        ),
    ),
    controls=(
        positive(
            "in-place", "So it does against a sum written into a given vector.", claim="ratio"
        ),
        negative(
            "same-code", "The loop against itself is even.", claim="ratio", must=("in", (0.5, 2))
        ),
        negative("one-number", "At n = 1 the loop costs little.", claim="ratio", must=("<", 20)),
        negative(
            "hidden-loop",
            "map in one line is a loop all the same.",
            claim="ratio",
            must=("<", 20),
        ),
        negative(
            "one-short",
            "A loop that stops before the last entry gives other numbers.",
            claim="equal",
            must=(">", 0),
        ),
    ),
    published_errors=(
        PublishedError(
            BOOK,
            "one reading of the clock around the first a + b measures its set-up",
            "medians of interleaved pairs after a first call",
        ),
    ),
    source_values=(
        SourceValue(
            BOOK,
            "loop over sum, 10,000 numbers",
            257,
            "ratio",
            note="The book times the first call, so its fast time is mostly set-up.",
        ),
    ),
    quick={"repeats": 7},
    full={"repeats": 21},
    seconds=(8, 20),
)

SIZES = (1, 10, 100, 1000, 10_000)
Add = Callable[[Tensor, Tensor], Tensor]


def loop(a: Tensor, b: Tensor) -> Tensor:
    total = torch.zeros(len(a))
    for i in range(len(a)):
        total[i] = a[i] + b[i]
    return total


def one_short(a: Tensor, b: Tensor) -> Tensor:
    total = torch.zeros(len(a))
    total[:-1] = loop(a[:-1], b[:-1])
    return total


def hidden_loop(a: Tensor, b: Tensor) -> Tensor:
    return torch.stack(list(map(torch.add, a, b)))


def ratio(add: Add, n: int, repeats: int) -> statistics.Estimate:
    """How many times as long the loop takes as another way to add n ones."""
    a, b = torch.ones(2, n)
    return statistics.paired_times(lambda: add(a, b), lambda: loop(a, b), repeats)


def growth(ratios: list[statistics.Estimate]) -> statistics.Estimate:
    """The least factor from one ratio to the next."""
    steps = []
    for before, after in pairwise(ratios):
        (low, high), (next_low, next_high) = before.interval or (0, 0), after.interval or (0, 0)
        steps.append((after.value / before.value, (next_low / high, next_high / low)))
    least, interval = min(steps)
    method = "quartiles of both ratios, divided"
    return statistics.Estimate(least, interval, 0.5, method, ratios[0].n)


def run(context: Context) -> Result:
    result = Result(context)
    repeats = context["repeats"]

    pairs = [torch.ones(2, 1000), torch.randn(2, 1000, generator=context.generator())]

    def difference(by_loop: Add) -> float:
        return max(float((by_loop(a, b) - (a + b)).abs().max()) for a, b in pairs)

    result.contrast("difference", {"loop": loop, "one-short": one_short}, difference)

    ratios = [ratio(torch.add, n, repeats) for n in context.each(SIZES, "timing")]
    buffer = torch.empty(SIZES[-1])
    others: dict[str, Add] = {
        "in-place": lambda a, b: torch.add(a, b, out=buffer),
        "same-code": loop,
        "hidden-loop": hidden_loop,
    }
    cases = {
        "sum": ratios[-1],
        "one-number": ratios[0],
        **{name: ratio(add, SIZES[-1], repeats) for name, add in others.items()},
    }
    result.contrast("ratio", cases, lambda found: found)
    result.measure("growth", growth(ratios))

    values = [found.value for found in ratios]
    quartiles = np.array([found.interval for found in ratios])
    result.figure(
        "times",
        lambda ax, theme: draw_ratios(ax, theme, values, quartiles),
        title="How many times as long the loop takes",
        alt="The ratio rises from a few at n = 1 to thousands at n = 10,000, nearly in line.",
        data={"n": SIZES, "ratio": values, "low": quartiles[:, 0], "high": quartiles[:, 1]},
        caption="Medians, with quartiles as a band. The dashed line is the threshold of 80.",
    )
    return result


def draw_ratios(ax: Any, theme: Any, values: list[float], quartiles: np.ndarray) -> None:
    ax.fill_between(SIZES, *quartiles.T, color=theme.color(0), alpha=0.25, linewidth=0)
    ax.loglog(SIZES, values, "o-", color=theme.color(0))
    ax.axhline(80, color=theme.muted, linestyle="--", linewidth=0.8)
    ax.set(xlabel="n", ylabel="time of the loop / time of a + b")
