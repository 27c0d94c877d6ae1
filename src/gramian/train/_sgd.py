"""Stochastic gradient descent in one fused update."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import Optimizer

from gramian._validation import check_real

__all__ = ["SGD"]


class SGD(Optimizer):
    """Minibatch stochastic gradient descent, w ← w − lr · ∂loss/∂w.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Weights, or groups of them as for any torch optimiser.
    lr : float
        Learning rate, > 0.

    Raises
    ------
    ValueError
        If `lr` is not positive, or `params` is empty.

    Notes
    -----
    All weights of one group are updated by one foreach call. The rate lives in ``param_groups``,
    so every scheduler of torch works. For momentum or weight decay take `torch.optim.SGD`.

    References
    ----------
    .. [1] H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical
       Statistics 22(3), 1951.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import SGD
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.5)
    >>> (w**2).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.], requires_grad=True)
    """

    def __init__(self, params: Iterable[Any], lr: float) -> None:
        super().__init__(params, {"lr": check_real(lr, "lr", "SGD", low=0, low_open=True)})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every weight that has a gradient.

        Parameters
        ----------
        closure : callable, default=None
            Computes the loss and its gradients anew.

        Returns
        -------
        loss : what `closure` returns, or None
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params: list[Any] = [p for p in group["params"] if p.grad is not None]
            if params:
                gradients = [p.grad for p in params]
                torch._foreach_add_(params, gradients, alpha=-group["lr"])
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients.

        Parameters
        ----------
        set_to_none : bool, default=True
            False fills them with zero instead.
        """
        if not set_to_none:
            super().zero_grad(set_to_none=False)
            return
        for group in self.param_groups:
            for param in group["params"]:
                param.grad = None
