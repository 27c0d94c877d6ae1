# %% [markdown]
# # Is a layer invariant?
#
# How far do the features of an image move when the image does?
#
# A forward hook is called whenever its layer has computed something:
# `handle = layer.register_forward_hook(f)`, and `f(module, inputs, output)` sees the output. The hook
# stays until `handle.remove()`.
#
# How far features move says little by itself: they must be compared with the distance between
# different images.
#
# Write these functions:
#
# - `activations(model, layer, x)`
# - `invariance_T(a, b, generator)`
#
# Then save, and let them be checked: `gramian lab check invariance-fc FILE`.

# %%
import torch

# %% [markdown]
# ## activations
#
# The check looks at what you return, and counts the hooks that are still on the model.

# %%
def activations(model: torch.nn.Module, layer: str, x: torch.Tensor) -> torch.Tensor:
    """What the layer of this name gives for inputs x (n, d), as a tensor without gradients.

    Names are those of model.named_modules(). The model is in evaluation mode, and no hook is left
    on it.
    """
    found = []
    part = dict(model.named_modules())[layer]
    hook = part.register_forward_hook(lambda module, inputs, output: found.append(output))
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        hook.remove()
    return found[0]

# %% [markdown]
# ## invariance_T

# %%
def invariance_T(  # noqa: N802 # the name that the exercises ask for
    a: torch.Tensor, b: torch.Tensor, generator: torch.Generator
) -> float:
    """How far rows move: the mean of |a_i - b_i| over the mean of |a_i - b_j|.

    a (n, d) are the features of images, b (n, d) those of their moved copies, n at least 2; |.| is
    Euclidean. j is another row for each i: a permutation drawn from the generator that leaves no
    row in its place.
    """
    places = torch.arange(len(a))
    partners = torch.randperm(len(a), generator=generator)
    while (partners == places).any():
        partners = torch.randperm(len(a), generator=generator)
    own, other = (torch.linalg.vector_norm(a - each, dim=1).mean() for each in (b, b[partners]))
    return float(own / other)

# %%
try:
    print(invariance_T(torch.eye(3), 0.5 * torch.eye(3), torch.Generator().manual_seed(0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run invariance-fc --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "invariance-fc", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
