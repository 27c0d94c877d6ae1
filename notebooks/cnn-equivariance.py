# %% [markdown]
# # What commutes with shifts
#
# Which layers are equivariant, which invariant, to translation?
#
# A layer $f$ is **equivariant** to shifts if shifting before it or after it comes to the same, and
# **invariant** if shifting before it changes nothing. At the border something unknown comes in, so
# the two are compared where it does not reach.
#
# Write these functions:
#
# - `shift(x, dy, dx, fill)`
# - `equivariance_error(f, x, dy)`
# - `invariance_T(a, b, generator)`
#
# Then save, and let them be checked: `gramian lab check cnn-equivariance FILE`.

# %%
from collections.abc import Callable

import torch

# %% [markdown]
# ## shift

# %%
def shift(x: torch.Tensor, dy: int, dx: int, fill: float) -> torch.Tensor:
    """Images x (n, h, w) moved down by dy and right by dx pixels, as (n, h, w).

    Negative numbers move up and left. What comes in has the value fill; what leaves is lost.
    """
    raise NotImplementedError("shift is not written yet")

# %%
try:
    print(shift(torch.arange(6.0).reshape(1, 2, 3), 1, 0, -1.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## equivariance_error
#
# Use `shift`. `f` is a function that you can call on images.

# %%
def equivariance_error(f: Callable, x: torch.Tensor, dy: int) -> float:
    """The largest |f(x moved down) - f(x) moved down|, over pixels that no border reaches.

    Images x (n, h, w) are moved down by dy rows and filled with 0, and f gives images too. The
    first dy rows of what f gives do not count; dy is at least 1 and less than their number.
    """
    raise NotImplementedError("equivariance_error is not written yet")

# %%
try:
    print(equivariance_error(lambda x: 2 * x, torch.rand(1, 3, 3), 1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## invariance_T

# %%
def invariance_T(  # noqa: N802 # the name that the exercises ask for
    a: torch.Tensor, b: torch.Tensor, generator: torch.Generator
) -> float:
    """How far rows move: the mean of |a_i - b_i| over the mean of |a_i - b_j|.

    a (n, d) are the features of images, b (n, d) those of their moved copies, n at least 2; |.| is
    Euclidean. j is another row for each i: a permutation drawn from the generator that leaves no
    row in its place.
    """
    raise NotImplementedError("invariance_T is not written yet")

# %%
try:
    print(invariance_T(torch.eye(3), 0.5 * torch.eye(3), torch.Generator().manual_seed(0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run cnn-equivariance --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "cnn-equivariance", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
