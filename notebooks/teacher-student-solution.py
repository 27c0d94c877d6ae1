# %% [markdown]
# # A net that learns from a net
#
# What do too small, equal and too large students learn?
#
# A teacher is a net with fixed random parameters. A student sees fresh inputs in every batch, and the
# teacher's answers to them. Its error on a fixed test set is
#
# $$\mathrm{NMSE} = \frac{\operatorname{mean} (\hat y - y)^2}{\operatorname{var} y},$$
#
# which is 1 for a student that always answers the mean. The answers of a teacher with $N(0, 1)$
# parameters are in the hundreds, so they are standardised before anything learns from them.
#
# Write these functions:
#
# - `make_teacher(sizes, generator)`
# - `make_test_set(teacher, n, d, seed)`
# - `nmse(y_hat, y)`
# - `train_step(student, teacher, optimizer, X)`
# - `best_rate(rates, errors)`
#
# Then save, and let them be checked: `gramian lab check teacher-student FILE`.

# %%
from itertools import pairwise

import torch
from torch import nn

# %% [markdown]
# ## make_teacher

# %%
def make_teacher(sizes: list, generator: torch.Generator) -> nn.Sequential:
    """Linear layers from sizes[0] to sizes[-1] numbers, with ReLU between them.

    All weights and biases are drawn from N(0, 1) by the generator. None takes gradients.
    """
    layers = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    teacher = nn.Sequential(*layers[:-1]).requires_grad_(False)
    for parameter in teacher.parameters():
        parameter.normal_(generator=generator)
    return teacher

# %%
try:
    print(make_teacher([3, 4, 1], torch.Generator().manual_seed(0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## make_test_set

# %%
def make_test_set(teacher: nn.Module, n: int, d: int, seed: int) -> tuple:
    """Inputs X (n, d) from U[0, 2], and y (n,): the teacher's answers, standardised.

    Drawn by a generator of its own with this seed. y has the mean 0 and the variance 1.
    """
    X = 2 * torch.rand(n, d, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        y = teacher(X)[:, 0]
    return X, (y - y.mean()) / y.std(correction=0)

# %%
try:
    print(make_test_set(nn.Linear(3, 1), 5, 3, 0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## nmse

# %%
def nmse(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean squared error of predictions y_hat (n,) over the variance of the targets y (n,).

    The variance is the mean squared distance from the mean.
    """
    return ((y_hat - y) ** 2).mean() / ((y - y.mean()) ** 2).mean()

# %%
try:
    print(nmse(torch.tensor([0.0, 1.0]), torch.tensor([3.0, -1.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train_step
#
# Both nets answer with a column (n, 1).

# %%
def train_step(
    student: nn.Module, teacher: nn.Module, optimizer: torch.optim.Optimizer, X: torch.Tensor
) -> float:
    """One step of the optimiser on the mean squared error between both nets' answers to X (n, d).

    Gives the error before the step as a float. The teacher's parameters get no gradients.
    """
    with torch.no_grad():
        y = teacher(X)
    loss = ((student(X) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

# %% [markdown]
# ## best_rate

# %%
def best_rate(rates: torch.Tensor, errors: torch.Tensor) -> float:
    """The entry of rates (r,) that has the least entry of errors (r,); of equal ones the first.

    An error of NaN is a run that diverged. It is never the best.
    """
    return float(rates[errors.nan_to_num(nan=torch.inf).argmin()])

# %%
try:
    print(best_rate(torch.tensor([0.1, 1.0]), torch.tensor([0.5, torch.nan])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run teacher-student --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "teacher-student", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
