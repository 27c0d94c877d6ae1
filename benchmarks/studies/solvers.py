"""The iterative solvers beside the dense one, and what the rank of a preconditioner buys."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

import gramian as gm
from benchmarks import truth
from benchmarks.studies.picture import draw
from benchmarks.studies.problems import Problem, friedman, process

__all__ = ["agreement", "dense_predictions", "rank"]

CLOSE = 1e-3
"""Solvers of the whole system may differ from the dense predictions by so much of the noise."""
NEAR = 1.1
"""Landmarks, a model of their own, may err by so much more than the dense solution."""
RANKS = (1, 25, 50, 100, 200, 400, 800)


def dense_predictions(problem: Problem) -> NDArray[np.float64]:
    """Predictions by one dense solve, every entry in float64."""

    def kernel(x: NDArray[np.float32], y: NDArray[np.float32]) -> torch.Tensor:
        squares = truth.squared_distances(x, y)
        return torch.from_numpy(np.exp(-squares / (2 * problem.bandwidth**2)))

    system = kernel(problem.points, problem.points)
    system.diagonal().add_(problem.alpha)
    factor = torch.linalg.cholesky(system)
    target = torch.from_numpy(problem.targets[:, None])
    coefficients = torch.cholesky_solve(target, factor)
    return (kernel(problem.new_points, problem.points) @ coefficients)[:, 0].numpy()


def agreement(n: int) -> bool:
    """Predictions of each iterative solver against one dense solve, on two problems."""
    met = True
    print("problem     solver     steps  residual  RMSE, dense   furthest off dense, in noise")
    for problem in (process(n), friedman(n)):
        expected = dense_predictions(problem)
        dense_error = np.sqrt(np.mean((expected - problem.new_values) ** 2))
        for solver in ("pcg", "sketch", "nystroem"):
            model = gm.KernelRidge(
                problem.alpha,
                kernel="rbf",
                bandwidth=problem.bandwidth,
                solver=solver,
                tol=1e-6,
                random_state=0,
            )
            with warnings.catch_warnings():
                # landmarks do not solve the whole system, of which the residual speaks
                warnings.simplefilter("ignore", ConvergenceWarning)
                predicted = model.fit(problem.points, problem.targets).predict(problem.new_points)
            off = float(np.abs(predicted - expected).max()) / problem.noise
            error = np.sqrt(np.mean((predicted - problem.new_values) ** 2))
            print(
                f"{problem.name:11} {solver:9} {model.n_iter_:6}   {model.residual_:.1e}  "
                f"{error:.4f}, {dense_error:.4f}   {off:.1e}"
            )
            met &= off <= CLOSE if solver != "nystroem" else error <= NEAR * dense_error
    return met


def rank(n: int, folder: Path) -> bool:
    """Steps of preconditioned gradients to a residual of 10⁻⁴ against the rank of the factor."""
    draws, known = process(n), friedman(n)
    kernels = {
        "process, Gaussian": (draws, gm.Gaussian(bandwidth=draws.bandwidth)),
        "process, Matérn 3/2": (draws, gm.Matern(bandwidth=draws.bandwidth, nu=1.5)),
        "Friedman, Gaussian": (known, gm.Gaussian(bandwidth=known.bandwidth)),
    }
    ranks = [r for r in RANKS if r < n]
    curves = {}
    for name, (problem, kernel) in kernels.items():
        steps = []
        for r in ranks:
            model = gm.KernelRidge(
                problem.alpha, kernel=kernel, solver="pcg", rank=r, tol=1e-4, random_state=0
            )
            steps.append(model.fit(problem.points, problem.targets).n_iter_)
        curves[name] = (ranks, steps)
        print(f"{name}: " + ", ".join(f"rank {r}: {s}" for r, s in zip(ranks, steps, strict=True)))
    draw(folder / "rank.png", curves, x="rank of the preconditioner", y="steps to a residual 1e-4")
    return all(steps[-1] < steps[0] for _, steps in curves.values())
