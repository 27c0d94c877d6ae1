"""Submissions to implicit-bias."""

ALTERNATIVES = [
    """
import numpy as np

def least_norm(X, b):
    return np.linalg.pinv(X) @ b

def gradient(X, b, w):
    slopes = np.zeros_like(w)
    for x, target in zip(X, b):
        slopes += 2 * (x @ w - target) * x
    return slopes

def gd(X, b, w0, steps, lr):
    w = w0.copy()
    while steps > 0:
        w -= lr * gradient(X, b, w)
        steps -= 1
    return w
""",
    """
import numpy as np

def least_norm(X, b):
    return np.linalg.lstsq(X, b, rcond=None)[0]

def gradient(X, b, w):
    return np.einsum("nd,n->d", X, np.einsum("nd,d->n", X, w) - b) * 2

def gd(X, b, w0, steps, lr):
    # the same in the directions of the singular values, in one go
    U, s, Vt = np.linalg.svd(X.astype(float), full_matrices=False)
    end = U.T @ b / s
    along = Vt @ w0
    return w0 + Vt.T @ ((1 - (1 - 2 * lr * s**2) ** steps) * (end - along))
""",
]

_GD = """
def gd(X, b, w0, steps, lr):
    w = {start}
    for _ in range({rounds}):
        w {step}
    return w
"""
_RIGHT = {"start": "w0", "rounds": "steps", "step": "= w - lr * gradient(X, b, w)"}


def _gd(**changes: str) -> str:
    return _GD.format(**{**_RIGHT, **changes})


MUTANTS = {
    ("least_norm", "least squares formula"): """
def least_norm(X, b):
    return np.linalg.inv(X.T @ X) @ X.T @ b
""",
    ("least_norm", "tall matrix"): """
def least_norm(X, b):
    return X.T @ np.linalg.inv(X @ X.T) @ b
""",
    ("least_norm", "penalty in place of the limit"): """
def least_norm(X, b):
    return np.linalg.solve(X.T @ X + 0.02 * np.eye(X.shape[1]), X.T @ b)
""",
    ("gradient", "missing transpose"): """
def gradient(X, b, w):
    return -2 * X @ (b - X @ w)
""",
    ("gradient", "sign"): "def gradient(X, b, w):\n    return 2 * X.T @ (b - X @ w)\n",
    ("gradient", "factor two forgotten"): """
def gradient(X, b, w):
    return X.T @ (X @ w - b)
""",
    ("gradient", "mean in place of the sum"): """
def gradient(X, b, w):
    return 2 * X.T @ (X @ w - b) / len(b)
""",
    ("gd", "steps in place"): _gd(step="-= lr * gradient(X, b, w)"),
    ("gd", "start forgotten"): _gd(start="np.zeros_like(w0)"),
    ("gd", "penalty on the weights"): _gd(step="= w - lr * (gradient(X, b, w) + 0.1 * w)"),
    ("gd", "uphill"): _gd(step="= w + lr * gradient(X, b, w)"),
    ("gd", "one step too many or too few"): _gd(rounds="steps + 1"),
}
