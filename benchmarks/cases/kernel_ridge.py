"""Kernel ridge regression on 10 000 rows: single fits, and whole paths beside a single fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register

ALPHA, BANDWIDTH = 0.2, 1.0
"""What leaving one out chooses among `ALPHAS` at this bandwidth, about."""
ALPHAS = tuple(float(alpha) for alpha in np.logspace(-3, 1, 10))
BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d) and their targets (n,)."""

    points: NDArray[np.float64]
    targets: NDArray[np.float64]


def make(sizes: Sizes) -> Inputs:
    """Friedman's first function of five of the features, with noise of deviation 3."""
    from sklearn.datasets import make_friedman1

    points, targets = make_friedman1(sizes["n"], sizes["d"], noise=3.0, random_state=0)
    return Inputs(points, targets - targets.mean())


def single(solver: str) -> Callable[[Inputs], Thunk]:
    def prepare(inputs: Inputs) -> Thunk:
        model = gm.KernelRidge(
            ALPHA, kernel="rbf", bandwidth=BANDWIDTH, solver=solver, random_state=0
        )
        return lambda: model.fit(inputs.points, inputs.targets)

    return prepare


def path(bandwidths: tuple[float, ...]) -> Callable[[Inputs], Thunk]:
    def prepare(inputs: Inputs) -> Thunk:
        model = gm.KernelRidgeCV(ALPHAS, kernel="rbf", bandwidths=bandwidths, random_state=0)
        return lambda: model.fit(inputs.points, inputs.targets)

    return prepare


def sklearn(inputs: Inputs) -> Thunk:
    from sklearn.kernel_ridge import KernelRidge

    model = KernelRidge(alpha=ALPHA, kernel="rbf", gamma=1 / (2 * BANDWIDTH**2))
    return lambda: model.fit(inputs.points, inputs.targets)


def verify(inputs: Inputs, model: Any, strict: bool) -> None:
    """(K + αI) c = y on a sample of the rows; of a path also what leaving a row out predicts."""
    is_path = hasattr(model, "alpha_")
    alpha, width = (model.alpha_, model.bandwidth_) if is_path else (ALPHA, BANDWIDTH)
    coefficients = np.asarray(model.dual_coef_, dtype=np.float64)
    rows = truth.sample(len(inputs.points))
    squares = truth.squared_distances(inputs.points[rows], inputs.points)
    fitted = np.exp(-squares / (2 * width**2)) @ coefficients
    rest = inputs.targets[rows] - fitted - alpha * coefficients[rows]
    scale = float(np.linalg.norm(inputs.targets[rows]))
    bound = 1e-6 if strict else 1e-4
    truth.at_most(float(np.linalg.norm(rest)) / scale, bound, "relative residual")
    if is_path:
        few = truth.sample(len(inputs.points), 5)
        gaps = model.loo_prediction_[few] - left_out(inputs, coefficients, alpha, width, few)
        error = float(np.abs(gaps).max() / inputs.targets.std())
        # landmarks regress in a space of their own: a fifth of the noise is what that may cost
        truth.at_most(error, 0.1, "error of a prediction without the row, in deviations of y,")


def left_out(
    inputs: Inputs, coefficients: NDArray[Any], alpha: float, width: float, rows: NDArray[Any]
) -> NDArray[Any]:
    """What rows are predicted by the fit without them: y − c / (K + αI)⁻¹ᵢᵢ."""
    matrix = gm.Gram(inputs.points, kernel=gm.Gaussian(bandwidth=width))
    unit = np.zeros((len(inputs.points), len(rows)))
    unit[rows, np.arange(len(rows))] = 1
    inverse = matrix.solve(unit, ridge=alpha, tol=1e-6, random_state=0)
    return inputs.targets[rows] - coefficients[rows] / inverse[rows, np.arange(len(rows))]


def add(name: str, title: str, ours: Callable[[Inputs], Thunk], peer: Contestant) -> None:
    register(
        Case(
            name=f"kernel-ridge/{name}",
            title=f"{title}, 10,000 × 9, float64",
            sizes={"n": 10_000, "d": 9},
            quick={"n": 300, "d": 9},
            make=make,
            ours=Contestant("gramian", ours, exact=True),
            peers=(peer,),
            verify=verify,
            dtype="float64",
        )
    )


SKLEARN = Contestant("scikit-learn", sklearn, package="sklearn")
ONE_FIT = Contestant("one fit of ours", single("auto"))
add("auto-10000x9", "kernel ridge", single("auto"), SKLEARN)
add("direct-10000x9", "kernel ridge by a dense factor", single("direct"), SKLEARN)
add("path-10-10000x9", "ten ridges and leave-one-out", path((BANDWIDTH,)), ONE_FIT)
add("path-10x5-10000x9", "ten ridges at five bandwidths", path(BANDWIDTHS), ONE_FIT)
