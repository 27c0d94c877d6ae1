"""Inputs of backprop-by-hand: one neuron, a net of two layers, and matrices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gramian.labs.checking import Case, Draw
from gramian.labs.exercises._backprop import UNITS

__all__ = ["matrices", "nets", "neurons"]


def neurons(draw: Draw) -> Iterator[Case]:
    """One neuron of each kind, on, off, at its kink and far out."""
    one, w, x = np.array([2.0]), np.array([0.4, 0.1]), np.array([0.5, 0.4])
    for unit in UNITS:
        yield Case(f"one feature, {unit}", w=one, b=1.0, x=one / 4, y=-1.0, unit=unit)
        yield Case(f"the lab's numbers, {unit}", w=w, b=1.0, x=x, y=-0.5, unit=unit)
    w, x = draw.uniform(0.5, 2.5, 3), draw.uniform(0.5, 1.5, 3)
    for unit in UNITS:
        yield Case(f"three features, {unit}", w=w, b=-0.5, x=x, y=draw.number(1, 2), unit=unit)
    off, kink = np.array([1.0, -2.0]), np.array([0.5, 0.5])
    yield Case("a unit that is off", w=off, b=0.25, x=-off / 4, y=1.0, unit="relu")
    yield Case("exactly at the kink", w=off, b=0.5, x=kink, y=1.0, unit="relu")
    yield Case("far out", w=400 * off, b=0.0, x=-off / 4, y=0.5, unit="sigmoid")


def _net(label: str, W0: Any, b0: Any, w1: Any, b1: float, x: Any, y: float) -> Case:
    W0, b0, w1, x = map(np.array, (W0, b0, w1, x))
    return Case(label, W0=W0, b0=b0, w1=w1, b1=b1, x=x, y=y)


def _random_net(label: str, draw: Draw, d: int, q: int) -> Case:
    """A net whose units are clearly on or off, so that rounding decides nothing."""
    W0, b0, x = draw.normal(d, q), draw.normal(q), draw.normal(d)
    while (np.abs(x @ W0 + b0) < 0.02).any():
        b0 = draw.normal(q)
    w1, b1, y = draw.uniform(0.5, 1.5, q), draw.number(1, 2), draw.number(-3, -1)
    return _net(label, W0, b0, w1, b1, x, y)


def nets(draw: Draw) -> Iterator[Case]:
    """Nets with units that are on, off and at their kinks."""
    x, first, second = [0.3, 0.1], [[0.8, -0.3], [-0.5, -0.1]], [[0.8, 0.6], [-0.5, 0.2]]
    yield _net("one of each", [[2.0]], [0.5], [-1.0], 0.5, [0.5], 1.0)
    yield _net("the lab's net, one unit off", first, [0.5, -0.2], [-0.5, -0.4], -0.8, x, 1.0)
    yield _net("the lab's net, both units on", second, [0.5, 0.1], [-0.5, 0.7], -0.8, x, 1.0)
    yield _random_net("more units than features", draw, 2, 3)
    yield _random_net("more features than units", draw, 3, 2)
    x, W0 = [0.5, 1.0], [[1.0, -1.0], [0.5, 2.0]]
    yield _net("one unit exactly at its kink", W0, [-1.0, 1.0], [1.0, -1.0], 0.5, x, 0.0)
    yield _net("every unit off", W0, [-5.0, -5.0], [1.0, -1.0], 0.5, x, 0.0)


def matrices(draw: Draw) -> Iterator[Case]:
    """Two matrices of any shapes, with and without a penalty."""

    def case(label: str, d: int, q: int, m: int, lam: float, size: float = 1.0) -> Case:
        W1, W2 = size * draw.normal(q, d), draw.normal(m, q)
        return Case(label, W1=W1, W2=W2, x=draw.normal(d), y=draw.normal(m), lam=lam)

    yield case("one of each", 1, 1, 1, 0.5)
    yield case("square, no penalty", 2, 2, 2, 0.0)
    yield case("square", 2, 2, 2, draw.number(0.1, 0.9))
    yield case("three sizes", 3, 2, 4, draw.number(0.1, 0.9))
    yield case("one output", 2, 3, 1, draw.number(0.1, 0.9))
    yield case("far out", 2, 3, 2, 0.5, size=1000.0)
