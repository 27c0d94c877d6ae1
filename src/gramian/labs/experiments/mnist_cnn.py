"""Is the accuracy that a training loop reports the real one?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional

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
    statistics,
)
from gramian.labs.experiments._digit_network import BATCH, Trained, fit, over_batches, some_of
from gramian.labs.experiments._digits import Part, load_part

FLOOR = math.log(math.e + 9) - 1
"""Cross-entropy of ten probabilities taken for scores, where they are exactly right."""
COMPLETE = "only full mode trains on all images"

LAB = Lab(
    name="mnist-cnn",
    topic="networks",
    question="Is the accuracy that a training loop reports the real one?",
    answer="Only where hits are counted: means over batches are off, and a last index is far off.",
    source="Advanced topics in machine learning (University of Trieste), lab 3, networks",
    method=(
        "A network of 32 filters of 3 × 3 pixels, 128 hidden units and 10 scores (2,770,634 "
        "parameters), Adam with rate 0.001, batches of 32. The accuracy on the test images is "
        "computed in three ways: hits over images; the mean of the accuracies of the batches, "
        "where a short last batch counts as much as a long one; and the sum of these accuracies "
        "over the index of the last batch, which is one less than their number.\n\n"
        "Softmax before a cross-entropy that takes scores is applied twice. The scores are then "
        "probabilities, so the loss stays above log(e + 9) − 1 = 1.4612 however right they are, "
        "and gradients are small. Each seed trains one network on scores and one on "
        "probabilities, from the same weights and on the same batches: 3,200 images, two epochs. "
        "Full mode also trains the second kind on all 60,000 images for five epochs, as the "
        "source does."
    ),
    claims=(
        Claim(
            "exact",
            "The trainer's accuracy is the number of hits over the number of images.",
            "bookkeeping-error",
            "<",
            1e-6,
            figure="bookkeeping",
        ),
        Claim(
            "shortcuts",
            "Neither the mean of batches nor the last index gives that accuracy.",
            ("batch-means-error", "last-index-error"),
            ">",
            1e-5,
            figure="bookkeeping",
        ),
        Claim(
            "floor",
            "With softmax applied twice no batch has a loss below 1.4612.",
            "least-loss",
            ">=",
            FLOOR - 1e-6,
            figure="losses",
        ),
        Claim(
            "scores",
            "Trained on scores, networks are right as often after two epochs, or more often.",
            "gain",
            ">=",
            -0.01,
            modes=("quick",),
            figure="losses",
        ),
        Claim(
            "scores-paired",
            "Trained on scores, a network is right more often after two epochs.",
            "gain-paired",
            ">",
            0,
            kind="statistical",
            modes=("full",),
            figure="losses",
        ),
        Claim("learned", "Networks trained on scores know their digits.", "accuracy", ">=", 0.8),
        Claim(
            "complete",
            "All images, five epochs: the true accuracy on the test images.",
            "complete-test",
            ">=",
            0.97,
            modes=("full",),
        ),
    ),
    controls=(
        positive(
            "one-batch",
            "All images in one batch: its accuracy is that of the images.",
            claim="exact",
        ),
        negative("batch-means", "The mean of the batches' accuracies.", claim="exact"),
        negative(
            "last-index",
            "The sum of the batches' accuracies over the last index.",
            claim="exact",
            must=(">", 0.002),
        ),
        positive(
            "certain", "A network that is certain and right sits on the floor.", claim="floor"
        ),
        negative(
            "one-softmax",
            "The loss of scores goes far below the floor.",
            claim="floor",
            must=("<", 1.0),
        ),
        negative(
            "shuffled-labels",
            "Trained on shuffled labels, it guesses.",
            claim="learned",
            must=("<=", 0.3),
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 3, the loss",
            "softmax in front of a cross-entropy that applies it again",
            "the network gives scores; the doubled softmax is run beside it",
        ),
        PublishedError(
            "lab 3, the printed accuracies",
            "sums over batches are divided by the index of the last batch",
            "hits are counted, and divided by the number of images",
        ),
    ),
    source_values=(
        SourceValue(
            "lab 3", "accuracy in training, %", 98.898, "complete-train-last-index", 0.4, COMPLETE
        ),
        SourceValue(
            "lab 3", "accuracy on test, %", 98.357, "complete-test-last-index", 0.4, COMPLETE
        ),
        SourceValue(
            "lab 3", "loss of the first epoch", 1.5870, "complete-first-loss", 0.05, COMPLETE
        ),
        SourceValue(
            "lab 3", "loss of the last epoch", 1.4741, "complete-last-loss", 0.005, COMPLETE
        ),
    ),
    data=("mnist",),
    quick={"images": 3200, "epochs": 2, "seeds": 3, "complete_epochs": 0},
    full={"seeds": 12, "complete_epochs": 5},
    seconds=(25, 300),
)


def run(context: Context) -> Result:
    result = Result(context)
    training, test = (load_part(context, split) for split in ("train", "test"))
    seeds = context.seeds(context["seeds"])

    def trained(seed: int, *, doubled: bool = False, shuffled: bool = False) -> Trained:
        rng = torch.Generator().manual_seed(seed)
        part = some_of(training, context["images"], rng, shuffled=shuffled)
        return fit(part, test, context["epochs"], seed, doubled=doubled)

    single = [trained(seed) for seed in context.each(seeds, "network")]
    double = [trained(seed, doubled=True) for seed in context.each(seeds, "doubled softmax")]
    guessing = [trained(seeds[0], shuffled=True)]
    result.contrast(
        "accuracy",
        {"scores": single, "shuffled-labels": guessing},
        lambda runs: float(np.mean([run.accuracy for run in runs])),
        tolerance=0.03,
    )
    gains = [a.accuracy - b.accuracy for a, b in zip(single, double, strict=True)]
    result.measure("gain", float(np.mean(gains)), tolerance=0.03)
    if len(gains) >= 8:
        result.measure("gain-paired", statistics.sign_flip(gains, seeds), tolerance=0.03)
    losses = {
        "doubled": min(float(run.losses.min()) for run in double),
        "certain": float(functional.cross_entropy(torch.eye(10), torch.arange(10))),
        "one-softmax": min(float(run.losses.min()) for run in single),
    }
    result.contrast("least-loss", losses, float, tolerance=0.02)

    runs = [*single, *double]
    true = np.array([run.accuracy for run in runs])
    short = [over_batches(run.hits, BATCH) for run in runs]
    reported = {
        "trainer": [run.history["val_acc"][-1] for run in runs],
        "one-batch": [over_batches(run.hits, len(run.hits))[0] for run in runs],
        "batch-means": [mean for mean, _ in short],
        "last-index": [last for _, last in short],
    }
    errors = {name: np.array(values) - true for name, values in reported.items()}
    sizes = {name: float(np.abs(error).mean()) for name, error in errors.items()}
    result.contrast("bookkeeping-error", sizes, float, tolerance=1e-3)
    for name in ("batch-means", "last-index"):
        result.measure(f"{name}-error", sizes[name], tolerance=1e-3)
    if context["complete_epochs"]:
        context.progress("training on all images")
        measure_complete(
            result, fit(training, test, context["complete_epochs"], seeds[0], doubled=True)
        )
    draw_all(result, single, double, errors, test)
    return result


def measure_complete(result: Result, run: Trained) -> None:
    """What the source prints, in its way, and the accuracies themselves."""
    accuracies = run.history.steps["train_acc"]
    last = accuracies[-len(accuracies) // len(run.history) :]
    result.measure("complete-train", run.history["train_acc"][-1], tolerance=0.02)
    result.measure("complete-test", run.accuracy, tolerance=0.02)
    result.measure("complete-train-last-index", 100 * last.sum() / (len(last) - 1), tolerance=0.02)
    result.measure(
        "complete-test-last-index", 100 * over_batches(run.hits, BATCH)[1], tolerance=0.02
    )
    result.measure("complete-first-loss", run.history["train_loss"][0], tolerance=0.02)
    result.measure("complete-last-loss", run.history["train_loss"][-1], tolerance=0.02)


def draw_all(
    result: Result,
    single: list[Trained],
    double: list[Trained],
    errors: dict[str, Any],
    test: Part,
) -> None:
    """Bookkeepings, losses, pairs and mistakes."""
    true = [100 * run.accuracy for run in (*single, *double)]
    points = {name: 100 * errors[name] for name in ("trainer", "batch-means", "last-index")}
    result.figure(
        "bookkeeping",
        lambda ax, theme: draw_bookkeeping(ax, theme, true, points),
        title="Reported accuracy less the true one",
        alt=(
            "One column of three marks for each network: the trainer's at 0, the mean of batches "
            "near 0 on either side, the last index well above."
        ),
        data={"true accuracy, %": true, **{name: each.tolist() for name, each in points.items()}},
    )
    steps = len(single[0].losses)
    places = np.arange(1, 1 + steps) * len(single[0].history) / steps
    result.figure(
        "losses",
        gm.LearningCurveDisplay.from_predictions(
            {
                "loss of scores": (places, single[0].losses),
                "loss of probabilities": (places, double[0].losses),
                "log(e + 9) − 1": ([0, places[-1]], [FLOOR, FLOOR]),
            }
        ),
        title="Loss of each batch",
    )
    pairs = [(100 * a.accuracy, 100 * b.accuracy) for a, b in zip(single, double, strict=True)]
    result.figure(
        "pairs",
        lambda ax, theme: draw_pairs(ax, theme, pairs),
        title="Test accuracy of each pair",
        alt="For each seed a line from the network trained on probabilities to that on scores.",
        data={"scores, %": [a for a, _ in pairs], "probabilities, %": [b for _, b in pairs]},
    )
    result.figure(
        "mistakes",
        gm.WrongPredictionsDisplay.from_predictions(test[0][:, 0], test[1], single[0].scores),
        title="The surest mistakes of the first network",
    )


def draw_bookkeeping(ax: Any, theme: Any, true: list[float], points: dict[str, Any]) -> None:
    """One column of marks for each network."""
    for k, (name, error) in enumerate(points.items()):
        ax.scatter(true, error, color=theme.color(k), marker="o^s"[k], s=36, label=name)
    ax.axhline(0, color=theme.muted, linewidth=0.8)
    ax.set(xlabel="true test accuracy, %", ylabel="reported less true, points")
    ax.legend()


def draw_pairs(ax: Any, theme: Any, pairs: list[tuple[float, float]]) -> None:
    """A line for each seed."""
    for row, (scores, probabilities) in enumerate(pairs):
        ax.plot([probabilities, scores], [row, row], color=theme.muted, linewidth=1, zorder=1)
    for k, name in enumerate(("scores", "probabilities")):
        ax.scatter([pair[k] for pair in pairs], range(len(pairs)), color=theme.color(k), label=name)
    ax.set_yticks(range(len(pairs)), [f"seed {row}" for row in range(len(pairs))])
    ax.set_xlabel("test accuracy, %")
    ax.invert_yaxis()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
