"""What do intercept, ridge and a kernel each change?"""

from __future__ import annotations

from typing import Any

import numpy as np

import gramian as gm
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive

LAB = Lab(
    name="kernel-regression",
    topic="kernels",
    question="What do intercept, ridge and a kernel each change?",
    answer=(
        "The intercept removes a bias, an unpenalised ridge changes little here, and the kernel "
        "finds the curve that no line can."
    ),
    source="Advanced topics in machine learning (University of Trieste), lab 2, exercises 1 and 2",
    method=(
        "A line: 100 points, x from U[2, 30] and y from N(2x + 50, 1). Least squares with an "
        "intercept leaves the mean squared error (1 − 2/100)·1 on average; without one the slope "
        "is expected at 2 + 50·E x/E x². Ridge in primal form, (XᵀX + λI)⁻¹Xᵀy, equals its dual, "
        "Xᵀ(XXᵀ + λI)⁻¹y, for λ > 0 only: XXᵀ has rank 2 of 100.\n\n"
        "A curve: y = x + 4 sin x + 4U[0, 1] on 100 places from 2 to 30. Kernel ridge regression "
        "with e^(−d²/2σ²), σ = 1 and λ = 0.1, against the least-squares line. The error is left "
        "one out, (y − Hy)ᵢ/(1 − Hᵢᵢ), where H is what the model predicts for the unit vectors. "
        "Values are means over replicates."
    ),
    claims=(
        Claim(
            "intercept",
            "With an intercept, least squares leaves 0.98 of the variance of the noise.",
            "mse-line",
            "in",
            (0.935, 1.025),
            figure="lines",
        ),
        Claim("dual", "Primal and dual ridge regression are the same.", "dual-error", "<", 1e-8),
        Claim(
            "kernel",
            "Left one out, kernel ridge errs less than half as much as the line.",
            "loo-ratio",
            "<",
            0.5,
            figure="fit",
        ),
        Claim(
            "far",
            "Far from the data its predictions return to 0.",
            "far-away",
            "<",
            1e-10,
            figure="fit",
        ),
    ),
    controls=(
        positive("linear-kernel", "Kernel ridge with the linear kernel is ridge.", claim="dual"),
        negative(
            "no-intercept", "A line through 0 cannot follow.", claim="intercept", must=(">", 300)
        ),
        negative(
            "penalised-intercept",
            "A ridge of 2.5 that also pulls at the intercept.",
            claim="intercept",
            must=(">", 4),
        ),
        negative(
            "no-ridge", "For λ = 0 the dual has the inverse of a singular matrix.", claim="dual"
        ),
        negative(
            "shuffled",
            "With shuffled targets there is no curve to find.",
            claim="kernel",
            must=(">", 0.9),
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 2, exercise 1",
            "(XᵀX)⁻¹Xᵀ = Xᵀ(XXᵀ)⁻¹, where XXᵀ has rank 2 of 100",
            "the identity with λ > 0 on both sides",
        ),
        PublishedError("lab 2, exercise 1", "the ridge penalises the intercept", "it is left free"),
        PublishedError(
            "labs 1 and 2",
            "two conventions for σ: e^(−d²/2σ²) and e^(−d²/σ²)",
            "the first; the second is measured beside it",
        ),
    ),
    quick={"lines": 200, "curves": 20},
    full={"lines": 2000, "curves": 200},
    seconds=(10, 60),
)

N, LAMBDA, RIDGE = 100, 0.1, 2.5


def line_data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.uniform(2, 30, N)
    return x[:, None], 2 * x + 50 + rng.standard_normal(N)


def curve(x: np.ndarray) -> np.ndarray:
    """The mean of the curve's targets."""
    return x + 4 * np.sin(x) + 2


def curve_data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(2, 30, N)
    return x[:, None], curve(x) - 2 + 4 * rng.uniform(size=N)


def line_fits(X: np.ndarray, y: np.ndarray) -> dict[str, tuple[float, float]]:
    """Slope and intercept of each way to fit a line."""
    with_ones = np.hstack([X, np.ones_like(X)])
    least_squares, ridge = gm.LinearRegression().fit(X, y), gm.Ridge(alpha=RIDGE).fit(X, y)
    pulled = gm.Ridge(alpha=RIDGE, fit_intercept=False).fit(with_ones, y).coef_
    through_0 = gm.LinearRegression(fit_intercept=False).fit(X, y)
    return {
        "line": (float(least_squares.coef_[0]), float(least_squares.intercept_)),
        "no-intercept": (float(through_0.coef_[0]), 0.0),
        "penalised-intercept": (float(pulled[0]), float(pulled[1])),
        "ridge": (float(ridge.coef_[0]), float(ridge.intercept_)),
    }


def dual(X: np.ndarray, y: np.ndarray, ridge: float) -> np.ndarray:
    """Xᵀ(XXᵀ + λI)⁻¹y with an explicit inverse, as predictions."""
    K = X @ X.T
    predicted: np.ndarray = K @ (np.linalg.pinv(K + ridge * np.eye(N), rcond=0.0) @ y)
    return predicted


def kernel_ridge(sigma: float = 1.0, ridge: float = LAMBDA) -> gm.KernelRidge:
    return gm.KernelRidge(ridge, kernel="rbf", bandwidth=sigma)


def smoother(model: Any, X: np.ndarray) -> np.ndarray:
    """H with ŷ = Hy: the model's predictions for the unit vectors."""
    predicted: np.ndarray = model.fit(X, np.eye(N)).predict(X)
    return predicted


def left_out(H: np.ndarray, y: np.ndarray) -> float:
    """Mean squared error, each point predicted by the others."""
    return float((((y - H @ y) / (1 - np.diag(H))) ** 2).mean())


def run(context: Context) -> Result:
    result = Result(context)
    fits = []
    for k in range(context["lines"]):
        X, y = line_data(context.rng(k))
        found = line_fits(X, y)
        fits.append({n: (a, b, ((y - a * X[:, 0] - b) ** 2).mean()) for n, (a, b) in found.items()})
    means = {name: np.mean([fit[name] for fit in fits], axis=0) for name in fits[0]}
    ridge = means.pop("ridge")
    result.contrast("mse-line", means, lambda mean: mean[2], tolerance=1e-4)
    for name, mean in (*means.items(), ("ridge", ridge)):
        result.measure(f"slope-intercept-mse-{name}", mean, tolerance=1e-4)

    X, y = line_data(context.rng())
    X1 = np.hstack([X, np.ones_like(X)])
    primal = {r: gm.Ridge(alpha=r, fit_intercept=False).fit(X1, y).predict(X1) for r in (RIDGE, 0)}
    predictions = {
        "dual": (dual(X1, y, RIDGE), primal[RIDGE]),
        "linear-kernel": (gm.KernelRidge(RIDGE, tol=1e-12).fit(X1, y).predict(X1), primal[RIDGE]),
        "no-ridge": (dual(X1, y, 0.0), primal[0]),
    }
    result.contrast("dual-error", predictions, lambda pair: float(np.abs(pair[0] - pair[1]).max()))
    result.measure("rank-of-dual", int(np.linalg.matrix_rank(X1 @ X1.T)))

    X = np.linspace(2, 30, N)[:, None]
    line = smoother(gm.LinearRegression(), X)
    H = smoother(kernel_ridge(), X)
    other = smoother(kernel_ridge(0.5**0.5), X)
    targets = [curve_data(context.rng(k))[1] for k in range(context["curves"])]
    shuffled = [context.rng(500 + k).permutation(t) for k, t in enumerate(targets)]
    cases = {"curve": targets, "shuffled": shuffled}
    result.contrast(
        "loo-ratio",
        cases,
        lambda ys: float(np.mean([left_out(H, y) / left_out(line, y) for y in ys])),
    )
    for name, ys in cases.items():
        r2 = np.mean([1 - left_out(H, y) / y.var() for y in ys])
        result.measure(f"loo-r2-{name}", float(r2))
    for name, way in (("2-sigma-squared", H), ("sigma-squared", other), ("straight", line)):
        result.measure(f"train-{name}", np.mean([((y - way @ y) ** 2).mean() for y in targets]))
        truth = curve(X[:, 0])
        result.measure(f"truth-{name}", np.mean([((truth - way @ y) ** 2).mean() for y in targets]))
        result.measure(f"loo-{name}", np.mean([left_out(way, y) for y in targets]))
        result.measure(f"freedom-{name}", float(np.trace(way)))

    y = targets[0]
    model = kernel_ridge().fit(X, y)
    result.measure("far-away", float(np.abs(model.predict(np.array([[-8.0], [40.0]]))).max()))
    places = np.linspace(-2, 42, 441)
    draw_all(result, line_data(context.rng()), X, y, places, model.predict(places[:, None]))
    return result


def draw_all(
    result: Result, line: Any, X: np.ndarray, y: np.ndarray, places: np.ndarray, curved: np.ndarray
) -> None:
    """The lines, the curve, and the left-out error against λ and σ."""
    fits = line_fits(*line)
    result.figure(
        "lines",
        lambda ax, theme: draw_lines(ax, theme, line, fits),
        title="Four ways to fit a line",
        alt="The line through 0 is too steep; the others lie on the points, one slightly off.",
        data={"fit": list(fits), "slope": [a for a, _ in fits.values()]},
    )
    straight = gm.LinearRegression().fit(X, y).predict(places[:, None])
    result.figure(
        "fit",
        lambda ax, theme: draw_fit(ax, theme, (X, y), places, {"kernel": curved, "line": straight}),
        title="Kernel ridge between and beyond the data",
        alt="The kernel's curve follows the wave between 2 and 30 and falls to 0 on both sides.",
        data={"x": places, "kernel ridge": curved, "line": straight},
    )
    sigmas, ridges = np.geomspace(0.2, 8, 13), np.geomspace(1e-3, 10, 9)
    errors = np.array(
        [[left_out(smoother(kernel_ridge(s, r), X), y) for s in sigmas] for r in ridges]
    )
    result.figure(
        "loo",
        lambda ax, theme: draw_loo(ax, theme, sigmas, ridges, errors),
        title="Left-out error against λ and σ",
        alt="A valley near σ = 1.5; the error grows to both sides.",
        data={"σ": sigmas, **{f"λ = {r:.3g}": row for r, row in zip(ridges, errors, strict=True)}},
    )


def draw_lines(ax: Any, theme: Any, data: Any, fits: dict[str, tuple[float, float]]) -> None:
    """The points and each fit."""
    ax.scatter(data[0][:, 0], data[1], s=12, color=theme.muted)
    ends = np.array([0.0, 32.0])
    for k, (name, (slope, intercept)) in enumerate(fits.items()):
        style = "--" if name == "ridge" else "-"
        label = name.replace("-", " ")
        ax.plot(ends, slope * ends + intercept, style, color=theme.color(k), label=label)
    ax.set(xlabel="x", ylabel="y", xlim=(0, 32), ylim=(0, 150))
    ax.legend()


def draw_fit(ax: Any, theme: Any, data: Any, places: Any, curves: dict[str, Any]) -> None:
    """The points, the model and the line."""
    ax.scatter(data[0][:, 0], data[1], s=12, color=theme.muted)
    for k, (name, values) in enumerate(curves.items()):
        ax.plot(places, values, color=theme.color(k), label=name)
    ax.set(xlabel="x", ylabel="y", xlim=(-2, 42))
    ax.legend(loc="upper left")


def draw_loo(ax: Any, theme: Any, sigmas: Any, ridges: Any, errors: Any) -> None:
    """Colours on a logarithmic scale, and the choice of the lab."""
    from matplotlib.colors import LogNorm

    look = {
        "cmap": theme.colormap("sequential"),
        "norm": LogNorm(1.5, 40),
        "shading": "nearest",
        "rasterized": True,
    }
    image = ax.pcolormesh(sigmas, ridges, errors, **look)
    ax.scatter([1.0], [LAMBDA], marker="x", color=theme.accent, zorder=3)
    ax.set(xscale="log", yscale="log", xlabel="σ", ylabel="λ")
    ax.minorticks_off()
    ax.set_xticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    bar = ax.figure.colorbar(image, ax=ax, label="left-out error")
    bar.ax.minorticks_off()
    bar.set_ticks([2, 5, 10, 20, 40], labels=["2", "5", "10", "20", "40"])
