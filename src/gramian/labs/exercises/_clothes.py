"""Inputs and truths of the exercise of fashion-perambulation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gramian.labs.checking import Case, Draw

__all__ = [
    "ari",
    "clusterings",
    "gaussian",
    "named",
    "named_by_class",
    "named_clusters",
    "projected",
    "rand",
    "same_up_to_sign",
    "tables",
]


def tables(draw: Draw) -> Iterator[Case]:
    for label, n, chosen, k in (
        ("two chosen rows", 3, [0, 1], 1),
        ("all rows chosen", 5, [0, 1, 2, 3, 4], 2),
        ("chosen rows first", 7, [0, 1, 2, 3], 2),
        ("chosen rows in another order", 8, [6, 1, 4, 2, 7], 3),
    ):
        # far apart, so that no two eigenvalues are close and no component is arbitrary
        X = np.cumsum(draw.uniform(0.3, 1.2, n, 2), axis=0) * np.array([1.0, -0.4])
        yield Case(label, dtypes=("float64",), X=X, chosen=chosen, k=k, gamma=0.5)


def named_clusters(draw: Draw) -> Iterator[Case]:
    def case(label: str, clusters: list[int], labels: list[int], k: int) -> Case:
        return Case(label, clusters=np.array(clusters), labels=np.array(labels), k=k)

    yield case("one image", [0], [3], 1)
    yield case("one cluster", [0, 0, 0], [2, 1, 2], 1)
    yield case("a tie", [0, 0, 1, 1], [3, 1, 2, 2], 2)
    yield case("two clusters of one class", [0, 0, 1, 1, 1], [1, 1, 1, 1, 0], 2)
    yield case("an empty cluster", [0, 2, 2], [1, 0, 0], 3)
    yield Case(
        "many images, an empty cluster", clusters=draw.labels(30, 4), labels=draw.labels(30, 5), k=5
    )


def clusterings(draw: Draw) -> Iterator[Case]:
    def case(label: str, a: list[int], b: list[int]) -> Case:
        return Case(label, a=np.array(a), b=np.array(b))

    yield case("equal", [0, 0, 1], [0, 0, 1])
    yield case("equal in other names", [0, 0, 1, 2], [2, 2, 0, 1])
    yield case("crossed", [0, 0, 1, 1], [0, 1, 0, 1])
    yield case("one cluster against two", [0, 0, 0, 0], [0, 0, 1, 1])
    yield case("one cluster, twice", [0, 0, 0], [1, 1, 1])
    yield case("every row alone, twice", [0, 1, 2], [2, 0, 1])
    yield Case("random", a=draw.labels(40, 3), b=draw.labels(40, 4))
    a = draw.labels(40, 3)
    yield Case("nearly equal", a=a, b=np.where(draw.uniform(0, 1, 40) < 0.2, 3, a))


def gaussian(X: np.ndarray, Y: np.ndarray, gamma: float) -> np.ndarray:
    return np.exp(-gamma * ((X[:, None] - Y[None]) ** 2).sum(axis=2))


def projected(
    X: np.ndarray, chosen: list[int], k: int, gamma: float, *, centred: bool = True
) -> np.ndarray:
    """Projections on components of the chosen rows; without the means of the kernel if asked."""
    K, L = gaussian(X[chosen], X[chosen], gamma), gaussian(X, X[chosen], gamma)
    if centred:
        columns, whole = K.mean(axis=0), K.mean()
        L = L - L.mean(axis=1, keepdims=True) - columns + whole
        K = K - columns[:, None] - columns + whole
    values, vectors = np.linalg.eigh(K)
    best = np.argsort(values)[::-1][:k]
    return L @ vectors[:, best] / np.sqrt(values[best])


def same_up_to_sign(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether columns agree, each up to its sign."""
    if a.shape != b.shape:
        return False
    return all(
        min(np.abs(p - q).max(), np.abs(p + q).max()) < 1e-6 for p, q in zip(a.T, b.T, strict=True)
    )


def _counts(a: np.ndarray, b: np.ndarray, k: int, m: int) -> np.ndarray:
    table = np.zeros((k, m), dtype=int)
    np.add.at(table, (a, b), 1)
    return table


def named(clusters: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """The majority of each cluster, -1 for empty ones."""
    table = _counts(clusters, labels, k, int(labels.max()) + 1)
    return np.where(table.sum(axis=1) > 0, table.argmax(axis=1), -1)


def named_by_class(clusters: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Each class gives its name to the cluster that holds most of it; later classes win."""
    table = _counts(clusters, labels, k, int(labels.max()) + 1)
    names = np.full(k, -1)
    for label in range(table.shape[1]):
        if table[:, label].any():
            names[table[:, label].argmax()] = label
    return names


def _pairs(sizes: np.ndarray) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def ari(a: np.ndarray, b: np.ndarray) -> float:
    """Pairs together in both, less what chance gives, over the most there could be, less that."""
    table = _counts(a, b, int(a.max()) + 1, int(b.max()) + 1)
    both, in_a, in_b = (_pairs(part) for part in (table, table.sum(axis=1), table.sum(axis=0)))
    chance = in_a * in_b / _pairs(np.array([len(a)]))
    most = (in_a + in_b) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def rand(a: np.ndarray, b: np.ndarray) -> float:
    """The share of pairs on which both agree, chance included."""
    i, j = np.triu_indices(len(a), k=1)
    return float(((a[i] == a[j]) == (b[i] == b[j])).mean())
