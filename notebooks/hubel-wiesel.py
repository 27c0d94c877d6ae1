# %% [markdown]
# # Cells that move, and cells that stay
#
# Do templates over a group give equivariant then invariant cells?
#
# Hubel and Wiesel found two kinds of cells in the visual cortex. **Simple** cells answer to a pattern
# in one place and direction. **Complex** cells answer to it wherever it is.
#
# A model of both needs a **group** $G$ of motions, such as flips or rolls: a set with which any two
# motions, one after the other, make a motion of the set. A simple cell compares the image with one
# moved template, $s_{ij} = \langle x, g_j w_i \rangle$. The inner product does not care whether the
# image moves or the template moves back. So a moved image gives the same numbers in another order:
# the cells are **equivariant**.
#
# A complex cell sums over the group, $c_{ih} = \sum_j \sigma_h(s_{ij})$, where no order is left:
# it is **invariant**. Each response goes through the nonlinear $\sigma_h$ before the sum; after it,
# each template would leave only one number.
#
# Write these functions:
#
# - `flip_group(height, width)`
# - `simple_cells(x, W, G)`
# - `complex_cells(s, sigmas)`
#
# Then save, and let them be checked: `gramian lab check hubel-wiesel FILE`.

# %%
from collections.abc import Callable

import numpy as np

# %% [markdown]
# ## flip_group

# %%
def flip_group(height: int, width: int) -> np.ndarray:
    """Identity and vertical flip of an image, as two orders of its pixels: integers (2, p).

    The p = height * width pixels are numbered row by row from 0, and order g puts pixel g[i] in
    place i. The first order leaves all pixels, the second exchanges top and bottom.
    """
    raise NotImplementedError("flip_group is not written yet")

# %%
try:
    print(flip_group(2, 3))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## simple_cells
#
# `W[:, G]` has all templates in all orders. Which shape has it?

# %%
def simple_cells(x: np.ndarray, W: np.ndarray, G: np.ndarray) -> np.ndarray:
    """The inner products (n, t, g) of images x (n, p) with every template of W (t, p), moved.

    Cell (a, i, j) compares image a with template i after order j of G (g, p): W[i][G[j]].
    """
    raise NotImplementedError("simple_cells is not written yet")

# %%
try:
    print(simple_cells(np.array([[1.0, 2.0, 3.0, 4.0]]), np.eye(4)[:2], flip_group(2, 2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## complex_cells
#
# `sigmas` is a list of functions that you can call on arrays.

# %%
def complex_cells(s: np.ndarray, sigmas: list[Callable]) -> np.ndarray:
    """Sums (n, t, h) over the group axis, the last one, of functions of simple cells s (n, t, g).

    Cell (a, i, h) is the sum over j of sigmas[h](s[a, i, j]). Each of the h functions takes an
    array and works entry by entry.
    """
    raise NotImplementedError("complex_cells is not written yet")

# %%
try:
    print(complex_cells(np.array([[[1.0, -2.0]]]), [np.square, np.abs]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run hubel-wiesel --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "hubel-wiesel", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
