"""What exactly are core, border and noise?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

import gramian as gm
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive

LAB = Lab(
    name="dbscan-blobs",
    topic="clustering",
    question="What exactly are core, border and noise?",
    answer=(
        "A core point has min_points within eps, itself among them; clusters are the components "
        "of core points; a border point is near a core of its cluster; all else is noise."
    ),
    source="Clustering notebook, homework on DBSCAN",
    method=(
        "Four centres from U[−35, 35]² (torch seed 42) with 256 points of covariance 5I about "
        "each; eps = 2.5 and min_points = 25. A point is core if the points within eps, itself "
        "counted, number at least min_points. Core points within eps of each other share a "
        "cluster. A point that is not core is border if a core point is within eps, else "
        "noise.\n\n"
        "The definition is written out with the whole table of distances in float64, and the "
        "library's DBSCAN is compared with it, on the source's points and on fresh ones about the "
        "same centres. The null is 1 024 points from U[−35, 35]², where a circle of radius eps "
        "holds four on average.\n\n"
        "A recursive expansion goes as deep as its longest chain of points. The depth is that of "
        "a depth-first search with a stack of its own."
    ),
    claims=(
        Claim(
            "definition", "Cores are those of the definition.", "core-errors", "==", 0, kind="exact"
        ),
        Claim(
            "components",
            "Clusters of cores are components of the core graph, border points near a core of "
            "their own, noise near none; row order changes no core; the source's rule is 26.",
            ("components", "borders", "noise", "row-order", "source-rule"),
            "==",
            True,
            kind="exact",
            figure="growth",
        ),
        Claim("one-blob", "One large blob is one cluster.", "one-blob", "==", 1, kind="exact"),
        Claim("null", "Uniform points hold no cluster.", "uniform", "==", 0, kind="exact"),
    ),
    controls=(
        positive("two-far-blobs", "Two far blobs follow the definition.", claim="definition"),
        negative(
            "strict",
            "More than 25 instead of at least 25 changes eight core flags of the source's points.",
            claim="definition",
            must=(">=", 8),
        ),
        negative("blobs", "The four blobs do hold clusters.", claim="null", must=("==", 4)),
    ),
    published_errors=(
        PublishedError(
            "homework on DBSCAN", "compares with > and <", "≥ and ≤, as DBSCAN is defined"
        ),
        PublishedError(
            "homework on DBSCAN",
            "clusters are expanded by recursion, which exceeds Python's limit of 1 000 calls on "
            "one blob of 2 000 points",
            "components are found without recursion",
        ),
    ),
    quick={"one_blob": 20_000},
    full={"one_blob": 60_000},
    seconds=(15, 60),
)

EPS, MIN_POINTS = 2.5, 25
SIZE = 256
RADII = [1, 1.5, 2, 2.5, 3, 4, 6, 8, 10]
COUNTS = [6, 11, 26, 51, 76, 101]
"""The source's min_points + 1: its count must be larger."""


def points_about(centers: torch.Tensor, rng: torch.Generator) -> np.ndarray:
    points = [c + math.sqrt(5) * torch.randn(SIZE, 2, generator=rng) for c in centers]
    return torch.cat(points).double().numpy()


def distances(X: np.ndarray) -> np.ndarray:
    """The whole table, straight from the definition."""
    return np.asarray(np.sqrt(((X[:, None] - X[None]) ** 2).sum(2)))


def fit(X: np.ndarray, eps: float = EPS, min_points: int = MIN_POINTS) -> tuple[Any, np.ndarray]:
    """Labels and core mask of the library."""
    model = gm.DBSCAN(eps, min_samples=min_points).fit(X)
    core = np.zeros(len(X), dtype=bool)
    core[model.core_sample_indices_] = True
    return model.labels_, core


def defined_core(X: np.ndarray) -> np.ndarray:
    return np.asarray((distances(X) <= EPS).sum(1) >= MIN_POINTS)


def strict_core(X: np.ndarray) -> np.ndarray:
    """The source's rule."""
    return np.asarray((distances(X) < EPS).sum(1) > MIN_POINTS)


def core_errors(X: np.ndarray, core: np.ndarray) -> int:
    return int((core != defined_core(X)).sum())


def facts(X: np.ndarray, order: np.ndarray) -> dict[str, bool]:
    """What else the definition says, each of it by a way of its own."""
    (labels, core), (labels_of, core_of) = fit(X), fit(X[order])
    near, back = distances(X) <= EPS, np.argsort(order)
    components = connected_components(csr_array(near[core][:, core]))[1]
    own = near & core & (labels[:, None] == labels)
    same_partition = adjusted_rand_score(labels_of[back][core], labels[core]) == 1
    return {
        "components": adjusted_rand_score(components, labels[core]) == 1,
        "borders": bool(own[~core & (labels >= 0)].any(1).all()),
        "noise": bool(((labels < 0) == ~near[:, core].any(1)).all()),
        "row-order": bool((core_of[back] == core).all() and same_partition),
        "source-rule": bool((fit(X, EPS, 26)[1] == strict_core(X)).all()),
    }


def recursion_depth(X: np.ndarray, eps: float) -> int:
    """How deep the source's recursion goes: a point calls itself for each new neighbour."""
    near = distances(X) < eps
    core, seen, deepest = near.sum(1) > MIN_POINTS, np.zeros(len(X), dtype=bool), 0
    for first in np.flatnonzero(core):
        if seen[first]:
            continue
        seen[first] = True
        stack = [iter(np.flatnonzero(near[first]))]
        while stack:
            new = next((j for j in stack[-1] if not seen[j]), None)
            if new is None:
                stack.pop()
                continue
            seen[new] = True
            if core[new]:
                stack.append(iter(np.flatnonzero(near[new])))
                deepest = max(deepest, len(stack))
    return deepest


def summary(X: np.ndarray, eps: float, min_points: int) -> tuple[int, int]:
    """Clusters, noise."""
    labels, _ = fit(X, eps, min_points)
    return int(labels.max()) + 1, int((labels < 0).sum())


def run(context: Context) -> Result:
    result = Result(context)
    notebook = torch.Generator().manual_seed(42)
    centers = torch.rand(4, 2, generator=notebook) * 70 - 35
    source = points_about(centers, notebook)
    fresh = points_about(centers, context.generator())
    sets = (source, fresh)

    rules = {"library": lambda X: fit(X)[1], "strict": strict_core}
    result.contrast("core-errors", rules, lambda rule: sum(core_errors(X, rule(X)) for X in sets))
    far = np.concatenate([fresh[:SIZE], fresh[:SIZE] + 100])
    labels, core = fit(far)
    result.control("two-far-blobs", core_errors(far, core) + abs(int(labels.max()) - 1))

    order = context.rng(1).permutation(len(fresh))
    found = [facts(X, order) for X in sets]
    for name in found[0]:
        result.measure(name, all(each[name] for each in found))
    uniform = torch.rand(len(fresh), 2, generator=context.generator(2)).double().numpy() * 70 - 35
    nulls = {"uniform": uniform, "blobs": fresh}
    result.contrast("uniform", nulls, lambda X: summary(X, EPS, MIN_POINTS)[0])
    context.progress("one blob")
    blob = 0.5 * torch.randn(context["one_blob"], 2, generator=context.generator(3)).numpy()
    result.measure("one-blob", summary(blob, 0.5, MIN_POINTS)[0])

    table = np.array([[summary(source, eps, count) for eps in RADII] for count in COUNTS])
    describe(result, source, table)
    add_figures(result, source, table)
    return result


def describe(result: Result, source: np.ndarray, table: np.ndarray) -> None:
    """The numbers of the source's points, by the standard rule and by the source's."""
    blobs = np.repeat(np.arange(4), SIZE)
    for min_points in (25, 26):
        labels, core = fit(source, EPS, min_points)
        result.measure(f"cores-{min_points}", int(core.sum()))
        result.measure(f"sizes-{min_points}", np.bincount(labels[labels >= 0]))
        result.measure(f"ari-{min_points}", float(adjusted_rand_score(blobs, labels)))
    for k, name in enumerate(("clusters", "noise")):
        result.measure(f"{name}-by-eps", table[COUNTS.index(26), :, k])
        result.measure(f"{name}-by-min-points", table[:, RADII.index(EPS), k])
    result.measure("recursion-depth", [recursion_depth(source, eps) for eps in (EPS, 8.0)])


def add_figures(result: Result, X: np.ndarray, table: np.ndarray) -> None:
    labels, core = fit(X)
    roles = {"core": core, "border": ~core & (labels >= 0), "noise": labels < 0}
    result.figure(
        "roles",
        lambda ax, theme: draw_roles(ax, theme, X, labels, roles),
        title="Core, border and noise",
        alt="Four blobs of core points, a thin rim of border points, and a few noise points.",
        data={"role": list(roles), "points": [int(mask.sum()) for mask in roles.values()]},
        size=(5.6, 4.5),
    )
    rings = growth(X, core)
    steps = range(int(rings.max()) + 1)
    reached = [int((rings <= k).sum() - (rings < 0).sum()) for k in steps]
    result.animation(
        "growth",
        lambda ax, theme, frame: draw_growth(ax, theme, X, rings, frame),
        frames=[f"{k} steps: {count} core points" for k, count in enumerate(reached)],
        title="Clusters grow from one core point each",
        alt="From one point in each blob the clusters spread by eps a step until all cores are in.",
        data={"step": list(steps), "core points": reached},
        size=(5.6, 4.5),
        seconds=0.5,
    )
    result.figure(
        "map",
        lambda axes, theme: draw_map(axes, theme, table),
        title="Clusters and noise by eps and min_points",
        alt="Four clusters over a wide middle; fewer for large eps; much noise for small eps.",
        data={
            "min_points": [count for count in COUNTS for _ in RADII],
            "eps": [eps for _ in COUNTS for eps in RADII],
            "clusters": table[..., 0].ravel(),
            "noise": table[..., 1].ravel(),
        },
        size=(10.0, 4.0),
        panels=(1, 2),
    )


def growth(X: np.ndarray, core: np.ndarray) -> np.ndarray:
    """In how many steps of eps each core point is reached from its cluster's first; −1 for none."""
    near, rings = distances(X) <= EPS, np.full(len(X), -1)
    for first in np.flatnonzero(core):
        if rings[first] >= 0:
            continue
        ring, edge = 0, np.arange(len(X)) == first
        while edge.any():
            rings[edge] = ring
            edge = near[edge].any(0) & core & (rings < 0)
            ring += 1
    return rings


def draw_roles(ax: Any, theme: Any, X: np.ndarray, labels: np.ndarray, roles: Any) -> None:
    looks = {"core": ("o", 9), "border": ("^", 22), "noise": ("x", 26)}
    for role, mask in roles.items():
        marker, size = looks[role]
        colors = [theme.noise if k < 0 else theme.color(k) for k in labels[mask]]
        ax.scatter(*X[mask].T, s=size, marker=marker, c=colors, linewidths=0.8)
        name = f"{role}: {mask.sum()}"
        ax.scatter([], [], s=size + 8, marker=marker, color=theme.text, label=name)
    frame(ax)
    ax.legend(loc="lower right")


def draw_growth(ax: Any, theme: Any, X: np.ndarray, rings: np.ndarray, step: int) -> None:
    """What is reached; the last ring stands out."""
    masks = ((rings < 0) | (rings > step), (rings >= 0) & (rings < step), rings == step)
    for mask, color in zip(masks, (theme.noise, theme.color(0), theme.accent), strict=True):
        ax.scatter(*X[mask].T, s=12, color=color, linewidths=0)
    frame(ax)


def frame(ax: Any) -> None:
    ax.set(xlim=(-28, 36), ylim=(-4, 42), xlabel="x₁", ylabel="x₂")
    ax.set_aspect("equal")


def draw_map(axes: Any, theme: Any, table: np.ndarray) -> None:
    from gramian.plot.style import legible

    colors = theme.colormap("sequential")
    for k, (ax, name) in enumerate(zip(axes, ("clusters", "noise"), strict=True)):
        shade = np.log1p(table[..., k]) / np.log1p(table[..., k]).max()
        ax.imshow(shade, cmap=colors, origin="lower", aspect="auto")
        for (i, j), value in np.ndenumerate(table[..., k]):
            color = legible(colors(shade[i, j]))
            ax.text(j, i, str(value), ha="center", va="center", fontsize=8, color=color)
        ax.set_xticks(range(len(RADII)), [f"{eps:g}" for eps in RADII])
        ax.set_yticks(range(len(COUNTS)), [str(count) for count in COUNTS])
        ax.set(xlabel="eps", ylabel="min_points")
        ax.set_title(name, fontsize=10, color=theme.text)
