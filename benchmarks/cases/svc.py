"""Support vector classification of noisy labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register

WAVES = 400
FLIPPED = 0.2
HELD_OUT = 4_000
SLACK = 50
"""Accuracy that may be missing, times rows of the fit: half a percent for 10,000."""


@dataclass(frozen=True)
class Inputs:
    """Rows with noisy labels, and held-out rows with the classes they have without noise."""

    rows: NDArray[np.float64]
    labels: NDArray[np.int64]
    held_out: NDArray[np.float64]
    classes: NDArray[np.int64]

    @cached_property
    def expected(self) -> float:
        """The share of the held-out rows that scikit-learn's machine puts in their class."""
        from sklearn.svm import SVC

        return float(SVC(C=1.0).fit(self.rows, self.labels).score(self.held_out, self.classes))


def make(sizes: Sizes) -> Inputs:
    """The sign of a smooth random function; a fifth of the labels is turned round."""
    n, d = sizes["n"], sizes["d"]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n + HELD_OUT, d))
    waves = np.cos(x @ rng.normal(scale=0.5, size=(d, WAVES)) + rng.uniform(0, 2 * np.pi, WAVES))
    classes = (waves @ rng.normal(size=WAVES) > 0).astype(np.int64)
    labels = classes[:n] ^ (rng.random(n) < FLIPPED)
    return Inputs(x[:n], labels, x[n:], classes[n:])


def nystroem(inputs: Inputs) -> Thunk:
    model = gm.KernelSVC(C=0.3, solver="nystroem", rank=320, random_state=0)
    return lambda: model.fit(inputs.rows, inputs.labels)


def newton(inputs: Inputs) -> Thunk:
    model = gm.KernelSVC(C=0.3, random_state=0)
    return lambda: model.fit(inputs.rows, inputs.labels)


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.svm import SVC

    return lambda: SVC(C=1.0).fit(inputs.rows, inputs.labels)


def verify(inputs: Inputs, model: Any, strict: bool) -> None:
    """As many held-out rows in their class as with scikit-learn's machine, up to half a percent."""
    missed = inputs.expected - model.score(inputs.held_out, inputs.classes)
    truth.at_most(float(missed), SLACK / len(inputs.rows), "accuracy short of scikit-learn's")


def add(name: str, title: str, ours: Any) -> None:
    register(
        Case(
            name=f"svc/{name}-10000x6",
            title=title,
            sizes={"n": 10_000, "d": 6},
            quick={"n": 400, "d": 6},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(Contestant("scikit-learn", sklearn, package="sklearn"),),
            verify=verify,
            dtype="float64",
        )
    )


add(
    "nystroem",
    "squared-hinge machine on 320 rows, 10,000 × 6, a fifth of the labels wrong",
    nystroem,
)
add("newton", "squared-hinge machine, 10,000 × 6, a fifth of the labels wrong", newton)
