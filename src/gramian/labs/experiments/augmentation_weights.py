"""Does augmentation print its symmetry into the weights?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

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
from gramian.labs.experiments._augmented import (
    AUGMENTATIONS,
    Snapshots,
    accuracy,
    fit_linear,
    turned_averages,
    untrained,
    weight_images,
)
from gramian.labs.experiments._digits import load_part
from gramian.symmetry import inscribed_disc

LAB = Lab(
    name="augmentation-weights",
    topic="symmetry",
    question="Does augmentation print its symmetry into the weights?",
    answer="It does, and only a whole group prints a whole symmetry; accuracy pays for it.",
    source="Advanced topics in machine learning (University of Trieste), lab 4",
    method=(
        "One linear layer from 784 pixels to 10 scores, cross-entropy, gradient descent with rate "
        "0.01 and batches of 64: 20 epochs of the small set, or 2 epochs of all images, some "
        "1,880 steps either way. Whenever an image is seen it is moved anew: turned by an angle "
        "from [0°, 180°) or [0°, 360°), mirrored with probability ½, or shifted by up to 4 "
        "pixels. Pixels are normalised after that, so that what comes in at the edges is "
        "background.\n\n"
        "The radial share is the share of the variance of the ten images of weights, over the disc "
        "of radius 13.5, that lies between rings of one pixel: 1 for images that no turn changes, "
        "some 1/40 for noise. The mirror correlation is that of an image with its mirror image, "
        "mean over the digits. Both are means over three seeds."
    ),
    claims=(
        Claim(
            "round",
            "Turns through the full circle make the weights round.",
            "radial-share",
            ">=",
            0.5,
            figure="weights",
        ),
        Claim(
            "order",
            "The full circle prints more than half of it, and half of it more than none.",
            ("full-over-half", "half-over-none"),
            ">=",
            0.1,
            figure="shares",
        ),
        Claim(
            "mirror",
            "Flips make the weights their own mirror images.",
            "mirror-correlation",
            ">=",
            0.5,
            figure="weights",
        ),
        Claim(
            "price",
            "Each augmentation costs accuracy, on test images moved in its own way too.",
            "least-price",
            ">",
            0.03,
            figure="accuracies",
        ),
    ),
    controls=(
        positive(
            "averaged",
            "Weights averaged over 72 turns are round.",
            claim="round",
            must=(">=", 0.9),
        ),
        negative("half-circle", "Angles below 180° are no group.", claim="round"),
        negative("no-turns", "Trained on upright digits.", claim="round"),
        negative("untrained", "Weights as they were drawn.", claim="round", must=("<=", 0.1)),
        positive("mirrored-sum", "The sum of an image and its mirror image.", claim="mirror"),
        negative("no-flips", "Trained without flips.", claim="mirror"),
        negative("other-seeds", "Training again from other seeds costs nothing.", claim="price"),
    ),
    published_errors=(
        PublishedError(
            "lab 4, rotations",
            "angles from 0° to 180° are no group: half of the circle is missing",
            "the full circle is trained beside it",
        ),
        PublishedError(
            "lab 4, test set",
            "the test images are augmented too, and only that accuracy is shown",
            "accuracy on plain and on moved test images",
        ),
        PublishedError(
            "lab 4, test loss",
            "the function returns from inside its loop: the loss is that of one batch",
            "every test image counts",
        ),
    ),
    source_values=(
        SourceValue("lab 4", "mean of the pixels", 0.1307, "pixel-mean", 0.003),
        SourceValue("lab 4", "standard deviation of the pixels", 0.3081, "pixel-sd", 0.003),
    ),
    data=("mnist",),
    quick={"epochs": 20, "seeds": 3},
    full={"epochs": 2},
    seconds=(30, 40),
)

DISC = inscribed_disc(28, 28)
ACROSS = torch.arange(28) - 13.5
RADIUS = (ACROSS[:, None] ** 2 + ACROSS**2).sqrt()[DISC]


def ring_means(images: Tensor) -> Tensor:
    """The mean of the ring that each pixel of the disc lies in, (n, pixels of the disc)."""
    rings = RADIUS.floor().long()
    inside = images[:, DISC]
    sums = torch.zeros(len(images), 14).index_add_(1, rings, inside)
    return (sums / torch.bincount(rings))[:, rings]


def radial_share(images: Tensor) -> float:
    """Share of the variance of all images over the disc that lies between its rings."""
    between = ring_means(images).var(1, correction=0).sum()
    return float(between / images[:, DISC].var(1, correction=0).sum())


def mirror_correlation(images: Tensor) -> float:
    """Correlation with the mirror image, mean over the images."""
    pairs = [torch.stack([image.flatten(), image.flip(1).flatten()]) for image in images]
    return float(torch.stack([torch.corrcoef(pair)[0, 1] for pair in pairs]).mean())


def over_seeds(measure: Callable[[Tensor], float], seeds: list[Tensor]) -> float:
    """The mean of a measure of the images of weights."""
    return float(np.mean([measure(images) for images in seeds]))


def run(context: Context) -> Result:
    result = Result(context)
    training, test = load_part(context, "train"), load_part(context, "test")
    seeds = context.seeds(context["seeds"])
    grown = {name: Snapshots() for name in AUGMENTATIONS}
    nets: dict[str, list[nn.Sequential]] = {}
    for name in context.each(AUGMENTATIONS, "augmentation"):
        fit = partial(fit_linear, training, name, context["epochs"])
        nets[name] = [fit(seeds[0], grown[name]), *(fit(seed) for seed in seeds[1:])]
    nets["averaged"] = [turned_averages(net) for net in nets["full circle"]]
    nets["untrained"] = [untrained(seed) for seed in seeds]
    images = {name: [weight_images(net) for net in each] for name, each in nets.items()}
    cases = {
        "full circle": images["full circle"],
        "averaged": images["averaged"],
        "half-circle": images["half circle"],
        "no-turns": images["none"],
        "untrained": images["untrained"],
    }
    shares = {name: over_seeds(radial_share, each) for name, each in cases.items()}
    result.contrast("radial-share", shares, float, tolerance=0.02)
    half, none = shares["half-circle"], shares["no-turns"]
    result.measure("full-over-half", context.method(shares) - half, tolerance=0.02)
    result.measure("half-over-none", half - none, tolerance=0.02)
    mirrors = {
        "flips": images["flips"],
        "mirrored-sum": [each + each.flip(2) for each in images["none"]],
        "no-flips": images["none"],
    }
    correlation = partial(over_seeds, mirror_correlation)
    result.contrast("mirror-correlation", mirrors, correlation, tolerance=0.02)

    accuracies: dict[str, dict[str, list[float]]] = {"plain": {}, "moved": {}}
    for name, augment in AUGMENTATIONS.items():
        move = augment(len(test[1]), context.generator(len(seeds)))
        accuracies["plain"][name] = [accuracy(net, test) for net in nets[name]]
        accuracies["moved"][name] = [accuracy(net, test, move) for net in nets[name]]
    means = {kind: [np.mean(v) for v in each.values()] for kind, each in accuracies.items()}
    for kind, values in means.items():
        result.measure(f"accuracy-{kind}", values, tolerance=0.02)
    first, *others = accuracies["plain"]["none"]
    prices = {
        "augmented": means["plain"][0] - max(means["moved"][1:]),
        "other-seeds": abs(first - float(np.mean(others))),
    }
    result.contrast("least-price", prices, float, tolerance=0.02)
    result.measure("pixel-mean", float(training[0].mean()))
    result.measure("pixel-sd", float(training[0].std()))
    draw_all(result, grown, images, means)
    return result


def draw_all(
    result: Result,
    grown: dict[str, Snapshots],
    images: dict[str, list[Tensor]],
    means: dict[str, list[Any]],
) -> None:
    """Weights as they form, their shares, one profile, and what is paid."""
    steps = grown["none"].steps
    frames = {name: torch.stack(each.images).numpy() for name, each in grown.items()}
    result.animation(
        "weights",
        lambda ax, theme, frame: draw_weights(ax, theme, frames, frame),
        frames=[f"step {step:,}" for step in steps],
        title="The weights form, all on one scale",
        alt=(
            "Five rows of ten images of weights. Trained upright they show strokes; under turns "
            "through the full circle, rings; under flips, symmetric strokes."
        ),
        size=(7.2, 4.0),
    )
    shares = {name: [radial_share(each) for each in sets] for name, sets in images.items()}
    result.figure(
        "shares",
        lambda ax, theme: draw_shares(ax, theme, shares),
        title="Radial share of the weights' variance",
        alt="Bars: averaged near 1, then full circle, half circle, the others; untrained near 0.",
        data={"weights": list(shares), "radial share": [np.mean(v) for v in shares.values()]},
    )
    shown = {name: images[name][0][:1] for name in ("none", "half circle", "full circle")}
    result.figure(
        "profiles",
        lambda axes, theme: draw_profiles(axes, theme, shown),
        title="Weights of the digit 0 by their distance from the centre",
        alt="Three clouds of dots around the means of rings; the narrowest for the full circle.",
        size=(10.0, 3.4),
        panels=(1, 3),
    )
    result.figure(
        "accuracies",
        lambda ax, theme: draw_accuracies(ax, theme, means),
        title="Accuracy on the test images",
        alt="Pairs of bars, plain and moved: the highest without augmentation.",
        data={"augmentation": list(AUGMENTATIONS), **means},
    )


def draw_weights(ax: Any, theme: Any, frames: dict[str, Any], frame: int) -> None:
    """A row for each augmentation, a column for each digit."""
    bound = np.quantile(np.abs([each[-1] for each in frames.values()]), 0.998)
    rows = np.stack([each[frame] for each in frames.values()])
    tiles = np.pad(rows, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    table = tiles.swapaxes(1, 2).reshape(30 * len(rows), 300)
    colors = theme.colormap("diverging")
    ax.imshow(table, cmap=colors, vmin=-bound, vmax=bound, interpolation="nearest")
    ax.set_xticks(15 + 30 * np.arange(10), range(10))
    ax.set_yticks(15 + 30 * np.arange(len(rows)), list(frames))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def draw_shares(ax: Any, theme: Any, shares: dict[str, list[float]]) -> None:
    """A bar for each set of weights, a dot for each seed."""
    for row, values in enumerate(shares.values()):
        ax.barh(row, np.mean(values), color=theme.color(0), height=0.6)
        ax.scatter(values, [row] * len(values), color=theme.text, s=12, zorder=2)
    ax.set_yticks(range(len(shares)), list(shares))
    ax.invert_yaxis()
    ax.set(xlabel="radial share", xlim=(0, 1))


def draw_profiles(axes: Any, theme: Any, images: dict[str, Tensor]) -> None:
    """Weights over radius, and the means of rings."""
    order = RADIUS.argsort()
    bound = max(float(each.abs().max()) for each in images.values())
    for ax, (name, each) in zip(axes, images.items(), strict=True):
        ax.scatter(RADIUS.numpy(), each[0, DISC].numpy(), s=5, color=theme.muted)
        ax.step(RADIUS[order].numpy(), ring_means(each)[0, order].numpy(), color=theme.color(0))
        ax.set(xlabel="pixels from the centre", ylim=(-bound, bound))
        ax.set_title(name, fontsize=10, color=theme.text)
    axes[0].set_ylabel("weight")


def draw_accuracies(ax: Any, theme: Any, means: dict[str, list[float]]) -> None:
    """Two bars for each augmentation."""
    for k, (kind, values) in enumerate(means.items()):
        places = np.arange(len(values)) + 0.4 * k - 0.2
        ax.bar(places, values, width=0.38, color=theme.color(k), label=kind)
    ax.set_xticks(range(len(AUGMENTATIONS)), [name.replace(" ", "\n") for name in AUGMENTATIONS])
    ax.set(ylabel="accuracy", ylim=(0, 1))
    ax.legend(loc="upper right", ncols=2)
