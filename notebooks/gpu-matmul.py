# %% [markdown]
# # A clock that waits
#
# What does a device change: time, digits?
#
# A GPU has a queue. Handing over work takes no time to speak of, and the call comes back at once;
# whoever reads the clock then has measured nothing. `synchronize()` waits until the queue is empty.
#
# The device of this exercise is a model of one: it has `clock()`, `synchronize()` and `put(x)`, and
# its seconds pass only where it is used. So every right way to measure gives one number.
#
# Write these functions:
#
# - `timed(f, device)`
# - `timed_on(f, x, device)`
# - `to_device(x, d)`
#
# Then save, and let them be checked: `gramian lab check gpu-matmul FILE`.

# %%
from collections.abc import Callable
from typing import Any

import torch

# %% [markdown]
# ## timed

# %%
def timed(f: Callable, device: Any) -> float:
    """Seconds that one call f() takes on the device, until its work is done.

    device.clock() gives seconds, device.synchronize() waits until the queue is empty. Calls of f
    come back at once. The first one sets up and does not count; others may have left work in the
    queue, which does not count either.
    """
    raise NotImplementedError("timed is not written yet")

# %% [markdown]
# ## timed_on
#
# Use `timed`.

# %%
def timed_on(f: Callable, x: torch.Tensor, device: Any) -> float:
    """Seconds of one call f(y), where y = device.put(x) lies on the device; put does not count."""
    raise NotImplementedError("timed_on is not written yet")

# %% [markdown]
# ## to_device

# %%
def to_device(x: Any, d: torch.device) -> Any:
    """x with every tensor on device d: a tensor, or lists, tuples and dicts of such at any depth.

    Everything else stays as it is.
    """
    raise NotImplementedError("to_device is not written yet")

# %%
try:
    print(to_device([torch.ones(2), "text"], torch.device("meta")))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run gpu-matmul --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "gpu-matmul", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
