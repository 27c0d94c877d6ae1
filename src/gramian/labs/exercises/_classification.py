"""The share of right classes, which several exercises ask for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Case,
    Draw,
    Function,
    Mistake,
    Number,
    Property,
    close,
    like,
)

__all__ = ["ACCURACY", "accuracy", "right"]


def accuracy(scores: torch.Tensor, y: torch.Tensor) -> float:
    """The share of rows of scores (n, k) whose largest entry, the first of them, is at y (n,)."""
    return float((scores.argmax(dim=1) == y).double().mean())


def right(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which rows are classified as y says, (n,) of 0.0 and 1.0."""
    return (scores.argmax(axis=1) == y).astype(np.float64)


def _share(scores: np.ndarray, y: np.ndarray) -> float:
    return float(right(scores, y).mean())


def _down_the_rows(scores: np.ndarray, y: np.ndarray) -> float:
    found = np.broadcast_arrays(scores.argmax(axis=0), y)  # no shape in common is an error
    return float((found[0] == found[1]).mean())


def _last_of_ties(scores: np.ndarray, y: np.ndarray) -> float:
    k = scores.shape[1]
    return float((k - 1 - scores[:, ::-1].argmax(axis=1) == y).mean())


def _scores(draw: Draw) -> Iterator[Case]:
    yield Case("one row, right", scores=np.array([[0.5, 1.5]]), y=np.array([1]))
    yield Case("one row, wrong", scores=np.array([[0.5, 1.5]]), y=np.array([0]))
    yield Case("a tie", scores=np.array([[1.0, 2.0, 2.0]]), y=np.array([1]))
    for label, n, k in (
        ("as many rows as classes", 3, 3),
        ("more classes than rows", 2, 4),
        ("more rows than classes", 7, 3),
    ):
        yield Case(label, scores=draw.normal(n, k), y=draw.labels(n, k))
    yield Case("ties", scores=draw.grid(8, 3), y=draw.labels(8, 3))
    scores = np.array([[-3.0, -1.0], [-2.0, -4.0], [-2.0, -5.0]])
    yield Case("negative scores", scores=scores, y=np.array([1, 0, 1]))


ACCURACY = Function(
    solution=accuracy,
    cases=_scores,
    axes={"scores": "nk", "y": "n"},
    returns=Number(),
    properties=(
        Property(
            "a number added to every score changes nothing",
            lambda f, scores, y: close(f(scores + 4, y), f(scores, y)),
            "Which score is the largest? Nothing else counts.",
        ),
        Property(
            "taking all rows twice changes nothing",
            lambda f, scores, y: close(f(np.tile(scores, (2, 1)), np.tile(y, 2)), f(scores, y)),
            "A share of rows, not a count of them.",
        ),
    ),
    reference=_share,
    valid=lambda scores, y: bool((y < scores.shape[1]).all()),
    hint="Write down the largest entry of each row, and its place.",
    mistakes=(
        Mistake(
            "largest along the wrong axis",
            like(_down_the_rows),
            "One class for each row: which axis disappears?",
        ),
        Mistake(
            "count in place of the share",
            like(lambda scores, y: float(right(scores, y).sum())),
            "If every row came twice, would it change?",
        ),
        Mistake(
            "last of equal scores",
            like(_last_of_ties),
            "Where scores tie, the docstring says which of them counts.",
        ),
    ),
    example="accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))",
)
