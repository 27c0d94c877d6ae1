"""Which axis disappears, and which norm is which?"""

from __future__ import annotations

from collections.abc import Callable
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
)

D2L = "Dive into Deep Learning, 2.3"
NOTEBOOK = "a clustering notebook, section on norms"
COURSE = "Advanced topics in machine learning (University of Trieste), lab 3"

LAB = Lab(
    name="norms-reductions",
    topic="arithmetic",
    question="Which axis disappears, and which norm is which?",
    answer="The axis that is named disappears; MSE is ‖v‖₂²/n, RMSE ‖v‖₂/√n and MAE ‖v‖₁/n.",
    source=f"{NOTEBOOK}; {D2L}.6, 2.3.7 and 2.3.11; {COURSE}",
    method=(
        "Reductions are run on small tables and compared with values worked out by hand.\n\n"
        "A norm is absolutely homogeneous, ‖cv‖ = |c|‖v‖, and obeys the triangle inequality. Both "
        "are measured on random pairs of vectors, with ‖v‖_∞ ≤ ‖v‖₂ ≤ ‖v‖₁.\n\n"
        "In float32 the square of 3·10³⁰ overflows. A norm that divides by the largest entry "
        "first does not."
    ),
    claims=(
        Claim(
            "values",
            "Twelve reductions give the values worked out by hand.",
            "values-right",
            "==",
            12,
            kind="exact",
        ),
        Claim(
            "shapes",
            "Six reductions leave the axes that they were not told to reduce.",
            "shapes-right",
            "==",
            6,
            kind="exact",
            figure="axes",
        ),
        Claim(
            "homogeneous",
            "‖·‖₁, ‖·‖₂ and ‖·‖_∞ scale with their vector.",
            "homogeneity",
            "<",
            1e-12,
            figure="balls",
        ),
        Claim(
            "triangle",
            "No sum is longer than its parts together, and ‖v‖_∞ ≤ ‖v‖₂ ≤ ‖v‖₁.",
            ("triangle-excess", "order-excess"),
            "<",
            1e-12,
        ),
        Claim(
            "safe",
            "Scaled by its largest entry first, (3, −4)·10³⁰ has its norm in float32.",
            "large-error",
            "<",
            1e-6,
        ),
    ),
    controls=(
        positive("power-of-two", "A factor of 8 commutes to the last bit.", claim="homogeneous"),
        negative(
            "squared",
            "The squared norm is no norm: it scales with c².",
            claim="homogeneous",
            must=(">", 0.1),
        ),
        negative("naive", "Squares first, the norm of the large vector is infinite.", claim="safe"),
    ),
    published_errors=(
        PublishedError(
            NOTEBOOK,
            "a sum of squares is called ‖v‖₂ and an RMSE ‖v‖₂²",
            "MSE = ‖v‖₂²/n, RMSE = ‖v‖₂/√n and MAE = ‖v‖₁/n",
        ),
        PublishedError(NOTEBOOK, "a sum from i = 0 to n has n + 1 terms", "n terms are summed"),
    ),
    source_values=(
        SourceValue(f"{D2L}.6", "sum of a table", 15.0, "sum"),
        SourceValue(f"{D2L}.6", "its mean", 2.5, "mean"),
        SourceValue(f"{D2L}.6", "means of its columns", [1.5, 2.5, 3.5], "column-means"),
        SourceValue(f"{D2L}.7", "last row of a running sum", [18, 22, 26], "running-sum"),
        SourceValue(
            f"{D2L}.7",
            "second row, divided by its sum",
            [0.0455, 0.1818, 0.3182, 0.4545],
            "normalised-row",
            tolerance=5e-5,
        ),
        SourceValue(f"{D2L}.11", "‖(3, −4)‖₂", 5.0, "euclidean"),
        SourceValue(f"{D2L}.11", "‖(3, −4)‖₁", 7.0, "manhattan"),
        SourceValue(f"{D2L}.11", "‖1‖_F of 4 × 9 ones", 6.0, "frobenius"),
    ),
    quick={"vectors": 1000},
    full={"vectors": 100_000},
    seconds=(2, 5),
)

ORDERS = (1, 2, float("inf"))
Norm = Callable[[Tensor], Tensor]


def norm(order: float) -> Norm:
    return lambda v: torch.linalg.vector_norm(v, order, dim=-1)


def squared(v: Tensor) -> Tensor:
    return v.square().sum(-1)


def homogeneity(norms: list[Norm], v: Tensor, factors: Tensor) -> float:
    """Largest relative error of ‖cv‖ = |c|‖v‖."""
    gaps = [(f(factors[:, None] * v) / (factors.abs() * f(v)) - 1).abs().max() for f in norms]
    return float(max(gaps))


def scaled_norm(v: Tensor) -> Tensor:
    """The Euclidean norm without overflow."""
    largest = v.abs().max()
    return largest * torch.linalg.vector_norm(v / largest)


def reduced() -> dict[str, tuple[Tensor, Any]]:
    """What each reduction gives, beside what it must be."""
    table = torch.arange(6.0).reshape(2, 3)
    wide = torch.arange(12).reshape(4, 3)
    tall = torch.arange(12.0).reshape(4, 3).T
    v = torch.tensor([3.0, -4.0])
    shares = table / table.sum(1, keepdim=True)
    return {
        "sum": (table.sum(), 15.0),
        "mean": (table.mean(), 2.5),
        "column-means": (table.mean(0), [1.5, 2.5, 3.5]),
        "row-shares": (shares, [[0, 1 / 3, 2 / 3], [1 / 4, 1 / 3, 5 / 12]]),
        "running-sum": (wide.cumsum(0)[-1], [18, 22, 26]),
        "normalised-row": (tall[1] / tall[1].sum(), [1 / 22, 4 / 22, 7 / 22, 10 / 22]),
        "euclidean": (torch.linalg.vector_norm(v), 5.0),
        "manhattan": (torch.linalg.vector_norm(v, 1), 7.0),
        "frobenius": (torch.linalg.matrix_norm(torch.ones(4, 9)), 6.0),
        "mean-squared-error": (v.square().mean(), 12.5),
        "mean-absolute-error": (v.abs().mean(), 3.5),
        "root-mean-squared-error": (v.square().mean().sqrt(), 12.5**0.5),
    }


def shapes() -> dict[str, tuple[Tensor, list[int]]]:
    """What is left of each reduction, beside the shape that it must have."""
    table, block = torch.zeros(2, 3), torch.zeros(2, 3, 2)
    return {
        "sum(0) of 2 × 3": (table.sum(0), [3]),
        "sum(1) of 2 × 3": (table.sum(1), [2]),
        "sum(1, keepdim) of 2 × 3": (table.sum(1, keepdim=True), [2, 1]),
        "sum((0, 1)) of 2 × 3 × 2": (block.sum((0, 1)), [2]),
        "mean(0) of 2 × 3 × 2": (block.mean(0), [3, 2]),
        "argmax(1) of 2 × 3 × 2": (block.argmax(1), [2, 2]),
    }


def run(context: Context) -> Result:
    result = Result(context)
    right = []
    for name, (found, expected) in reduced().items():
        result.measure(name, found)
        right.append(np.allclose(found, np.reshape(expected, found.shape), rtol=1e-6))
    result.measure("values-right", sum(right))
    result.measure("shapes-right", sum(list(t.shape) == shape for t, shape in shapes().values()))

    rng, n = context.generator(), context["vectors"]
    v, w = torch.randn(2, n, 5, generator=rng, dtype=torch.float64)
    factors = torch.randn(n, generator=rng, dtype=torch.float64)
    norms = [norm(order) for order in ORDERS]
    cases = {
        "norms": (norms, factors),
        "power-of-two": (norms, torch.full_like(factors, 8.0)),
        "squared": ([squared], factors),
    }
    result.contrast("homogeneity", cases, lambda case: homogeneity(case[0], v, case[1]))
    excess = [(f(v + w) / (f(v) + f(w)) - 1).max() for f in norms]
    result.measure("triangle-excess", max(0.0, float(max(excess))))
    one, two, largest = (f(v) for f in norms)
    result.measure("order-excess", max(0.0, float(torch.maximum(largest - two, two - one).max())))

    large = torch.tensor([3e30, -4e30])
    ways = {"scaled": scaled_norm, "naive": torch.linalg.vector_norm}
    result.contrast("large-error", ways, lambda way: abs(float(way(large)) / 5e30 - 1))

    result.figure(
        "axes",
        draw_axes,
        title="The axis that is named disappears",
        alt="A 2 × 3 table: sum over axis 0 leaves a row of three, over axis 1 a column of two.",
    )
    result.figure(
        "balls",
        draw_balls,
        title="All vectors of norm one",
        alt="A diamond inside a circle inside a square: the unit balls of ‖·‖₁, ‖·‖₂ and ‖·‖_∞.",
    )
    return result


def draw_axes(ax: Any, theme: Any) -> None:
    """A table, its column sums below and its row sums on the right."""
    table = np.arange(6).reshape(2, 3)
    for (i, j), entry in np.ndenumerate(table):
        ax.text(j, -i, str(entry), ha="center", va="center", fontsize=14, color=theme.text)
    for j, total in enumerate(table.sum(0)):
        ax.text(j, -2.5, str(total), ha="center", va="center", fontsize=14, color=theme.color(0))
        ax.annotate(
            "", (j, -2.2), (j, -1.35), arrowprops={"arrowstyle": "->", "color": theme.muted}
        )
    for i, total in enumerate(table.sum(1)):
        ax.text(4, -i, str(total), ha="center", va="center", fontsize=14, color=theme.color(1))
        ax.annotate("", (3.7, -i), (2.4, -i), arrowprops={"arrowstyle": "->", "color": theme.muted})
    ax.text(1, -3.1, "sum(0), shape (3)", ha="center", color=theme.color(0))
    ax.text(4, -1.6, "sum(1),\nshape (2)", ha="center", va="center", color=theme.color(1))
    ax.set(xlim=(-0.6, 5), ylim=(-3.5, 0.6))
    ax.set_aspect("equal")
    ax.set_axis_off()


def draw_balls(ax: Any, theme: Any) -> None:
    """The three unit spheres of the plane."""
    angles = np.linspace(0, 2 * np.pi, 721)
    circle = np.array([np.cos(angles), np.sin(angles)])
    for k, (order, name) in enumerate(zip(ORDERS, ("‖v‖₁", "‖v‖₂", "‖v‖_∞"), strict=True)):
        sphere = circle / np.linalg.norm(circle, order, axis=0)
        ax.plot(*sphere, color=theme.color(k), label=name)
    ax.set_aspect("equal")
    ax.set(xlabel="v₁", ylabel="v₂")
    ax.legend(loc="center")
