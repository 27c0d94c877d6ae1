# %% [markdown]
# # The normal density
#
# Why does squared loss follow from Gaussian noise?
#
# The normal density with mean $\mu$ and standard deviation $\sigma$ is
# $p(x) = \frac{1}{\sigma \sqrt{2 \pi}} e^{-(x - \mu)^2 / (2 \sigma^2)}$.
#
# If data are a prediction plus such noise, the likelihood of independent data is a product of
# densities. Its negative log is a sum, and up to constants that sum is the squared loss: the
# prediction that makes the data most likely has the least squared error.
#
# Write these functions:
#
# - `normal(x, mu, sigma)`
# - `nll(y, yhat, sigma)`
#
# Then save, and let them be checked: `gramian lab check normal-density FILE`.

# %%
import numpy as np

# %%
sigma = 2.0

# %% [markdown]
# ## normal

# %%
def normal(x: np.ndarray, mu: float, sigma: float) -> np.ndarray:
    """The normal density of mean mu and standard deviation sigma at every entry of x (n,)."""
    height = 1 / (sigma * np.sqrt(2 * np.pi))
    return height * np.exp(-(((x - mu) / sigma) ** 2) / 2)

# %%
try:
    print(normal(np.array([-1.0, 0.0, 1.0]), 0.0, sigma))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## nll

# %%
def nll(y: np.ndarray, yhat: np.ndarray, sigma: float) -> float:
    """Minus the log of the density of y (n,), drawn around yhat (n,) with deviation sigma.

    Draws are independent, so logs add up. Also where the density is too small for a float.
    """
    squares = ((y - yhat) / sigma) ** 2
    return float((squares / 2 + np.log(sigma) + np.log(2 * np.pi) / 2).sum())

# %%
try:
    print(nll(np.array([1.0, 2.0]), np.array([1.5, 1.5]), sigma))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run normal-density --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "normal-density", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
