# %% [markdown]
# # A kernel from a distance
#
# Is exp(-||x - t||^2 / gamma) a kernel, and which gamma is meant?
#
# A Gaussian kernel turns a squared distance into a similarity between 0 and 1:
# $k(x, t) = e^{-\|x - t\|^2 / \gamma}$. Here $\gamma$ **divides**. Other texts multiply by it,
# and others again write $2\sigma^2$ for it: read the formula before you compare numbers.
#
# Write these functions:
#
# - `rbf(X, T, gamma)`
#
# Then save, and let them be checked: `gramian lab check rbf-kernel FILE`.

# %%
import numpy as np

# %%
gamma = 2.0

# %% [markdown]
# ## rbf

# %%
def rbf(X: np.ndarray, T: np.ndarray, gamma: float) -> np.ndarray:
    """The table (n, m) of exp(-||x_i - t_j||^2 / gamma) for rows of X (n, d) and T (m, d)."""
    raise NotImplementedError("rbf is not written yet")

# %%
try:
    print(rbf(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]), gamma))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run rbf-kernel --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "rbf-kernel", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
