"""How a finite group moves vectors: by permutations of their entries, or by matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gramian._validation import check_int
from gramian.symmetry.groups._checks import as_permutations

if TYPE_CHECKING:
    from gramian.symmetry.groups._group import FiniteGroup

__all__ = ["Action", "MatrixAction", "PermutationAction"]


class Action(ABC):
    """A finite group acting linearly on vectors of ``size`` entries: (gh)x = g(hx), 1x = x.

    Attributes
    ----------
    group : FiniteGroup
    size : int
        Entries of the vectors that it moves.
    """

    def __init__(self, group: FiniteGroup, size: int) -> None:
        self.group, self.size = group, size
        self._copies: dict[tuple[torch.device, torch.dtype], Tensor] = {}

    @abstractmethod
    def matrices(self) -> Tensor:
        """The matrix of every element, (order, size, size), float64."""

    @abstractmethod
    def orbit(self, x: Tensor) -> Tensor:
        """Every gx.

        Parameters
        ----------
        x : Tensor of shape (..., size), floating

        Returns
        -------
        moved : Tensor of shape (order, ..., size), dtype and device of ``x``
            Differentiable in ``x``.

        Raises
        ------
        ValueError
            If the last dimension is not ``size``.
        """

    @abstractmethod
    def apply(self, element: int, x: Tensor) -> Tensor:
        """gx for the element number ``element``; shapes as in `orbit`, without the first axis."""

    def average(self, x: Tensor) -> Tensor:
        """Mean of gx over the group: the orthogonal projection on what no element changes.

        Parameters
        ----------
        x : Tensor of shape (..., size), floating

        Returns
        -------
        mean : Tensor of the shape of ``x``

        Examples
        --------
        >>> import torch
        >>> from gramian.symmetry import cyclic_shifts
        >>> cyclic_shifts(3).average(torch.tensor([0.0, 3.0, 6.0]))
        tensor([3., 3., 3.])
        """
        return self.orbit(x).mean(0)

    def _check(self, x: Tensor, caller: str) -> None:
        """``x`` is floating and ends in ``size`` entries."""
        caller = f"{type(self).__name__}.{caller}"
        if not isinstance(x, Tensor) or not x.dtype.is_floating_point:
            kind = x.dtype if isinstance(x, Tensor) else type(x).__name__
            raise TypeError(f"{caller}: x must be a floating tensor, got {kind}.")
        if x.ndim == 0 or x.shape[-1] != self.size:
            raise ValueError(
                f"{caller}: x must have {self.size} entries in its last dimension, "
                f"got shape {tuple(x.shape)}."
            )

    def _check_element(self, element: int) -> int:
        caller = f"{type(self).__name__}.apply"
        return check_int(element, "element", caller, low=0, high=self.group.order - 1)

    def _copy(self, master: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
        """``master`` where it is needed, converted once."""
        key = (device, dtype)
        if key not in self._copies:
            with torch.inference_mode(False):  # a copy made there could never be trained through
                self._copies[key] = master.to(device, dtype)
        return self._copies[key]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.group.name} on {self.size} entries>"


class PermutationAction(Action):
    """A group that permutes the entries of vectors: (gx)[g(i)] = x[i].

    Parameters
    ----------
    group : FiniteGroup
    permutations : array of ints of shape (order, size)
        Where each element sends each entry, in the order of the group's elements. Elements may
        share a permutation.

    Raises
    ------
    ValueError
        If a row is not a permutation, or the rows do not multiply as the group does.

    Notes
    -----
    Exact in every dtype: nothing is added or multiplied. An orbit costs O(order · size).

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Cyclic, PermutationAction
    >>> swap = PermutationAction(Cyclic(2), [[0, 1], [1, 0]])
    >>> swap.apply(1, torch.tensor([1.0, 2.0]))
    tensor([2., 1.])
    """

    permutations: Tensor

    def __init__(self, group: FiniteGroup, permutations: Any) -> None:
        rows = as_permutations(permutations, "permutations", "PermutationAction", group=False)
        _check_rows(rows, group, "permutations", "PermutationAction")
        for g in (0, *group.generators):
            if not torch.equal(rows[group.table[g]], rows[g][rows]):
                _refuse("permutations", "PermutationAction")
        super().__init__(group, rows.shape[1])
        self.permutations = rows
        self._sources = rows[group.inverses]  # (gx)[i] = x[g⁻¹(i)]

    def matrices(self) -> Tensor:
        eye = torch.eye(self.size, dtype=torch.float64)
        return eye[self._sources]

    def orbit(self, x: Tensor) -> Tensor:
        self._check(x, "orbit")
        sources = self._copy(self._sources, x.device, torch.int64)
        return x[..., sources].movedim(-2, 0)

    def apply(self, element: int, x: Tensor) -> Tensor:
        self._check(x, "apply")
        sources = self._copy(self._sources, x.device, torch.int64)
        return x[..., sources[self._check_element(element)]]


class MatrixAction(Action):
    """A group that moves vectors by orthogonal matrices.

    Parameters
    ----------
    group : FiniteGroup
    matrices : array of shape (order, size, size)
        One for each element, in the order of the group's elements.

    Raises
    ------
    ValueError
        If a matrix is not orthogonal, or they do not multiply as the group does; both to 10⁻⁹.

    Notes
    -----
    Matrices are kept in float64 and rounded once to the dtype of what they move. An orbit costs
    O(order · size²).

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Cyclic, MatrixAction
    >>> turn = MatrixAction(Cyclic(2), [[[1, 0], [0, 1]], [[-1, 0], [0, -1]]])
    >>> turn.apply(1, torch.tensor([1.0, 2.0]))
    tensor([-1., -2.])
    """

    def __init__(self, group: FiniteGroup, matrices: Any) -> None:
        caller = "MatrixAction"
        held = _as_matrices(matrices, caller)
        _check_rows(held, group, "matrices", caller)
        eye = torch.eye(held.shape[1], dtype=torch.float64)
        if not _close(held @ held.mT, eye.expand_as(held)):
            raise ValueError(
                f"{caller}: matrices must be orthogonal, got one whose columns are not orthonormal."
            )
        for g in (0, *group.generators):
            if not _close(held[group.table[g]], held[g] @ held):
                _refuse("matrices", caller)
        super().__init__(group, held.shape[1])
        self._matrices = held

    def matrices(self) -> Tensor:
        return self._matrices

    def orbit(self, x: Tensor) -> Tensor:
        self._check(x, "orbit")
        held = self._copy(self._matrices, x.device, x.dtype)
        return torch.einsum("gij,...j->g...i", held, x)

    def apply(self, element: int, x: Tensor) -> Tensor:
        self._check(x, "apply")
        held = self._copy(self._matrices, x.device, x.dtype)
        return x @ held[self._check_element(element)].T


def _as_matrices(value: Any, caller: str) -> Tensor:
    """Square matrices in float64, as a copy of their own."""
    if not isinstance(value, Tensor):
        try:
            value = torch.tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError):
            raise TypeError(
                f"{caller}: matrices must be an array of numbers, got {type(value).__name__}."
            ) from None
    if value.ndim != 3 or value.shape[1] != value.shape[2] or 0 in value.shape:
        raise ValueError(
            f"{caller}: matrices must have shape (order, size, size), got {tuple(value.shape)}."
        )
    return value.detach().to("cpu", torch.float64, copy=True)


def _close(a: Tensor, b: Tensor) -> bool:
    """Whether two sets of orthogonal matrices agree to 10⁻⁹; NaN never does."""
    return bool(((a - b).abs() <= 1e-9).all())


def _check_rows(rows: Tensor, group: FiniteGroup, name: str, caller: str) -> None:
    if len(rows) != group.order:
        raise ValueError(
            f"{caller}: {name} must have one row for each of the {group.order} elements, "
            f"got {len(rows)}."
        )


def _refuse(name: str, caller: str) -> None:
    raise ValueError(
        f"{caller}: {name} must multiply as the group's elements do, got rows that do not. "
        f"Put them in the order of the group's elements."
    )
