"""Moving images down and right."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian._validation import as_generator, check_int, check_real
from gramian.symmetry.transforms._base import ImageTransform
from gramian.symmetry.transforms._fourier import shifted
from gramian.symmetry.transforms._parameters import (
    as_parameter,
    check_interpolation,
    check_together,
    rows_of,
)
from gramian.symmetry.transforms._pixel_transform import PixelTransform
from gramian.symmetry.transforms._pixels import centred_plane, interpolated, moved, to_edges

__all__ = ["Translation"]

_MARGIN = 2
"""Pixels on each side that bicubic interpolation looks at."""


class Translation(PixelTransform):
    """Moves each image down by dy and right by dx pixels.

    Parameters
    ----------
    dy, dx : float or Tensor of shape (n,), in pixels
        One shift for all images, or one for each.
    fill : float, default=0.0
        Value of what comes in at the edges.
    wrap : bool, default=False
        Whether what leaves at one edge comes in at the opposite one, as with ``torch.roll``. Then
        whole shifts are a group, C_h × C_w; else what leaves the image is lost.
    interpolation : {"bilinear", "bicubic", "nearest", "fourier"}, default="bilinear"
        "fourier" moves every wave as a whole, so that moving back undoes it, but for waves at the
        limit of the pixels. With ``wrap`` only.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind, or not finite.

    Notes
    -----
    Whole shifts move whole pixels, in any dtype; others are interpolated, in O(1) per pixel.
    ``Translation(a) @ Translation(b)`` moves once, by a + b: without ``wrap`` it keeps what would
    have left the image in between.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Translation
    >>> x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    >>> Translation(1, 0, fill=-1.0)(x)
    tensor([[[-1., -1.],
             [ 1.,  2.]]])
    >>> Translation(0, 0.5, wrap=True)(x)
    tensor([[[1.5000, 1.5000],
             [3.5000, 3.5000]]])
    """

    def __init__(
        self,
        dy: Any = 0.0,
        dx: Any = 0.0,
        *,
        fill: float = 0.0,
        wrap: bool = False,
        interpolation: str = "bilinear",
    ) -> None:
        self.dy, self.dx = (as_parameter(d, k, "Translation") for d, k in ((dy, "dy"), (dx, "dx")))
        self.n_samples = check_together(self.dy, self.dx, "dy and dx", "Translation")
        self.fill, self.interpolation = check_interpolation(fill, interpolation, "Translation")
        self.wrap = bool(wrap)
        if self.interpolation == "fourier" and not self.wrap:
            raise ValueError(
                "Translation: wrap must be True for interpolation='fourier', got False."
            )

    @classmethod
    def random(
        cls,
        n: int,
        most: float,
        *,
        whole: bool = True,
        fill: float = 0.0,
        wrap: bool = False,
        interpolation: str = "bilinear",
        random_state: Any = None,
    ) -> Translation:
        """A shift for each of n images, uniform in [−most, most] both ways, in whole pixels or not.

        Examples
        --------
        >>> from gramian.symmetry import Translation
        >>> Translation.random(1000, 4, random_state=0).group
        'Z^2'
        """
        check_int(n, "n", "Translation.random", low=1)
        check_real(most, "most", "Translation.random", low=0)
        rng = as_generator(random_state, "Translation.random")
        if whole:
            reach = int(most)
            shifts = torch.randint(-reach, reach + 1, (2, n), generator=rng).double()
        else:
            shifts = most * (2 * torch.rand(2, n, dtype=torch.float64, generator=rng) - 1)
        return cls(shifts[0], shifts[1], fill=fill, wrap=wrap, interpolation=interpolation)

    @property
    def inverse(self) -> Translation:
        return self._with(-self.dy, -self.dx)

    @property
    def group(self) -> str:
        return "Z^2" if bool(self._is_whole().all()) else "R^2"

    def __getitem__(self, rows: Any) -> Translation:
        return self._with(rows_of(self.dy, rows), rows_of(self.dx, rows))

    def is_exact(self, height: int, width: int) -> Tensor:
        whole = self._is_whole()
        differentiable = self.dy.requires_grad or self.dx.requires_grad
        return torch.zeros_like(whole) if differentiable else whole

    def _is_whole(self) -> Tensor:
        dy, dx = self.dy.detach().cpu(), self.dx.detach().cpu()
        return ((dy % 1 == 0) & (dx % 1 == 0)).reshape(-1)

    def _move(self, x: Tensor) -> Tensor:
        row, column = self._sources(x, margin=0)
        found = self._rolled(x, row, column)
        if self.wrap:
            return found
        above_or_below = (row < 0) | (row >= x.shape[2])
        beside = (column < 0) | (column >= x.shape[3])
        outside = above_or_below[:, None, :, None] | beside[:, None, None, :]
        return found.masked_fill_(outside, self.fill)

    def _sources(self, x: Tensor, margin: int) -> tuple[Tensor, Tensor]:
        """Which row and column comes to each, (n or 1, size), with margins beyond the edges."""
        whole = (d.detach().floor().long().reshape(-1, 1).to(x.device) for d in (self.dy, self.dx))
        row, column = (
            torch.arange(-margin, size + margin, device=x.device) - shift
            for size, shift in zip(x.shape[2:], whole, strict=True)
        )
        return row, column

    def _rolled(self, x: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """Images with the given rows and columns, counted around the edges."""
        height, width = x.shape[2:]
        return moved(x, (row % height * width)[:, :, None] + (column % width)[:, None, :])

    def _interpolate(self, x: Tensor) -> Tensor:
        dy, dx = (d.reshape(-1, 1, 1).to(x) for d in (self.dy, self.dx))
        if self.interpolation == "fourier":
            return shifted(shifted(x, dy[..., None], -2), dx[..., None], -1)
        plane = centred_plane(x.shape[2], x.shape[3], like=x)
        if self.wrap:  # whole pixels first, then the rest
            x = self._rolled(x, *self._sources(x, _MARGIN))
            dy, dx = dy - dy.detach().floor(), dx - dx.detach().floor()
        size = x.shape[2:]
        places = to_edges(plane, *size) - to_edges(torch.complex(dx, dy), *size)
        return interpolated(x, places, self.fill, self.interpolation)

    def _with(self, dy: Tensor, dx: Tensor) -> Translation:
        return Translation(dy, dx, fill=self.fill, wrap=self.wrap, interpolation=self.interpolation)

    def _merged(self, first: ImageTransform) -> Translation | None:
        if not isinstance(first, Translation):
            return None
        mine = (self.fill, self.wrap, self.interpolation)
        alike = mine == (first.fill, first.wrap, first.interpolation)
        return self._with(self.dy + first.dy, self.dx + first.dx) if alike else None

    def __repr__(self) -> str:
        if self.n_samples is not None:
            return f"Translation(<{self.n_samples}>)"
        return f"Translation({float(self.dy):g}, {float(self.dx):g})"
