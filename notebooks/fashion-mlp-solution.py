# %% [markdown]
# # A net with one hidden layer
#
# Does a hidden layer help, does a second, and what does batch size cost?
#
# Scores $o = \mathrm{relu}(x W_1 + b_1) W_2 + b_2$. Without the ReLU, two layers are one: a product
# of matrices is a matrix. With ReLU on the output, no score could be negative.
#
# Write these functions:
#
# - `relu(X)`
# - `forward(params, X)`
# - `init(d, q, k, sigma, generator)`
# - `train(params, X, y, rate, steps)`
#
# Then save, and let them be checked: `gramian lab check fashion-mlp FILE`.

# %%
import torch

# %% [markdown]
# ## relu

# %%
def relu(X: torch.Tensor) -> torch.Tensor:
    """Every entry of X, or 0 where it is negative; X stays as it is."""
    return X.clamp(min=0)

# %%
try:
    print(relu(torch.tensor([[-1.0, 2.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## forward
#
# Use `relu`.

# %%
def forward(params: list, X: torch.Tensor) -> torch.Tensor:
    """Scores (n, k) for images X (n, height, width), by params [W1, b1, W2, b2].

    Each image is flattened to a row of d pixels. W1 (d, q) and b1 (q,) lead to q hidden units with
    ReLU, W2 (q, k) and b2 (k,) to the scores.
    """
    W1, b1, W2, b2 = params
    return relu(X.reshape(len(X), -1) @ W1 + b1) @ W2 + b2

# %% [markdown]
# ## init
#
# `torch.randn(shape, generator=generator)` draws from N(0, 1).

# %%
def init(d: int, q: int, k: int, sigma: float, generator: torch.Generator) -> list:
    """[W1, b1, W2, b2] for `forward`: weights from N(0, sigma**2), biases zero.

    All weights come from the generator.
    """
    W1 = sigma * torch.randn(d, q, generator=generator)
    W2 = sigma * torch.randn(q, k, generator=generator)
    return [W1, torch.zeros(q), W2, torch.zeros(k)]

# %%
try:
    print(init(4, 3, 2, 0.01, torch.Generator().manual_seed(0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train
#
# Use `forward`. `torch.nn.functional.cross_entropy(scores, y)` is the loss.

# %%
def train(params: list, X: torch.Tensor, y: torch.Tensor, rate: float, steps: int) -> list:
    """New [W1, b1, W2, b2] after so many steps of gradient descent, each on all images.

    The loss is the mean cross-entropy of the scores with labels y (n,). The arguments stay as they
    are.
    """
    params = [p.clone().requires_grad_() for p in params]
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy(forward(params, X), y)
        gradients = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g in zip(params, gradients, strict=True):
                p -= rate * g
    return [p.detach() for p in params]

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run fashion-mlp --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "fashion-mlp", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
