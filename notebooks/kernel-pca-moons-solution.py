# %% [markdown]
# # Components of a kernel
#
# Does one kernel component separate what no linear one can?
#
# PCA finds the directions in which points spread most. Kernel PCA does so for **features**
# $\varphi(x)$ that nobody writes down: all it needs is the table $K$ of their inner products.
#
# The features have a mean, and it must go first. Taking it off each feature changes the table to
# $K - 1K - K1 + 1K1$, where all entries of the matrix $1$ are $1/n$: the means of the columns, the
# means of the rows, and the mean of all, which was taken off twice. A picture hardly shows a mistake
# here, the sums of the rows do.
#
# If $v$ is an eigenvector of the centred table, of length 1 and with eigenvalue $\lambda$, then
# $\sum_i v_i \varphi(x_i) / \sqrt{\lambda}$ is a direction of length 1, and the points lie along
# it at $\sqrt{\lambda}\, v$. A new point is compared with the training points, centred by
# **their** means, and summed with the same weights.
#
# Write these functions:
#
# - `centre(K)`
# - `kpca(X, gamma, k)`
# - `project(X, new, gamma, k)`
#
# Then save, and let them be checked: `gramian lab check kernel-pca-moons FILE`.

# %%
import numpy as np

# %%
gamma = 15.0

# %% [markdown]
# ## centre

# %%
def centre(K: np.ndarray) -> np.ndarray:
    """The table K (n, n) of a kernel, as if the mean of all features was taken off each of them.

    K is symmetric, and so is the result; all its rows sum to 0.
    """
    return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()

# %%
try:
    print(centre(np.array([[1.0, 0.5], [0.5, 2.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## kpca
#
# Use `centre`. `np.linalg.eigh` is for symmetric tables.

# %%
def kpca(X: np.ndarray, gamma: float, k: int) -> np.ndarray:
    """The first k components (n, k) of the rows of X (n, d), for exp(-gamma ||x - t||^2).

    Column j holds what the rows are along direction j of feature space: the eigenvector of the
    centred table with the j-th largest eigenvalue, times the root of this eigenvalue. The sign of
    a column is free.
    """
    squared = ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)
    values, vectors = np.linalg.eigh(centre(np.exp(-gamma * squared)))  # rising eigenvalues
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return vectors * np.sqrt(np.maximum(values, 0))

# %%
try:
    print(kpca(np.array([[0.0], [1.0], [3.0]]), 0.5, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## project
#
# Use `centre` for the training rows.

# %%
def project(X: np.ndarray, new: np.ndarray, gamma: float, k: int) -> np.ndarray:
    """The rows of new (m, d) on the first k components of X (n, d), as (m, k).

    Each new row is treated alone: what is taken off are means of the training rows. The rows of X
    themselves would get what `kpca` gives them; the sign of a column is free.
    """

    def kernel(A: np.ndarray, B: np.ndarray) -> np.ndarray:
        return np.exp(-gamma * ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2))

    K, N = kernel(X, X), kernel(new, X)
    centred = N - N.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()
    values, vectors = np.linalg.eigh(centre(K))
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return centred @ vectors / np.sqrt(values)

# %%
try:
    print(project(np.array([[0.0], [1.0], [3.0]]), np.array([[2.0]]), 0.5, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run kernel-pca-moons --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "kernel-pca-moons", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
