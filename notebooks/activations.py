# %% [markdown]
# # Activations and their slopes
#
# What are the slopes, and at 0?
#
# An activation bends what would be a line. Two kinds are common.
#
# **Rectifiers** are lines with a kink: $\max(0, z)$, or with a slope $\alpha$ below zero. A kink
# has no slope of its own: every number between the slopes on both sides fits, and a program has to
# take one. What it takes depends on how the function was written: `torch.relu` has 0 there, and a
# maximum of two tensors, which shares a tie between them, has one half. Here we take the slope of
# the left side.
#
# **Sigmoid** $\sigma(z) = 1 / (1 + e^{-z})$ and $\tanh(z) = 2\sigma(2z) - 1$ are flat far out:
# $\sigma' = \sigma(1 - \sigma)$ and $\tanh' = 1 - \tanh^2$. Where they are flat, nothing is
# learned.
#
# **Large numbers** break formulas, not functions. $e^{1000}$ is too large for a float, and infinity
# divided by infinity is no number; $e^{-1000}$ is zero, and harms nobody. So choose the exponential
# that becomes small.
#
# Write the formulas out yourself: `torch.sigmoid` knows all this already.
#
# Write these functions:
#
# - `relu(z)`
# - `sigmoid(z)`
# - `tanh(z)`
# - `prelu(z, alpha)`
# - `d_relu(z)`
# - `d_sigmoid(z)`
# - `d_tanh(z)`
# - `d_prelu(z, alpha)`
#
# Then save, and let them be checked: `gramian lab check activations FILE`.

# %%
import torch

# %% [markdown]
# ## relu

# %%
def relu(z: torch.Tensor) -> torch.Tensor:
    """max(0, z) at every entry of z, of any shape."""
    raise NotImplementedError("relu is not written yet")

# %%
try:
    print(relu(torch.tensor([-1.0, 0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## sigmoid

# %%
def sigmoid(z: torch.Tensor) -> torch.Tensor:
    """1 / (1 + e^-z) at every entry of z, of any shape and size."""
    raise NotImplementedError("sigmoid is not written yet")

# %%
try:
    print(sigmoid(torch.tensor([-1000.0, 0.0, 1000.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## tanh

# %%
def tanh(z: torch.Tensor) -> torch.Tensor:
    """(e^z - e^-z) / (e^z + e^-z) at every entry of z, of any shape and size."""
    raise NotImplementedError("tanh is not written yet")

# %%
try:
    print(tanh(torch.tensor([-1000.0, 0.0, 1000.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## prelu

# %%
def prelu(z: torch.Tensor, alpha: float) -> torch.Tensor:
    """z where z > 0 and alpha z elsewhere, at every entry of z, of any shape, for any alpha."""
    raise NotImplementedError("prelu is not written yet")

# %%
try:
    print(prelu(torch.tensor([-1.0, 0.0, 2.0]), 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## d_relu

# %%
def d_relu(z: torch.Tensor) -> torch.Tensor:
    """The slope of max(0, z) at every entry of z, of any shape; 0 at the kink."""
    raise NotImplementedError("d_relu is not written yet")

# %%
try:
    print(d_relu(torch.tensor([-1.0, 0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## d_sigmoid

# %%
def d_sigmoid(z: torch.Tensor) -> torch.Tensor:
    """The slope of the sigmoid 1 / (1 + e^-z) at every entry of z, of any shape and size."""
    raise NotImplementedError("d_sigmoid is not written yet")

# %%
try:
    print(d_sigmoid(torch.tensor([-1.0, 0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## d_tanh

# %%
def d_tanh(z: torch.Tensor) -> torch.Tensor:
    """The slope of tanh at every entry of z, of any shape and size."""
    raise NotImplementedError("d_tanh is not written yet")

# %%
try:
    print(d_tanh(torch.tensor([-1000.0, 0.0, 1000.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## d_prelu

# %%
def d_prelu(z: torch.Tensor, alpha: float) -> torch.Tensor:
    """The slope of prelu at every entry of z, of any shape; alpha at the kink."""
    raise NotImplementedError("d_prelu is not written yet")

# %%
try:
    print(d_prelu(torch.tensor([-1.0, 0.0, 2.0]), 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run activations --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "activations", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
