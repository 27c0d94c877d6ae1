"""The first two principal axes of a table, in float64, chunk by chunk."""

from __future__ import annotations

import numpy as np
import torch

from gramian.plot._arrays import row_chunks


class PrincipalPlane:
    """Mean, two axes with fixed signs and their shares of the variance.

    The covariance is summed over chunks of rows, O(n d²) time and O(d²) memory; a table with
    fewer rows than features goes through its n × n inner products instead. The entry of an axis
    that is largest in size is positive, so that the picture does not flip between runs.
    """

    def __init__(self, X: np.ndarray) -> None:
        n, d = X.shape
        total = sum(_double(X[rows]).sum(0) for rows in row_chunks(X))
        self.mean = torch.as_tensor(total) / n
        if n < d:
            centred = _double(X) - self.mean
            values, vectors = torch.linalg.eigh(centred @ centred.T)
            axes = centred.T @ vectors[:, -2:]
            axes = axes / axes.norm(dim=0).clamp_min(torch.finfo(torch.float64).tiny)
        else:
            scatter = torch.zeros(d, d, dtype=torch.float64)
            for rows in row_chunks(X):
                centred = _double(X[rows]) - self.mean
                scatter.addmm_(centred.T, centred)
            values, vectors = torch.linalg.eigh(scatter)
            axes = vectors[:, -2:]
        values = values.clamp_min(0)
        axes, values, variance = axes.flip(1), values.flip(0)[:2], values.sum()
        if axes.shape[1] < 2:
            axes = torch.nn.functional.pad(axes, (0, 2 - axes.shape[1]))
            values = torch.nn.functional.pad(values, (0, 2 - len(values)))
        peak = axes.gather(0, axes.abs().argmax(0, keepdim=True))
        self.axes = torch.where(peak < 0, -axes, axes)
        shares = values / variance if variance > 0 else torch.zeros(2, dtype=torch.float64)
        self.shares = (float(shares[0]), float(shares[1]))

    def project(self, X: np.ndarray) -> np.ndarray:
        """Rows in the plane, float64 of shape (n, 2)."""
        parts = [(_double(X[rows]) - self.mean) @ self.axes for rows in row_chunks(X)]
        return torch.cat(parts).numpy()


def _double(block: np.ndarray) -> torch.Tensor:
    """A block of rows as a float64 tensor of its own."""
    return torch.from_numpy(np.array(block, dtype=np.float64))
