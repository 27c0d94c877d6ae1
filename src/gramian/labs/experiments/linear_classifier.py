"""What does hinge loss find, and when can no line help?"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

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

WEEK = "EE4414, week 3"

LAB = Lab(
    name="linear-classifier",
    topic="linear models",
    question="What does hinge loss find, and when can no line help?",
    answer=(
        "A line without errors where there is one, and the widest one only with a penalty on ‖w‖; "
        "alternating corners leave every line at three of four."
    ),
    source=f"{WEEK}, exercises 1.1 to 1.5",
    method=(
        "ŷ = w·x + b, class sign(ŷ) with 0 counted as −1. The hinge of a sample is "
        "max(0, 1 − Cŷ). One sample at a time, in turn: w moves by μ(Cx − λw), b by μC, where the "
        "hinge is positive; elsewhere only by −μλw. Start: w = (1, 3), b = 0; μ = 0.1.\n\n"
        "The source's first two points are (1, 0.5) and (0.1, −0.3); the others are pictures "
        "only, so (0.5, 0.8) and (−0.6, −0.2) are ours. The margin is min Cŷ / ‖w‖; the largest "
        "possible one is half the distance of the convex hulls of the classes.\n\n"
        "The corners (±1, ±1) have alternating classes. Every line is covered: sides of four "
        "points change only where the normal is perpendicular to a pair of them, so one normal in "
        "each sector between, with every threshold, gives them all. For the corners "
        "Σ Cŷ = 0, so that the mean hinge is at least 1."
    ),
    claims=(
        Claim(
            "separable",
            "Hinge loss alone separates the points: all are right, the loss is 0.",
            ("separable-errors", "separable-loss"),
            "<=",
            0.0,
            figure="boundary",
        ),
        Claim(
            "one-sample",
            "The loss of one sample rises on the way, while that of all never does.",
            "rises",
            "==",
            [2, 0],
            kind="exact",
            figure="losses",
        ),
        Claim(
            "penalty-widens",
            "With λ = 0.01 the margin is nearly the largest possible.",
            "margin-share",
            ">=",
            0.95,
            figure="margins",
        ),
        Claim("hinge-alone", "Without it the margin stays far below.", "share-alone", "<", 0.8),
        Claim(
            "corners",
            "No line gets more than three of the four alternating corners.",
            ("best-line", "trained-corners"),
            "<=",
            0.75,
            figure="corners",
        ),
        Claim("corner-loss", "Their mean hinge is at least 1.", "corner-hinge", ">=", 1 - 1e-12),
    ),
    controls=(
        positive(
            "svm",
            "A support vector machine has the largest margin.",
            claim="penalty-widens",
            must=("in", (0.999, 1.001)),
        ),
        negative("no-penalty", "Hinge alone does not reach it.", claim="penalty-widens"),
        negative("shuffled-labels", "Shuffled labels do not teach the true.", claim="separable"),
        negative(
            "one-class-per-side",
            "Corners with one class on each side are separated by a line.",
            claim="corners",
            must=("==", 1.0),
        ),
    ),
    published_errors=(
        PublishedError(
            WEEK,
            "the hinge is said to maximise the margin; without a penalty on ‖w‖ it does not",
            "both are run, beside the largest possible margin",
        ),
        PublishedError(
            WEEK,
            "the boundary x₁ = −x₀w₀/w₁ − b/w₁ divides by 0 for a vertical line",
            "the line is drawn as the level 0 of ŷ",
        ),
        PublishedError(
            WEEK,
            "the loss is said to fluctuate; shown is that of one sample at a time",
            "the loss of all samples is shown beside it",
        ),
    ),
    source_values=(
        SourceValue(f"{WEEK}, 1.2", "ŷ of the first two points", [2.5, -0.8], "outputs", 1e-9),
        SourceValue(f"{WEEK}, 1.2", "their classes", [1, -1], "classes"),
    ),
    quick={"corner_starts": 20, "epochs": 1000},
    full={"corner_starts": 200},
    seconds=(5, 20),
)

POINTS = np.array([(1, 0.5), (0.1, -0.3), (0.5, 0.8), (-0.6, -0.2)])
CLASSES = np.array([1, -1, 1, -1])
CORNERS = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=float)
ALTERNATING = np.array([1, -1, 1, -1])
ONE_SIDED = np.array([1, 1, -1, -1])
START = np.array([1.0, 3.0])
RATE, PENALTY = 0.1, 0.01


@dataclass
class Line:
    """ŷ = w·x + b."""

    w: np.ndarray
    b: float

    def output(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(X @ self.w + self.b)

    def classify(self, X: np.ndarray) -> np.ndarray:
        return np.where(self.output(X) > 0, 1, -1)

    def accuracy(self, X: np.ndarray, y: np.ndarray) -> float:
        return float((self.classify(X) == y).mean())

    def hinge(self, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.maximum(0, 1 - y * self.output(X))

    def margin(self) -> float:
        """Of the source's points."""
        return float((CLASSES * self.output(POINTS)).min() / np.linalg.norm(self.w))


def train(
    X: np.ndarray, y: np.ndarray, penalty: float, epochs: int, start: np.ndarray = START
) -> list[Line]:
    """The line before the first step and after each."""
    w, b, lines = start.astype(float), 0.0, [Line(start.astype(float), 0.0)]
    for x, c in itertools.islice(itertools.cycle(zip(X, y, strict=True)), epochs * len(X)):
        wrong = c * (x @ w + b) < 1
        w = w + RATE * (wrong * c * x - penalty * w)
        b = b + RATE * wrong * c
        lines.append(Line(w, float(b)))
    return lines


def largest_margin() -> float:
    """Half the distance of the convex hulls: each is a segment of two points."""
    ends, gaps = [POINTS[::2], POINTS[1::2]], []
    for (a, b), others in (ends, ends[::-1]):
        for point in others:
            t = np.clip((point - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            gaps.append(float(np.linalg.norm(point - a - t * (b - a))))
    return min(gaps) / 2


def best_accuracy(X: np.ndarray, y: np.ndarray) -> float:
    """Of every line: one normal in each sector, all thresholds."""
    pairs = [a - b for a, b in itertools.combinations(X, 2)]
    turns = np.sort([np.arctan2(dx, -dy) % np.pi for dx, dy in pairs])
    turns = np.concatenate([turns, turns + np.pi, turns[:1] + 2 * np.pi])
    best = 0.0
    for angle in (turns[:-1] + turns[1:]) / 2:
        normal = np.array([np.cos(angle), np.sin(angle)])
        heights = np.sort(X @ normal)
        cuts = [heights[0] - 1, *((heights[:-1] + heights[1:]) / 2), heights[-1] + 1]
        best = max(best, *(Line(normal, -cut).accuracy(X, y) for cut in cuts))
    return best


def run(context: Context) -> Result:
    result = Result(context)
    first = Line(START, 0.0)
    result.measure("outputs", first.output(POINTS[:2]))
    result.measure("classes", first.classify(POINTS[:2]))

    alone = train(POINTS, CLASSES, 0.0, 100)
    shuffled = train(POINTS, np.roll(CLASSES, 1), 0.0, 100)
    ends = {"hinge": alone[-1], "shuffled-labels": shuffled[-1]}
    result.contrast("separable-errors", ends, lambda line: 1 - line.accuracy(POINTS, CLASSES))
    result.measure("separable-loss", float(alone[-1].hinge(POINTS, CLASSES).sum()))
    single = [float(line.hinge(POINTS, CLASSES)[k % 4]) for k, line in enumerate(alone[:-1])]
    whole = [float(line.hinge(POINTS, CLASSES).mean()) for line in alone]
    result.measure("rises", [int((np.diff(values) > 0).sum()) for values in (single, whole)])

    svm = gm.LinearSVC(loss="hinge", C=1e3, intercept_scaling=30).fit(POINTS, CLASSES)
    largest = Line(svm.coef_[0], float(svm.intercept_[0]))
    penalised = train(POINTS, CLASSES, PENALTY, context["epochs"])[-1]
    lines = {"λ = 0.01": penalised, "svm": largest, "no-penalty": alone[-1]}
    exact = largest_margin()
    result.contrast("margin-share", lines, lambda line: line.margin() / exact)
    result.measure("share-alone", alone[-1].margin() / exact)
    margins = [line.margin() for line in lines.values()]
    result.measure("margins", margins, tolerance=1e-3)

    labels = {"alternating": ALTERNATING, "one-class-per-side": ONE_SIDED}
    result.contrast("best-line", labels, lambda y: best_accuracy(CORNERS, y))
    rng = context.rng()
    starts = rng.normal(size=(context["corner_starts"], 2))
    corner = [train(CORNERS, ALTERNATING, 0.0, 100, start)[-1] for start in starts]
    result.measure("trained-corners", max(e.accuracy(CORNERS, ALTERNATING) for e in corner))
    hinges = [float(line.hinge(CORNERS, ALTERNATING).mean()) for line in corner]
    result.measure("corner-hinge", min(hinges))
    add_figures(result, alone, lines, single, whole, corner)
    return result


def add_figures(
    result: Result,
    alone: list[Line],
    lines: dict[str, Line],
    single: list[float],
    whole: list[float],
    corner: list[Line],
) -> None:
    steps = [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 40, 400]
    result.animation(
        "boundary",
        lambda ax, theme, frame: draw_lines(
            ax, theme, POINTS, CLASSES, {f"step {steps[frame]}": alone[steps[frame]]}
        ),
        frames=[f"step {k}: loss of all {whole[k]:.3f}" for k in steps],
        title="The boundary on its way",
        alt="A line turns and shifts a little until all four points have a hinge of 0.",
        size=(5.6, 5.0),
        seconds=0.6,
    )
    result.figure(
        "losses",
        lambda ax, theme: draw_losses(ax, theme, single, whole),
        title="One sample's loss rises, the loss of all does not",
        alt="A jagged curve of single losses, and a falling one of their mean; both end at 0.",
        data={"step": list(range(24)), "one sample": single[:24], "all samples": whole[:24]},
    )
    result.figure(
        "margins",
        lambda ax, theme: draw_lines(ax, theme, POINTS, CLASSES, lines),
        title="Three lines without errors",
        alt="The line of the hinge alone passes close to a point; the other two lie midway.",
        data={"line": list(lines), "margin": [e.margin() for e in lines.values()]},
        size=(5.6, 5.0),
    )
    some = {f"start {k + 1}": line for k, line in enumerate(corner[:3])}
    result.figure(
        "corners",
        lambda ax, theme: draw_lines(ax, theme, CORNERS, ALTERNATING, some),
        title="Alternating corners: where training ends",
        alt="Lines that each leave at least one of the four corners on the wrong side.",
        size=(5.6, 5.0),
    )


def draw_lines(ax: Any, theme: Any, X: np.ndarray, y: np.ndarray, lines: dict[str, Line]) -> None:
    """Points by class, and the level 0 of each line."""
    reach = 1.5
    grid = np.linspace(-reach, reach, 101)
    across, up = np.meshgrid(grid, grid)
    for k, (name, line) in enumerate(lines.items()):
        levels = line.output(np.stack([across, up], axis=-1))
        ax.contour(across, up, levels, levels=[0.0], colors=[theme.color(k + 2)], linewidths=1.6)
        ax.plot([], [], color=theme.color(k + 2), label=name)
    for k, (side, marker) in enumerate(((1, "o"), (-1, "s"))):
        ax.scatter(*X[y == side].T, s=60, marker=marker, color=theme.color(k), zorder=3)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x₀", ylabel="x₁")
    ax.set_aspect("equal")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)


def draw_losses(ax: Any, theme: Any, single: list[float], whole: list[float]) -> None:
    ax.plot(single[:24], color=theme.color(1), marker="o", markersize=3, label="one sample")
    ax.plot(whole[:24], color=theme.color(0), label="all samples, mean")
    ax.set(xlabel="step", ylabel="hinge")
    ax.legend()
