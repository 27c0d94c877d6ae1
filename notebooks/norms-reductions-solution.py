# %% [markdown]
# # Reductions and norms
#
# Which axis disappears, and which norm is which?
#
# A reduction along an axis removes it. Where the result must meet the array again, the axis has to
# stay, with size 1: that is what `keepdim=True` is for.
#
# $\|v\|_1 = \sum_i |v_i|$, $\|v\|_2 = \sqrt{\sum_i v_i^2}$ and
# $\|v\|_\infty = \max_i |v_i|$. A mean squared error is not a norm: it is $\|v\|_2^2 / n$.
#
# Write these functions:
#
# - `row_normalise(A)`
# - `norms(v)`
# - `rmse(a, b)`
#
# Then save, and let them be checked: `gramian lab check norms-reductions FILE`.

# %%
import torch

# %% [markdown]
# ## row_normalise

# %%
def row_normalise(A: torch.Tensor) -> torch.Tensor:
    """A (n, d) with every row divided by its sum, so that rows sum to 1."""
    return A / A.sum(dim=1, keepdim=True)

# %%
try:
    print(row_normalise(torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## norms
#
# Scale before you square. A vector of zeros has norms of zero.

# %%
def norms(v: torch.Tensor) -> tuple:
    """(||v||_1, ||v||_2, ||v||_inf) of a vector v (n,), also where squares overflow."""
    size = v.abs()
    largest = size.max()
    if largest == 0:
        return largest, largest, largest
    return size.sum(), largest * ((size / largest) ** 2).sum().sqrt(), largest

# %%
try:
    print(norms(torch.tensor([3.0, -4.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## rmse

# %%
def rmse(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The root of the mean squared difference of a (n,) and b (n,)."""
    return ((a - b) ** 2).mean().sqrt()

# %%
try:
    print(rmse(torch.tensor([1.0, 2.0]), torch.tensor([4.0, 6.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run norms-reductions --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "norms-reductions", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
