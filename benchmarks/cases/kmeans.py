"""Lloyd iterations from the same centres: ten of them, and as many as it takes to converge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register

Points = NDArray[np.float32]

ITERATIONS = 10
MOST_ITERATIONS = 300
SHIPPED = 6_000  # images of Fashion-MNIST in the package
BLOCK = 2**24  # distances in memory at once when a result is judged


@dataclass(frozen=True)
class Inputs:
    """Rows, and k of them as first centres."""

    points: Points
    first: Points

    @cached_property
    def iterations(self) -> int:
        """How many are asked for."""
        return ITERATIONS

    def assign(self, centres: Any) -> tuple[NDArray[np.int64], float]:
        """Labels, and the sum of squared distances to the nearest centre, in float64."""
        centres = np.asarray(centres, dtype=np.float64)
        labels, inertia = [], 0.0
        for block in np.array_split(self.points, -(-len(self.points) * len(centres) // BLOCK)):
            wide = block.astype(np.float64)
            form = (centres**2).sum(1) - 2 * wide @ centres.T
            labels.append(form.argmin(1))
            inertia += float(form.min(1).sum() + (wide**2).sum())
        return np.concatenate(labels), inertia

    def step(self, centres: Any) -> NDArray[np.float64]:
        """One of Lloyd's iterations in float64."""
        labels, _ = self.assign(centres)
        counts = np.bincount(labels, minlength=len(centres))[:, None]
        columns = [np.bincount(labels, column, minlength=len(centres)) for column in self.points.T]
        means = np.stack(columns, axis=1) / np.maximum(counts, 1)
        return np.where(counts > 0, means, centres)

    @cached_property
    def expected(self) -> float:
        """The inertia after so many iterations in float64."""
        centres = self.first.astype(np.float64)
        for _ in range(self.iterations):
            centres = self.step(centres)
        return self.assign(centres)[1]


class Converging(Inputs):
    """The same, for as many iterations as it takes until no label changes."""

    @cached_property
    def converged(self) -> gm.KMeans:
        """Our fit, which tells the others how far to go."""
        return _model(gm.KMeans, self, MOST_ITERATIONS).fit(self.points)

    @cached_property
    def iterations(self) -> int:
        """How many that are, for all contestants."""
        return self.converged.n_iter_

    @cached_property
    def expected(self) -> float:
        """The inertia one iteration in float64 later, which has nothing left to gain."""
        return self.assign(self.step(self.converged.cluster_centers_))[1]


def uniform(sizes: Sizes) -> Points:
    """Rows that are far from converged after ten iterations."""
    return np.random.default_rng(0).random((sizes["n"], sizes["d"]), dtype=np.float32)


def gaussians(sizes: Sizes) -> Points:
    """Rows of as many Gaussians as centres, some of which overlap."""
    n, d, k = sizes["n"], sizes["d"], sizes["k"]
    rng = np.random.default_rng(0)
    points = rng.uniform(-10, 10, size=(k, d))[rng.integers(k, size=n)]
    return (points + rng.normal(size=(n, d))).astype(np.float32)


def fashion_mnist(sizes: Sizes) -> Points:
    """Its images, which have to be installed (`gramian.data.fetch_dataset`); a few of the subset
    that comes with the package where no more are asked for."""
    n = sizes["n"]
    name = "small-fashion" if n <= SHIPPED else "fashion-mnist"
    return gm.data.load_dataset(name).X[:n].astype(np.float32)


def make(
    points: Callable[[Sizes], Points], kind: type[Inputs] = Inputs
) -> Callable[[Sizes], Inputs]:
    """Inputs whose first centres are rows, evenly spaced."""

    def build(sizes: Sizes) -> Inputs:
        rows = points(sizes)
        return kind(rows, rows[:: sizes["n"] // sizes["k"]][: sizes["k"]].copy())

    return build


def _model(kind: Any, inputs: Inputs, iterations: int, **extra: Any) -> Any:
    """A model of scikit-learn's interface, which stops early where no label changes."""
    return kind(
        n_clusters=len(inputs.first),
        init=inputs.first,
        n_init=1,
        max_iter=iterations,
        tol=0.0,
        **extra,
    )


def _fit(kind: Any, inputs: Inputs, **extra: Any) -> Thunk:
    iterations = inputs.iterations
    return lambda: _model(kind, inputs, iterations, **extra).fit(inputs.points).cluster_centers_


def ours(inputs: Inputs) -> Thunk:
    return _fit(gm.KMeans, inputs)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.cluster import KMeans

    return _fit(KMeans, inputs, algorithm="lloyd")


def sklearnex(inputs: Inputs) -> Thunk:
    from sklearnex.cluster import KMeans

    return _fit(KMeans, inputs, algorithm="lloyd")


def faiss(inputs: Inputs) -> Thunk:
    from faiss import Kmeans

    n, d = inputs.points.shape
    iterations = inputs.iterations

    def fit() -> Any:
        model = Kmeans(
            d,
            len(inputs.first),
            niter=iterations,
            max_points_per_centroid=n,
            min_points_per_centroid=1,
        )
        model.train(inputs.points, init_centroids=inputs.first)
        model.index.search(inputs.points, 1)  # the others leave labels behind
        return model.centroids

    return fit


def verify(inputs: Inputs, centres: Any, strict: bool) -> None:
    """The inertia that float64 reaches from the same start."""
    error = abs(inputs.assign(centres)[1] / inputs.expected - 1)
    bound = 1e-5 if isinstance(inputs, Converging) else 1e-4
    truth.at_most(error, bound if strict else 1e-3, "relative difference of the inertia")


def work(sizes: Sizes) -> Work:
    n, d, k = sizes["n"], sizes["d"], sizes["k"]
    passes = ITERATIONS + 1
    return Work(
        f"{passes}·(2·n·k·d) flops; {passes}·4·n·d bytes",
        2.0 * passes * n * k * d,
        4.0 * passes * n * d,
    )


def add(
    name: str,
    title: str,
    shape: tuple[int, int, int],
    build: Callable[[Sizes], Inputs],
    limit: Callable[[Sizes], Work] | None = work,
    repeats: int | None = None,
) -> None:
    """Register one case."""
    n, d, k = shape
    register(
        Case(
            name=f"{name}/{n}x{d}-{k}",
            title=f"{title}, {n:,} × {d}, {k} clusters",
            sizes={"n": n, "d": d, "k": k},
            quick={"n": 2_000, "d": d, "k": 8},
            make=build,
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("scikit-learn", sklearn, package="sklearn", repeats=repeats),
                Contestant("scikit-learn-intelex", sklearnex, package="sklearnex", repeats=repeats),
                Contestant("faiss", faiss, package="faiss", repeats=repeats),
            ),
            verify=verify,
            work=limit,
        )
    )


TEN = f"{ITERATIONS} Lloyd iterations"
for shape in (
    (1_000_000, 2, 64),
    (1_000_000, 8, 64),
    (1_000_000, 16, 64),
    (200_000, 64, 256),
    (200_000, 64, 1024),
    (100_000, 128, 4096),
):
    add("kmeans", TEN, shape, make(uniform))
add("kmeans", f"{TEN}, Fashion-MNIST", (60_000, 784, 100), make(fashion_mnist))

for points, what, shape in (
    (gaussians, "gaussians", (1_000_000, 16, 200)),
    (fashion_mnist, "Fashion-MNIST", (60_000, 784, 100)),
):
    add(
        "kmeans-converged",
        f"Lloyd until no label changes, {what}",
        shape,
        make(points, Converging),
        limit=None,
        repeats=2,
    )
