"""What lets two hidden units solve XOR, and what stops them?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian import train
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
from gramian.labs.experiments._small_nets import (
    CORNERS,
    LABELS,
    Repeated,
    learner,
    net_of,
    solves_xor,
    squared_error,
)

LAB = Lab(
    name="xor",
    topic="networks",
    question="What lets two hidden units solve XOR, and what stops them?",
    answer="A bend does, if both units stay alive: tanh succeeds nearly always, ReLU seldom.",
    source="EE4414, week 4",
    method=(
        "A net of two inputs, two hidden units and one output, ŷ = w¹ᵀφ(W⁰x + b⁰) + b¹, is "
        "trained on the corners (±1, ±1), with the label 1 where both signs agree and −1 "
        "elsewhere: rate 0.1, 2,000 steps on all four points, loss the mean of (ŷ − y)².\n\n"
        "The course gives two sets of first weights, one in its text and one in the code of its "
        "answers. Text: units (0.8, −0.5; 0.5) and (−0.3, −0.1; −0.2), output (−0.5, −0.4; −0.8). "
        "Code: the second unit is (−1, −0.1; −0.2) and the bias of the output −0.2. Both are "
        "trained, with ReLU and with tanh, and so are many starts from U(−0.2, 0.2), the same for "
        "both activations. A start succeeds where the loss ends below 0.001."
    ),
    claims=(
        Claim(
            "forward",
            "The weights of the text give the printed values of the three neurons.",
            "three-neurons",
            "==",
            [0.69, -0.3, -0.99],
            kind="exact",
        ),
        Claim(
            "learns",
            "From the weights of the code, ReLU learns XOR.",
            "loss-relu-code",
            "<",
            1e-3,
            figure="surface",
        ),
        Claim(
            "stalls",
            "From those of the text it stalls at ⅔, and on the corners of {0, 1}² both do.",
            ("loss-relu-text", "loss-relu-text-01", "loss-relu-code-01"),
            "in",
            (0.66, 0.673),
            figure="surface",
        ),
        Claim(
            "stuck-outputs",
            "Stalled, the outputs are ⅓, ⅓, ⅓ and −1, in some order.",
            "stuck-error",
            "<",
            0.01,
        ),
        Claim(
            "tanh",
            "tanh learns it from either weights.",
            ("loss-tanh-text", "loss-tanh-code"),
            "<",
            1e-3,
        ),
        Claim(
            "line",
            "Without a bend, no more than three of four corners are right.",
            "accuracy-identity",
            "<=",
            0.75,
        ),
        Claim(
            "starts",
            "From small random weights, tanh succeeds more often than ReLU.",
            "tanh-above-relu",
            ">",
            0.0,
            kind="statistical",
            figure="starts",
        ),
    ),
    controls=(
        positive(
            "solution", "ŷ = relu(s) + relu(−s) − 1 with s = x₀ + x₁ stays solved.", claim="learns"
        ),
        negative(
            "label-shape",
            "Labels of shape (4, 1) beside outputs of shape (4, 1, 1) are compared all with all.",
            claim="learns",
            must=(">", 0.9),
        ),
        negative("code-weights", "The weights of the code give other values.", claim="forward"),
        negative("two-kinks", "A net that solves XOR is no line.", claim="line", must=("==", 1.0)),
        negative("same-runs", "ReLU does not succeed more often than ReLU.", claim="starts"),
    ),
    published_errors=(
        PublishedError(
            "EE4414, week 4, 1.2",
            "the printed values belong to the weights of the text, not to the code shown",
            "both are evaluated",
        ),
        PublishedError(
            "EE4414, week 4, 1.4",
            "the weights of the text cannot learn XOR with ReLU: one unit is dead",
            "both starts and both activations are trained",
        ),
        PublishedError(
            "EE4414, week 4, 1.5",
            "labels are changed without a reason given: their shape made the loss compare all "
            "outputs with all labels",
            "the old shape is a control",
        ),
    ),
    source_values=(
        SourceValue("EE4414, week 4, text", "three neurons", [0.69, -0.3, -0.99], "three-neurons"),
        SourceValue(
            "EE4414, week 4, answer code",
            "three neurons",
            [0.69, -0.3, -0.99],
            "three-neurons-code",
            note="the code shown has other weights than the run that was printed",
        ),
        SourceValue(
            "EE4414, week 4, 1.3",
            "output of the net",
            -1.045,
            "output-at-0.3-0.5",
            tolerance=5e-5,
            note="inputs are not given; (0.3, 0.5) with the weights of the text fits",
        ),
    ),
    quick={"starts": 200, "epochs": 40, "steps_per_epoch": 50},
    full={"starts": 1000},
    seconds=(15, 60),
)

TEXT = ([[0.8, -0.5], [-0.3, -0.1]], [0.5, -0.2], [[-0.5, -0.4]], [-0.8])
CODE = ([[0.8, -0.5], [-1.0, -0.1]], [0.5, -0.2], [[-0.5, -0.4]], [-0.2])
SOLUTION = ([[1.0, 1.0], [-1.0, -1.0]], [0.0, 0.0], [[1.0, 1.0]], [-1.0])


class Film(train.Callback):
    """What the net answers on a grid, before training and after each epoch."""

    def __init__(self, grid: Tensor) -> None:
        self.grid = grid
        self.frames: list[Tensor] = []

    def on_fit_start(self, trainer: train.Trainer) -> None:
        self.frames.append(train.predict(trainer.model, self.grid))

    def on_epoch_end(self, trainer: train.Trainer) -> None:
        self.frames.append(train.predict(trainer.model, self.grid))


def all_with_all(outputs: Tensor, y: Tensor) -> Tensor:
    """The same loss for outputs that are column vectors."""
    return squared_error(outputs[:, :, None], y)


def three_neurons(weights: Any) -> list[float]:
    """Each of the three neurons for itself at (0.3, 0.1)."""
    W0, b0, w1, b1 = map(torch.tensor, weights)
    values = torch.cat([W0, w1]) @ torch.tensor([0.3, 0.1]) + torch.cat([b0, b1])
    return [round(value, 2) for value in values.tolist()]


def run(context: Context) -> Result:
    result = Result(context)
    epochs, steps = context["epochs"], context["steps_per_epoch"]
    axis = torch.linspace(-1.6, 1.6, 50)
    grid = torch.cartesian_prod(axis, axis)

    def trained(
        weights: Any, activation: Any, X: Tensor = CORNERS, loss: Any = squared_error
    ) -> Film:
        film = Film(torch.cat([X, grid]))
        model = learner(net_of(weights, activation), loss=loss)
        trainer = train.Trainer(epochs, callbacks=[film], board=False)
        trainer.fit(model, Repeated(X, LABELS, steps))
        return film

    def loss_of(film: Film) -> float:
        return float(squared_error(film.frames[-1][:4], LABELS))

    result.contrast("three-neurons", {"text": TEXT, "code-weights": CODE}, three_neurons)
    result.measure("three-neurons-code", three_neurons(CODE))
    for name, x, first in (("text", 0.1, TEXT), ("code", 0.1, CODE), ("at-0.3-0.5", 0.5, TEXT)):
        answer = train.predict(net_of(first, nn.ReLU), torch.tensor([[0.3, x]]))
        result.measure(f"output-{name}", float(answer))

    films = {
        "code": trained(CODE, nn.ReLU),
        "solution": trained(SOLUTION, nn.ReLU),
        "label-shape": trained(CODE, nn.ReLU, loss=all_with_all),
    }
    result.contrast("loss-relu-code", films, loss_of)
    text = trained(TEXT, nn.ReLU)
    result.measure("loss-relu-text", loss_of(text))
    stuck = text.frames[-1][:4].flatten().sort().values
    expected = torch.tensor([-1.0, 1 / 3, 1 / 3, 1 / 3])
    result.measure("stuck-error", float((stuck - expected).abs().max()), tolerance=1e-3)
    for name, weights in (("text", TEXT), ("code", CODE)):
        bits = trained(weights, nn.ReLU, (CORNERS + 1) / 2)
        result.measure(f"loss-relu-{name}-01", loss_of(bits))
        result.measure(f"loss-tanh-{name}", loss_of(trained(weights, nn.Tanh)))
    lines = {"line": trained(CODE, nn.Identity), "two-kinks": films["solution"]}
    result.contrast("accuracy-identity", lines, lambda film: accuracy(film.frames[-1][:4]))

    seeds, success = context.seeds(context["starts"]), {}
    for name, unit in context.each((("ReLU", nn.ReLU), ("tanh", nn.Tanh)), "activation"):
        success[name] = solves_xor((2, 2, 1), unit, seeds, epochs=epochs, steps=steps)
        rate = statistics.wilson(int(success[name].sum()), len(seeds))
        result.measure(f"success-{name.lower()}", rate, tolerance=0.02)
    pairs = {"tanh": success["tanh"], "same-runs": success["ReLU"]}
    result.contrast(
        "tanh-above-relu",
        pairs,
        lambda ours: statistics.mcnemar(ours, success["ReLU"]),
        tolerance=0.02,
    )

    shown = {"weights of the code": films["code"], "weights of the text": text}
    kept = [0, 1, 2, 3, 4, 5, 6, 8, 10, 20, epochs]
    rates = {name: float(hits.mean()) for name, hits in success.items()}
    result.animation(
        "surface",
        lambda axes, theme, frame: draw_surfaces(axes, theme, shown, axis.numpy(), kept[frame]),
        frames=[f"step {steps * epoch}" for epoch in kept],
        title="What ReLU answers over the plane, from either start",
        alt=(
            "Two maps of the answer with the four corners. From the weights of the code a band "
            "along one diagonal rises to 1; from those of the text only one corner falls."
        ),
        data={name: film.frames[-1][:4].flatten() for name, film in shown.items()},
        size=(8.4, 3.8),
        panels=(1, 2),
    )
    result.figure(
        "starts",
        lambda ax, theme: draw_rates(ax, theme, rates),
        title="Starts from U(−0.2, 0.2) that solve XOR",
        alt="Two bars: tanh near 0.96, ReLU near 0.36.",
        data={"activation": list(rates), "share": list(rates.values())},
        size=(4.2, 3.4),
    )
    return result


def accuracy(outputs: Tensor) -> float:
    return float((outputs.sign() == LABELS).float().mean())


def draw_surfaces(axes: Any, theme: Any, films: dict[str, Film], axis: Any, epoch: int) -> None:
    """The answers of one epoch as colours, with the border between the classes."""
    look = {"cmap": theme.colormap("diverging"), "vmin": -1.5, "vmax": 1.5, "origin": "lower"}
    extent = (axis[0], axis[-1], axis[0], axis[-1])
    for ax, (name, film) in zip(axes, films.items(), strict=True):
        answers = film.frames[epoch][4:].reshape(len(axis), -1).T.numpy()
        image = ax.imshow(answers, extent=extent, interpolation="bilinear", **look)
        if answers.min() < 0 < answers.max():
            ax.contour(axis, axis, answers, levels=[0.0], colors=theme.text, linewidths=1.2)
        for (x, y), label in zip(CORNERS.tolist(), LABELS.flatten().tolist(), strict=True):
            text = {"ha": "center", "va": "center", "color": theme.text, "fontsize": 12}
            box = {"boxstyle": "circle", "facecolor": theme.surface, "edgecolor": theme.muted}
            ax.text(x, y, "+" if label > 0 else "−", bbox=box, **text)
        ax.set(xlabel="x₀", ylabel="x₁", aspect="equal")
        ax.set_title(name, fontsize=10, color=theme.text)
    axes[0].figure.colorbar(image, ax=axes, label="ŷ", shrink=0.9)


def draw_rates(ax: Any, theme: Any, rates: dict[str, float]) -> None:
    """One bar for each activation."""
    ax.bar(list(rates), list(rates.values()), width=0.5, color=theme.color(0))
    ax.set(ylim=(0, 1), xlabel="activation", ylabel="share of starts that succeed")
