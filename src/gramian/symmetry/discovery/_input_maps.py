"""Recovered permutations of units, carried to the space that the weights live in."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gramian._validation import _message

__all__ = ["InputMaps", "input_maps"]


@dataclass(frozen=True)
class InputMaps:
    """Linear maps of inputs that do to the weights what permutations do to the units.

    Attributes
    ----------
    matrices : Tensor of shape (order, d, d), float64
        In the order of the permutations.
    residual : float
        Root mean square of ``matrices[g] @ w[u] - w[p[g, u]]``, in units of the root mean square
        of the weights.
    orthogonality : float
        Largest ‖AᵀA − P‖ / ‖P‖, P the projection on the span of the weights: 0 for a unitary
        action.
    """

    matrices: Tensor
    residual: float
    orthogonality: float


def input_maps(permutations: Tensor, weight: Tensor) -> InputMaps:
    """The linear map of each permutation, by least squares: A w_u ≈ w_p(u).

    Parameters
    ----------
    permutations : Tensor of shape (order, h), int64
        ``permutations`` of `identify_group`.
    weight : Tensor of shape (h, d), floating
        The weights behind the Gramian, units in the same order.

    Returns
    -------
    maps : InputMaps
        Zero outside the span of the weights.

    Raises
    ------
    ValueError
        If shapes disagree.

    Notes
    -----
    A statement about a Gramian becomes one about data here: test on data that were held out
    whether a map sends the data set to itself and keeps the labels. O(d³ + order · h d²).

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import cyclic_shifts, identify_group, input_maps
    >>> W = cyclic_shifts(5).orbit(torch.tensor([3.0, 1.0, 0.5, 0.0, -1.0]))
    >>> found = identify_group(W @ W.T, random_state=0)
    >>> maps = input_maps(found.permutations, W)
    >>> maps.residual < 1e-6, maps.orthogonality < 1e-5
    (True, True)
    """
    if permutations.ndim != 2 or weight.ndim != 2 or permutations.shape[1] != len(weight):
        shapes = (tuple(permutations.shape), tuple(weight.shape))
        constraint = "of shape (order, h) for weights of shape (h, d)"
        raise ValueError(_message("input_maps", "permutations", constraint, shapes))
    wide = weight.detach().cpu().double()
    pinv = torch.linalg.pinv(wide, rtol=1e-6)
    targets = wide[permutations.cpu()]  # [g, u]
    matrices = (pinv @ targets).mT
    gaps = wide @ matrices.mT - targets
    onto = pinv @ wide
    unitary = (matrices.mT @ matrices - onto).flatten(1).norm(dim=1) / onto.norm()
    return InputMaps(
        matrices=matrices,
        residual=float((gaps.square().mean() / wide.square().mean()).sqrt()),
        orthogonality=float(unitary.max()),
    )
