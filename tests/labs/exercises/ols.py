"""Submissions to ols."""

ALTERNATIVES = [
    """
import torch

def add_bias(X):
    wide = X.new_ones(X.shape[0], X.shape[1] + 1)
    wide[:, :-1] = X
    return wide

def ols(X, y):
    A = add_bias(X)
    U, s, Vt = torch.linalg.svd(A, full_matrices=False)
    kept = s > 1e-5 * s[0]
    return Vt[kept].T @ ((U.T @ y)[kept] / s[kept])

def mse(X, y, w):
    total = 0.0
    for row, target in zip(X, y.flatten()):
        total = total + (target - row @ w[:-1] - w[-1]) ** 2
    return total / len(X)
""",
    """
import numpy as np
import torch
import torch.nn.functional as F

def add_bias(X):
    return F.pad(X, (0, 1), value=1.0)

def ols(X, y):
    w, *_ = np.linalg.lstsq(add_bias(X).double().numpy(), y.double().numpy(), rcond=None)
    return torch.from_numpy(w).to(X.dtype)

def mse(X, y, w):
    return F.mse_loss(add_bias(X) @ w, y.squeeze(-1) if y.ndim == 2 else y)
""",
]

MUTANTS = {
    ("add_bias", "ones in front"): """
def add_bias(X):
    return torch.cat([torch.ones_like(X[:, :1]), X], dim=1)
""",
    ("add_bias", "a row of ones"): """
def add_bias(X):
    return torch.cat([X, torch.ones_like(X[:1])])
""",
    ("add_bias", "ones added to the entries"): """
def add_bias(X):
    return X + torch.ones_like(X)
""",
    ("ols", "no bias column"): """
def ols(X, y):
    return torch.linalg.pinv(X) @ y
""",
    ("ols", "inverse on collinear columns"): """
def ols(X, y):
    A = add_bias(X)
    return torch.linalg.inv(A.T @ A) @ A.T @ y
""",
    ("ols", "y enters without X"): """
def ols(X, y):
    return torch.linalg.pinv(add_bias(X)) @ torch.full_like(y, float(y.mean()))
""",
    ("mse", "y as a column against a vector of predictions"): """
def mse(X, y, w):
    return ((y - add_bias(X) @ w) ** 2).mean()
""",
    ("mse", "sum in place of the mean"): """
def mse(X, y, w):
    return ((y.flatten() - add_bias(X) @ w) ** 2).sum()
""",
    ("mse", "root of the mean"): """
def mse(X, y, w):
    return ((y.flatten() - add_bias(X) @ w) ** 2).mean().sqrt()
""",
}
