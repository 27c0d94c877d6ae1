"""Transforms that say where each pixel comes from: whole ones are moved, others interpolated."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from gramian.symmetry.transforms._base import ImageTransform
from gramian.symmetry.transforms._parameters import check_images

__all__ = ["PixelTransform"]

_BLOCK = 1 << 20
"""Pixels that are moved at once: their places take 8 MB."""


class PixelTransform(ImageTransform):
    """A transform given by the place in the image that each pixel's value is taken from.

    Attributes
    ----------
    fill : float
        Value of what comes from outside the image.
    """

    fill: float = 0.0

    @abstractmethod
    def __getitem__(self, rows: Any) -> PixelTransform: ...

    @abstractmethod
    def _move(self, x: Tensor) -> Tensor:
        """Images (n, c, h, w), whole pixels moved; those that are not exact are not read."""

    @abstractmethod
    def _interpolate(self, x: Tensor) -> Tensor:
        """Floating images (n, c, h, w), all of them interpolated."""

    def __call__(self, x: Tensor) -> Tensor:
        check_images(x, self.n_samples, type(self).__name__)
        exact = bool(self.is_exact(*x.shape[-2:]).all())
        if not x.dtype.is_floating_point and not (exact and self.fill.is_integer()):
            raise TypeError(
                f"{type(self).__name__}: x must be floating to be interpolated, or filled with "
                f"{self.fill:g}, got {x.dtype}. Convert it with x.float()."
            )
        images = x if x.ndim == 4 else x[:, None]
        step = max(1, _BLOCK // (x.shape[-2] * x.shape[-1]))
        if len(x) <= step:
            return self._transform(images).reshape(x.shape)
        blocks = [slice(first, first + step) for first in range(0, len(x), step)]
        return torch.cat([self[b]._transform(images[b]) for b in blocks]).reshape(x.shape)

    def _transform(self, x: Tensor) -> Tensor:
        """Images (n, c, h, w), moved where that is exact and interpolated elsewhere."""
        exact = self.is_exact(x.shape[2], x.shape[3])
        if bool(exact.all()):
            return self._move(x)
        # torch interpolates neither float16 nor bfloat16 on a CPU
        result = self._interpolate(x.float() if x.dtype.itemsize < 4 else x).to(x.dtype)
        if bool(exact.any()):
            chosen = exact.to(x.device)[:, None, None, None]
            result = torch.where(chosen, self._move(x), result)
        return result
