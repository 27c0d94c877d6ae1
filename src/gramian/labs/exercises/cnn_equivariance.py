"""The exercise of cnn-equivariance: shifts, and what commutes with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Fixture,
    Function,
    Mistake,
    Number,
    like,
)
from gramian.labs.checking.fixtures import find_fixture
from gramian.labs.exercises._invariance import INVARIANCE_T


def shift(x: torch.Tensor, dy: int, dx: int, fill: float) -> torch.Tensor:
    """Images x (n, h, w) moved down by dy and right by dx pixels, as (n, h, w).

    Negative numbers move up and left. What comes in has the value fill; what leaves is lost.
    """
    h, w = x.shape[1:]
    moved = torch.full_like(x, fill)
    if abs(dy) < h and abs(dx) < w:
        rows = slice(max(dy, 0), h + min(dy, 0)), slice(max(-dy, 0), h - max(dy, 0))
        columns = slice(max(dx, 0), w + min(dx, 0)), slice(max(-dx, 0), w - max(dx, 0))
        moved[:, rows[0], columns[0]] = x[:, rows[1], columns[1]]
    return moved


def equivariance_error(f: Callable, x: torch.Tensor, dy: int) -> float:
    """The largest |f(x moved down) - f(x) moved down|, over pixels that no border reaches.

    Images x (n, h, w) are moved down by dy rows and filled with 0, and f gives images too. The
    first dy rows of what f gives do not count; dy is at least 1 and less than their number.
    """
    difference = f(shift(x, dy, 0, 0.0)) - shift(f(x), dy, 0, 0.0)
    return float(difference[:, dy:].abs().max())


def _shifted(draw: Draw) -> Iterator[Case]:
    def case(label: str, n: int, h: int, w: int, dy: int, dx: int, fill: float) -> Case:
        return Case(label, x=draw.normal(n, h, w) + 3.0, dy=dy, dx=dx, fill=fill)

    yield case("one row down", 1, 2, 2, 1, 0, 0.0)
    yield case("one column to the right", 1, 2, 3, 0, 1, -0.5)
    yield case("up and left", 2, 3, 3, -1, -2, 1.5)
    yield case("no shift", 1, 2, 2, 0, 0, -1.0)
    yield case("wide images", 2, 3, 5, 2, -1, draw.number(-2, -1))
    yield case("out of the image", 1, 2, 3, 2, 0, -0.5)
    yield case("far out of the image", 1, 3, 3, -7, 1, -0.5)


def _maps(draw: Draw) -> Iterator[Case]:
    def case(label: str, name: str, dy: int, **options: object) -> Case:
        x = draw.rng.permuted(np.arange(2 * 6 * 5) / 4 + 0.25).reshape(2, 6, 5)
        return Case(label, dtypes=("float64",), f=Fixture(f"images.{name}", **options), x=x, dy=dy)

    weights = {"weights": draw.normal(2, 2)}
    yield case("sums over a window", "filtered", 1, **weights)
    yield case("sums without the negative ones", "bent_filter", 2, **weights)
    order = np.roll(np.arange(20), 7)
    yield case("sums in another order", "scrambled", 1, **weights, order=order)
    yield case("sums that grow downwards", "sloped", 2, **weights, slope=0.5)
    yield case("sorted rows", "sorted_rows", 1)
    yield case("rows upside down", "upside_down", 3)


def _moved(x: np.ndarray, dy: int, dx: int, fill: float) -> np.ndarray:
    h, w = x.shape[1:]
    rows, columns = np.arange(h) - dy, np.arange(w) - dx
    moved = x[:, rows % h][:, :, columns % w]
    moved[:, (rows < 0) | (rows >= h)] = fill
    moved[:, :, (columns < 0) | (columns >= w)] = fill
    return moved


def _both(f: Fixture, x: np.ndarray, dy: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f of the moved images, moved f of the images, and f of the images."""
    options = {
        name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for name, value in f.options.items()
    }
    mapped = find_fixture(f.name)(**options)
    images = (torch.from_numpy(each) for each in (_moved(x, dy, 0, 0.0), x))
    first, plain = (mapped(each).numpy() for each in images)
    return first, _moved(plain, dy, 0, 0.0), plain


def _error(f: Fixture, x: np.ndarray, dy: int) -> float:
    first, second, _ = _both(f, x, dy)
    return float(np.abs(first - second)[:, dy:].max())


def _with_borders(f: Fixture, x: np.ndarray, dy: int) -> float:
    first, second, _ = _both(f, x, dy)
    return float(np.abs(first - second).max())


def _of_sorted(rows: int) -> Callable[..., float]:
    """Sorted values of each image, of all rows or without the first ones."""

    def error(f: Fixture, x: np.ndarray, dy: int) -> float:
        first, second, _ = (
            np.sort(each[:, rows * dy :].reshape(len(x), -1)) for each in _both(f, x, dy)
        )
        return float(np.abs(first - second).max())

    return error


def _of_invariance(f: Fixture, x: np.ndarray, dy: int) -> float:
    first, _, plain = _both(f, x, dy)
    return float(np.abs(first - plain)[:, dy:].max())


EXERCISE = Exercise(
    lab="cnn-equivariance",
    title="What commutes with shifts",
    question="Which layers are equivariant, which invariant, to translation?",
    background="""\
A layer $f$ is **equivariant** to shifts if shifting before it or after it comes to the same, and
**invariant** if shifting before it changes nothing. At the border something unknown comes in, so
the two are compared where it does not reach.
""",
    arrays="torch",
    imports="from collections.abc import Callable\n\nimport torch",
    functions=(
        Function(
            solution=shift,
            cases=_shifted,
            axes={"x": "nhw"},
            returns=Array("nhw"),
            reference=_moved,
            mistakes=(
                Mistake(
                    "wrap-around",
                    like(lambda x, dy, dx, fill: np.roll(x, (dy, dx), (1, 2))),
                    "What leaves at one side comes in at the other. It should be lost.",
                ),
                Mistake(
                    "always filled with black",
                    like(lambda x, dy, dx, fill: _moved(x, dy, dx, 0.0)),
                    "Once pixels are normalised, background is another value than black. Which "
                    "one was asked for?",
                ),
                Mistake(
                    "rows and columns exchanged",
                    like(lambda x, dy, dx, fill: _moved(x, dx, dy, fill)),
                    "Which axis of the array runs down, and which runs to the right?",
                ),
                Mistake(
                    "the other way",
                    like(lambda x, dy, dx, fill: _moved(x, -dy, -dx, fill)),
                    "Which row of the image comes to the last row when it moves down?",
                ),
            ),
            hint="Fill a new image, and copy the part that stays inside.",
            example="shift(torch.arange(6.0).reshape(1, 2, 3), 1, 0, -1.0)",
        ),
        Function(
            solution=equivariance_error,
            cases=_maps,
            returns=Number(),
            reference=_error,
            mistakes=(
                Mistake(
                    "borders included",
                    like(_with_borders),
                    "At the top something unknown has come in. Which rows see it?",
                ),
                Mistake(
                    "sorted values",
                    like(_of_sorted(0)),
                    "Sorting hides where the values went. Compare pixel by pixel.",
                ),
                Mistake(
                    "sorted values without the border",
                    like(_of_sorted(1)),
                    "Sorting hides where the values went. Compare pixel by pixel.",
                ),
                Mistake(
                    "invariance in place of equivariance",
                    like(_of_invariance),
                    "An equivariant map does move: by as much as the image.",
                ),
            ),
            task="Use `shift`. `f` is a function that you can call on images.",
            hint="Move, then map; map, then move. Compare pixel by pixel below the first rows.",
            example="equivariance_error(lambda x: 2 * x, torch.rand(1, 3, 3), 1)",
        ),
        INVARIANCE_T,
    ),
)
