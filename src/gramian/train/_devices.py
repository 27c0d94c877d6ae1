"""Short names for devices."""

from __future__ import annotations

import os
import warnings

import torch

from gramian._validation import check_int

__all__ = ["cpu", "gpu", "gpus_for", "num_gpus"]


def cpu() -> torch.device:
    """The processor.

    Examples
    --------
    >>> from gramian.train import cpu
    >>> cpu()
    device(type='cpu')
    """
    return torch.device("cpu")


def gpu(i: int = 0) -> torch.device:
    """The i-th graphics processor, whether or not the machine has it.

    Examples
    --------
    >>> from gramian.train import gpu
    >>> gpu(1)
    device(type='cuda', index=1)
    """
    return torch.device("cuda", check_int(i, "i", "gpu", low=0))


def num_gpus() -> int:
    """How many graphics processors torch can use here."""
    return torch.cuda.device_count()


def gpus_for(wanted: int) -> list[torch.device]:
    """The GPU of this process if one is wanted; a warning and none where torch finds none."""
    if wanted and not num_gpus():
        warnings.warn(
            "Trainer: num_gpus=1 but torch finds no GPU; training on the processor.", stacklevel=3
        )
        return []
    return [gpu(int(os.environ.get("LOCAL_RANK", "0")))] if wanted else []
