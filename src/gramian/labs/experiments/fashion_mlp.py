"""Does a hidden layer help, does a second, and what does batch size cost?"""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

import gramian as gm
from gramian import train
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    negative,
    positive,
    statistics,
    threads,
)
from gramian.labs.experiments._image_nets import HIDDEN, MODELS, RATE
from gramian.labs.experiments._images import Images, Trained, draw_weights, with_pixels

LAB = Lab(
    name="fashion-mlp",
    topic="networks",
    question="Does a hidden layer help, does a second, and what does batch size cost?",
    answer=(
        "One hidden layer with a bend helps a little, a second adds nothing; batches of one image "
        "waste most of the machine."
    ),
    source="Dive into Deep Learning, sections 5.1.1 and 5.2",
    method=(
        "A net 784-256-10 with ReLU on pixels in [0, 1], weights drawn from N(0, 0.01²), biases "
        "0, minibatch gradient descent with rate 0.1 on the cross-entropy. Quick: the small set, "
        "batches of 64, 20 epochs. Full: all 60,000 images, batches of 256, 10 epochs. Accuracy "
        "on the test images is the mean over the last three epochs.\n\n"
        "Each seed draws weights and the order of the batches, for the net, for softmax "
        "regression, and for the net without its ReLU; differences are taken seed by seed. A "
        "second hidden layer, 784-256-256-10, is compared with one under the initialisation of "
        "the library. A difference counts as none where the bounds of a bootstrap lie within a "
        "margin; that and the test of signs need the seeds of the full mode: with eight, the least "
        "p-value of three tests together would be 0.0117."
    ),
    claims=(
        Claim(
            "ahead",
            "In the mean over the seeds, the hidden layer is ahead of softmax regression by 0.002.",
            "mean-above-softmax",
            ">=",
            0.002,
            figure="curves",
        ),
        Claim(
            "better",
            "That it classifies more test images is no chance.",
            "above-softmax",
            ">",
            0.0,
            kind="statistical",
            modes=("full",),
            figure="curves",
        ),
        Claim(
            "bend",
            "Without its ReLU, the mean is within 0.015 of softmax regression.",
            "mean-straight-above-softmax",
            "in",
            (-0.015, 0.015),
            figure="curves",
        ),
        Claim(
            "equivalent",
            "So are the bounds of its difference.",
            "straight-above-softmax",
            "in",
            (-0.015, 0.015),
            kind="statistical",
            modes=("full",),
            figure="curves",
        ),
        Claim(
            "second",
            "A second hidden layer makes no difference beyond 0.01.",
            "second-above-first",
            "in",
            (-0.01, 0.01),
            kind="statistical",
            modes=("full",),
            figure="curves",
        ),
        Claim(
            "different",
            "Hidden units learn different things: their weights have a rank above 100.",
            "rank",
            ">",
            100,
            figure="weights",
        ),
        Claim(
            "batches",
            "Batches of 256 take at least ten times as many images a second as single images.",
            "batch-speed",
            ">=",
            10,
            kind="timing",
            figure="throughput",
        ),
    ),
    controls=(
        negative("straight", "Without its ReLU it is not ahead.", claim="ahead"),
        negative(
            "shuffled-labels",
            "Trained on shuffled labels, the straight net is not as good.",
            claim="bend",
            must=("<", -0.3),
        ),
        positive("library", "Drawn by the library's rule, they differ as well.", claim="different"),
        negative(
            "zero-start",
            "From zeros no unit ever differs from another.",
            claim="different",
            must=("<=", 1),
        ),
        negative("same-batches", "Batches of 256 against themselves are even.", claim="batches"),
    ),
    published_errors=(
        PublishedError(
            "Dive into Deep Learning, 5.2",
            "one run of each net is shown; the last epochs of one seed differ by less than the "
            "noise from epoch to epoch",
            "seeds in pairs, and the mean of three epochs",
        ),
    ),
    data=("fashion",),
    quick={
        "seeds": 6,
        "library_seeds": 1,
        "batch_size": 64,
        "epochs": 20,
        "threads": 1,  # batches of 64 are too small to share
        "images": 1024,
    },
    full={
        "seeds": 10,
        "library_seeds": 8,
        "batch_size": 256,
        "epochs": 10,
        "threads": 2,
        "images": 8192,
    },
    seconds=(55, 520),
)

BATCHES = (1, 4, 16, 64, 256, 1024, 4096)


OF_THE_LIBRARY = ("library", "two hidden layers")


def run(context: Context) -> Result:
    result = Result(context)
    parts = with_pixels(context.load("fashion", "train"), context.load("fashion", "test"))
    seeds = context.seeds(context["seeds"])

    def fit(
        model: train.Module, seed: int, *, shuffled: bool = False, epochs: int = context["epochs"]
    ) -> Trained:
        data = Images(parts, context["batch_size"], seed)
        if shuffled:
            X, y = data.parts[0]
            rng = torch.Generator().manual_seed(seed)
            data.parts[0] = X, y[torch.randperm(len(y), generator=rng)]
        with threads(context["threads"]):
            return Trained(model, train.Trainer(epochs, board=False).fit(model, data))

    runs: dict[str, list[Trained]] = {}
    for name, build in context.each(MODELS.items(), "net"):
        own = seeds[: context["library_seeds"]] if name in OF_THE_LIBRARY else seeds
        runs[name] = [fit(build(seed), seed) for seed in own]
        accuracies = [each.accuracy for each in runs[name]]
        estimate = statistics.mean(accuracies, seeds=own)
        result.measure(f"accuracy-{name.lower().replace(' ', '-')}", estimate, tolerance=0.02)
    wrong = [fit(MODELS["no ReLU"](seeds[0]), seeds[0], shuffled=True)]

    def above(ours: list[Trained], theirs: list[Trained] = runs["softmax"]) -> list[float]:
        """Differences of accuracy, seed by seed, as far as both have seeds."""
        return [a.accuracy - b.accuracy for a, b in zip(ours, theirs, strict=False)]

    result.contrast(
        "mean-above-softmax",
        {"relu": runs["one hidden layer"], "straight": runs["no ReLU"]},
        lambda ours: statistics.mean(above(ours), seeds=seeds),
        tolerance=0.02,
    )
    result.contrast(
        "mean-straight-above-softmax",
        {"straight": runs["no ReLU"], "shuffled-labels": wrong},
        lambda ours: statistics.mean(above(ours)),
        tolerance=0.02,
    )
    if context.mode == "full":
        deeper = above(runs["two hidden layers"], runs["library"])
        tests = {
            "above-softmax": statistics.sign_flip(above(runs["one hidden layer"]), seeds),
            "straight-above-softmax": statistics.equivalence(above(runs["no ReLU"]), seeds=seeds),
            "second-above-first": statistics.equivalence(deeper, seeds=seeds),
        }
        for name, found in tests.items():
            result.measure(name, found, tolerance=0.02)

    zeros = train.MLPScratch(784, 10, HIDDEN, RATE, sigma=0.0)
    fit(zeros, seeds[0], epochs=2)
    first_layers = {
        "scratch": runs["one hidden layer"][0].model.W1,
        "library": runs["library"][0].model.net[0].weight,
        "zero-start": zeros.W1,
    }
    result.contrast(
        "rank", first_layers, lambda W: int(torch.linalg.matrix_rank(W.detach())), tolerance=0.1
    )
    compare_batches(context, result, parts[0])
    draw_all(result, {name: each[0] for name, each in runs.items()})
    return result


def compare_batches(context: Context, result: Result, images: tuple[Tensor, Tensor]) -> None:
    """Images a second for every size of batch, and single images against batches of 256."""
    model = MODELS["one hidden layer"](0)
    optimizer = model.configure_optimizers()
    X, y = (part[: context["images"]] for part in images)

    def take(batch: int, count: int) -> None:
        """Steps over so many images; where they are fewer than the batch, over a whole one."""
        for first in range(0, max(count, batch), batch):
            rows = slice(first % len(X), first % len(X) + batch)
            optimizer.zero_grad()
            model.loss(model(X[rows]), y[rows]).backward()
            optimizer.step()

    result.contrast(
        "batch-speed",
        {"single": 1, "same-batches": 256},
        lambda batch: statistics.paired_times(lambda: take(256, 256), lambda: take(batch, 256)),
    )
    speeds = []
    for batch in context.each([b for b in BATCHES if b <= len(X)], "batch size"):
        count = min(len(X), 128 * batch)
        take(batch, batch)
        began = time.perf_counter()
        take(batch, count)
        speeds.append(count / (time.perf_counter() - began))
    sizes = list(BATCHES[: len(speeds)])
    result.figure(
        "throughput",
        lambda ax, theme: draw_speeds(ax, theme, sizes, speeds),
        title="Images a second while training",
        alt="The rate rises with the size of the batch and levels off at some hundreds.",
        data={"batch size": sizes, "images per second": speeds},
    )


def draw_speeds(ax: Any, theme: Any, sizes: list[int], speeds: list[float]) -> None:
    """One line over the sizes of batches."""
    ax.loglog(sizes, speeds, "o-", color=theme.color(0))
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.set_xticks([], minor=True)
    ax.set(xlabel="images in a batch", ylabel="images per second")


def draw_all(result: Result, runs: dict[str, Trained]) -> None:
    """Curves of the first seed, and what hidden units look at."""
    epochs = range(1, 1 + len(runs["softmax"].history))
    result.figure(
        "curves",
        gm.LearningCurveDisplay.from_predictions(
            {name: (epochs, trained.history["val_acc"]) for name, trained in runs.items()}
        ),
        title="Accuracy on the test images, first seed",
    )
    W = runs["one hidden layer"].model.W1.detach()
    strongest = W.norm(dim=0).argsort(descending=True)[:18]
    images = W[:, strongest].T.reshape(-1, 28, 28).numpy()
    result.figure(
        "weights",
        lambda axes, theme: draw_weights(axes, theme, images, [""] * len(images)),
        title="The weights of the eighteen strongest hidden units as images",
        alt="Eighteen images on one scale: outlines of sleeves, trouser legs, soles and bags.",
        size=(10.0, 5.2),
        panels=(3, 6),
    )
