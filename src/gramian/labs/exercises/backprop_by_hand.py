"""The exercise of backprop-by-hand: the chain rule, from the loss back to every weight."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Exercise,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    fails,
    like,
)
from gramian.labs.exercises._backprop import SLOPES, UNITS, neuron, regularised, two_layer
from gramian.labs.exercises._backprop_cases import matrices, nets, neurons
from gramian.labs.exercises._slopes import D_RELU, D_SIGMOID, d_relu, d_sigmoid


def grads_neuron(w: torch.Tensor, b: float, x: torch.Tensor, y: float, unit: str) -> tuple:
    """The derivatives of (phi(w.x + b) - y)² by w, as (d,), and by b, as a number.

    unit names phi: "linear", "relu" or "sigmoid". w and x are (d,).
    """
    z = w @ x + b
    if unit == "relu":
        yhat, slope = torch.relu(z), d_relu(z)
    elif unit == "sigmoid":
        yhat, slope = torch.sigmoid(z), d_sigmoid(z)
    else:
        yhat, slope = z, torch.ones_like(z)
    delta = 2 * (yhat - y) * slope
    return delta * x, delta


def grads_two_layer(
    W0: torch.Tensor, b0: torch.Tensor, w1: torch.Tensor, b1: float, x: torch.Tensor, y: float
) -> tuple:
    """The derivatives of (yhat - y)² by W0, b0, w1 and b1, each in the shape of its weights.

    yhat = h.w1 + b1 with h = relu(x W0 + b0). The weight W0[i, j] of W0 (d, q) joins feature i
    of x (d,) to unit j; b0 and w1 are (q,).
    """
    z = x @ W0 + b0
    h = torch.relu(z)
    error = 2 * (h @ w1 + b1 - y)
    delta = error * w1 * d_relu(z)
    return torch.outer(x, delta), delta, error * h, error


def grads_regularised(
    W1: torch.Tensor, W2: torch.Tensor, x: torch.Tensor, y: torch.Tensor, lam: float
) -> tuple:
    """The derivatives of J by W1 (q, d) and W2 (m, q).

    J = ||o - y||² + lam/2 (||W1||² + ||W2||²), the sums of all squared entries, with
    o = W2 h, h = sigmoid(W1 x), for x (d,) and y (m,).
    """
    z = W1 @ x
    h = torch.sigmoid(z)
    error = 2 * (W2 @ h - y)
    delta = (W2.T @ error) * d_sigmoid(z)
    return torch.outer(delta, x) + lam * W1, torch.outer(error, h) + lam * W2


def _swapped(**given: Any) -> tuple[Any, ...]:
    return neuron(**given)[::-1]


def _transposed(**given: Any) -> tuple[Any, ...]:
    first, *others = two_layer(**given)
    return first.T, *others


EXERCISE = Exercise(
    lab="backprop-by-hand",
    title="Backpropagation by hand",
    question="Do hand-made chain rules equal automatic differentiation?",
    background="""\
A net is a chain: weights give sums $z$, sums give values $\\varphi(z)$, the last value gives the
loss $L$. The chain rule walks back along it, and needs one number per sum:
$\\delta = \\partial L / \\partial z$.

- **At the end**, $L = (\\hat y - y)^2$ and $\\hat y = \\varphi(z)$ give
  $\\delta = 2 (\\hat y - y)\\, \\varphi'(z)$.
- **At a weight**, $z = \\dots + w_i x_i + \\dots + b$ gives
  $\\partial L / \\partial w_i = \\delta\\, x_i$ and $\\partial L / \\partial b = \\delta$: what
  comes back times what went in.
- **One layer further back**, a unit's value reaches the loss through every weight that it goes
  into, so these ways add up; then the slope of the unit itself is one more factor.

For a whole layer $z = W x$ all this is an outer product, $\\delta x^\\top$, which has the shape of
$W$, and what goes further back is $W^\\top \\delta$. A penalty
$\\frac{\\lambda}{2} \\lVert W \\rVert^2$ adds $\\lambda W$.

The rectifier $\\max(0, z)$ has a kink at zero; there we take the slope 0. Its value divided by $z$
is the slope everywhere else, and no number at all there.

To see whether you are right, compare with `torch.autograd.grad`.
""",
    arrays="torch",
    functions=(
        D_RELU,
        D_SIGMOID,
        Function(
            solution=grads_neuron,
            cases=neurons,
            axes={"w": "d", "x": "d"},
            returns=Group(dw=Array("d"), db=Number()),
            properties=(
                Property(
                    "the derivative by w is the one by b times x",
                    lambda f, w, b, x, y, unit: close(
                        f(w, b, x, y, unit)[0], f(w, b, x, y, unit)[1] * x, 1e-4
                    ),
                    "b is a weight whose input is always one.",
                ),
            ),
            reference=neuron,
            hint="Write down z, the value and the loss, and the slope of each step.",
            mistakes=(
                Mistake(
                    "derivative by b given as that by w",
                    like(_swapped),
                    "Which of both has as many entries as there are weights? That one goes first.",
                ),
                Mistake(
                    "slope of the unit forgotten",
                    like(partial(neuron, slope=np.ones_like)),
                    "Between the loss and z stands the unit. Its slope is a factor, and its value "
                    "is the prediction.",
                ),
                Mistake(
                    "factor two forgotten",
                    like(lambda **given: tuple(g / 2 for g in neuron(**given))),
                    "A square has an exponent that comes down.",
                ),
                Mistake(
                    "slope at the value",
                    like(
                        lambda w, b, x, y, unit: neuron(
                            w, b, x, y, unit, slope=lambda z: SLOPES[unit](UNITS[unit](z))
                        )
                    ),
                    "The slope is taken where the unit stands: at its sum z, not at its value.",
                ),
            ),
            task="Use `d_relu` and `d_sigmoid`.",
            example="grads_neuron(torch.tensor([0.4, 0.1]), 1.0, torch.tensor([0.5, 0.4]), -0.5, "
            '"sigmoid")',
        ),
        Function(
            solution=grads_two_layer,
            cases=nets,
            axes={"W0": "dq", "b0": "q", "w1": "q", "x": "d"},
            returns=Group(dW0=Array("dq"), db0=Array("q"), dw1=Array("q"), db1=Number()),
            reference=two_layer,
            hint="Move one weight a little to both sides, and compare the difference of the losses "
            "with your derivative.",
            mistakes=(
                Mistake(
                    "quotient of value and input",
                    fails("finite"),
                    "A unit at its kink has the slope zero, not zero divided by zero.",
                ),
                Mistake(
                    "first feature for every weight",
                    like(partial(two_layer, inputs=lambda x: np.full_like(x, x[0]))),
                    "The weight with indices i and j is multiplied by feature i. Which feature "
                    "belongs to the second row?",
                ),
                Mistake(
                    "transposed outer product",
                    like(_transposed),
                    "A gradient has the shape of its weights: one row for each feature.",
                ),
                Mistake(
                    "a dead unit learns",
                    like(partial(two_layer, slope=np.ones_like)),
                    "A unit that is off passes nothing back. Where is its slope?",
                ),
            ),
            task="Use `d_relu`. A unit that is off is called dead: it passes nothing back.",
            example="""\
grads_two_layer(
        torch.tensor([[0.8, -0.3], [-0.5, -0.1]]), torch.tensor([0.5, -0.2]),
        torch.tensor([-0.5, -0.4]), -0.8, torch.tensor([0.3, 0.1]), 1.0,
    )""",
        ),
        Function(
            solution=grads_regularised,
            cases=matrices,
            axes={"W1": "qd", "W2": "mq", "x": "d", "y": "m"},
            returns=Group(dW1=Array("qd"), dW2=Array("mq")),
            reference=regularised,
            hint="Write down the shapes of what comes back and of what went in, layer by layer.",
            mistakes=(
                Mistake(
                    "quotient of exponentials",
                    fails("finite"),
                    "Where a sum is far from zero, e to a large power overflows. Use `d_sigmoid`.",
                ),
                Mistake(
                    "transposed outer product",
                    any_of(
                        like(partial(regularised, turned=(True, False))),
                        like(partial(regularised, turned=(False, True))),
                        like(partial(regularised, turned=(True, True))),
                    ),
                    "What comes back counts rows, what went in counts columns.",
                ),
                Mistake(
                    "penalty forgotten",
                    like(partial(regularised, decay=(0.0, 0.0))),
                    "Weights cost something too: J has two parts.",
                ),
                Mistake(
                    "penalty on one layer only",
                    any_of(
                        like(partial(regularised, decay=(1.0, 0.0))),
                        like(partial(regularised, decay=(0.0, 1.0))),
                    ),
                    "Which weights are in the penalty?",
                ),
                Mistake(
                    "half of the penalty forgotten",
                    like(partial(regularised, decay=(2.0, 2.0))),
                    "The half in front of lam is there to cancel something. What?",
                ),
            ),
            task="Use `d_sigmoid`. No unit has a bias here.",
            example="""\
grads_regularised(
        torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0]]),
        torch.tensor([0.5, 1.0]), torch.tensor([1.0]), 0.1,
    )""",
        ),
    ),
)
