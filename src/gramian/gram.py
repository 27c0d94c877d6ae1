"""Gram: the n × m table of a pair function, described and never stored."""

from __future__ import annotations

import html
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian import _config, linalg
from gramian._arrays import Form, as_index, as_rows, as_vector, check_match, finite, positions
from gramian._validation import as_generator, check_choice, check_int, check_real
from gramian.engine import plan as engine
from gramian.engine.autograd import differentiable
from gramian.engine.call import Call
from gramian.pairwise import PairFunction, SquaredEuclidean
from gramian.pairwise.composition import Product, Sum

__all__ = ["Gram"]


class Gram:
    """The matrix with entries kernel(x_i, y_j), computed tile by tile when it is asked for.

    Parameters
    ----------
    x : Tensor or ndarray of shape (n, d), float16, bfloat16, float32 or float64
        Rows of the matrix. NumPy integers count as float64. Never modified, never copied whole;
        memory-maps are read block by block.
    y : the same of shape (m, d), or None
        Columns; None, or x itself, means y = x, and the matrix is exactly symmetric.
    kernel : PairFunction, default=SquaredEuclidean()
        What one entry is.

    Raises
    ------
    TypeError, ValueError
        If shapes, dtypes, devices or array types do not fit. NaN and infinity are found, and
        raise ``ValueError``, when a reduction first reads them.

    Notes
    -----
    Construction costs nothing. Every reduction takes O(n m d) time and, beyond input and output,
    the working memory that `gramian.config` allows. In exact mode `min`, `argmin`, `topk`, `count`
    and `neighbors` return what float64 brute force returns. Results have the array type, dtype
    and device of ``x``. Gradients flow to x, y, right-hand sides and kernel parameters, by
    computing tiles again.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> x = torch.tensor([[0.0], [1.0], [3.0]])
    >>> G = gm.Gram(x, kernel=gm.Euclidean())
    >>> G
    Gram(3 x 3, Euclidean(), 1 feature, float32, symmetric)
    >>> G @ torch.ones(3)
    tensor([4., 3., 5.])
    >>> G.count(1.0)
    tensor([2, 2, 1])
    """

    def __init__(self, x: Any, y: Any = None, kernel: PairFunction | None = None) -> None:
        self.kernel = SquaredEuclidean() if kernel is None else kernel
        if not isinstance(self.kernel, PairFunction):
            raise TypeError(
                f"Gram: kernel must be a PairFunction, got {type(kernel).__name__}. "
                "Pass an instance such as gramian.Gaussian(bandwidth=1.0)."
            )
        self._x, self._form = as_rows(x, "x", "Gram")
        self._y = self._x if y is None or y is x else as_rows(y, "y", "Gram")[0]
        self.symmetric = self._y is self._x
        self._names = ("x", "x" if self.symmetric else "y")
        self._taken: Tensor | None = None
        check_match(self._x, self._y, "Gram")

    @classmethod
    def _of(
        cls,
        x: Tensor,
        y: Tensor,
        kernel: PairFunction,
        form: Form,
        names: tuple[str, str],
        taken: Tensor | None = None,
    ) -> Gram:
        made = cls.__new__(cls)
        made.kernel, made._x, made._y, made._form, made._names = kernel, x, y, form, names
        made.symmetric = y is x
        made._taken = taken
        return made

    def _with(self, kernel: PairFunction) -> Gram:
        """The matrix of the same rows and columns with another kernel."""
        return Gram._of(self._x, self._y, kernel, self._form, self._names, self._taken)

    # ------------------------------------------------------------------ what it is

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return len(self._x), len(self._y)

    @property
    def dtype(self) -> torch.dtype:
        """Data type of the entries: that of ``x``."""
        return self._x.dtype

    @property
    def device(self) -> torch.device:
        """Device of the results: that of ``x``."""
        return self._x.device

    @property
    def T(self) -> Gram:  # noqa: N802  (the name that arrays use)
        """The transposed matrix; the same object where y = x, because it is symmetric."""
        if self.symmetric:
            return self
        return Gram._of(self._y, self._x, self.kernel, self._form, self._names[::-1])

    def __len__(self) -> int:
        return len(self._x)

    def __repr__(self) -> str:
        n, m = self.shape
        d = self._x.shape[1]
        kind = str(self.dtype).removeprefix("torch.")
        return (
            f"Gram({n} x {m}, {self.kernel!r}, {d} feature{'s' * (d != 1)}, {kind}"
            f"{', symmetric' * self.symmetric})"
        )

    def _repr_html_(self) -> str:
        plan = html.escape(str(self.explain()))
        return (
            f"<details><summary><code>{html.escape(repr(self))}</code></summary>"
            f"<pre>{plan}</pre></details>"
        )

    def explain(self, reduction: str = "product") -> engine.Plan:
        """How a reduction would be run here and now; ``str()`` of it is for people.

        Parameters
        ----------
        reduction : {"block", "product", "logsumexp", "weighted_mean", "topk", "count", \
"neighbors"}

        Returns
        -------
        Plan
            Backend and why, tiles, working memory, passes, estimated seconds; ``as_dict()``.
        """
        from gramian.engine.call import REDUCTIONS

        check_choice(reduction, "reduction", "Gram.explain", REDUCTIONS)
        return engine.make_plan(self._call(reduction).detached())[0]

    # ------------------------------------------------------------------ sums over a dimension

    def __matmul__(self, v: Any) -> Any:
        """The product with a vector (m,) or with columns (m, r), without storing the matrix."""
        right, flat = as_vector(v, "v", "Gram.__matmul__", rows=self.shape[1], like=self._x)
        result = differentiable(self._call("product", weights=right))
        return self._give(result[:, 0] if flat else result)

    def sum(self, dim: int = 1) -> Any:
        """Sum over a dimension: of each row (dim=1) or of each column (dim=0)."""
        return self._along(dim, "sum")._give_of("product")

    def mean(self, dim: int = 1) -> Any:
        """Mean over a dimension: of each row (dim=1) or of each column (dim=0)."""
        side = self._along(dim, "mean")
        total = differentiable(side._call("product", wide=True))
        return self._give((total / side.shape[1]).to(self.dtype))

    def logsumexp(self, dim: int = 1) -> Any:
        """log Σ exp(entry) over a dimension, as ``torch.logsumexp`` of the dense matrix.

        For the log of a density use the log of the kernel: ``Gram(x, y, kernel.log())``.
        """
        return self._along(dim, "logsumexp")._give_of("logsumexp")

    def weighted_mean(self, v: Any) -> Any:
        """Mean of the rows of ``v`` with the entries of each row as weights.

        Row i is Σ_j G_ij v_j / Σ_j G_ij, computed from the kernel's logarithm, so that it neither
        overflows nor becomes 0/0 far from every y. With a Gaussian kernel this is the step of mean
        shift; with ``Linear().exp()`` it is attention.

        Parameters
        ----------
        v : Tensor or ndarray of shape (m,) or (m, r)

        Returns
        -------
        Tensor or ndarray of shape (n,) or (n, r)
            NaN in rows whose weights are all exactly zero (compact kernels), or where an entry,
            or a part of a sum or product of kernels, is negative.
        """
        right, flat = as_vector(v, "v", "Gram.weighted_mean", rows=self.shape[1], like=self._x)
        result = differentiable(self._call("weighted_mean", weights=right))
        return self._give(result[:, 0] if flat else result)

    # ------------------------------------------------------------------ searches

    def topk(self, k: int, dim: int = 1, largest: bool = False) -> tuple[Any, Any]:
        """The k smallest (or largest) entries per row and where they are.

        Parameters
        ----------
        k : int in [1, m]
        dim : {0, 1}, default=1
        largest : bool, default=False

        Returns
        -------
        values : (n, k), sorted
        indices : (n, k), int64
            Ties go to the smallest index.
        """
        side = self._along(dim, "topk")
        check_int(k, "k", "Gram.topk", low=1, high=side.shape[1])
        values, indices = differentiable(side._call("topk", k=k, largest=bool(largest)))
        return self._give(values), self._give(indices)

    def min(self, dim: int = 1) -> tuple[Any, Any]:
        """The smallest entry per row and where it is: (values, indices), each (n,)."""
        values, indices = self.topk(1, dim)
        return values[:, 0], indices[:, 0]

    def max(self, dim: int = 1) -> tuple[Any, Any]:
        """The largest entry per row and where it is: (values, indices), each (n,)."""
        values, indices = self.topk(1, dim, largest=True)
        return values[:, 0], indices[:, 0]

    def argmin(self, dim: int = 1) -> Any:
        """Index of the smallest entry per row, (n,), int64; ties go to the smallest index."""
        side = self._along(dim, "argmin")
        return self._give(engine.run(side._call("topk", values=False))[1][:, 0])

    def argmax(self, dim: int = 1) -> Any:
        """Index of the largest entry per row, (n,), int64; ties go to the smallest index."""
        side = self._along(dim, "argmax")
        return self._give(engine.run(side._call("topk", values=False, largest=True))[1][:, 0])

    def count(self, radius: float, *, weights: Any = None) -> Any:
        """How many entries of each row are ≤ radius, or the sum of their weights.

        Parameters
        ----------
        radius : float
            Kept in float64; compared as float64 brute force would.
        weights : (m,), optional

        Returns
        -------
        (n,), int64, or float64 with weights
        """
        call = self._within("count", radius)
        if weights is not None:
            right, flat = as_vector(weights, "weights", "Gram.count", rows=self.shape[1], like=None)
            if not flat:
                raise ValueError(
                    f"Gram.count: weights must have shape ({self.shape[1]},), "
                    f"got {tuple(right.shape)}."
                )
            call = self._call("count", radius=call.radius, weights=right[:, 0])
        return self._give(engine.run(call))

    def neighbors(self, radius: float) -> tuple[Any, Any, Any]:
        """Which entries are ≤ radius, as a compressed sparse row matrix.

        Returns
        -------
        indptr : (n + 1,), int64
        indices : (nnz,), int64
            Columns of row i are ``indices[indptr[i]:indptr[i + 1]]``, rising.
        values : (nnz,)
            The entries themselves.
        """
        found = engine.run(self._within("neighbors", radius))
        indptr, indices, values = (self._give(part) for part in found)
        return indptr, indices, values

    # ------------------------------------------------------------------ explicit pieces

    def rows(self, i: Any) -> Any:
        """The rows ``i`` as an explicit (len(i), m) block."""
        index = as_index(i, self.shape[0], "i", "Gram.rows", self.device)
        return self._give(self._piece(index, None))

    def columns(self, j: Any) -> Any:
        """The columns ``j`` as an explicit (n, len(j)) block."""
        index = as_index(j, self.shape[1], "j", "Gram.columns", self.device)
        return self._give(self._piece(None, index))

    def block(self, i: Any, j: Any) -> Any:
        """The entries at rows ``i`` and columns ``j``, (len(i), len(j))."""
        row_index = as_index(i, self.shape[0], "i", "Gram.block", self.device)
        column_index = as_index(j, self.shape[1], "j", "Gram.block", self.device)
        return self._give(self._piece(row_index, column_index))

    def dense(self) -> Any:
        """The whole matrix, n × m numbers of memory."""
        return self._give(self._piece(None, None))

    def take(self, i: Any) -> Gram:
        """The matrix of the rows ``i``, still lazy; it holds a copy of those rows of x."""
        index = as_index(i, self.shape[0], "i", "Gram.take", self.device)
        known = self._rows_in_y()
        taken = None if known is None else known[index]
        x, names = self._x[index], (self._names[0], self._names[1])
        return Gram._of(x, self._y, self.kernel, self._form, names, taken)

    def double(self) -> Gram:
        """The same matrix, with entries and results in float64; holds x and y in float64."""
        return self._in(torch.float64, self._form)

    def diagonal(self) -> Any:
        """The entries (i, i), (min(n, m),)."""
        return self._give(self._diagonal().to(self.dtype))

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple) or len(key) != 2:
            raise IndexError(f"Gram: index must be a pair G[i, j], got {key!r}.")
        numbers = [not isinstance(part, slice) and np.ndim(part) == 0 for part in key]
        found = self._piece(
            as_index(key[0], self.shape[0], "i", "Gram.__getitem__", self.device),
            as_index(key[1], self.shape[1], "j", "Gram.__getitem__", self.device),
        )
        found = found[0] if numbers[0] else found
        return self._give(found[..., 0] if numbers[1] else found)

    def trace(self) -> Any:
        """Sum of the diagonal; the matrix must be square."""
        if self.shape[0] != self.shape[1]:
            raise ValueError(f"Gram.trace: the matrix must be square, got {self.shape}.")
        return self._give(self._diagonal().sum().to(self.dtype))

    def frobenius_norm(self) -> Any:
        """√Σ G_ij²."""
        square = self._with(self.kernel * self.kernel)
        total = differentiable(square._call("product", wide=True)).sum()
        return self._give(total.sqrt().to(self.dtype))

    # ------------------------------------------------------------------ linear algebra

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

    # ------------------------------------------------------------------ algebra

    def __add__(self, other: Gram) -> Gram:
        return self._joined(other, Sum) if isinstance(other, Gram) else NotImplemented

    def __mul__(self, other: Gram | float | Tensor) -> Gram:
        if isinstance(other, Gram):
            return self._joined(other, Product)
        return self._with(self.kernel * other)

    __rmul__ = __mul__

    # without these NumPy and iteration would take the matrix for an empty sequence
    __array_ufunc__ = None
    __iter__ = None

    def _joined(self, other: Gram, how: type[Sum] | type[Product]) -> Gram:
        same = self._x is other._x and self._y is other._y
        if not same and not (_equal(self._x, other._x) and _equal(self._y, other._y)):
            raise ValueError(
                "Gram: both matrices must have the same x and y to be added or multiplied, "
                f"got {self!r} and {other!r}."
            )
        return self._with(how((self.kernel, other.kernel)))

    # ------------------------------------------------------------------ inside

    def _call(self, reduction: str, **extra: Any) -> Call:
        settings = {"row_of": self._rows_in_y(), "names": self._names, **extra}
        return Call(reduction, self._x, self._y, self.kernel, _config.current(), **settings)

    def _rows_in_y(self) -> Tensor | None:
        """Which row of y each row of x is, where x is y or was taken from it."""
        return torch.arange(len(self._x), device=self.device) if self.symmetric else self._taken

    def _along(self, dim: int, method: str) -> Gram:
        return self if check_choice(dim, "dim", f"Gram.{method}", (0, 1)) == 1 else self.T

    def _within(self, reduction: str, radius: float) -> Call:
        checked = check_real(radius, "radius", f"Gram.{reduction}")
        return self._call(reduction, radius=checked)

    def _in(self, dtype: torch.dtype, form: Form) -> Gram:
        """The same matrix of rows in ``dtype``, with results of another kind."""
        x = self._x.to(dtype)
        y = x if self.symmetric else self._y.to(dtype)
        return Gram._of(x, y, self.kernel, form, self._names, self._taken)

    def _operator(self, method: str) -> Gram:
        """This matrix as the solvers take it: symmetric, of tensors, float32 or float64."""
        if not self.symmetric:
            raise ValueError(
                f"Gram.{method}: the matrix must be symmetric (y = x), got {self!r}. Leave out y."
            )
        wide = torch.float64 if self.dtype == torch.float64 else torch.float32
        return self._in(wide, Form(numpy=False))

    def _carries_gradients(self) -> bool:
        tensors = (self._x, self._y, *self.kernel.parameters())
        return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)

    def _refuse_gradients(self, method: str) -> None:
        if self._carries_gradients():
            raise TypeError(
                f"Gram.{method}: x, y and the kernel's parameters must not require gradients, "
                "because the result carries none. Call it under torch.no_grad()."
            )

    def _piece(self, i: Tensor | None, j: Tensor | None) -> Tensor:
        x = self._x if i is None else self._x[i]
        y = self._y if j is None else self._y[j]
        row_of = self._rows_in_y()
        if row_of is not None:
            row_of = row_of if i is None else row_of[i]
            if j is not None:
                row_of = positions(row_of, j, len(self._y))
        # the columns keep the centre of all of y, so that a piece has the bits of the whole
        call = self._call("block", row_of=row_of, centre_on=self._y)
        return differentiable(replace(call, x=x, y=y))

    def _diagonal(self) -> Tensor:
        """The entries (i, i) in float64, from blocks of rows."""
        n, size = min(self.shape), max(1, 2**16 // self._x.shape[1])
        parts = []
        for start in range(0, n, size):
            rows = slice(start, min(n, start + size))
            x = finite(self._x[rows], start, self._names[0], "Gram.diagonal")
            y = finite(self._y[rows], start, self._names[1], "Gram.diagonal")
            parts.append(self.kernel.paired(x.double().contiguous(), y.double().contiguous()))
        return torch.cat(parts)

    def _give_of(self, reduction: str) -> Any:
        return self._give(differentiable(self._call(reduction)))

    def _give(self, result: Tensor) -> Any:
        return self._form.give(result)


def _equal(a: Tensor, b: Tensor) -> bool:
    """The same numbers, in the same dtype and on the same device."""
    return a.dtype == b.dtype and a.device == b.device and torch.equal(a, b)
