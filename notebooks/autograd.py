# %% [markdown]
# # Derivatives, taken twice
#
# Does reverse mode give the true derivative, and when does code hide a wrong one?
#
# **Reverse mode** records every operation on tensors that ask for it (`requires_grad`), and
# `y.backward()` walks back from the number `y` and *adds* $\partial y / \partial x$ to `x.grad`. So
# two passes leave the sum of two gradients, unless `x.grad` is cleared in between. What has several
# entries has no gradient but a table of them; its sum has one. `u.detach()` is `u` without its
# history: a constant from then on, whatever it was made of. A loop or a branch is no obstacle: what
# is recorded is the way that was taken.
#
# **Differences** know nothing of all this. For a small $h$
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h},$$
#
# with an error of the order $h^2$ from the bend of $f$, and one of the order $\varepsilon / h$ from
# rounding, where $\varepsilon$ is about $10^{-16}$ in float64. To one side only, the first error is
# of the order $h$.
#
# Two ways that know nothing of each other, and agree, are seldom both wrong. But they agree up to
# rounding: `==` between floats tests the rounding.
#
# Write these functions:
#
# - `grad(f, x)`
# - `is_gradient(f, x, g)`
# - `f_slope(a)`
# - `detached_product(x)`
#
# Then save, and let them be checked: `gramian lab check autograd FILE`.

# %%
from collections.abc import Callable

import torch

# %% [markdown]
# ## grad
#
# Without `backward`: this one is to judge it.

# %%
def grad(f: Callable, x: torch.Tensor) -> torch.Tensor:
    """The gradient (d,) of f at x (d,), by differences to both sides of every entry.

    f maps a tensor (d,) to one number. Right to 1e-5 where x is float64 and f is smooth.
    """
    raise NotImplementedError("grad is not written yet")

# %%
try:
    print(grad(lambda x: (x * x).sum(), torch.tensor([1.0, 2.0], dtype=torch.float64)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## is_gradient
#
# Use `grad`.

# %%
def is_gradient(f: Callable, x: torch.Tensor, g: torch.Tensor) -> bool:
    """Whether g (d,) is the gradient of f at x (d,), up to 1e-3 in every entry."""
    raise NotImplementedError("is_gradient is not written yet")

# %%
try:
    print(is_gradient(
        lambda x: (x * x).sum(), torch.tensor([1.0, 2.0], dtype=torch.float64),
        torch.tensor([2.0, 4.0], dtype=torch.float64),
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## f_slope
#
# Write the function out, and let reverse mode walk through the loop.

# %%
def f_slope(a: float) -> float:
    """The slope of this function at a, which is not 0.

    b begins as 2a and is doubled as long as |b| < 1000. The value is b, or 100 b where b < 0.
    """
    raise NotImplementedError("f_slope is not written yet")

# %%
try:
    print(f_slope(3.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## detached_product

# %%
def detached_product(x: torch.Tensor) -> torch.Tensor:
    """The gradient (n,) of the sum of u x, by reverse mode, at x (n,).

    u = x² is computed from x, and is then held constant.
    """
    raise NotImplementedError("detached_product is not written yet")

# %%
try:
    print(detached_product(torch.tensor([1.0, 2.0, 3.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run autograd --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "autograd", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
