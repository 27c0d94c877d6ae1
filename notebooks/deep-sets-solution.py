# %% [markdown]
# # Layers for sets
#
# Which layers commute with permutations?
#
# The entries of a set have no order. A map $f$ from rows of $d$ entries to rows of $d$ entries fits
# if it is **equivariant**: $f(\pi x) = \pi f(x)$ for every permutation $\pi$ of the entries. Among
# matrices only $\lambda I + \gamma 11^\top$ are: one number on the diagonal, one everywhere else.
#
# Comparing sorted outputs is no test: sorting itself would pass.
#
# Write these functions:
#
# - `layer(x, lam, gam)`
# - `is_equivariant(f, x)`
#
# Then save, and let them be checked: `gramian lab check deep-sets FILE`.

# %%
from collections.abc import Callable

import numpy as np

# %% [markdown]
# ## layer

# %%
def layer(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    """mish(x W) for rows x (n, d), where W has gam everywhere and lam more on the diagonal.

    mish(z) = z tanh(log(1 + e^z)), also where e^z overflows.
    """
    z = lam * x + gam * x.sum(axis=1, keepdims=True)
    return (z * np.tanh(np.logaddexp(0, z))).astype(x.dtype)

# %%
try:
    print(layer(np.array([[1.0, 2.0, -1.0]]), 0.25, 0.4))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## is_equivariant
#
# `f` is a function that you can call on rows.

# %%
def is_equivariant(f: Callable, x: np.ndarray) -> bool:
    """Whether f, from rows (n, d) to rows (n, d), commutes with every permutation of the entries.

    Judged on the rows of x, to 1e-8.
    """
    right = f(x)
    # exchanges of neighbours make up every permutation
    for i in range(x.shape[1] - 1):
        order = np.arange(x.shape[1])
        order[[i, i + 1]] = order[[i + 1, i]]
        if np.abs(f(x[:, order]) - right[:, order]).max() > 1e-8:
            return False
    return True

# %%
try:
    print(is_equivariant(lambda x: 2 * x, np.array([[1.0, 2.0, 3.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run deep-sets --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "deep-sets", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
