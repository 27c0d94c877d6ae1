# %% [markdown]
# # Least squares, and what it leaves
#
# What error should least squares leave?
#
# A linear model predicts $\hat y = X w + b$. With a column of ones beside $X$ the bias $b$ is one
# weight more, and every formula stays as it is.
#
# The error $\|y - X w\|^2$ is least where its gradient vanishes: $X^\top (y - X w) = 0$. What is
# left of $y$ is then **perpendicular** to every column of $X$. If the columns are independent, that
# is $w = (X^\top X)^{-1} X^\top y$. If they are not, the inverse does not exist, and there are many
# solutions: the pseudo-inverse names the shortest. Even where the inverse exists, $X^\top X$ has the
# square of the condition of $X$, and digits are lost.
#
# A small training error proves nothing: with as many weights as rows there is none at all.
#
# Write these functions:
#
# - `add_bias(X)`
# - `ols(X, y)`
# - `mse(X, y, w)`
#
# Then save, and let them be checked: `gramian lab check ols FILE`.

# %%
import torch

# %% [markdown]
# ## add_bias

# %%
def add_bias(X: torch.Tensor) -> torch.Tensor:
    """X (n, p) with a last column of ones, as (n, p + 1) in the float type of X."""
    raise NotImplementedError("add_bias is not written yet")

# %%
try:
    print(add_bias(torch.tensor([[2.0, 3.0], [4.0, 5.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## ols
#
# Use `add_bias`.

# %%
def ols(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The weights (p + 1,) of y (n,) on X (n, p) by least squares, that of the bias last.

    Where several weights leave the same error, because columns are collinear or rows too few, the
    shortest of them.
    """
    raise NotImplementedError("ols is not written yet")

# %%
try:
    print(ols(torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([1.0, 3.0, 5.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## mse
#
# Use `add_bias`. Compare the shapes before you subtract.

# %%
def mse(X: torch.Tensor, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The mean squared error of weights w (p + 1,), one number.

    X is (n, p), and y is (n,) or a column (n, 1).
    """
    raise NotImplementedError("mse is not written yet")

# %%
try:
    print(mse(torch.tensor([[0.0], [1.0]]), torch.tensor([1.0, 2.0]), torch.tensor([2.0, 1.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run ols --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "ols", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
