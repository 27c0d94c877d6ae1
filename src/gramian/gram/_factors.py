"""Linear algebra: factors, eigenvectors, solutions."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, Self

import torch
from torch import Tensor

from gramian import linalg
from gramian._arrays import Form, as_vector
from gramian._validation import as_generator
from gramian.engine import plan as engine
from gramian.gram._pieces import Pieces
from gramian.gram._sums import Sums

__all__ = ["Factors"]


class Factors(Sums, Pieces):
    """Solvers from `gramian.linalg`, which know the matrix by its products and pieces."""

    def cholesky(
        self, rank: int | None = None, *, tol: float = 1e-6, random_state: Any = None
    ) -> tuple[Any, Any]:
        """A partial Cholesky factor by random pivots: G ≈ F Fᵀ.

        Parameters
        ----------
        rank : int in [1, n], optional
            Largest number of columns of F; what half of the memory budget holds if not given.
        tol : float in [0, 1], default=1e-6
            Stops where trace(G − F Fᵀ) ≤ tol · trace(G).
        random_state : None, int, numpy or torch generator

        Returns
        -------
        factor : (n, rank)
            F; rows of G at the pivots are met up to rounding.
        pivots : (rank,), int64
            In the order they were chosen: landmarks for Nyström's method.

        Raises
        ------
        ValueError
            If the matrix is not symmetric, or shows itself not positive semi-definite.
        TypeError
            If x or the kernel requires gradients: the factor carries none.

        Notes
        -----
        n · rank entries and O(n rank²) time; see `gramian.linalg.rpcholesky` for the source and for
        the history of the residual.
        """
        operator = self._operator("cholesky")
        self._refuse_gradients("cholesky")
        generator = as_generator(random_state, "Gram.cholesky")
        found = linalg.rpcholesky(operator, rank, tol=tol, generator=generator)
        return self._give(found.factor.to(self.dtype)), self._give(found.pivots)

    def eigh(
        self,
        k: int,
        *,
        centered: bool = False,
        tol: float | None = None,
        random_state: Any = None,
    ) -> tuple[Any, Any]:
        """The k largest eigenvalues and their vectors.

        Parameters
        ----------
        k : int in [1, n]
        centered : bool, default=False
            Of G − 1G − G1 + 1G1 (all entries of 1 are 1/n) instead, as in kernel PCA.
        tol : float, optional
            For ‖G v − λ v‖ relative to the largest eigenvalue; 1e-5 for float32, 1e-9 for float64
            if not given.
        random_state : None, int, numpy or torch generator

        Returns
        -------
        values : (k,), falling
        vectors : (n, k), orthonormal columns
            The entry of largest size in each is positive.

        Warns
        -----
        ConvergenceWarning
            If a residual, computed in float64, exceeds ``tol``.

        Notes
        -----
        Dense up to 1500 rows, else block Lanczos with products alone; `gramian.linalg.eigh` returns
        the residuals too. Raises ``TypeError`` where gradients are required: the result has none.
        """
        operator = self._operator("eigh")
        self._refuse_gradients("eigh")
        generator = as_generator(random_state, "Gram.eigh")
        found = linalg.eigh(operator, k, centered=centered, tol=tol, generator=generator)
        if not found.converged:
            from sklearn.exceptions import ConvergenceWarning

            warnings.warn(
                f"Gram.eigh: residuals must be at most tol, got {float(found.residuals.max()):.1e} "
                f"beside an eigenvalue of {float(found.values[0]):.1e}: {found.reason}. "
                "Raise tol, or pass x in float64.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self._give(found.values.to(self.dtype)), self._give(found.vectors.to(self.dtype))

    def solve(
        self,
        b: Any,
        *,
        ridge: float,
        solver: str = "auto",
        tol: float | None = None,
        x0: Any = None,
        rank: int | None = None,
        random_state: Any = None,
        max_iterations: int = 1000,
        time_budget: float | None = None,
        pass_budget: float | None = None,
        callback: linalg.Callback | None = None,
        return_info: bool = False,
    ) -> Any:
        """The solution of (G + ridge I) x = b.

        Parameters
        ----------
        b : Tensor or ndarray of shape (n,) or (n, r)
            Right-hand sides; they share all work.
        ridge : float
            At least 0.
        return_info : bool, default=False
            Also return a `gramian.linalg.Solution`: ``x`` before it is rounded to the dtype of the
            matrix, ``solver``, ``residual``, ``passes``, ``rank``, ``seconds``, ``converged``,
            ``reason``.
        random_state : None, int, numpy or torch generator
            For pivots and blocks. None draws fresh entropy.
        solver, tol, x0, rank, max_iterations, time_budget, pass_budget, callback
            See `gramian.linalg.solve`.

        Returns
        -------
        Tensor or ndarray of the shape of ``b``, and a Solution if ``return_info``
            A singular matrix gives the least-norm solution where its eigenvectors fit the memory.

        Warns
        -----
        ConvergenceWarning
            If the residual, computed from the solution with entries in float64, exceeds ``tol``.

        Raises
        ------
        ValueError
            If the matrix is not symmetric, or parameters do not fit.
        MemoryBudgetError
            Before any work, if no solver fits the budget.

        Notes
        -----
        Gradients flow to x, the kernel's parameters and ``b``, at the cost of one more solve; there
        are no second derivatives: ``create_graph=True`` raises ``RuntimeError``. The ridge carries
        none.

        Examples
        --------
        >>> import torch, gramian as gm
        >>> G = gm.Gram(torch.tensor([[0.0], [1.0]]), kernel=gm.Linear())
        >>> G.solve(torch.tensor([1.0, 4.0]), ridge=1.0)
        tensor([1., 2.])
        """
        operator, n = self._operator("solve"), self.shape[0]
        right, flat = as_vector(b, "b", "Gram.solve", rows=n, like=None)
        right = right.to(self.device)
        start = None if x0 is None else as_vector(x0, "x0", "Gram.solve", rows=n, like=None)[0]
        plan = engine.make_plan(operator._call("product").detached())[0]

        def run(v: Tensor, start: Tensor | None = None) -> linalg.Solution:
            return linalg.solve(
                operator,
                v,
                ridge=ridge,
                solver=solver,
                tol=tol,
                x0=None if start is None else start.to(self.device),
                rank=rank,
                generator=as_generator(random_state, "Gram.solve"),
                max_iterations=max_iterations,
                time_budget=time_budget,
                pass_budget=pass_budget,
                callback=callback,
                seconds_per_entry=plan.estimated_seconds / n**2,
                caller="Gram.solve",
            )

        info = run(right.detach(), start)
        x = info.x
        if self._carries_gradients() or (torch.is_grad_enabled() and right.requires_grad):
            residual = right - (operator @ x.to(operator.dtype)).double() - ridge * x
            x = linalg.attach(x, residual, lambda grad: run(grad).x)
        result = self._give((x[:, 0] if flat else x).to(self.dtype))
        info = replace(info, x=self._give(info.x[:, 0] if flat else info.x))
        return (result, info) if return_info else result

    def _operator(self, method: str) -> Self:
        """This matrix as the solvers take it: symmetric, of tensors, float32 or float64."""
        if not self.symmetric:
            raise ValueError(
                f"Gram.{method}: the matrix must be symmetric (y = x), got {self!r}. Leave out y."
            )
        wide = torch.float64 if self.dtype == torch.float64 else torch.float32
        return self._in(wide, Form(numpy=False))

    def _refuse_gradients(self, method: str) -> None:
        if self._carries_gradients():
            raise TypeError(
                f"Gram.{method}: x, y and the kernel's parameters must not require gradients, "
                "because the result carries none. Call it under torch.no_grad()."
            )
