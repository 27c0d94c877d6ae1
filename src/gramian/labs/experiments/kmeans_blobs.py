"""What does Lloyd's algorithm guarantee, and what depends on the start?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.metrics import adjusted_rand_score

import gramian as gm
from gramian.labs import Claim, Context, Lab, Result, SourceValue, negative, positive, statistics

LAB = Lab(
    name="kmeans-blobs",
    topic="clustering",
    question="What does Lloyd's algorithm guarantee, and what depends on the start?",
    answer=(
        "It guarantees an objective that never rises and an end that is a fixed point; which "
        "fixed point, and how good, depends on the start."
    ),
    source="IN3310, week 2, task 3",
    method=(
        "Five round Gaussian blobs of 50 points each have their means at (0, 0), (6, 0), (0, 6), "
        "(6, 6) and (3, 12), and σ = 0.7. Lloyd's algorithm minimises Σᵢ min_k ‖xᵢ − t_k‖²: it "
        "assigns each point to the nearest centre, moves each centre to the mean of its points, "
        "and stops when nothing changes.\n\n"
        "It starts from rows 0 and 100; from one row of each blob; from eight rows; and, badly, "
        "from five rows of one blob. Then from random sets of five different rows, to see how "
        "often the best objective is reached.\n\n"
        "The adjusted Rand index compares clusters with blobs: 1 where they are the same, 0 on "
        "average by chance. Its p-value is the share of 999 permutations of the labels that reach "
        "it."
    ),
    claims=(
        Claim(
            "falls",
            "The objective never rises, from any start.",
            "largest-rise",
            "<",
            1e-12,
            figure="objective",
        ),
        Claim(
            "fixed-point",
            "One more step moves no centre, from any start.",
            "movement",
            "<",
            1e-12,
            figure="starts",
        ),
        Claim(
            "scikit-learn",
            "From the same start scikit-learn reaches the same objective.",
            "difference",
            "<",
            1e-5,
        ),
        Claim(
            "recovers",
            "From one row of each blob the clusters are the blobs.",
            "ari",
            ">",
            0.97,
            kind="statistical",
            figure="lloyd",
        ),
        Claim(
            "start-decides",
            "Some random starts reach the best objective, and some do not.",
            "share-best",
            "in",
            (0.05, 0.95),
            kind="statistical",
            figure="end-values",
        ),
    ),
    controls=(
        positive("true-means", "Started at the true means, it finds the blobs.", claim="recovers"),
        negative(
            "permuted-labels",
            "Permuted labels agree with the blobs by chance only.",
            claim="recovers",
            must=("in", (-0.1, 0.1)),
        ),
        negative(
            "frozen-centres",
            "Centres that stay where they start are no fixed point.",
            claim="fixed-point",
            must=(">", 0.1),
        ),
    ),
    source_values=(
        SourceValue(
            "week 2, task 3",
            "cluster counts P to try",
            [2, 5, 8],
            "cluster-counts",
            note="the sheet prints no results",
        ),
    ),
    quick={"starts": 1000, "permutations": 999},
    full={"starts": 10_000, "permutations": 9999},
    seconds=(10, 60),
)

MEANS = torch.tensor([[0.0, 0], [6, 0], [0, 6], [6, 6], [3, 12]])
SIGMA, SIZE = 0.7, 50
BLOBS = np.repeat(np.arange(5), SIZE)
STARTS = {
    "two rows": [0, 100],
    "one of each blob": [0, 50, 100, 150, 200],
    "eight rows": [0, 25, 50, 75, 100, 150, 200, 225],
    "five of one blob": [0, 1, 2, 3, 4],
}
GOOD, BAD = "one of each blob", "five of one blob"


@dataclass
class Run:
    """One way of the centres: where it stood before each iteration, and where it ended."""

    centers: np.ndarray
    labels: np.ndarray
    path: list[np.ndarray] = field(default_factory=list)
    objective: list[float] = field(default_factory=list)
    iterations: int = 0

    @property
    def rise(self) -> float:
        """The largest relative rise from one iteration to the next; negative where all fall."""
        values = np.array(self.objective)
        return float((np.diff(values) / values[:-1]).max())


def blobs(rng: torch.Generator) -> np.ndarray:
    parts = [mean + SIGMA * torch.randn(SIZE, 2, generator=rng) for mean in MEANS]
    return torch.cat(parts).double().numpy()


def lloyd(X: np.ndarray, start: np.ndarray) -> Run:
    path: list[np.ndarray] = []
    objective: list[float] = []

    def watch(state: Any) -> None:
        path.append(state.centers)
        objective.append(state.inertia)

    model = gm.KMeans(len(start), init=start, max_iter=100, tol=0, callback=watch).fit(X)
    path.append(model.cluster_centers_)
    objective.append(model.inertia_)
    return Run(model.cluster_centers_, model.labels_, path, objective, model.n_iter_)


def frozen(X: np.ndarray, start: np.ndarray) -> Run:
    return Run(start, gm.Gram(X, start).argmin())


def movement(X: np.ndarray, run: Run) -> float:
    """How far one more step moves a centre."""
    labels = gm.Gram(X, run.centers).argmin()
    means = [X[labels == k].mean(0) for k in range(len(run.centers))]
    return float(np.linalg.norm(means - run.centers, axis=1).max())


def run(context: Context) -> Result:
    result = Result(context)
    X = blobs(context.generator())
    starts = {name: X[rows] for name, rows in STARTS.items()}
    runs = {name: lloyd(X, start) for name, start in starts.items()}
    result.measure("cluster-counts", sorted({len(start) for start in starts.values()}))
    result.measure("objectives", [each.objective[-1] for each in runs.values()])
    result.measure("iterations", [each.iterations for each in runs.values()], tolerance=2)
    aris = [adjusted_rand_score(BLOBS, each.labels) for each in runs.values()]
    result.measure("ari-of-starts", aris)

    ends = random_ends(context, X)
    best = min(*ends, runs[GOOD].objective[-1])
    reached = int((ends <= best * (1 + 1e-9)).sum())
    result.measure("largest-rise", max(each.rise for each in runs.values()))
    result.measure("share-best", statistics.wilson(reached, len(ends)), tolerance=0.02)
    result.measure("distinct-ends", len(np.unique(ends.round(6))), tolerance=0.1)
    result.measure("worst-end", float(ends.max()), tolerance=0.2)

    methods = {"lloyd": lloyd, "frozen-centres": frozen}
    result.contrast(
        "movement", methods, lambda way: max(movement(X, way(X, s)) for s in starts.values())
    )
    result.measure("difference", max(against_sklearn(X, s, runs[n]) for n, s in starts.items()))

    rng, found = context.rng(1), runs[GOOD].labels
    labels = {
        "lloyd": found,
        "true-means": lloyd(X, MEANS.double().numpy()).labels,
        "permuted-labels": rng.permutation(found),
    }
    permuted = [rng.permutation(found) for _ in range(context["permutations"])]
    null = [adjusted_rand_score(BLOBS, each) for each in permuted]
    result.contrast(
        "ari", labels, lambda each: statistics.permutation(adjusted_rand_score(BLOBS, each), null)
    )

    add_figures(result, X, runs, ends)
    return result


def random_ends(context: Context, X: np.ndarray) -> np.ndarray:
    """The objective that each of many random starts ends with."""
    context.progress("random starts")
    rng, found = context.rng(2), []
    for _ in range(context["starts"]):
        start = X[rng.choice(len(X), 5, replace=False)]
        found.append(gm.KMeans(5, init=start, max_iter=100, tol=0).fit(X).inertia_)
    return np.array(found)


def against_sklearn(X: np.ndarray, start: np.ndarray, ours: Run) -> float:
    """Relative difference of the two objectives."""
    theirs = SklearnKMeans(len(start), init=start, n_init=1, max_iter=100, tol=0).fit(X)
    return abs(float(theirs.inertia_) - ours.objective[-1]) / ours.objective[-1]


def add_figures(result: Result, X: np.ndarray, runs: dict[str, Run], ends: np.ndarray) -> None:
    result.figure(
        "starts",
        lambda axes, theme: draw_starts(axes, theme, X, runs),
        title="Where the centres start, and where they end",
        alt=(
            "Five blobs, four times. From one row of each blob every blob gets its centre. Two "
            "centres share five blobs, eight split some of them, and five from one blob end with "
            "blobs that are split and blobs that are merged."
        ),
        data={
            "start": list(runs),
            "objective": [each.objective[-1] for each in runs.values()],
            "iterations": [each.iterations for each in runs.values()],
        },
        caption="Rings: start. Crosses: end.",
        size=(10.0, 9.0),
        panels=(2, 2),
    )
    bad = runs[BAD]
    result.animation(
        "lloyd",
        lambda ax, theme, frame: draw_state(ax, theme, X, bad.path, frame),
        frames=[f"step {k}: objective {value:.0f}" for k, value in enumerate(bad.objective)],
        title="Five centres that start in one blob",
        alt="Centres leave the blob they start in; at the end some share a blob, others have two.",
        size=(5.6, 5.6),
        seconds=0.7,
    )
    result.figure(
        "objective",
        lambda ax, theme: draw_objective(ax, theme, runs),
        title="The objective never rises",
        alt="Four falling lines, each of them flat at its end.",
    )
    values, counts = np.unique(ends.round(2), return_counts=True)
    result.figure(
        "end-values",
        lambda ax, theme: draw_ends(ax, theme, ends),
        title="Where random starts end",
        alt="A tall bar at the best objective, and many small ones at objectives that are larger.",
        data={"objective": values, "starts": counts},
    )


def draw_starts(axes: Any, theme: Any, X: np.ndarray, runs: dict[str, Run]) -> None:
    for ax, (name, each) in zip(axes.flat, runs.items(), strict=True):
        draw_state(ax, theme, X, each.path, len(each.path) - 1)
        first = each.path[0]
        ax.scatter(*first.T, s=70, facecolors="none", edgecolors=theme.text, linewidths=1.4)
        ax.set_title(f"{name}: {each.objective[-1]:.1f}", fontsize=10, color=theme.text)


def draw_state(ax: Any, theme: Any, X: np.ndarray, path: Sequence[np.ndarray], frame: int) -> None:
    """Points in the colour of the nearest centre, and the way that the centres came."""
    labels = gm.Gram(X, path[frame]).argmin()
    ax.scatter(*X.T, s=12, c=[theme.color(k) for k in labels], alpha=0.75, linewidths=0)
    way = np.stack(path[: frame + 1])
    for k in range(way.shape[1]):
        ax.plot(*way[:, k].T, color=theme.text, linewidth=0.8, alpha=0.6)
    ax.scatter(*way[-1].T, s=80, marker="X", c=theme.text, edgecolors=theme.surface, zorder=3)
    ax.set(xlim=(-2.5, 8.5), ylim=(-2.5, 14.5), xlabel="x₁", ylabel="x₂")
    ax.set_aspect("equal")


def draw_objective(ax: Any, theme: Any, runs: dict[str, Run]) -> None:
    for k, (name, each) in enumerate(runs.items()):
        ax.semilogy(each.objective, color=theme.color(k), marker="o", markersize=3, label=name)
    ax.set(xlabel="step", ylabel="objective")
    ax.legend()


def draw_ends(ax: Any, theme: Any, ends: np.ndarray) -> None:
    ax.hist(ends, bins=60, color=theme.color(0))
    ax.set(xlabel="objective at the end", ylabel="random starts")
