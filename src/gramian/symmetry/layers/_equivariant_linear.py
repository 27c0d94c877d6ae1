"""The general linear layer between two actions of a finite group."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_int
from gramian.symmetry.groups import Action, PermutationAction, commutant, orbitals
from gramian.symmetry.layers._weights import check_last, drawn
from gramian.train._random import generator_for

__all__ = ["EquivariantLinear"]


class _Commuting(nn.Module):
    """Matrices that commute with two actions, from their coefficients."""

    labels: Tensor
    basis: Tensor

    def __init__(self, action: Action, output: Action) -> None:
        super().__init__()
        if isinstance(action, PermutationAction) and isinstance(output, PermutationAction):
            labels = orbitals(action, output)
            self.register_buffer("labels", labels, persistent=False)
            self.dimension = int(labels.max()) + 1
            self.scale, self.shares = 1.0, True
        else:
            basis = commutant(action, output)
            self.register_buffer("basis", basis, persistent=False)
            self.dimension = len(basis)
            # of coefficients, so that the matrix is as large as one of independent entries
            self.scale = (output.size * action.size / max(self.dimension, 1)) ** 0.5
            self.shares = False

    def forward(self, coefficients: Tensor) -> Tensor:
        """Matrices (..., output.size, action.size) from (..., dimension)."""
        if self.shares:
            entries = coefficients.index_select(-1, self.labels.flatten())
            return entries.unflatten(-1, self.labels.shape)
        return torch.einsum("...k,kij->...ij", coefficients, self.basis.to(coefficients))


class EquivariantLinear(nn.Module):
    """Every linear map between two actions of a group that commutes with it, A(gx) = g(Ax).

    Parameters
    ----------
    action : Action
        On the inputs.
    output : Action, default=None
        On the outputs, of the same group, element by element; None: as on the inputs.
    in_channels, out_channels : int, default=1
        The group moves each channel alike; channels mix freely.
    bias : bool, default=True
        A vector that the group does not change, if there is one but 0.
    random_state : None, int or generator, default=None
        Of the first weights, so that the matrix is as large as one with entries from
        U(−1/√fan_in, 1/√fan_in), fan_in = in_channels · action.size. None: ``torch.manual_seed``
        decides.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels, dimension)
        Coefficients: shared entries where both actions permute, else those of `commutant`.
    bias : Parameter of shape (out_channels, dimension of the invariants) or None

    Raises
    ------
    ValueError
        If the actions are of different groups, or nothing but 0 commutes with them.

    Notes
    -----
    Time and memory as for a dense layer of the same size. With `cyclic_shifts` it is a circular
    convolution with a kernel as long as the input, with ``Symmetric(n).natural()`` λI + γ11ᵀ.

    References
    ----------
    .. [1] S. Ravanbakhsh, J. Schneider, B. Póczos, "Equivariance through parameter-sharing", ICML
       2017.
    .. [2] M. Finzi, M. Welling, A. G. Wilson, "A practical method for constructing equivariant
       multilayer perceptrons for arbitrary matrix groups", ICML 2021.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Cyclic, EquivariantLinear
    >>> group = Cyclic(6)
    >>> layer = EquivariantLinear(group.natural(), group.plane(), out_channels=2, random_state=0)
    >>> layer(torch.rand(10, 1, 6)).shape
    torch.Size([10, 2, 2])
    """

    def __init__(
        self,
        action: Action,
        output: Action | None = None,
        *,
        in_channels: int = 1,
        out_channels: int = 1,
        bias: bool = True,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        caller = "EquivariantLinear"
        self.action, self.output = action, action if output is None else output
        self.in_channels = check_int(in_channels, "in_channels", caller, low=1)
        self.out_channels = check_int(out_channels, "out_channels", caller, low=1)
        self.matrices = _Commuting(self.action, self.output)
        if not self.matrices.dimension:
            raise ValueError(
                f"{caller}: output must be an action that an equivariant map leads to, "
                f"got {self.output!r} for {action!r}, between which only 0 is equivariant."
            )
        self.vectors = _Commuting(action.group.trivial(), self.output)
        rng = generator_for(random_state, caller)
        bound = (in_channels * action.size) ** -0.5
        dimension, scale = self.matrices.dimension, self.matrices.scale
        shape = (out_channels, in_channels, dimension)
        self.weight = drawn(*shape, bound=bound * scale, generator=rng)
        self.bias = None
        if bias and self.vectors.dimension:
            self.bias = drawn(out_channels, self.vectors.dimension, bound=bound, generator=rng)

    @property
    def matrix(self) -> Tensor:
        """The dense map, (out_channels, in_channels, output.size, action.size)."""
        dense: Tensor = self.matrices(self.weight)
        return dense

    def forward(self, x: Tensor) -> Tensor:
        """(..., out_channels, output.size) from ``x`` of shape (..., in_channels, action.size)."""
        sizes = (self.in_channels, self.action.size)
        check_last(x, sizes, "the entries that the group moves", "EquivariantLinear")
        flat = self.matrix.transpose(1, 2).flatten(2).flatten(0, 1)  # (out · rows, in · columns)
        found = (x.flatten(-2) @ flat.T).unflatten(-1, (self.out_channels, -1))
        return found if self.bias is None else found + self.vectors(self.bias)[..., 0]

    def extra_repr(self) -> str:
        return f"{self.action!r} to {self.output!r}, {self.in_channels}, {self.out_channels}"
