"""PairFunction: what one entry of a Gram matrix is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from torch import Tensor

from gramian._validation import check_real
from gramian.pairwise._forms import FORMS

if TYPE_CHECKING:
    from gramian.pairwise.composition import Exp, Log, Product, Scaled, Sum

__all__ = ["Elementary", "PairFunction", "Parameter", "positive"]

Parameter = float | Tensor


class PairFunction:
    """A symmetric function of two rows: one entry of a Gram matrix.

    Subclass it and write ``forward(x, y)`` on blocks of rows to add a metric or kernel of your
    own; it then works in every reduction, estimator and composition, on the torch backend.

    Notes
    -----
    ``f + g``, ``f * g``, ``2.0 * f``, ``f.exp()`` and ``f.log()`` compose.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> class Canberra(gm.PairFunction):
    ...     def forward(self, x, y):
    ...         gap = (x[:, None] - y[None]).abs()
    ...         return (gap / (x[:, None].abs() + y[None].abs())).sum(-1)
    >>> gm.Gram(torch.tensor([[1.0], [3.0]]), kernel=Canberra()).dense()
    tensor([[0.0000, 0.5000],
            [0.5000, 0.0000]])
    """

    positive_definite: bool = False

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Entries for two blocks of rows.

        Parameters
        ----------
        x : Tensor of shape (n, d)
        y : Tensor of shape (m, d)

        Returns
        -------
        Tensor of shape (n, m)
        """
        raise TypeError(
            f"{type(self).__name__}.forward: must be defined by the subclass; "
            "it takes blocks of shapes (n, d) and (m, d) and returns (n, m)."
        )

    def log_forward(self, x: Tensor, y: Tensor) -> Tensor:
        """log of the entries; kernels that can vanish override it to stay finite."""
        return self.forward(x, y).log()

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        """Entries of matching rows, k(x_i, y_i), of shape (n,)."""
        return torch.stack(
            [self.forward(a[None], b[None])[0, 0] for a, b in zip(x, y, strict=True)]
        )

    def parameters(self) -> list[Tensor]:
        """Every tensor that the entries depend on besides the rows, in a fixed order."""
        return list(self._tensors())

    def with_parameters(self, values: Iterator[Tensor]) -> PairFunction:
        """The same function with its tensors replaced, in the order of ``parameters()``."""
        return self

    def _tensors(self) -> Iterator[Tensor]:
        return iter(())

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __add__(self, other: PairFunction) -> Sum:
        from gramian.pairwise.composition import Sum

        return Sum((self, other)) if isinstance(other, PairFunction) else NotImplemented

    def __mul__(self, other: PairFunction | Parameter) -> Product | Scaled:
        from gramian.pairwise.composition import Product, Scaled

        if isinstance(other, PairFunction):
            return Product((self, other))
        if not _is_number(other):
            return NotImplemented
        return Scaled(other.item() if isinstance(other, np.number) else other, self)

    __rmul__ = __mul__
    __array_ufunc__ = None  # NumPy must not multiply element by element

    def exp(self) -> Exp:
        """exp of each entry: ``Linear().exp()`` has the weights of attention."""
        from gramian.pairwise.composition import Exp

        return Exp(self)

    def log(self) -> Log:
        """log of each entry, computed without underflow where the kernel allows it."""
        from gramian.pairwise.composition import Log

        return Log(self)


class Elementary(PairFunction):
    """A metric or kernel of the form entry(form(embed(x), embed(y))).

    ``form`` names one of `FORMS`; ``embed`` is a map of single rows (a scaling per feature, a
    normalisation), and ``embeds`` says whether it is more than the identity; ``entry`` works
    elementwise on the form's value. ``order`` says whether the entry rises (1) or falls (-1) with
    the form's value, or neither (0).
    """

    form: str
    order: int = 0
    metric: bool = False
    embeds: bool = False

    def embed(self, x: Tensor) -> Tensor:
        return x

    def entry(self, t: Tensor) -> Tensor:
        return t

    def entry_(self, t: Tensor) -> Tensor:
        """`entry`, free to overwrite ``t``; overridden where that saves a pass over memory."""
        return self.entry(t)

    def log_entry(self, t: Tensor) -> Tensor:
        return self.entry(t).log()

    def slope(self) -> float | None:
        """An upper bound of |d entry / d form|; None where it grows without bound near 0."""
        return None

    def form_at(self, entry: float) -> float | None:
        """The form's value at which a metric reaches ``entry``; None where no inverse is kept."""
        return None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.entry(FORMS[self.form](self.embed(x), self.embed(y)))

    def log_forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.log_entry(FORMS[self.form](self.embed(x), self.embed(y)))

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        pairs = FORMS[self.form]
        a, b = self.embed(x)[:, None], self.embed(y)[:, None]
        return self.entry(torch.vmap(pairs)(a, b)[:, 0, 0])

    def _tensors(self) -> Iterator[Tensor]:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            value = getattr(self, field.name)
            if isinstance(value, Tensor):
                yield value

    def with_parameters(self, values: Iterator[Tensor]) -> Self:
        changed: dict[str, Any] = {
            field.name: next(values)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]  # as above
            if isinstance(getattr(self, field.name), Tensor)
        }
        if not changed:
            return self
        return dataclasses.replace(self, **changed)  # type: ignore[type-var]  # as above


def _is_number(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.ndim == 0
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def positive(value: Any, name: str, caller: str, *, per_feature: bool = False) -> Parameter:
    """A positive number, a 0-d tensor, or (where allowed) one positive number per feature."""
    if isinstance(value, np.ndarray | list | tuple):
        value = torch.as_tensor(np.asarray(value, dtype=np.float64))
    if not isinstance(value, Tensor):
        return check_real(value, name, caller, low=0, low_open=True)
    wanted = "a positive number" + (" or one positive number per feature" if per_feature else "")
    allowed = (0, 1) if per_feature else (0,)
    if value.ndim not in allowed or not value.dtype.is_floating_point:
        raise ValueError(
            f"{caller}: {name} must be {wanted}, got a {value.dtype} tensor of shape "
            f"{tuple(value.shape)}."
        )
    if not bool(((value.detach() > 0) & value.detach().isfinite()).all()):
        raise ValueError(f"{caller}: {name} must be {wanted}, got {value.detach().tolist()}.")
    return value
