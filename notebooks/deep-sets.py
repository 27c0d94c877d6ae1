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
    raise NotImplementedError("layer is not written yet")

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
    raise NotImplementedError("is_equivariant is not written yet")

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
