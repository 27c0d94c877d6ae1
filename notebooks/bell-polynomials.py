# %% [markdown]
# # A polynomial and its scrambled twins
#
# Is hierarchical structure easier to learn than a scrambled twin?
#
# The complete Bell polynomials follow from $B_0 = 1$ and
# $B_{n+1} = \sum_k \binom{n}{k} B_{n-k}\, x_{k+1}$. The sixth is
#
# $$x_1^6 + 15x_1^4x_2 + 20x_1^3x_3 + 45x_1^2x_2^2 + 15x_2^3 + 60x_1x_2x_3 + 15x_1^2x_4 + 10x_3^2 +
# 15x_2x_4 + 6x_1x_5 + x_6.$$
#
# A **twin** has the same monomials with the variables renamed in each of them for itself. Renaming
# them alike everywhere would be the same polynomial in other names.
#
# Write these functions:
#
# - `bell6(X)`
# - `scramble(monomials, generator)`
# - `residual_net(weights, biases, X)`
# - `sweep(model, x, i, grid)`
# - `mean_ratio(bell, twins)`
#
# Then save, and let them be checked: `gramian lab check bell-polynomials FILE`.

# %%
import torch

# %% [markdown]
# ## bell6

# %%
def bell6(X: torch.Tensor) -> torch.Tensor:
    """The sixth complete Bell polynomial (n,) of the rows x₁, …, x₆ of X (n, 6)."""
    raise NotImplementedError("bell6 is not written yet")

# %%
try:
    print(bell6(torch.tensor([[1.0, 0.0, 0.5, 2.0, 0.0, 1.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## scramble

# %%
def scramble(monomials: list, generator: torch.Generator) -> list:
    """For every monomial an order of its own, so that no two monomials become equal.

    A monomial is a list of variables in 0 … 5, each as often as its power. An order is a list of
    the numbers 0 … 5 in which variable i becomes order[i]. All orders differ, and all six variables
    occur somewhere in the result. Everything is drawn by the generator, anew until all this holds.
    """
    raise NotImplementedError("scramble is not written yet")

# %% [markdown]
# ## residual_net

# %%
def residual_net(weights: list, biases: list, X: torch.Tensor) -> torch.Tensor:
    """The answers of a net with skips to the rows of X (n, d).

    A hidden layer turns h into relu(W h + b), plus h where this has the size of h. The last layer
    is W h + b alone. Each W is (n_out, n_in).
    """
    raise NotImplementedError("residual_net is not written yet")

# %% [markdown]
# ## sweep
#
# Give a tensor that carries no graph, or one that does; both are fine.

# %%
def sweep(model: torch.nn.Module, x: torch.Tensor, i: int, grid: torch.Tensor) -> torch.Tensor:
    """What the model answers where variable i of x (d,) runs over grid (g,), as (g,).

    The model turns rows (n, d) into a column (n, 1).
    """
    raise NotImplementedError("sweep is not written yet")

# %% [markdown]
# ## mean_ratio

# %%
def mean_ratio(bell: torch.Tensor, twins: torch.Tensor) -> torch.Tensor:
    """The geometric mean of all ratios of an error of a twin to that of B₆ with the same seed.

    bell (s,) has the errors of B₆ for s seeds, twins (t, s) those of t twins for the same seeds.
    """
    raise NotImplementedError("mean_ratio is not written yet")

# %%
try:
    print(mean_ratio(torch.tensor([0.5]), torch.tensor([[0.75], [0.25]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run bell-polynomials --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "bell-polynomials", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
