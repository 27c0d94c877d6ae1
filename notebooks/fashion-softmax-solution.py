# %% [markdown]
# # Softmax regression
#
# How far does a linear classifier go?
#
# A linear classifier gives every class a **score**, $s = x^\top W + b$, and answers the class with
# the largest one. **Softmax** turns scores into shares, $p_j = e^{s_j} / \sum_l e^{s_l}$: positive
# numbers of sum 1, in the order of the scores. The **cross-entropy** $-\log p_y$ is small where the
# share of the true class $y$ is near 1; its mean over rows is the loss.
#
# A number added to all scores of a row changes no share. So take away the largest score first:
# $e^{1000}$ overflows and $e^{0}$ does not. A share of $e^{-1000}$ is zero for a float, and the log
# of zero is infinite; but
#
# $$-\log p_y = \log \sum_l e^{s_l} - s_y$$
#
# needs no share at all. Its slope by $s$ is $p$, minus one at the place of $y$: what the scores
# claim, minus what is true.
#
# Softmax of shares is still a row of shares, only flatter. Nothing breaks where it is taken twice:
# the net just learns more slowly, and nobody notices.
#
# The test rows say how well the classifier does on what it has never seen. They can say so once: no
# step may depend on them.
#
# Write these functions:
#
# - `softmax(S)`
# - `cross_entropy(S, y)`
# - `accuracy(scores, y)`
# - `train_step(W, b, X, y, X_test, y_test, rate)`
#
# Then save, and let them be checked: `gramian lab check fashion-softmax FILE`.

# %%
import torch

# %% [markdown]
# ## softmax

# %%
def softmax(S: torch.Tensor) -> torch.Tensor:
    """exp(s_j) / (sum of exp(s_l) over the classes l) in every row of S (n, k), of any size."""
    e = torch.exp(S - S.max(dim=1, keepdim=True).values)
    return e / e.sum(dim=1, keepdim=True)

# %%
try:
    print(softmax(torch.tensor([[0.0, 1.0], [1000.0, 1000.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## cross_entropy

# %%
def cross_entropy(S: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean over rows of -log(softmax(S)) at the class y (n,), for scores S (n, k) of any size.

    y holds whole numbers from 0 on. The log is taken by hand, so that no probability is too small.
    """
    shifted = S - S.max(dim=1, keepdim=True).values
    at_y = shifted.gather(1, y[:, None])[:, 0]
    return (torch.log(torch.exp(shifted).sum(dim=1)) - at_y).mean()

# %%
try:
    print(cross_entropy(torch.tensor([[0.0, 1.0], [99.0, 0.0]]), torch.tensor([1, 1])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## accuracy

# %%
def accuracy(scores: torch.Tensor, y: torch.Tensor) -> float:
    """The share of rows of scores (n, k) whose largest entry, the first of them, is at y (n,)."""
    return float((scores.argmax(dim=1) == y).double().mean())

# %%
try:
    print(accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train_step
#
# Use `cross_entropy` and `accuracy`.

# %%
def train_step(
    W: torch.Tensor,
    b: torch.Tensor,
    X: torch.Tensor,
    y: torch.Tensor,
    X_test: torch.Tensor,
    y_test: torch.Tensor,
    rate: float,
) -> tuple:
    """New W (d, k) and b (k,) after one step of gradient descent, and their accuracy on the test.

    Scores are X W + b. The step goes down the cross-entropy of the rows X (n, d) with classes
    y (n,); the accuracy afterwards is that of the rows X_test (m, d) with classes y_test (m,).
    """
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    dW, db = torch.autograd.grad(cross_entropy(X @ W + b, y), (W, b))
    W, b = (W - rate * dW).detach(), (b - rate * db).detach()
    return W, b, accuracy(X_test @ W + b, y_test)

# %%
try:
    print(train_step(
        torch.zeros(1, 2), torch.zeros(2), torch.tensor([[1.0], [-1.0]]), torch.tensor([1, 0]),
        torch.tensor([[2.0], [-3.0]]), torch.tensor([1, 0]), 0.1,
    ))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run fashion-softmax --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "fashion-softmax", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
