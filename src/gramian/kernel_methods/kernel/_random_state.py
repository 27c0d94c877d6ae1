"""NumPy generators for what is drawn as scikit-learn draws it, number for number."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
import torch

from gramian._validation import check_int

__all__ = ["Randomness", "as_random_state"]

Randomness = np.random.RandomState | np.random.Generator


def as_random_state(random_state: Any, caller: str) -> Randomness:
    """A NumPy generator from whatever the user passed as ``random_state``.

    None draws fresh entropy; an int seeds a ``RandomState``, as in scikit-learn; a torch generator
    is advanced by one draw, which seeds one; a NumPy generator is used as it is.
    """
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return random_state
    if random_state is None:
        return np.random.RandomState(secrets.randbits(32))
    if isinstance(random_state, torch.Generator):
        drawn = torch.randint(2**32, (), generator=random_state, device=random_state.device)
        return np.random.RandomState(int(drawn))
    remedy = "Pass None, an int, a NumPy generator or a torch.Generator."
    seed = check_int(random_state, "random_state", caller, low=0, high=2**32 - 1, remedy=remedy)
    return np.random.RandomState(seed)
