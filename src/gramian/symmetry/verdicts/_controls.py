"""Controls: a network that is invariant by construction, and one that learned nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import _message, as_generator
from gramian.symmetry.verdicts._features import Transform

__all__ = ["group_averaged", "with_random_weights"]


def group_averaged(
    phi: Callable[[Any], Tensor], elements: Sequence[Transform]
) -> Callable[[Any], Tensor]:
    """The mean of φ(gx) over a finite group: invariant by construction.

    The positive control of an invariance test, and the projection that
    `distance_to_group_average` measures against.

    Parameters
    ----------
    phi : callable
        Maps a batch to features.
    elements : sequence of callable
        Every element of the group, the identity included; each maps a batch to a batch.

    Returns
    -------
    averaged : callable
        Maps a batch to features of the same shape; as many calls of `phi` as elements.

    Raises
    ------
    ValueError
        If there is no element.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import group_averaged
    >>> mirror = [lambda rows: rows, lambda rows: rows.flip(1)]
    >>> averaged = group_averaged(lambda rows: rows[:, 0], mirror)
    >>> averaged(torch.tensor([[1.0, 2.0, 5.0]]))
    tensor([3.])
    """
    members = list(elements)
    if not members:
        raise ValueError(_message("group_averaged", "elements", "at least one map", members))

    def averaged(x: Any) -> Tensor:
        total = phi(members[0](x))
        for g in members[1:]:
            total = total + phi(g(x))
        return total / len(members)

    return averaged


def with_random_weights(model: nn.Module, *, random_state: Any = None) -> nn.Module:
    """A copy whose weights are random but have the same singular values: a negative control.

    Sizes, spectra, biases and architecture stay; what the weights had learned is gone. What the
    copy still shows comes from the architecture.

    Parameters
    ----------
    model : nn.Module
        Left as it is.
    random_state : None, int or generator, default=None

    Returns
    -------
    copy : nn.Module
        Every parameter of two or more dimensions is U S Vᵀ with its own S, and U, V drawn
        uniformly; a convolution counts as the matrix of its output channels.

    Notes
    -----
    O(m n min(m, n)) time for an (m, n) matrix.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import with_random_weights
    >>> layer = torch.nn.Linear(4, 3)
    >>> twin = with_random_weights(layer, random_state=0)
    >>> torch.allclose(torch.linalg.svdvals(twin.weight), torch.linalg.svdvals(layer.weight),
    ...                atol=1e-5)
    True
    """
    generator = as_generator(random_state, "with_random_weights")
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for weight in twin.parameters():
            if weight.ndim >= 2:
                values = torch.linalg.svdvals(weight.detach().flatten(1).double().cpu())
                rows, columns = weight.flatten(1).shape
                left = _orthonormal(rows, len(values), generator)
                right = _orthonormal(columns, len(values), generator)
                weight.copy_(((left * values) @ right.T).view(weight.shape))
    return twin


def _orthonormal(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Uniformly drawn orthonormal columns, (rows, columns), float64."""
    drawn = torch.randn(rows, columns, dtype=torch.float64, generator=generator)
    q, r = torch.linalg.qr(drawn)
    signs = r.diagonal().sign()  # without them Q would not be uniform
    return q * torch.where(signs == 0, 1.0, signs)
