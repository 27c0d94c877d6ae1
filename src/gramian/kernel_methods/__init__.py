"""Kernel machines with scikit-learn's contract, and explicit features where a kernel has them."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "gramian.kernel_methods.density._kernel_density": ("KernelDensity",),
    "gramian.kernel_methods.classifiers._kernel_logistic": ("KernelLogisticRegression",),
    "gramian.kernel_methods.classifiers._kernel_svc": ("KernelSVC",),
    "gramian.kernel_methods.components._kernel_pca": ("KernelPCA",),
    "gramian.kernel_methods.features._nystroem": ("Nystroem",),
    "gramian.kernel_methods.ridge._kernel_ridge": ("KernelRidge",),
    "gramian.kernel_methods.ridge._kernel_ridge_cv": ("KernelRidgeCV",),
    "gramian.kernel_methods.features._rbf_sampler": ("RBFSampler",),
    "gramian.kernel_methods.features._explicit": (
        "PolynomialMap",
        "QuadraticMap",
        "TaylorGaussianMap",
        "check_feature_map",
    ),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian.kernel_methods' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
