"""What do too small, equal and too large students learn of a random teacher?"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gramian import train
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive, statistics
from gramian.labs.experiments._teachers import (
    EQUAL,
    TEST,
    Fresh,
    Standardised,
    Student,
    distance,
    linear_nmse,
    nmse,
    parameters_of,
    relu_net,
)

LAB = Lab(
    name="teacher-student",
    topic="networks",
    question="What do too small, equal and too large students learn of a random teacher?",
    answer=(
        "A small one leaves most of what a linear fit misses, larger ones far less; and no "
        "weights come to resemble the teacher's."
    ),
    source="Advanced topics in machine learning (University of Trieste), challenge 2024, part A",
    method=(
        "A teacher with layers of 100, 75, 50, 10 and 1 units, ReLU between them, and all weights "
        "and biases from N(0, 1), answers inputs from U[0, 2]¹⁰⁰. Students have hidden layers of "
        "10; of 75, 50 and 10; or of 200, 200, 200 and 100. Each sees batches of 128 fresh inputs "
        "and is trained with Adam on the squared error, the rate falling as a cosine. The first "
        "rate is tuned for each size, on a teacher of its own and a quarter of the steps.\n\n"
        "NMSE = mean (ŷ − y)² / var y on 60,000 test inputs that no choice looks at. The answers "
        "of a teacher spread by a hundred and more around a mean of up to a thousand, so y is "
        "standardised first; 1 is the error of a constant.\n\n"
        "Distributions of weights are compared by the Kolmogorov–Smirnov distance, the largest "
        "gap between the shares of parameters below a number: 0 for equal ones, 1 for separate "
        "ones."
    ),
    claims=(
        Claim(
            "order",
            "For each teacher, the small student errs more than the equal and the large one.",
            ("gap-equal", "gap-large"),
            ">=",
            0.02,
            figure="curves",
        ),
        Claim(
            "equal-below-small",
            "Over teachers, the equal student errs less than the small one.",
            "small-minus-equal",
            ">",
            0.0,
            kind="statistical",
            modes=("full",),
        ),
        Claim(
            "large-below-equal",
            "Over teachers, the large student errs less than the equal one.",
            "equal-minus-large",
            ">",
            0.0,
            kind="statistical",
            modes=("full",),
        ),
        Claim(
            "learns",
            "The equal student learns most of what its teacher answers.",
            "nmse-equal",
            "<",
            0.4,
            figure="curves",
        ),
        Claim(
            "linear",
            "The small one leaves most of the error of a linear fit.",
            "removed-of-linear",
            "<=",
            0.45,
        ),
        Claim(
            "weights",
            "While the error falls, the weights stay far from the teacher's distribution.",
            "distance-of-weights",
            ">",
            0.3,
            figure="weights",
        ),
    ),
    controls=(
        positive("teacher-start", "A student that starts as its teacher stays it.", claim="learns"),
        negative(
            "untrained",
            "Before training, a student is as good as a constant.",
            claim="learns",
            must=(">", 0.9),
        ),
        negative("twin", "A second small student is not better by that.", claim="order"),
        negative("large-student", "The large student removes more than half.", claim="linear"),
        negative(
            "teacher-weights",
            "Started as its teacher, a student keeps the distribution.",
            claim="weights",
            must=("<", 0.01),
        ),
    ),
    published_errors=(
        PublishedError(
            "challenge 2024, part A",
            "the teacher's answers are targets as they are, in the hundreds",
            "targets are standardised, and the rate is tuned for each student",
        ),
    ),
    quick={"teachers": 2, "epochs": 25, "steps_per_epoch": 100, "rates": [1e-3, 3e-3]},
    full={"teachers": 8, "steps_per_epoch": 200},
    seconds=(55, 600),
)

STUDENTS = {"small": (10,), "equal": EQUAL, "large": (200, 200, 200, 100)}
LAYERS = ["first", "second", "third", "output"]


def run(context: Context) -> Result:
    result = Result(context)
    n, epochs, steps = context["teachers"], context["epochs"], context["steps_per_epoch"]
    context.progress("making teachers")
    teachers = [Standardised(context.generator(k)) for k in range(n)]
    tutor = Standardised(context.generator(n))
    seed, twin_seed, data_seed, tuning_seed = context.seeds(n + 5)[n + 1 :]
    data, tuning = Fresh(teachers, steps, data_seed), Fresh([tutor], steps, tuning_seed)
    X, y = data.draw(TEST)

    def students(
        hidden: Sequence[int], data: Fresh, rates: Sequence[float], epochs: int, seed: int
    ) -> train.Sweep:
        """One student for each teacher and rate, all trained side by side."""

        def build(teacher: Tensor, lr: float, seed: int) -> Student:
            return Student(relu_net(hidden), teacher, lr)

        columns = torch.eye(len(data.teachers))
        annealing = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=epochs * steps)
        return train.fit_many(
            {str(k): partial(build, column) for k, column in enumerate(columns)},
            data,
            lrs=rates,
            seeds=[seed],
            max_epochs=epochs,
            schedule=train.Schedule(annealing, "step"),
        )

    sizes = list(STUDENTS.items())
    tried = {
        name: students(hidden, tuning, context["rates"], epochs // 4, seed)
        for name, hidden in context.each(sizes, "tuning student")
    }
    rates = {name: sweep.runs[sweep.best()].lr for name, sweep in tried.items()}
    sweeps = {
        name: students(hidden, data, [rates[name]], epochs, seed)
        for name, hidden in context.each(sizes, "student")
    }
    context.progress("twin")
    twins = students(STUDENTS["small"], data, [rates["small"]], epochs, twin_seed)

    def errors(models: Sequence[nn.Module]) -> np.ndarray:
        return np.array([nmse(model, X, y[:, k]) for k, model in enumerate(models)])

    error = {name: errors(sweep.models) for name, sweep in sweeps.items()}
    for name, values in error.items():
        result.measure(f"nmse-of-{name}", float(values.mean()), tolerance=0.02)
    result.measure("rates", list(rates.values()))
    rivals = {"equal": error["equal"], "twin": errors(twins.models)}
    result.contrast(
        "gap-equal", rivals, lambda e: float((error["small"] - e).min()), tolerance=0.02
    )
    result.measure("gap-large", float((error["small"] - error["large"]).min()), tolerance=0.02)
    if context.mode == "full":
        gaps = {"small-minus-equal": ("small", "equal"), "equal-minus-large": ("equal", "large")}
        for id, (more, less) in gaps.items():
            result.measure(id, statistics.sign_flip(error[more] - error[less]), tolerance=0.02)

    linear = np.array(linear_nmse(data, X, y))
    result.measure("nmse-of-linear", float(linear.mean()), tolerance=0.02)
    fitted = {"small": error["small"], "large-student": error["large"]}
    result.contrast(
        "removed-of-linear", fitted, lambda e: float(1 - e.mean() / linear.mean()), tolerance=0.02
    )

    context.progress("students that start as their teachers")
    started = [
        Student(copy.deepcopy(teacher), column, rates["equal"])
        for teacher, column in zip(teachers, torch.eye(n), strict=True)
    ]
    for student in started:
        student.requires_grad_()
        train.Trainer(1, board=False).fit(student, data)
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # layers draw from torch's own generator
        fresh = [Student(relu_net(EQUAL), column, rates["equal"]) for column in torch.eye(n)]
    cases = {"equal": error["equal"], "teacher-start": errors(started), "untrained": errors(fresh)}
    result.contrast("nmse-equal", cases, lambda e: float(e.max()), tolerance=0.02)
    nets = {"equal": sweeps["equal"].models, "teacher-weights": started}
    result.contrast(
        "distance-of-weights",
        nets,
        lambda models: min(map(distance, models, teachers)),
        tolerance=0.02,
    )
    result.measure("distance-before", min(map(distance, fresh, teachers)), tolerance=0.02)
    draw_all(result, sweeps, tried, teachers[0])
    return result


def draw_all(
    result: Result,
    sweeps: dict[str, train.Sweep],
    tried: dict[str, train.Sweep],
    teacher: nn.Module,
) -> None:
    """Curves, rates and weights."""
    curves = {name: [history["val_loss"] for history in sweep] for name, sweep in sweeps.items()}
    step = result.context["steps_per_epoch"]
    at = [step * (1 + epoch) for epoch in range(result.context["epochs"])]
    result.figure(
        "curves",
        lambda ax, theme: draw_curves(ax, theme, at, curves),
        title="Error of each student while it learns",
        alt="Falling curves in three bands: the small students end highest, the large ones lowest.",
        data={"step": at}
        | {f"{name}, teacher {k}": c for name, cs in curves.items() for k, c in enumerate(cs)},
    )
    rates = result.context["rates"]
    ends = {name: sweep.ends("val_loss") for name, sweep in tried.items()}
    result.figure(
        "rates",
        lambda ax, theme: draw_rates(ax, theme, rates, ends),
        title="Error of a quarter of the steps against the first rate",
        alt="A line for each size of student: which rate is best depends on the size.",
        data={"rate": rates, **ends},
        size=(4.6, 3.6),
    )
    student = sweeps["equal"].models[0]
    pairs = list(zip(parameters_of(teacher), parameters_of(student), strict=True))
    result.figure(
        "weights",
        lambda axes, theme: draw_weights(axes, theme, pairs),
        title="Parameters of a teacher and of its student of equal size",
        alt="Four panels, one for each layer: the teacher's bell is wide, the student's a spike.",
        caption="Density of the parameters of each layer, weights and biases together.",
        size=(10.0, 3.4),
        panels=(1, 4),
    )


def draw_curves(ax: Any, theme: Any, at: list[int], curves: dict[str, Any]) -> None:
    """One colour for each size, one line for each teacher."""
    for k, (name, lines) in enumerate(curves.items()):
        for number, line in enumerate(lines):
            ax.semilogy(at, line, color=theme.color(k), label=None if number else name)
    ax.set(xlabel="step", ylabel="NMSE on validation inputs")
    ax.legend()


def draw_rates(ax: Any, theme: Any, rates: list[float], ends: dict[str, list[float]]) -> None:
    """One line for each size."""
    for k, (name, values) in enumerate(ends.items()):
        ax.loglog(rates, values, color=theme.color(k), marker="o", label=name)
    ax.set(xlabel="first rate", ylabel="NMSE on validation inputs")
    ax.legend()


def draw_weights(axes: Any, theme: Any, pairs: list[tuple[Any, Any]]) -> None:
    """Two densities for each layer."""
    bins = np.linspace(-3, 3, 61)
    for ax, name, parts in zip(axes, LAYERS, pairs, strict=True):
        for k, (label, values) in enumerate(zip(("teacher", "student"), parts, strict=True)):
            ax.hist(values, bins, density=True, histtype="step", color=theme.color(k), label=label)
        ax.set_title(f"{name} layer", fontsize=10, color=theme.text)
        ax.set_xlabel("parameter")
    axes[0].set_ylabel("density")
    axes[0].legend(loc="upper left", fontsize=7)
