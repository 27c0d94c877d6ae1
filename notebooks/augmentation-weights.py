# %% [markdown]
# # Turns that print themselves into weights
#
# Does augmentation print its symmetry into the weights?
#
# A classifier that only ever sees digits turned by random angles has no reason to prefer a
# direction, and its weights become round. How round, a share of variance says: that between rings
# around the centre.
#
# The centre of an image of $s \times s$ pixels lies at $(s - 1) / 2$, counted from the middle of the
# first pixel.
#
# Write these functions:
#
# - `rotate_batch(x, angles)`
# - `augment(x, generator)`
# - `radial_share(W)`
#
# Then save, and let them be checked: `gramian lab check augmentation-weights FILE`.

# %%
import torch

# %% [markdown]
# ## rotate_batch

# %%
def rotate_batch(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Each image of x (n, s, s) turned counter-clockwise about its centre, as (n, s, s).

    angles (n,) are in degrees, one for each image. Bilinear interpolation; everything outside of
    an image is 0.
    """
    raise NotImplementedError("rotate_batch is not written yet")

# %%
try:
    print(rotate_batch(torch.arange(4.0).reshape(1, 2, 2), torch.tensor([90.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## augment
#
# Use `rotate_batch`.

# %%
def augment(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images x (n, s, s) with pixels in [0, 1], turned and normalised, as (n, s, s).

    Each image is turned by an angle of its own from [0, 360), drawn from the generator; what comes
    in is background, 0. In the result a pixel is (pixel - 0.1307) / 0.3081.
    """
    raise NotImplementedError("augment is not written yet")

# %%
try:
    print(augment(torch.rand(2, 5, 5), torch.Generator().manual_seed(0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## radial_share

# %%
def radial_share(W: torch.Tensor) -> float:
    """Of the variance of images W (k, s, s) over their inscribed disc, the share between rings.

    The disc holds the pixels at most (s - 1) / 2 from the centre of the image. A ring holds those
    of it whose distances have the same whole part. Variances are sums over pixels of squared
    differences from an image's mean over the disc, summed over the images; between rings, each
    pixel is replaced by its ring's mean.
    """
    raise NotImplementedError("radial_share is not written yet")

# %%
try:
    print(radial_share(torch.rand(1, 5, 5)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run augmentation-weights --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "augmentation-weights", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
