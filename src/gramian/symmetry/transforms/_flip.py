"""Mirror images."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gramian._validation import as_generator, check_choice, check_int, check_real
from gramian.symmetry.transforms._base import ImageTransform
from gramian.symmetry.transforms._parameters import check_images, rows_of

__all__ = ["Flip"]

_AXES = {"horizontal": (-1,), "vertical": (-2,), "both": (-2, -1)}


class Flip(ImageTransform):
    """Mirrors images, all of them or those that are named.

    Parameters
    ----------
    axis : {"horizontal", "vertical", "both"}, default="horizontal"
        "horizontal" swaps left and right, "vertical" top and bottom; "both" is a half turn.
    where : bool or Tensor of shape (n,), bool, default=True
        Which images to mirror; True: all of them.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind.

    Notes
    -----
    Moves whole pixels, in any dtype; its own inverse.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Flip
    >>> x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]).expand(2, 2, 2)
    >>> Flip("vertical", where=[False, True])(x)
    tensor([[[1., 2.],
             [3., 4.]],
    <BLANKLINE>
            [[3., 4.],
             [1., 2.]]])
    """

    def __init__(self, axis: str = "horizontal", where: Any = True) -> None:
        self.axis = check_choice(axis, "axis", "Flip", _AXES)
        mask = torch.as_tensor(where)
        if mask.dtype != torch.bool or mask.ndim > 1 or mask.numel() == 0:
            raise TypeError(
                f"Flip: where must be a bool or one for each image, "
                f"got shape {tuple(mask.shape)} of {mask.dtype}."
            )
        self.where = mask
        self.n_samples = len(mask) if mask.ndim else None

    @classmethod
    def random(
        cls, n: int, axis: str = "horizontal", *, probability: float = 0.5, random_state: Any = None
    ) -> Flip:
        """Each of n images mirrored with a probability, on its own.

        Examples
        --------
        >>> from gramian.symmetry import Flip
        >>> Flip.random(1000, random_state=0).n_samples
        1000
        """
        check_int(n, "n", "Flip.random", low=1)
        check_real(probability, "probability", "Flip.random", low=0, high=1)
        rng = as_generator(random_state, "Flip.random")
        return cls(axis, torch.rand(n, dtype=torch.float64, generator=rng) < probability)

    @property
    def inverse(self) -> Flip:
        return self

    @property
    def group(self) -> str:
        return "C2" if bool(self.where.any()) else "C1"

    def __getitem__(self, rows: Any) -> Flip:
        return Flip(self.axis, rows_of(self.where, rows))

    def is_exact(self, height: int, width: int) -> Tensor:
        return torch.ones(self.n_samples or 1, dtype=torch.bool)

    def __call__(self, x: Tensor) -> Tensor:
        check_images(x, self.n_samples, "Flip")
        mirrored = x.flip(_AXES[self.axis])
        where = self.where.to(x.device).reshape(-1, *[1] * (x.ndim - 1))
        return torch.where(where, mirrored, x)

    def _merged(self, first: ImageTransform) -> Flip | None:
        if not isinstance(first, Flip) or first.axis != self.axis:
            return None
        return Flip(self.axis, self.where ^ first.where)

    def __repr__(self) -> str:
        some = "" if self.n_samples is None else f", <{self.n_samples}>"
        return f"Flip({self.axis!r}{some})"
