"""The exercise of dbscan-blobs: core, border and noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Evidence,
    Exercise,
    Function,
    Mistake,
    Property,
    any_of,
    fails,
    like,
    modifies,
)
from gramian.labs.exercises._formulas import squared_distances

LONG = 1_200
"""Rows of a chain that is longer than Python's recursion may be deep."""


def core_mask(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    """Which rows of X (n, d) have at least min_points rows within eps, as booleans (n,).

    A row counts itself; a distance of exactly eps counts.
    """
    distance = np.sqrt(((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2))
    return (distance <= eps).sum(axis=1) >= min_points


def dbscan(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    """The cluster of every row of X (n, d), as integers (n,); noise is -1.

    Core rows within eps of each other share a cluster. Clusters are numbered from 0 in the order
    of their first core row. A row that is no core takes the smallest number among the clusters of
    the core rows within eps; without any it is noise.
    """
    distance = np.sqrt(((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2))
    near = distance <= eps
    core = core_mask(X, eps, min_points)
    labels = np.full(len(X), -1)
    cluster = 0
    for start in range(len(X)):
        if not core[start] or labels[start] >= 0:
            continue
        labels[start] = cluster
        waiting = [start]
        while waiting:
            row = waiting.pop()
            for other in np.flatnonzero(near[row] & (labels < 0)).tolist():
                labels[other] = cluster
                if core[other]:
                    waiting.append(other)
        cluster += 1
    return labels


def _chain(*places: float) -> np.ndarray:
    """Points on a line."""
    return np.array([[place] for place in places], dtype=np.float64)


def _grids(draw: Draw) -> Iterator[Case]:
    """Whole numbers: every distance is exact."""
    yield Case("one row", X=draw.grid(1, 2), eps=1.0, min_points=1)
    yield Case("one row that is too few", X=draw.grid(1, 2), eps=1.0, min_points=2)
    yield Case("a distance of exactly eps", X=_chain(0, 2), eps=2.0, min_points=2)
    yield Case("duplicates", X=np.zeros((3, 2)), eps=1.0, min_points=3)
    yield Case("a border row", X=_chain(0, 1, 2, 4), eps=2.0, min_points=3)
    yield Case("a border between two clusters", X=_two_groups(), eps=2.0, min_points=4)
    apart = np.delete(_two_groups(), 3, axis=0)
    yield Case("nothing between two clusters", X=apart, eps=1.0, min_points=3)
    yield Case("noise first", X=_chain(50, 0, 1, 2, 20, 21, 22), eps=1.0, min_points=3)
    yield Case("a lattice", X=draw.grid(12, 2, reach=3), eps=1.0, min_points=3)
    yield Case("a wide lattice", X=draw.grid(20, 2, reach=6), eps=2.0, min_points=4)


def _two_groups() -> np.ndarray:
    """Two groups of three with one row between that reaches both and is no core."""
    return _chain(0, 1, 2, 4, 6, 7, 8)


def _clusters(draw: Draw) -> Iterator[Case]:
    yield from _grids(draw)
    many = np.arange(LONG, dtype=np.float64)[:, None]
    yield Case("one long chain", dtypes=("float64",), X=many, eps=1.0, min_points=2)


def _near(X: np.ndarray, eps: float) -> np.ndarray:
    return np.sqrt(squared_distances(X, X)) <= eps


def _cores(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    return _near(X, eps).sum(axis=1) >= min_points


def _grown(near: np.ndarray, core: np.ndarray, through: np.ndarray) -> np.ndarray:
    """Components of the rows ``core``, grown through the rows ``through``; then the borders."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    _, component = connected_components(csr_array(near & through[:, None] & through[None, :]))
    labels = np.full(len(near), -1)
    order = {c: k for k, c in enumerate(dict.fromkeys(component[core]))}
    for row in range(len(near)):
        if through[row] and component[row] in order:
            labels[row] = order[component[row]]
    for row in np.flatnonzero(labels < 0).tolist():
        reached = labels[near[row] & core]
        labels[row] = reached.min() if len(reached) else -1
    return labels


def _clustered(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    core = _cores(X, eps, min_points)
    return _grown(_near(X, eps), core, core)


def _through_borders(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    near, core = _near(X, eps), _cores(X, eps, min_points)
    return _grown(near, core, np.ones(len(X), dtype=bool))


def _strictly_near(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    return _cores(X, np.nextafter(eps, 0.0), min_points)


def _strict_labels(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    return _clustered(X, np.nextafter(eps, 0.0), min_points)


def _more_points(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    return _clustered(X, eps, min_points + 1)


def _recursed(evidence: Evidence) -> bool:
    """The long chain alone fails, by depth: in an exception, or by the end of the process."""
    return evidence.failing.label == "one long chain" and any_of(
        fails("process"), lambda e: getattr(e.outcome(e.failing), "type", "") == "RecursionError"
    )(evidence)


EXERCISE = Exercise(
    lab="dbscan-blobs",
    title="Core, border and noise",
    question="What exactly are core, border and noise?",
    background="""\
DBSCAN calls a row a **core** if it has enough rows around it. Cores within reach of each other
share a cluster. A row that is no core but within reach of one is a **border** row of its cluster,
and ends there: nothing grows through it. All others are **noise**.

The words *at least* and *within* decide about rows that lie exactly on the edge.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=core_mask,
            cases=_grids,
            axes={"X": "nd"},
            returns=Array("n", "boolean"),
            properties=(
                Property(
                    "with min_points of one every row is a core",
                    lambda f, X, eps, min_points: bool(f(X, eps, 1).all()),
                    "Does a row count itself?",
                ),
                Property(
                    "a larger eps keeps every core",
                    lambda f, X, eps, min_points: bool(
                        (f(X, eps + 1, min_points) >= f(X, eps, min_points)).all()
                    ),
                    "Count the rows within eps.",
                ),
            ),
            reference=_cores,
            mistakes=(
                Mistake(
                    "self not counted",
                    like(lambda X, eps, min_points: _cores(X, eps, min_points + 1)),
                    "At least min_points rows, and the row itself is one of them. Is the count "
                    "compared with >=, and does it include the row?",
                ),
                Mistake(
                    "distance strictly below eps",
                    like(_strictly_near),
                    "A distance of exactly eps counts.",
                ),
            ),
            hint="Two comparisons are made. Which of them includes equality?",
            example="core_mask(np.array([[0.0], [1.0], [9.0]]), 1.0, 2)",
        ),
        Function(
            solution=dbscan,
            cases=_clusters,
            axes={"X": "nd"},
            returns=Array("n", "integer"),
            properties=(
                Property(
                    "every cluster has a core row, and its number is below that of later ones",
                    lambda f, X, eps, min_points: _in_order(
                        f(X, eps, min_points), _cores(X, eps, min_points)
                    ),
                    "Clusters are numbered from zero in the order of their first core row. Noise "
                    "has a number of its own, below all of them.",
                ),
                Property(
                    "cores are grouped alike when the rows come in another order",
                    lambda f, X, eps, min_points: _same_groups(
                        f(X, eps, min_points)[_cores(X, eps, min_points)],
                        f(X[::-1], eps, min_points)[::-1][_cores(X, eps, min_points)],
                    ),
                    "Which cores belong together does not depend on where you start.",
                ),
            ),
            reference=_clustered,
            mistakes=(
                Mistake(
                    "recursion",
                    _recursed,
                    "A function that calls itself for every neighbour goes as deep as the chain is "
                    "long. Keep a list of rows that wait.",
                ),
                Mistake("changes X", modifies("X"), "The caller still needs the points."),
                Mistake(
                    "noise confused with cluster 0",
                    any_of(
                        like(lambda **given: np.maximum(_clustered(**given), 0)),
                        like(lambda **given: _clustered(**given) + 1),
                    ),
                    "The first cluster and noise must be told apart.",
                ),
                Mistake(
                    "expands through border rows",
                    like(_through_borders),
                    "A border row belongs to a cluster, but nothing grows through it. What do you "
                    "ask before you add its neighbours?",
                ),
                Mistake(
                    "count strictly above min_points",
                    like(_more_points),
                    "At least min_points rows, and the row itself is one of them.",
                ),
                Mistake(
                    "distance strictly below eps",
                    like(_strict_labels),
                    "A distance of exactly eps counts.",
                ),
            ),
            task="Use `core_mask`. Decide first who is a core, then who belongs to whom.",
            example="dbscan(np.array([[0.0], [1.0], [9.0]]), 1.0, 2)",
        ),
    ),
)


def _in_order(labels: np.ndarray, core: np.ndarray) -> bool:
    """Labels of cores are 0, 1, … by first appearance, and no other label but noise exists."""
    first = list(dict.fromkeys(labels[core].tolist()))
    return first == list(range(len(first))) and set(labels.tolist()) <= {-1, *first}


def _same_groups(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two labellings group alike, whatever the numbers."""
    pairs = len(set(zip(a.tolist(), b.tolist(), strict=True)))
    return pairs == len(set(a.tolist())) == len(set(b.tolist()))
