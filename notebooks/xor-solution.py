# %% [markdown]
# # XOR with two hidden units
#
# What lets two hidden units solve XOR, and what stops them?
#
# Four corners $(\pm 1, \pm 1)$ have the label 1 where both signs agree, and $-1$ elsewhere. No line
# parts them: whatever is linear in $x$ gets one corner wrong. Two hidden units can,
# $\hat y = w^\top \varphi(W x + b) + c$, if $\varphi$ bends: with $s = x_0 + x_1$ the net
# $\max(0, s) + \max(0, -s) - 1$ answers all four.
#
# Whether descent finds such weights is another question. Where the sum of a rectified unit is
# negative on every point, its slope is zero on every point: nothing reaches its weights any more,
# and the unit is **dead**. Then one unit is left, and one is too few. `tanh` has a slope everywhere.
#
# **Shapes** are the other trap. A net answers a column, $(n, 1)$; labels are often $(n,)$. Their
# difference is no error for Python: broadcasting makes a table of it, every output with every label.
# The loss goes down all the same, and the net learns the mean of the labels.
#
# When all works, try the two starts of the lab, with `torch.relu` and with `torch.tanh`, for some
# thousand steps at the rate 0.1. Both have the first unit $0.8 x_0 - 0.5 x_1 + 0.5$ and the output
# weights $(-0.5, -0.4)$. One has the second unit $-0.3 x_0 - 0.1 x_1 - 0.2$ and the output bias
# $-0.8$, the other $-x_0 - 0.1 x_1 - 0.2$ and $-0.2$. With `torch.relu` one of them never gets there.
#
# Write these functions:
#
# - `forward(W0, b0, W1, b1, X, phi)`
# - `loss(yhat, y)`
# - `train(W0, b0, W1, b1, X, y, phi, rate, steps)`
#
# Then save, and let them be checked: `gramian lab check xor FILE`.

# %%
from collections.abc import Callable

import torch

# %% [markdown]
# ## forward
#
# `phi` is a function of a tensor, such as `torch.relu`.

# %%
def forward(
    W0: torch.Tensor,
    b0: torch.Tensor,
    W1: torch.Tensor,
    b1: torch.Tensor,
    X: torch.Tensor,
    phi: Callable,
) -> torch.Tensor:
    """The outputs (n, 1) of a net with one hidden layer, for rows X (n, d).

    Hidden unit j has the weights W0[j] of W0 (q, d) and the bias b0[j] of b0 (q,); its value is
    phi of its sum. W1 is (1, q) and b1 is (1,); the output has no activation.
    """
    return phi(X @ W0.T + b0) @ W1.T + b1

# %%
try:
    print(forward(
        torch.tensor([[0.8, -0.5], [-0.3, -0.1]]), torch.tensor([0.5, -0.2]),
        torch.tensor([[-0.5, -0.4]]), torch.tensor([-0.8]),
        torch.tensor([[0.3, 0.1]]), torch.relu,
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## loss

# %%
def loss(yhat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean over n points of the squared difference of output yhat (n, 1) and label y (n,)."""
    return (yhat[:, 0] - y).square().mean()

# %%
try:
    print(loss(torch.tensor([[0.5], [-1.0]]), torch.tensor([1.0, -1.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train
#
# Use `forward` and `loss`. `torch.autograd` may take the derivatives.

# %%
def train(
    W0: torch.Tensor,
    b0: torch.Tensor,
    W1: torch.Tensor,
    b1: torch.Tensor,
    X: torch.Tensor,
    y: torch.Tensor,
    phi: Callable,
    rate: float,
    steps: int,
) -> tuple:
    """New W0, b0, W1 and b1 after so many steps of gradient descent, each on all points.

    X is (n, d), y is (n,). The arguments stay as they are.
    """
    weights = [w.clone().requires_grad_() for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        W0, b0, W1, b1 = weights
        gradients = torch.autograd.grad(loss(forward(W0, b0, W1, b1, X, phi), y), weights)
        with torch.no_grad():
            for w, g in zip(weights, gradients, strict=True):
                w -= rate * g
    return tuple(w.detach() for w in weights)

# %%
try:
    print(train(
        torch.tensor([[1.0, 0.5], [-0.5, -1.0]]), torch.zeros(2), torch.ones(1, 2), torch.zeros(1),
        torch.tensor([[1.0, 1.0], [1.0, -1.0]]), torch.tensor([1.0, -1.0]), torch.tanh, 0.1, 100,
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run xor --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "xor", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
