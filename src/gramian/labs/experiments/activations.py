"""What are the slopes of the usual activations, and what is the slope at 0?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive

LAB = Lab(
    name="activations",
    topic="networks",
    question="What are the slopes of the usual activations, and what is the slope at 0?",
    answer=(
        "Between 0 and 1 everywhere; at 0 a rectifier has the slope 0, ½ or 1, as it is written."
    ),
    source="Dive into Deep Learning, section 5.1.2",
    method=(
        "relu(x) = max(x, 0), σ(x) = 1/(1 + e⁻ˣ), tanh x, and prelu(x) = max(x, 0) + α min(x, 0) "
        "with α = 0.1, on the grid −8, −7.9, …, 7.9 in float32 and at random points between. "
        "Automatic slopes are compared with the formulas: 1 for x > 0 and 0 or α elsewhere, "
        "σ(1 − σ), and 1 − tanh².\n\n"
        "At 0 a rectifier has no derivative, and every slope from 0 to 1 is a subgradient. What "
        "the library returns there depends on how the rectifier is written. The middle of the "
        "grid is not 0 but 4·10⁻¹⁶, so that a plot of the grid cannot show it."
    ),
    claims=(
        Claim(
            "slopes",
            "Automatic slopes are those of the formulas.",
            "slope-error",
            "<",
            1e-6,
            figure="curves",
        ),
        Claim("tanh", "tanh x = 2σ(2x) − 1.", "tanh-error", "<", 1e-12),
        Claim(
            "at-zero",
            "The slope at 0 is 0 for relu and where, ½ for a maximum of tensors, 1 for clamp and α "
            "for prelu.",
            "slopes-at-zero",
            "==",
            [0.0, 0.5, 1.0, 0.0, 0.1],
            kind="exact",
            figure="zero",
        ),
        Claim(
            "bounded",
            "No slope leaves the range from 0 to 1.",
            ("least-slope", "largest-slope"),
            "in",
            (0.0, 1.0),
            figure="curves",
        ),
    ),
    controls=(
        positive("identity", "The identity has the slope 1.", claim="slopes"),
        negative(
            "finite-differences",
            "Differences over a step of ¼ reach across the kink.",
            claim="slopes",
            must=(">", 0.1),
        ),
        negative("steep-sigmoid", "σ(8x) is too steep.", claim="bounded", must=(">", 1.9)),
    ),
    published_errors=(
        PublishedError(
            "Dive into Deep Learning, 5.1.2.1",
            "the plot of the parametric rectifier is labelled as the plain one",
            "each curve bears its own name",
        ),
        PublishedError(
            "Dive into Deep Learning, 5.2.1, and EE4414, week 4",
            "the rectifier is a maximum of two tensors, whose slope at 0 is ½",
            "the slope at 0 is listed for each way of writing it",
        ),
    ),
    quick={"points": 10_000},
    full={"points": 1_000_000},
    seconds=(2, 5),
)

ALPHA = 0.1
Function = Callable[[Tensor], Tensor]


def prelu(x: Tensor) -> Tensor:
    return functional.prelu(x, x.new_tensor([ALPHA]))


def step(x: Tensor, below: float) -> Tensor:
    return torch.where(x > 0, 1.0, below)


# each with the formula of its slope
FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "relu": (torch.relu, lambda x: step(x, 0.0)),
    "sigmoid": (torch.sigmoid, lambda x: torch.sigmoid(x) * torch.sigmoid(-x)),
    "tanh": (torch.tanh, lambda x: 1 - torch.tanh(x) ** 2),
    "prelu": (prelu, lambda x: step(x, ALPHA)),
}
RECTIFIERS: dict[str, Function] = {
    "relu(x)": torch.relu,
    "maximum(x, 0)": lambda x: torch.maximum(x, torch.zeros_like(x)),
    "clamp(x, min=0)": lambda x: x.clamp(min=0),
    "where(x > 0, x, 0)": lambda x: torch.where(x > 0, x, torch.zeros_like(x)),
    "prelu(x, α)": prelu,
}


def automatic(f: Function, x: Tensor) -> Tensor:
    """The slope that automatic differentiation gives at every point."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def difference(f: Function, x: Tensor, h: float = 0.25) -> Tensor:
    return (f(x + h) - f(x)) / h


def run(context: Context) -> Result:
    result = Result(context)
    grid = torch.arange(-8, 8, 0.1)
    x = torch.cat([grid, 16 * torch.rand(context["points"], generator=context.generator()) - 8])

    def slope_error(case: tuple[Callable[[Function, Tensor], Tensor], dict[str, Any]]) -> float:
        slope, functions = case
        return max(
            float((slope(f, x) - formula(x.double())).abs().max())
            for f, formula in functions.values()
        )

    identity = {"identity": (lambda x: 1.0 * x, torch.ones_like)}
    cases: dict[str, tuple[Callable[[Function, Tensor], Tensor], dict[str, Any]]] = {
        "automatic": (automatic, FUNCTIONS),
        "identity": (automatic, identity),
        "finite-differences": (difference, FUNCTIONS),
    }
    result.contrast("slope-error", cases, slope_error)

    wide = x.double()
    tanh_error = torch.tanh(wide) - (2 * torch.sigmoid(2 * wide) - 1)
    result.measure("tanh-error", float(tanh_error.abs().max()))
    zero = torch.zeros(1)
    at_zero = [round(float(automatic(f, zero)), 7) for f in RECTIFIERS.values()]
    result.measure("slopes-at-zero", at_zero)
    result.measure("middle-of-the-grid", float(grid[len(grid) // 2]), tolerance=1e-12)

    slopes = {name: automatic(f, grid) for name, (f, _) in FUNCTIONS.items()}
    result.measure("largest-slopes", [float(slope.max()) for slope in slopes.values()])
    result.measure("least-slopes", [float(slope.min()) for slope in slopes.values()])
    steep = automatic(lambda x: torch.sigmoid(8 * x), x)
    all_slopes = torch.cat([automatic(f, x) for f, _ in FUNCTIONS.values()])
    bounded = {"activations": all_slopes, "steep-sigmoid": steep}
    result.contrast("largest-slope", bounded, lambda found: float(found.max()))
    result.measure("least-slope", float(context.method(bounded).min()))

    values = {name: f(grid) for name, (f, _) in FUNCTIONS.items()}
    result.figure(
        "curves",
        lambda axes, theme: draw_curves(axes, theme, grid.numpy(), values, slopes),
        title="Activations and their slopes",
        alt=(
            "Left, four activations from −8 to 8; right, their slopes. The slopes of sigmoid and "
            "tanh are bells with the peaks ¼ and 1; those of the rectifiers jump to 1 at 0."
        ),
        caption="Shaded: where the slopes of both sigmoid and tanh are below 0.01.",
        data={"x": grid, **values, **{f"slope of {name}": slope for name, slope in slopes.items()}},
        size=(10.0, 4.2),
        panels=(1, 2),
    )
    result.figure(
        "zero",
        lambda ax, theme: draw_at_zero(ax, theme, at_zero),
        title="The slope of a rectifier at 0",
        alt="Dots at 0 for relu and where, ½ for maximum, 1 for clamp and 0.1 for prelu.",
        data={"written as": list(RECTIFIERS), "slope at 0": at_zero},
        size=(5.6, 3.2),
    )
    return result


def draw_curves(axes: Any, theme: Any, x: Any, values: Any, slopes: Any) -> None:
    """Values left, slopes right, saturation shaded."""
    for ax, curves, label in zip(axes, (values, slopes), ("value", "slope"), strict=True):
        for k, (name, curve) in enumerate(curves.items()):
            dashes = "--" if name == "prelu" else "-"
            ax.plot(x, curve.numpy(), color=theme.color(k), linestyle=dashes, label=name)
        ax.set(xlabel="x", ylabel=label, xlim=(-8, 8))
        for left, right in ((-8, -4.6), (4.6, 8)):
            ax.axvspan(left, right, color=theme.muted, alpha=0.15, linewidth=0)
    axes[0].set_ylim(-1.2, 3)
    axes[1].set_ylim(-0.05, 1.05)
    axes[0].legend(loc="upper left")


def draw_at_zero(ax: Any, theme: Any, at_zero: list[float]) -> None:
    """One dot for each way of writing a rectifier, on the range of subgradients."""
    places = range(len(at_zero))
    ax.hlines(places, 0, 1, color=theme.grid, linewidth=3)
    ax.scatter(at_zero, places, s=64, color=theme.color(0), zorder=3)
    ax.set_yticks(places, list(RECTIFIERS))
    ax.set(xlim=(-0.08, 1.08), ylim=(len(at_zero) - 0.5, -0.5), xlabel="slope at 0")
