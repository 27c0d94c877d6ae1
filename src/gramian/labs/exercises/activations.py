"""The exercise of activations: four functions, and their slopes everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Property,
    any_of,
    close,
    fails,
    like,
    modifies,
)
from gramian.labs.exercises import _backprop
from gramian.labs.exercises._slopes import D_RELU, D_SIGMOID, places


def relu(z: torch.Tensor) -> torch.Tensor:
    """max(0, z) at every entry of z, of any shape."""
    return torch.where(z > 0, z, 0)


def sigmoid(z: torch.Tensor) -> torch.Tensor:
    """1 / (1 + e^-z) at every entry of z, of any shape and size."""
    smaller = torch.exp(-z.abs())
    return torch.where(z < 0, smaller, 1) / (1 + smaller)


def tanh(z: torch.Tensor) -> torch.Tensor:
    """(e^z - e^-z) / (e^z + e^-z) at every entry of z, of any shape and size."""
    return 2 * sigmoid(2 * z) - 1


def prelu(z: torch.Tensor, alpha: float) -> torch.Tensor:
    """z where z > 0 and alpha z elsewhere, at every entry of z, of any shape, for any alpha."""
    return torch.where(z > 0, z, alpha * z)


def d_tanh(z: torch.Tensor) -> torch.Tensor:
    """The slope of tanh at every entry of z, of any shape and size."""
    return 1 - tanh(z) ** 2


def d_prelu(z: torch.Tensor, alpha: float) -> torch.Tensor:
    """The slope of prelu at every entry of z, of any shape; alpha at the kink."""
    return torch.where(z > 0, torch.ones_like(z), alpha)


def _leaky(draw: Draw) -> Iterator[Case]:
    yield Case("above", z=np.array([1.5]), alpha=0.25)
    yield Case("below", z=np.array([-1.5]), alpha=0.25)
    yield Case("at zero", z=np.array([0.0]), alpha=0.25)
    yield Case("any numbers", z=draw.normal(4), alpha=draw.number(0.1, 0.9))
    yield Case("alpha zero", z=draw.grid(4), alpha=0.0)
    yield Case("alpha above one", z=np.array([-2.0, 1.0]), alpha=draw.number(1.2, 1.9))
    yield Case("alpha negative", z=np.array([-2.0, 1.0]), alpha=draw.number(-0.9, -0.1))


def _tanh(z: np.ndarray) -> np.ndarray:
    return 2 * _backprop.sigmoid(2 * z) - 1


def _prelu(z: np.ndarray, alpha: float) -> np.ndarray:
    return np.maximum(z, 0.0) + alpha * np.minimum(z, 0.0)


def _d_prelu(z: np.ndarray, alpha: float, *, at: float = 0.0) -> np.ndarray:
    """The slope; at the kink a wrong mean of both sides, ``at`` being the share of the right."""
    return alpha + (1 - alpha) * np.heaviside(z, at)


EXERCISE = Exercise(
    lab="activations",
    title="Activations and their slopes",
    question="What are the slopes, and at 0?",
    background="""\
An activation bends what would be a line. Two kinds are common.

**Rectifiers** are lines with a kink: $\\max(0, z)$, or with a slope $\\alpha$ below zero. A kink
has no slope of its own: every number between the slopes on both sides fits, and a program has to
take one. What it takes depends on how the function was written: `torch.relu` has 0 there, and a
maximum of two tensors, which shares a tie between them, has one half. Here we take the slope of
the left side.

**Sigmoid** $\\sigma(z) = 1 / (1 + e^{-z})$ and $\\tanh(z) = 2\\sigma(2z) - 1$ are flat far out:
$\\sigma' = \\sigma(1 - \\sigma)$ and $\\tanh' = 1 - \\tanh^2$. Where they are flat, nothing is
learned.

**Large numbers** break formulas, not functions. $e^{1000}$ is too large for a float, and infinity
divided by infinity is no number; $e^{-1000}$ is zero, and harms nobody. So choose the exponential
that becomes small.

Write the formulas out yourself: `torch.sigmoid` knows all this already.
""",
    arrays="torch",
    functions=(
        Function(
            solution=relu,
            cases=places,
            axes={"z": "n"},
            returns=Array("n"),
            reference=_backprop.UNITS["relu"],
            group="Values",
            mistakes=(
                Mistake(
                    "z changed in place",
                    modifies("z"),
                    "The caller still needs z. Make a new tensor of the results.",
                ),
                Mistake(
                    "slope in place of the value",
                    like(_backprop.SLOPES["relu"]),
                    "A comparison says on which side z is. Then the value itself is wanted.",
                ),
                Mistake(
                    "the wrong side",
                    like(lambda z: np.minimum(z, 0.0)),
                    "Which side is kept, that above zero or that below?",
                ),
            ),
            example="relu(torch.tensor([-1.0, 0.0, 2.0]))",
        ),
        Function(
            solution=sigmoid,
            cases=places,
            axes={"z": "n"},
            returns=Array("n"),
            properties=(
                Property(
                    "the values at z and at -z add up to one",
                    lambda f, z: close(f(z) + f(-z), np.ones(len(z))),
                    "Try one number and its negative. What is added in the denominator?",
                ),
            ),
            reference=_backprop.sigmoid,
            group="Values",
            mistakes=(
                Mistake(
                    "overflow",
                    fails("finite"),
                    "Infinity divided by infinity is no number. Divide above and below by what is "
                    "large.",
                ),
                Mistake(
                    "sign of the exponent",
                    like(lambda z: _backprop.sigmoid(-z)),
                    "Does it rise or fall?",
                ),
            ),
            example="sigmoid(torch.tensor([-1000.0, 0.0, 1000.0]))",
        ),
        Function(
            solution=tanh,
            cases=places,
            axes={"z": "n"},
            returns=Array("n"),
            properties=(
                Property(
                    "the value at -z is minus that at z",
                    lambda f, z: close(f(-z), -f(z)),
                    "Exchange both exponentials: what happens to numerator and denominator?",
                ),
            ),
            reference=_tanh,
            group="Values",
            mistakes=(
                Mistake(
                    "overflow",
                    fails("finite"),
                    "Infinity divided by infinity is no number. Can the sigmoid help?",
                ),
                Mistake(
                    "half of the argument",
                    like(lambda z: _tanh(z / 2)),
                    "A sigmoid stretched to both sides is not as steep. Compare the exponents.",
                ),
                Mistake(
                    "sigmoid in its place",
                    like(_backprop.sigmoid),
                    "Which values does it take far below zero?",
                ),
            ),
            example="tanh(torch.tensor([-1000.0, 0.0, 1000.0]))",
        ),
        Function(
            solution=prelu,
            cases=_leaky,
            axes={"z": "n"},
            returns=Array("n"),
            reference=_prelu,
            group="Values",
            mistakes=(
                Mistake(
                    "alpha on the wrong side",
                    like(lambda z, alpha: np.where(z > 0, alpha * z, z)),
                    "Which side is bent, that above zero or that below?",
                ),
                Mistake(
                    "maximum of both lines",
                    like(lambda z, alpha: np.maximum(z, alpha * z)),
                    "Which of both lines is the higher one depends on alpha. Ask where z is "
                    "instead.",
                ),
                Mistake(
                    "alpha forgotten",
                    like(lambda z, alpha: np.maximum(z, 0.0)),
                    "What comes out below zero depends on alpha.",
                ),
            ),
            example="prelu(torch.tensor([-1.0, 0.0, 2.0]), 0.1)",
        ),
        replace(D_RELU, group="Slopes"),
        replace(D_SIGMOID, group="Slopes"),
        Function(
            solution=d_tanh,
            cases=places,
            axes={"z": "n"},
            returns=Array("n"),
            properties=(
                Property(
                    "the slope at -z is that at z",
                    lambda f, z: close(f(-z), f(z)),
                    "It rises as fast before its middle as behind it.",
                ),
            ),
            reference=lambda z: 1 - _tanh(z) ** 2,
            group="Slopes",
            mistakes=(
                Mistake(
                    "overflow",
                    fails("finite"),
                    "Far out the slope is nearly zero. Which formula gets there without infinity?",
                ),
                Mistake(
                    "input in place of the value",
                    like(lambda z: 1 - z**2),
                    "The square is that of the value, not of what goes in.",
                ),
                Mistake(
                    "square forgotten",
                    like(lambda z: 1 - _tanh(z)),
                    "Far below zero the function is flat. Is your slope small there?",
                ),
                Mistake(
                    "slope of the sigmoid",
                    like(_backprop.sigmoid_slope),
                    "In its middle tanh is steeper than the sigmoid.",
                ),
            ),
            example="d_tanh(torch.tensor([-1000.0, 0.0, 1000.0]))",
        ),
        Function(
            solution=d_prelu,
            cases=_leaky,
            axes={"z": "n"},
            returns=Array("n", keeps_dtype=False),
            reference=_d_prelu,
            group="Slopes",
            mistakes=(
                Mistake(
                    "quotient of value and input",
                    fails("finite"),
                    "Divide zero by zero, and see. A comparison needs no division.",
                ),
                Mistake(
                    "another slope at the kink",
                    any_of(
                        like(lambda z, alpha: np.where(z >= 0, 1.0, alpha)),
                        like(
                            lambda z, alpha: np.where(z == 0, 0.5 + alpha / 2, _d_prelu(z, alpha))
                        ),
                    ),
                    "The sides are right. What does the docstring say about the kink?",
                ),
                Mistake(
                    "alpha forgotten",
                    like(lambda z, alpha: np.where(z > 0, 1.0, 0.0)),
                    "Below zero it is a line too. What is its slope?",
                ),
                Mistake(
                    "the value in place of the slope",
                    like(_prelu),
                    "How much does the value grow where z grows a little? That is asked for.",
                ),
            ),
            example="d_prelu(torch.tensor([-1.0, 0.0, 2.0]), 0.1)",
        ),
    ),
)
