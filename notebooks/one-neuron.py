# %% [markdown]
# # One neuron
#
# Which learning rates converge?
#
# A linear neuron predicts $\hat y = w \cdot x + b$, with the loss $L = (y - \hat y)^2$. Gradient
# descent repeats $w \leftarrow w - \mu\, \partial L / \partial w$ and
# $b \leftarrow b - \mu\, \partial L / \partial b$, both from the same $\hat y$. For one
# point each step multiplies the error by the same factor; the rate decides how large it is.
#
# Write these functions:
#
# - `forward(w, b, x)`
# - `loss(yhat, y)`
# - `gradients(w, b, x, y)`
# - `train(w, b, x, y, mu, epochs)`
#
# Then save, and let them be checked: `gramian lab check one-neuron FILE`.

# %%
import torch

# %%
w0 = 0.4
w1 = 0.1
b = 1.0
x0 = 0.5
x1 = 0.4
y = -0.5

# %% [markdown]
# ## forward

# %%
def forward(w: torch.Tensor, b: float, x: torch.Tensor) -> torch.Tensor:
    """The output w.x + b of a neuron with weights w (d,) for one input x (d,)."""
    raise NotImplementedError("forward is not written yet")

# %%
try:
    print(forward(torch.tensor([w0, w1]), b, torch.tensor([x0, x1])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## loss

# %%
def loss(yhat: float, y: float) -> float:
    """The squared error of a prediction."""
    raise NotImplementedError("loss is not written yet")

# %%
try:
    print(loss(1.24, y))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## gradients

# %%
def gradients(w: torch.Tensor, b: float, x: torch.Tensor, y: float) -> tuple:
    """The derivatives of the loss by w, as (d,), and by b, as a number."""
    raise NotImplementedError("gradients is not written yet")

# %%
try:
    print(gradients(torch.tensor([w0, w1]), b, torch.tensor([x0, x1]), y))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train
#
# Use `forward`, `loss` and `gradients`.

# %%
def train(w: torch.Tensor, b: float, x: torch.Tensor, y: float, mu: float, epochs: int) -> list:
    """The losses before each of so many steps of gradient descent at rate mu, as floats."""
    raise NotImplementedError("train is not written yet")

# %%
try:
    print(train(torch.tensor([w0, w1]), b, torch.tensor([x0, x1]), y, 0.1, 5))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run one-neuron --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "one-neuron", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
