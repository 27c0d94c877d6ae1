"""Kernels as probability laws: their integrals over space, and draws from them.

A kernel of r = ‖x − y‖ that integrates to Z(d) in d dimensions at bandwidth 1 integrates to
Z(d) hᵈ at bandwidth h. With V(d) the volume of the unit ball, the integral of a profile k is
d V(d) ∫ rᵈ⁻¹ k(r) dr. All is kept in logarithms, which stay exact for thousands of features.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.special import gammainc, logsumexp
from torch import Tensor

from gramian.kernel_methods.kernel._random_state import Randomness
from gramian.pairwise import (
    CosineWindow,
    Epanechnikov,
    Exponential,
    Gaussian,
    Laplacian,
    Matern,
    PairFunction,
    RationalQuadratic,
    Tophat,
    Triangular,
)
from gramian.pairwise._banded import Banded
from gramian.pairwise.composition import Scaled, Sum

__all__ = ["choose", "draw", "log_integral"]

Radius = Callable[[Any, np.ndarray, int, Randomness], np.ndarray]


@dataclass(frozen=True)
class _Law:
    """A kernel at bandwidth 1: log Z(d), and draws of shape (n, d)."""

    log_integral: Callable[[Any, int], float]
    draw: Callable[[Any, int, int, Randomness], np.ndarray]


def log_integral(kernel: PairFunction, n_features: int, caller: str) -> float:
    """log ∫ k(x, 0) dx over all of space.

    Raises
    ------
    ValueError
        If the integral is infinite, negative or not known here.
    """
    if isinstance(kernel, Sum):
        parts = [log_integral(part, n_features, caller) for part in kernel.parts]
        return float(logsumexp(parts))
    if isinstance(kernel, Scaled):
        return math.log(_positive(kernel, caller)) + log_integral(kernel.part, n_features, caller)
    at_one = _law(kernel, caller).log_integral(kernel, n_features)
    if not math.isfinite(at_one):
        raise ValueError(
            f"{caller}: kernel must have a finite integral over {n_features} features, got "
            f"{kernel!r}. Raise its alpha above {n_features / 2:g}, or pass normalized=False."
        )
    assert isinstance(kernel, Banded)
    if kernel.per_feature:
        assert isinstance(kernel.bandwidth, Tensor)
        return at_one + float(kernel.bandwidth.double().log().sum())
    return at_one + n_features * math.log(float(kernel.bandwidth))


def draw(kernel: PairFunction, n: int, d: int, rng: Randomness, caller: str) -> np.ndarray:
    """Displacements drawn with density k(x, 0) / ∫ k, (n, d), float64.

    Raises
    ------
    ValueError
        As `log_integral` does.
    """
    if isinstance(kernel, Scaled):
        _positive(kernel, caller)
        return draw(kernel.part, n, d, rng, caller)
    if isinstance(kernel, Sum):
        logs = np.array([log_integral(part, d, caller) for part in kernel.parts])
        shares = np.exp(logs - logsumexp(logs))
        sizes = rng.multinomial(n, shares / shares.sum())
        parts = zip(kernel.parts, sizes, strict=True)
        drawn = [draw(part, int(size), d, rng, caller) for part, size in parts]
        return rng.permutation(np.concatenate(drawn))
    log_integral(kernel, d, caller)
    assert isinstance(kernel, Banded)
    width = kernel.bandwidth
    scale = width.double().cpu().numpy() if isinstance(width, Tensor) else width
    return _law(kernel, caller).draw(kernel, n, d, rng) * scale


def choose(n: int, n_rows: int, weights: Tensor | None, rng: Randomness) -> Tensor:
    """``n`` row numbers drawn by weight, with replacement, from as many uniform numbers.

    An integer weight chooses as the same number of equal rows in its place would.
    """
    uniform = rng.uniform(0, 1, size=n)
    if weights is None:
        return torch.from_numpy((uniform * n_rows).astype(np.int64))
    rising = weights.cpu().numpy().cumsum()
    return torch.from_numpy(np.searchsorted(rising, uniform * rising[-1]))


def _law(kernel: PairFunction, caller: str) -> _Law:
    if type(kernel) not in _LAWS:
        known = ", ".join(sorted(kind.__name__ for kind in _LAWS))
        raise ValueError(
            f"{caller}: kernel must have an integral that is known ({known}, and positive sums of "
            f"them), got {kernel!r}. Pass normalized=False for a density up to a constant factor."
        )
    return _LAWS[type(kernel)]


def _positive(kernel: Scaled, caller: str) -> float:
    scale = float(kernel.scale)
    if not scale > 0:
        raise ValueError(
            f"{caller}: kernel must have positive factors to be a density, got {kernel!r}."
        )
    return scale


def _radial(radius: Radius) -> Callable[[Any, int, int, Randomness], np.ndarray]:
    """Draws in a direction without preference, at the distances that ``radius`` draws.

    ``radius`` is told the kernel, the lengths of the normal draws that give the directions, the
    number of features and the generator.
    """

    def drawn(kernel: Any, n: int, d: int, rng: Randomness) -> np.ndarray:
        direction = rng.normal(size=(n, d))
        length = np.sqrt(np.square(direction).sum(1))
        return direction * (radius(kernel, length, d, rng) / length)[:, None]

    return drawn


def _log_volume(d: int) -> float:
    """log V(d), the volume of the unit ball."""
    return d / 2 * math.log(math.pi) - math.lgamma(d / 2 + 1)


def _cosine_integral(_: CosineWindow, d: int) -> float:
    """Of cos(πr/2): with s = 1 − r, ∫ (1 − s)ᵈ⁻¹ sin(πs/2) ds, term by term of the sine's series.

    Terms fall by (π/2)² / ((d + 2k)(d + 2k + 1)) at least, so that nothing cancels for any d.
    """
    term = total = 1.0
    k = 1
    while abs(term) > 1e-18 * total:
        term *= -((math.pi / 2) ** 2) / ((d + 2 * k) * (d + 2 * k + 1))
        total += term
        k += 1
    return _log_volume(d) + math.log(math.pi / 2) - math.log(d + 1) + math.log(total)


def _cosine_radius(_: Any, length: np.ndarray, d: int, rng: Randomness) -> np.ndarray:
    """By rejection from (1 − r) rᵈ⁻¹: cos(πr/2) is at most (π/2)(1 − r), at least (1 − r)."""
    radius = np.empty_like(length)
    waiting = np.arange(len(length))
    while len(waiting):
        proposed = rng.beta(d, 2, size=len(waiting))
        bound = rng.uniform(size=len(waiting)) * (math.pi / 2) * (1 - proposed)
        kept = bound <= np.cos(math.pi / 2 * proposed)
        radius[waiting[kept]] = proposed[kept]
        waiting = waiting[~kept]
    return radius


def _matern_weights(kernel: Matern, d: int) -> np.ndarray:
    """Shares of the terms sʲ e⁻ˢ, s = √(2ν) r, each a gamma law of shape d + j, times Γ(d)⁻¹."""
    weights = {0.5: [1.0], 1.5: [1.0, d], 2.5: [1.0, d, d * (d + 1) / 3]}
    return np.array(weights[kernel.nu])


def _matern_integral(kernel: Matern, d: int) -> float:
    log_decay = _log_volume(d) + math.lgamma(d + 1)
    return log_decay - d / 2 * math.log(2 * kernel.nu) + math.log(_matern_weights(kernel, d).sum())


def _matern_radius(kernel: Matern, length: np.ndarray, d: int, rng: Randomness) -> np.ndarray:
    weights = _matern_weights(kernel, d)
    steps = (weights.cumsum() / weights.sum())[:-1]
    shape = d + np.searchsorted(steps, rng.uniform(size=len(length)), side="right")
    return rng.gamma(shape) / math.sqrt(2 * kernel.nu)


def _laplacian_integral(kernel: Laplacian, d: int) -> float:
    return d * math.log(2) if kernel.norm == "l1" else _log_volume(d) + math.lgamma(d + 1)


def _laplacian_draw(kernel: Laplacian, n: int, d: int, rng: Randomness) -> np.ndarray:
    return rng.laplace(size=(n, d)) if kernel.norm == "l1" else _decay_draw(kernel, n, d, rng)


def _rational_integral(kernel: RationalQuadratic, d: int) -> float:
    alpha = float(kernel.alpha)
    if alpha <= d / 2:
        return math.inf
    return d / 2 * math.log(2 * alpha * math.pi) + math.lgamma(alpha - d / 2) - math.lgamma(alpha)


def _rational_draw(kernel: RationalQuadratic, n: int, d: int, rng: Randomness) -> np.ndarray:
    """Student's t of 2α − d degrees of freedom: a normal draw over the root of a chi-square."""
    alpha = float(kernel.alpha)
    normal = rng.normal(size=(n, d))
    return normal * np.sqrt(2 * alpha / rng.chisquare(2 * alpha - d, size=n))[:, None]


_decay_draw = _radial(lambda _, length, d, rng: rng.gamma(d, size=len(length)))

_LAWS: dict[type[PairFunction], _Law] = {
    Gaussian: _Law(
        lambda _, d: d / 2 * math.log(2 * math.pi),
        lambda _, n, d, rng: rng.normal(size=(n, d)),
    ),
    Tophat: _Law(
        lambda _, d: _log_volume(d),
        # the length's rank among normal draws is uniform: no further draw, as in scikit-learn
        _radial(lambda _, length, d, rng: gammainc(d / 2, length**2 / 2) ** (1 / d)),
    ),
    Epanechnikov: _Law(
        lambda _, d: _log_volume(d) + math.log(2 / (d + 2)),
        _radial(lambda _, length, d, rng: np.sqrt(rng.beta(d / 2, 2, size=len(length)))),
    ),
    Exponential: _Law(lambda _, d: _log_volume(d) + math.lgamma(d + 1), _decay_draw),
    Triangular: _Law(
        lambda _, d: _log_volume(d) - math.log(d + 1),
        _radial(lambda _, length, d, rng: rng.beta(d, 2, size=len(length))),
    ),
    CosineWindow: _Law(_cosine_integral, _radial(_cosine_radius)),
    Laplacian: _Law(_laplacian_integral, _laplacian_draw),
    Matern: _Law(_matern_integral, _radial(_matern_radius)),
    RationalQuadratic: _Law(_rational_integral, _rational_draw),
}
