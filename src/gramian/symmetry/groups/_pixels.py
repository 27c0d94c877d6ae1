"""Actions on vectors and on flattened images that move entries and nothing else."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._validation import check_choice, check_int
from gramian.symmetry.groups._action import PermutationAction
from gramian.symmetry.groups._named import Cyclic, Dihedral, Product

__all__ = ["cyclic_shifts", "pixel_flips", "pixel_shifts", "pixel_turns", "square_symmetries"]


def cyclic_shifts(n: int) -> PermutationAction:
    """C_n on vectors of n entries: element k moves entry i to i + k mod n, as ``torch.roll`` does.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    action : PermutationAction

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import cyclic_shifts
    >>> cyclic_shifts(4).apply(1, torch.tensor([1.0, 2.0, 3.0, 4.0]))
    tensor([4., 1., 2., 3.])
    """
    check_int(n, "n", "cyclic_shifts", low=1)
    return Cyclic(n).natural()


def pixel_shifts(height: int, width: int) -> PermutationAction:
    """C_height × C_width on flattened images: (dy, dx) moves down and right, around the edges.

    Parameters
    ----------
    height, width : int
        Pixels, at least 1 each. The element (dy, dx) has the number dx + width · dy.

    Returns
    -------
    action : PermutationAction

    Notes
    -----
    8 · (height · width)² bytes: 5 MB for 28 × 28 pixels.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import pixel_shifts
    >>> image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> pixel_shifts(2, 2).apply(1, image.flatten()).reshape(2, 2)
    tensor([[2., 1.],
            [4., 3.]])
    """
    for name, value in (("height", height), ("width", width)):
        check_int(value, name, "pixel_shifts", low=1)
    return Product(Cyclic(height), Cyclic(width)).natural()


def pixel_turns(size: int) -> PermutationAction:
    """C_4 on flattened square images: element k is k quarter turns, as ``torch.rot90`` turns.

    Parameters
    ----------
    size : int
        Height and width in pixels, at least 1.

    Returns
    -------
    action : PermutationAction

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import pixel_turns
    >>> image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> pixel_turns(2).apply(1, image.flatten()).reshape(2, 2)
    tensor([[2., 4.],
            [1., 3.]])
    """
    check_int(size, "size", "pixel_turns", low=1)
    pixels = torch.arange(size * size).reshape(size, size)
    turned = [torch.rot90(pixels, -k) for k in range(4)]  # where a pixel goes, not whence it comes
    return PermutationAction(Cyclic(4), _flat(turned))


def pixel_flips(height: int, width: int, axis: str = "both") -> PermutationAction:
    """Mirror images of flattened images.

    Parameters
    ----------
    height, width : int
        Pixels, at least 1 each.
    axis : {"horizontal", "vertical", "both"}, default="both"
        "horizontal" swaps left and right, "vertical" top and bottom: C_2 with the flip as element
        1. "both" is C_2 × C_2: 1 is horizontal, 2 vertical, 3 both, a half turn.

    Returns
    -------
    action : PermutationAction

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import pixel_flips
    >>> image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> pixel_flips(2, 2, "vertical").apply(1, image.flatten()).reshape(2, 2)
    tensor([[3., 4.],
            [1., 2.]])
    """
    for name, value in (("height", height), ("width", width)):
        check_int(value, name, "pixel_flips", low=1)
    check_choice(axis, "axis", "pixel_flips", ("horizontal", "vertical", "both"))
    pixels = torch.arange(height * width).reshape(height, width)
    flips = {"horizontal": pixels.fliplr(), "vertical": pixels.flipud()}
    if axis != "both":
        return PermutationAction(Cyclic(2), _flat([pixels, flips[axis]]))
    group = Product(Cyclic(2), Cyclic(2))
    return PermutationAction(group, _flat([pixels, *flips.values(), pixels.flip(0, 1)]))


def square_symmetries(size: int) -> PermutationAction:
    """D_4 on flattened square images: the quarter turns, then each after a vertical flip.

    Parameters
    ----------
    size : int
        Height and width in pixels, at least 1.

    Returns
    -------
    action : PermutationAction
        Element k < 4 is k quarter turns as `pixel_turns` counts them; 4 + k flips top and bottom
        first.

    Examples
    --------
    >>> from gramian.symmetry import square_symmetries
    >>> square_symmetries(28)
    <PermutationAction of D4 on 784 entries>
    """
    check_int(size, "size", "square_symmetries", low=1)
    pixels = torch.arange(size * size).reshape(size, size)
    turned = [torch.rot90(pixels, -k) for k in range(4)]
    mirrored = [turn.flipud() for turn in turned]  # destination of the pixel that a flip put there
    return PermutationAction(Dihedral(4), _flat([*turned, *mirrored]))


def _flat(images: list[Tensor]) -> Tensor:
    """Tables of pixel numbers as rows."""
    return torch.stack([image.flatten() for image in images])
