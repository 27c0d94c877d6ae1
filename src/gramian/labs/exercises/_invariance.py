"""The ratio T, as two exercises ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Case,
    Draw,
    Fixture,
    Function,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    fails,
    like,
)

__all__ = ["INVARIANCE_T"]


def invariance_T(  # noqa: N802 # the name that the exercises ask for
    a: torch.Tensor, b: torch.Tensor, generator: torch.Generator
) -> float:
    """How far rows move: the mean of |a_i - b_i| over the mean of |a_i - b_j|.

    a (n, d) are the features of images, b (n, d) those of their moved copies, n at least 2; |.| is
    Euclidean. j is another row for each i: a permutation drawn from the generator that leaves no
    row in its place.
    """
    places = torch.arange(len(a))
    partners = torch.randperm(len(a), generator=generator)
    while (partners == places).any():
        partners = torch.randperm(len(a), generator=generator)
    own, other = (torch.linalg.vector_norm(a - each, dim=1).mean() for each in (b, b[partners]))
    return float(own / other)


def _features(draw: Draw) -> Iterator[Case]:
    """Rows whose distances to all partners are equal: then no derangement differs from another."""

    def case(label: str, a: np.ndarray, b: np.ndarray) -> Case:
        return Case(label, a=a, b=b, generator=Fixture("generators.seeded", seed=draw.seed()))

    yield case("two rows of one feature", np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]]))
    yield case("two rows", draw.normal(2, 2), draw.normal(2, 2) + 3.0)
    yield case("copies that did not move", np.eye(3), np.eye(3))
    for n in (3, 4, 5, 6):
        offset, size = draw.normal(n), draw.number(1, 3)
        yield case(f"{n} rows", size * np.eye(n) + offset, draw.number(-2, 0) * np.eye(n) + offset)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))


def _others(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances to the copies of other rows."""
    return _distances(a, b)[~np.eye(len(a), dtype=bool)]


def _ratio(a: np.ndarray, b: np.ndarray, generator: Fixture) -> float:
    return float(_distances(a, b).diagonal().mean() / _others(a, b).mean())


def _restarted(a: np.ndarray, b: np.ndarray, generator: Fixture) -> float:
    return float(_distances(a, b)[0].mean() / _others(a, b).mean())


def _of_means(a: np.ndarray, b: np.ndarray, generator: Fixture) -> float:
    return float(np.linalg.norm((a - b).mean(axis=0)) / _others(a, b).mean())


def _of_both_means(a: np.ndarray, b: np.ndarray, generator: Fixture) -> float:
    """Partners change nothing in a mean over all rows."""
    distance = np.linalg.norm((a - b).mean(axis=0))
    return float(distance / distance)


def _ignores_order(f: Callable, a: np.ndarray, b: np.ndarray, generator: Fixture) -> bool:
    """Rows in the order of two classes: neighbours are of one class, partners of both."""
    classes = np.eye(2).repeat(200, axis=0)
    expected = 0.5 / (0.25 + np.sqrt(1.25) / 2)
    return close(f(classes, 0.5 * classes, generator), expected, 0.12)


def _is_determined(a: np.ndarray, b: np.ndarray, generator: Fixture) -> bool:
    return (
        len(a) > 1
        and a.shape == b.shape
        and _others(a, b).min() > 0
        and (len(a) == 2 or bool(np.ptp(_others(a, b)) < 1e-6))
    )


INVARIANCE_T = Function(
    solution=invariance_T,
    cases=_features,
    axes={"a": "nd", "b": "nd"},
    returns=Number(),
    properties=(
        Property(
            "features twice as large give the same ratio",
            lambda f, a, b, generator: close(f(2 * a, 2 * b, generator), f(a, b, generator), 1e-4),
            "Both means are distances. What has no unit?",
        ),
        Property(
            "rows in the order of their classes give what any other order gives",
            _ignores_order,
            "Whom does a row meet, if its partner is one of its neighbours?",
        ),
    ),
    reference=_ratio,
    mistakes=(
        Mistake(
            "difference of means",
            any_of(like(_of_means), like(_of_both_means)),
            "Movements of different rows cancel in a mean of differences. Distances do not.",
        ),
        Mistake(
            "loader restarted at each step",
            like(_restarted),
            "Every copy is compared with the same first row. Each belongs to its own.",
        ),
        Mistake(
            "partners by a constant shift",
            fails("rows in the order of their classes give what any other order gives"),
            "Images often lie in the order of their classes, and then a neighbour is of the same "
            "class. Draw the partners.",
        ),
        Mistake(
            "upside down",
            like(lambda a, b, generator: _others(a, b).mean() / _distances(a, b).diagonal().mean()),
            "Small for what hardly moves: which mean is divided by which?",
        ),
    ),
    valid=_is_determined,
    hint="No row may be its own partner.",
    example="invariance_T(torch.eye(3), 0.5 * torch.eye(3), torch.Generator().manual_seed(0))",
)
