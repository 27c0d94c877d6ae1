"""Why does squared loss follow from Gaussian noise?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian.labs import Claim, Context, Lab, Result, negative, positive

LAB = Lab(
    name="normal-density",
    topic="linear models",
    question="Why does squared loss follow from Gaussian noise?",
    answer=(
        "The negative log-likelihood of Gaussian noise is the squared loss, scaled and shifted, "
        "so both are least at the mean; with Laplace noise it is the median."
    ),
    source="Dive into Deep Learning, section 3.1.3; a clustering notebook, plot of the kernel",
    method=(
        "p(x) = exp(−(x − μ)²/(2σ²)) / (σ√(2π)). For (μ, σ) = (0, 1), (0, 2) and (3, 1) it is "
        "summed with the trapezoidal rule over −7, −6.99, …, 6.99. The mass that is truly there "
        "is Φ((7 − μ)/σ) − Φ((−7 − μ)/σ). The notebook plots σ = 2.5 at 100 points from 0 to "
        "10. Mean and variance are taken from μ − 12σ to μ + 12σ.\n\n"
        "For y = θ + ε the negative log-likelihood of θ is n log(σ√(2π)) + Σ(yᵢ − θ)²/(2σ²) with "
        "Gaussian ε and n log(2b) + Σ|yᵢ − θ|/b with Laplace ε. Each loss is minimised by golden "
        "sections, which know nothing of mean or median, on samples of 51 values."
    ),
    claims=(
        Claim(
            "integrals",
            "The sums over the grid are 1.000000, 0.999530 and 0.999967.",
            "integral-error",
            "<",
            1e-5,
            figure="curves",
        ),
        Claim(
            "peaks",
            "The peaks are 0.398942, 0.199471 and 0.398942.",
            "peak-error",
            "<",
            1e-5,
            figure="curves",
        ),
        Claim(
            "masses",
            "The grid misses the true mass only by its last step; the plotted half holds ½.",
            ("mass-error", "kernel-error"),
            "<",
            1e-5,
        ),
        Claim(
            "moments",
            "On a wide grid mass, mean and variance are 1, μ and σ².",
            "moment-error",
            "<",
            1e-5,
        ),
        Claim(
            "squared",
            "The Gaussian likelihood is greatest where the squared loss is least: at the mean.",
            ("gaussian-gap", "mean-gap"),
            "<",
            1e-5,
            figure="losses",
        ),
        Claim(
            "median",
            "The Laplace likelihood is greatest at the median.",
            "median-gap",
            "<",
            1e-5,
            figure="losses",
        ),
    ),
    controls=(
        positive(
            "shifted",
            "Grid and mean, shifted together by π, give the same sums.",
            claim="integrals",
        ),
        negative(
            "unnormalised",
            "Without 1/(σ√(2π)) it is no density.",
            claim="integrals",
            must=(">", 1.0),
        ),
        negative("no-half", "Without the ½ the mass is 0.71.", claim="integrals", must=(">", 0.2)),
        negative(
            "no-scale",
            "Without 1/σ the mass of (0, 2) is 2.",
            claim="integrals",
            must=(">", 0.9),
        ),
        positive("wider-noise", "σ = 3 moves no minimum.", claim="squared"),
        negative(
            "laplace-noise",
            "Laplace noise asks for another loss.",
            claim="squared",
            must=(">", 0.01),
        ),
    ),
    quick={"samples": 100},
    full={"samples": 10_000},
    seconds=(4, 8),
)

PAIRS = ((0.0, 1.0), (0.0, 2.0), (3.0, 1.0))
PEAKS = (0.398942, 0.199471, 0.398942)
INTEGRALS = (1.000000, 0.999530, 0.999967)
ROOT = math.sqrt(2 * math.pi)
VALUES = 51
GOLDEN = (math.sqrt(5) - 1) / 2

Density = Callable[[Tensor, float, float], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


def normal(x: Tensor, mu: float, sigma: float) -> Tensor:
    return torch.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * ROOT)


def unnormalised(x: Tensor, mu: float, sigma: float) -> Tensor:
    return torch.exp(-(((x - mu) / sigma) ** 2) / 2)


def no_half(x: Tensor, mu: float, sigma: float) -> Tensor:
    return torch.exp(-(((x - mu) / sigma) ** 2)) / (sigma * ROOT)


def no_scale(x: Tensor, mu: float, sigma: float) -> Tensor:
    return unnormalised(x, mu, sigma) / ROOT


def grid(low: float, high: float, n: int) -> Tensor:
    return torch.linspace(low, high, n, dtype=torch.float64)


def mass(mu: float, sigma: float, low: float, high: float) -> float:
    """What a normal law has between two numbers."""
    inside = [math.erf((end - mu) / (sigma * math.sqrt(2))) for end in (low, high)]
    return (inside[1] - inside[0]) / 2


def integrals(density: Density, shift: float = 0.0) -> list[float]:
    x = grid(-7, 6.99, 1400) + shift
    return [float(torch.trapezoid(density(x, mu + shift, sigma), x)) for mu, sigma in PAIRS]


def gaussian(sigma: float) -> Loss:
    """Negative log-likelihood of every θ, shape (samples), for samples (samples, n)."""

    def loss(y: Tensor, theta: Tensor) -> Tensor:
        constant = y.shape[1] * math.log(sigma * ROOT)
        return constant + squared(y, theta) / (2 * sigma**2)

    return loss


def laplace(y: Tensor, theta: Tensor) -> Tensor:
    """The same for Laplace noise with b = 1."""
    return y.shape[1] * math.log(2) + (y - theta[:, None]).abs().sum(1)


def squared(y: Tensor, theta: Tensor) -> Tensor:
    return (y - theta[:, None]).square().sum(1)


def minimiser(loss: Loss, y: Tensor) -> Tensor:
    """Where a convex loss is least, for each sample, by golden sections."""
    low, high = y.min(1).values, y.max(1).values
    for _ in range(60):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        falls = loss(y, left) > loss(y, right)
        low, high = torch.where(falls, left, low), torch.where(falls, high, right)
    return (low + high) / 2


def largest_gap(found: Any, expected: Any) -> float:
    return float(np.abs(np.asarray(found) - np.asarray(expected)).max())


def run(context: Context) -> Result:
    result = Result(context)
    cases: dict[str, tuple[Density, float]] = {
        "density": (normal, 0.0),
        "shifted": (normal, math.pi),
        "unnormalised": (unnormalised, 0.0),
        "no-half": (no_half, 0.0),
        "no-scale": (no_scale, 0.0),
    }
    result.contrast("integral-error", cases, lambda case: largest_gap(integrals(*case), INTEGRALS))
    found = integrals(normal)
    peaks = [float(normal(torch.tensor(mu).double(), mu, sigma)) for mu, sigma in PAIRS]
    masses = [mass(mu, sigma, -7, 7) for mu, sigma in PAIRS]
    result.measure("integrals", found)
    result.measure("peaks", peaks)
    result.measure("masses", masses)
    result.measure("peak-error", largest_gap(peaks, PEAKS))
    result.measure("mass-error", largest_gap(found, masses))

    x = grid(0, 10, 100)
    half = float(torch.trapezoid(normal(x, 0, 2.5), x))
    result.measure("kernel-integral", half)
    result.measure("kernel-error", abs(half - mass(0, 2.5, 0, 10)))
    result.measure("moment-error", max(moment_error(*pair) for pair in PAIRS))

    shape = (context["samples"], VALUES)
    y = 3 * torch.randn(shape, generator=context.generator(), dtype=torch.float64)
    least = minimiser(squared, y)
    noise = {"σ = 1": gaussian(1), "wider-noise": gaussian(3), "laplace-noise": laplace}
    result.contrast("gaussian-gap", noise, lambda loss: largest_gap(minimiser(loss, y), least))
    result.measure("mean-gap", largest_gap(least, y.mean(1)))
    result.measure("median-gap", largest_gap(minimiser(laplace, y), y.median(1).values))

    result.figure(
        "curves",
        draw_curves,
        title="Normal densities",
        alt=(
            "Left, two bells of one height around 0 and 3 and a wide one of half the height. "
            "Right, the falling half of a bell from 0.16 at 0 to almost nothing at 10."
        ),
        data={"μ": [p[0] for p in PAIRS], "σ": [p[1] for p in PAIRS], "integral": found},
        size=(9.0, 3.6),
        panels=(1, 2),
    )
    sample = y[0]
    result.figure(
        "losses",
        lambda ax, theme: draw_losses(ax, theme, sample),
        title="Three losses of one sample",
        alt=(
            "Each loss above its least value. The Gaussian likelihood and half the squared loss "
            "lie on each other and touch zero at the mean, the Laplace one at the median."
        ),
        data={"mean": [float(sample.mean())], "median": [float(sample.median())]},
    )
    return result


def moment_error(mu: float, sigma: float) -> float:
    """Largest error of mass, mean and variance."""
    x = grid(mu - 12 * sigma, mu + 12 * sigma, 4801)
    p = normal(x, mu, sigma)
    moments = [torch.trapezoid(part, x) for part in (p, x * p, (x - mu).square() * p)]
    return largest_gap(moments, [1, mu, sigma**2])


def draw_curves(axes: Any, theme: Any) -> None:
    """The three densities of the book, and the kernel of the notebook."""
    x = grid(-7, 6.99, 1400)
    for k, (mu, sigma) in enumerate(PAIRS):
        label = f"μ = {mu:g}, σ = {sigma:g}"
        axes[0].plot(x.numpy(), normal(x, mu, sigma).numpy(), color=theme.color(k), label=label)
    axes[0].set(xlabel="x", ylabel="p(x)", ylim=(0, 0.56))
    axes[0].legend(loc="upper left")
    x = grid(0, 10, 100)
    axes[1].plot(x.numpy(), normal(x, 0, 2.5).numpy(), color=theme.color(3))
    axes[1].set(xlabel="distance", ylabel="weight, σ = 2.5", ylim=(0, None))


def draw_losses(ax: Any, theme: Any, sample: Tensor) -> None:
    """Every loss above its least value, around mean and median."""
    theta = grid(float(sample.mean()) - 2, float(sample.mean()) + 2, 401)
    rows = sample.expand(len(theta), -1)
    curves = {
        "Gaussian likelihood": (gaussian(1)(rows, theta), "-", 4.0),
        "½ squared loss": (squared(rows, theta) / 2, "--", 1.5),
        "Laplace likelihood": (laplace(rows, theta), "-", 1.5),
    }
    for k, (name, (values, style, width)) in enumerate(curves.items()):
        above = (values - values.min()).numpy()
        ax.plot(theta.numpy(), above, style, color=theme.color(k), linewidth=width, label=name)
    for value, name, marker in ((sample.mean(), "mean", "o"), (sample.median(), "median", "s")):
        ax.plot(float(value), 0, marker, color=theme.text, markersize=5, label=name, zorder=3)
    ax.set(xlabel="θ", ylabel="loss above its least value", ylim=(-2, 90))
    ax.legend(loc="upper center")
