"""The exercise of invariance-fc: what a layer gives, and how far it moves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Fixture,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    fails,
    like,
)
from gramian.labs.exercises._invariance import INVARIANCE_T

LAYERS = ("norm", "hidden", "bent", "scores")


def activations(model: torch.nn.Module, layer: str, x: torch.Tensor) -> torch.Tensor:
    """What the layer of this name gives for inputs x (n, d), as a tensor without gradients.

    Names are those of model.named_modules(). The model is in evaluation mode, and no hook is left
    on it.
    """
    found = []
    part = dict(model.named_modules())[layer]
    hook = part.register_forward_hook(lambda module, inputs, output: found.append(output))
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        hook.remove()
    return found[0]


def _looked_into(draw: Draw) -> Iterator[Case]:
    def case(label: str, layer: str, n: int, d: int) -> Case:
        model = Fixture(
            "classifiers.hidden_units",
            mean=draw.normal(d) + 1.0,
            variance=draw.uniform(0.5, 2.0, d),
            first=draw.normal(4, d),
            second=draw.normal(3, 4),
        )
        return Case(label, dtypes=("float64",), model=model, layer=layer, x=draw.normal(n, d))

    yield case("one hidden layer", "hidden", 2, 2)
    yield case("after the activation", "bent", 3, 2)
    yield case("the first layer", "norm", 3, 3)
    yield case("the last layer", "scores", 4, 2)


def _outputs(x: np.ndarray, model: Fixture, training: bool) -> dict[str, np.ndarray]:
    """What each layer gives."""
    given = model.options
    mean, variance = given["mean"], given["variance"]
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    norm = (x - mean) / np.sqrt(variance + 1e-5)
    hidden = norm @ given["first"].T
    outputs = (norm, hidden, np.tanh(hidden), np.tanh(hidden) @ given["second"].T)
    return dict(zip(LAYERS, outputs, strict=True))


def _seen(model: Fixture, layer: str, x: np.ndarray, training: bool = False) -> tuple:
    """What the layer gives, and no hook."""
    return _outputs(x, model, training)[layer], 0


EXERCISE = Exercise(
    lab="invariance-fc",
    title="Is a layer invariant?",
    question="How far do the features of an image move when the image does?",
    background="""\
A forward hook is called whenever its layer has computed something:
`handle = layer.register_forward_hook(f)`, and `f(module, inputs, output)` sees the output. The hook
stays until `handle.remove()`.

How far features move says little by itself: they must be compared with the distance between
different images.
""",
    arrays="torch",
    functions=(
        Function(
            solution=activations,
            cases=_looked_into,
            through="classifiers.watched",
            returns=Group(activations=Array(None), hooks=Number("integer")),
            properties=(
                Property(
                    "no hook is left on the model",
                    lambda f, model, layer, x: f(model, layer, x)[1] == 0,
                    "What does register_forward_hook return?",
                ),
            ),
            reference=_seen,
            mistakes=(
                Mistake(
                    "hook never removed",
                    fails("no hook is left on the model"),
                    "A hook stays until its handle removes it, also after an error.",
                ),
                Mistake(
                    "training mode",
                    like(lambda model, layer, x: _seen(model, layer, x, training=True)),
                    "The answer for one row depends on the other rows. Which mode?",
                ),
                Mistake(
                    "output of the whole model",
                    like(lambda model, layer, x: _seen(model, "scores", x)),
                    "The model's output is that of its last layer. Which layer was asked for?",
                ),
            ),
            task=(
                "The check looks at what you return, and counts the hooks that are still on the "
                "model."
            ),
            hint="Let the hook of that one layer keep its output, and run the model.",
        ),
        INVARIANCE_T,
    ),
)
