# %% [markdown]
# # The bias of descent
#
# Among infinitely many solutions, which one does the optimiser choose?
#
# $Xw = b$ with fewer equations than unknowns has many solutions: to each of them any $v$ with
# $Xv = 0$ can be added, and nothing that is measured changes. Such $v$ make up the **null space** of
# $X$. Everything else lies in the **row space**, in which vectors are $X^\top u$; both are
# perpendicular. So the shortest solution is the one without any part in the null space,
# $w = X^\top (X X^\top)^{-1} b$ where the rows are independent.
#
# For tall $X$ there is mostly no solution, and $(X^\top X)^{-1} X^\top b$ is what comes nearest.
# Each formula inverts a matrix that is singular where the other one belongs. The pseudo-inverse
# $X^+$, made of the singular values that are not zero, does both: $w = X^+ b$.
#
# Descent on $\lVert Xw - b \rVert^2$ takes steps $X^\top(\dots)$, all of them in the row space.
# What the start has in the null space stays as it is, for ever. From zero, therefore, descent ends
# at the shortest solution, and nobody has asked for it: that is its bias. A penalty
# $\lambda \lVert w \rVert^2$ is something else. It comes near that solution for small $\lambda$
# and reaches it only in the limit.
#
# When all works, compare `gd` from zero, after many steps, with `least_norm`.
#
# Write these functions:
#
# - `least_norm(X, b)`
# - `gradient(X, b, w)`
# - `gd(X, b, w0, steps, lr)`
#
# Then save, and let them be checked: `gramian lab check implicit-bias FILE`.

# %%
import numpy as np

# %% [markdown]
# ## least_norm
#
# `np.linalg` may help.

# %%
def least_norm(X: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of all w (d,) with the least ||Xw - b||, the one of least norm, for any X (n, d)."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    kept = s > s.max() * max(X.shape) * np.finfo(X.dtype).eps
    return Vt[kept].T @ ((U[:, kept].T @ b) / s[kept])

# %%
try:
    print(least_norm(np.array([[1.0, 2.0]]), np.array([1.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gradient

# %%
def gradient(X: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The gradient (d,) of ||Xw - b||² at w (d,), for X (n, d) and b (n,)."""
    return 2 * X.T @ (X @ w - b)

# %%
try:
    print(gradient(np.array([[1.0, 2.0]]), np.array([1.0]), np.array([1.0, 1.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gd
#
# Use `gradient`.

# %%
def gd(X: np.ndarray, b: np.ndarray, w0: np.ndarray, steps: int, lr: float) -> np.ndarray:
    """w (d,) after so many steps of gradient descent on ||Xw - b||² from w0, at the rate lr."""
    w = w0
    for _ in range(steps):
        w = w - lr * gradient(X, b, w)
    return w

# %%
try:
    print(gd(np.array([[1.0, 2.0]]), np.array([1.0]), np.zeros(2), 100, 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run implicit-bias --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "implicit-bias", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
