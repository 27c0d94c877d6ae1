"""What a turn keeps of an image."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._validation import check_int

__all__ = ["inscribed_disc"]


def inscribed_disc(height: int, width: int) -> Tensor:
    """The pixels that no turn about the centre moves out of the image.

    Parameters
    ----------
    height, width : int
        Pixels, at least 1 each.

    Returns
    -------
    disc : Tensor of shape (height, width), bool
        Those at most (min(height, width) − 1) / 2 pixels from the centre.

    Examples
    --------
    >>> from gramian.symmetry import inscribed_disc
    >>> inscribed_disc(3, 3).int().tolist()
    [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    >>> int(inscribed_disc(28, 28).sum())
    560
    """
    for name, value in (("height", height), ("width", width)):
        check_int(value, name, "inscribed_disc", low=1)
    # twice the distances from the centre are whole numbers
    y, x = 2 * torch.arange(height) - (height - 1), 2 * torch.arange(width) - (width - 1)
    return y[:, None] ** 2 + x**2 <= (min(height, width) - 1) ** 2
