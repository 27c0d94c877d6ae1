"""Inputs that many drills share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import Case, Draw

__all__ = ["blocks", "counts", "matrices", "matrix_pairs", "vector_pairs", "vectors"]

SHAPES = {
    "one entry": (1, 1),
    "one row": (1, 3),
    "one column": (3, 1),
    "square": (2, 2),
    "more columns than rows": (2, 3),
    "more rows than columns": (4, 3),
}


def counts(draw: Draw) -> Iterator[Case]:
    """A number of entries ``n``."""
    for n in (1, 2, 5):
        yield Case(f"n = {n}", dtypes=("float64",), n=n)


def vectors(draw: Draw) -> Iterator[Case]:
    """A vector ``v``."""
    yield Case("one entry", v=draw.normal(1))
    yield Case("two entries", v=draw.normal(2))
    yield Case("ties", v=draw.grid(4))
    yield Case("many entries", v=draw.normal(7, scale=2.0))


def vector_pairs(draw: Draw) -> Iterator[Case]:
    """Two vectors ``a`` and ``b`` of one length; no entry of ``b`` is zero."""
    yield Case("one entry", a=draw.normal(1), b=draw.uniform(0.5, 2, 1))
    yield Case("two entries", a=draw.normal(2), b=draw.uniform(0.5, 2, 2))
    yield Case("ties", a=np.arange(4.0), b=np.array([1.0, 1.0, 2.0, 2.0]))
    yield Case("many entries", a=draw.normal(7), b=draw.uniform(-2, -0.5, 7))


def matrices(draw: Draw) -> Iterator[Case]:
    """A matrix ``X``."""
    for label, shape in SHAPES.items():
        yield Case(label, X=draw.normal(*shape))
    yield Case("ties", X=draw.grid(3, 4))


def matrix_pairs(draw: Draw) -> Iterator[Case]:
    """Two matrices ``X`` and ``Y`` of one shape."""
    for label, shape in SHAPES.items():
        yield Case(label, X=draw.normal(*shape), Y=draw.normal(*shape))
    X = draw.grid(3, 4)
    yield Case("ties", X=X, Y=np.where(draw.grid(3, 4) > 0, X, 0.0))


def blocks(draw: Draw) -> Iterator[Case]:
    """A block ``Z`` with three axes."""
    for shape in ((1, 1, 1), (1, 2, 3), (2, 2, 2), (2, 3, 4), (3, 5, 2)):
        yield Case(f"shape {shape}".replace(",", ""), Z=draw.normal(*shape))
