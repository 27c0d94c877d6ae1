"""Does width or depth help small nets?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gramian import train
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive, statistics
from gramian.labs.experiments._circles import circle, train_on_sets
from gramian.labs.experiments._small_nets import solves_xor

LAB = Lab(
    name="wider-deeper",
    topic="networks",
    question="Does width or depth help small nets?",
    answer="Width does; a second narrow layer does not, and one lucky start shows nothing.",
    source="EE4414, week 6; Dive into Deep Learning, section 5.1",
    method=(
        "Nets of sizes such as 2-3-1 (two inputs, three hidden units, one output) with ReLU start "
        "from weights and biases U(−0.2, 0.2) and are trained by gradient descent on the mean "
        "squared error, rate 0.1, 2,000 steps on all points. The deepest, 2-8-8-1, starts from "
        "U(−0.5, 0.5).\n\n"
        "XOR: the corners (±1, ±1). A start succeeds where the loss ends below 0.001; rates are "
        "compared on the same seeds by McNemar's exact test. Circle: 200 points from U[−1, 1]², "
        "label 1 where r² < ½ and −1 elsewhere, and the accuracy on 2,000 fresh points. Some sets "
        "of 200 points are harder than others: several are drawn, each is trained on from several "
        "starts, and best, median and worst of these are averaged over the sets."
    ),
    claims=(
        Claim(
            "three-units",
            "On XOR, 2-3-1 succeeds more often than 2-2-1.",
            "3-above-2",
            ">",
            0.0,
            kind="statistical",
            figure="starts",
        ),
        Claim(
            "eight-units",
            "On XOR, 2-8-1 succeeds more often than 2-3-1.",
            "8-above-3",
            ">",
            0.0,
            kind="statistical",
            figure="starts",
        ),
        Claim(
            "deeper",
            "On XOR, 2-3-2-1 is not better than 2-3-1.",
            "deeper-above-3",
            "<",
            0.05,
            kind="statistical",
            figure="starts",
        ),
        Claim(
            "one-seed",
            "Seed 8, which the course shows, solves XOR with all three of its nets.",
            "seed-8",
            "==",
            [True, True, True],
            kind="exact",
        ),
        Claim(
            "two-too-few",
            "On the circle, the best start of 2-2-1 gets no further than 0.85.",
            "circle-2-best",
            "<=",
            0.85,
            figure="circle",
        ),
        Claim(
            "eight-enough",
            "On the circle, the median start of 2-8-1 reaches 0.92.",
            "circle-8-median",
            ">=",
            0.92,
            figure="circle",
        ),
    ),
    controls=(
        positive("wide", "With 64 hidden units even the worst start does.", claim="eight-enough"),
        negative(
            "shuffled-labels",
            "Shuffled labels are not learnt.",
            claim="eight-enough",
            must=("<=", 0.65),
        ),
        negative("same-net", "2-3-1 is not better than itself.", claim="three-units"),
        negative(
            "wider-for-deeper",
            "Width in the place of depth is found to be better.",
            claim="deeper",
            must=(">", 0.1),
        ),
    ),
    published_errors=(
        PublishedError(
            "EE4414, week 6",
            "one seed is shown, from which every net succeeds",
            "hundreds of starts of each net, with intervals",
        ),
        PublishedError(
            "EE4414, week 6",
            "weights are built on uninitialised memory, and their shapes are mislabelled",
            "weights are drawn from a generator of their own",
        ),
    ),
    quick={
        "starts": 400,
        "activations": ["ReLU"],
        "sets": 6,
        "starts_per_set": 8,
        "wide_starts": 2,
        "epochs": 40,
        "steps": 50,
    },
    full={
        "starts": 1000,
        "activations": ["ReLU", "Tanh"],
        "sets": 12,
        "starts_per_set": 20,
        "wide_starts": 10,
    },
    seconds=(40, 300),
)

COURSE_NETS = {"2-2-1": (2, 2, 1), "2-3-1": (2, 3, 1), "2-3-2-1": (2, 3, 2, 1)}
XOR_NETS = {**COURSE_NETS, "2-8-1": (2, 8, 1)}
CIRCLE_NETS = {**XOR_NETS, "2-8-8-1": (2, 8, 8, 1), "2-64-1": (2, 64, 1)}
DEEPEST, WIDE, COURSE_SEED = "2-8-8-1", "2-64-1", 8
POINTS, FRESH = 200, 2000
Models = Sequence[nn.Module]


def run(context: Context) -> Result:
    result = Result(context)
    rates = compare_on_xor(context, result)
    compare_on_circles(context, result)
    result.figure(
        "starts",
        lambda ax, theme: draw_rates(ax, theme, rates),
        title="Starts that solve XOR",
        alt="Bars with intervals: 2-3-1 above 2-2-1, 2-3-2-1 below 2-3-1, 2-8-1 near one.",
        data={
            "net": [name for name, _ in rates],
            "activation": [activation for _, activation in rates],
            "share": [rate.value for rate in rates.values()],
        },
        size=(6.4, 3.6),
    )
    return result


def compare_on_xor(context: Context, result: Result) -> dict[tuple[str, str], statistics.Estimate]:
    """Rates of success with their intervals, by net and activation."""
    length = {"epochs": context["epochs"], "steps": context["steps"]}
    seeds, success, rates = context.seeds(context["starts"]), {}, {}
    pairs = [(net, act) for act in context["activations"] for net in XOR_NETS]
    for net, activation in context.each(pairs, "XOR net"):
        solved = solves_xor(XOR_NETS[net], getattr(nn, activation), seeds, **length)
        rates[net, activation] = rate = statistics.wilson(int(solved.sum()), len(seeds))
        result.measure(f"success-{activation}-{net}".lower(), rate, tolerance=0.02)
        success[net, activation] = solved
    hits = {net: success[net, "ReLU"] for net in XOR_NETS}
    three = hits["2-3-1"]
    result.contrast(
        "3-above-2",
        {"2-2-1": hits["2-2-1"], "same-net": three},
        lambda theirs: statistics.mcnemar(three, theirs),
        tolerance=0.02,
    )
    result.measure("8-above-3", statistics.mcnemar(hits["2-8-1"], three), tolerance=0.02)
    result.contrast(
        "deeper-above-3",
        {"2-3-2-1": hits["2-3-2-1"], "wider-for-deeper": hits["2-8-1"]},
        lambda ours: statistics.equivalence(ours.astype(float) - three),
        tolerance=0.02,
    )
    course = [solves_xor(s, nn.ReLU, [COURSE_SEED], **length) for s in COURSE_NETS.values()]
    result.measure("seed-8", [bool(solved[0]) for solved in course])
    return rates


def compare_on_circles(context: Context, result: Result) -> None:
    """Accuracies by net, start and data set, and what one net of each size has learnt."""
    rng, sets = context.generator(900), context["sets"]
    X, y = circle(rng, sets, POINTS)
    fresh, truth = circle(rng, FRESH)
    shuffled = torch.stack([part[torch.randperm(POINTS, generator=rng)] for part in y])

    def trained(sizes: Sequence[int], starts: int, labels: Tensor, bound: float = 0.2) -> Models:
        seeds = context.seeds(starts * sets)
        length = {"epochs": context["epochs"], "steps": context["steps"]}
        return train_on_sets(sizes, X, labels, seeds, bound=bound, **length)

    def accuracies(models: Models) -> np.ndarray:
        answers = torch.stack([train.predict(model, fresh) for model in models])
        return (answers.sign() == truth).float().mean((1, 2)).numpy().reshape(-1, sets)

    found, shown = {}, {}
    for name, sizes in context.each(CIRCLE_NETS.items(), "circle net"):
        starts = context["wide_starts" if name == WIDE else "starts_per_set"]
        models = trained(sizes, starts, y, 0.5 if name == DEEPEST else 0.2)
        found[name] = accuracies(models)
        ahead = int(found[name][:, 0].argmax())
        shown[name] = models[ahead * sets], float(found[name][ahead, 0])
        result.measure(
            f"circle-{name}", [float(f(found[name])) for f in (best, median, worst)], tolerance=0.05
        )
    result.measure("circle-2-best", best(found["2-2-1"]), tolerance=0.05)
    wrong = trained((2, 8, 1), context["starts_per_set"], shuffled)
    cases = {
        "2-8-1": median(found["2-8-1"]),
        "wide": worst(found[WIDE]),
        "shuffled-labels": median(accuracies(wrong)),
    }
    result.contrast("circle-8-median", cases, lambda value: value, tolerance=0.02)
    draw_borders(result, shown, X[0], y[0])


def best(accuracies: np.ndarray) -> float:
    """The best start of each data set, averaged over the sets; `median` and `worst` likewise."""
    return float(accuracies.max(0).mean())


def median(accuracies: np.ndarray) -> float:
    return float(np.median(accuracies, 0).mean())


def worst(accuracies: np.ndarray) -> float:
    return float(accuracies.min(0).mean())


def draw_rates(ax: Any, theme: Any, rates: dict[tuple[str, str], statistics.Estimate]) -> None:
    """One bar for each net and activation, with its interval."""
    activations = list(dict.fromkeys(activation for _, activation in rates))
    width = 0.8 / len(activations)
    for k, activation in enumerate(activations):
        own = [rates[net, activation] for net in XOR_NETS]
        heights = np.array([rate.value for rate in own])
        bounds = np.array([rate.interval for rate in own]).T
        places = np.arange(len(own)) + (k - (len(activations) - 1) / 2) * width
        ax.bar(places, heights, 0.9 * width, color=theme.color(k), label=activation)
        ax.errorbar(
            places, heights, np.abs(bounds - heights), fmt="none", ecolor=theme.text, capsize=4
        )
    ax.set_xticks(range(len(XOR_NETS)), list(XOR_NETS))
    ax.set(ylim=(0, 1.02), xlabel="units of each layer", ylabel="share of starts that succeed")
    if len(activations) > 1:
        ax.legend(loc="lower right")


def draw_borders(
    result: Result, shown: dict[str, tuple[nn.Module, float]], X: Tensor, y: Tensor
) -> None:
    """What the best start of each net answers over the square."""
    axis = torch.linspace(-1, 1, 80)
    grid = torch.cartesian_prod(axis, axis)
    answers = {
        f"{name}, {accuracy:.3f}": train.predict(model, grid).reshape(80, 80).T.numpy()
        for name, (model, accuracy) in shown.items()
    }
    points, inside = X.numpy(), (y[:, 0] > 0).numpy()

    def draw(axes: Any, theme: Any) -> None:
        for ax, (title, values) in zip(axes.flat, answers.items(), strict=True):
            look = {"cmap": theme.colormap("diverging"), "vmin": -1.5, "vmax": 1.5}
            ax.imshow(values, extent=(-1, 1, -1, 1), origin="lower", **look)
            if values.min() < 0 < values.max():
                ax.contour(axis, axis, values, levels=[0.0], colors=theme.text, linewidths=1.2)
            for own, marker in ((inside, "o"), (~inside, "x")):
                ax.scatter(*points[own].T, s=7, marker=marker, color=theme.text, linewidths=0.6)
            ax.set_title(title, fontsize=10, color=theme.text)
            ax.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], aspect="equal")

    result.figure(
        "circle",
        draw,
        title="The best start of each net on one data set, with its accuracy",
        alt=(
            "Six maps with the points. The border of 2-2-1 leaves a side of the circle open; those "
            "of eight units and more close around it."
        ),
        data={
            "net": list(shown),
            "accuracy": [accuracy for _, accuracy in shown.values()],
        },
        size=(9.6, 6.6),
        panels=(2, 3),
    )
