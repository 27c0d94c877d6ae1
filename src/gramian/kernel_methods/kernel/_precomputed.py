"""What a precomputed kernel matrix must be."""

from __future__ import annotations

import torch

from gramian._input import Rows

__all__ = ["check_kernel_matrix"]

_ASYMMETRY = 1e-5
"""Part of the largest entry by which opposite ones may differ."""


def check_kernel_matrix(rows: Rows, caller: str) -> None:
    """Refuse a matrix that is not square, or not symmetric once it is centred.

    What is added to whole rows or columns is allowed: centring takes it off.
    """
    n, m = rows.shape
    if n != m:
        raise ValueError(
            f"{caller}: X must be square for kernel='precomputed', got {n} rows and {m} columns."
        )
    index = torch.arange(n, device=rows.device)
    row_means, column_means, largest = [], torch.zeros(n, dtype=torch.float64), 0.0
    column_means = column_means.to(rows.device)
    for span in rows.spans():
        block = rows.take(span).double()
        row_means.append(block.mean(1))
        column_means += block.sum(0) / n
        largest = max(largest, float(block.abs().max()))
    lean = torch.cat(row_means) - column_means  # mean over j of K_ij − K_ji
    for span in rows.spans():
        opposite = _columns(rows, index[span]).double().T
        gap = rows.take(span).double() - opposite - lean[span, None] + lean
        worst = float(gap.abs().max())
        if worst > _ASYMMETRY * largest:
            raise ValueError(
                f"{caller}: X must be symmetric for kernel='precomputed', up to what centring "
                f"takes off, got opposite entries that differ by {worst:g} beside {largest:g}. "
                "Pass (X + X.T) / 2."
            )


def _columns(rows: Rows, j: torch.Tensor) -> torch.Tensor:
    """Columns of a table, dense."""
    if rows.tensor is not None:
        return rows.tensor[:, j]
    return torch.from_numpy(rows.given[:, j.cpu().numpy()].toarray())
