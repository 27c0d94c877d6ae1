# %% [markdown]
# # Lloyd's algorithm
#
# What does Lloyd's algorithm guarantee, and what depends on the start?
#
# k-means wants $k$ centres $t_1, \dots, t_k$ with a small sum of squared distances from every row to
# its nearest centre. Lloyd's algorithm repeats two steps, and neither can raise that sum: every row
# goes to its nearest centre, and every centre goes to the mean of its rows. It ends at a fixed point,
# which depends on the start.
#
# Write these functions:
#
# - `assign(X, T)`
# - `update(X, labels, T)`
# - `kmeans(X, idx, M, tol)`
#
# Then save, and let them be checked: `gramian lab check kmeans-blobs FILE`.

# %%
import numpy as np

# %% [markdown]
# ## assign

# %%
def assign(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """For every row of X (n, d) the number of the nearest row of T (k, d), as integers (n,).

    Of equally near ones the smallest number.
    """
    raise NotImplementedError("assign is not written yet")

# %%
try:
    print(assign(np.array([[0.0], [4.0]]), np.array([[1.0], [5.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## update

# %%
def update(X: np.ndarray, labels: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The mean of the rows of X (n, d) with each label, as (k, d).

    A label that no row has keeps its row of T (k, d).
    """
    raise NotImplementedError("update is not written yet")

# %%
try:
    print(update(np.array([[0.0], [2.0]]), np.array([0, 0]), np.zeros((2, 1))))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## kmeans
#
# Use `assign` and `update`.

# %%
def kmeans(X: np.ndarray, idx: list, M: int, tol: float) -> tuple:
    """Labels (n,) and centres (k, d), started at the rows idx of X (n, d).

    At most M times, assign the rows and update the centres; stop when every centre has moved by
    less than tol. The labels belong to the centres that are returned.
    """
    raise NotImplementedError("kmeans is not written yet")

# %%
try:
    print(kmeans(np.array([[0.0], [1.0], [8.0], [9.0]]), [0, 1], 20, 1e-6))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run kmeans-blobs --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "kmeans-blobs", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
