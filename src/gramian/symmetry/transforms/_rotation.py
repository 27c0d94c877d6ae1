"""Turning images about their centre."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gramian._validation import as_generator, check_int, check_real
from gramian.symmetry.transforms._base import ImageTransform
from gramian.symmetry.transforms._fourier import turned
from gramian.symmetry.transforms._parameters import as_parameter, check_interpolation, rows_of
from gramian.symmetry.transforms._pixel_transform import PixelTransform
from gramian.symmetry.transforms._pixels import centred_plane, interpolated, moved, to_edges

__all__ = ["Rotation"]

_LARGEST_CYCLIC = 360
"""Angles that are no multiples of 360/n degrees for an n up to this count as any angle."""


class Rotation(PixelTransform):
    """Turns each image about its centre, counter-clockwise, as ``torch.rot90`` does.

    Parameters
    ----------
    degrees : float or Tensor of shape (n,)
        One angle for all images, or one for each.
    fill : float, default=0.0
        Value of what comes from outside the image.
    interpolation : {"bilinear", "bicubic", "nearest", "fourier"}, default="bilinear"
        "fourier" keeps what turns out of the image: it comes in at the opposite edge, so that
        nothing is filled and turning back undoes it, but for waves at the limit of the pixels.
        For square images.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind, or not finite.

    Notes
    -----
    Multiples of 90° of square images move whole pixels and lose nothing, in any dtype. Others take
    each pixel's value between its neighbours, in O(1) per pixel; places are rounded to the dtype
    of the images, at least float32. Corners leave the image: `inscribed_disc` is what stays.
    ``Rotation(a) @ Rotation(b)`` turns once, by a + b.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Rotation
    >>> x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]).expand(2, 2, 2)
    >>> Rotation([0.0, 90.0])(x)
    tensor([[[1., 2.],
             [3., 4.]],
    <BLANKLINE>
            [[2., 4.],
             [1., 3.]]])
    >>> Rotation(30.0).group, Rotation([0.0, 90.0]).group, Rotation(0.123).group
    ('C12', 'C4', 'SO(2)')
    """

    def __init__(self, degrees: Any, *, fill: float = 0.0, interpolation: str = "bilinear") -> None:
        self.degrees = as_parameter(degrees, "degrees", "Rotation")
        self.fill, self.interpolation = check_interpolation(fill, interpolation, "Rotation")
        self.n_samples = len(self.degrees) if self.degrees.ndim else None

    @classmethod
    def random(
        cls,
        n: int,
        low: float = 0.0,
        high: float = 360.0,
        *,
        fill: float = 0.0,
        interpolation: str = "bilinear",
        random_state: Any = None,
    ) -> Rotation:
        """An angle for each of n images, uniform in [low, high) degrees.

        Examples
        --------
        >>> from gramian.symmetry import Rotation
        >>> Rotation.random(1000, -15.0, 15.0, random_state=0).n_samples
        1000
        """
        check_int(n, "n", "Rotation.random", low=1)
        check_real(low, "low", "Rotation.random")
        check_real(high, "high", "Rotation.random", low=low)
        rng = as_generator(random_state, "Rotation.random")
        share = torch.rand(n, dtype=torch.float64, generator=rng)
        return cls(low + (high - low) * share, fill=fill, interpolation=interpolation)

    @property
    def inverse(self) -> Rotation:
        return self._with(-self.degrees)

    @property
    def group(self) -> str:
        turns = self.degrees.detach().double() / 360
        for n in range(1, _LARGEST_CYCLIC + 1):
            if bool(((n * turns - (n * turns).round()).abs() < 1e-9).all()):
                return f"C{n}"
        return "SO(2)"

    def __getitem__(self, rows: Any) -> Rotation:
        return self._with(rows_of(self.degrees, rows))

    def is_exact(self, height: int, width: int) -> Tensor:
        turns_whole = (self.degrees.detach().cpu() % 90 == 0).reshape(-1)
        if height != width or self.degrees.requires_grad:
            return torch.zeros_like(turns_whole)
        return turns_whole

    def _move(self, x: Tensor) -> Tensor:
        pixels = torch.arange(x[0, 0].numel(), device=x.device).reshape(x.shape[2:])
        turned_pixels = torch.stack([torch.rot90(pixels, k) for k in range(4)])
        quarters = (self.degrees.detach().reshape(-1).to(x.device) // 90 % 4).long()
        return moved(x, turned_pixels[quarters])

    def _interpolate(self, x: Tensor) -> Tensor:
        if self.interpolation == "fourier":
            return self._sheared(x)
        angle = (self.degrees * (math.pi / 180)).reshape(-1, 1, 1).to(x)
        # y points downwards, so the place that comes to z is z · exp(iθ)
        turn = torch.polar(torch.ones_like(angle), angle)
        height, width = x.shape[2:]
        plane = centred_plane(height, width, like=x)
        if height == width:  # then the unit may be changed first, where that is cheap
            places = turn * to_edges(plane, height, width)
        else:
            places = to_edges(turn * plane, height, width)
        return interpolated(x, places, self.fill, self.interpolation)

    def _sheared(self, x: Tensor) -> Tensor:
        """Whole quarter turns, then shears for the rest of at most an eighth."""
        height, width = x.shape[2:]
        if height != width:
            raise ValueError(
                f"Rotation: x must be square for interpolation='fourier', got {height} x {width}."
            )
        quarters = (self.degrees.detach() / 90).round()
        rest = (self.degrees - 90 * quarters) * (math.pi / 180)
        whole = self._with(90 * quarters)._move(x)
        return turned(whole, rest.reshape(-1).to(x))

    def _with(self, degrees: Tensor) -> Rotation:
        return Rotation(degrees, fill=self.fill, interpolation=self.interpolation)

    def _merged(self, first: ImageTransform) -> Rotation | None:
        if not isinstance(first, Rotation):
            return None
        alike = (self.fill, self.interpolation) == (first.fill, first.interpolation)
        return self._with(self.degrees + first.degrees) if alike else None

    def __repr__(self) -> str:
        shown = f"{float(self.degrees):g}" if self.n_samples is None else f"<{self.n_samples}>"
        return f"Rotation({shown})"
