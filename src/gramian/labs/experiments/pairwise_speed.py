"""What do loops, broadcasting and the expanded product cost in time, memory and digits?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

import gramian as gm
from gramian.labs import (
    Claim,
    Context,
    Lab,
    Result,
    extra_memory,
    negative,
    positive,
    statistics,
    threads,
)

LAB = Lab(
    name="pairwise-speed",
    topic="arithmetic",
    question="What do loops, broadcasting and the expanded product cost?",
    answer=(
        "Loops cost time, broadcasting costs memory, and the expanded product costs digits unless "
        "the points are centred; tiles cost none of the three."
    ),
    source="IN3310, week 2, task 1; a clustering notebook, section on batching",
    method=(
        "dᵢⱼ = ‖xᵢ − tⱼ‖² of float32 points, in seven ways: two loops, broadcasting in NumPy and "
        "in torch, the expansion ‖x‖² + ‖t‖² − 2xᵀt with a matrix product and with einsum, cdist, "
        "and tiles of gramian. Float64 broadcasting is the truth; errors are relative to the "
        "largest distance and counted as 2⁻²³ at least, those of the direct form to each one.\n\n"
        "Times are those of one thread. Memory is the peak of the process beyond what it held "
        "before and beyond the result, as the kernel counts it; the tiles are told to stay within "
        "8 MiB, and 1 MiB is granted for stacks and code, which the kernel counts too. The "
        "offsets 0, 10² and 10⁴ are added to 300 + 300 points with σ = 0.01 in 20 dimensions."
    ),
    claims=(
        Claim("agree", "All seven ways agree on centred data.", "disagreement", "<=", 1e-4),
        Claim(
            "speed",
            "The loops take at least 20 times as long as broadcasting in torch.",
            "ratio",
            ">=",
            20,
            kind="timing",
            figure="costs",
        ),
        Claim(
            "tiles",
            "Tiles stay within the 8 MiB that they were given, and 1 MiB for stacks and code.",
            "memory-share",
            "<=",
            1.0,
            figure="costs",
        ),
        Claim(
            "broadcast",
            "Broadcasting holds a number for every pair and feature, and more.",
            "broadcast-share",
            ">=",
            1.0,
            figure="costs",
        ),
        Claim(
            "centring",
            "At offset 10⁴ the expansion errs a thousand times as much as after centring.",
            "worsening",
            ">=",
            1e3,
            figure="offsets",
        ),
        Claim(
            "non-negative",
            "Centred, no squared distance is negative.",
            "negatives",
            "==",
            0,
            kind="exact",
        ),
        Claim("direct", "The direct form keeps its digits.", "direct-error", "<=", 1e-6),
    ),
    controls=(
        negative(
            "row-wise", "x − t without new axes is no table.", claim="agree", must=(">", 0.01)
        ),
        negative("same-code", "Broadcasting against itself is even.", claim="speed"),
        negative("whole", "Broadcasting does not stay within 8 MiB.", claim="tiles"),
        negative(
            "near", "At offset 0 there is nothing to repair.", claim="centring", must=("<", 10)
        ),
        positive("offset-0", "At offset 0 nothing is negative.", claim="non-negative"),
        negative("uncentred", "At offset 10⁴ many are.", claim="non-negative", must=(">", 1000)),
    ),
    quick={"points": 200, "rows": 1000, "tiled_rows": 2000},
    full={"points": 400, "rows": 2000, "tiled_rows": 20_000},
    seconds=(15, 60),
)

OFFSETS = (0.0, 1e2, 1e4)
BUDGET = 8 * 2**20
GRANTED = BUDGET + 2**20
EPS = torch.finfo(torch.float32).eps
PAGE = 4096
Distance = Callable[[Tensor, Tensor], Tensor]
Curves = tuple[list[int], dict[str, list[Any]]]


def loops(x: Tensor, t: Tensor) -> Tensor:
    rows, others = x.numpy(), t.numpy()
    found = np.empty((len(rows), len(others)), dtype=rows.dtype)
    for i, row in enumerate(rows):
        for j, other in enumerate(others):
            found[i, j] = ((row - other) ** 2).sum()
    return torch.from_numpy(found)


def in_numpy(x: Tensor, t: Tensor) -> Tensor:
    return torch.from_numpy(((x.numpy()[:, None] - t.numpy()[None]) ** 2).sum(-1))


def broadcast(x: Tensor, t: Tensor) -> Tensor:
    return (x[:, None] - t[None]).square().sum(-1)


def expanded(x: Tensor, t: Tensor) -> Tensor:
    return x.square().sum(1)[:, None] + t.square().sum(1) - 2 * x @ t.T


def einsum(x: Tensor, t: Tensor) -> Tensor:
    squares = torch.einsum("id,id->i", x, x)[:, None] + torch.einsum("jd,jd->j", t, t)
    return squares - 2 * torch.einsum("id,jd->ij", x, t)


def by_cdist(x: Tensor, t: Tensor) -> Tensor:
    return torch.cdist(x, t).square()


def tiled(x: Tensor, t: Tensor) -> Tensor:
    with gm.config_context(backend="torch", memory=BUDGET):
        return torch.as_tensor(gm.Gram(x, t, kernel=gm.SquaredEuclidean()).dense())


def row_wise(x: Tensor, t: Tensor) -> Tensor:
    return (x - t).square().sum(1).expand(len(x), -1)


def centred(x: Tensor, t: Tensor) -> Tensor:
    return expanded(x - x.mean(0), t - x.mean(0))


WAYS: dict[str, Distance] = {
    "loops": loops,
    "NumPy": in_numpy,
    "broadcast": broadcast,
    "expanded": expanded,
    "einsum": einsum,
    "cdist": by_cdist,
    "tiles": tiled,
}


def held(way: Distance, x: Tensor, t: Tensor) -> int | None:
    """Bytes held at most beyond inputs and result, after a call on a few points."""
    way(x[:9], t[:9])
    return extra_memory(lambda: way(x, t))


def truth(x: Tensor, t: Tensor) -> Tensor:
    return broadcast(x.double(), t.double())


def error(way: Distance, x: Tensor, t: Tensor) -> float:
    """Largest error, relative to the largest distance, and no less than rounding."""
    expected = truth(x, t)
    return max(EPS, float((way(x, t) - expected).abs().max() / expected.max()))


def milliseconds(way: Distance, x: Tensor, t: Tensor) -> float:
    """Median of five calls, after one."""
    seconds = []
    for _ in range(6):
        started = time.perf_counter()
        way(x, t)
        seconds.append(time.perf_counter() - started)
    return 1e3 * float(np.median(seconds[1:]))


def run(context: Context) -> Result:
    result = Result(context)
    rng, n, rows = context.generator(), context["points"], context["rows"]
    x, t = torch.randn(2, n, 20, generator=rng)
    groups = {"all": list(WAYS.values()), "row-wise": [row_wise]}
    result.contrast("disagreement", groups, lambda ways: max(error(way, x, t) for way in ways))
    sizes = [n // 4, n // 2, n]
    with threads(1):
        result.contrast(
            "ratio",
            {"loops": loops, "same-code": broadcast},
            lambda way: statistics.paired_times(lambda: broadcast(x, t), lambda: way(x, t)),
        )
        times = {w: [milliseconds(WAYS[w], x[:k], t[:k]) for k in sizes] for w in WAYS}

    large, others = torch.randn(2, context["tiled_rows"], 64, generator=rng)
    counts = [rows // 4, rows // 2, rows]
    memory = {
        name: [held(WAYS[name], large[:k], others[:k]) for k in counts]
        for name in context.each(("broadcast", "expanded", "tiles"), "memory")
    }
    if None in memory["tiles"]:
        for claim in ("tiles", "broadcast"):
            result.skip(claim, "this system does not count the peak memory of a process")
    whole = memory["broadcast"][-1] or math.nan
    shares = {"tiles": held(tiled, large, others), "whole": whole}
    result.contrast(
        "memory-share", shares, lambda found: (found or 0) / GRANTED, unit="of 9 MiB", tolerance=1.0
    )
    result.measure("broadcast-share", whole / (4 * rows * rows * 64), tolerance=1.0)

    points = 0.01 * torch.randn(2, 300, 20, generator=rng)
    far = {offset: points + offset for offset in OFFSETS}
    errors = {
        name: [error(way, *far[offset]) for offset in OFFSETS]
        for name, way in (("expanded", expanded), ("centred", centred), ("broadcast", broadcast))
    }
    result.contrast(
        "worsening",
        {"far": -1, "near": 0},
        lambda k: errors["expanded"][k] / errors["centred"][k],
        tolerance=10.0,
    )
    cases = {"centred": (centred, 1e4), "offset-0": (expanded, 0.0), "uncentred": (expanded, 1e4)}
    result.contrast("negatives", cases, lambda case: int((case[0](*far[case[1]]) < 0).sum()))
    relative = [(broadcast(*pair) / truth(*pair) - 1).abs().max() for pair in far.values()]
    result.measure("direct-error", float(max(relative)))

    result.figure(
        "costs",
        lambda axes, theme: draw_costs(axes, theme, (sizes, times), (counts, memory)),
        title="Time and memory",
        alt=(
            "Left, time against points: loops far above the rest. Right, memory: broadcasting far "
            "above the expansion and the tiles."
        ),
        data={
            "points": sizes,
            **{f"ms, {name}": values for name, values in times.items()},
            "rows": counts,
            **{f"bytes, {name}": values for name, values in memory.items()},
        },
        size=(9.6, 4.0),
        panels=(1, 2),
    )
    result.figure(
        "offsets",
        lambda ax, theme: draw_offsets(ax, theme, errors),
        title="Error against offset",
        alt="The error of the expansion rises far above 1; centred and direct stay near rounding.",
        data={"offset": OFFSETS, **errors},
    )
    return result


def draw_costs(axes: Any, theme: Any, times: Curves, memory: Curves) -> None:
    """Time of every way on the left, memory of three on the right."""
    for ax, (sizes, curves), scale in zip(axes, (times, memory), (1.0, 2.0**20), strict=True):
        for name, values in curves.items():
            heights = [max(value or 0, PAGE if scale > 1 else 0) / scale for value in values]
            color = theme.color(list(WAYS).index(name))
            ax.loglog(sizes, heights, "o-", color=color, label=name)
        ax.set_xticks(sizes, [str(size) for size in sizes])
        ax.set_xticks([], minor=True)
        ax.set(xlabel="points on each side")
        low, high = ax.get_ylim()
        ax.set_ylim(low, high * (high / low) ** 0.3)  # room for the legend
        ax.legend(fontsize=8, loc="upper left", ncols=2)
    axes[0].set_ylabel("ms")
    axes[1].set_ylabel("MiB beyond the result")
    axes[1].axhline(BUDGET / 2**20, color=theme.muted, linestyle="--", linewidth=0.8)


def draw_offsets(ax: Any, theme: Any, errors: dict[str, list[float]]) -> None:
    """One line for each way."""
    for k, (name, values) in enumerate(errors.items()):
        ax.plot(OFFSETS, values, "o-", color=theme.color(k), label=name)
    ax.set_xscale("symlog", linthresh=10)
    ax.set(yscale="log", xlabel="offset", ylabel="error / largest distance")
    ax.legend()
