"""Blurring mean shift: the rows themselves move to the local means of each other.

Source: K. Fukunaga, L. D. Hostetler, "The estimation of the gradient of a density function, with
applications in pattern recognition", IEEE Trans. Information Theory 21(1), 1975; M. Á.
Carreira-Perpiñán, "Fast nonparametric clustering with Gaussian blurring mean-shift", ICML 2006.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.cluster._ascent import Watch
from gramian.cluster._choose_mean import local_mean

__all__ = ["blur"]


def blur(
    x: Tensor,
    weights: Tensor | None,
    bandwidth: float,
    kernel: str,
    *,
    batch_size: int,
    threshold: float,
    max_iter: int,
    watch: Watch | None = None,
) -> tuple[Tensor, Tensor, int]:
    """Move the rows until none moves by more than ``threshold``.

    Parameters
    ----------
    x : Tensor of shape (n, d)
    weights : Tensor of shape (n,), optional
    bandwidth, kernel
        As `local_mean` takes them.
    batch_size : int
        Rows that move at the same time. The next ones already see where those have moved to, so
        that the result depends on their number and on the order of the rows, unless all move at
        once.
    threshold : float
    max_iter : int
        Further sweeps over the rows after the first.
    watch : callable, optional
        As `climb` takes it.

    Returns
    -------
    ends : Tensor of shape (n, d)
    mass : Tensor of shape (n,), float64
        The weight that the last mean of each row averaged.
    n_iter : int
        Further sweeps.
    """
    now, n_iter = x.clone(), 0
    mass = torch.empty(len(x), dtype=torch.float64, device=x.device)
    while True:
        before = now.clone()
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            now[rows], mass[rows] = local_mean(kernel, now, weights, bandwidth)(now[rows])
        moved = torch.linalg.vector_norm(now.double() - before.double(), dim=1)
        n_moving = int((moved > threshold).sum())
        stopped = watch is not None and watch(n_iter, n_moving, now.clone)
        if stopped or not n_moving or n_iter == max_iter:
            return now, mass, n_iter
        n_iter += 1
