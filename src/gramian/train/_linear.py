"""Linear regression, by hand and with torch's layers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_real
from gramian.train._checks import check_same_shape
from gramian.train._module import Module
from gramian.train._random import generator_for
from gramian.train._sgd import SGD

__all__ = ["LinearRegression", "LinearRegressionScratch"]


class LinearRegressionScratch(Module):
    """ŷ = X w + b with weights that are plain tensors, and half the mean squared error.

    Parameters
    ----------
    num_inputs : int
    lr : float
        Learning rate of `SGD`.
    sigma : float, default=0.01
        Standard deviation of the first weights; the bias starts at 0.
    random_state : None, int or generator, default=None
        Of the first weights. None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    w : Tensor of shape (num_inputs, 1)
    b : Tensor of shape (1,)

    Examples
    --------
    >>> import torch
    >>> from gramian.train import LinearRegressionScratch
    >>> model = LinearRegressionScratch(2, lr=0.03)
    >>> model(torch.zeros(5, 2)).shape
    torch.Size([5, 1])
    """

    def __init__(
        self, num_inputs: int, lr: float, sigma: float = 0.01, *, random_state: Any = None
    ) -> None:
        super().__init__()
        caller = "LinearRegressionScratch"
        check_real(sigma, "sigma", caller, low=0)
        self.save_hyperparameters(ignore=["random_state"])
        rng = generator_for(random_state, caller)
        self.w = torch.normal(0, sigma, (num_inputs, 1), generator=rng).requires_grad_()
        self.b = torch.zeros(1, requires_grad=True)

    def forward(self, X: Tensor) -> Tensor:
        """Predictions of shape (n, 1)."""
        return X @ self.w + self.b

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """Mean of (ŷ − y)² / 2."""
        check_same_shape(y_hat, y, "LinearRegressionScratch.loss")
        return ((y_hat - y) ** 2 / 2).mean()

    def configure_optimizers(self) -> SGD:
        """`SGD` over both weights, whatever a program makes the default of all modules."""
        return SGD([self.w, self.b], self.lr)


class LinearRegression(Module):
    """Linear regression with a lazy layer of torch and the mean squared error.

    Parameters
    ----------
    lr : float
        Learning rate of `SGD`.

    Examples
    --------
    >>> import torch
    >>> from gramian import train as d2l
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> model = d2l.LinearRegression(lr=0.03)
    >>> history = d2l.Trainer(max_epochs=5).fit(model, data)
    >>> w, b = model.get_w_b()
    >>> bool((w.flatten() - data.w).abs().max() < 0.01)
    True
    """

    def __init__(self, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.LazyLinear(1)

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """Mean of (ŷ − y)²."""
        check_same_shape(y_hat, y, "LinearRegression.loss")
        return nn.functional.mse_loss(y_hat, y)

    def get_w_b(self) -> tuple[Tensor, Tensor]:
        """Weights of shape (1, d) and bias of shape (1,)."""
        return self.net.weight.data, self.net.bias.data
