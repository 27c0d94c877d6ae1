"""What error should least squares leave?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

import gramian as gm
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
    statistics,
)
from gramian.linalg import lstsq

SOURCE = "Advanced topics in machine learning (University of Trieste), lab 3"

LAB = Lab(
    name="ols",
    topic="linear models",
    question="What error should least squares leave?",
    answer=(
        "(N − P − 1)/N of the noise variance, signal or not: the training error is no evidence "
        "that there is anything to learn."
    ),
    source=f"{SOURCE}; Dive into Deep Learning, section 3.1",
    method=(
        "X has N = 1 000 rows and P = 100 columns from U[0, 1], and a column of ones; "
        "y = XM + N(0, 1) with M ~ N(0, 1). Least squares w* = (XᵀX)⁻¹Xᵀy leaves residuals in a "
        "space of N − P − 1 dimensions, so that the mean squared error is χ² with N − P − 1 "
        "degrees of freedom, divided by N: 0.899 ± 0.042.\n\n"
        "The mean over seeds must have its 99 % interval inside 0.899 ± 0.03. R² is measured on "
        "1 000 new rows.\n\n"
        "In float32, w is computed by QR and by the explicit inverse of XᵀX, and compared with "
        "float64; the ratio of the two errors is the median over ten tables."
    ),
    claims=(
        Claim(
            "theory",
            "The mean training error is (N − P − 1)/N.",
            "mse",
            "in",
            (0.869, 0.929),
            kind="statistical",
            figure="histogram",
        ),
        Claim("orthogonal", "The residual is orthogonal to every column.", "cosine", "<", 1e-11),
        Claim(
            "no-inverse",
            "QR is at least ten times closer to float64 than the explicit inverse.",
            "error-ratio",
            ">=",
            10,
            figure="solvers",
        ),
        Claim(
            "explains",
            "The fit explains new rows.",
            "test-r2",
            ">",
            0.5,
            kind="statistical",
            figure="parity",
        ),
    ),
    controls=(
        positive(
            "noise-free",
            "Without noise new rows are explained to the last digit.",
            claim="explains",
            must=(">", 0.999999),
        ),
        negative(
            "pure-noise",
            "Without signal they are not, though the training error is the same.",
            claim="explains",
            must=("<=", 0.05),
        ),
        positive("pure-noise-fit", "Pure noise leaves the same training error.", claim="theory"),
        negative(
            "few-rows",
            "With 110 rows for 100 columns hardly any error is left.",
            claim="theory",
            must=("<", 0.2),
        ),
        negative("inverse", "The inverse is not closer than itself.", claim="no-inverse"),
        negative(
            "shrunk",
            "Other weights leave a residual that is not orthogonal.",
            claim="orthogonal",
            must=(">", 1e-3),
        ),
    ),
    published_errors=(
        PublishedError(
            SOURCE,
            "one training error is printed, without what it should be",
            "its distribution is derived, and its mean compared with that",
        ),
        PublishedError(
            SOURCE,
            "w is computed with an explicit inverse",
            "QR is used; the inverse is run beside it",
        ),
    ),
    source_values=(
        SourceValue(
            SOURCE,
            "training error of one table",
            0.8603,
            "mse",
            0.126,
            "0.9 standard deviations below the mean; the tolerance is three",
        ),
    ),
    quick={"seeds": 100},
    full={"seeds": 1000},
    seconds=(10, 60),
)

N, P = 1000, 100
EXPECTED, SPREAD = (N - P - 1) / N, (2 * (N - P - 1)) ** 0.5 / N


@dataclass(frozen=True)
class Problem:
    """How a table is drawn: rows, and the sizes of signal and noise."""

    rows: int = N
    signal: float = 1.0
    noise: float = 1.0

    def draw(self, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Training and test rows, each with its targets."""
        rng = torch.Generator().manual_seed(seed)
        X = torch.rand(self.rows + N, P, generator=rng, dtype=torch.float64)
        weights = torch.randn(P, generator=rng, dtype=torch.float64)
        noise = torch.randn(len(X), generator=rng, dtype=torch.float64)
        y = self.signal * X @ weights + self.noise * noise
        return X[: self.rows], y[: self.rows], X[self.rows :], y[self.rows :]


def errors(problem: Problem, seed: int) -> tuple[float, float]:
    """Training error, and R² on new rows."""
    X, y, X_new, y_new = problem.draw(seed)
    model = gm.LinearRegression().fit(X, y)
    rest = (y_new - model.predict(X_new)).square().mean() / y_new.var(correction=0)
    return float((y - model.predict(X)).square().mean()), 1 - float(rest)


def with_ones(X: Tensor) -> Tensor:
    return torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)


def by_inverse(X: Tensor, y: Tensor) -> Tensor:
    return torch.linalg.inv(X.T @ X) @ X.T @ y


def by_qr(X: Tensor, y: Tensor) -> Tensor:
    return lstsq(X, y)[0]


Solver = Callable[[Tensor, Tensor], Tensor]


def solver_error(solve: Solver, seed: int) -> float:
    """The largest error of w in float32."""
    X, y, _, _ = Problem().draw(seed)
    X = with_ones(X)
    # both precisions solve the same, rounded table
    X, y = X.float().double(), y.float().double()
    return float((solve(X.float(), y.float()).double() - lstsq(X, y)[0]).abs().max())


def cosine(factor: float, seed: int) -> float:
    """The largest cosine of the residual with a column; `factor` scales the weights."""
    X, y, _, _ = Problem().draw(seed)
    A = with_ones(X)
    residual = y - factor * (A @ lstsq(A, y)[0])
    return float(((A.T @ residual) / (A.norm(dim=0) * residual.norm())).abs().max())


def run(context: Context) -> Result:
    result = Result(context)
    seeds = context.seeds(context["seeds"])
    few = context.seeds(10)
    problems = {
        "method": Problem(),
        "noise-free": Problem(noise=0.0),
        "pure-noise": Problem(signal=0.0),
        "few-rows": Problem(rows=P + 10),
    }
    found = {
        name: np.array([errors(each, seed) for seed in context.each(seeds, name)])
        for name, each in problems.items()
    }

    def training(name: str) -> statistics.Estimate:
        return statistics.mean(found[name][:, 0], seeds=seeds)

    def test(name: str) -> statistics.Estimate:
        return statistics.mean(found[name][:, 1], seeds=seeds)

    mse = {"method": "method", "few-rows": "few-rows"}
    result.contrast("mse", mse, training)
    result.control("pure-noise-fit", training("pure-noise"))
    r2 = {name: name for name in ("method", "noise-free", "pure-noise")}
    result.contrast("test-r2", r2, test)
    factors = {"least squares": 1.0, "shrunk": 0.9}
    result.contrast("cosine", factors, lambda each: cosine(each, few[0]))

    solvers: dict[str, Solver] = {"QR": by_qr, "inverse": by_inverse}
    wrong = {name: [solver_error(each, seed) for seed in few] for name, each in solvers.items()}
    result.contrast(
        "error-ratio",
        wrong,
        lambda own: float(np.median(np.divide(wrong["inverse"], own))),
        tolerance=0.5,
    )
    X, y, X_new, y_new = Problem().draw(few[0])
    result.measure("condition", float(torch.linalg.cond(with_ones(X))))
    result.measure("inverse-error", max(wrong["inverse"]))

    values = found["method"][:, 0]
    result.figure(
        "histogram",
        lambda ax, theme: draw_histogram(ax, theme, values),
        title="Training errors and their theory",
        alt="A histogram about 0.9, under the curve of its χ² distribution.",
        data={"seed": seeds, "training error": values},
    )
    plots = {}
    for name in ("method", "pure-noise"):
        X, y, X_new, y_new = problems[name].draw(few[0])
        model = gm.LinearRegression().fit(X, y)
        plots[name] = [(y, model.predict(X)), (y_new, model.predict(X_new))]
    result.figure(
        "parity",
        lambda axes, theme: draw_parity(axes, theme, plots),
        title="Predicted against true: a signal, and pure noise",
        alt=(
            "With a signal both clouds lie along the diagonal. With pure noise the training rows "
            "still lean towards it, the new rows do not."
        ),
        size=(10.0, 4.4),
        panels=(1, 2),
    )
    result.figure(
        "solvers",
        lambda ax, theme: draw_solvers(ax, theme, wrong),
        title="Error of w in float32",
        alt="On a logarithmic axis, the errors of QR lie far below those of the inverse.",
        data={"table": list(range(len(few))), **wrong},
    )
    return result


def draw_histogram(ax: Any, theme: Any, values: np.ndarray) -> None:
    from scipy.stats import chi2

    ax.hist(values, bins=20, density=True, color=theme.color(0), alpha=0.7, label="seeds")
    x = np.linspace(EXPECTED - 4 * SPREAD, EXPECTED + 4 * SPREAD, 200)
    ax.plot(x, N * chi2(N - P - 1).pdf(N * x), color=theme.text, label="theory")
    ax.axvline(0.8603, color=theme.accent, linestyle="--", label="printed")
    ax.set(xlabel="training error", ylabel="density")
    ax.legend()


def draw_parity(axes: Any, theme: Any, plots: dict[str, Any]) -> None:
    for ax, (name, pairs) in zip(axes, plots.items(), strict=True):
        for k, ((true, predicted), label) in enumerate(
            zip(pairs, ("training", "new"), strict=True)
        ):
            ax.scatter(true, predicted, s=5, color=theme.color(k), alpha=0.5, label=label)
        ends = [float(pairs[0][0].min()), float(pairs[0][0].max())]
        ax.plot(ends, ends, color=theme.muted, linewidth=1)
        ax.set(xlabel="true", ylabel="predicted")
        ax.set_title("signal and noise" if name == "method" else "noise alone", fontsize=10)
        ax.legend(markerscale=3)


def draw_solvers(ax: Any, theme: Any, wrong: dict[str, list[float]]) -> None:
    for k, (name, values) in enumerate(wrong.items()):
        ax.semilogy(range(1, len(values) + 1), values, "o", color=theme.color(k), label=name)
    ax.set(xlabel="table", ylabel="largest error of w")
    ax.legend()
