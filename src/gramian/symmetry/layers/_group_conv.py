"""Convolution over a finite group."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from gramian._validation import check_int
from gramian.symmetry.groups import FiniteGroup
from gramian.symmetry.layers._weights import check_last, drawn
from gramian.train._random import generator_for

__all__ = ["GroupConv"]


class GroupConv(nn.Module):
    """(x ⋆ ψ)(g) = Σ_h ψ(g⁻¹h) x(h): a kernel slid over a finite group.

    Parameters
    ----------
    group : FiniteGroup
    in_channels, out_channels : int
    bias : bool, default=True
        One number per channel.
    random_state : None, int or generator, default=None
        Of the first weights, U(−1/√fan_in, 1/√fan_in) with fan_in = in_channels · order. None:
        ``torch.manual_seed`` decides.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels, order)
        ψ, by element.
    bias : Parameter of shape (out_channels,) or None

    Raises
    ------
    ValueError
        If a parameter is out of range, or the inputs have another shape.

    Notes
    -----
    Commutes with the group acting on itself from the left, (ux)(h) = x(u⁻¹h), which is how
    `SimpleCells` answer: they lift inputs to the group, `ComplexCells` pool over it. These are all
    the linear maps with this property. For a cyclic group it is a circular correlation.
    O(in_channels · out_channels · order²) time per input, and as much memory for the kernel in
    all places.

    References
    ----------
    .. [1] T. S. Cohen, M. Welling, "Group equivariant convolutional networks", ICML 2016,
       equation 11.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Dihedral, GroupConv
    >>> layer = GroupConv(Dihedral(4), 3, 5, random_state=0)
    >>> layer(torch.rand(10, 3, 8)).shape
    torch.Size([10, 5, 8])
    """

    places: Tensor

    def __init__(
        self,
        group: FiniteGroup,
        in_channels: int,
        out_channels: int,
        *,
        bias: bool = True,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        self.group = group
        self.in_channels = check_int(in_channels, "in_channels", "GroupConv", low=1)
        self.out_channels = check_int(out_channels, "out_channels", "GroupConv", low=1)
        rng = generator_for(random_state, "GroupConv")
        bound = (in_channels * group.order) ** -0.5
        self.weight = drawn(out_channels, in_channels, group.order, bound=bound, generator=rng)
        self.bias = drawn(out_channels, bound=bound, generator=rng) if bias else None
        # places[g, h] is the number of g⁻¹h
        self.register_buffer("places", group.table[group.inverses], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., out_channels, order) from ``x`` of shape (..., in_channels, order)."""
        sizes = (self.in_channels, self.group.order)
        check_last(x, sizes, "the elements of the group", "GroupConv")
        kernel = self.weight.index_select(2, self.places.flatten())
        kernel = kernel.unflatten(2, self.places.shape)  # (out, in, g, h)
        flat = kernel.transpose(1, 2).flatten(2).flatten(0, 1)  # (out · g, in · h)
        found = (x.flatten(-2) @ flat.T).unflatten(-1, (self.out_channels, -1))
        return found if self.bias is None else found + self.bias[:, None]

    def extra_repr(self) -> str:
        return f"{self.group!r}, {self.in_channels}, {self.out_channels}"
