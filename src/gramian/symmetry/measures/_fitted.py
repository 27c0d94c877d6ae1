"""The action of a transform on features, estimated where it is not known.

Source of the idea: K. Lenc, A. Vedaldi, "Understanding image representations by measuring their
equivariance and equivalence", CVPR 2015, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian._validation import as_generator, check_real
from gramian.symmetry.verdicts._features import (
    Transform,
    as_samples,
    as_table,
    features_of,
    moved,
)

__all__ = ["FittedAction", "composition_error", "fitted_action"]


@dataclass(frozen=True)
class FittedAction:
    """A linear map that does to features what a transform does to samples.

    Attributes
    ----------
    matrix : Tensor of shape (p, p), float64
        φ(gx) ≈ matrix φ(x) + offset.
    offset : Tensor of shape (p,), float64
    r2 : float
        Share of the variance of φ(gx) that is explained on samples that were held out; 1 is
        equivariant, 0 or less says that φ(x) knows nothing of φ(gx).
    held_out : Tensor of int64
        Rows of the samples that the map was not fitted on: test on these.
    """

    matrix: Tensor
    offset: Tensor
    r2: float
    held_out: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """The moved features, of the same shape: the ``action`` of `equivariance_test`."""
        rows = features.reshape(len(features), -1).double()
        moved_rows = rows @ self.matrix.T + self.offset
        return moved_rows.to(features.dtype).reshape(features.shape)


def fitted_action(
    phi: Callable[[Any], Any],
    x: Any,
    g: Transform,
    *,
    ridge: float = 1e-3,
    random_state: Any = None,
) -> FittedAction:
    """Fit the action on half of the samples, and say how well it holds on the other half.

    Parameters
    ----------
    phi : callable or nn.Module
    x : Tensor or array of shape (n, ...), floating, n ≥ 4
    g : callable
    ridge : float, default=1e-3
        Penalty on the matrix, in units of the mean variance of a feature; > 0.
    random_state : None, int or generator, default=None
        Chooses the halves.

    Returns
    -------
    action : FittedAction

    Raises
    ------
    TypeError, ValueError
        If `x` or the features are not finite tables of n rows, or `ridge` is not positive.

    Notes
    -----
    Ridge regression of φ(gx) on φ(x), both centred: O(n p² + p³). With as many features as
    samples the map fits any half; the held-out r2 shows it. Reduce the features first (`KernelPCA`,
    for one) where p is not far below n.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import fitted_action
    >>> x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    >>> action = fitted_action(lambda rows: rows, x, lambda rows: rows.roll(1, 1), random_state=0)
    >>> action.matrix.round().abs()
    tensor([[0., 0., 1.],
            [1., 0., 0.],
            [0., 1., 0.]], dtype=torch.float64)
    """
    caller = "fitted_action"
    samples = as_samples(x, caller, least=4)
    check_real(ridge, "ridge", caller, low=0, low_open=True)
    before = as_table(features_of(phi, samples, caller), caller).double()
    after = as_table(features_of(phi, moved(g, samples, caller), caller), caller).double()
    order = torch.randperm(len(samples), generator=as_generator(random_state, caller))
    fit, held_out = order.tensor_split(2)
    left, right = before[fit], after[fit]
    center, target = left.mean(0), right.mean(0)
    left, right = left - center, right - target
    covariance = left.T @ left / len(fit)
    penalty = ridge * float(covariance.diagonal().mean()) + 1e-300
    eye = torch.eye(len(covariance), dtype=torch.float64)
    matrix = torch.linalg.solve(covariance + penalty * eye, left.T @ right / len(fit)).T
    offset = target - matrix @ center
    rest = after[held_out] - before[held_out] @ matrix.T - offset
    total = float((after[held_out] - target).square().sum())
    r2 = 1 - float(rest.square().sum()) / total if total > 0 else float("nan")
    return FittedAction(matrix, offset, r2, held_out.sort().values)


def composition_error(first: FittedAction, second: FittedAction, both: FittedAction) -> float:
    """‖M_gh − M_g M_h‖ / ‖M_gh‖: whether fitted actions multiply as the transforms do.

    Parameters
    ----------
    first, second, both : FittedAction
        Of h, of g, and of gh (h, then g), with the same features.

    Returns
    -------
    error : float

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import composition_error, fitted_action
    >>> x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    >>> one, two = (fitted_action(lambda r: r, x, lambda r, k=k: r.roll(k, 1), random_state=0)
    ...             for k in (1, 2))
    >>> composition_error(one, one, two) < 0.01
    True
    """
    difference = both.matrix - second.matrix @ first.matrix
    return float(difference.norm() / both.matrix.norm())
