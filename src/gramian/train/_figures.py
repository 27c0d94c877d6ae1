"""Quick pictures: lines and images, shown at once in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gramian.train._faces import show_figure

__all__ = ["plot", "show_images"]

_FORMATS = ("-", "m--", "g-.", "r:")


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] = (),
    xlim: Sequence[float] | None = None,
    ylim: Sequence[float] | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = _FORMATS,
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> Any:
    """Draw one or several lines.

    Parameters
    ----------
    X : array, or sequence of arrays, of shape (m,)
        Abscissae, one array for all lines or one for each. With `Y` None: the ordinates, over
        their index.
    Y : array, or sequence of arrays, default=None
    xlabel, ylabel : str, default=None
    legend : sequence of str, default=()
    xlim, ylim : pair of float, default=None
    xscale, yscale : str, default="linear"
    fmts : sequence of str
        matplotlib's formats, taken in turn.
    figsize : pair of float, default=(3.5, 2.5)
        Inches, for a figure of its own.
    axes : matplotlib Axes, default=None
        Where to draw; cleared first.

    Returns
    -------
    axes : matplotlib Axes
        ``axes.figure`` is the figure, to be saved.

    Raises
    ------
    ValueError
        If the numbers of abscissae and lines disagree.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import plot
    >>> x = torch.linspace(0, 1, 5)
    >>> len(plot(x, [x, x**2], legend=["x", "x²"]).lines)
    2
    """
    from gramian.plot import style

    ys = _lines(X if Y is None else Y)
    xs = [np.arange(len(y)) for y in ys] if Y is None else _lines(X)
    if len(xs) == 1:
        xs = xs * len(ys)
    if len(xs) != len(ys):
        raise ValueError(f"plot: X must hold 1 or {len(ys)} lines, as Y does, got {len(xs)}.")
    if axes is None:
        axes = style.figure(*figsize).add_subplot()
    axes.cla()
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        axes.plot(x, y, fmts[i % len(fmts)])
    limits: dict[str, Any] = {"xlim": xlim, "ylim": ylim, "xlabel": xlabel, "ylabel": ylabel}
    axes.set(xscale=xscale, yscale=yscale, **{k: v for k, v in limits.items() if v is not None})
    if legend:
        axes.legend(legend)
    axes.grid()
    show_figure(axes.figure)
    return axes


def _lines(value: Any) -> list[np.ndarray]:
    """One array per line."""
    several = isinstance(value, list | tuple) and len(value) > 0 and np.ndim(_array(value[0])) > 0
    rows = [_array(row) for row in value] if several else [_array(value)]
    if len(rows) == 1 and rows[0].ndim == 2:
        rows = list(rows[0])
    return rows


def _array(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def show_images(
    imgs: Any,
    num_rows: int,
    num_cols: int,
    titles: Sequence[str] | None = None,
    scale: float = 1.5,
) -> Any:
    """Draw grey images in a grid, on one brightness scale.

    Parameters
    ----------
    imgs : array or tensor of shape (n, height, width), or (n, 1, height, width)
        At most ``num_rows * num_cols`` are drawn.
    num_rows, num_cols : int
    titles : sequence of str, default=None
    scale : float, default=1.5
        Inches of one image.

    Returns
    -------
    axes : ndarray of matplotlib Axes, shape (num_rows * num_cols,)

    Examples
    --------
    >>> import torch
    >>> from gramian.train import show_images
    >>> axes = show_images(torch.rand(3, 28, 28), 1, 3, titles=["a", "b", "c"])
    >>> [ax.get_title() for ax in axes]
    ['a', 'b', 'c']
    """
    from gramian.plot import style

    pixels = [np.squeeze(_array(image)) for image in imgs][: num_rows * num_cols]
    figure = style.figure(num_cols * scale, num_rows * scale * (1.25 if titles else 1.0))
    axes: np.ndarray = figure.subplots(num_rows, num_cols, squeeze=False).flatten()
    low = min((float(p.min()) for p in pixels), default=0.0)
    high = max((float(p.max()) for p in pixels), default=1.0)
    for i, ax in enumerate(axes):
        ax.set_axis_off()
        if i < len(pixels):
            ax.imshow(pixels[i], cmap=style.current().images, vmin=low, vmax=high)
            if titles is not None and i < len(titles):
                ax.set_title(str(titles[i]).replace("$", r"\$"), fontsize=9)
    show_figure(figure)
    return axes
