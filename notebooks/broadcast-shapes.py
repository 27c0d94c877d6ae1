# %% [markdown]
# # Which shapes combine?
#
# Which shapes combine, to what, and does it cost memory?
#
# Arrays of different shapes can be added: shapes are aligned **at their last axes**, missing axes
# count as size 1, and an axis of size 1 stretches to whatever it meets. Nothing is copied: a
# stretched axis has stride 0.
#
# Two sizes that differ, and of which neither is 1, do not combine.
#
# Write these functions:
#
# - `broadcast_shape(a, b)`
# - `explain(a, b)`
#
# Then save, and let them be checked: `gramian lab check broadcast-shapes FILE`.

# %%
import numpy as np

# %% [markdown]
# ## broadcast_shape

# %%
def broadcast_shape(a: tuple, b: tuple) -> tuple | None:
    """The shape that arrays of shapes a and b combine to, or None where they do not."""
    raise NotImplementedError("broadcast_shape is not written yet")

# %%
try:
    print(broadcast_shape((4, 1), (3, 1, 1, 5)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## explain

# %%
def explain(a: tuple, b: tuple) -> int | None:
    """The axis where shapes a and b disagree, counted from the right: -1 is the last one.

    Of several the one nearest to the right; None where the shapes combine.
    """
    raise NotImplementedError("explain is not written yet")

# %%
try:
    print(explain((3, 1, 3), (2, 3, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run broadcast-shapes --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "broadcast-shapes", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
