"""Kernel machines on many rows: memory, certificates, and cost against the number of rows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

import gramian as gm
from benchmarks.studies.memory import watched
from benchmarks.studies.picture import draw
from benchmarks.studies.problems import process

__all__ = ["components", "cost", "ridge"]

GIB = 2**30
RESIDUAL = 1e-3
ABOVE_NOISE = 1.05
"""The error on new noisy rows may exceed the noise by so much: no regression falls below 1."""


def ridge(n: int, memory: str) -> bool:
    """Kernel ridge on n rows of nine features, with a function that is known."""
    problem = process(n)
    model = gm.KernelRidge(
        problem.alpha,
        kernel="rbf",
        bandwidth=problem.bandwidth,
        tol=RESIDUAL / 2,
        random_state=0,
    )
    start = time.perf_counter()
    with gm.config_context(memory=memory), watched() as peak:
        model.fit(problem.points, problem.targets)
        seconds = time.perf_counter() - start
        predicted = model.predict(problem.new_points)
    away = float(np.sqrt(np.mean((predicted - problem.new_values) ** 2)))
    error = float(np.hypot(away, problem.noise)) / problem.noise
    print(f"kernel ridge, {n:,} x {problem.points.shape[1]}, solver {model.solver_}")
    print(f"  rank {model.rank_}, steps {model.n_iter_}, passes {model.passes_:.1f}")
    print(f"  {seconds:.1f} s, resident memory {peak}, working memory allowed {memory}")
    print(f"  relative residual {model.residual_:.1e}, at most {RESIDUAL:.0e}")
    print(f"  RMSE on new rows {error:.3f} x the noise, at most {ABOVE_NOISE}; ", end="")
    print(f"off the true function by {away:.4f}, noise {problem.noise}")
    return model.residual_ <= RESIDUAL and peak.most <= GIB and error <= ABOVE_NOISE


def components(n: int, memory: str) -> bool:
    """Ten kernel principal components of n rows of nine features in blobs."""
    rng = np.random.default_rng(0)
    corners = rng.uniform(-1, 1, size=(12, 9)).astype(np.float32)
    points = corners[np.arange(n) % 12] + 0.3 * rng.normal(size=(n, 9)).astype(np.float32)
    model = gm.KernelPCA(10, kernel="rbf", bandwidth=1.0, random_state=0)
    start = time.perf_counter()
    with gm.config_context(memory=memory), watched() as peak:
        model.fit(points)
    residual = float((model.residuals_ / model.eigenvalues_[0]).max())
    print(f"kernel PCA, 10 components of {n:,} x 9, solver {model.solver_}")
    print(f"  passes {model.passes_:.0f}, {time.perf_counter() - start:.1f} s")
    print(f"  resident memory {peak}, working memory allowed {memory}")
    print(f"  largest residual {residual:.1e} of the largest eigenvalue, at most 1e-05")
    return residual <= 1e-5 and peak.most <= GIB


def cost(most: int, folder: Path) -> bool:
    """Seconds of fits from ``most`` / 16 rows on, doubling, and the exponent of their growth."""
    sizes = [most // 16 * 2**i for i in range(5)]
    problem = process(most)
    ridges = gm.KernelRidge(
        problem.alpha, kernel="rbf", bandwidth=problem.bandwidth, tol=RESIDUAL, random_state=0
    )
    fits: dict[str, Any] = {
        "pcg": lambda x, y: ridges.set_params(solver="pcg").fit(x, y),
        "Nyström": lambda x, y: ridges.set_params(solver="nystroem").fit(x, y),
        "KernelPCA": lambda x, y: gm.KernelPCA(
            5, kernel="rbf", bandwidth=0.5, eigen_solver="randomized", random_state=0
        ).fit(x),
    }
    curves, lines = {}, {}
    for name, fit in fits.items():
        fit(problem.points[:1000], problem.targets[:1000])  # libraries and pools warm up
        seconds = []
        for n in sizes:
            start = time.perf_counter()
            fit(problem.points[:n], problem.targets[:n])
            seconds.append(time.perf_counter() - start)
        slope, level = np.polyfit(np.log(sizes[1:]), np.log(seconds[1:]), 1)
        print(f"{name}: seconds ~ rows^{slope:.2f}; ", end="")
        print(", ".join(f"{n:,}: {s:.2f} s" for n, s in zip(sizes, seconds, strict=True)))
        fitted = np.exp(level + slope * np.log(sizes))
        curves[name], lines[f"n^{slope:.2f}"] = (sizes, seconds), (sizes, fitted.tolist())
    draw(folder / "cost.png", curves, x="rows", y="seconds of a fit", lines=lines)
    return True
