"""Translations and rotations by any real amount, differentiable in it.

Both move the waves that an image is made of, and wrap around its edges.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from gramian._validation import check_int
from gramian.symmetry.transforms._fourier import shifted, turned

__all__ = ["rotation_flow", "translation_flow"]

Flow = Callable[[Tensor, Tensor], Tensor]


def translation_flow(axis: int = -1) -> Flow:
    """The flow that moves a batch along one axis by t entries, wrapping around.

    Parameters
    ----------
    axis : int, default=-1
        Negative: which axis from the end is moved.

    Returns
    -------
    flow : callable
        Maps a floating tensor and a scalar tensor t to a tensor of the same shape. At whole t a
        cyclic shift.

    Raises
    ------
    TypeError, ValueError
        If `axis` is not a negative int.

    Notes
    -----
    A phase for each frequency: O(n log n) along the axis.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import translation_flow
    >>> flow = translation_flow()
    >>> flow(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor(1.0)).round(decimals=4)
    tensor([[4., 1., 2., 3.]])
    """
    check_int(axis, "axis", "translation_flow", high=-1)

    def flow(x: Tensor, t: Tensor) -> Tensor:
        return shifted(x, t.reshape([1] * x.ndim), axis)

    return flow


def rotation_flow() -> Flow:
    """The flow that turns square images counter-clockwise by t radians about their centre.

    Returns
    -------
    flow : callable
        Maps a floating tensor of shape (n, c, s, s) and a scalar tensor t in [−π/4, π/4] to a
        tensor of the same shape. What leaves at a side comes in at the other one, so images
        should be empty outside their inscribed disc.

    Notes
    -----
    Three shears, each a shift of rows or columns by a phase: O(s² log s) for each image.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import rotation_flow
    >>> image = torch.zeros(1, 1, 9, 9)
    >>> image[0, 0, 4, 8] = 1.0
    >>> turned = rotation_flow()(image, torch.tensor(torch.pi / 4))
    >>> divmod(int(turned.argmax()), 9)
    (1, 7)
    """

    def flow(x: Tensor, t: Tensor) -> Tensor:
        return turned(x, t.reshape(1))

    return flow
