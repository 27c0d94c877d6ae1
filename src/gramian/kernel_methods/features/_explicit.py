"""Explicit features φ with φ(x)·φ(y) = K(x, y), where there are finitely many or few suffice.

Ridge regression on φ costs what a linear model with `dimension` columns costs, and needs no Gram
matrix: worth it while the dimension stays below the number of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, Protocol

import torch
from torch import Tensor

from gramian._arrays import as_rows, finite
from gramian._validation import check_int, check_real
from gramian.gram import Gram
from gramian.pairwise import PairFunction

__all__ = ["FeatureMap", "PolynomialMap", "QuadraticMap", "TaylorGaussianMap", "check_feature_map"]

_BLOCK = 1024
"""Rows of x that `check_feature_map` compares with all rows at once."""


class FeatureMap(Protocol):
    """What `check_feature_map` asks of a map."""

    def transform(self, x: Any) -> Any:
        """φ(x), (n, dimension), for x of shape (n, d)."""


def _monomials(n_features: int, degree: int) -> Tensor:
    """Factors of the monomials of degree up to ``degree``, (D, degree), int64.

    Feature j is j + 1, and 0 is the constant 1, so that they come by degree, then x₁ before x₂.
    """
    names = list(combinations_with_replacement(range(n_features + 1), degree))
    return torch.tensor(names, dtype=torch.int64).reshape(len(names), degree)


def _exponents(factors: Tensor, n_features: int) -> Tensor:
    """How often each factor occurs, (D, n_features + 1), int64; the constant comes first."""
    counts = torch.zeros(len(factors), n_features + 1, dtype=torch.int64)
    return counts.scatter_add_(1, factors, torch.ones_like(factors))


def _log_factorials(numbers: Tensor) -> Tensor:
    """ln k! of each number, float64."""
    return torch.lgamma(numbers.double() + 1)


@dataclass(frozen=True)
class PolynomialMap:
    """Features of ``Polynomial(degree, offset, scale)``: (scale · x·y + offset)^degree, exactly.

    Parameters
    ----------
    degree : int, default=3
    offset : float, default=1.0
        At least zero: with a negative one the kernel has no real features.
    scale : float, default=1.0
        Positive.

    Notes
    -----
    By the multinomial theorem, the feature of the multi-index a, |a| ≤ degree, is
    √(degree! / (a! (degree − |a|)!) · offset^(degree − |a|) · scale^|a|) · xᵃ. There are
    C(d + degree, degree) of them, by degree, then x₁ before x₂: 1, x₁, …, x_d, x₁², x₁x₂, ….
    Without an offset only those with |a| = degree stay. `transform` takes O(n · dimension ·
    degree) time and works in the dtype of x.

    References
    ----------
    .. [1] B. Schölkopf and A. J. Smola, "Learning with Kernels", 2002, proposition 2.1.

    Examples
    --------
    >>> import torch
    >>> from gramian import PolynomialMap
    >>> PolynomialMap(degree=2).transform(torch.tensor([[1.0, 3.0]]))
    tensor([[1.0000, 1.4142, 4.2426, 1.0000, 4.2426, 9.0000]])
    """

    degree: int = 3
    offset: float = 1.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        caller = type(self).__name__
        check_int(self.degree, "degree", caller, low=1)
        remedy = "A negative offset has no real features."
        check_real(self.offset, "offset", caller, low=0.0, remedy=remedy)
        check_real(self.scale, "scale", caller, low=0.0, low_open=True)

    def dimension(self, n_features: int) -> int:
        """How many columns `transform` makes of ``n_features``."""
        check_int(n_features, "n_features", f"{type(self).__name__}.dimension", low=1)
        return math.comb(n_features + self.degree - (not self.offset), self.degree)

    def multi_indices(self, n_features: int) -> Tensor:
        """Exponents of the features in each column, (dimension, n_features), int64."""
        return _exponents(self._factors(n_features), n_features)[:, 1:]

    def transform(self, x: Any) -> Any:
        """φ(x), (n, dimension), in the array type and dtype of ``x``, of shape (n, d)."""
        rows, form = as_rows(x, "x", f"{type(self).__name__}.transform")
        finite(rows.detach(), 0, "x", f"{type(self).__name__}.transform")
        factors = self._factors(rows.shape[1])
        exponents = _exponents(factors, rows.shape[1])
        ways = math.lgamma(self.degree + 1) - _log_factorials(exponents).sum(1)
        constants, powers = exponents[:, 0].double(), exponents[:, 1:].sum(1).double()
        # the numbers of ways are whole
        weights = (ways.exp().round() * self.offset**constants * self.scale**powers).sqrt()
        base = torch.cat([rows.new_ones(len(rows), 1), rows], dim=1)
        found = weights.to(rows).expand(len(rows), -1)
        for column in factors.to(rows.device).T:
            found = found * base[:, column]
        return form.give(found)

    def _factors(self, n_features: int) -> Tensor:
        """`_monomials`, without those that an offset of zero removes."""
        factors = _monomials(n_features, self.degree)
        return factors if self.offset else factors[(factors > 0).all(1)]


@dataclass(frozen=True)
class QuadraticMap(PolynomialMap):
    """Features of (x·y + offset)², the quadratic kernel with an offset (non-uniform).

    offset, √(2 offset) xᵢ, xᵢ² and √2 xᵢxⱼ for i < j: (d + 1)(d + 2)/2 columns.

    Parameters
    ----------
    degree : int
        2, and no other.
    offset : float, default=1.0
    scale : float, default=1.0

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import QuadraticMap
    >>> QuadraticMap().transform(np.array([[2.0]]))
    array([[1.        , 2.82842712, 4.        ]])
    """

    degree: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_int(self.degree, "degree", "QuadraticMap", low=2, high=2)


@dataclass(frozen=True)
class TaylorGaussianMap:
    """Features of ``Gaussian(bandwidth)`` from its Taylor series, up to a total degree.

    Parameters
    ----------
    degree : int, default=10
        Of the last terms kept.
    bandwidth : float, default=1.0
        h, in the unit of the features.

    Notes
    -----
    exp(−‖x − y‖²/(2h²)) = exp(−‖x‖²/(2h²)) exp(−‖y‖²/(2h²)) Σₖ (x·y/h²)ᵏ/k!. The feature of the
    multi-index a is exp(−‖x‖²/(2h²)) (x/h)ᵃ / √a!; C(d + degree, degree) of them, by degree. What
    is cut off is, at x = y, the tail of a Poisson distribution with mean ‖x‖²/h²: `error_bound`
    states it. Only few features (d ≤ 5, say) and data within some bandwidths of the origin are
    worth it; centre the data first. Every factor is at most one, so that no degree overflows:
    columns are made in float64 and rounded to the dtype of x. O(n · dimension · d) time.

    References
    ----------
    .. [1] A. Cotter, J. Keshet, N. Srebro, "Explicit approximations of the Gaussian kernel",
       arXiv:1109.4603, 2011, section 3.

    Examples
    --------
    >>> import torch
    >>> from gramian import Gaussian, TaylorGaussianMap, check_feature_map
    >>> x = torch.linspace(-1, 1, 9)[:, None]
    >>> taylor = TaylorGaussianMap(degree=6)
    >>> f"{check_feature_map(taylor, Gaussian(), x):.1e}, bound {taylor.error_bound(x):.1e}"
    '8.3e-05, bound 8.3e-05'
    """

    degree: int = 10
    bandwidth: float = 1.0

    def __post_init__(self) -> None:
        check_int(self.degree, "degree", "TaylorGaussianMap", low=0)
        check_real(self.bandwidth, "bandwidth", "TaylorGaussianMap", low=0.0, low_open=True)

    def dimension(self, n_features: int) -> int:
        """How many columns `transform` makes of ``n_features``."""
        check_int(n_features, "n_features", "TaylorGaussianMap.dimension", low=1)
        return math.comb(n_features + self.degree, self.degree)

    def multi_indices(self, n_features: int) -> Tensor:
        """Exponents of the features in each column, (dimension, n_features), int64."""
        return _exponents(_monomials(n_features, self.degree), n_features)[:, 1:]

    def transform(self, x: Any) -> Any:
        """φ(x), (n, dimension), in the array type and dtype of ``x``, of shape (n, d)."""
        rows, form = as_rows(x, "x", "TaylorGaussianMap.transform")
        finite(rows.detach(), 0, "x", "TaylorGaussianMap.transform")
        scaled = rows.double()[:, :, None] / self.bandwidth  # (n, d, 1)
        powers = torch.arange(self.degree + 1, device=rows.device)
        # in logarithms: exp(−x²/2) alone may vanish where its product with a power does not
        logs = -0.5 * (scaled.square() + _log_factorials(powers))
        logs = logs + torch.xlogy(powers.double(), scaled.abs())
        signs = torch.where((scaled < 0) & (powers % 2 == 1), -1.0, 1.0)
        tables = logs.exp() * signs  # (n, d, degree + 1)
        found = tables.new_ones(1)
        for feature, exponents in enumerate(self.multi_indices(rows.shape[1]).to(rows.device).T):
            found = found * tables[:, feature, exponents]
        return form.give(found.to(rows.dtype))

    def error_bound(self, x: Any, y: Any = None) -> float:
        """The most by which φ(x)·φ(y) may miss the kernel, rounding apart, for rows of x and y.

        It is P(N > degree) for a Poisson N with mean max ‖x‖ · max ‖y‖ / h², and is reached where
        the two longest rows are equal. ``y`` is ``x`` if not given.
        """
        tables = [x, x if y is None else y]
        rows = [as_rows(table, "x", "TaylorGaussianMap.error_bound")[0] for table in tables]
        longest = [float(table.double().norm(dim=1).max()) for table in rows]
        mean = torch.tensor(math.prod(longest) / self.bandwidth**2, dtype=torch.float64)
        return float(torch.special.gammainc(torch.full_like(mean, self.degree + 1), mean))


def check_feature_map(feature_map: FeatureMap, kernel: PairFunction, x: Any) -> float:
    """The greatest |φ(xᵢ)·φ(xⱼ) − K(xᵢ, xⱼ)| over all pairs of rows.

    Parameters
    ----------
    feature_map : object with a method ``transform``
    kernel : PairFunction
        What the map claims to be.
    x : Tensor or ndarray of shape (n, d)

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If ``x`` is no table of finite numbers.

    Notes
    -----
    In float64, whatever the dtype of x; O(n²) time, a block of rows at a time. The number is
    absolute: where the kernel is far below one, compare it with the kernel.

    Examples
    --------
    >>> import torch
    >>> from gramian import Polynomial, QuadraticMap, check_feature_map
    >>> x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    >>> check_feature_map(QuadraticMap(), Polynomial(degree=2), x) < 1e-12
    True
    """
    rows = as_rows(x, "x", "check_feature_map")[0].detach().double()
    finite(rows, 0, "x", "check_feature_map")
    features = feature_map.transform(rows)
    worst = 0.0
    for start in range(0, len(rows), _BLOCK):
        some = slice(start, start + _BLOCK)
        true = Gram(rows[some], rows, kernel).dense()
        worst = max(worst, float((features[some] @ features.T - true).abs().max()))
    return worst
