# %% [markdown]
# # Backpropagation by hand
#
# Do hand-made chain rules equal automatic differentiation?
#
# A net is a chain: weights give sums $z$, sums give values $\varphi(z)$, the last value gives the
# loss $L$. The chain rule walks back along it, and needs one number per sum:
# $\delta = \partial L / \partial z$.
#
# - **At the end**, $L = (\hat y - y)^2$ and $\hat y = \varphi(z)$ give
#   $\delta = 2 (\hat y - y)\, \varphi'(z)$.
# - **At a weight**, $z = \dots + w_i x_i + \dots + b$ gives
#   $\partial L / \partial w_i = \delta\, x_i$ and $\partial L / \partial b = \delta$: what
#   comes back times what went in.
# - **One layer further back**, a unit's value reaches the loss through every weight that it goes
#   into, so these ways add up; then the slope of the unit itself is one more factor.
#
# For a whole layer $z = W x$ all this is an outer product, $\delta x^\top$, which has the shape of
# $W$, and what goes further back is $W^\top \delta$. A penalty
# $\frac{\lambda}{2} \lVert W \rVert^2$ adds $\lambda W$.
#
# The rectifier $\max(0, z)$ has a kink at zero; there we take the slope 0. Its value divided by $z$
# is the slope everywhere else, and no number at all there.
#
# To see whether you are right, compare with `torch.autograd.grad`.
#
# Write these functions:
#
# - `d_relu(z)`
# - `d_sigmoid(z)`
# - `grads_neuron(w, b, x, y, unit)`
# - `grads_two_layer(W0, b0, w1, b1, x, y)`
# - `grads_regularised(W1, W2, x, y, lam)`
#
# Then save, and let them be checked: `gramian lab check backprop-by-hand FILE`.

# %%
import torch

# %% [markdown]
# ## d_relu

# %%
def d_relu(z: torch.Tensor) -> torch.Tensor:
    """The slope of max(0, z) at every entry of z, of any shape; 0 at the kink."""
    return (z > 0).to(z.dtype)

# %%
try:
    print(d_relu(torch.tensor([-1.0, 0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## d_sigmoid

# %%
def d_sigmoid(z: torch.Tensor) -> torch.Tensor:
    """The slope of the sigmoid 1 / (1 + e^-z) at every entry of z, of any shape and size."""
    return torch.sigmoid(z) * torch.sigmoid(-z)

# %%
try:
    print(d_sigmoid(torch.tensor([-1.0, 0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## grads_neuron
#
# Use `d_relu` and `d_sigmoid`.

# %%
def grads_neuron(w: torch.Tensor, b: float, x: torch.Tensor, y: float, unit: str) -> tuple:
    """The derivatives of (phi(w.x + b) - y)² by w, as (d,), and by b, as a number.

    unit names phi: "linear", "relu" or "sigmoid". w and x are (d,).
    """
    z = w @ x + b
    if unit == "relu":
        yhat, slope = torch.relu(z), d_relu(z)
    elif unit == "sigmoid":
        yhat, slope = torch.sigmoid(z), d_sigmoid(z)
    else:
        yhat, slope = z, torch.ones_like(z)
    delta = 2 * (yhat - y) * slope
    return delta * x, delta

# %%
try:
    print(grads_neuron(torch.tensor([0.4, 0.1]), 1.0, torch.tensor([0.5, 0.4]), -0.5, "sigmoid"))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## grads_two_layer
#
# Use `d_relu`. A unit that is off is called dead: it passes nothing back.

# %%
def grads_two_layer(
    W0: torch.Tensor, b0: torch.Tensor, w1: torch.Tensor, b1: float, x: torch.Tensor, y: float
) -> tuple:
    """The derivatives of (yhat - y)² by W0, b0, w1 and b1, each in the shape of its weights.

    yhat = h.w1 + b1 with h = relu(x W0 + b0). The weight W0[i, j] of W0 (d, q) joins feature i
    of x (d,) to unit j; b0 and w1 are (q,).
    """
    z = x @ W0 + b0
    h = torch.relu(z)
    error = 2 * (h @ w1 + b1 - y)
    delta = error * w1 * d_relu(z)
    return torch.outer(x, delta), delta, error * h, error

# %%
try:
    print(grads_two_layer(
        torch.tensor([[0.8, -0.3], [-0.5, -0.1]]), torch.tensor([0.5, -0.2]),
        torch.tensor([-0.5, -0.4]), -0.8, torch.tensor([0.3, 0.1]), 1.0,
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## grads_regularised
#
# Use `d_sigmoid`. No unit has a bias here.

# %%
def grads_regularised(
    W1: torch.Tensor, W2: torch.Tensor, x: torch.Tensor, y: torch.Tensor, lam: float
) -> tuple:
    """The derivatives of J by W1 (q, d) and W2 (m, q).

    J = ||o - y||² + lam/2 (||W1||² + ||W2||²), the sums of all squared entries, with
    o = W2 h, h = sigmoid(W1 x), for x (d,) and y (m,).
    """
    z = W1 @ x
    h = torch.sigmoid(z)
    error = 2 * (W2 @ h - y)
    delta = (W2.T @ error) * d_sigmoid(z)
    return torch.outer(delta, x) + lam * W1, torch.outer(error, h) + lam * W2

# %%
try:
    print(grads_regularised(
        torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0]]),
        torch.tensor([0.5, 1.0]), torch.tensor([1.0]), 0.1,
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run backprop-by-hand --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "backprop-by-hand", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
