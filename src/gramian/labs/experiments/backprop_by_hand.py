"""Do hand-made chain rules equal automatic differentiation?"""

from __future__ import annotations

from dataclasses import replace
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
from gramian.labs.experiments._chain_rule import (
    LINEAR,
    RELU,
    SIGMOID,
    Net,
    errors,
    random_net,
    tensors,
)

LAB = Lab(
    name="backprop-by-hand",
    topic="networks",
    question="Do hand-made chain rules equal automatic differentiation?",
    answer="They do, to rounding, if the slope of each unit is written so that it is finite.",
    source=(
        "EE4414, week 2, example 2 and exercise 2, and week 5; Dive into Deep Learning, "
        "section 5.3.3"
    ),
    method=(
        "Layers a ← φ(Wa + b), loss L = ‖ŷ − y‖² + (λ/2)Σ‖W‖². From the last layer to the first: "
        "δ = φ′(z) ∘ g with g = 2(ŷ − y) at the end, ∂L/∂W = δaᵀ + λW, ∂L/∂b = δ, and g = Wᵀδ for "
        "the layer before. One neuron and the net of two inputs, two rectified units and one "
        "output are cases of it.\n\n"
        "Every gradient is compared, in float64 and relative to max(1, L), with automatic "
        "differentiation and with central differences of fourth order, on nets of one to three "
        "layers of random sizes. Some have dead units, and some have z = 0 exactly; where a kink "
        "is near, only automatic differentiation is asked."
    ),
    claims=(
        Claim(
            "gradients",
            "Hand-made gradients are those of automatic differentiation and of differences.",
            "error",
            "<",
            1e-8,
            figure="errors",
        ),
        Claim(
            "values",
            "One net of the course has these gradients, worked out on paper.",
            "paper-error",
            "<",
            5e-5,
            figure="flow",
        ),
        Claim(
            "finite",
            "The slopes of rectifier and sigmoid are finite at 0 and at −800.",
            "finite-slopes",
            "==",
            True,
            kind="exact",
        ),
    ),
    controls=(
        positive("linear", "Without a nonlinearity they agree too.", claim="gradients"),
        negative(
            "first-input",
            "x₀ in place of x₁ gives another gradient.",
            claim="gradients",
            must=(">", 0.1),
        ),
        negative(
            "no-penalty",
            "Without λW the gradient of the penalty is missing.",
            claim="gradients",
            must=(">", 0.01),
        ),
        negative(
            "quotients", "max(0, z)/z and e⁻ᶻ/(1 + e⁻ᶻ)² are not finite there.", claim="finite"
        ),
    ),
    published_errors=(
        PublishedError(
            "EE4414, week 5",
            "the slopes max(0, ŷ)/ŷ and e^(−ŷ)/(1 + e^(−ŷ))² are no numbers at 0 and at −800",
            "1 where z > 0 and 0 elsewhere, and σ(1 − σ)",
        ),
        PublishedError(
            "EE4414, week 5, exercise 1.6",
            "asks for ∂L/∂w₁,₁ and answers with ∂L/∂w₀,₁, which has x₀ in it",
            "both are measured: −0.2709 and −0.8127",
        ),
        PublishedError("EE4414, week 5", "∂L/∂b is headed ∂L/∂w₁", "gradients by name"),
    ),
    source_values=(
        SourceValue("EE4414, week 2, 1.4", "∂L/∂w of one neuron", [1.74, 1.392], "one-neuron"),
    ),
    quick={"nets": 200},
    full={"nets": 2000},
    seconds=(5, 60),
)


def first_input(net: Net) -> list[Tensor]:
    """The gradients, with x₀ in place of x₁."""
    first, *others = net.by_hand()
    wrong = first.clone()
    wrong[:, 1] = first[:, 0]
    return [wrong, *others]


# weeks 4 and 5, both at x = (0.3, 0.1) and y = 1
WEEK_4 = tensors([[0.8, -0.5], [-0.3, -0.1]], [0.5, -0.2], [[-0.5, -0.4]], [-0.8])
WEEK_5 = tensors([[0.8, -0.5], [0.6, 0.2]], [0.5, 0.1], [[-0.5, 0.7]], [-0.8])
PAPER = tensors([[0.6435, 0.2145], [0, 0]], [2.145, 0], [[-2.9601, 0]], [-4.29])


def run(context: Context) -> Result:
    result = Result(context)
    rngs, count = [context.generator(k) for k in range(2)], context["nets"]
    nets = [random_net(rngs[0]) for _ in range(count)]
    found = [errors(net) for net in nets]
    worst = {
        "by hand": max(map(max, found)),
        "linear": max(max(errors(random_net(rngs[1], LINEAR))) for _ in range(count)),
        "first-input": max(net.distance(first_input(net), net.automatic()) for net in nets),
        "no-penalty": max(
            net.distance(replace(net, decay=0.0).by_hand(), net.automatic()) for net in nets
        ),
    }
    result.contrast("error", worst, lambda value: value)
    result.measure("compared-with-differences", sum(net.smooth for net in nets))

    x, y, units = *tensors([0.3, 0.1], [1.0]), (RELU, LINEAR)
    course = Net(WEEK_4, units, x, y)
    result.measure("paper-error", course.distance(course.by_hand(), PAPER), tolerance=1e-4)
    row = Net(WEEK_5, units, x, y).by_hand()[0][1]
    result.measure("exercise-1-6", row.flip(0))
    w, b, x, y = tensors([[0.4, 0.1]], [1.0], [0.5, 0.4], [-0.5])
    for name, unit in (("one-neuron", LINEAR), ("one-neuron-sigmoid", SIGMOID)):
        gradient = Net([w, b], [unit], x, y).by_hand()[0]
        result.measure(name, gradient[0].numpy().round(12))

    zero, far = tensors(0.0, -800.0)
    slopes = {
        "products": [RELU[1](zero), SIGMOID[1](far)],
        "quotients": [zero.clamp(min=0) / zero, (-far).exp() / (1 + (-far).exp()) ** 2],
    }
    result.contrast("finite-slopes", slopes, lambda both: bool(torch.stack(both).isfinite().all()))

    result.figure(
        "flow",
        draw_flow,
        title="Values flow forward, slopes flow back",
        alt=(
            "A net of two inputs, two units and one output with its numbers. The loss 4.601 sends "
            "−4.29 to the output and 2.145 to the first unit; the second unit is dead and passes "
            "nothing."
        ),
        data={"node": list(NODES)},
    )
    result.figure(
        "errors",
        lambda ax, theme: draw_errors(ax, theme, found, [net.smooth for net in nets]),
        title="How far gradients by hand are from the others",
        alt="Two histograms: automatic ones lie near 10⁻¹⁶, differences near 10⁻¹¹.",
        data={"from automatic": [a for a, _ in found], "from differences": [d for _, d in found]},
    )
    return result


NODES = {
    "x₀ = 0.3": (0, 1),
    "x₁ = 0.1": (0, -1),
    "z = 0.69\nh = 0.69": (2, 1),
    "z = −0.30\nh = 0": (2, -1),
    "ŷ = −1.145": (4, 0),
    "L = 4.601": (5.7, 0),
}
EDGES = [(0, 2), (0, 3), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]
SLOPES = [
    (4.7, 0.55, "∂L/∂ŷ = ∂L/∂b¹ = −4.29"),
    (3.7, 1.15, "∂L/∂w¹₀ = −2.960"),
    (3.5, -1.1, "∂L/∂w¹₁ = 0"),
    (2, 1.62, "∂L/∂z₀ = 2.145"),
    (2, -1.62, "∂L/∂z₁ = 0"),
    (0.9, 1.2, "0.6435"),
    (0.4, -0.15, "0.2145"),
]


def draw_flow(ax: Any, theme: Any) -> None:
    """The net of week 4 with its values, and the slopes in the accent."""
    places = list(NODES.values())
    for edge in EDGES:
        ax.plot(*zip(*(places[k] for k in edge), strict=True), color=theme.muted, zorder=1)
    look = {"boxstyle": "round,pad=0.35", "facecolor": theme.surface, "edgecolor": theme.muted}
    for text, (x, y) in NODES.items():
        ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=look, zorder=3)
    for across, up, text in SLOPES:
        ax.text(across, up, text, ha="center", va="center", color=theme.accent, fontsize=10)
    ax.set(xlim=(-0.6, 6.3), ylim=(-2.0, 2.0))
    ax.set_axis_off()


def draw_errors(ax: Any, theme: Any, found: Any, smooth: Any) -> None:
    """Histograms of the logarithms; exact agreement at the left end."""
    bins = np.linspace(-18, -7, 45)
    values = np.log10(np.maximum(np.array(found), 1e-18))
    kept = [values[:, 0], values[np.array(smooth), 1]]
    for k, (part, label) in enumerate(zip(kept, ("automatic", "differences"), strict=True)):
        ax.hist(part, bins=bins, color=theme.color(k), alpha=0.8, label=label)
    ax.axvline(-8, color=theme.accent, linewidth=1, linestyle="--")
    ax.set(xlabel="log₁₀ of the largest distance", ylabel="nets")
    ax.legend()
