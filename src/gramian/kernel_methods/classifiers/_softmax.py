"""The multinomial cross-entropy, a loss that couples the classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Softmax"]


@dataclass(frozen=True)
class _SoftmaxRoot:
    """diag(c q) (I − q qᵀ) for q = √p: its square is c² (diag(p) − p pᵀ)."""

    q: Tensor
    scale: Tensor

    @property
    def weights(self) -> Tensor:
        return self.scale * self.q

    def take(self, rows: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(self.q[rows], self.scale[rows])

    def only(self, problems: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(self.q, self.scale * problems)

    def times(self, v: Tensor) -> Tensor:
        return self.weights * self.project(v)

    def adjoint(self, v: Tensor) -> Tensor:
        return self.project(self.weights * v)

    def project(self, v: Tensor) -> Tensor:
        return v - self.q * (self.q * v).sum(1, keepdim=True)


@dataclass(frozen=True)
class Softmax:
    """log Σ_c exp(z_c) − z_y, the multinomial cross-entropy, for one-hot labels (n, k)."""

    one_hot: Tensor
    weights: Tensor
    coupled = True

    def value(self, z: Tensor) -> Tensor:
        each = torch.logsumexp(z, 1) - (self.one_hot * z).sum(1)
        return (self.weights[:, 0] * each).sum()[None]

    def gradient(self, z: Tensor) -> Tensor:
        return self.weights * (torch.softmax(z, 1) - self.one_hot)

    def root(self, z: Tensor) -> _SoftmaxRoot:
        return _SoftmaxRoot(torch.softmax(z, 1).sqrt(), self.weights.sqrt())

    def intercept(self, f: Tensor, b: Tensor) -> Tensor:
        """Newton with halved steps on the k intercepts; their mean is zero."""
        value = self.value(f + b)
        for _ in range(100):
            p = torch.softmax(f + b, 1)
            slope = (self.weights * (p - self.one_hot)).sum(0)
            if float(slope.abs().max()) <= 1e-14 * float(self.weights.sum()):
                break
            weighted = self.weights * p
            curvature = weighted.sum(0).diag() - weighted.T @ p
            # constants are free: any curvature along them gives the step of mean zero
            curvature += curvature.diagonal().mean() / len(b)
            step, size = torch.linalg.solve(curvature, slope), 1.0
            tried = self.value(f + b - step)
            while not bool(tried <= value) and size > 1e-8:
                size /= 2
                tried = self.value(f + b - size * step)
            if not bool(tried < value) and size < 1:
                break
            b, value = b - size * step, tried
        return b - b.mean()
