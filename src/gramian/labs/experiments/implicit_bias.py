"""Among infinitely many solutions, which one does the optimiser choose?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

import gramian as gm
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive

LAB = Lab(
    name="implicit-bias",
    topic="symmetry",
    question="Among infinitely many solutions, which one does the optimiser choose?",
    answer=(
        "Descent, momentum and SGD end at the solution of least norm; Adam and AdaGrad elsewhere."
    ),
    source="Advanced topics in machine learning (University of Trieste), lab 8",
    method=(
        "Xw = y has 20 equations and 100 unknowns, X and w* from N(0, 1), without noise. The "
        "solution of least norm is X⁺y. From w₀ = 0 every step of gradient descent, with or "
        "without momentum or batches, lies in the row space of X, so the limit is X⁺y. From "
        "another w₀ the component in the null space stays: the limit is X⁺y + (I − X⁺X)w₀. Adam "
        "and AdaGrad divide each coordinate by its own scale and leave the row space.\n\n"
        "Distances are relative, ‖w − X⁺y‖/‖X⁺y‖: the largest over the seeds for the first "
        "family, the smallest for the second."
    ),
    claims=(
        Claim(
            "least-norm",
            "Descent, momentum and SGD end at the solution of least norm.",
            ("gd", "momentum", "sgd"),
            "<",
            1e-6,
            figure="distances",
        ),
        Claim(
            "elsewhere",
            "Adam and AdaGrad end at another solution.",
            ("adam", "adagrad"),
            ">",
            0.3,
            figure="distances",
        ),
        Claim(
            "solved",
            "They do solve the equations.",
            ("adam-residual", "adagrad-residual"),
            "<",
            0.02,
        ),
        Claim(
            "null-space",
            "Descent keeps the component of its start that the data does not see.",
            "null-space-error",
            "<",
            1e-10,
            figure="paths",
        ),
    ),
    controls=(
        positive("projection", "Xᵀ(XXᵀ)⁻¹y is the solution of least norm.", claim="least-norm"),
        negative(
            "least-squares-formula",
            "(XᵀX)⁻¹Xᵀy, for tall matrices, is not.",
            claim="least-norm",
        ),
        negative(
            "over-determined",
            "With more equations than unknowns Adam has no choice either.",
            claim="elsewhere",
            must=("<", 0.05),
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 8, data",
            "1000 equations for 10 unknowns have one solution, so no bias can show",
            "20 equations for 100 unknowns",
        ),
        PublishedError(
            "lab 8, least norm",
            "the formula is that of least squares, for a singular matrix",
            "the pseudo-inverse, checked against Xᵀ(XXᵀ)⁻¹y",
        ),
        PublishedError(
            "lab 8, gradient", "−X(y − Xw) has the wrong shape", "−2Xᵀ(y − Xw), up to the scale"
        ),
        PublishedError("lab 8, steps", "50 steps where 100 are announced", "until convergence"),
    ),
    quick={"seeds": 10, "steps": 1500},
    full={"seeds": 100, "steps": 5000},
    seconds=(15, 60),
)

WIDE, TALL = (20, 100), (1000, 10)
RATE = 0.05
Optimizer = Callable[[list[Tensor]], torch.optim.Optimizer]
ADAPTIVE: dict[str, Optimizer] = {
    "adam": lambda w: torch.optim.Adam(w, lr=0.02),
    "adagrad": lambda w: torch.optim.Adagrad(w, lr=0.5),
}


@dataclass(frozen=True)
class Problems:
    """Equations Xw = y for each of s seeds, with their solutions of least norm.

    Attributes
    ----------
    X : Tensor of shape (s, n, d)
    y : Tensor of shape (s, n)
    least : Tensor of shape (s, d)
    """

    X: Tensor
    y: Tensor
    least: Tensor

    @classmethod
    def drawn(cls, shape: tuple[int, int], generators: list[torch.Generator]) -> Problems:
        drawn = [
            (
                torch.randn(shape, generator=rng, dtype=torch.float64),
                torch.randn(shape[1], generator=rng, dtype=torch.float64),
            )
            for rng in generators
        ]
        X, w = (torch.stack(part) for part in zip(*drawn, strict=True))
        y = times(X, w)
        return cls(X, y, times(torch.linalg.pinv(X), y))

    def distances(self, w: Tensor) -> list[float]:
        """‖w − X⁺y‖/‖X⁺y‖ of each seed."""
        return ((w - self.least).norm(dim=1) / self.least.norm(dim=1)).tolist()

    def residuals(self, w: Tensor) -> list[float]:
        """‖Xw − y‖/‖y‖ of each seed."""
        return ((times(self.X, w) - self.y).norm(dim=1) / self.y.norm(dim=1)).tolist()


def times(X: Tensor, w: Tensor) -> Tensor:
    """The products of stacked matrices and vectors."""
    return (X @ w[..., None])[..., 0]


def descend(problems: Problems, steps: int, method: str) -> Tensor:
    """The last iterates of full-batch descent from zero, with or without momentum."""
    ends = []
    for X, y in zip(problems.X, problems.y, strict=True):
        rate = len(X) / float(torch.linalg.matrix_norm(X, 2).square())
        ends.append(gm.gradient_path(X, y, rate, steps, method=method).iterates[-1])
    return torch.stack(ends)


def stochastic(problems: Problems, steps: int, rng: torch.Generator, batch: int = 4) -> Tensor:
    """SGD from zero on batches of four rows, each divided by its largest curvature."""
    w = torch.zeros_like(problems.least)
    for _ in range(steps):
        rows = torch.randperm(problems.X.shape[1], generator=rng)[:batch]
        X = problems.X[:, rows]
        errors = times(X, w) - problems.y[:, rows]
        w = w - times(X.mT, errors) / X.square().sum((1, 2))[:, None]
    return w


def adaptive(problems: Problems, steps: int, make: Optimizer) -> Tensor:
    """The last iterates of an adaptive optimiser from zero, its rate falling to zero.

    It works coordinate by coordinate, so all seeds descend at once and none feels the others.
    """
    w = torch.zeros_like(problems.least, requires_grad=True)
    optimizer = make([w])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        (times(problems.X, w) - problems.y).square().mean(1).sum().backward()
        optimizer.step()
        schedule.step()
    return w.detach()


def row_space_formula(problems: Problems) -> Tensor:
    return times(problems.X.mT, torch.linalg.solve(problems.X @ problems.X.mT, problems.y))


def least_squares_formula(problems: Problems) -> Tensor:
    inverse, _ = torch.linalg.inv_ex(problems.X.mT @ problems.X)  # singular: that is the fault
    return times(inverse, times(problems.X.mT, problems.y))


def run(context: Context) -> Result:
    result = Result(context)
    steps = context["steps"]
    generators = [context.generator(k) for k in range(context["seeds"])]
    wide = Problems.drawn(WIDE, generators)
    tall = Problems.drawn(TALL, generators[:2])

    context.progress("descending")
    solutions = {
        "descent": descend(wide, steps, "gd"),
        "projection": row_space_formula(wide),
        "least-squares-formula": least_squares_formula(wide),
    }
    distances = {
        "gradient descent": wide.distances(solutions["descent"]),
        "momentum": wide.distances(descend(wide, steps, "momentum")),
        "SGD": wide.distances(stochastic(wide, steps, context.generator(98))),
    }
    result.contrast("gd", solutions, lambda w: max(wide.distances(w)))
    result.measure("momentum", max(distances["momentum"]))
    result.measure("sgd", max(distances["SGD"]))

    context.progress("descending with Adam and AdaGrad")
    ends = {name: adaptive(wide, steps, make) for name, make in ADAPTIVE.items()}
    distances["Adam"] = wide.distances(ends["adam"])
    distances["AdaGrad"] = wide.distances(ends["adagrad"])
    without_choice = tall.distances(adaptive(tall, steps, ADAPTIVE["adam"]))
    shapes = {"20 × 100": distances["Adam"], "over-determined": without_choice}
    result.contrast("adam", shapes, min, tolerance=0.02)
    result.measure("adagrad", min(distances["AdaGrad"]), tolerance=0.02)
    for name, w in ends.items():
        result.measure(f"{name}-residual", max(wide.residuals(w)), tolerance=0.02)

    X, y, least = wide.X[0], wide.y[0], wide.least[0]
    start = torch.randn(WIDE[1], generator=context.generator(99), dtype=torch.float64)
    projector = torch.eye(WIDE[1], dtype=torch.float64) - torch.linalg.pinv(X) @ X
    predicted = least + projector @ start
    reached = gm.gradient_path(X, y, RATE, steps, start=start).iterates[-1]
    result.measure("null-space-error", float((reached - predicted).norm() / predicted.norm()))

    result.figure(
        "distances",
        lambda ax, theme: draw_distances(ax, theme, distances),
        title="Distance to the solution of least norm",
        alt=(
            "One dot for each seed on a logarithmic axis: descent, momentum and SGD at rounding, "
            "Adam and AdaGrad near 0.6."
        ),
        data=distances,
    )
    paths = {
        name: split_path(gm.gradient_path(X, y, RATE, 60, start=begin).iterates, projector, least)
        for name, begin in {"from 0": torch.zeros_like(start), "from N(0, I)": start}.items()
    }
    result.figure(
        "paths",
        lambda ax, theme: draw_paths(ax, theme, paths),
        title="Descent moves in the row space only",
        alt="Two curves of descent: the error in the row space falls, the null space stays.",
    )
    return result


def split_path(iterates: Tensor, projector: Tensor, least: Tensor) -> tuple[Tensor, Tensor]:
    """Norms in the null space and distances to the solution in the row space, step by step."""
    null = iterates @ projector
    return null.norm(dim=1), (iterates - null - least).norm(dim=1)


def draw_distances(ax: Any, theme: Any, distances: dict[str, list[float]]) -> None:
    """One row of dots for each optimiser."""
    for row, values in enumerate(distances.values()):
        ax.scatter(values, [row] * len(values), color=theme.color(row), s=22)
    ax.set_xscale("log")
    ax.set_xlim(1e-17, 10)
    ax.axvline(1e-6, color=theme.muted, linestyle="--", linewidth=1)
    ax.axvline(0.3, color=theme.accent, linestyle="--", linewidth=1)
    ax.set_yticks(range(len(distances)), list(distances))
    ax.invert_yaxis()
    ax.set_xlabel("‖w − X⁺y‖ / ‖X⁺y‖")


def draw_paths(ax: Any, theme: Any, paths: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Null space across, row space upwards."""
    for k, (name, (null, row)) in enumerate(paths.items()):
        ax.plot(null, row, color=theme.color(k), marker=".", markersize=5, label=name)
    ax.set_xlabel("norm in the null space of X")
    ax.set_ylabel("distance to X⁺y in the row space")
    ax.margins(x=0.2)
    ax.legend()
