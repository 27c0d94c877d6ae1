# %% [markdown]
# # A line between two classes
#
# What does hinge loss find, and when can no line help?
#
# A linear classifier computes $\hat y = w \cdot x + b$ and looks at its sign. All points with
# $\hat y = 0$ form the **boundary**: in the plane a line, to which $w$ is perpendicular. It may
# stand upright, and then it is no function of $x_0$.
#
# The **hinge loss** of a sample of class $C = \pm 1$ is $\max(0, 1 - C \hat y)$. It asks for more
# than the right side: $C \hat y$ shall be at least 1. A sample beyond this margin costs nothing and
# moves nothing. Elsewhere the slope by $w$ is $-C x$, and by $b$ it is $-C$.
#
# The hinge alone ends with the first line that it likes. A price $\frac{\lambda}{2} \|w\|^2$ on
# top makes $w$ shrink until samples touch the margin: that is what widens it.
#
# Write these functions:
#
# - `classify(w, b, X)`
# - `boundary(w, b)`
# - `hinge(w, b, x, c)`
# - `hinge_step(w, b, x, c, mu, lam)`
#
# Then save, and let them be checked: `gramian lab check linear-classifier FILE`.

# %%
import numpy as np

# %%
w0 = 1.0
w1 = 3.0
mu = 0.1

# %% [markdown]
# ## classify

# %%
def classify(w: np.ndarray, b: float, X: np.ndarray) -> np.ndarray:
    """The class of every row of X (n, d), 1 or -1, as integers (n,).

    It is the sign of w . x + b; on the boundary itself the class is -1.
    """
    raise NotImplementedError("classify is not written yet")

# %%
try:
    print(classify(np.array([w0, w1]), 0.0, np.array([[1.0, 0.5], [0.1, -0.3]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## boundary

# %%
def boundary(w: np.ndarray, b: float) -> np.ndarray:
    """Two different points of the line w . x + b = 0 in the plane, as the rows of an array (2, 2).

    At least one of the two weights is not 0.
    """
    raise NotImplementedError("boundary is not written yet")

# %%
try:
    print(boundary(np.array([w0, w1]), 1.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## hinge

# %%
def hinge(w: np.ndarray, b: float, x: np.ndarray, c: int) -> float:
    """The hinge loss of one sample x (d,) with class c, 1 or -1: max(0, 1 - c (w . x + b))."""
    raise NotImplementedError("hinge is not written yet")

# %%
try:
    print(hinge(np.array([w0, w1]), 0.0, np.array([0.1, -0.3]), -1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## hinge_step
#
# Use `hinge`.

# %%
def hinge_step(w: np.ndarray, b: float, x: np.ndarray, c: int, mu: float, lam: float) -> tuple:
    """Weights and bias after one step downhill with rate mu on sample x (d,) of class c.

    What goes down is the hinge loss plus lam / 2 times ||w||^2. Where the hinge is 0 it asks for
    nothing, and only the price of w is left. The given w (d,) stays as it is.
    """
    raise NotImplementedError("hinge_step is not written yet")

# %%
try:
    print(hinge_step(np.array([w0, w1]), 0.0, np.array([0.1, -0.3]), -1, mu, 0.01))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run linear-classifier --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "linear-classifier", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
