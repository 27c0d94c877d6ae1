"""Parts of Lloyd's iteration that no fit shows by itself."""

from __future__ import annotations

import torch

from gramian.cluster._lloyd import same_clustering


def test_same_clustering_is_blind_to_names() -> None:
    labels = torch.tensor([1, 0, 0, 1, 2, 0, 2, 1])
    renamed = torch.tensor([0, 2, 2, 0, 1, 2, 1, 0])
    other = torch.tensor([1, 0, 0, 2, 2, 0, 2, 1])
    assert same_clustering(labels, labels, 3)
    assert same_clustering(labels, renamed, 3)
    assert not same_clustering(labels, other, 3)
