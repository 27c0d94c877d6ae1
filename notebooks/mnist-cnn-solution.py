# %% [markdown]
# # Training and accuracy
#
# Is the accuracy that a training loop reports the real one?
#
# An epoch goes through all batches once. The last batch is often shorter than the others, so a mean
# over batches is not a mean over images. Layers such as batch normalisation and dropout act
# otherwise while training: `model.train()` and `model.eval()` choose.
#
# Write these functions:
#
# - `evaluate(model, batches)`
# - `train_epoch(model, batches, optimizer)`
#
# Then save, and let them be checked: `gramian lab check mnist-cnn FILE`.

# %%
import torch

# %% [markdown]
# ## evaluate
#
# `model` is a network, `batches` a list of pairs `(X, y)`.

# %%
def evaluate(model: torch.nn.Module, batches: list) -> float:
    """The share of the images in all batches that a classifier is right about, as a float.

    batches are pairs of inputs X (n, d) and labels y (n,), and n may differ. The model gives one
    score for each class. It is judged in evaluation mode, without gradients.
    """
    model.eval()
    right = total = 0
    with torch.no_grad():
        for X, y in batches:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    return right / total

# %%
try:
    print(evaluate(torch.nn.Linear(2, 3), [(torch.zeros(4, 2), torch.zeros(4))]))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## train_epoch
#
# The check calls it with `torch.optim.SGD`, whose rate it shows, and looks at the loss that you return and at the weights that you leave.

# %%
def train_epoch(model: torch.nn.Module, batches: list, optimizer: torch.optim.Optimizer) -> float:
    """One step of the optimiser for each batch of (X, y); the mean loss per image, as a float.

    The loss of a step is the cross-entropy of the model's scores, as a mean over the batch, in
    training mode.
    """
    model.train()
    loss_sum, total = 0.0, 0
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += float(loss.detach()) * len(y)
        total += len(y)
    return loss_sum / total

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run mnist-cnn --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "mnist-cnn", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
