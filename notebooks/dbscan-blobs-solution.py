# %% [markdown]
# # Core, border and noise
#
# What exactly are core, border and noise?
#
# DBSCAN calls a row a **core** if it has enough rows around it. Cores within reach of each other
# share a cluster. A row that is no core but within reach of one is a **border** row of its cluster,
# and ends there: nothing grows through it. All others are **noise**.
#
# The words *at least* and *within* decide about rows that lie exactly on the edge.
#
# Write these functions:
#
# - `core_mask(X, eps, min_points)`
# - `dbscan(X, eps, min_points)`
#
# Then save, and let them be checked: `gramian lab check dbscan-blobs FILE`.

# %%
import numpy as np

# %% [markdown]
# ## core_mask

# %%
def core_mask(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    """Which rows of X (n, d) have at least min_points rows within eps, as booleans (n,).

    A row counts itself; a distance of exactly eps counts.
    """
    distance = np.sqrt(((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2))
    return (distance <= eps).sum(axis=1) >= min_points

# %%
try:
    print(core_mask(np.array([[0.0], [1.0], [9.0]]), 1.0, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## dbscan
#
# Use `core_mask`. Decide first who is a core, then who belongs to whom.

# %%
def dbscan(X: np.ndarray, eps: float, min_points: int) -> np.ndarray:
    """The cluster of every row of X (n, d), as integers (n,); noise is -1.

    Core rows within eps of each other share a cluster. Clusters are numbered from 0 in the order
    of their first core row. A row that is no core takes the smallest number among the clusters of
    the core rows within eps; without any it is noise.
    """
    distance = np.sqrt(((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2))
    near = distance <= eps
    core = core_mask(X, eps, min_points)
    labels = np.full(len(X), -1)
    cluster = 0
    for start in range(len(X)):
        if not core[start] or labels[start] >= 0:
            continue
        labels[start] = cluster
        waiting = [start]
        while waiting:
            row = waiting.pop()
            for other in np.flatnonzero(near[row] & (labels < 0)).tolist():
                labels[other] = cluster
                if core[other]:
                    waiting.append(other)
        cluster += 1
    return labels

# %%
try:
    print(dbscan(np.array([[0.0], [1.0], [9.0]]), 1.0, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run dbscan-blobs --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "dbscan-blobs", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
