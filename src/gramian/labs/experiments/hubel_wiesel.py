"""Do templates over a group give equivariant, then invariant cells?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive
from gramian.symmetry import (
    ComplexCells,
    PermutationAction,
    SimpleCells,
    invariance_test,
    pixel_flips,
    pixel_turns,
)

LAB = Lab(
    name="hubel-wiesel",
    topic="symmetry",
    question="Do templates over a group give equivariant, then invariant cells?",
    answer="Moving the image permutes the simple cells as predicted; complex cells stay put.",
    source="Advanced topics in machine learning (University of Trieste), lab 6",
    method=(
        "A simple cell compares an image with one transformed template, s_ij = ⟨x, gⱼwᵢ⟩. A "
        "complex cell sums over the group after a nonlinearity, c_hi = Σⱼ σ_h(s_ij), here with "
        "σ(s) = s² and |s|. Four oriented templates of 28 × 28 pixels; the group is the identity "
        "and the vertical flip, and also the four quarter turns.\n\n"
        "Predicted: s(gx) holds the cells of s(x) in the order in which g acts on the group. The "
        "error is the largest difference, divided by the largest response.\n\n"
        "T is the mean distance between c(x) and c(gx), divided by the mean distance between c of "
        "different images."
    ),
    claims=(
        Claim(
            "permutes",
            "The flip exchanges the two cells of each template.",
            "permutation-error",
            "<",
            1e-12,
            figure="responses",
        ),
        Claim(
            "invariant",
            "Complex cells do not change, on the scale of their values.",
            "invariance-error",
            "<",
            1e-12,
        ),
        Claim(
            "ratio",
            "Nor do they change on the scale of the distance between images.",
            "T",
            "<",
            1e-6,
            figure="ratios",
        ),
    ),
    controls=(
        positive("turns", "Quarter turns give invariant cells as well.", claim="ratio"),
        positive("roll", "A quarter turn rolls the four cells.", claim="permutes"),
        negative(
            "missing-element",
            "Without the flipped templates the cells change.",
            claim="ratio",
            must=(">", 0.1),
        ),
        negative(
            "wrong-group",
            "Templates flipped sideways do not help against a vertical flip.",
            claim="ratio",
            must=(">", 0.1),
        ),
        negative(
            "random-pixels",
            "A random order of the pixels does not permute the cells.",
            claim="permutes",
            must=(">", 0.1),
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 6, simple cells",
            "the cells return the transformed image; there are no templates",
            "each cell is a product with a template",
        ),
        PublishedError(
            "lab 6, complex cells", "σ is taken after the sum", "σ is taken of each response"
        ),
        PublishedError(
            "lab 6, the flip",
            "the flip is left–right though a vertical one is named",
            "top and bottom are exchanged",
        ),
        PublishedError(
            "lab 6, the check",
            "sorted values are compared, so that any order of the pixels passes",
            "the predicted permutation is compared, entry by entry",
        ),
    ),
    quick={"images": 60},
    full={"images": 600},
    seconds=(3, 10),
)

SIZE = 28
SIGMAS = ["square", "abs"]


@dataclass(frozen=True)
class Case:
    """An action on the templates, how many elements of it are kept, and what moves the images."""

    action: PermutationAction
    kept: int
    move: Callable[[Tensor], Tensor]


def flip(x: Tensor) -> Tensor:
    return x.reshape(-1, SIZE, SIZE).flip(1).flatten(1)


def turn(x: Tensor) -> Tensor:
    return x.reshape(-1, SIZE, SIZE).rot90(1, (1, 2)).flatten(1)


def oriented_templates(rng: torch.Generator) -> Tensor:
    """Four bars of random place, direction and phase under a Gaussian window."""
    across = torch.linspace(-1, 1, SIZE, dtype=torch.float64)
    y, x = torch.meshgrid(across, across, indexing="ij")
    place = 0.8 * torch.rand(2, 4, 1, 1, generator=rng, dtype=torch.float64) - 0.4
    angle, phase = torch.pi * torch.rand(2, 4, 1, 1, generator=rng, dtype=torch.float64)
    dx, dy = x - place[0], y - place[1]
    waves = torch.cos(7 * (dx * angle.cos() + dy * angle.sin()) + phase)
    return (torch.exp(-4 * (dx**2 + dy**2)) * waves).flatten(1)


def permutation_error(cells: SimpleCells, x: Tensor, moved: Tensor, roll: int) -> float:
    """How far the cells of the moved images are from the permuted cells."""
    before, after = cells(x), cells(moved)
    return float((after - before.roll(roll, -1)).abs().max() / before.abs().max())


def run(context: Context) -> Result:
    result = Result(context)
    rng = context.generator()
    templates = oriented_templates(rng)
    x = torch.rand(context["images"], SIZE**2, generator=rng, dtype=torch.float64)
    vertical = pixel_flips(SIZE, SIZE, "vertical")
    sideways = pixel_flips(SIZE, SIZE, "horizontal")
    turns = pixel_turns(SIZE)
    cells = SimpleCells(vertical, templates).requires_grad_(False)
    shuffled = x[:, torch.randperm(SIZE**2, generator=rng)]
    orders = {
        "flip": (cells, flip(x), 1),
        "roll": (SimpleCells(turns, templates).requires_grad_(False), turn(x), 1),
        "random-pixels": (cells, shuffled, 1),
    }
    result.contrast(
        "permutation-error",
        orders,
        lambda case: permutation_error(case[0], x, case[1], case[2]),
    )
    cases = {
        "flip": Case(vertical, 2, flip),
        "turns": Case(turns, 4, turn),
        "missing-element": Case(vertical, 1, flip),
        "wrong-group": Case(sideways, 2, flip),
    }

    def responses(case: Case) -> Callable[[Tensor], Tensor]:
        simple, pool = (
            SimpleCells(case.action, templates).requires_grad_(False),
            ComplexCells(SIGMAS),
        )
        return lambda rows: pool(simple(rows)[..., : case.kept]).flatten(1)

    def ratio(case: Case) -> float:
        return invariance_test(responses(case), x, case.move, random_state=context.seed).ratio

    result.contrast("T", cases, ratio)
    used = context.method(cases)
    before, after = responses(used)(x), responses(used)(used.move(x))
    result.measure("invariance-error", float((after - before).abs().max() / before.abs().max()))
    result.measure("sorted-pixels-tell", not torch.equal(shuffled.sort(1).values, x.sort(1).values))

    ratios = {name: ratio(case) for name, case in cases.items()}
    seen, moved = cells(x[:1])[0], cells(flip(x[:1]))[0]
    copies = vertical.orbit(templates).reshape(2, 4, SIZE, SIZE).numpy()
    result.figure(
        "templates",
        lambda axes, theme: draw_templates(axes, theme, copies),
        title="Four templates and their flips",
        alt="Four oriented bars in the upper row, the same turned upside down in the lower row.",
        size=(5.6, 3.2),
        panels=(2, 4),
    )
    result.figure(
        "responses",
        lambda axes, theme: draw_responses(axes, theme, seen, moved),
        title="Eight simple cells, before and after the flip",
        alt="Pairs of bars for each template. After the flip the two bars of a pair are exchanged.",
        data={"cell": list(range(8)), "x": seen.flatten(), "flipped x": moved.flatten()},
        panels=(2, 1),
    )
    result.figure(
        "ratios",
        lambda ax, theme: draw_ratios(ax, theme, ratios),
        title="How far complex cells move, as a share of the distance between images",
        alt="Bars: none for the whole groups, large ones for a missing element and a wrong group.",
        data={"cells": list(ratios), "T": list(ratios.values())},
    )
    return result


def draw_templates(axes: Any, theme: Any, copies: Any) -> None:
    """Each copy on one common scale."""
    for ax, image in zip(axes.flat, copies.reshape(8, SIZE, SIZE), strict=True):
        ax.imshow(image, cmap=theme.colormap("diverging"), vmin=-1, vmax=1)
        ax.set_axis_off()


def draw_responses(axes: Any, theme: Any, seen: Tensor, moved: Tensor) -> None:
    """Two bars for each template: the template itself and its flip."""
    for ax, cells, name in zip(axes, (seen, moved), ("x", "flipped x"), strict=True):
        for copy in range(2):
            places = [2.6 * i + copy for i in range(4)]
            ax.bar(places, cells[:, copy].numpy(), color=theme.color(copy), width=0.9)
        ax.axhline(0, color=theme.muted, linewidth=0.8)
        ax.set_xticks([2.6 * i + 0.5 for i in range(4)], [f"w{'₁₂₃₄'[i]}" for i in range(4)])
        ax.set_ylabel(f"s({name})")


def draw_ratios(ax: Any, theme: Any, ratios: dict[str, float]) -> None:
    """One bar for each group of templates."""
    colors = [theme.color(0) if value < 1e-6 else theme.accent for value in ratios.values()]
    ax.barh(range(len(ratios)), list(ratios.values()), color=colors, height=0.6)
    for row, value in enumerate(ratios.values()):
        words = "rounding" if value < 1e-6 else f"{value:.2f}"
        ax.text(value + 0.01, row, words, va="center", color=theme.text, fontsize=9)
    ax.set_yticks(range(len(ratios)), list(ratios))
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.set_xlabel("T")
