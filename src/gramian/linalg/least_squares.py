"""Least squares on a dense table: the minimum-norm solution for any shape and rank."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._validation import check_real

__all__ = ["check_right", "lstsq"]


@torch.no_grad()
def lstsq(A: Tensor, b: Tensor, *, rcond: float | None = None) -> tuple[Tensor, int, Tensor]:
    """The vector of least norm among those that minimise ‖A x − b‖.

    Parameters
    ----------
    A : Tensor of shape (n, d), float32 or float64
        Any shape and rank, on any device.
    b : Tensor of shape (n,) or (n, r), dtype and device of ``A``
    rcond : float, optional
        Singular values up to ``rcond`` times the largest count as zero; max(n, d) times the
        machine epsilon of the dtype if not given.

    Returns
    -------
    solution : Tensor of shape (d,) or (d, r)
    rank : int
    singular_values : Tensor of shape (min(n, d),)
        Falling.

    Raises
    ------
    TypeError, ValueError
        If shapes, dtypes or devices do not fit, or a number is not finite.

    Notes
    -----
    A Householder QR where n > d, then a singular value decomposition of the triangle: backward
    stable, O(n d min(n, d)) time, and one copy of ``A``. Driver-dependent rank-deficient solvers
    (``torch.linalg.lstsq`` on CUDA has none) are not used. Results carry no gradients.

    References
    ----------
    .. [1] G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed., 2013, section 5.5.

    Examples
    --------
    >>> import torch
    >>> solution, rank, _ = lstsq(torch.ones(2, 2), torch.tensor([1.0, 3.0]))
    >>> rank
    1
    >>> torch.allclose(solution, torch.ones(2))
    True
    """
    _check_system(A, b, "lstsq")
    n, d = A.shape
    if rcond is None:
        rcond = max(n, d) * torch.finfo(A.dtype).eps
    cut = check_real(rcond, "rcond", "lstsq", low=0.0, high=1.0)
    right = b[:, None] if b.ndim == 1 else b
    # powers of two change no digit and keep squares inside the range
    scale = torch.exp2(torch.floor(torch.log2(A.abs().amax().clamp_min(torch.finfo(A.dtype).tiny))))
    triangle = A / scale
    if n > d:
        basis, triangle = torch.linalg.qr(triangle)
        right = basis.T @ right
    left, values, rows = torch.linalg.svd(triangle, full_matrices=False)
    rank = int((values > cut * values[0]).sum())
    inside = (left[:, :rank].T @ right) / values[:rank, None]
    solution = (rows[:rank].T @ inside) / scale
    return (solution[:, 0] if b.ndim == 1 else solution), rank, values * scale


def check_right(b: Tensor, caller: str) -> None:
    """Right-hand sides are finite vectors or columns."""
    if b.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{caller}: b must be float32 or float64, got {b.dtype}.")
    if b.ndim not in (1, 2) or 0 in b.shape:
        raise ValueError(f"{caller}: b must have shape (n,) or (n, r), got {tuple(b.shape)}.")
    if not bool(torch.isfinite(b).all()):
        raise ValueError(f"{caller}: b must be finite, got NaN or infinity.")


def _check_system(A: Tensor, b: Tensor, caller: str) -> None:
    """A dense system whose sides fit."""
    check_right(b, caller)
    if A.ndim != 2 or 0 in A.shape:
        raise ValueError(f"{caller}: A must have shape (n, d), got {tuple(A.shape)}.")
    pairs: tuple[tuple[str, object, object], ...] = (
        ("as many rows as", len(A), len(b)),
        ("the dtype of", A.dtype, b.dtype),
        ("the device of", A.device, b.device),
    )
    for what, left, right in pairs:
        if left != right:
            raise ValueError(f"{caller}: b must have {what} A ({left}), got {right}.")
    if not bool(torch.isfinite(A).all()):
        raise ValueError(f"{caller}: A must be finite, got NaN or infinity.")
