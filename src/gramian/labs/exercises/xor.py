"""The exercise of xor: a net with two hidden units, its loss, and its training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

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
    any_of,
    like,
    modifies,
)
from gramian.labs.exercises import _xor
from gramian.labs.exercises._evidence import says


def forward(
    W0: torch.Tensor,
    b0: torch.Tensor,
    W1: torch.Tensor,
    b1: torch.Tensor,
    X: torch.Tensor,
    phi: Callable,
) -> torch.Tensor:
    """The outputs (n, 1) of a net with one hidden layer, for rows X (n, d).

    Hidden unit j has the weights W0[j] of W0 (q, d) and the bias b0[j] of b0 (q,); its value is
    phi of its sum. W1 is (1, q) and b1 is (1,); the output has no activation.
    """
    return phi(X @ W0.T + b0) @ W1.T + b1


def loss(yhat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean over n points of the squared difference of output yhat (n, 1) and label y (n,)."""
    return (yhat[:, 0] - y).square().mean()


def train(
    W0: torch.Tensor,
    b0: torch.Tensor,
    W1: torch.Tensor,
    b1: torch.Tensor,
    X: torch.Tensor,
    y: torch.Tensor,
    phi: Callable,
    rate: float,
    steps: int,
) -> tuple:
    """New W0, b0, W1 and b1 after so many steps of gradient descent, each on all points.

    X is (n, d), y is (n,). The arguments stay as they are.
    """
    weights = [w.clone().requires_grad_() for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        W0, b0, W1, b1 = weights
        gradients = torch.autograd.grad(loss(forward(W0, b0, W1, b1, X, phi), y), weights)
        with torch.no_grad():
            for w, g in zip(weights, gradients, strict=True):
                w -= rate * g
    return tuple(w.detach() for w in weights)


TEXT = ([[0.8, -0.5], [-0.3, -0.1]], [0.5, -0.2], [[-0.5, -0.4]], [-0.8])
CODE = ([[0.8, -0.5], [-1.0, -0.1]], [0.5, -0.2], [[-0.5, -0.4]], [-0.2])
CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
LABELS = np.array([1.0, -1.0, 1.0, -1.0])


def _net(weights: Any) -> dict[str, Any]:
    return dict(zip(("W0", "b0", "W1", "b1"), map(np.array, weights), strict=True))


def _random_net(draw: Draw, X: np.ndarray, q: int) -> dict[str, Any]:
    """A net no unit of which is near its kink on any row, so that rounding decides nothing."""
    while True:
        net = _net((draw.normal(q, X.shape[1]), draw.normal(q), draw.normal(1, q), draw.normal(1)))
        if (np.abs(X @ net["W0"].T + net["b0"]) > 0.01).all():
            return net


def _inputs(draw: Draw) -> Iterator[Case]:
    relu, tanh, identity = (Fixture(f"units.{name}") for name in ("relu", "tanh", "identity"))
    one = _net(([[2.0]], [0.5], [[-1.0]], [0.25]))
    yield Case("one of each", **one, X=np.array([[1.0]]), phi=relu)
    yield Case("one point, the lab's net", **_net(TEXT), X=np.array([[0.3, 0.1]]), phi=relu)
    yield Case("four corners", **_net(CODE), X=CORNERS, phi=tanh)
    for label, n, d, q, phi in (
        ("as many points as units", 3, 2, 3, relu),
        ("more points than units", 5, 3, 2, tanh),
        ("more units than points", 2, 1, 4, relu),
        ("no bend", 3, 2, 2, identity),
    ):
        X = draw.normal(n, d)
        yield Case(label, **_random_net(draw, X, q), X=X, phi=phi)


def _outputs(draw: Draw) -> Iterator[Case]:
    yield Case("one point", yhat=np.array([[0.5]]), y=np.array([-1.0]))
    yield Case("no error", yhat=LABELS[:, None].copy(), y=LABELS)
    yield Case("two points", yhat=draw.normal(2, 1), y=np.array([1.0, -1.0]))
    yield Case("several points", yhat=draw.normal(5, 1), y=draw.grid(5, reach=1))
    yield Case("ties", yhat=draw.grid(6, 1), y=draw.grid(6))


def _trainings(draw: Draw) -> Iterator[Case]:
    def case(label: str, net: Any, X: Any, y: Any, phi: str, rate: float, steps: int) -> Case:
        given = {**net, "X": X, "y": y, "phi": Fixture(f"units.{phi}"), "rate": rate}
        return Case(label, dtypes=("float64",), **given, steps=steps)

    one = _net(([[2.0]], [0.5], [[-1.0]], [0.25]))
    yield case("one of each, one step", one, np.array([[1.0]]), np.array([1.0]), "relu", 0.125, 1)
    yield case("no step", _net(TEXT), CORNERS, LABELS, "tanh", 0.1, 0)
    yield case("corners, one step", _net(TEXT), CORNERS, LABELS, "tanh", 0.1, 1)
    yield case("corners, three steps", _net(CODE), CORNERS, LABELS, "tanh", 0.1, 3)
    X = draw.normal(3, 2)
    net = _random_net(draw, X, 4)
    yield case("three points, four units", net, X, draw.normal(3), "relu", 0.05, 2)
    X = draw.normal(5, 3)
    yield case("five points", _random_net(draw, X, 2), X, draw.normal(5), "identity", 0.02, 4)


def _stacked(order: str) -> Callable[..., np.ndarray]:
    """Values of the units along the rows: as they are, all in one column, or read back in rows."""

    def wrong(W0: Any, b0: Any, W1: Any, b1: Any, X: Any, phi: Fixture) -> np.ndarray:
        h = _xor.VALUES[phi.name](W0 @ X.T + b0[:, None])
        shapes = {"rows": h.shape, "column": (h.size, 1), "read": h.shape[::-1]}
        return np.asarray(h.reshape(shapes[order]) @ W1.T + b1)

    return wrong


def _at_rate(factor: Callable[[np.ndarray], float]) -> Callable[..., tuple[np.ndarray, ...]]:
    """Descent at another rate, such as one that grows with the number of points."""
    return lambda **given: _xor.trained(**{**given, "rate": factor(given["y"]) * given["rate"]})


def _without_bend(**given: Any) -> np.ndarray:
    return _xor.forward(**{**given, "phi": Fixture("units.identity")})


def _without(bias: str) -> Callable[..., np.ndarray]:
    return lambda **given: _xor.forward(**{**given, bias: 0 * given[bias]})


EXERCISE = Exercise(
    lab="xor",
    title="XOR with two hidden units",
    question="What lets two hidden units solve XOR, and what stops them?",
    background="""\
Four corners $(\\pm 1, \\pm 1)$ have the label 1 where both signs agree, and $-1$ elsewhere. No line
parts them: whatever is linear in $x$ gets one corner wrong. Two hidden units can,
$\\hat y = w^\\top \\varphi(W x + b) + c$, if $\\varphi$ bends: with $s = x_0 + x_1$ the net
$\\max(0, s) + \\max(0, -s) - 1$ answers all four.

Whether descent finds such weights is another question. Where the sum of a rectified unit is
negative on every point, its slope is zero on every point: nothing reaches its weights any more,
and the unit is **dead**. Then one unit is left, and one is too few. `tanh` has a slope everywhere.

**Shapes** are the other trap. A net answers a column, $(n, 1)$; labels are often $(n,)$. Their
difference is no error for Python: broadcasting makes a table of it, every output with every label.
The loss goes down all the same, and the net learns the mean of the labels.

When all works, try the two starts of the lab, with `torch.relu` and with `torch.tanh`, for some
thousand steps at the rate 0.1. Both have the first unit $0.8 x_0 - 0.5 x_1 + 0.5$ and the output
weights $(-0.5, -0.4)$. One has the second unit $-0.3 x_0 - 0.1 x_1 - 0.2$ and the output bias
$-0.8$, the other $-x_0 - 0.1 x_1 - 0.2$ and $-0.2$. With `torch.relu` one of them never gets there.
""",
    arrays="torch",
    imports="from collections.abc import Callable\n\nimport torch",
    functions=(
        Function(
            solution=forward,
            cases=_inputs,
            axes={"W0": "qd", "b0": "q", "W1": "1q", "b1": "1", "X": "nd"},
            returns=Array("n1"),
            reference=_xor.forward,
            hint="Work out one unit after the other, for one point.",
            mistakes=(
                Mistake(
                    "units put together along the wrong axis",
                    any_of(*(like(_stacked(order)) for order in ("rows", "column", "read"))),
                    "The hidden values have one row for each point and one column for each unit. "
                    "Print their shape.",
                ),
                Mistake(
                    "no activation",
                    like(_without_bend),
                    "Without phi two layers are one: a line. Where does phi belong?",
                ),
                Mistake(
                    "activation on the output",
                    like(lambda **given: _xor.VALUES[given["phi"].name](_xor.forward(**given))),
                    "The labels are of both signs. Which values can phi of something take?",
                ),
                Mistake(
                    "a bias forgotten",
                    any_of(like(_without("b0")), like(_without("b1"))),
                    "Every unit, the output too, adds a number of its own to its sum.",
                ),
            ),
            task="`phi` is a function of a tensor, such as `torch.relu`.",
            example="""\
forward(
        torch.tensor([[0.8, -0.5], [-0.3, -0.1]]), torch.tensor([0.5, -0.2]),
        torch.tensor([[-0.5, -0.4]]), torch.tensor([-0.8]),
        torch.tensor([[0.3, 0.1]]), torch.relu,
    )""",
        ),
        Function(
            solution=loss,
            cases=_outputs,
            axes={"yhat": "n1", "y": "n"},
            returns=Number(),
            reference=_xor.loss,
            mistakes=(
                Mistake(
                    "every output with every label",
                    like(lambda yhat, y: float(((yhat - y) ** 2).mean())),
                    "Print the shape of the difference. How many errors do so many points make?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda yhat, y: len(y) * _xor.loss(yhat, y)),
                    "If each point came twice, would the loss change?",
                ),
                Mistake(
                    "no square",
                    any_of(
                        like(lambda yhat, y: float(np.abs(yhat[:, 0] - y).mean())),
                        like(lambda yhat, y: float((yhat[:, 0] - y).mean())),
                    ),
                    "Which power of the error is it?",
                ),
            ),
            example="loss(torch.tensor([[0.5], [-1.0]]), torch.tensor([1.0, -1.0]))",
        ),
        Function(
            solution=train,
            cases=_trainings,
            axes={"W0": "qd", "b0": "q", "W1": "1q", "b1": "1", "X": "nd", "y": "n"},
            returns=Group(W0=Array("qd"), b0=Array("q"), W1=Array("1q"), b1=Array("1")),
            reference=_xor.trained,
            hint="Take one step, and compare each gradient with a difference of losses.",
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("W0", "b0", "W1", "b1"),
                    "The caller's weights change with every step. Begin with copies.",
                ),
                Mistake(
                    "update inside the graph",
                    says("leaf", "NoneType", "second time", "does not require grad"),
                    "A step is no part of the net: take it under `torch.no_grad()`, so that the "
                    "weights stay what gradients are taken of.",
                ),
                Mistake(
                    "every output with every label",
                    like(partial(_xor.trained, all_with_all=True)),
                    "A column minus a row is a table. Print the shape of the difference.",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(_at_rate(len)),
                    "The step grows with the number of points. Which loss is it that descends?",
                ),
                Mistake(
                    "gradients accumulate",
                    like(partial(_xor.trained, kept=1.0)),
                    "Each step uses the gradient of this round alone. Is it set to zero before?",
                ),
                Mistake(
                    "uphill",
                    like(_at_rate(lambda y: -1.0)),
                    "The gradient points to where the loss grows.",
                ),
            ),
            task="Use `forward` and `loss`. `torch.autograd` may take the derivatives.",
            example="""\
train(
        torch.tensor([[1.0, 0.5], [-0.5, -1.0]]), torch.zeros(2), torch.ones(1, 2), torch.zeros(1),
        torch.tensor([[1.0, 1.0], [1.0, -1.0]]), torch.tensor([1.0, -1.0]), torch.tanh, 0.1, 100,
    )""",
        ),
    ),
)
