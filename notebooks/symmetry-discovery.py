# %% [markdown]
# # From a table of products to a group of the data
#
# Can the Gramian of learned weights reveal the group of the data?
#
# If the rows of $W$ are the orbit of one vector under a group, entry $(i, j)$ of $G = WW^\top$
# depends on $g_i^{-1}g_j$ alone. So all rows of $G$ have the same entries in some order. The reverse
# is wrong: a ring of three beside a ring of four has equal sorted rows, and no group moves one into
# the other.
#
# A penalty on sorted rows can make such a $G$ for **any** data. Whether the group is one of the data
# is seen on data alone: does its generator send the set to itself, and every label to itself?
#
# Write these functions:
#
# - `orbits(n, radii)`
# - `sorted_row_loss(G)`
# - `is_group_matrix(G)`
# - `preserves(generator, X, y)`
#
# Then save, and let them be checked: `gramian lab check symmetry-discovery FILE`.

# %%
from itertools import permutations

import numpy as np

# %% [markdown]
# ## orbits

# %%
def orbits(n: int, radii: list) -> tuple:
    """The points of n turns on a circle of each radius, and the number of each point's circle.

    Points (n times the number of radii, 2): circle by circle, each from (r, 0) on,
    counter-clockwise, in equal steps all round. Labels are integers.
    """
    raise NotImplementedError("orbits is not written yet")

# %%
try:
    print(orbits(4, [1.0, 2.0]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## sorted_row_loss

# %%
def sorted_row_loss(G: np.ndarray) -> float:
    """How much the sorted rows of G (h, h) differ: 0 for every group matrix.

    G is divided by the mean of its diagonal. Then every row is sorted, and it is the mean squared
    difference of all entries from the mean sorted row.
    """
    raise NotImplementedError("sorted_row_loss is not written yet")

# %%
try:
    print(sorted_row_loss(np.array([[2.0, 1.0], [1.0, 3.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## is_group_matrix
#
# With at most seven rows all orders can be tried.

# %%
def is_group_matrix(G: np.ndarray) -> bool:
    """Whether the h rows of a symmetric G (h, h), h <= 7, are an orbit of a cyclic group of h.

    That is whether some order of the rows, and the same of the columns, makes G circulant up to
    1e-6: entry (i, j) depends on (j - i) modulo h alone. Where all entries off the diagonal are
    equal every order does, and no group is shown: False.
    """
    raise NotImplementedError("is_group_matrix is not written yet")

# %%
try:
    print(is_group_matrix(np.eye(3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## preserves

# %%
def preserves(generator: np.ndarray, X: np.ndarray, y: np.ndarray) -> bool:
    """Whether a map (2, 2) sends every row of X (n, 2) to a row with the same label in y (n,).

    A row x goes to generator @ x. Up to 1e-4 for every coordinate.
    """
    raise NotImplementedError("preserves is not written yet")

# %%
try:
    print(preserves(np.eye(2), np.array([[1.0, 0.0]]), np.array([0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run symmetry-discovery --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "symmetry-discovery", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
