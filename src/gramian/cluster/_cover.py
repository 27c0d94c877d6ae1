"""Near-duplicates among centres: of each group, the one that ranks first stays."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.gram import Gram
from gramian.pairwise import Euclidean

__all__ = ["greedy_cover", "ranked"]

_BLOCK = 256


def ranked(centers: Tensor, strength: Tensor) -> Tensor:
    """Order of falling strength; ties by falling coordinates, the first feature first."""
    order = torch.arange(len(centers), device=centers.device)
    for key in (*reversed(centers.unbind(1)), strength):
        order = order[key[order].argsort(stable=True, descending=True)]
    return order


def greedy_cover(centers: Tensor, radius: float) -> Tensor:
    """Which rows stay if each, in turn, removes all later ones within ``radius`` of it.

    Returns
    -------
    Tensor of shape (k,), int64
        Rising.
    """
    left = torch.arange(len(centers), device=centers.device)
    kept: list[Tensor] = []
    while len(left):
        block, left = left[:_BLOCK], left[_BLOCK:]
        indptr, indices, _ = Gram(centers[block], kernel=Euclidean()).neighbors(radius)
        near, ends = indices.cpu(), indptr.tolist()
        stays = torch.ones(len(block), dtype=torch.bool)
        for i in range(len(block)):
            if stays[i]:
                stays[near[ends[i] : ends[i + 1]]] = False
                stays[i] = True
        chosen = block[stays.to(block.device)]
        kept.append(chosen)
        if len(left):
            covered = Gram(centers[left], centers[chosen], Euclidean()).count(radius) > 0
            left = left[~covered]
    return torch.cat(kept)
