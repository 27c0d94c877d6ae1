"""Whether weights share the axes of the data, and what that is worth.

Source: F. Anselmi et al., "Data symmetries and learning in fully connected neural networks", IEEE
Access 11, 2023: symmetries of the data are inherited by the weights.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gramian._validation import _message, as_generator, check_int

__all__ = ["check_covariance", "commutator_null", "relative_commutator"]

VACUOUS = 1e-5
"""A commutator below this for random weights says nothing for any."""
N_RANDOM = 32


def relative_commutator(weight: Tensor, covariance: Tensor) -> Tensor:
    """‖[C, WᵀW]‖ / (‖C‖ ‖WᵀW‖), Frobenius norms: 0 where data and weights share their axes.

    Parameters
    ----------
    weight : Tensor of shape (h, d)
    covariance : Tensor of shape (d, d)
        C, of the data.

    Returns
    -------
    commutator : Tensor of shape ()
        Small even for random weights: compare it with `commutator_null`.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import relative_commutator
    >>> relative_commutator(torch.randn(4, 2), torch.eye(2)) < 1e-6
    tensor(True)
    """
    inner = weight.T @ weight
    product = covariance @ inner
    tiny = torch.finfo(weight.dtype).tiny
    return (product - product.T).norm() / (covariance.norm() * inner.norm()).clamp(min=tiny)


def commutator_null(
    weight: Tensor, covariance: Tensor, *, n_random: int = 999, random_state: Any = None
) -> Tensor:
    """`relative_commutator` of weights of the same spectrum in random directions.

    Parameters
    ----------
    weight : Tensor of shape (h, d)
    covariance : Tensor of shape (d, d)
    n_random : int, default=999
    random_state : None, int or generator, default=None

    Returns
    -------
    values : Tensor of shape (n_random,), float64, ascending

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import commutator_null
    >>> null = commutator_null(torch.randn(6, 3), torch.diag(torch.tensor([1.0, 2.0, 5.0])),
    ...                        n_random=50, random_state=0)
    >>> len(null), bool(null.median() > 0.05)
    (50, True)
    """
    caller = "commutator_null"
    check_int(n_random, "n_random", caller, low=1)
    generator = as_generator(random_state, caller)
    wide, against = weight.detach().cpu().double(), covariance.detach().cpu().double()
    d = wide.shape[1]
    found = []
    for _ in range(n_random):
        drawn = torch.randn(d, d, dtype=torch.float64, generator=generator)
        turn, _ = torch.linalg.qr(drawn)
        found.append(relative_commutator(wide @ turn, against))
    return torch.stack(found).sort().values


def check_covariance(covariance: Tensor, caller: str, generator: torch.Generator) -> None:
    """The covariance is symmetric, and does not commute with everything."""
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
        shape = tuple(covariance.shape)
        raise ValueError(_message(caller, "covariance", "of shape (d, d)", shape))
    if not torch.allclose(covariance, covariance.T, rtol=1e-4, atol=1e-6):
        raise ValueError(_message(caller, "covariance", "symmetric", "one that is not"))
    d = len(covariance)
    weight = torch.randn(2 * d, d, generator=generator)
    null = float(commutator_null(weight, covariance, n_random=N_RANDOM, random_state=generator)[-1])
    if math.isnan(null) or null < VACUOUS:
        remedy = "The term would be zero for all weights: leave it out."
        constraint = "other than a multiple of the identity"
        raise ValueError(_message(caller, "covariance", constraint, f"null {null:.1e}", remedy))
