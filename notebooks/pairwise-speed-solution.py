# %% [markdown]
# # Squared distances, three ways
#
# What do loops, broadcasting and the expanded product cost in time, memory and digits?
#
# Clustering, kernels and nearest neighbours all start from one table: the squared distances
# $d_{ij} = \|x_i - t_j\|^2$ between $n$ rows of `X` and $m$ rows of `T`.
#
# Two loops are slow, because Python runs $n m$ times. Broadcasting pairs all rows in one
# expression, but holds all $n m d$ differences at once. Since
# $\|x - t\|^2 = \|x\|^2 + \|t\|^2 - 2\,x \cdot t$, one matrix product does it in $n m$
# entries. Its price is digits: large numbers cancel.
#
# Write these functions:
#
# - `sqdist_loops(X, T)`
# - `sqdist_broadcast(X, T)`
# - `sqdist_expanded(X, T)`
#
# Then save, and let them be checked: `gramian lab check pairwise-speed FILE`.

# %%
import numpy as np

# %% [markdown]
# ## sqdist_loops

# %%
def sqdist_loops(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The table (n, m) of ||x_i - t_j||^2 for rows of X (n, d) and T (m, d), by two loops."""
    D = np.empty((len(X), len(T)), dtype=X.dtype)
    for i in range(len(X)):
        for j in range(len(T)):
            D[i, j] = ((X[i] - T[j]) ** 2).sum()
    return D

# %%
try:
    print(sqdist_loops(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## sqdist_broadcast
#
# `X[:, None, :]` has shape $(n, 1, d)$. Which shape must `T` get?

# %%
def sqdist_broadcast(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The same table without a loop, from the differences of all pairs."""
    return ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)

# %%
try:
    print(sqdist_broadcast(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## sqdist_expanded
#
# Far from the origin the three terms are large, and their sum is small.

# %%
def sqdist_expanded(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The same table from ||x||^2 + ||t||^2 - 2 x.t, never negative, with nothing of n m d entries.

    Subtract the mean of T from both first: distances stay, and fewer digits cancel.
    """
    centre = T.mean(axis=0)
    X, T = X - centre, T - centre
    D = (X**2).sum(axis=1)[:, None] + (T**2).sum(axis=1)[None, :] - 2 * X @ T.T
    return np.maximum(D, 0)

# %%
try:
    print(sqdist_expanded(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run pairwise-speed --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "pairwise-speed", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
