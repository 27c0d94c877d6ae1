"""The points of the clustering labs, whose modes and counts are published."""

from __future__ import annotations

import numpy as np
import torch

__all__ = ["lab_points"]


def lab_points() -> tuple[torch.Tensor, np.ndarray]:
    """Four blobs of 256 points, and which blob each is of."""
    with torch.random.fork_rng():
        torch.manual_seed(42)
        centers = torch.rand(4, 2) * 70 - 35
        covariance = torch.diag(torch.tensor([5.0, 5.0]))
        normal = torch.distributions.MultivariateNormal
        X = torch.cat([normal(center, covariance).sample((256,)) for center in centers])
    return X, np.repeat(np.arange(4), 256)
