"""The matrix of a Newton step, as products."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.kernel_methods.classifiers._losses import Root
from gramian.kernel_methods.kernel._table import KernelTable
from gramian.linalg import DenseOperator

__all__ = ["ScaledKernel"]


class ScaledKernel:
    """Sᵀ (K + shift 1 1ᵀ) S among some rows, on all problems in one long vector.

    It counts as float64 even where K is float32: then K is the matrix of a step, not a truth.
    """

    dtype = torch.float64

    def __init__(self, kernel: KernelTable | DenseOperator, root: Root, shift: Tensor) -> None:
        self.kernel, self.root, self.shift = kernel, root, shift
        self.device = kernel.device
        self.shape = (root.weights.numel(),) * 2

    def __matmul__(self, v: Tensor) -> Tensor:
        inside = self.root.times(v.reshape(self.root.weights.shape))
        product = (self.kernel @ inside.to(self.kernel.dtype)).double()
        product += self.shift * inside.sum(0)
        return self.root.adjoint(product).reshape(-1, 1)

    def double(self) -> ScaledKernel:
        return self
