"""The exercise of kmeans-blobs: Lloyd's algorithm from given rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Group,
    Mistake,
    Property,
    any_of,
    close,
    fails,
    like,
    modifies,
    only_on,
)
from gramian.labs.exercises._formulas import squared_distances

Clustering = tuple[np.ndarray, np.ndarray]

LEAST_GAP = 1e-3
"""Between two squared distances of inputs that float32 surely tells apart."""


def assign(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """For every row of X (n, d) the number of the nearest row of T (k, d), as integers (n,).

    Of equally near ones the smallest number.
    """
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return squared.argmin(axis=1)


def update(X: np.ndarray, labels: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The mean of the rows of X (n, d) with each label, as (k, d).

    A label that no row has keeps its row of T (k, d).
    """
    moved = T.copy()
    for j in range(len(T)):
        if (labels == j).any():
            moved[j] = X[labels == j].mean(axis=0)
    return moved


def kmeans(X: np.ndarray, idx: list, M: int, tol: float) -> tuple:
    """Labels (n,) and centres (k, d), started at the rows idx of X (n, d).

    At most M times, assign the rows and update the centres; stop when every centre has moved by
    less than tol. The labels belong to the centres that are returned.
    """
    T = X[idx].copy()
    for _ in range(M):
        moved = update(X, assign(X, T), T)
        furthest = np.sqrt(((moved - T) ** 2).sum(axis=1)).max()
        T = moved
        if furthest < tol:
            break
    return assign(X, T), T


def _nearest(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    return squared_distances(X, T).argmin(axis=1)


def _means(X: np.ndarray, labels: np.ndarray, T: np.ndarray) -> np.ndarray:
    return np.stack([X[labels == j].mean(axis=0) if j in labels else t for j, t in enumerate(T)])


def _lloyd(
    X: np.ndarray,
    idx: list[int],
    M: int,
    tol: float,
    measure: Callable[[np.ndarray], float] = lambda moves: float(moves.max()),
) -> Clustering:
    """Lloyd's algorithm; ``measure`` makes one number of how far the centres have moved."""
    T = X[list(idx)]
    for _ in range(M):
        new = _means(X, _nearest(X, T), T)
        moves, T = np.linalg.norm(new - T, axis=1), new
        if measure(moves) < tol:
            break
    return _nearest(X, T), T


def _grids(draw: Draw) -> Iterator[Case]:
    """Whole numbers: every distance is exact, so that a tie is a tie."""
    yield Case("one row, one centre", X=draw.grid(1, 2), T=draw.grid(1, 2))
    yield Case("equal centres", X=draw.grid(2, 1), T=np.zeros((2, 1)))
    yield Case("a row between two centres", X=np.zeros((1, 1)), T=np.array([[1.0], [-1.0]]))
    yield Case("more centres than rows", X=draw.grid(2, 2), T=draw.grid(4, 2))
    yield Case("as many rows as centres", X=draw.grid(3, 2, reach=6), T=draw.grid(3, 2, reach=6))
    yield Case("more rows than centres", X=draw.grid(9, 2, reach=6), T=draw.grid(4, 2, reach=6))


def _labelled(draw: Draw) -> Iterator[Case]:
    yield Case("one row", X=draw.normal(1, 2), labels=np.array([0]), T=draw.normal(1, 2))
    yield Case("one row for each centre", X=draw.normal(2, 2), labels=np.arange(2), T=np.eye(2))
    two = np.array([0, 1, 1, 0])
    yield Case("two centres", X=draw.normal(4, 3), labels=two, T=draw.normal(2, 3))
    many = np.concatenate([np.arange(3), draw.labels(6, 3)])
    yield Case("three centres", X=draw.normal(9, 2), labels=many, T=draw.normal(3, 2))
    yield Case("an empty cluster", X=draw.normal(3, 2), labels=np.zeros(3, int), T=np.eye(2))


def _blobs(draw: Draw) -> Iterator[Case]:
    yield Case("one row", X=draw.normal(1, 2), idx=[0], M=3, tol=1e-6)
    apart = _clear(lambda: draw.normal(3, 2), [0, 1])
    yield Case("no step", X=apart, idx=[0, 1], M=0, tol=1e-6)
    yield Case("duplicate start rows", X=np.array([[0.0], [0.0], [4.0]]), idx=[0, 1], M=9, tol=1e-6)
    slow = _clear(lambda: _slow(draw), [0, 5, 6])
    yield Case("one step", X=slow, idx=[0, 5, 6], M=1, tol=1e-6)
    yield Case("the first centre is at rest", X=slow, idx=[0, 5, 6], M=30, tol=1e-6)
    yield Case("the last centre is at rest", X=slow, idx=[5, 6, 0], M=30, tol=1e-6)
    centres = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    for label, idx in (("in blocks", [0, 5, 10]), ("started in one", [0, 1, 2])):
        X = _clear(lambda: np.repeat(centres, 5, axis=0) + draw.normal(15, 2), idx)
        yield Case(f"three blobs, {label}", X=X, idx=idx, M=50, tol=1e-6)


def _clear(make: Callable[[], np.ndarray], idx: list[int]) -> np.ndarray:
    """Rows that leave no assignment on the way to rounding."""
    while not _decided(X := make(), idx):
        pass
    return X


def _decided(X: np.ndarray, idx: list[int], M: int = 50) -> bool:
    """Whether no row comes close to the middle between its two nearest centres, in M steps."""
    T = X[list(idx)].astype(np.float64)
    for _ in range(M + 1):
        # equal centres are equally near in any arithmetic
        squared = np.sort(squared_distances(X, np.unique(T, axis=0)), axis=1)
        if squared.shape[1] > 1 and (squared[:, 1] - squared[:, 0] < LEAST_GAP).any():
            return False
        before, T = T, _means(X, _nearest(X, T), T)
        if np.array_equal(before, T):
            break
    return True


def _slow(draw: Draw) -> np.ndarray:
    """A far group that is right at once, and a line that two centres take many steps to share."""
    far = np.repeat(np.array([[-500.0]]), 5, axis=0)
    line = np.cumsum(1.0 + draw.uniform(0.0, 0.2, 12, 1), axis=0)
    return np.vstack([far, line])


def _least(moves: np.ndarray) -> float:
    return float(moves.min())


EXERCISE = Exercise(
    lab="kmeans-blobs",
    title="Lloyd's algorithm",
    question="What does Lloyd's algorithm guarantee, and what depends on the start?",
    background="""\
k-means wants $k$ centres $t_1, \\dots, t_k$ with a small sum of squared distances from every row to
its nearest centre. Lloyd's algorithm repeats two steps, and neither can raise that sum: every row
goes to its nearest centre, and every centre goes to the mean of its rows. It ends at a fixed point,
which depends on the start.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=assign,
            cases=_grids,
            axes={"X": "nd", "T": "kd"},
            returns=Array("n", "integer"),
            properties=(
                Property(
                    "every label is the number of a centre",
                    lambda f, X, T: bool(((f(X, T) >= 0) & (f(X, T) < len(T))).all()),
                    "A label counts centres, not rows.",
                ),
                Property(
                    "no centre is nearer than the one that is named",
                    lambda f, X, T: close(
                        squared_distances(X, T)[np.arange(len(X)), f(X, T)],
                        squared_distances(X, T).min(axis=1),
                    ),
                    "For every row, look along the centres for the least distance.",
                ),
            ),
            reference=_nearest,
            hint="Of equally near centres the one with the smallest number is meant.",
            mistakes=(
                Mistake(
                    "minimum over the wrong axis",
                    like(lambda X, T: squared_distances(X, T).argmin(axis=0)),
                    "That is the nearest row for each centre. Which axis has the centres?",
                ),
                Mistake(
                    "the furthest centre",
                    like(lambda X, T: squared_distances(X, T).argmax(axis=1)),
                    "The nearest centre has the least distance.",
                ),
                Mistake(
                    "ties to the largest number",
                    like(lambda X, T: len(T) - 1 - squared_distances(X, T)[:, ::-1].argmin(axis=1)),
                    "Of equally near centres the one with the smallest number is meant.",
                ),
            ),
            example="assign(np.array([[0.0], [4.0]]), np.array([[1.0], [5.0]]))",
        ),
        Function(
            solution=update,
            cases=_labelled,
            axes={"X": "nd", "labels": "n", "T": "kd"},
            returns=Array("kd"),
            valid=lambda X, labels, T: bool(labels.max() < len(T)),
            properties=(
                Property(
                    "moving all rows by one vector moves all centres with rows by it",
                    lambda f, X, labels, T: close(
                        f(X + 0.5, labels, T + 0.5), f(X, labels, T) + 0.5
                    ),
                    "A mean moves with its rows.",
                ),
                Property(
                    "the order of the rows does not matter",
                    lambda f, X, labels, T: close(f(X[::-1], labels[::-1], T), f(X, labels, T)),
                    "Only which label a row has may matter.",
                ),
            ),
            reference=_means,
            mistakes=(
                Mistake(
                    "NaN for an empty cluster",
                    any_of(fails("finite"), only_on("empty")),
                    "A cluster without rows has no mean. What shall its centre do?",
                ),
                Mistake(
                    "sum in place of the mean",
                    like(lambda X, labels, T: _means(X, labels, T) * _sizes(labels, T)),
                    "The centre of many rows lies among them. Does yours?",
                ),
                Mistake(
                    "writes into T", modifies("T"), "The old centres are still needed. Copy first."
                ),
            ),
            example="update(np.array([[0.0], [2.0]]), np.array([0, 0]), np.zeros((2, 1)))",
        ),
        Function(
            solution=kmeans,
            cases=_blobs,
            axes={"X": "nd"},
            returns=Group(labels=Array("n", "integer"), centres=Array("kd")),
            valid=lambda X, idx, M, tol: max(idx) < len(X) and _decided(X, idx, M),
            properties=(
                Property(
                    "every row has the label of its nearest centre",
                    lambda f, X, idx, M, tol: np.array_equal(
                        f(X, idx, M, tol)[0], _nearest(X, f(X, idx, M, tol)[1])
                    ),
                    "After the last update the labels belong to the centres before it.",
                ),
                Property(
                    "more steps never raise the sum of squared distances",
                    lambda f, X, idx, M, tol: (
                        _cost(X, f(X, idx, M + 3, tol)) <= _cost(X, f(X, idx, M, tol)) + 1e-3
                    ),
                    "Each of the two steps can only lower it.",
                ),
            ),
            reference=_lloyd,
            mistakes=(
                Mistake(
                    "start rows kept as a view",
                    modifies("X"),
                    "A slice of X is X: writing new centres into it changes the data. Copy it.",
                ),
                Mistake(
                    "stops when any centre rests",
                    like(lambda X, idx, M, tol: _lloyd(X, idx, M, tol, _least)),
                    "The loop ends when every centre has moved by less than tol.",
                ),
                Mistake(
                    "stops on the first centre only",
                    like(lambda X, idx, M, tol: _lloyd(X, idx, M, tol, lambda m: float(m[0]))),
                    "One centre at rest is not all of them. Which number do you compare with tol?",
                ),
            ),
            task="Use `assign` and `update`.",
            example="kmeans(np.array([[0.0], [1.0], [8.0], [9.0]]), [0, 1], 20, 1e-6)",
        ),
    ),
)


def _are_nearest(squared: np.ndarray, labels: np.ndarray) -> bool:
    """Whether no entry of a row is below the one that is named."""
    return close(squared[np.arange(len(labels)), labels], squared.min(axis=1))


def _sizes(labels: np.ndarray, T: np.ndarray) -> np.ndarray:
    """How many rows each label has, at least 1, as a column."""
    return np.maximum(np.bincount(labels, minlength=len(T)), 1)[:, None]


def _cost(X: np.ndarray, found: Clustering) -> float:
    labels, centres = found
    return float(((X - centres[labels]) ** 2).sum())
