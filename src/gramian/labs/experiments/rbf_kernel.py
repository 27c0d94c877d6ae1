"""Is exp(−‖x − t‖²/γ) a kernel, and which γ is meant?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.metrics.pairwise import rbf_kernel
from torch import Tensor

import gramian as gm
from gramian.labs import Claim, Context, Lab, Result, negative, positive

LAB = Lab(
    name="rbf-kernel",
    topic="kernels",
    question="Is exp(−‖x − t‖²/γ) a kernel, and which γ is meant?",
    answer="It is one for every γ > 0; here γ divides, so scikit-learn's gamma is 1/γ.",
    source="IN3310, week 2, task 1",
    method=(
        "K has the entries exp(−‖xᵢ − xⱼ‖²/γ) on n points from N(0, I) in three dimensions, in "
        "float64, with γ = 2. With a bandwidth σ, γ = 2σ².\n\n"
        "A function of two points is a kernel where every such matrix is positive semidefinite; "
        "the smallest eigenvalue over three draws of points is looked at. The limits are taken "
        "with γ = 10⁻³ times the least squared distance, where K must be the identity, and with "
        "10³ times the largest, where all entries must be near 1.\n\n"
        "The same product K·1 is computed in float32 by every backend of this machine and "
        "compared with float64."
    ),
    claims=(
        Claim(
            "gamma",
            "The matrix is scikit-learn's with gamma = 1/γ.",
            "difference",
            "<",
            1e-12,
        ),
        Claim(
            "form",
            "The diagonal is 1, the matrix is symmetric, and all entries lie in (0, 1].",
            "form",
            "==",
            [True, True, True],
            kind="exact",
        ),
        Claim(
            "semidefinite",
            "No eigenvalue is negative, up to rounding.",
            "least-eigenvalue",
            ">=",
            -1e-12,
            figure="non-kernels",
        ),
        Claim(
            "limits",
            "A small γ gives the identity, a large one the matrix of ones.",
            ("limit-identity", "limit-ones"),
            "<=",
            1e-3,
            figure="sweep",
        ),
        Claim("paths", "Every backend gives the product in float32.", "path-error", "<=", 1e-5),
    ),
    controls=(
        positive("linear", "The linear kernel is positive semidefinite.", claim="semidefinite"),
        negative("quartic", "exp(−d⁴/8) is no kernel.", claim="semidefinite", must=("<", -0.05)),
        negative("cubic", "exp(−d³) is no kernel.", claim="semidefinite", must=("<", -0.05)),
        negative(
            "manhattan",
            "exp(−‖x − t‖₁²/2) is no kernel.",
            claim="semidefinite",
            must=("<", -0.05),
        ),
        negative(
            "gamma-itself",
            "scikit-learn's gamma is not γ.",
            claim="gamma",
            must=(">", 0.1),
        ),
    ),
    quick={"n": 50, "draws": 3},
    full={"n": 500},
    seconds=(5, 30),
)

GAMMA = 2.0
GAMMAS = [10 ** (k / 2) for k in range(-6, 7)]


def rbf(x: Tensor, gamma: float = GAMMA) -> Tensor:
    """The library's dense matrix; its bandwidth is σ = √(γ/2)."""
    return gm.Gram(x, kernel=gm.Gaussian(bandwidth=(gamma / 2) ** 0.5)).dense()


KERNELS: dict[str, Callable[[Tensor], Tensor]] = {
    "exp(−d²/γ)": rbf,
    "linear": lambda x: x @ x.T,
    "quartic": lambda x: torch.exp(-(torch.cdist(x, x) ** 4) / 8),
    "cubic": lambda x: torch.exp(-(torch.cdist(x, x) ** 3)),
    "manhattan": lambda x: torch.exp(-(torch.cdist(x, x, p=1) ** 2) / 2),
}


def path_error(x: Tensor, backend: str) -> float:
    """Largest relative error of K·1 in float32 against float64."""
    ones = torch.ones(len(x), 1, dtype=torch.float64)
    truth = rbf(x) @ ones
    kernel = gm.Gaussian(bandwidth=(GAMMA / 2) ** 0.5)
    with gm.config_context(backend=backend):
        found = gm.Gram(x.float(), kernel=kernel) @ ones.float()
    return float(((found - truth) / truth).abs().max())


def run(context: Context) -> Result:
    result = Result(context)
    draws = [
        torch.randn(context["n"], 3, generator=context.generator(k), dtype=torch.float64)
        for k in range(context["draws"])
    ]
    x = draws[0]
    matrix = rbf(x)

    gammas = {"1/γ": 1 / GAMMA, "gamma-itself": GAMMA}
    result.contrast(
        "difference",
        gammas,
        lambda gamma: np.abs(rbf_kernel(x.numpy(), gamma=gamma) - matrix.numpy()).max(),
    )
    used = context.method(KERNELS)(x)
    inside = bool(((used > 0) & (used <= 1)).all())
    result.measure("form", [bool((used.diagonal() == 1).all()), torch.equal(used, used.T), inside])

    def least_eigenvalue(kernel: Callable[[Tensor], Tensor]) -> float:
        return min(float(torch.linalg.eigvalsh(kernel(points))[0]) for points in draws)

    result.contrast("least-eigenvalue", KERNELS, least_eigenvalue)

    squared = torch.cdist(x, x).square()
    apart = squared[~torch.eye(len(x), dtype=torch.bool)]
    identity = rbf(x, 1e-3 * float(apart.min()))
    ones = rbf(x, 1e3 * float(apart.max()))
    result.measure("limit-identity", float((identity - torch.eye(len(x))).abs().max()))
    result.measure("limit-ones", float((ones - 1).abs().max()))

    errors = {}
    for backend in ("torch", "native"):
        try:
            errors[backend] = path_error(x, backend)
        except gm.BackendUnavailableError as error:
            result.warn(f"The {backend} backend is not here: {error}")
    result.measure("path-error", max(errors.values()))

    spectra = {name: torch.linalg.eigvalsh(kernel(x)) for name, kernel in KERNELS.items()}
    result.figure(
        "non-kernels",
        lambda ax, theme: draw_spectra(ax, theme, spectra),
        title="Eigenvalues of five matrices",
        alt=(
            "Five sorted spectra. Those of the Gaussian and of the linear kernel end at zero; the "
            "other three go below."
        ),
        data={"function": list(spectra), "least": [float(s[0]) for s in spectra.values()]},
        caption="The scale is linear between −0.1 and 0.1 and logarithmic beyond.",
    )
    few = x[x[:, 0].argsort()][:50]
    swept = [rbf(few, gamma) for gamma in GAMMAS]
    eigenvalues = [torch.linalg.eigvalsh(each).flip(0).clamp(min=1e-17) for each in swept]
    result.animation(
        "sweep",
        lambda axes, theme, k: draw_sweep(axes, theme, swept[k].numpy(), eigenvalues[k].numpy()),
        frames=[f"γ = {gamma:.4g}" for gamma in GAMMAS],
        title="The matrix and its spectrum against γ",
        alt="From the identity with equal eigenvalues to a matrix of ones with a single one.",
        data={"γ": GAMMAS, "largest eigenvalue": [float(values[0]) for values in eigenvalues]},
        size=(9.0, 4.0),
        panels=(1, 2),
    )
    return result


def draw_spectra(ax: Any, theme: Any, spectra: dict[str, Tensor]) -> None:
    """Sorted eigenvalues, the negative ones below the line."""
    ax.axhline(0, color=theme.muted, linewidth=0.8)
    for k, (name, values) in enumerate(spectra.items()):
        ordered = values.flip(0).numpy()
        ax.plot(np.linspace(0, 1, len(ordered)), ordered, color=theme.color(k), label=name)
    ax.set_yscale("symlog", linthresh=0.1)
    ax.set_xlabel("share of the eigenvalues")
    ax.set_ylabel("eigenvalue")
    ax.legend()


def draw_sweep(axes: Any, theme: Any, matrix: np.ndarray, values: np.ndarray) -> None:
    """The matrix of at most fifty points, and its eigenvalues on a logarithmic scale."""
    axes[0].imshow(matrix, cmap=theme.colormap("sequential"), vmin=0, vmax=1)
    axes[0].set_xlabel("point")
    axes[0].set_ylabel("point")
    axes[1].semilogy(values, color=theme.color(0))
    axes[1].set(ylim=(1e-17, 1e2), xlabel="rank", ylabel="eigenvalue")
