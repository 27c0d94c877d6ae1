"""The exercise of symmetry-discovery: from a table of products to a test on data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Group,
    Mistake,
    Number,
    Property,
    close,
    like,
    only_on,
)
from gramian.labs.exercises import _orbits as _own


def orbits(n: int, radii: list) -> tuple:
    """The points of n turns on a circle of each radius, and the number of each point's circle.

    Points (n times the number of radii, 2): circle by circle, each from (r, 0) on,
    counter-clockwise, in equal steps all round. Labels are integers.
    """
    angles = 2 * np.pi * np.arange(n) / n
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([r * circle for r in radii])
    return points, np.repeat(np.arange(len(radii)), n)


def sorted_row_loss(G: np.ndarray) -> float:
    """How much the sorted rows of G (h, h) differ: 0 for every group matrix.

    G is divided by the mean of its diagonal. Then every row is sorted, and it is the mean squared
    difference of all entries from the mean sorted row.
    """
    rows = np.sort(G / np.diagonal(G).mean(), axis=1)
    return float(((rows - rows.mean(axis=0)) ** 2).mean())


def is_group_matrix(G: np.ndarray) -> bool:
    """Whether the h rows of a symmetric G (h, h), h <= 7, are an orbit of a cyclic group of h.

    That is whether some order of the rows, and the same of the columns, makes G circulant up to
    1e-6: entry (i, j) depends on (j - i) modulo h alone. Where all entries off the diagonal are
    equal every order does, and no group is shown: False.
    """
    h = len(G)
    off = G[~np.eye(h, dtype=bool)]
    if np.ptp(off) < 1e-6:
        return False
    shifts = (np.arange(h) - np.arange(h)[:, None]) % h
    for rest in permutations(range(1, h)):
        order = [0, *rest]
        table = G[np.ix_(order, order)]
        if np.abs(table - table[0][shifts]).max() < 1e-6:
            return True
    return False


def preserves(generator: np.ndarray, X: np.ndarray, y: np.ndarray) -> bool:
    """Whether a map (2, 2) sends every row of X (n, 2) to a row with the same label in y (n,).

    A row x goes to generator @ x. Up to 1e-4 for every coordinate.
    """
    moved = X @ generator.T
    near = np.abs(moved[:, None] - X[None]).max(axis=2) < 1e-4
    return bool((near & (y[:, None] == y[None])).any(axis=1).all())


def _circles(draw: Draw) -> Iterator[Case]:
    yield Case("one point", n=1, radii=[1.5])
    yield Case("half turns", n=2, radii=[draw.number(0.5, 2)])
    yield Case("one circle", n=5, radii=[draw.number(0.5, 2)])
    yield Case("two circles", n=3, radii=[1.0, draw.number(1.5, 3)])
    yield Case("three circles", n=12, radii=[draw.number(2, 3), 1.0, 0.5])


def _products(draw: Draw) -> Iterator[Case]:
    def table(h: int, d: int) -> np.ndarray:
        W = draw.normal(h, d)
        return W @ W.T

    yield Case("one row", G=np.array([[4.0]]))
    yield Case("two rows", G=np.array([[2.0, 1.0], [1.0, 3.0]]))
    yield Case("a ring of four", G=_own.ring(4) + 2 * np.eye(4))
    yield Case("an orbit in disorder", G=_own.reordered(draw, _own.circulant(draw, 5)))
    yield Case("no orbit", G=table(4, 3))
    yield Case("small entries", G=table(5, 2) / 64)


def _tables(draw: Draw) -> Iterator[Case]:
    yield Case("a ring of four", G=_own.ring(4) + 2 * np.eye(4))
    yield Case("equal rows", G=np.ones((3, 3)))
    yield Case("orthonormal rows", G=np.eye(4))
    yield Case("no group", G=np.array([[2.0, 1.0, 0.5], [1.0, 2.0, 0.25], [0.5, 0.25, 2.0]]))
    yield Case(
        "a path", G=np.diag([3.0, 3, 3, 3]) + np.diag([1.0, 1, 1], 1) + np.diag([1.0, 1, 1], -1)
    )
    for h in (5, 6):
        yield Case(f"an orbit of {h} in order", G=_own.circulant(draw, h))
        yield Case(f"an orbit of {h} in disorder", G=_own.reordered(draw, _own.circulant(draw, h)))
    yield Case("two rings", G=_own.reordered(draw, _own.two_rings()))


def _maps(draw: Draw) -> Iterator[Case]:
    radii = [1.0, 2.0]
    X, y = orbits(4, radii)
    turn = _own.turn
    yield Case("no move", generator=np.eye(2), X=X, y=y)
    yield Case("a quarter turn", generator=turn(4), X=X, y=y)
    yield Case("a turn that does not fit", generator=turn(7), X=X, y=y)
    yield Case("a fold onto one line", generator=np.diag([1.0, 0.0]), X=X, y=y)
    yield Case("other labels", generator=turn(4), X=X, y=np.array([0, 1, 0, 1, 1, 0, 1, 0]))
    yield Case("a point is missing", generator=turn(4), X=X[1:], y=y[1:])
    X, y = orbits(6, [1.0, 1.5])
    yield Case("two steps at once", generator=turn(3), X=X, y=y)
    yield Case("a mirror", generator=np.diag([1.0, -1.0]), X=X, y=y)
    yield Case("a stretch", generator=1.5 * turn(6), X=X, y=y)


EXERCISE = Exercise(
    lab="symmetry-discovery",
    title="From a table of products to a group of the data",
    question="Can the Gramian of learned weights reveal the group of the data?",
    background="""\
If the rows of $W$ are the orbit of one vector under a group, entry $(i, j)$ of $G = WW^\\top$
depends on $g_i^{-1}g_j$ alone. So all rows of $G$ have the same entries in some order. The reverse
is wrong: a ring of three beside a ring of four has equal sorted rows, and no group moves one into
the other.

A penalty on sorted rows can make such a $G$ for **any** data. Whether the group is one of the data
is seen on data alone: does its generator send the set to itself, and every label to itself?
""",
    arrays="numpy",
    imports="from itertools import permutations\n\nimport numpy as np",
    functions=(
        Function(
            solution=orbits,
            cases=_circles,
            returns=Group(points=Array("n2", keeps_dtype=False), labels=Array("n", "integer")),
            reference=_own.circles,
            mistakes=(
                Mistake(
                    "the last point is the first",
                    like(lambda n, radii: _own.circles(n, radii, steps=max(n - 1, 1))),
                    "A whole turn ends where it began. How many steps are there all round?",
                ),
                Mistake(
                    "labels count the turns",
                    like(
                        lambda n, radii: (
                            _own.circles(n, radii)[0],
                            np.tile(np.arange(n), len(radii)),
                        )
                    ),
                    "Points of one circle belong together, and have one label.",
                ),
            ),
            example="orbits(4, [1.0, 2.0])",
        ),
        Function(
            solution=sorted_row_loss,
            cases=_products,
            axes={"G": "hh"},
            returns=Number(),
            valid=lambda G: bool(np.diagonal(G).mean() > 0),
            properties=(
                Property(
                    "a common factor does not matter",
                    lambda f, G: close(f(4 * G), f(G), 1e-3),
                    "What is G divided by?",
                ),
                Property(
                    "the order of the units does not matter",
                    lambda f, G: close(f(G[::-1, ::-1]), f(G), 1e-4),
                    "Rows are compared after sorting, each within itself.",
                ),
            ),
            reference=lambda G: _own.row_loss(G / np.diagonal(G).mean()),
            mistakes=(
                Mistake(
                    "collapse",
                    like(_own.row_loss),
                    "Weights that shrink to nothing would be perfect. Divide by their size.",
                ),
                Mistake(
                    "rows not sorted",
                    like(lambda G: _own.row_loss(G / np.diagonal(G).mean(), order=False)),
                    "An orbit in another order has the same rows in another order.",
                ),
            ),
            example="sorted_row_loss(np.array([[2.0, 1.0], [1.0, 3.0]]))",
        ),
        Function(
            solution=is_group_matrix,
            cases=_tables,
            axes={"G": "hh"},
            returns=Number("boolean"),
            valid=lambda G: len(G) > 2,
            reference=_own.is_group,
            hint="Try orders of the rows, and put the columns in the same order.",
            mistakes=(
                Mistake(
                    "sorted rows as proof",
                    like(lambda G: _own.shows(G) and _own.row_loss(G) < 1e-9),
                    "Two rings of different length have equal sorted rows too.",
                ),
                Mistake(
                    "circulance without ordering",
                    like(lambda G: _own.shows(G) and _own.is_circulant(G)),
                    "The units of a net come in any order.",
                ),
                Mistake(
                    "collapsed weights",
                    only_on("equal rows", "orthonormal"),
                    "If every order makes it circulant, what does it show?",
                ),
            ),
            task="With at most seven rows all orders can be tried.",
            example="is_group_matrix(np.eye(3))",
        ),
        Function(
            solution=preserves,
            cases=_maps,
            axes={"X": "nd", "y": "n"},
            returns=Number("boolean"),
            valid=lambda generator, X, y: X.shape[1] == 2,
            reference=_own.keeps,
            hint="For every point ask: is there one where it goes, with the same label?",
            mistakes=(
                Mistake(
                    "no data test",
                    like(lambda generator, X, y: _own.is_orthogonal(generator)),
                    "That the map is a turn says nothing about these points.",
                ),
                Mistake(
                    "commutator in the plane",
                    like(lambda generator, X, y: _own.commutes(generator, X)),
                    "The covariance of whole circles is a multiple of one matrix that commutes "
                    "with every other.",
                ),
                Mistake(
                    "labels are not looked at",
                    like(lambda generator, X, y: _own.keeps(generator, X, 0 * y)),
                    "The set may be kept while labels are mixed.",
                ),
            ),
            example="preserves(np.eye(2), np.array([[1.0, 0.0]]), np.array([0]))",
        ),
    ),
)
