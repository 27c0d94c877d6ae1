"""What the matrix is: its rows, its columns, its kernel, and how a reduction is called."""

from __future__ import annotations

import html
from typing import Any, Self

import torch
from torch import Tensor

from gramian import _config
from gramian._arrays import Form, as_rows, check_match
from gramian._validation import check_choice
from gramian.engine import plan as engine
from gramian.engine.autograd import differentiable
from gramian.engine.call import Call
from gramian.pairwise import PairFunction, SquaredEuclidean

__all__ = ["Table"]


class Table:
    """The n × m table of a pair function, described and never stored."""

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
    ) -> Self:
        made = cls.__new__(cls)
        made.kernel, made._x, made._y, made._form, made._names = kernel, x, y, form, names
        made.symmetric = y is x
        made._taken = taken
        return made

    def _with(self, kernel: PairFunction) -> Self:
        """The matrix of the same rows and columns with another kernel."""
        return self._of(self._x, self._y, kernel, self._form, self._names, self._taken)

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
    def T(self) -> Self:
        """The transposed matrix; the same object where y = x, because it is symmetric."""
        if self.symmetric:
            return self
        return self._of(self._y, self._x, self.kernel, self._form, self._names[::-1])

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

    def _call(self, reduction: str, **extra: Any) -> Call:
        settings = {"row_of": self._rows_in_y(), "names": self._names, **extra}
        return Call(reduction, self._x, self._y, self.kernel, _config.current(), **settings)

    def _rows_in_y(self) -> Tensor | None:
        """Which row of y each row of x is, where x is y or was taken from it."""
        return torch.arange(len(self._x), device=self.device) if self.symmetric else self._taken

    def _along(self, dim: int, method: str) -> Self:
        return self if check_choice(dim, "dim", f"Gram.{method}", (0, 1)) == 1 else self.T

    def _in(self, dtype: torch.dtype, form: Form) -> Self:
        """The same matrix of rows in ``dtype``, with results of another kind."""
        x = self._x.to(dtype)
        y = x if self.symmetric else self._y.to(dtype)
        return self._of(x, y, self.kernel, form, self._names, self._taken)

    def _carries_gradients(self) -> bool:
        tensors = (self._x, self._y, *self.kernel.parameters())
        return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)

    def _give_of(self, reduction: str) -> Any:
        return self._give(differentiable(self._call(reduction)))

    def _give(self, result: Tensor) -> Any:
        return self._form.give(result)
