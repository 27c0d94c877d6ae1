"""KernelPCA's parameters: what they may be, and the kernel and components that they ask for."""

from __future__ import annotations

from typing import Any

import torch

from gramian._input import Rows
from gramian._validation import check_choice, check_int, check_real
from gramian.errors import MemoryBudgetError
from gramian.kernel_methods.components._components import Components, leading_components
from gramian.kernel_methods.components._projection import origin_of, seen_from
from gramian.kernel_methods.kernel._kernel import Kernel, chosen_kernel, held

__all__ = ["check_parameters", "found_components", "kernel_of"]

_SOLVERS = {"auto": "auto", "dense": "dense", "arpack": "lanczos", "randomized": "lanczos"}
"""scikit-learn's names for eigensolvers, and those of `gramian.linalg.eigh`."""
_SMALL = 16
"""Rows for which all eigenvectors cost no more than an iteration would, and round less."""


def check_parameters(model: Any, caller: str) -> None:
    """Refuse what needs no data to be judged; the kernel's own parameters are for the kernel."""
    if model.n_components is not None:
        check_int(model.n_components, "n_components", caller, low=1)
    check_choice(model.eigen_solver, "eigen_solver", caller, _SOLVERS)
    check_real(model.alpha, "alpha", caller, low=0)
    check_real(model.tol, "tol", caller, low=0)
    if model.max_iter is not None:
        check_int(model.max_iter, "max_iter", caller, low=1)
    if model.iterated_power != "auto":
        remedy = "'auto' goes on until the residuals are small."
        check_int(model.iterated_power, "iterated_power", caller, low=0, remedy=remedy)
    for name in ("fit_inverse_transform", "remove_zero_eig", "copy_X"):
        check_choice(getattr(model, name), name, caller, (True, False))


def kernel_of(model: Any, caller: str) -> Kernel:
    """The model's kernel, with the γ of its fit."""
    return chosen_kernel(
        model.kernel,
        caller,
        n_features=model.n_features_in_,
        gamma=model.gamma_ if model.bandwidth is None else model.gamma,
        bandwidth=model.bandwidth,
        degree=model.degree,
        coef0=model.coef0,
        kernel_params=model.kernel_params,
    )


def found_components(
    model: Any, kernel: Kernel, rows: Rows, generator: torch.Generator, caller: str
) -> Components:
    """As many components as were asked for, by the solver that was asked for."""
    n, most = len(rows), model.max_iter
    near = seen_from(origin_of(kernel, rows), rows)
    if model.eigen_solver == "randomized" and model.iterated_power != "auto":
        most = int(model.iterated_power) + 1
    try:
        found = leading_components(
            held(kernel.table(near, near))[0],
            n if model.n_components is None else min(n, model.n_components),
            solver="dense" if n <= _SMALL else _SOLVERS[model.eigen_solver],
            tol=model.tol or None,
            max_passes=most,
            generator=generator,
            caller=caller,
        )
    except MemoryBudgetError as error:
        if model.n_components is not None:
            raise
        raise MemoryBudgetError(
            f"{caller}: n_components must be an int for {n} rows and {error.budget} bytes of "
            f"memory, got None. All components take gramian.config(memory={error.needed}).",
            needed=error.needed,
            budget=error.budget,
        ) from error
    every = model.n_components is not None and not model.remove_zero_eig
    return found if every else found.above_zero()
