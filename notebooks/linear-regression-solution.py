# %% [markdown]
# # Linear regression by minibatches
#
# Does SGD approach the truth at the predicted rate?
#
# The model $\hat y = Xw + b$ has the loss $L = \frac{1}{2n} \sum_i (\hat y_i - y_i)^2$. Its slope
# by $w$ is the mean of the errors times the rows, that by $b$ the mean of the errors; the half
# cancels the two of the square.
#
# **Minibatches** estimate this slope from a few rows, again and again. It is a mean on purpose: then
# the rate does not depend on how many rows are in a batch. With a sum, batches of 32 rows would take
# steps 32 times as long. An **epoch** takes every row once, in a new order: rows often lie sorted,
# and a batch of rows that are alike is a poor estimate.
#
# `backward` *adds* to the gradients that are there. Whoever takes a step clears them afterwards, or
# the next step still goes where the last one went.
#
# For features $N(0, I)$ the expected slope at an error $e$ is $e$ itself: so the error shrinks by
# $1 - \text{rate}$ with every step. The lab measures that.
#
# Write these functions:
#
# - `forward(X, w, b)`
# - `loss(yhat, y)`
# - `sgd_step(params, rate)`
# - `train(X, y, w, b, rate, batch_size, epochs, rng)`
#
# Then save, and let them be checked: `gramian lab check linear-regression FILE`.

# %%
import torch

# %% [markdown]
# ## forward

# %%
def forward(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The predictions (n,) of weights w (d,) and bias b (1,) for rows X (n, d)."""
    return X @ w + b

# %%
try:
    print(forward(torch.tensor([[1.0, 2.0]]), torch.tensor([2.0, -3.4]), torch.tensor([4.2])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## loss

# %%
def loss(yhat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half of the mean of squared errors of predictions yhat (n,) for y (n,)."""
    return (yhat - y).square().mean() / 2

# %%
try:
    print(loss(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 0.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## sgd_step
#
# `params` is a list, such as `[w, b]`. It is tried on two tensors `w` and `b`, to whose `.grad` the values `dw` and `db` are added before each of so many `rounds`.

# %%
def sgd_step(params: list, rate: float) -> None:
    """Move every tensor of params in place by -rate times its .grad, and clear its .grad.

    The tensors are leaves that require gradients. Cleared means None, or zero everywhere.
    """
    with torch.no_grad():
        for param in params:
            param -= rate * param.grad
            param.grad = None

# %% [markdown]
# ## train
#
# Use `forward`, `loss` and `sgd_step`.

# %%
def train(
    X: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    rate: float,
    batch_size: int,
    epochs: int,
    rng: torch.Generator,
) -> tuple:
    """New w (d,) and b (1,) after so many epochs of minibatch descent from the given ones.

    Every epoch takes each row of X (n, d) and y (n,) once, in an order drawn anew from rng, in
    batches of batch_size rows; the last batch may be smaller.
    """
    params = [w.clone().requires_grad_(), b.clone().requires_grad_()]
    for _ in range(epochs):
        for rows in torch.randperm(len(X), generator=rng).split(batch_size):
            loss(forward(X[rows], *params), y[rows]).backward()
            sgd_step(params, rate)
    return params[0].detach(), params[1].detach()

# %%
try:
    print(train(
        torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([2.0, 4.0, 6.0]),
        torch.zeros(1), torch.zeros(1), 0.1, 2, 50, torch.Generator().manual_seed(0),
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run linear-regression --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "linear-regression", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
