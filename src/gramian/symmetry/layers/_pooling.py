"""Sums, means and maxima over what a group permutes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gramian._validation import check_choice

__all__ = ["POOLS", "SetPool", "check_mask", "pooled"]

POOLS = ("sum", "mean", "max")


def pooled(x: Tensor, dim: int, pool: str, mask: Tensor | None = None) -> Tensor:
    """``x`` without its dimension ``dim``; only where ``mask`` holds, and 0 where it never does."""
    if mask is None:
        return x.amax(dim) if pool == "max" else getattr(x, pool)(dim)
    if pool == "max":
        largest = x.masked_fill(~mask, float("-inf")).amax(dim)
        return largest.masked_fill(~mask.any(dim), 0.0)
    total = x.masked_fill(~mask, 0.0).sum(dim)
    return total if pool == "sum" else total / mask.sum(dim).clamp_min(1)


def check_mask(mask: Tensor | None, x: Tensor, caller: str) -> Tensor | None:
    """The mask of the elements, with an axis for the features."""
    if mask is None:
        return None
    if mask.shape != x.shape[:-1] or mask.dtype != torch.bool:
        raise ValueError(
            f"{caller}: mask must be bool of shape {tuple(x.shape[:-1])}, "
            f"got {mask.dtype} of shape {tuple(mask.shape)}."
        )
    return mask[..., None]


class SetPool(nn.Module):
    """Pools the elements of sets: what comes out does not depend on their order.

    Parameters
    ----------
    pool : {"sum", "mean", "max"}, default="sum"

    Notes
    -----
    Between element-wise maps, ρ(Σᵢ φ(xᵢ)): every invariant function of sets has this form, but
    φ may have to be very wide [2]_.

    References
    ----------
    .. [1] M. Zaheer et al., "Deep sets", NeurIPS 2017, theorem 2.
    .. [2] A. Zweig, J. Bruna, "Exponential separations in symmetric neural networks", NeurIPS
       2022.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import SetPool
    >>> x = torch.tensor([[[1.0, 2.0], [3.0, 5.0], [9.0, 9.0]]])
    >>> SetPool("mean")(x, mask=torch.tensor([[True, True, False]]))
    tensor([[2.0000, 3.5000]])
    """

    def __init__(self, pool: str = "sum") -> None:
        super().__init__()
        self.pool = check_choice(pool, "pool", "SetPool", POOLS)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(..., features) from ``x`` of shape (..., n, features).

        ``mask``, bool of shape (..., n), says which elements there are; an empty set gives 0.
        """
        return pooled(x, -2, self.pool, check_mask(mask, x, "SetPool"))

    def extra_repr(self) -> str:
        return repr(self.pool)
