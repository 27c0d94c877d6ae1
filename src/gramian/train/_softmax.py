"""Softmax regression, by hand and with torch's layers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_real
from gramian.train._module import Classifier
from gramian.train._random import generator_for
from gramian.train._sgd import SGD

__all__ = ["SoftmaxRegression", "SoftmaxRegressionScratch"]


class SoftmaxRegressionScratch(Classifier):
    """Scores X W + b with weights that are plain tensors, and a cross-entropy written out.

    Parameters
    ----------
    num_inputs, num_outputs : int
        Features and classes.
    lr : float
        Learning rate of `SGD`.
    sigma : float, default=0.01
        Standard deviation of the first weights; the biases start at 0.
    random_state : None, int or generator, default=None
        Of the first weights. None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    W : Tensor of shape (num_inputs, num_outputs)
    b : Tensor of shape (num_outputs,)

    Notes
    -----
    The loss is log Σ exp(s) − s_y, with the largest score taken out of the sum: finite for any
    finite scores, where exp alone overflows float32 above 88.7.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import SoftmaxRegressionScratch
    >>> model = SoftmaxRegressionScratch(4, 3, lr=0.1)
    >>> model(torch.zeros(2, 2, 2)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        lr: float,
        sigma: float = 0.01,
        *,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        caller = "SoftmaxRegressionScratch"
        check_real(sigma, "sigma", caller, low=0)
        self.save_hyperparameters(ignore=["random_state"])
        rng = generator_for(random_state, caller)
        self.W = torch.normal(0, sigma, (num_inputs, num_outputs), generator=rng).requires_grad_()
        self.b = torch.zeros(num_outputs, requires_grad=True)

    def forward(self, X: Tensor) -> Tensor:
        """Scores of shape (n, num_outputs); each row of X is flattened."""
        return X.reshape(-1, self.W.shape[0]) @ self.W + self.b

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """Cross-entropy of scores with class numbers."""
        largest = Y_hat.max(dim=1, keepdim=True).values.detach()
        total = (Y_hat - largest).exp().sum(1).log() + largest[:, 0]
        loss = total - Y_hat.gather(1, Y[:, None])[:, 0]
        return loss.mean() if averaged else loss

    def configure_optimizers(self) -> SGD:
        """`SGD` over both weights, whatever a program makes the default of all modules."""
        return SGD([self.W, self.b], self.lr)


class SoftmaxRegression(Classifier):
    """One lazy linear layer over flattened inputs, trained by cross-entropy.

    Parameters
    ----------
    num_outputs : int
        Classes.
    lr : float
        Learning rate of `SGD`.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import SoftmaxRegression
    >>> SoftmaxRegression(10, lr=0.1)(torch.zeros(3, 1, 28, 28)).shape
    torch.Size([3, 10])
    """

    def __init__(self, num_outputs: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(num_outputs))
