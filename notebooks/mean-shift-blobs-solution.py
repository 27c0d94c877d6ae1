# %% [markdown]
# # Mean shift
#
# Does it find the number of clusters by itself, and does the order of computation matter?
#
# Every point moves to the mean of all data, weighted by a kernel of the distance. Repeated, it climbs
# to a mode of the density, and points that end together are a cluster. Nobody says how many there
# are; the bandwidth does.
#
# The data stay where they are. Where moved points become the data of the next ones, the result
# depends on the order of the computation.
#
# Write these functions:
#
# - `weights(d, bandwidth)`
# - `step(X, data, bandwidth)`
# - `mean_shift(data, bandwidth, iterations, batch_size)`
#
# Then save, and let them be checked: `gramian lab check mean-shift-blobs FILE`.

# %%
import math

import torch

# %%
bandwidth = 2.5

# %% [markdown]
# ## weights

# %%
def weights(d: torch.Tensor, bandwidth: float) -> torch.Tensor:
    """The normal density of mean 0 and standard deviation bandwidth, at distances d (n, m)."""
    height = 1 / (bandwidth * math.sqrt(2 * math.pi))
    return height * torch.exp(-((d / bandwidth) ** 2) / 2)

# %%
try:
    print(weights(torch.tensor([[0.0, 4.6538]]), bandwidth))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## step
#
# Use `weights`.

# %%
def step(X: torch.Tensor, data: torch.Tensor, bandwidth: float) -> torch.Tensor:
    """Every row of X (n, p) moved to the weighted mean of data (m, p), as (n, p).

    A row of data weighs as much as `weights` says for its distance from the row that moves.
    """
    d = ((X[:, None, :] - data[None, :, :]) ** 2).sum(dim=2).sqrt()
    w = weights(d, bandwidth)
    return (w @ data) / w.sum(dim=1, keepdim=True)

# %%
try:
    print(step(torch.tensor([[0.0]]), torch.tensor([[0.0], [1.0]]), bandwidth))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## mean_shift
#
# Use `step`.

# %%
def mean_shift(
    data: torch.Tensor, bandwidth: float, iterations: int, batch_size: int
) -> torch.Tensor:
    """All rows of data (m, p), moved by `step` so many times, batch_size rows at a time.

    The data that pull stay where they are, so the result does not depend on batch_size.
    """
    X = data.clone()
    for _ in range(iterations):
        X = torch.cat([step(rows, data, bandwidth) for rows in X.split(batch_size)])
    return X

# %%
try:
    print(mean_shift(torch.tensor([[0.0], [1.0], [9.0]]), bandwidth, 5, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run mean-shift-blobs --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "mean-shift-blobs", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
