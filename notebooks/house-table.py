# %% [markdown]
# # A table with gaps
#
# How does a table with gaps become tensors?
#
# A file of houses has gaps. Numbers that are missing are filled with the mean of those that are
# there; a text becomes one column for each of its values, and one that says that it is missing. The
# target is never filled: an invented price would be learned like a real one.
#
# What is computed from the data, the mean and the list of roofs, comes from the rows to learn from
# alone, and is used for all later rows.
#
# Write these functions:
#
# - `prepare_like(train, test)`
# - `prepare(rows)`
#
# Then save, and let them be checked: `gramian lab check house-table FILE`.

# %%
import numpy as np

# %% [markdown]
# ## prepare_like

# %%
def prepare_like(train: list, test: list) -> tuple:
    """X (n, 2 + r) and y (n,), both float64, from the rows of test, lists [rooms, roof, price].

    "NA" is a missing value; spaces around a text mean nothing. Columns of X: the rooms, a missing
    one filled with the mean of those in train (0 where there are none); for each of the r roofs in
    train, in alphabetical order, whether it is this one; whether the roof is missing. A roof that
    train lacks is not missing. y holds the prices; a missing price stays missing: NaN.
    """
    raise NotImplementedError("prepare_like is not written yet")

# %%
try:
    print(prepare_like([["2", "Slate", "1"]], [["NA", "Reed", "2"]]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## prepare

# %%
def prepare(rows: list) -> tuple:
    """The same for rows that are all there is: mean and roofs are their own."""
    raise NotImplementedError("prepare is not written yet")

# %%
try:
    print(prepare([["NA", "NA", "127500"], ["2", "Slate", "106000"]]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run house-table --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "house-table", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
