"""The hinge loss of one sample, and a step that lowers it, as functions to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    like,
    modifies,
)

__all__ = ["HINGE", "HINGE_STEP"]


def hinge(w: np.ndarray, b: float, x: np.ndarray, c: int) -> float:
    """The hinge loss of one sample x (d,) with class c, 1 or -1: max(0, 1 - c (w . x + b))."""
    return max(0.0, 1.0 - c * float(w @ x + b))


def hinge_step(w: np.ndarray, b: float, x: np.ndarray, c: int, mu: float, lam: float) -> tuple:
    """Weights and bias after one step downhill with rate mu on sample x (d,) of class c.

    What goes down is the hinge loss plus lam / 2 times ||w||^2. Where the hinge is 0 it asks for
    nothing, and only the price of w is left. The given w (d,) stays as it is.
    """
    inside = float(hinge(w, b, x, c) > 0)
    return w + mu * (inside * c * x - lam * w), b + mu * inside * c


def _samples(draw: Draw) -> Iterator[Case]:
    """Samples on the wrong side, within the margin, on its edge, and beyond it."""
    own = np.array([draw.scalar("w0"), draw.scalar("w1")])
    yield Case("one of the lab's", w=own, b=0.0, x=np.array([0.1, -0.3]), c=-1)
    unit = np.array([1.0, 0.0])
    yield Case("on the edge of the margin", w=unit, b=0.0, x=np.array([1.0, 2.0]), c=1)
    yield Case("on the boundary", w=unit, b=0.0, x=np.array([0.0, 2.0]), c=-1)
    for c in (1, -1):
        place = np.array([draw.number(0.2, 0.7), draw.number(-1, 1)])
        yield Case("within the margin", w=unit, b=0.1, x=c * place, c=c)
        yield Case("beyond the margin", w=unit, b=-0.3, x=c * 4 * place + c * unit, c=c)
        yield Case("on the wrong side", w=unit, b=0.2, x=-c * place - c * unit, c=c)
    yield Case("three entries", w=draw.normal(3), b=0.5, x=draw.normal(3), c=1)


def _steps(draw: Draw) -> Iterator[Case]:
    for k, case in enumerate(_samples(draw)):
        lam = (0.0, draw.number(0.1, 0.9))[k % 2]
        yield Case(case.label, **case.arguments, mu=draw.scalar("mu"), lam=lam)
    again = {**case.arguments, "x": np.full(3, 9.0), "w": np.full(3, 0.5)}
    yield Case("beyond the margin, with a price", **again, mu=draw.number(0.1, 0.5), lam=0.3)


def _output(w: np.ndarray, b: float, x: np.ndarray) -> float:
    return float(w @ x) + b


def _hinge(w: np.ndarray, b: float, x: np.ndarray, c: int) -> float:
    return max(0.0, 1.0 - c * _output(w, b, x))


def _cost(line: tuple[np.ndarray, float], x: np.ndarray, c: int) -> float:
    return _hinge(*line, x, c)


def _stepped(
    *, sign: float = 1.0, always: bool = False, price: str = "w", edge: float = 1.0
) -> Callable[..., tuple[np.ndarray, float]]:
    """The step, or what a known mistake makes of it; ``price`` says what lam pulls at."""

    def step(
        w: np.ndarray, b: float, x: np.ndarray, c: int, mu: float, lam: float
    ) -> tuple[np.ndarray, float]:
        push = sign * c if always or c * _output(w, b, x) < edge else 0.0
        pulls = {"w": 1.0, "both": 1.0, "added": -1.0, "none": 0.0, "inside": float(push != 0)}
        pull = lam * pulls[price]
        return w + mu * (push * x - pull * w), b + mu * (push - (price == "both") * lam * b)

    return step


HINGE = Function(
    solution=hinge,
    cases=_samples,
    axes={"w": "d", "x": "d"},
    returns=Number(),
    properties=(
        Property(
            "no loss is negative",
            lambda f, w, b, x, c: f(w, b, x, c) >= 0,
            "Beyond the margin there is nothing to gain.",
        ),
        Property(
            "the other class on the other side of the origin costs the same",
            lambda f, w, b, x, c: close(f(w, -b, -x, -c), f(w, b, x, c), 1e-4),
            "Both classes are treated alike: where does c enter?",
        ),
    ),
    reference=_hinge,
    mistakes=(
        Mistake(
            "no zero",
            like(lambda w, b, x, c: 1.0 - c * _output(w, b, x)),
            "A sample far on the right side would be worth a negative loss.",
        ),
        Mistake(
            "labels 0 and 1",
            like(lambda w, b, x, c: max(0.0, 1.0 - (c > 0) * _output(w, b, x))),
            "The class minus one costs something too, and its sign turns the side.",
        ),
        Mistake(
            "no margin",
            like(lambda w, b, x, c: max(0.0, -c * _output(w, b, x))),
            "The right side alone is not enough: how far from the boundary shall a sample be?",
        ),
        Mistake(
            "c forgotten",
            like(lambda w, b, x, c: max(0.0, 1.0 - _output(w, b, x))),
            "That is the loss of one of the two classes, whatever c is.",
        ),
    ),
    example="hinge(np.array([w0, w1]), 0.0, np.array([0.1, -0.3]), -1)",
)

HINGE_STEP = Function(
    solution=hinge_step,
    cases=_steps,
    axes={"w": "d", "x": "d"},
    returns=Group(w=Array("d"), b=Number()),
    properties=(
        Property(
            "a rate of 0 moves nothing",
            lambda f, w, b, x, c, mu, lam: (
                close(f(w, b, x, c, 0.0, lam)[0], w) and close(f(w, b, x, c, 0.0, lam)[1], b, 1e-4)
            ),
            "The step starts from the given w and b.",
        ),
        Property(
            "a small step without a price does not raise the hinge",
            lambda f, w, b, x, c, mu, lam: (
                _cost(f(w, b, x, c, 0.01, 0.0), x, c) <= _cost((w, b), x, c) + 1e-4
            ),
            "Downhill is against the gradient: which sign is that?",
        ),
    ),
    reference=_stepped(),
    mistakes=(
        Mistake(
            "writes into w",
            modifies("w"),
            "w += changes the caller's array. Make a new one.",
        ),
        Mistake(
            "gradient beyond the margin",
            like(_stepped(always=True)),
            "Where the hinge is zero it is flat. What is left of the step there?",
        ),
        Mistake(
            "uphill",
            any_of(like(_stepped(sign=-1.0)), like(_stepped(sign=-1.0, price="added"))),
            "The loss of this sample grows. Which sign has the slope?",
        ),
        Mistake(
            "moves on the wrong side only",
            like(_stepped(edge=0.0)),
            "A sample on the right side, but within the margin, still costs something.",
        ),
        Mistake(
            "price on b",
            like(_stepped(price="both")),
            "The price is on w alone.",
        ),
        Mistake(
            "price forgotten",
            like(_stepped(price="none")),
            "What does lam do?",
        ),
        Mistake(
            "price within the margin only",
            like(_stepped(price="inside")),
            "The price of w does not ask where the sample is.",
        ),
    ),
    task="Use `hinge`.",
    example="hinge_step(np.array([w0, w1]), 0.0, np.array([0.1, -0.3]), -1, mu, 0.01)",
)
