"""From a pair function to the numbers that the compiled core works with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from gramian.pairwise import (
    Chebyshev,
    CosineWindow,
    Epanechnikov,
    Euclidean,
    Exponential,
    Gaussian,
    Laplacian,
    Manhattan,
    Matern,
    PairFunction,
    RationalQuadratic,
    SquaredEuclidean,
    Tophat,
    Triangular,
)
from gramian.pairwise._banded import Banded
from gramian.pairwise._base import Elementary
from gramian.pairwise.composition import Log

__all__ = ["FORMS", "PROFILES", "Recipe", "recipe"]

# in the order of the enumerations in native/core.h
FORMS = ("squared_euclidean", "manhattan", "chebyshev")
PROFILES = (
    "identity",
    "root",
    "exponential",
    "root_decay",
    "matern32",
    "matern52",
    "rational",
    "tophat",
    "epanechnikov",
    "triangular",
    "cosine",
)
_HAVE_LOGARITHM = {"exponential", "root_decay", "matern32", "matern52", "rational"}
_LOG2_E = math.log2(math.e)
_LEAST = 1e-140  # bandwidths whose squares have an inverse


@dataclass(frozen=True)
class Recipe:
    """An entry as profile(form); ``logarithm`` says that it is the profile's natural logarithm."""

    kernel: Elementary
    form: str
    profile: str
    rate: float = 0.0
    alpha: float = 0.0
    logarithm: bool = False

    @property
    def has_logarithm(self) -> bool:
        """Whether the core can take the profile's logarithm without underflow."""
        return self.profile in _HAVE_LOGARITHM


def recipe(kernel: PairFunction) -> Recipe | str:
    """How the core computes ``kernel``, or the reason why it cannot."""
    if isinstance(kernel, Log):
        inner = recipe(kernel.part)
        if isinstance(inner, str):
            return inner
        if not inner.has_logarithm:
            return f"the logarithm of {type(inner.kernel).__name__} is left to torch"
        return Recipe(inner.kernel, inner.form, inner.profile, inner.rate, inner.alpha, True)
    if type(kernel) not in _PROFILES_OF:
        kind = "is not compiled" if isinstance(kernel, Elementary) else "is a composition or custom"
        return f"{type(kernel).__name__} {kind}"
    assert isinstance(kernel, Elementary)
    if isinstance(kernel, Banded) and kernel.per_feature:
        return "a bandwidth per feature is left to torch"
    if isinstance(kernel, Banded) and not _LEAST < _bandwidth(kernel) < 1 / _LEAST:
        return f"a bandwidth of {_bandwidth(kernel):g} is left to torch"
    if kernel.form not in FORMS:
        return f"the form {kernel.form} is not compiled"
    return _PROFILES_OF[type(kernel)](kernel)


def _as_number(value: float | Tensor) -> float:
    """A parameter as a plain number."""
    return float(value.detach() if isinstance(value, Tensor) else value)


def _bandwidth(kernel: Elementary) -> float:
    assert isinstance(kernel, Banded)
    return _as_number(kernel.bandwidth)


def _distance(kernel: Elementary) -> Recipe:
    return Recipe(kernel, kernel.form, "root" if isinstance(kernel, Euclidean) else "identity")


def _gaussian(kernel: Elementary) -> Recipe:
    rate = -0.5 * _LOG2_E / _bandwidth(kernel) ** 2
    return Recipe(kernel, kernel.form, "exponential", rate)


def _decay(kernel: Elementary) -> Recipe:
    """exp(-distance / h), the distance being the form or its root."""
    profile = "root_decay" if kernel.form == "squared_euclidean" else "exponential"
    return Recipe(kernel, kernel.form, profile, -_LOG2_E / _bandwidth(kernel))


def _matern(kernel: Elementary) -> Recipe:
    assert isinstance(kernel, Matern)
    if kernel.nu == 0.5:
        return _decay(kernel)
    name = "matern32" if kernel.nu == 1.5 else "matern52"
    return Recipe(kernel, kernel.form, name, 2 * kernel.nu / _bandwidth(kernel) ** 2)


def _rational(kernel: Elementary) -> Recipe:
    assert isinstance(kernel, RationalQuadratic)
    alpha = _as_number(kernel.alpha)
    rate = 0.5 / (alpha * _bandwidth(kernel) ** 2)
    return Recipe(kernel, kernel.form, "rational", rate, alpha)


def _window(kernel: Elementary) -> Recipe:
    name = "cosine" if isinstance(kernel, CosineWindow) else type(kernel).__name__.lower()
    return Recipe(kernel, kernel.form, name, _bandwidth(kernel) ** -2)


_PROFILES_OF = {
    SquaredEuclidean: _distance,
    Euclidean: _distance,
    Manhattan: _distance,
    Chebyshev: _distance,
    Gaussian: _gaussian,
    Laplacian: _decay,
    Exponential: _decay,
    Matern: _matern,
    RationalQuadratic: _rational,
    Tophat: _window,
    Epanechnikov: _window,
    Triangular: _window,
    CosineWindow: _window,
}
