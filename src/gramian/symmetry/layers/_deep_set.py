"""The linear layer that commutes with every permutation of a set."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_choice, check_int
from gramian.symmetry.layers._pooling import POOLS, check_mask, pooled
from gramian.symmetry.layers._weights import check_last, drawn
from gramian.train._random import generator_for

__all__ = ["DeepSet"]


class DeepSet(nn.Module):
    """x_i ↦ Λ x_i + Γ pool(x) + b: the same for every element, and each sees the pool of all.

    Parameters
    ----------
    in_features, out_features : int
        Numbers per element.
    pool : {"sum", "mean", "max"}, default="sum"
        With "sum", one feature and no bias this is λI + γ11ᵀ; "mean" keeps its scale as sets
        grow. "max" is not linear, and as equivariant.
    bias : bool, default=True
    random_state : None, int or generator, default=None
        Of the first weights, U(−1/√in_features, 1/√in_features). None: ``torch.manual_seed``
        decides.

    Attributes
    ----------
    elementwise, pooling : Parameter of shape (out_features, in_features)
        Λ and Γ.
    bias : Parameter of shape (out_features,) or None

    Raises
    ------
    ValueError
        If a parameter is out of range, or the features do not match.

    Notes
    -----
    f(πx) = πf(x) for every permutation π of the elements. λI + γ11ᵀ are all the linear maps of
    n numbers with this property, for any n: `commutant` of S_n has dimension 2. O(n · in_features ·
    out_features) time.

    References
    ----------
    .. [1] M. Zaheer et al., "Deep sets", NeurIPS 2017, lemma 3 and equation 5.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import DeepSet
    >>> layer = DeepSet(3, 8, pool="mean", random_state=0)
    >>> x, order = torch.rand(2, 5, 3), torch.tensor([4, 2, 0, 1, 3])
    >>> torch.allclose(layer(x[:, order]), layer(x)[:, order], atol=1e-6)
    True
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        pool: str = "sum",
        bias: bool = True,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = check_int(in_features, "in_features", "DeepSet", low=1)
        self.out_features = check_int(out_features, "out_features", "DeepSet", low=1)
        self.pool = check_choice(pool, "pool", "DeepSet", POOLS)
        rng = generator_for(random_state, "DeepSet")
        bound = in_features**-0.5
        shape = (out_features, in_features)
        self.elementwise = drawn(*shape, bound=bound, generator=rng)
        self.pooling = drawn(*shape, bound=bound, generator=rng)
        self.bias = drawn(out_features, bound=bound, generator=rng) if bias else None

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(..., n, out_features) from ``x`` of shape (..., n, in_features).

        ``mask``, bool of shape (..., n), says which elements there are; the others are neither
        pooled nor changed to anything but 0.
        """
        check_last(x, (self.in_features,), "in_features", "DeepSet")
        present = check_mask(mask, x, "DeepSet")
        shared = pooled(x, -2, self.pool, present) @ self.pooling.T
        found = torch.nn.functional.linear(x, self.elementwise, self.bias) + shared[..., None, :]
        return found if present is None else found.masked_fill(~present, 0.0)

    def extra_repr(self) -> str:
        return f"{self.in_features}, {self.out_features}, pool={self.pool!r}"
