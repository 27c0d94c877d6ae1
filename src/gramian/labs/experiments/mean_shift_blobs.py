"""Does mean shift find the number of clusters, whatever the order of computation?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score
from torch import Generator, Tensor

import gramian as gm
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
)

NOTEBOOK = "clustering notebook, mean shift"

LAB = Lab(
    name="mean-shift-blobs",
    topic="clustering",
    question=(
        "Does mean shift find the number of clusters by itself, and does the result depend on the "
        "order of computation?"
    ),
    answer=(
        "It finds four for a bandwidth near the width of the blobs, one for ten times that; the "
        "order matters only where points are overwritten while others still read them."
    ),
    source="Clustering notebook: mean shift with an animation and in batches",
    method=(
        "Four centres are drawn from U[−35, 35]², with 256 points of covariance 5I about each. A "
        "position p moves to Σᵢ k(p, xᵢ) xᵢ / Σᵢ k(p, xᵢ), where k is the normal density of the "
        "distance with the bandwidth as its standard deviation. Here the data x stay fixed and "
        "all positions of a step are computed from those of the step before (two buffers).\n\n"
        "In the blurring variant the moved points are the data of the next step. Where they are "
        "overwritten batch by batch in place, a later batch already sees the earlier ones moved, "
        "so the result depends on the batches.\n\n"
        "The source's own numbers are recomputed on its own points (torch seed 42) in float32. "
        "All else runs in float64 on fresh points about the same centres. Ends at most 0.5 apart "
        "count as one cluster."
    ),
    claims=(
        Claim("source-numbers", "The notebook's numbers come out.", "source-error", "<", 2e-4),
        Claim(
            "four-modes",
            "At bandwidth 2.5 there are four modes, at 25 one.",
            "modes",
            "==",
            [4, 1],
            kind="exact",
            figure="bandwidth",
        ),
        Claim("recovers", "At 2.5 they are the blobs.", "ari", ">=", 0.99, figure="steps"),
        Claim(
            "order-free",
            "With fixed data, neither the size of the batches nor the order of rows matters.",
            ("batch-difference", "order-difference"),
            "<",
            1e-5,
            figure="batches",
        ),
    ),
    controls=(
        positive("at-a-mode", "A position at a mode stays there.", claim="order-free"),
        negative(
            "in-place",
            "Points overwritten batch by batch end elsewhere in other batches.",
            claim="order-free",
            must=(">", 1e-3),
        ),
        negative(
            "wide-kernel", "At bandwidth 25 they are not found.", claim="recovers", must=("<", 0.1)
        ),
    ),
    published_errors=(
        PublishedError(
            NOTEBOOK,
            "the text says a bandwidth of about 25, the code has 2.5",
            "2.5 is used; 25 is run as well and finds a single cluster",
        ),
        PublishedError(
            NOTEBOOK,
            "points are moved and are the data at once, overwritten in place, so that batches of "
            "128 and 512 end 0.03 apart",
            "the data stay fixed and each step has a buffer of its own; blurring is a variant",
        ),
    ),
    source_values=(
        SourceValue(NOTEBOOK, "first point", [30.7565, 27.9813], "first-point", 1e-4),
        SourceValue(NOTEBOOK, "its distances", [0.0, 4.6538, 4.8366], "distances", 1e-4),
        SourceValue(NOTEBOOK, "its weights", [0.1596, 0.0282, 0.0246], "weights", 1e-4),
        SourceValue(NOTEBOOK, "sum of its weights", 12.1010, "weight-sum", 2e-4),
        SourceValue(NOTEBOOK, "after one step", [28.6881, 28.6938], "first-step", 1e-4),
        SourceValue(NOTEBOOK, "after five steps", [26.9455, 29.1479], "fifth-step", 1e-4),
        SourceValue(
            NOTEBOOK, "point 769 after five steps", [-16.9937, 20.3887], "fifth-step-other", 1e-4
        ),
    ),
    quick={"fixed_steps": 100, "blurring_steps": 50, "sweep": [0.5, 1, 2.5, 5, 10, 25]},
    full={"sweep": [0.5, 0.7, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 25]},
    seconds=(15, 60),
)

BANDWIDTH, WIDE, STEPS, BATCH = 2.5, 25.0, 5, 512
SIZE = 256
BLOBS = np.repeat(np.arange(4), SIZE)
MERGE = 0.5


def source_points() -> tuple[Tensor, Tensor]:
    """The notebook's centres, and its points in float32."""
    rng = torch.Generator().manual_seed(42)
    centers = torch.rand(4, 2, generator=rng) * 70 - 35
    return centers, points_about(centers, rng)


def points_about(centers: Tensor, rng: Generator) -> Tensor:
    return torch.cat([c + math.sqrt(5) * torch.randn(SIZE, 2, generator=rng) for c in centers])


def local_mean(positions: Tensor, X: Tensor, bandwidth: float) -> Tensor:
    return gm.Gram(positions, X, gm.Gaussian(bandwidth)).weighted_mean(X)


def fixed_data(X: Tensor, bandwidth: float, steps: int, batch: int) -> Tensor:
    """Positions move, the data stay."""
    positions = X
    for _ in range(steps):
        positions = torch.cat([local_mean(p, X, bandwidth) for p in positions.split(batch)])
    return positions


def in_place(X: Tensor, bandwidth: float, steps: int, batch: int) -> Tensor:
    """The notebook's way: the moved points overwrite the data, batch by batch."""
    X = X.clone()
    for _ in range(steps):
        for part in X.split(batch):
            part.copy_(local_mean(part, X, bandwidth))
    return X


def distance(a: Tensor, b: Tensor) -> float:
    return float((a - b).norm(dim=1).max())


def batch_difference(way: Callable[..., Tensor], X: Tensor) -> float:
    whole = way(X, BANDWIDTH, STEPS, BATCH)
    return max(distance(whole, way(X, BANDWIDTH, STEPS, size)) for size in (len(X), 128, 100))


def mode_movement(X: Tensor) -> float:
    """How far one step, in any batches, moves positions that have come to rest."""
    modes = fixed_data(X, BANDWIDTH, 100, BATCH)[::SIZE]
    steps = [local_mean(part, X, BANDWIDTH) for size in (1, 4) for part in modes.split(size)]
    return distance(torch.cat(steps), modes.repeat(2, 1))


def merged(positions: Tensor, radius: float = MERGE) -> np.ndarray:
    """A number for each position; those within the radius of each other share it."""
    near = (torch.cdist(positions, positions) <= radius).numpy()
    return np.asarray(connected_components(near)[1])


def run(context: Context) -> Result:
    result = Result(context)
    centers = replica(result)
    X = points_about(centers, context.generator()).double()

    models = {h: gm.MeanShift(bandwidth=h, kernel="gaussian").fit(X) for h in (BANDWIDTH, WIDE)}
    result.measure("modes", [len(model.cluster_centers_) for model in models.values()])
    found = {"bandwidth 2.5": models[BANDWIDTH].labels_, "wide-kernel": models[WIDE].labels_}
    result.contrast("ari", found, lambda labels: float(adjusted_rand_score(BLOBS, labels)))

    ways = {"fixed data": fixed_data, "in-place": in_place}
    result.contrast("batch-difference", ways, lambda way: batch_difference(way, X))
    order = torch.randperm(len(X), generator=context.generator(1))
    ends, reordered = (fixed_data(each, BANDWIDTH, STEPS, BATCH) for each in (X, X[order]))
    result.measure("order-difference", distance(reordered, ends[order]))
    result.control("at-a-mode", mode_movement(X))
    result.measure("distinct-after-5", len(set(merged(ends, 0.01))), tolerance=0.02)

    sweep = {}
    for h in context.each(context["sweep"], "bandwidth"):
        still = fixed_data(X, h, context["fixed_steps"], BATCH)
        blurred = in_place(X, h, context["blurring_steps"], BATCH)
        sweep[h] = (still, merged(still), len(set(merged(blurred))))
    counts = [len(set(labels)) for _, labels, _ in sweep.values()]
    result.measure("sweep-fixed", counts, tolerance=0.1)
    result.measure("sweep-blurring", [count for _, _, count in sweep.values()], tolerance=0.1)

    add_figures(result, X, sweep)
    return result


def replica(result: Result) -> Tensor:
    """The notebook's numbers, from its own points; returns the centres."""
    centers, X = source_points()
    kernel = gm.Gram(X[:1], X, gm.Gaussian(BANDWIDTH)).dense()[0]
    kernel /= BANDWIDTH * math.sqrt(2 * math.pi)  # the normal density of the distance
    after = [in_place(X, BANDWIDTH, steps, BATCH) for steps in (1, STEPS)]
    found = {
        "first-point": X[0],
        "distances": gm.Gram(X[:1], X[:3], gm.Euclidean()).dense()[0],
        "weights": kernel[:3],
        "weight-sum": kernel.sum(),
        "first-step": after[0][0],
        "fifth-step": after[1][0],
        "fifth-step-other": after[1][3 * SIZE],
    }
    for name, value in found.items():
        result.measure(name, value, tolerance=1e-4)
    gaps = [found[v.measurement] - torch.tensor(v.printed) for v in LAB.source_values]
    result.measure("source-error", max(float(gap.abs().max()) for gap in gaps), tolerance=1e-4)
    return centers


def add_figures(
    result: Result, X: Tensor, sweep: dict[float, tuple[Tensor, np.ndarray, int]]
) -> None:
    steps = [*range(STEPS + 1), 10, 20]
    positions = [fixed_data(X, BANDWIDTH, step, BATCH).numpy() for step in steps]
    result.animation(
        "steps",
        lambda ax, theme, frame: draw_positions(ax, theme, X, positions[frame], BLOBS),
        frames=[f"step {step}" for step in steps],
        title="All points climb at bandwidth 2.5",
        alt="The points of four clouds draw together, each cloud to a single place.",
        size=(5.6, 4.5),
        seconds=0.7,
    )
    ends = list(sweep.values())
    result.animation(
        "bandwidth",
        lambda ax, theme, frame: draw_positions(
            ax, theme, X, ends[frame][0].numpy(), ends[frame][1]
        ),
        frames=[f"bandwidth {h:g}, clusters: {len(set(end[1]))}" for h, end in sweep.items()],
        title="Where they end, by bandwidth",
        alt="Many places for a small bandwidth, four in the middle, one for the largest.",
        data={
            "bandwidth": list(sweep),
            "clusters, fixed data": [len(set(end[1])) for end in ends],
            "clusters, blurring": [end[2] for end in ends],
        },
        size=(5.6, 4.5),
        seconds=0.9,
    )
    result.figure(
        "kernel",
        draw_kernel,
        title="The weight of a point by its distance",
        alt="At bandwidth 2.5 the weight is gone at 8; at 25 it is nearly the same up to 8.",
    )
    sizes = [32, 64, 128, 256, 512]
    whole = in_place(X, BANDWIDTH, STEPS, len(X))
    gaps = [distance(in_place(X, BANDWIDTH, STEPS, size), whole) for size in sizes]
    result.figure(
        "batches",
        lambda ax, theme: draw_batches(ax, theme, sizes, gaps),
        title="How far batches move points that are overwritten in place",
        alt="Bars of some hundredths, one for each batch size; the permitted 0.00001 is not seen.",
        data={"batch": sizes, "distance": gaps},
        caption="Against one batch of all points. With fixed data the distance is zero.",
    )


def draw_positions(ax: Any, theme: Any, X: Tensor, P: np.ndarray, labels: np.ndarray) -> None:
    """The data in grey, the positions in the colours of their clusters."""
    ax.scatter(*X.numpy().T, s=6, c=theme.noise, alpha=0.4, linewidths=0)
    ax.scatter(*P.T, s=20, c=[theme.color(k) for k in labels], linewidths=0)
    ax.set(xlim=(-28, 36), ylim=(-4, 42), xlabel="x₁", ylabel="x₂")
    ax.set_aspect("equal")


def draw_kernel(ax: Any, theme: Any) -> None:
    distances = np.linspace(0, 40, 200)
    for k, h in enumerate((BANDWIDTH, WIDE)):
        heights = np.exp(-((distances / h) ** 2) / 2)
        ax.plot(distances, heights, color=theme.color(k), label=f"bandwidth {h:g}")
    ax.set(xlabel="distance", ylabel="weight, relative to distance 0", ylim=(0, 1.05))
    ax.legend()


def draw_batches(ax: Any, theme: Any, sizes: list[int], gaps: list[float]) -> None:
    ax.bar([str(size) for size in sizes], gaps, color=theme.color(0))
    ax.set(xlabel="batch size", ylabel="largest distance after five steps")
