"""Which learning rates converge?"""

from __future__ import annotations

from dataclasses import dataclass
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
from gramian.train import SGD

WEEK = "EE4414, week 2"

LAB = Lab(
    name="one-neuron",
    topic="linear models",
    question="Which learning rates converge?",
    answer="Those below 1/(‖x‖² + 1); at half of that one step is enough.",
    source=f"{WEEK}, exercises 1.1 to 1.7",
    method=(
        "One neuron ŷ = w·x + b with w = (0.4, 0.1), b = 1 and a single sample x = (0.5, 0.4), "
        "y = −0.5; loss L = (y − ŷ)². The gradients are 2(ŷ − y)x and 2(ŷ − y), so a step of "
        "gradient descent at rate μ multiplies the error ŷ − y by f = 1 − 2μ(‖x‖² + 1) = "
        "1 − 2.82μ. The loss after k steps is L₀f²ᵏ; it falls where |f| < 1, that is for "
        "μ < 0.7092.\n\n"
        "The law is compared with the run, step by step, for the rates of the source and for "
        "random neurons at random rates, in float64. Below a loss of 10⁻¹³, where rounding "
        "decides, the difference is taken relative to 10⁻¹³."
    ),
    claims=(
        Claim(
            "law",
            "The loss follows L₀f²ᵏ for every rate of the source, and for random neurons.",
            ("deviation", "deviation-random"),
            "<",
            1e-6,
            figure="rates",
        ),
        Claim(
            "converges",
            "At rate 0.70, just below the limit, the loss goes to 0.",
            "loss-at-070",
            "<",
            1e-6,
            figure="limit",
        ),
        Claim("diverges", "At rate 0.72 it grows without end.", "loss-at-072", ">", 1e6),
    ),
    controls=(
        positive("one-step", "At μ = 1/2.82 one step is enough.", claim="converges"),
        negative("above-limit", "At 0.72 it does not go to 0.", claim="converges", must=(">", 1e6)),
        negative(
            "not-zeroed",
            "Gradients that add up follow another law.",
            claim="law",
            must=(">", 0.1),
        ),
        negative("below-limit", "At 0.70 it does not grow.", claim="diverges", must=("<", 1e-6)),
    ),
    published_errors=(
        PublishedError(
            f"{WEEK}, 1.7",
            "refers to exercise 1.5 where it means 1.6",
            "the exercise is the loop of 1.6, with other rates",
        ),
        PublishedError(
            f"{WEEK}, 1.7",
            "at rate 1 the loss is shown as it runs, in float32 infinite from epoch 74",
            "float64 is used, and the law says what must come",
        ),
    ),
    source_values=(
        SourceValue(f"{WEEK}, 1.2", "prediction", 1.24, "prediction", 1e-9),
        SourceValue(f"{WEEK}, 1.3", "loss", 3.0276, "loss", 1e-9),
        SourceValue(f"{WEEK}, 1.4", "gradient of w", [1.74, 1.392], "gradient-w", 1e-9),
        SourceValue(f"{WEEK}, 1.4", "gradient of b", 3.48, "gradient-b", 1e-9),
        SourceValue(f"{WEEK}, 1.5", "prediction after a step", 1.1909, "prediction-1", 5e-5),
        SourceValue(f"{WEEK}, 1.5", "loss after a step", 2.8593, "loss-1", 5e-5),
    ),
    quick={"epochs": 100, "neurons": 50},
    full={"neurons": 2000},
    seconds=(5, 20),
)

RATES = [1.0, 0.1, 0.01, 0.001]
FLOOR = 1e-13


@dataclass(frozen=True)
class Neuron:
    """First weights and the sample."""

    w: Tensor
    b: Tensor
    x: Tensor
    y: Tensor

    @property
    def curvature(self) -> float:
        """2(‖x‖² + 1)."""
        return float(2 * (self.x @ self.x + 1))

    def law(self, mu: float, epochs: int) -> np.ndarray:
        first = float((self.w @ self.x + self.b - self.y) ** 2)
        return first * (1 - mu * self.curvature) ** (2.0 * np.arange(epochs + 1))

    def train(
        self, mu: float, epochs: int, *, zero: bool = True, dtype: torch.dtype = torch.float64
    ) -> np.ndarray:
        """The prediction before the first epoch and after each."""
        w, b = (part.to(dtype).clone().requires_grad_() for part in (self.w, self.b))
        x, y, sgd = self.x.to(dtype), self.y.to(dtype), SGD([w, b], mu)
        found = []
        for _ in range(epochs + 1):
            if zero:
                sgd.zero_grad()
            prediction = w @ x + b
            found.append(float(prediction.detach()))
            ((y - prediction) ** 2).backward()
            sgd.step()
        return np.array(found)

    def losses(self, mu: float, epochs: int, *, zero: bool = True) -> np.ndarray:
        return np.asarray((self.train(mu, epochs, zero=zero) - float(self.y)) ** 2)

    def deviation(self, mu: float, epochs: int, *, zero: bool = True) -> float:
        """The largest relative deviation from the law."""
        law = self.law(mu, epochs)
        gap = np.abs(self.losses(mu, epochs, zero=zero) - law)
        return float((gap / np.maximum(law, FLOOR)).max())


def doubles(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


SOURCE = Neuron(doubles(0.4, 0.1), doubles(1.0)[0], doubles(0.5, 0.4), doubles(-0.5)[0])


def random_neuron(rng: torch.Generator) -> tuple[Neuron, float]:
    """A neuron, and a rate somewhere up to twice the best one."""
    w, x = torch.randn(2, 2, generator=rng, dtype=torch.float64)
    b, y = torch.randn(2, generator=rng, dtype=torch.float64)
    neuron = Neuron(w, b, x, y)
    share = float(torch.rand(1, generator=rng))
    return neuron, 2 * share / neuron.curvature


def run(context: Context) -> Result:
    result = Result(context)
    epochs = context["epochs"]
    first_step(result)

    modes = {"zeroed": True, "not-zeroed": False}
    result.contrast(
        "deviation",
        modes,
        lambda zero: max(SOURCE.deviation(mu, epochs, zero=zero) for mu in RATES),
    )
    rng = context.generator()
    pairs = [random_neuron(rng) for _ in range(context["neurons"])]
    # few epochs: the law itself loses digits as its exponent grows
    result.measure("deviation-random", max(each.deviation(mu, 20) for each, mu in pairs))

    below, above = (float(SOURCE.losses(mu, 1000)[-1]) for mu in (0.70, 0.72))
    best = 1 / SOURCE.curvature
    ends = {"0.70": below, "above-limit": above, "one-step": float(SOURCE.losses(best, 1)[-1])}
    result.contrast("loss-at-070", ends, float)
    result.contrast("loss-at-072", {"0.72": above, "below-limit": below}, float, tolerance=1.0)

    curves = {mu: SOURCE.losses(mu, epochs) for mu in RATES}
    result.measure("losses-at-end", [float(curve[-1]) for curve in curves.values()])
    single = SOURCE.train(1.0, epochs, dtype=torch.float32).astype(np.float32)
    with np.errstate(over="ignore"):
        overflow = np.flatnonzero(np.isinf((single + np.float32(0.5)) ** 2))
    result.measure("float32-infinite-from", int(overflow[0]))
    adding = SOURCE.losses(0.01, epochs - 1, zero=False)
    result.measure("not-zeroed-minimum-at", int(adding.argmin()))
    result.measure("not-zeroed-end", float(adding[-1]))
    add_figures(result, curves, adding)
    return result


def first_step(result: Result) -> None:
    """The numbers that the exercises ask for."""
    w, b = (part.clone().requires_grad_() for part in (SOURCE.w, SOURCE.b))
    prediction = w @ SOURCE.x + b
    loss = (SOURCE.y - prediction) ** 2
    loss.backward()
    result.measure("prediction", prediction)
    result.measure("loss", loss)
    result.measure("gradient-w", w.grad)
    result.measure("gradient-b", b.grad)
    result.measure("prediction-1", float(SOURCE.train(0.01, 1)[1]))
    result.measure("loss-1", float(SOURCE.losses(0.01, 1)[1]))


def add_figures(result: Result, curves: dict[float, np.ndarray], adding: np.ndarray) -> None:
    result.figure(
        "rates",
        lambda ax, theme: draw_rates(ax, theme, curves, adding),
        title="The loss at four rates",
        alt="Rate 1 rises beyond 10⁵⁰, 0.1 falls to 10⁻²⁸, 0.01 and 0.001 fall slowly.",
        data={"rate": RATES, "loss at the end": [float(curve[-1]) for curve in curves.values()]},
        caption="Dashes: L₀f²ᵏ. Dots: rate 0.01 without zeroing the gradients.",
    )
    mus = np.linspace(0.005, 0.8, 160)
    ends = [float(SOURCE.losses(float(mu), 100)[-1]) for mu in mus]
    result.figure(
        "limit",
        lambda ax, theme: draw_limit(ax, theme, mus, ends),
        title="The loss after 100 epochs, by rate",
        alt="A curve that falls to a floor between 0.25 and 0.45, and rises above 1 at 0.71.",
    )
    shown = [0.01, 0.05, 0.1, 0.2, 0.3, 1 / 2.82, 0.45, 0.6, 0.69, 0.72]
    paths = [SOURCE.train(mu, 25) for mu in shown]
    result.animation(
        "paths",
        lambda ax, theme, frame: draw_path(ax, theme, paths[frame]),
        frames=[f"μ = {mu:.3g}" for mu in shown],
        title="The prediction on its way to −0.5",
        alt="Slow approach for small rates, one step for 0.355, overshooting beyond.",
        seconds=0.8,
    )


def draw_rates(ax: Any, theme: Any, curves: dict[float, np.ndarray], adding: np.ndarray) -> None:
    for k, (mu, curve) in enumerate(curves.items()):
        ax.semilogy(np.maximum(curve, 1e-36), color=theme.color(k), label=f"μ = {mu:g}")
        law = SOURCE.law(mu, len(curve) - 1)
        ax.semilogy(law, "--", color=theme.text, linewidth=0.8)
    ax.semilogy(adding, ":", color=theme.color(2))
    ax.set(xlabel="epoch", ylabel="loss", ylim=(1e-34, 1e56))
    ax.legend(loc="upper left")


def draw_limit(ax: Any, theme: Any, mus: np.ndarray, ends: list[float]) -> None:
    ax.semilogy(mus, np.maximum(ends, 1e-34), color=theme.color(0))
    for place, text in ((1 / 2.82, "1/2.82"), (2 / 2.82, "2/2.82")):
        ax.axvline(place, color=theme.accent, linestyle="--", linewidth=1)
        ax.text(place - 0.01, 1e9, text, color=theme.accent, ha="right", fontsize=9)
    ax.set(xlabel="μ", ylabel="loss", ylim=(1e-35, 1e24))


def draw_path(ax: Any, theme: Any, path: np.ndarray) -> None:
    ax.axhline(-0.5, color=theme.accent, linewidth=1, linestyle="--")
    ax.plot(path, color=theme.color(0), marker="o", markersize=4)
    ax.set(xlim=(-0.5, 25.5), ylim=(-4, 3), xlabel="epoch", ylabel="ŷ")
