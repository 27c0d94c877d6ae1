"""Does one kernel component separate what no linear one can?"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import make_circles, make_moons
from sklearn.decomposition import KernelPCA as SklearnKernelPCA

import gramian as gm
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive

LAB = Lab(
    name="kernel-pca-moons",
    topic="kernels",
    question="Does one kernel component separate what no linear one can?",
    answer="It does, on these points and on fresh ones; no line separates more than nine in ten.",
    source="Advanced topics in machine learning (University of Trieste), lab 2, exercise 3",
    method=(
        "Two half moons of 50 points each, without noise. Kernel PCA with e^(−γ‖x−y‖²), γ = 15: "
        "the leading eigenvectors of K − 1K − K1 + 1K1, where all entries of 1 are 1/n, each "
        "times the root of its eigenvalue. Separation by a component is the accuracy of the best "
        "threshold on it; fresh points are judged by the threshold of the training points.\n\n"
        "The best line is sought exhaustively: 180 directions, every threshold. The matrix is "
        "centred where the sums of its rows are 0, which a picture cannot show."
    ),
    claims=(
        Claim("row-sums", "The rows of the centred matrix sum to 0.", "row-sum", "<", 1e-12),
        Claim(
            "separates",
            "One kernel component separates the moons.",
            "separation",
            "==",
            1.0,
            kind="exact",
            figure="projections",
        ),
        Claim(
            "fresh",
            "It separates fresh moons, also with noise of 0.1.",
            ("separation-fresh", "separation-noisy"),
            ">=",
            0.98,
        ),
        Claim(
            "lines",
            "No line separates more than nine in ten.",
            "separation-line",
            "<=",
            0.9,
            figure="projections",
        ),
        Claim(
            "scikit-learn",
            "Its projections are those of scikit-learn.",
            "distance-to-scikit-learn",
            "<",
            1e-9,
        ),
    ),
    controls=(
        positive(
            "circles", "Two concentric circles are separated as well (γ = 5).", claim="separates"
        ),
        negative(
            "shuffled-labels",
            "Shuffled labels are not separated.",
            claim="separates",
            must=("<", 0.7),
        ),
        negative(
            "wrong-centring",
            "K − 2·1K + 1K1 is not symmetric, and its rows do not sum to 0.",
            claim="row-sums",
            must=(">", 1.0),
        ),
        negative("bent", "A border that may bend separates more.", claim="lines"),
    ),
    published_errors=(
        PublishedError(
            "lab 2, exercise 3",
            "centring as K − 2·1K + 1K1, which hardly changes the picture",
            "K − 1K − K1 + 1K1, tested by the sums of its rows",
        ),
        PublishedError(
            "lab 2, exercise 3",
            "unit eigenvectors in place of projections: the root of the eigenvalue is missing",
            "projections, compared with scikit-learn's",
        ),
        PublishedError(
            "lab 2, covariance of the features",
            "lacks 1/n, and its mean runs over the wrong index",
            "the kernel matrix is centred instead",
        ),
    ),
    quick={"fresh": 2000, "shuffles": 20},
    full={"fresh": 20_000, "shuffles": 200},
    seconds=(10, 30),
)

GAMMA, GAMMAS = 15.0, [1.0, 2.0, 5.0, 10.0, 15.0, 50.0, 200.0, 1000.0]


def components(X: np.ndarray, gamma: float | None, count: int = 2) -> gm.KernelPCA:
    """Kernel PCA, linear without γ."""
    kernel = "linear" if gamma is None else "rbf"
    return gm.KernelPCA(count, kernel=kernel, gamma=gamma, eigen_solver="dense").fit(X)


def threshold(values: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """The best threshold on one component, and the class that lies above it."""
    order = np.argsort(values)
    ones_below = np.concatenate([[0], np.cumsum(y[order])])
    zeros_below = np.arange(len(y) + 1) - ones_below
    right = zeros_below + y.sum() - ones_below  # class 1 above
    place = int(np.argmax(np.maximum(right, len(y) - right)))
    padded = np.concatenate([[-np.inf], values[order], [np.inf]])
    middle = float(padded[place : place + 2].mean()) if 0 < place < len(y) else padded[place]
    return middle, int(right[place] * 2 >= len(y))


def accuracy(values: np.ndarray, y: np.ndarray, rule: tuple[float, int]) -> float:
    """Share of the points on the side of their class."""
    above = values > rule[0]
    return float(((above == (rule[1] == 1)) == (y == 1)).mean())


def separation(values: np.ndarray, y: np.ndarray) -> float:
    return accuracy(values, y, threshold(values, y))


def best_line(X: np.ndarray, y: np.ndarray) -> float:
    """Separation by the best of 180 directions."""
    angles = np.deg2rad(np.arange(180))
    directions = np.stack([np.cos(angles), np.sin(angles)])
    return max(separation(values, y) for values in (X @ directions).T)


def centred(K: np.ndarray) -> np.ndarray:
    """K − 1K − K1 + 1K1."""
    centred_matrix: np.ndarray = K - K.mean(0) - K.mean(1)[:, None] + K.mean()
    return centred_matrix


def wrongly_centred(K: np.ndarray) -> np.ndarray:
    """K − 2·1K + 1K1."""
    centred_matrix: np.ndarray = K - 2 * K.mean(0) + K.mean()
    return centred_matrix


def run(context: Context) -> Result:
    result = Result(context)
    X, y = make_moons(100, random_state=123)
    K = gm.Gram(X, X, gm.Gaussian(bandwidth=(2 * GAMMA) ** -0.5)).dense()
    ways = {"centred": centred, "wrong-centring": wrongly_centred}
    result.contrast("row-sum", ways, lambda way: float(np.abs(way(K).sum(1)).max()), tolerance=1e-9)
    wrong = wrongly_centred(K)
    result.measure("asymmetry-of-wrong-centring", float(np.abs(wrong - wrong.T).max()))

    model, linear = components(X, GAMMA), components(X, None)
    Z, plain = model.transform(X), linear.transform(X)
    leading = np.linalg.eigh(wrong)[1][:, -1]  # of its lower half, as published
    result.measure("correlation-wrong-right", abs(float(np.corrcoef(leading, Z[:, 0])[0, 1])))

    rings, inner = make_circles(100, factor=0.3, random_state=context.seed)
    order = context.rng(1)
    shuffled = [order.permutation(y) for _ in range(context["shuffles"])]
    result.contrast(
        "separation",
        {
            "moons": [(Z[:, 0], y)],
            "circles": [(components(rings, 5.0).transform(rings)[:, 0], inner)],
            "shuffled-labels": [(Z[:, 0], labels) for labels in shuffled],
        },
        lambda pairs: float(np.mean([separation(*pair) for pair in pairs])),
    )
    result.measure("circles-best-line", best_line(rings, inner))
    lines = {"line": best_line(X, y), "bent": separation(Z[:, 0], y)}
    result.contrast("separation-line", lines, lambda value: value)
    result.measure("separation-first-linear", separation(plain[:, 0], y))

    rule = threshold(Z[:, 0], y)
    for name, noise in (("fresh", None), ("noisy", 0.1)):
        new, truth = make_moons(context["fresh"], noise=noise, random_state=context.seeds(3)[2])
        hits = accuracy(model.transform(new)[:, 0], truth, rule)
        result.measure(f"separation-{name}", hits, tolerance=1e-3)

    theirs = SklearnKernelPCA(2, kernel="rbf", gamma=GAMMA, eigen_solver="dense").fit_transform(X)
    signs = np.sign((theirs * Z).sum(0))
    result.measure("distance-to-scikit-learn", float(np.abs(theirs * signs - Z)[:, 0].max()))
    result.measure("eigenvalues", components(X, GAMMA, 3).eigenvalues_)
    result.measure("variance-shares-linear", linear.explained_variance_ratio_)
    by_gamma = {g: components(X, g).transform(X) for g in GAMMAS}
    found = [separation(by_gamma[g][:, 0], y) for g in GAMMAS]
    result.measure("separation-by-gamma", found)
    draw_all(result, X, y, {"PCA": plain, "kernel PCA, γ = 15": Z}, by_gamma, found)
    return result


def draw_all(
    result: Result, X: Any, y: Any, projections: Any, by_gamma: Any, found: list[float]
) -> None:
    """Projections, the slider over γ, and the eigenvectors on the moons."""
    result.figure(
        "projections",
        lambda axes, theme: draw_projections(axes, theme, projections, y),
        title="Two components of each",
        alt=(
            "Left, PCA: the moons as they were, entangled along the first axis. Right, kernel PCA: "
            "one moon lies left of 0 and the other right of it."
        ),
        data={f"{n}, {k + 1}": p[:, k] for n, p in projections.items() for k in range(2)}
        | {"moon": y},
        size=(10.0, 4.2),
        panels=(1, 2),
    )
    result.animation(
        "gamma",
        lambda ax, theme, k: draw_points(
            ax, theme, by_gamma[GAMMAS[k]], y, f"{found[k]:.2f} right"
        ),
        frames=[f"γ = {g:g}" for g in GAMMAS],
        title="The projections as γ grows",
        alt="For small γ the moons overlap; from γ = 15 on they part, and at 1000 they are lines.",
        caption="Above: the share of points that one threshold on the first component gets right.",
        data={"γ": GAMMAS, "separation": found},
        seconds=0.8,
    )
    result.figure(
        "eigenvectors",
        lambda axes, theme: draw_eigenvectors(axes, theme, X, projections["kernel PCA, γ = 15"]),
        title="The components as colours on the moons",
        alt="The first component has one sign on each moon; the second changes along a moon.",
        size=(10.0, 3.6),
        panels=(1, 2),
    )


def draw_projections(axes: Any, theme: Any, projections: Any, y: Any) -> None:
    """One panel for each way."""
    for ax, (name, points) in zip(axes, projections.items(), strict=True):
        draw_points(ax, theme, points, y, name)


def draw_points(ax: Any, theme: Any, points: Any, y: Any, title: str) -> None:
    """Both moons in the plane of two components."""
    for moon, marker in ((0, "o"), (1, "^")):
        part = points[y == moon]
        ax.scatter(part[:, 0], part[:, 1], s=22, marker=marker, color=theme.color(moon))
    ax.axvline(0, color=theme.grid, zorder=0)
    ax.set(xlabel="component 1", ylabel="component 2")
    ax.set_title(title, fontsize=10, color=theme.text)
    ax.margins(0.08)


def draw_eigenvectors(axes: Any, theme: Any, X: Any, Z: Any) -> None:
    """One panel for each component."""
    for k, ax in enumerate(axes):
        bound = float(np.abs(Z[:, k]).max())
        look = {"cmap": theme.colormap("diverging"), "vmin": -bound, "vmax": bound}
        points = ax.scatter(X[:, 0], X[:, 1], c=Z[:, k], s=30, edgecolors=theme.muted, **look)
        points.set_linewidth(0.4)
        ax.set(xlabel="x₀", ylabel="x₁", aspect="equal")
        ax.figure.colorbar(points, ax=ax, label=f"component {k + 1}", shrink=0.8)
