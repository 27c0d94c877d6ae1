"""Convolutions that wrap around the edges, so that they commute with cyclic shifts."""

from __future__ import annotations

from torch import nn

from gramian._validation import check_int

__all__ = ["CircularConv1d", "CircularConv2d"]


class _Circular(nn.Module):
    """What makes one of torch's convolutions circular: stride 1, "same" size, around the edges."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        sizes = {
            "in_channels": in_channels,
            "out_channels": out_channels,
            "kernel_size": kernel_size,
            "dilation": dilation,
            "groups": groups,
        }
        for name, value in sizes.items():
            check_int(value, name, type(self).__name__, low=1)
        super().__init__(**sizes, bias=bias, padding="same", padding_mode="circular")


class CircularConv1d(_Circular, nn.Conv1d):
    """`torch.nn.Conv1d` on a circle: every cyclic shift of the input shifts the output as far.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        The padding, half of dilation · (kernel_size − 1) on each side, must fit the input's length.
    dilation, groups : int, default=1
    bias : bool, default=True

    Notes
    -----
    Stride 1, "same" size, circular padding: the three that equivariance needs. A stride, or zeros
    at the edges, would break it silently. It holds up to the order in which torch sums.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import CircularConv1d
    >>> layer, x = CircularConv1d(1, 4, kernel_size=3), torch.rand(2, 1, 12)
    >>> torch.allclose(layer(x.roll(5, -1)), layer(x).roll(5, -1), atol=1e-6)
    True
    """


class CircularConv2d(_Circular, nn.Conv2d):
    """`torch.nn.Conv2d` on a torus: every cyclic shift of the image shifts the output as far.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Height and width. The padding must fit the image, as in `CircularConv1d`.
    dilation, groups : int, default=1
    bias : bool, default=True

    Notes
    -----
    As `CircularConv1d`. With a global pool after it, a network of such layers is invariant to
    cyclic shifts.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import CircularConv2d, Translation
    >>> layer, x = CircularConv2d(1, 4, kernel_size=3), torch.rand(2, 1, 8, 8)
    >>> g = Translation(2, -3, wrap=True)
    >>> torch.allclose(layer(g(x)), g(layer(x)), atol=1e-6)
    True
    """
