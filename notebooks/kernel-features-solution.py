# %% [markdown]
# # Kernels are inner products
#
# Is the kernel the inner product of explicit features?
#
# A kernel $k(x, t)$ compares two points as if each was first sent to a longer vector of
# **features**: $k(x, t) = \varphi(x) \cdot \varphi(t)$. Methods that need only inner products can
# then work with $k$ and never write $\varphi$ down.
#
# For $(1 + x \cdot t)^2$ the features follow from multiplying out. In two dimensions
# $(1 + x_1 t_1 + x_2 t_2)^2$ has nine terms, of which some are equal: a product that occurs twice
# needs a factor in front, and a factor of the kernel is shared by $\varphi(x)$ and $\varphi(t)$.
#
# The Gaussian kernel on the line is $e^{-x^2/2\sigma^2}\, e^{-t^2/2\sigma^2}\, e^{xt/\sigma^2}$.
# Its last factor is a series, $\sum_i (xt/\sigma^2)^i / i!$, and each term is a product of
# something of $x$ and the same of $t$: infinitely many features. With the first $m$ of them the
# kernel is right near the origin only. How far, is what the lab measures.
#
# Write these functions:
#
# - `quadratic_kernel(X, T)`
# - `quadratic_features(X)`
# - `gaussian_kernel(X, T, sigma)`
# - `gaussian_features(x, sigma, m)`
#
# Then save, and let them be checked: `gramian lab check kernel-features FILE`.

# %%
import numpy as np

# %%
sigma = 10.0

# %% [markdown]
# ## quadratic_kernel

# %%
def quadratic_kernel(X: np.ndarray, T: np.ndarray) -> np.ndarray:
    """The table (n, m) of (1 + x_i . t_j)^2 for rows of X (n, d) and T (m, d)."""
    return (1 + X @ T.T) ** 2

# %%
try:
    print(quadratic_kernel(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 0.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## quadratic_features
#
# Take $(1 + x \cdot t)^2$ apart into products of something of $x$ and the same of $t$.

# %%
def quadratic_features(X: np.ndarray) -> np.ndarray:
    """Features (n, p) of the rows of X (n, d) whose inner products are the quadratic kernel.

    As few as will do for every X: 1, every entry, every square, and every product of two entries,
    each times what the kernel asks for. The order of the columns is free.
    """
    d = X.shape[1]
    i, j = np.triu_indices(d, k=1)
    root = np.sqrt(2).astype(X.dtype)
    return np.hstack([np.ones_like(X[:, :1]), root * X, X**2, root * X[:, i] * X[:, j]])

# %%
try:
    print(quadratic_features(np.array([[1.0, 2.0], [0.0, 3.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gaussian_kernel

# %%
def gaussian_kernel(X: np.ndarray, T: np.ndarray, sigma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / (2 sigma^2)) for rows of X (n, d) and T (m, d)."""
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-squared / (2 * sigma**2))

# %%
try:
    print(gaussian_kernel(np.array([[0.0]]), np.array([[0.0], [10.0]]), sigma))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gaussian_features
#
# Two neighbouring features have a simple quotient.

# %%
def gaussian_features(x: np.ndarray, sigma: float, m: int) -> np.ndarray:
    """The first m features (n, m) of numbers x (n,), in the float type of x.

    Column i = 0, ..., m - 1 holds exp(-x^2 / (2 sigma^2)) (x / sigma)^i / sqrt(i!). Powers and
    factorials may be too large for a float where the feature is not.
    """
    first = np.exp(-(x**2) / (2 * sigma**2))
    # each feature is the one before, times x / (sigma sqrt(i))
    ratios = x[:, None] / (sigma * np.sqrt(np.arange(1, m)))
    return np.cumprod(np.hstack([first[:, None], ratios]), axis=1).astype(x.dtype)

# %%
try:
    print(gaussian_features(np.array([0.0, 5.0]), sigma, 4))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run kernel-features --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "kernel-features", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
