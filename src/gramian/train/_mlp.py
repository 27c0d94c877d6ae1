"""Multilayer perceptrons, by hand, with torch's layers, and with skips."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_int, check_real
from gramian.train._checks import check_same_shape
from gramian.train._module import Classifier, Module
from gramian.train._random import generator_for

__all__ = ["MLP", "MLPScratch", "ResidualMLP"]


class MLPScratch(Classifier):
    """One hidden layer with rectified units, weights and all written out.

    Parameters
    ----------
    num_inputs, num_outputs, num_hiddens : int
    lr : float
        Learning rate of `SGD`.
    sigma : float, default=0.01
        Standard deviation of the first weights; the biases start at 0.
    random_state : None, int or generator, default=None
        Of the first weights. None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    W1, b1, W2, b2 : Parameter
        Of shapes (num_inputs, num_hiddens), (num_hiddens,), (num_hiddens, num_outputs),
        (num_outputs,).

    Examples
    --------
    >>> import torch
    >>> from gramian.train import MLPScratch
    >>> MLPScratch(784, 10, 256, lr=0.1)(torch.zeros(3, 1, 28, 28)).shape
    torch.Size([3, 10])
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        num_hiddens: int,
        lr: float,
        sigma: float = 0.01,
        *,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        check_real(sigma, "sigma", "MLPScratch", low=0)
        self.save_hyperparameters(ignore=["random_state"])
        rng = generator_for(random_state, "MLPScratch")
        self.W1 = nn.Parameter(sigma * torch.randn(num_inputs, num_hiddens, generator=rng))
        self.b1 = nn.Parameter(torch.zeros(num_hiddens))
        self.W2 = nn.Parameter(sigma * torch.randn(num_hiddens, num_outputs, generator=rng))
        self.b2 = nn.Parameter(torch.zeros(num_outputs))

    def forward(self, X: Tensor) -> Tensor:
        """Scores of shape (n, num_outputs); each row of X is flattened."""
        hidden = (X.reshape(-1, self.W1.shape[0]) @ self.W1 + self.b1).clamp_min(0)
        return hidden @ self.W2 + self.b2


class MLP(Classifier):
    """One hidden layer with rectified units over flattened inputs, from lazy layers.

    Parameters
    ----------
    num_outputs, num_hiddens : int
    lr : float
        Learning rate of `SGD`.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import MLP
    >>> MLP(10, 256, lr=0.1)(torch.zeros(3, 1, 28, 28)).shape
    torch.Size([3, 10])
    """

    def __init__(self, num_outputs: int, num_hiddens: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Flatten(), nn.LazyLinear(num_hiddens), nn.ReLU(), nn.LazyLinear(num_outputs)
        )


class ResidualMLP(Module):
    """A deep narrow net for regression: h ← h + relu(W h + b) wherever sizes match.

    Parameters
    ----------
    num_inputs : int
    num_outputs : int, default=1
    num_hiddens : int, default=50
        Width of every hidden layer.
    num_layers : int, default=8
        Hidden layers; the first has no skip, unless it is as wide as the input.
    lr : float, default=1e-3
        Learning rate of Adam.
    random_state : None, int or generator, default=None
        Of the first weights, U(−1/√fan_in, 1/√fan_in) as `nn.Linear` draws them. None:
        ``torch.manual_seed`` decides.

    Notes
    -----
    The loss is the mean squared error. Adam runs fused, several times faster than its default on
    the processor for tensors as small as these.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
       2016.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import ResidualMLP
    >>> net = ResidualMLP(6)
    >>> sum(p.numel() for p in net.parameters()), net(torch.zeros(4, 6)).shape
    (18251, torch.Size([4, 1]))
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int = 1,
        num_hiddens: int = 50,
        num_layers: int = 8,
        lr: float = 1e-3,
        *,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        check_int(num_layers, "num_layers", "ResidualMLP", low=1)
        self.save_hyperparameters(ignore=["random_state"])
        rng = generator_for(random_state, "ResidualMLP")
        sizes = [num_inputs, *[num_hiddens] * num_layers]
        self.hidden = nn.ModuleList([_linear(*pair, rng) for pair in pairwise(sizes)])
        self.output = _linear(num_hiddens, num_outputs, rng)

    def forward(self, X: Tensor) -> Tensor:
        """Predictions of shape (n, num_outputs)."""
        for layer in self.hidden:
            H = layer(X).relu()
            X = X + H if H.shape == X.shape else H
        output: Tensor = self.output(X)
        return output

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """Mean of (ŷ − y)²."""
        check_same_shape(y_hat, y, "ResidualMLP.loss")
        return nn.functional.mse_loss(y_hat, y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam with the rate ``self.lr``."""
        return torch.optim.Adam(self.parameters(), lr=self.lr, fused=True)


def _linear(fan_in: int, fan_out: int, generator: torch.Generator) -> nn.Linear:
    """A linear layer drawn from a generator by the law of `nn.Linear`."""
    layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
    bound = fan_in**-0.5
    with torch.no_grad():
        for tensor in layer.parameters():
            tensor.uniform_(-bound, bound, generator=generator)
    return layer
