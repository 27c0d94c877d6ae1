# %% [markdown]
# # Nets of any width and depth
#
# Does width or depth help small nets?
#
# A net is a list of matrices and vectors, $W_1, b_1, W_2, b_2, \dots$ Written with loops over this
# list, one program trains nets of every width and depth.
#
# Units that start alike get equal gradients and stay alike for ever: a layer of them is one unit.
#
# Write these functions:
#
# - `init(sizes, a, generator)`
# - `forward(params, X)`
# - `update_all(params, gradients, rate)`
#
# Then save, and let them be checked: `gramian lab check wider-deeper FILE`.

# %%
from itertools import pairwise

import torch

# %% [markdown]
# ## init
#
# `torch.rand(shape, generator=generator)` draws from U(0, 1).

# %%
def init(sizes: list, a: float, generator: torch.Generator) -> list:
    """[W1, b1, W2, b2, ...] for layers of these sizes, every number drawn from U(-a, a).

    Sizes [2, 3, 1] are two inputs, three hidden units and one output. Layer i has a matrix
    (sizes[i], sizes[i - 1]), a row for each unit, and a vector (sizes[i],). All numbers come from
    the generator.
    """
    params = []
    for fan_in, fan_out in pairwise(sizes):
        for shape in ((fan_out, fan_in), (fan_out,)):
            params.append(2 * a * torch.rand(shape, generator=generator) - a)
    return params

# %%
try:
    print(init([2, 3, 1], 0.2, torch.Generator().manual_seed(8)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## forward

# %%
def forward(params: list, X: torch.Tensor) -> torch.Tensor:
    """Outputs (n, k) for rows X (n, d): x W.T + b in each layer, and ReLU between layers."""
    for i in range(0, len(params), 2):
        if i > 0:
            X = X.clamp(min=0)
        X = X @ params[i].T + params[i + 1]
    return X

# %%
try:
    print(forward([torch.ones(3, 2), torch.zeros(3)], torch.ones(1, 2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## update_all

# %%
def update_all(params: list, gradients: list, rate: float) -> None:
    """One step of gradient descent on every tensor of params, in its own memory."""
    for p, g in zip(params, gradients, strict=True):
        p -= rate * g

# %%
try:
    print(update_all([torch.zeros(2)], [torch.ones(2)], 0.1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run wider-deeper --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "wider-deeper", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
