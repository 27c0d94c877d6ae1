"""Which layers commute with permutations?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from gramian.symmetry import Cyclic, DeepSet, Symmetric, commutant

LAB = Lab(
    name="deep-sets",
    topic="symmetry",
    question="Which layers commute with permutations?",
    answer="λI + γ11ᵀ and nothing else that is linear; comparing sorted outputs cannot tell.",
    source="Advanced topics in machine learning (University of Trieste), lab 7",
    method=(
        "f(x) = mish(x(λI + γ11ᵀ)) with λ = 0.25 and γ = 0.4 on n = 200 numbers. It is equivariant "
        "where f(πx) = πf(x), so the error is the largest entry of f(πx) − πf(x) over 200 random "
        "permutations π, in float64. The sorted test compares the sorted entries of f(πx) and "
        "f(x) instead.\n\n"
        "With inputs from U[0, 1] every pre-activation is near 43, where mish is the identity. So "
        "the layer is also run on N(0, 1) inputs with γ/n, where it bends.\n\n"
        "The linear maps that commute with a group are the null space of A ↦ ρ(g)A − Aρ(g); its "
        "dimension is counted for S₃, S₄, S₅ and for the cyclic group C₆."
    ),
    claims=(
        Claim(
            "equivariant",
            "The layer commutes with every permutation, saturated or not.",
            ("error", "error-unsaturated"),
            "<",
            1e-12,
            figure="impostors",
        ),
        Claim(
            "commutant",
            "Two parameters are all that S₃, S₄ and S₅ leave to a linear layer; C₆ leaves six.",
            "dimensions",
            "==",
            [2, 2, 2, 6],
            kind="exact",
            figure="weights",
        ),
        Claim("invariant", "A sum over the layer's outputs is invariant.", "readout", "<", 1e-12),
    ),
    controls=(
        positive("identity", "The identity commutes.", claim="equivariant"),
        negative("sort", "Sorting does not commute.", claim="equivariant", must=(">", 0.1)),
        negative(
            "roll",
            "Rolling the largest entry to the front does not commute.",
            claim="equivariant",
            must=(">", 0.1),
        ),
        negative(
            "reversal",
            "Reversing where the first entry is the larger one does not commute.",
            claim="equivariant",
            must=(">", 0.1),
        ),
        negative("dense", "A dense layer does not commute.", claim="equivariant", must=(">", 0.1)),
        negative(
            "position-bias", "Nor does a bias that grows with the place.", claim="equivariant"
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 7, check of the layer",
            "sorted outputs are compared, which a sort and other impostors pass as well",
            "f(πx) is compared with πf(x), entry by entry",
        ),
        PublishedError(
            "lab 7, inputs",
            "every pre-activation is near 43, where the nonlinearity is the identity",
            "inputs around 0 are run as well",
        ),
    ),
    source_values=(
        SourceValue(
            "lab 7",
            "the sorted test accepts the layer",
            True,
            "sorted-test-accepts-layer",
            note="it accepts sort, roll and reversal too",
        ),
    ),
    quick={"n": 200, "permutations": 200},
    full={"permutations": 5000},
    seconds=(3, 10),
)

LAMBDA, GAMMA = 0.25, 0.4
Layer = Callable[[Tensor], Tensor]


def deep_set(gamma: float) -> Layer:
    """mish after the library's layer, with one feature per element."""
    linear = DeepSet(1, 1, pool="sum", bias=False, random_state=0).double().requires_grad_(False)
    linear.elementwise.fill_(LAMBDA)
    linear.pooling.fill_(gamma)
    return lambda x: torch.nn.functional.mish(linear(x[..., None])[..., 0])


def roll_to_largest(x: Tensor) -> Tensor:
    places = torch.arange(x.shape[-1]) + x.argmax(-1, keepdim=True)
    return x.gather(-1, places % x.shape[-1])


def reverse_if_falling(x: Tensor) -> Tensor:
    return torch.where(x[..., :1] > x[..., -1:], x.flip(-1), x)


def error(layer: Layer, x: Tensor, orders: Tensor) -> float:
    """Largest entry of f(πx) − πf(x) over permutations π."""
    return float((layer(x[orders]) - layer(x)[orders]).abs().max())


def sorted_error(layer: Layer, x: Tensor, orders: Tensor) -> float:
    """What the sorted test sees of it."""
    return float((layer(x[orders]).sort(-1).values - layer(x).sort(-1).values).abs().max())


def run(context: Context) -> Result:
    result = Result(context)
    rng, n = context.generator(), context["n"]
    x = torch.rand(n, generator=rng, dtype=torch.float64)
    normal = torch.randn(n, generator=rng, dtype=torch.float64)
    orders = torch.stack([torch.randperm(n, generator=rng) for _ in range(context["permutations"])])
    dense = torch.randn(n, n, generator=rng, dtype=torch.float64) / n**0.5
    layers: dict[str, Layer] = {
        "λI + γ11ᵀ, mish": deep_set(GAMMA),
        "identity": lambda x: x,
        "sort": lambda x: x.sort(-1).values,
        "roll": roll_to_largest,
        "reversal": reverse_if_falling,
        "dense": lambda x: x @ dense,
        "position-bias": lambda x: x + 2e-4 * torch.linspace(0, 1, n, dtype=torch.float64),
    }
    result.contrast("error", layers, lambda layer: error(layer, x, orders))
    result.measure("error-unsaturated", error(deep_set(GAMMA / n), normal, orders))

    layer = context.method(layers)
    readout = layer(x[orders]).sum(-1)
    result.measure("readout", float(((readout - readout[0]) / readout[0]).abs().max()))
    seen = {name: sorted_error(layer, x, orders) for name, layer in layers.items()}
    result.measure("sorted-test-accepts-layer", next(iter(seen.values())) < 1e-10)
    result.measure("sorted-test-accepts", [name for name, e in seen.items() if e < 1e-3])

    groups = [Symmetric(3), Symmetric(4), Symmetric(5), Cyclic(6)]
    result.measure("dimensions", [len(commutant(group.natural())) for group in groups])

    true = {name: error(layer, x, orders) for name, layer in layers.items()}
    result.figure(
        "impostors",
        lambda ax, theme: draw_impostors(ax, theme, true, seen),
        title="True error, and what the sorted test sees",
        alt=(
            "Bars on a logarithmic axis. Sort, roll and reversal have a true error near 1, and "
            "none in the sorted test; the layer and the identity have none in either."
        ),
        data={"map": list(true), "true error": [*true.values()], "sorted test": [*seen.values()]},
        size=(10.0, 4.0),
    )
    result.figure(
        "weights",
        draw_weights,
        title="The pattern of the weights",
        alt="An 8 × 8 table of weights: one value on the diagonal, another everywhere else.",
        data={"entry": ["diagonal", "elsewhere"], "weight": [LAMBDA + GAMMA, GAMMA]},
    )
    return result


def draw_impostors(ax: Any, theme: Any, true: dict[str, float], seen: dict[str, float]) -> None:
    """Two bars for each map; rounding at the left end."""
    least = 1e-17
    for offset, (label, errors) in enumerate((("true error", true), ("sorted test", seen))):
        places = [row + 0.2 - 0.4 * offset for row in range(len(errors))]
        widths = [max(value, least) for value in errors.values()]
        ax.barh(places, widths, height=0.36, left=0, color=theme.color(offset), label=label)
    ax.set_xscale("log")
    ax.set_xlim(least, 10)
    ax.axvline(1e-12, color=theme.accent, linewidth=1, linestyle="--")
    ax.text(1.4e-12, -0.75, "must be below", color=theme.accent, fontsize=9, va="center")
    ax.set_ylim(len(true) - 0.4, -1.0)
    ax.set_yticks(range(len(true)), list(true))
    ax.set_xlabel("largest |f(πx) − πf(x)|")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)


def draw_weights(ax: Any, theme: Any) -> None:
    """λI + γ11ᵀ for eight elements."""
    weights = LAMBDA * torch.eye(8) + GAMMA
    image = ax.imshow(
        weights.numpy(), cmap=theme.colormap("sequential"), vmin=0, vmax=LAMBDA + GAMMA
    )
    ax.set_xlabel("input")
    ax.set_ylabel("output")
    ax.figure.colorbar(image, ax=ax, label="weight", shrink=0.8)
