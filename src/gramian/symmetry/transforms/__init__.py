"""Transforms of batches of images, with parameters of its own for each image, and an inverse."""

from gramian.symmetry.transforms._base import Composition, ImageTransform
from gramian.symmetry.transforms._disc import inscribed_disc
from gramian.symmetry.transforms._flip import Flip
from gramian.symmetry.transforms._rotation import Rotation
from gramian.symmetry.transforms._translation import Translation

__all__ = ["Composition", "Flip", "ImageTransform", "Rotation", "Translation", "inscribed_disc"]
