# %% [markdown]
# # Parts of a trainer
#
# Can a small trainer keep a true history at no cost?
#
# **A decorator** is a function that receives a function. `@add_method(Trainer)` above `def fit` means
# `fit = add_method(Trainer)(fit)`: first `add_method` is called with the class, and what it returns
# is called with the function. What *that* returns is what the name means from then on. Whoever
# returns nothing leaves `None` behind.
#
# **A call** has a frame, in which its arguments and local variables live. `sys._getframe(1)` is the
# frame of whoever called, `f_locals` its variables by name, and `f_code` its code: the first
# `co_argcount + co_kwonlyargcount` names of `co_varnames` are its arguments. So a helper can store
# the arguments of an `__init__` without being told their names.
#
# **A mean of means** is the mean of all only where the batches are equally large. The last batch
# seldom is. A batch of one row must not count as much as one of a hundred.
#
# Write these functions:
#
# - `add_method(cls)`
# - `save_args(target, ignore)`
# - `accuracy(scores, y)`
# - `epoch_accuracy(batches)`
#
# Then save, and let them be checked: `gramian lab check trainer-design FILE`.

# %%
import sys
from collections.abc import Callable, Sequence

import torch

# %% [markdown]
# ## add_method
#
# It is tried on a class of ours and a function `name`, which answers `factor` times the `number` of its object.

# %%
def add_method(cls: type) -> Callable:
    """A decorator that makes a function a method of cls, under its own name.

    The decorated name goes on meaning the function.
    """
    raise NotImplementedError("add_method is not written yet")

# %% [markdown]
# ## save_args
#
# It is called as `save_args(self, ignore)` in an `__init__` with the arguments `given`; the check looks at the attributes afterwards.

# %%
def save_args(target: object, ignore: Sequence[str] = ()) -> None:
    """Store every argument of the function that calls this as an attribute of target.

    Left out are target itself, whatever its name is there, and the names in ignore. Only arguments
    are stored, by position or by keyword, and no other local variables.
    """
    raise NotImplementedError("save_args is not written yet")

# %% [markdown]
# ## accuracy

# %%
def accuracy(scores: torch.Tensor, y: torch.Tensor) -> float:
    """The share of rows of scores (n, k) whose largest entry, the first of them, is at y (n,)."""
    raise NotImplementedError("accuracy is not written yet")

# %%
try:
    print(accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## epoch_accuracy
#
# Use `accuracy`.

# %%
def epoch_accuracy(batches: list) -> float:
    """The share of right rows over all batches (scores, y), which may differ in size."""
    raise NotImplementedError("epoch_accuracy is not written yet")

# %%
try:
    print(epoch_accuracy([
        (torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1])),
        (torch.tensor([[0.3, 0.7]]), torch.tensor([1])),
    ]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run trainer-design --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "trainer-design", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
