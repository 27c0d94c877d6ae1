"""What all image transforms share: one parameter per image, an inverse, and a product."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from torch import Tensor

__all__ = ["Composition", "ImageTransform"]


class ImageTransform(ABC):
    """A map of batches of images, with parameters of its own for each image or one for all.

    Called with images (n, h, w) or (n, c, h, w), it returns as many of the same shape. `inverse`
    is a transform too, and ``g @ h`` does h first. ``g[rows]`` is the transform for ``x[rows]``.

    Attributes
    ----------
    n_samples : int or None
        Images that it has parameters for; None: one transform for any number of images.
    """

    n_samples: int | None
    __iter__ = None  # or Python would try g[0], g[1], … without an end

    @property
    @abstractmethod
    def inverse(self) -> ImageTransform:
        """The transform that undoes this one, up to interpolation and to what left the image."""

    @property
    @abstractmethod
    def group(self) -> str:
        """The least named group that holds this transform of every image, e.g. ``"C4"``."""

    @abstractmethod
    def __getitem__(self, rows: Any) -> ImageTransform:
        """The transform of some of the images, by a slice, a mask or a tensor of numbers.

        ``g[3]`` is that of image 3, for any number of images.
        """

    @abstractmethod
    def is_exact(self, height: int, width: int) -> Tensor:
        """Which images only have whole pixels moved, (n_samples or 1,), bool.

        Those are never interpolated, and keep every value to the last bit, in any dtype.
        """

    @abstractmethod
    def __call__(self, x: Tensor) -> Tensor:
        """The transformed images.

        Parameters
        ----------
        x : Tensor of shape (n, h, w) or (n, c, h, w)
            Never modified. Integers only where every image `is_exact`.

        Returns
        -------
        moved : Tensor of the shape, dtype and device of ``x``
            Differentiable in ``x``, and in the parameters where they ask for gradients.

        Raises
        ------
        TypeError
            If pixels would have to be interpolated and are whole numbers.
        ValueError
            If the shape is another, or n is not `n_samples`.
        """

    def __matmul__(self, first: ImageTransform) -> ImageTransform:
        """The transform that does ``first`` and then this one."""
        if not isinstance(first, ImageTransform):
            return NotImplemented
        _common_count((self, first), type(self).__name__)
        return self._merged(first) or Composition(self, first)

    def _merged(self, first: ImageTransform) -> ImageTransform | None:
        """One transform of this kind for both, if there is one."""
        return None

    def floor(self, x: Tensor) -> float:
        """What going there and back costs: g⁻¹(g(x)) − x against the distance between images.

        Parameters
        ----------
        x : Tensor of shape (n, h, w) or (n, c, h, w), floating
            At least two images that are not all equal.

        Returns
        -------
        ratio : float
            Root mean square distance between an image and g⁻¹(g(image)), over that between two
            different images. 0 where nothing is interpolated and nothing leaves the image.

        Raises
        ------
        ValueError
            If there are no two different images.

        Notes
        -----
        A network cannot look more invariant than its input allows: compare with this number. The
        mean square distance over all pairs is 2n/(n − 1) times the variance, so it takes O(n).

        Examples
        --------
        >>> import torch
        >>> from gramian.symmetry import Rotation
        >>> x = torch.rand(10, 28, 28, generator=torch.Generator().manual_seed(0))
        >>> Rotation(90.0).floor(x), Rotation(45.0).floor(x) > 0.3
        (0.0, True)
        """
        caller = f"{type(self).__name__}.floor"
        back = self.inverse(self(x))
        if not x.dtype.is_floating_point:
            raise TypeError(f"{caller}: x must be floating, got {x.dtype}.")
        lost = (back - x).double().square().sum() / len(x)
        flat = x.double().flatten(1)
        between = 2 * (flat - flat.mean(0)).square().sum() / max(len(x) - 1, 1)
        if not bool(between > 0):
            raise ValueError(
                f"{caller}: x must hold at least two different images, got {len(x)} without any "
                f"difference."
            )
        return float((lost / between).sqrt())


class Composition(ImageTransform):
    """Transforms one after the other, the last of them first, as ``g @ h`` makes it.

    Parameters
    ----------
    *transforms : ImageTransform
        At least one. Applied from the right to the left.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Flip, Rotation
    >>> g = Flip("vertical") @ Rotation(90.0)
    >>> x = torch.arange(4.0).reshape(1, 2, 2)
    >>> torch.equal(g.inverse(g(x)), x)
    True
    """

    def __init__(self, *transforms: ImageTransform) -> None:
        if not transforms:
            raise ValueError("Composition: transforms must be at least one, got none.")
        self.transforms = transforms
        self.n_samples = _common_count(transforms, "Composition")

    @property
    def inverse(self) -> Composition:
        return Composition(*(g.inverse for g in reversed(self.transforms)))

    @property
    def group(self) -> str:
        return " and ".join(dict.fromkeys(g.group for g in self.transforms))

    def __getitem__(self, rows: Any) -> Composition:
        return Composition(*(g[rows] for g in self.transforms))

    def is_exact(self, height: int, width: int) -> Tensor:
        exact = self.transforms[0].is_exact(height, width)
        for g in self.transforms[1:]:
            exact = exact & g.is_exact(height, width)
        return exact

    def __call__(self, x: Tensor) -> Tensor:
        for g in reversed(self.transforms):
            x = g(x)
        return x

    def __repr__(self) -> str:
        return " @ ".join(map(repr, self.transforms))


def _common_count(transforms: Sequence[ImageTransform], caller: str) -> int | None:
    """For how many images all of them are."""
    counts = [g.n_samples for g in transforms if g.n_samples is not None]
    if len(set(counts)) > 1:
        raise ValueError(
            f"{caller}: transforms must be for as many images each, "
            f"got {' and '.join(map(str, counts))}."
        )
    return counts[0] if counts else None
