"""Is a kernel the inner product of explicit features?"""

from __future__ import annotations

from collections.abc import Callable
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

LAB = Lab(
    name="kernel-features",
    topic="kernels",
    question="Is a kernel the inner product of explicit features?",
    answer=(
        "The quadratic kernel is, exactly; the Gaussian one is up to the tail of a Poisson law, "
        "so it needs as many features as the range of the data asks for."
    ),
    source="Advanced topics in machine learning (University of Trieste), lab 1",
    method=(
        "Quadratic: (1 + x·y)² with the features 1, √2 xᵢ, xᵢ² and √2 xᵢxⱼ (i < j), which are "
        "(d + 1)(d + 2)/2, on x, y from U[0, 1]¹⁰⁰.\n\n"
        "Gaussian on the line: e^(−(x−y)²/2σ²) with the features e^(−x²/2σ²)(x/σ)ⁱ/√i!, i < m, "
        "σ = 10, x and y from U[0, 100]. Relative to the kernel, what m features leave out is "
        "P(N ≥ m) for a Poisson number N of mean xy/σ². Errors are relative to the kernel, since "
        "an absolute tolerance passes any value where the kernel is tiny."
    ),
    claims=(
        Claim(
            "quadratic", "5,151 features give the quadratic kernel.", "quadratic-error", "<", 1e-10
        ),
        Claim(
            "rank",
            "The matrix of 60 points in five dimensions has rank 21, the number of features.",
            "rank",
            "==",
            21,
            kind="exact",
        ),
        Claim(
            "tail",
            "What 100 Gaussian features leave out is the tail of the Poisson law.",
            "tail-error",
            "<",
            0.01,
            figure="map",
        ),
        Claim(
            "enough",
            "171 features give the Gaussian kernel on the whole range.",
            "gaussian-error",
            "<",
            1e-9,
            figure="terms",
        ),
    ),
    controls=(
        positive("linear", "The linear kernel with the features x.", claim="quadratic"),
        negative(
            "no-root", "Without √2 it is another kernel.", claim="quadratic", must=(">", 0.01)
        ),
        negative(
            "hundred-terms",
            "100 features are too few near (100, 100).",
            claim="enough",
            must=(">", 0.1),
        ),
    ),
    published_errors=(
        PublishedError(
            "lab 1, Gaussian kernel",
            "100 terms of the series give 0.487 instead of 1 at x = y = 100",
            "the share that is left out is predicted, and 171 terms are used",
        ),
        PublishedError(
            "lab 1, check of the Gaussian kernel",
            "an absolute tolerance of 10⁻⁸ passes wherever the kernel itself is smaller",
            "errors are relative to the kernel",
        ),
        PublishedError(
            "lab 1, Gaussian kernel",
            "the function works entry by entry, so that two vectors give a vector",
            "distances are those of rows",
        ),
        PublishedError("lab 1, quadratic features", "said to be d", "(d + 1)(d + 2)/2 are counted"),
    ),
    source_values=(
        SourceValue("lab 1", "the quadratic check passes", True, "quadratic-passes"),
        SourceValue(
            "lab 1",
            "the Gaussian check passes",
            True,
            "gaussian-passes-always",
            note="on one draw of x and y; it fails on one in twelve",
        ),
    ),
    quick={"pairs": 100, "draws": 20_000},
    full={"pairs": 1000, "draws": 100_000},
    seconds=(5, 20),
)

SIGMA, LARGEST = 10.0, 100.0
Map = Callable[[Tensor], Tensor]


def gaussian(x: Tensor, y: Tensor) -> Tensor:
    return (-((x - y) ** 2) / (2 * SIGMA**2)).exp()


def line_kernel(x: Tensor, y: Tensor) -> Tensor:
    """The same for each pair of rows."""
    return gaussian(x, y)[:, 0]


def taylor(terms: int) -> Map:
    return gm.TaylorGaussianMap(degree=terms - 1, bandwidth=SIGMA).transform


def without_root(x: Tensor) -> Tensor:
    """The quadratic features with 1 in place of every √2."""
    features = gm.QuadraticMap()
    mixed = features.multi_indices(x.shape[1])
    doubled = (mixed.max(1).values == 1).to(x)  # 1, xᵢ and xᵢxⱼ, but not xᵢ²
    doubled[0] = 0
    return features.transform(x) / 2 ** (doubled / 2)


def relative_error(
    features: Map, kernel: Callable[[Tensor, Tensor], Tensor], *xy: Tensor
) -> Tensor:
    """|φ(x)·φ(y) − K(x, y)| / K(x, y) for each pair of rows."""
    true = kernel(*xy)
    return ((features(xy[0]) * features(xy[1])).sum(1) - true).abs() / true.abs()


def quadratic(x: Tensor, y: Tensor) -> Tensor:
    return (1 + (x * y).sum(1)) ** 2


def run(context: Context) -> Result:
    result = Result(context)
    rng = context.generator()

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=rng, dtype=torch.float64)

    x, y = uniform(context["pairs"], 100), uniform(context["pairs"], 100)
    maps: dict[str, Any] = {
        "quadratic": (gm.QuadraticMap().transform, quadratic),
        "linear": (lambda x: x, lambda x, y: (x * y).sum(1)),
        "no-root": (without_root, quadratic),
    }
    result.contrast("quadratic-error", maps, lambda case: float(relative_error(*case, x, y).max()))
    result.measure("dimension", gm.QuadraticMap().dimension(100))
    own = relative_error(*maps["quadratic"], x, y)
    result.measure("quadratic-passes", bool((own < 1e-5).all()))
    points = uniform(60, 5)
    matrix = gm.Gram(points, points, gm.Polynomial(degree=2)).dense()
    result.measure("rank", int(torch.linalg.matrix_rank(matrix)))

    a, b = (LARGEST * uniform(context["draws"], 1) for _ in range(2))
    kernel = line_kernel(a, b)
    cut = relative_error(taylor(100), line_kernel, a, b)
    tail = poisson_tail(100, (a * b)[:, 0] / SIGMA**2)
    seen = tail > 1e-8
    result.measure("tail-error", float(((cut - tail).abs() / tail)[seen].max()))
    top = torch.full((1, 1), LARGEST, dtype=torch.float64)
    result.contrast(
        "gaussian-error",
        {"enough": 171, "hundred-terms": 100},
        lambda terms: float(
            relative_error(
                taylor(terms), line_kernel, torch.cat([a, top]), torch.cat([b, top])
            ).max()
        ),
    )
    result.measure("value-at-100-100", float((taylor(100)(top) ** 2).sum()))
    passed = cut * kernel <= 1e-8 + 1e-5 * kernel
    for name, hits in (
        ("relative-error-above-1e-5", cut > 1e-5),
        ("kernel-below-1e-8", kernel < 1e-8),
        ("allclose-passes", passed),
    ):
        result.measure(name, statistics.wilson(int(hits.sum()), len(hits)), tolerance=0.01)
    result.measure("gaussian-passes-always", bool(passed.all()))

    axis = torch.linspace(0, LARGEST, 101, dtype=torch.float64)
    features = taylor(100)(axis[:, None])
    true = gaussian(axis[:, None], axis[None, :])
    errors = ((features @ features.T - true).abs() / true).clamp(min=1e-16).log10().numpy()
    result.figure(
        "map",
        lambda ax, theme: draw_map(ax, theme, axis.numpy(), errors),
        title="Relative error of 100 features",
        alt="A map over x and y: exact below a hyperbola, wrong by a half in the far corner.",
        data={"x = y": axis, "log10 of the relative error": np.diag(errors)},
    )
    terms = np.arange(1, 201)
    curves = {}
    for place in (25.0, 50.0, 75.0, 100.0):
        squares = taylor(200)(torch.full((1, 1), place, dtype=torch.float64))[0] ** 2
        curves[f"x = y = {place:g}"] = (1 - squares.cumsum(0)).abs().clamp(min=1e-16).numpy()
    result.figure(
        "terms",
        lambda ax, theme: draw_terms(ax, theme, terms, curves),
        title="How many features are enough",
        alt="Four curves fall from 1 to rounding: at x = 25 after 30 terms, at x = 100 after 180.",
        data={"features": terms, **curves},
    )
    return result


def poisson_tail(m: int, mean: Tensor) -> Tensor:
    """P(N ≥ m)."""
    return torch.special.gammainc(torch.full_like(mean, m), mean)


def draw_map(ax: Any, theme: Any, axis: Any, errors: Any) -> None:
    """Orders of magnitude as colours."""
    image = ax.pcolormesh(
        axis, axis, errors, cmap=theme.colormap("sequential"), vmin=-16, vmax=0, shading="auto"
    )
    ax.set(xlabel="x", ylabel="y", aspect="equal")
    ax.figure.colorbar(image, ax=ax, label="log₁₀ of the relative error", shrink=0.9)


def draw_terms(ax: Any, theme: Any, terms: Any, curves: dict[str, Any]) -> None:
    """The missing share against the number of features."""
    for k, (name, missing) in enumerate(curves.items()):
        ax.semilogy(terms, missing, color=theme.color(k), label=name)
    ax.axhline(1e-9, color=theme.accent, linewidth=1, linestyle="--")
    ax.set(xlabel="features", ylabel="relative error", ylim=(1e-16, 3))
    ax.legend()
