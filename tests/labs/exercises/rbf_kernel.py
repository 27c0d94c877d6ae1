"""Submissions to rbf-kernel."""

ALTERNATIVES = [
    """
from sklearn.metrics.pairwise import rbf_kernel

def rbf(X, T, gamma):
    return rbf_kernel(X, T, gamma=1 / gamma).astype(X.dtype).clip(0, 1)
""",
    """
import numpy as np

def rbf(A, B, width):
    table = np.ones((len(A), len(B)), A.dtype)
    for k in range(A.shape[1]):
        table *= np.exp(-np.subtract.outer(A[:, k], B[:, k]) ** 2 / width)
    return table
""",
]

MUTANTS = {
    ("rbf", "distance without its square"): """
def rbf(X, T, gamma):
    return np.exp(-np.linalg.norm(X[:, None] - T, axis=-1) / gamma)
""",
    ("rbf", "gamma multiplies"): """
def rbf(X, T, gamma):
    return np.exp(-gamma * ((X[:, None] - T) ** 2).sum(-1))
""",
    ("rbf", "two gamma squared"): """
def rbf(X, T, gamma):
    return np.exp(-((X[:, None] - T) ** 2).sum(-1) / (2 * gamma**2))
""",
    ("rbf", "similarities above one"): """
def rbf(X, T, gamma):
    return np.exp(-((X**2).sum(1)[:, None] + (T**2).sum(1) - 2 * X @ T.T) / gamma)
""",
}
