"""The slopes of rectifier and sigmoid, which several exercises ask for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Mistake,
    Property,
    close,
    fails,
    like,
    only_on,
)
from gramian.labs.exercises._backprop import SLOPES, UNITS, sigmoid, sigmoid_slope

__all__ = ["D_RELU", "D_SIGMOID", "d_relu", "d_sigmoid", "places"]


def d_relu(z: torch.Tensor) -> torch.Tensor:
    """The slope of max(0, z) at every entry of z, of any shape; 0 at the kink."""
    return (z > 0).to(z.dtype)


def d_sigmoid(z: torch.Tensor) -> torch.Tensor:
    """The slope of the sigmoid 1 / (1 + e^-z) at every entry of z, of any shape and size."""
    return torch.sigmoid(z) * torch.sigmoid(-z)


def places(draw: Draw) -> Iterator[Case]:
    """Sums on both sides of zero, on it, and far from it."""
    yield Case("above", z=np.array([1.5]))
    yield Case("below", z=np.array([-1.5]))
    yield Case("at zero", z=np.array([0.0]))
    yield Case("several, with ties", z=draw.grid(6))
    yield Case("any numbers", z=draw.normal(4))
    yield Case("far out", z=np.array([-800.0, -100.0, 100.0, 800.0]))


D_RELU = Function(
    solution=d_relu,
    cases=places,
    axes={"z": "n"},
    returns=Array("n", keeps_dtype=False),
    reference=SLOPES["relu"],
    mistakes=(
        Mistake(
            "quotient of value and input",
            fails("finite"),
            "Divide zero by zero, and see. A comparison needs no division.",
        ),
        Mistake(
            "another slope at the kink",
            only_on("zero", "ties"),
            "The sides are right. What does the docstring say about the kink?",
        ),
        Mistake(
            "the value in place of the slope",
            like(UNITS["relu"]),
            "How much does the value grow where z grows a little? That is asked for.",
        ),
    ),
    example="d_relu(torch.tensor([-1.0, 0.0, 2.0]))",
)

D_SIGMOID = Function(
    solution=d_sigmoid,
    cases=places,
    axes={"z": "n"},
    returns=Array("n"),
    properties=(
        Property(
            "the slope at -z is that at z",
            lambda f, z: close(f(-z), f(z)),
            "The sigmoid rises as fast before its middle as behind it.",
        ),
    ),
    reference=sigmoid_slope,
    mistakes=(
        Mistake(
            "quotient of exponentials",
            fails("finite"),
            "e to a large power overflows. Write the slope with values of the sigmoid, which "
            "stay between zero and one.",
        ),
        Mistake(
            "input in place of the value",
            like(lambda z: z * (1 - z)),
            "In s(1 - s) the s is the value of the sigmoid, not what goes in.",
        ),
        Mistake(
            "the value in place of the slope",
            like(sigmoid),
            "Far out the sigmoid is flat. Is your slope small there, on both sides?",
        ),
    ),
    example="d_sigmoid(torch.tensor([-1.0, 0.0, 2.0]))",
)
