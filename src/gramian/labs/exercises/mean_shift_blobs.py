"""The exercise of mean-shift-blobs: points that climb to the nearest mode of a density."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Function,
    Mistake,
    Property,
    Scalar,
    any_of,
    close,
    like,
    modifies,
)
from gramian.labs.exercises import _mean_shift as truth


def weights(d: torch.Tensor, bandwidth: float) -> torch.Tensor:
    """The normal density of mean 0 and standard deviation bandwidth, at distances d (n, m)."""
    height = 1 / (bandwidth * math.sqrt(2 * math.pi))
    return height * torch.exp(-((d / bandwidth) ** 2) / 2)


def step(X: torch.Tensor, data: torch.Tensor, bandwidth: float) -> torch.Tensor:
    """Every row of X (n, p) moved to the weighted mean of data (m, p), as (n, p).

    A row of data weighs as much as `weights` says for its distance from the row that moves.
    """
    d = ((X[:, None, :] - data[None, :, :]) ** 2).sum(dim=2).sqrt()
    w = weights(d, bandwidth)
    return (w @ data) / w.sum(dim=1, keepdim=True)


def mean_shift(
    data: torch.Tensor, bandwidth: float, iterations: int, batch_size: int
) -> torch.Tensor:
    """All rows of data (m, p), moved by `step` so many times, batch_size rows at a time.

    The data that pull stay where they are, so the result does not depend on batch_size.
    """
    X = data.clone()
    for _ in range(iterations):
        X = torch.cat([step(rows, data, bandwidth) for rows in X.split(batch_size)])
    return X


def _distances(draw: Draw) -> Iterator[Case]:
    h = draw.scalar("bandwidth")
    yield Case("distance zero", d=np.zeros((1, 1)), bandwidth=h)
    yield Case("one row", d=draw.uniform(0, 4, 1, 3), bandwidth=h)
    yield Case("ties", d=np.abs(draw.grid(3, 3)), bandwidth=draw.number(0.6, 3))
    yield Case("non-square", d=draw.uniform(0, 9, 2, 5), bandwidth=draw.number(0.6, 3))


def _moving(draw: Draw) -> Iterator[Case]:
    h = draw.scalar("bandwidth")
    yield Case("one row, one point", X=draw.normal(1, 2), data=draw.normal(1, 2), bandwidth=h)
    yield Case("one column", X=draw.normal(2, 1), data=draw.normal(3, 1), bandwidth=h)
    yield Case("one row that moves", X=draw.normal(1, 2), data=draw.normal(4, 2), bandwidth=h)
    yield Case("square", X=draw.normal(3, 3), data=draw.normal(3, 3), bandwidth=1.5)
    yield Case("equal points", X=draw.grid(2, 2), data=np.ones((3, 2)), bandwidth=h)
    yield Case("non-square", X=draw.normal(5, 2), data=draw.normal(4, 2), bandwidth=1.2)


def _clouds(draw: Draw) -> Iterator[Case]:
    h = draw.scalar("bandwidth")
    yield Case("one point", data=draw.normal(1, 2), bandwidth=h, iterations=2, batch_size=1)
    yield Case("no step", data=draw.normal(3, 2), bandwidth=h, iterations=0, batch_size=2)
    cloud = draw.normal(6, 2, scale=2)
    yield Case("one batch", data=cloud, bandwidth=1.5, iterations=3, batch_size=6)
    yield Case("more room than rows", data=cloud, bandwidth=1.5, iterations=3, batch_size=9)
    yield Case("two batches", data=cloud, bandwidth=1.5, iterations=3, batch_size=3)
    yield Case("a last short batch", data=cloud, bandwidth=1.5, iterations=3, batch_size=4)
    twice = np.vstack([cloud, cloud[:1]])
    yield Case("a duplicate at the end", data=twice, bandwidth=1.5, iterations=2, batch_size=3)


EXERCISE = Exercise(
    lab="mean-shift-blobs",
    title="Mean shift",
    question="Does it find the number of clusters by itself, and does the order of computation "
    "matter?",
    background="""\
Every point moves to the mean of all data, weighted by a kernel of the distance. Repeated, it climbs
to a mode of the density, and points that end together are a cluster. Nobody says how many there
are; the bandwidth does.

The data stay where they are. Where moved points become the data of the next ones, the result
depends on the order of the computation.
""",
    arrays="torch",
    imports="import math\n\nimport torch",
    scalars={"bandwidth": Scalar(2.5, low=1.5, high=3.5, step=0.1)},
    functions=(
        Function(
            solution=weights,
            cases=_distances,
            axes={"d": "nm"},
            returns=Array("nm"),
            properties=(
                Property(
                    "the weight falls with the distance",
                    lambda f, d, bandwidth: bool(
                        (f(d + 0.5, bandwidth) < f(d, bandwidth)).all() or d.max() > 6 * bandwidth
                    ),
                    "Which sign has the exponent?",
                ),
                Property(
                    "distances and bandwidth twice as large halve the weight",
                    lambda f, d, bandwidth: close(2 * f(2 * d, 2 * bandwidth), f(d, bandwidth)),
                    "Only the ratio of distance and bandwidth stands in the exponent; the height "
                    "has the unit of one over a length.",
                ),
            ),
            reference=truth.density,
            mistakes=(
                Mistake(
                    "distance without its square",
                    like(lambda d, bandwidth: truth.density(np.sqrt(d * bandwidth), bandwidth)),
                    "The exponent holds the square of distance over bandwidth.",
                ),
                Mistake(
                    "one half missing",
                    like(lambda d, bandwidth: truth.density(d * np.sqrt(2), bandwidth)),
                    "A normal density has a half in its exponent.",
                ),
                Mistake(
                    "no height",
                    like(lambda d, bandwidth: np.exp(-0.5 * (d / bandwidth) ** 2)),
                    "A density encloses an area of one. Which factor makes it so?",
                ),
            ),
            example="weights(torch.tensor([[0.0, 4.6538]]), bandwidth)",
        ),
        Function(
            solution=step,
            cases=_moving,
            axes={"X": "np", "data": "mp"},
            returns=Array("np"),
            properties=(
                Property(
                    "every row ends within the box around the data",
                    lambda f, X, data, bandwidth: bool(
                        (
                            (f(X, data, bandwidth) >= data.min(axis=0) - 1e-4)
                            & (f(X, data, bandwidth) <= data.max(axis=0) + 1e-4)
                        ).all()
                    ),
                    "The weights of one mean sum to one.",
                ),
                Property(
                    "moving everything by one vector moves the result by it",
                    lambda f, X, data, bandwidth: close(
                        f(X + 0.5, data + 0.5, bandwidth), f(X, data, bandwidth) + 0.5
                    ),
                    "Weights depend on differences only, and sum to one.",
                ),
                Property(
                    "a row moves alike, whichever rows move beside it",
                    lambda f, X, data, bandwidth: close(
                        f(X[:1], data, bandwidth), f(X, data, bandwidth)[:1]
                    ),
                    "The sum of weights runs along the data, for each row that moves.",
                ),
            ),
            reference=truth.moved,
            mistakes=(
                Mistake(
                    "moves X in place",
                    modifies("X", "data"),
                    "Build the moved rows as a new array.",
                ),
                Mistake(
                    "weights times points without a unit axis",
                    like(truth.without_unit_axis),
                    "A pair has one weight, a point has p columns: give the weights an axis for "
                    "them, or use a matrix product.",
                ),
                Mistake(
                    "no normalisation",
                    like(lambda X, data, bandwidth: truth.pull(X, data, bandwidth) @ data),
                    "A mean divides by the sum of its weights.",
                ),
                Mistake(
                    "normalised along the wrong axis",
                    like(truth.wrong_total),
                    "Divide by the sum over the data, for each row that moves.",
                ),
                Mistake(
                    "squared distance in place of the distance",
                    like(lambda X, data, bandwidth: truth.moved(X, data, bandwidth, 2)),
                    "The weights already square what they receive. What do they expect?",
                ),
            ),
            task="Use `weights`.",
            example="step(torch.tensor([[0.0]]), torch.tensor([[0.0], [1.0]]), bandwidth)",
        ),
        Function(
            solution=mean_shift,
            cases=_clouds,
            axes={"data": "mp"},
            returns=Array("mp"),
            properties=(
                Property(
                    "the size of a batch does not matter",
                    lambda f, data, bandwidth, iterations, batch_size: close(
                        f(data, bandwidth, iterations, batch_size),
                        f(data, bandwidth, iterations, len(data)),
                    ),
                    "Does every batch see the same data?",
                ),
                Property(
                    "the order of the rows does not matter",
                    lambda f, data, bandwidth, iterations, batch_size: close(
                        f(data[::-1], bandwidth, iterations, batch_size)[::-1],
                        f(data, bandwidth, iterations, batch_size),
                    ),
                    "Does every row see the same data?",
                ),
            ),
            reference=truth.shifted,
            mistakes=(
                Mistake(
                    "the data are overwritten",
                    modifies("data"),
                    "The caller still needs the data. Move a copy.",
                ),
                Mistake(
                    "moved points are the data of the next batch",
                    like(lambda **given: truth.blurred(**given, at_once=False)),
                    "Later batches see points that have moved already. Keep the data, and a second "
                    "array for what moves.",
                ),
                Mistake(
                    "moved points are the data of the next step",
                    like(lambda **given: truth.blurred(**given, at_once=True)),
                    "That is the blurring variant. Here the data that pull stay where they are.",
                ),
                Mistake(
                    "last short batch",
                    any_of(
                        like(lambda **given: truth.short_batch_lost(**given, kept=True)),
                        like(lambda **given: truth.short_batch_lost(**given, kept=False)),
                    ),
                    "How many batches are there when the rows do not divide evenly?",
                ),
            ),
            task="Use `step`.",
            example="mean_shift(torch.tensor([[0.0], [1.0], [9.0]]), bandwidth, 5, 2)",
        ),
    ),
)
