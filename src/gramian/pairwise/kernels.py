"""Kernels of a distance: smooth or peaked, and how wide is the bandwidth.

Bandwidths are in the unit of the features unless a kernel says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian._validation import check_choice
from gramian.pairwise._banded import Banded
from gramian.pairwise._base import Elementary, Parameter, positive
from gramian.pairwise._calculus import bounded, matern_profile, root, root_

__all__ = ["Chi2", "Gaussian", "Laplacian", "Matern", "Periodic", "RationalQuadratic"]


@dataclass(frozen=True, eq=False)
class Gaussian(Banded):
    """exp(−‖x − y‖² / (2h²)).

    Parameters
    ----------
    bandwidth : float, 0-d tensor, or one positive number per feature, default=1.0
        h, in the unit of the features. scikit-learn's ``gamma`` is 1/(2h²).

    Notes
    -----
    Positive definite. No finite feature map. scikit-learn's name: ``"rbf"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Gaussian(bandwidth=2.0).forward(torch.tensor([[0.0]]), torch.tensor([[2.0]]))
    tensor([[0.6065]])
    """

    form = "squared_euclidean"

    def entry(self, t: Tensor) -> Tensor:
        # exp2 with the scale folded in is one multiplication and the fastest exponential there is
        return (self.scaled(t, 2) * (-0.5 * math.log2(math.e))).exp2()

    def entry_(self, t: Tensor) -> Tensor:
        return t.mul_(-0.5 * math.log2(math.e) * self.factor(t, 2)).exp2_()

    def log_entry(self, t: Tensor) -> Tensor:
        return self.scaled(t, 2) * -0.5

    def slope(self) -> float:
        return 0.5 * self.inverse(2)


@dataclass(frozen=True, eq=False)
class Laplacian(Banded):
    """exp(−‖x − y‖₁ / h), or exp(−‖x − y‖ / h) with ``norm="l2"``.

    Parameters
    ----------
    bandwidth : float, 0-d tensor, or one positive number per feature, default=1.0
        h, in the unit of the features. scikit-learn's ``gamma`` is 1/h.
    norm : {"l1", "l2"}, default="l1"

    Notes
    -----
    Positive definite with either norm. scikit-learn's ``"laplacian"`` is the L1 form.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Laplacian(2.0, norm="l2").forward(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]))
    tensor([[0.0821]])
    """

    norm: str = "l1"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice(self.norm, "norm", "Laplacian", ("l1", "l2"))

    @property
    def form(self) -> str:  # type: ignore[override]  # a constant in the base
        return "manhattan" if self.norm == "l1" else "squared_euclidean"

    def entry(self, t: Tensor) -> Tensor:
        return (self._distance(t) * -math.log2(math.e)).exp2()

    def entry_(self, t: Tensor) -> Tensor:
        distance = t if self.norm == "l1" else root_(t.clamp_min_(0))
        return distance.mul_(-math.log2(math.e) * self.factor(t, 1)).exp2_()

    def log_entry(self, t: Tensor) -> Tensor:
        return -self._distance(t)

    def _distance(self, t: Tensor) -> Tensor:
        return self.scaled(t) if self.norm == "l1" else self.scaled(root(t))


@dataclass(frozen=True, eq=False)
class Matern(Banded):
    """Matérn correlation of r = ‖x − y‖ / h.

    exp(−r) for ν = 1/2, (1 + √3 r) exp(−√3 r) for ν = 3/2 and
    (1 + √5 r + 5r²/3) exp(−√5 r) for ν = 5/2.

    Parameters
    ----------
    bandwidth : float, 0-d tensor, or one positive number per feature, default=1.0
        h, in the unit of the features.
    nu : {0.5, 1.5, 2.5}, default=1.5
        Smoothness: sample paths are differentiable less than nu times.

    Notes
    -----
    Positive definite. Derivatives at zero distance are finite; for ν = 5/2 twice.

    References
    ----------
    .. [1] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning",
       MIT Press, 2006, equation 4.14.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Matern(1.0, nu=1.5).forward(torch.tensor([[0.0]]), torch.tensor([[1.0]]))
    tensor([[0.4834]])
    """

    nu: float = 1.5
    form = "squared_euclidean"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice(self.nu, "nu", "Matern", (0.5, 1.5, 2.5))

    def entry(self, t: Tensor) -> Tensor:
        return matern_profile(self.scaled(t, 2), self.nu)

    def slope(self) -> float | None:
        return None if self.nu == 0.5 else self.nu / (2 * self.nu - 2) * self.inverse(2)

    def log_entry(self, t: Tensor) -> Tensor:
        s = root(bounded(self.scaled(t, 2)) * (2 * self.nu))
        if self.nu == 0.5:
            return -s
        return (s if self.nu == 1.5 else s + s.square() / 3).log1p() - s


@dataclass(frozen=True, eq=False)
class RationalQuadratic(Banded):
    """(1 + ‖x − y‖² / (2αh²))^(−α): a mixture of Gaussians of all bandwidths.

    Parameters
    ----------
    bandwidth : float, 0-d tensor, or one positive number per feature, default=1.0
        h, in the unit of the features.
    alpha : float or 0-d tensor, default=1.0
        α, without unit; large values approach the Gaussian.

    Notes
    -----
    Positive definite.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.RationalQuadratic().forward(torch.tensor([[0.0]]), torch.tensor([[2.0]]))
    tensor([[0.3333]])
    """

    alpha: Parameter = 1.0
    form = "squared_euclidean"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "alpha", positive(self.alpha, "alpha", "RationalQuadratic"))

    def entry(self, t: Tensor) -> Tensor:
        return self.log_entry(t).exp()

    def log_entry(self, t: Tensor) -> Tensor:
        alpha = self.alpha.to(t) if isinstance(self.alpha, Tensor) else self.alpha
        return (self.scaled(t, 2) / (2 * alpha)).log1p() * -alpha

    def slope(self) -> float:
        return 0.5 * self.inverse(2)


@dataclass(frozen=True, eq=False)
class Periodic(Elementary):
    """exp(−2 Σ_f sin²(π (x_f − y_f) / p) / h²): rows that differ by whole periods are alike.

    Parameters
    ----------
    bandwidth : float or 0-d tensor, default=1.0
        h, without unit: a length on the circle of radius one.
    period : float, 0-d tensor, or one positive number per feature, default=1.0
        p, in the unit of the features.

    Notes
    -----
    Positive definite in any number of features, because it is a Gaussian of the points
    (cos 2πx/p, sin 2πx/p). For one feature it equals scikit-learn's ``ExpSineSquared``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Periodic(period=3.0).forward(torch.tensor([[0.0]]), torch.tensor([[6.0]]))
    tensor([[1.]])
    """

    bandwidth: Parameter = 1.0
    period: Parameter = 1.0
    form = "squared_euclidean"
    order = -1
    positive_definite = True
    embeds = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "bandwidth", positive(self.bandwidth, "bandwidth", "Periodic"))
        checked = positive(self.period, "period", "Periodic", per_feature=True)
        object.__setattr__(self, "period", checked)

    def embed(self, x: Tensor) -> Tensor:
        period = self.period.to(x) if isinstance(self.period, Tensor) else self.period
        # whole periods are taken off first: sin and cos of large angles lose digits
        turns = torch.remainder(x, period) / period
        angle = turns * (2 * math.pi)
        return torch.cat([angle.cos(), angle.sin()], dim=1)

    def entry(self, t: Tensor) -> Tensor:
        return self.log_entry(t).exp()

    def log_entry(self, t: Tensor) -> Tensor:
        h = self.bandwidth.to(t) if isinstance(self.bandwidth, Tensor) else self.bandwidth
        return t * -0.5 / h / h

    def slope(self) -> float:
        return 0.5 / float(self.bandwidth) / float(self.bandwidth)


@dataclass(frozen=True, eq=False)
class Chi2(Elementary):
    """exp(−Σ (x_f − y_f)² / (x_f + y_f) / h), for non-negative features such as counts.

    Parameters
    ----------
    bandwidth : float or 0-d tensor, default=1.0
        h, in the unit of the features. scikit-learn's ``gamma`` is 1/h.

    Raises
    ------
    ValueError
        If a feature is negative.

    Notes
    -----
    Positive definite. 0/0 counts as 0. scikit-learn's name: ``"chi2"``.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> gm.Chi2().forward(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    tensor([[0.1353]])
    """

    bandwidth: Parameter = 1.0
    form = "chi_squared"
    order = -1
    positive_definite = True
    embeds = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "bandwidth", positive(self.bandwidth, "bandwidth", "Chi2"))

    def embed(self, x: Tensor) -> Tensor:
        if bool((x.detach() < 0).any()):
            raise ValueError(
                f"Chi2: features must be non-negative, got {float(x.detach().min()):g}. "
                "Shift the features or use another kernel."
            )
        return x

    def entry(self, t: Tensor) -> Tensor:
        return self.log_entry(t).exp()

    def log_entry(self, t: Tensor) -> Tensor:
        h = self.bandwidth.to(t) if isinstance(self.bandwidth, Tensor) else self.bandwidth
        return -t / h
