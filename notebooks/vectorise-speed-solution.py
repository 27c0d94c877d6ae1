# %% [markdown]
# # What a loop costs
#
# How much does the Python loop cost?
#
# In `for i in range(n): c[i] = a[i] + b[i]` Python looks up the operation, takes two objects out of
# their arrays, adds them, and puts a third one in: for every single number. `a + b` does all that
# once, and then runs through memory. The loop is not gone. It runs in compiled code, on plain
# numbers. A loop that hides in a list or behind a short name is as slow as one that shows.
#
# How much that is, a clock has to tell, and clocks mislead. A **first** call pays for things that
# later ones find ready: memory, caches, imports. A call may be **interrupted** by other work. So the
# first one is thrown away, and of many others the **median** is taken, which one slow call does not
# move.
#
# Write these functions:
#
# - `add_vectorised(a, b)`
# - `time_it(work, repeats)`
#
# Then save, and let them be checked: `gramian lab check vectorise-speed FILE`.

# %%
import time
from collections.abc import Callable

import numpy as np

# %% [markdown]
# ## add_vectorised

# %%
def add_vectorised(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sums a_i + b_i of two vectors (n,), as a new array (n,), without a loop in Python."""
    return a + b

# %%
try:
    print(add_vectorised(np.ones(3), np.arange(3.0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## time_it
#
# `work` is a function without arguments.

# %%
def time_it(work: Callable, repeats: int) -> float:
    """The median of the seconds that work() takes, over this many calls, repeats > 0.

    One call goes before, and is not timed. Seconds are those on the wall: time.perf_counter().
    """
    work()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))

# %%
try:
    print(time_it(lambda: sum(range(1000)), 5) > 0)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run vectorise-speed --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "vectorise-speed", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
