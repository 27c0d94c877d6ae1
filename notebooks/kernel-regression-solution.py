# %% [markdown]
# # From a line to a curve
#
# What do intercept, ridge and a kernel each change?
#
# **Ridge.** Least squares with a price $\lambda \|w\|^2$ on the weights has one solution, however
# few rows or however alike the columns are. The intercept only says where zero is, and carries no
# price: for columns and targets whose means are taken off, it vanishes.
#
# **Dual form.** Without an intercept, and for $\lambda > 0$, the weights are $w = X^\top \alpha$
# with $(X X^\top + \lambda I)\, \alpha = y$. Predictions then need inner products of rows alone.
#
# **Kernel.** Put $k(x, t) = e^{-\|x - t\|^2 / 2\sigma^2}$ in the place of every inner product, and
# the line becomes a curve: $f(x) = \sum_i \alpha_i\, k(x, x_i)$, where the coefficients solve
# $(K + \lambda I)\, \alpha = y$.
#
# **Left one out.** A flexible model can fit anything, so it is judged on rows that it has not seen:
# each row in turn is predicted by a fit to the others. The fitted values are linear in the targets,
# $\hat y = H y$. That saves the $n$ fits: the error of row $i$ without itself is
# $(y_i - \hat y_i) / (1 - H_{ii})$.
#
# Write these functions:
#
# - `ridge(X, y, lam)`
# - `gram(X, T, sigma)`
# - `krr_fit(X, y, sigma, lam)`
# - `krr_predict(X, alpha, new, sigma)`
# - `loo(X, y, sigma, lam)`
#
# Then save, and let them be checked: `gramian lab check kernel-regression FILE`.

# %%
import numpy as np

# %% [markdown]
# ## ridge

# %%
def ridge(X: np.ndarray, y: np.ndarray, lam: float) -> tuple:
    """Weights w (d,) and intercept b with the least ||y - X w - b||^2 + lam ||w||^2.

    X is (n, d), y is (n,), and lam > 0. The intercept is free: lam does not pull at it.
    """
    centre, level = X.mean(axis=0), y.mean()
    A = X - centre
    w = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1], dtype=X.dtype), A.T @ (y - level))
    return w, level - centre @ w

# %%
try:
    print(ridge(np.array([[2.0], [4.0], [6.0]]), np.array([1.0, 2.0, 4.0]), 0.5))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gram

# %%
def gram(X: np.ndarray, T: np.ndarray, sigma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / (2 sigma^2)) for rows of X (n, d) and T (m, d)."""
    squared = ((X[:, None, :] - T[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-squared / (2 * sigma**2))

# %%
try:
    print(gram(np.array([[0.0]]), np.array([[0.0], [1.0]]), 1.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## krr_fit
#
# Use `gram`.

# %%
def krr_fit(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> np.ndarray:
    """The coefficients alpha (n,) of kernel ridge regression: (K + lam I) alpha = y.

    K is the table of `gram` for the rows of X (n, d) among themselves, y is (n,), and lam > 0.
    """
    K = gram(X, X, sigma)
    return np.linalg.solve(K + lam * np.eye(len(X), dtype=X.dtype), y)

# %%
try:
    print(krr_fit(np.array([[0.0], [1.0]]), np.array([1.0, -1.0]), 1.0, 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## krr_predict
#
# Use `gram`.

# %%
def krr_predict(X: np.ndarray, alpha: np.ndarray, new: np.ndarray, sigma: float) -> np.ndarray:
    """The predictions (m,) for the rows of new (m, d), from training rows X (n, d) and alpha (n,).

    A prediction is the sum of the coefficients, each times the kernel of new row and training row.
    """
    return gram(new, X, sigma) @ alpha

# %%
try:
    print(krr_predict(np.array([[0.0]]), np.array([2.0]), np.array([[0.5]]), 1.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## loo
#
# Use `krr_fit` and `krr_predict` in a loop over the rows, or the matrix $H$.

# %%
def loo(X: np.ndarray, y: np.ndarray, sigma: float, lam: float) -> float:
    """The mean squared error of n predictions, each from a fit without the row that it predicts.

    X is (n, d), y is (n,), n > 1. Each fit is that of `krr_fit` on the n - 1 other rows.
    """
    K = gram(X, X, sigma)
    H = np.linalg.solve(K + lam * np.eye(len(X), dtype=X.dtype), K).T  # fitted values are H y
    return (((y - H @ y) / (1 - np.diag(H))) ** 2).mean()

# %%
try:
    print(loo(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 0.0]), 1.0, 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run kernel-regression --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "kernel-regression", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
