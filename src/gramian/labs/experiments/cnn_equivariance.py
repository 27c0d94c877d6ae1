"""Which layers are equivariant, and which invariant, to translation?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import gramian as gm
from gramian import symmetry, train
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive
from gramian.labs.experiments._digits import Digits, Part, as_estimate, load_part, normalised
from gramian.symmetry import CircularConv2d, Translation

LAB = Lab(
    name="cnn-equivariance",
    topic="symmetry",
    question="Which layers are equivariant, and which invariant, to translation?",
    answer="A convolution is equivariant, without error; a layer is invariant only after a pool.",
    source="Advanced topics in machine learning (University of Trieste), lab 5",
    method=(
        "The source's network: one filter of 2 × 2 pixels, ReLU, and 10 scores from the 27 × 27 "
        "values; gradient descent with rate 0.01 and batches of 64. Beside it a network of "
        "circular convolutions, whose scores see the largest response of each filter anywhere. "
        "Images are moved before they are normalised, so that background comes in.\n\n"
        "Equivariance: with g a shift down by s = 1 … 8 rows, the largest |φ(gx) − gφ(x)| over "
        "the rows below the first s; the others see what came in. Invariance: T, the mean "
        "distance of φ(x) to φ(gx) over the mean distance to φ(gx′) of other images; 0 is "
        "invariance, 1 is what chance gives.\n\n"
        "The sorted test compares sorted responses instead. It gives the same for a convolution "
        "and for one whose outputs are in a random order, which commutes with nothing."
    ),
    claims=(
        Claim(
            "conv",
            "The convolution moves with the image, away from the border.",
            "conv-error",
            "<",
            1e-5,
            figure="maps",
        ),
        Claim(
            "scores",
            "The scores of the source's network are not invariant: shifted by 4 rows, an image is "
            "nearly as far from itself as from another.",
            "T-scores-4",
            ">",
            0.8,
            kind="statistical",
            figure="ratios",
        ),
        Claim(
            "pooled",
            "Circular convolutions and a global maximum are invariant to cyclic shifts.",
            "T-pooled",
            "<",
            1e-5,
            figure="ratios",
        ),
        Claim(
            "learned",
            "Both networks know their digits.",
            ("accuracy", "accuracy-pooled"),
            ">=",
            0.75,
        ),
        Claim(
            "sorted-blind",
            "The sorted test cannot tell a convolution from a scrambled one.",
            "sorted-difference",
            "<",
            1e-5,
        ),
    ),
    controls=(
        positive(
            "circular",
            "A circular convolution moves with cyclic shifts, borders included.",
            claim="conv",
        ),
        negative("scrambled", "Outputs in a random order do not.", claim="conv", must=(">", 0.1)),
        positive("before-training", "By construction, so with any weights.", claim="pooled"),
        negative(
            "no-pool",
            "With drawn weights, and scores from all responses in place of the largest.",
            claim="pooled",
            must=(">", 0.3),
        ),
        negative(
            "restarted-loader",
            "Every batch of moved images is compared with the first batch of plain ones.",
            claim="pooled",
            must=(">", 0.3),
        ),
        negative("pool", "The pooled network, though, is invariant.", claim="scores"),
    ),
    published_errors=(
        PublishedError(
            "lab 5, the network",
            "there is no pooling, though the text assumes it; the layer read as the second "
            "convolution is the first",
            "a network with a global maximum is run beside it",
        ),
        PublishedError(
            "lab 5, the comparison",
            "the loader is restarted at every step, so that 21.4 is printed beside 21.5 of the "
            "control",
            "pairs of an image and its own copy",
        ),
        PublishedError(
            "lab 5, the shift",
            "images are normalised first and then filled with 0, which is no background",
            "images are moved first",
        ),
        PublishedError(
            "lab 5, equivariance",
            "sorted responses are compared",
            "responses are compared place by place, at the place they moved to",
        ),
    ),
    data=("mnist",),
    quick={"epochs": 20, "pooled_epochs": 4, "test_images": 2000, "pairs": 1000},
    full={"epochs": 7, "pooled_epochs": 2, "test_images": 10_000},
    seconds=(30, 120),
)

SHIFTS = range(1, 9)
DOWN = Translation(4, 0)
Map = Callable[[Tensor], Tensor]


class Largest(nn.Module):
    """The largest response of each filter, wherever it is."""

    def forward(self, responses: Tensor) -> Tensor:
        return responses.amax((2, 3))


def source_network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 1, 2), nn.ReLU(), nn.Flatten(), nn.Linear(27 * 27, 10))


def pooled_network() -> nn.Sequential:
    return nn.Sequential(CircularConv2d(1, 32, 9), nn.ReLU(), Largest(), nn.Linear(32, 10))


def flat_network() -> nn.Sequential:
    layers = CircularConv2d(1, 32, 9), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 28 * 28, 10)
    return nn.Sequential(*layers)


def drawn(build: Callable[[], nn.Sequential], seed: int) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # layers draw from torch's own generator
        return build()


def fit(net: nn.Sequential, part: Part, epochs: int, optimizer: Any, seed: int) -> None:
    learner = train.Learner(net, loss=nn.CrossEntropyLoss(), optimizer=optimizer)
    data = Digits((normalised(part[0]), part[1]), 64, seed)
    train.Trainer(epochs, board=False).fit(learner, data)


def on_pixels(net: nn.Module) -> Map:
    """What a network or layer gives for images that are not normalised yet."""
    return lambda images: train.predict(net, normalised(images))


def alignment_error(f: Map, x: Tensor, *, wrap: bool = False) -> float:
    """The largest |f(gx) − g f(x)| over all shifts down, and over rows that no border reaches."""
    errors = []
    for s in SHIFTS:
        g = Translation(s, 0, wrap=wrap)
        difference = (f(g(x)) - g(f(x))).abs()
        errors.append(float(difference[:, :, 0 if wrap else s :].max()))
    return max(errors)


def sorted_values(f: Map) -> Map:
    return lambda images: f(images).flatten(1).sort(1).values


def run(context: Context) -> Result:
    result = Result(context)
    training, seed = load_part(context, "train"), context.seeds(1)[0]
    rows = context.rng().permutation(context["test_images"])[: context["pairs"]]
    x, labels = load_part(context, "test", rows)
    net, pooled = drawn(source_network, seed), drawn(pooled_network, seed)
    untrained = on_pixels(drawn(pooled_network, seed + 1))
    context.progress("training the source's network")
    fit(net, training, context["epochs"], partial(torch.optim.SGD, lr=0.01), seed)
    context.progress("training the pooled network")
    fit(pooled, training, context["pooled_epochs"], partial(torch.optim.Adam, lr=3e-3), seed)
    scores, invariant = on_pixels(net), on_pixels(pooled)
    for name, f in (("accuracy", scores), ("accuracy-pooled", invariant)):
        result.measure(name, float((f(x).argmax(1) == labels).double().mean()), tolerance=0.03)

    conv = on_pixels(net[0])
    order = torch.randperm(27 * 27, generator=context.generator(1))
    maps: dict[str, Map] = {
        "convolution": conv,
        "scrambled": lambda images: conv(images).flatten(2)[..., order].unflatten(2, (27, 27)),
    }
    few = x[:100]
    errors = {
        "convolution": alignment_error(maps["convolution"], few),
        "circular": alignment_error(on_pixels(pooled[0]), few, wrap=True),
        "scrambled": alignment_error(maps["scrambled"], few),
    }
    result.contrast("conv-error", errors, float)

    result.contrast(
        "T-scores-4",
        {"scores": scores, "pool": invariant},
        lambda f: as_estimate(symmetry.invariance_test(f, x, DOWN, random_state=seed)),
        tolerance=0.02,
    )
    for s in (1, 2, 8):
        ratio = symmetry.relative_error(scores, x, Translation(s, 0))
        result.measure(f"T-scores-{s}", ratio, tolerance=0.02)
    around = Translation(4, 3, wrap=True)
    cases: dict[str, tuple[Map, Tensor, Map]] = {
        "pooled": (invariant, x, around),
        "before-training": (untrained, x, around),
        "no-pool": (on_pixels(drawn(flat_network, seed)), x, around),
        "restarted-loader": (invariant, x[torch.arange(len(x)) % 64], lambda _: around(x)),
    }
    result.contrast("T-pooled", cases, lambda case: symmetry.relative_error(*case), tolerance=0.02)

    random = Translation.random(len(x), 8, random_state=context.generator(2))
    g = Translation(random.dy, 0.0)
    seen = {name: symmetry.relative_error(sorted_values(f), x, g) for name, f in maps.items()}
    result.measure("sorted-convolution", seen["convolution"], tolerance=0.02)
    result.measure("sorted-difference", abs(seen["convolution"] - seen["scrambled"]))
    plain = sorted_values(partial(train.predict, net[0]))
    black = symmetry.relative_error(plain, normalised(x), g)
    result.measure("sorted-normalised-first", black, tolerance=0.02)
    draw_all(result, x, maps, {"scores": scores, "pooled": invariant})
    return result


def draw_all(result: Result, x: Tensor, maps: dict[str, Map], networks: dict[str, Map]) -> None:
    """Images, difference maps, and ratios by shift."""
    result.figure(
        "images",
        gm.ImageGridDisplay.from_predictions(torch.cat([x[:5], DOWN(x[:5])])[:, 0].numpy()),
        title="Five images, and each shifted down by 4 rows",
    )
    panels: dict[str, Any] = {}
    for name, f in maps.items():
        first, second = (each[0, 0].numpy() for each in (f(DOWN(x[:1])), DOWN(f(x[:1]))))
        panels |= {f"{name}, φ(gx)": first, f"{name}, gφ(x)": second}
        panels[f"{name}, difference"] = first - second
    result.figure(
        "maps",
        lambda axes, theme: draw_maps(axes, theme, panels),
        title="Shift before the layer, after it, and the difference",
        alt=(
            "Upper row: both responses of the convolution are alike below the first rows, and "
            "the difference is blank. Lower row: scrambled responses, and differences everywhere."
        ),
        size=(5.6, 4.4),
        panels=(2, 3),
    )
    curves = {
        name: [
            symmetry.relative_error(f, x[:300], Translation(s, 0, wrap=name == "pooled"))
            for s in range(9)
        ]
        for name, f in networks.items()
    }
    result.figure(
        "ratios",
        lambda ax, theme: draw_ratios(ax, theme, curves),
        title="How far the scores move, by shift",
        alt="The source's network climbs to 1 at 4 rows; the pooled one stays at 0.",
        data={"rows": list(range(9)), **curves},
    )


def draw_maps(axes: Any, theme: Any, panels: dict[str, Any]) -> None:
    """Responses and differences on one scale around 0."""
    bound = max(float(np.abs(each).max()) for each in panels.values())
    for ax, (name, response) in zip(axes.flat, panels.items(), strict=True):
        ax.imshow(response, cmap=theme.colormap("diverging"), vmin=-bound, vmax=bound)
        ax.set_title(name, fontsize=8, color=theme.text)
        ax.set_axis_off()


def draw_ratios(ax: Any, theme: Any, curves: dict[str, list[float]]) -> None:
    """One line for each network."""
    for k, (name, values) in enumerate(curves.items()):
        ax.plot(values, color=theme.color(k), linewidth=2, marker="o", label=name)
    ax.set(xlabel="rows", ylabel="T")
    ax.legend()
