"""Submissions to norms-reductions."""

ALTERNATIVES = [
    """
import torch

def row_normalise(A):
    return torch.nn.functional.normalize(A, p=1, dim=1)

def norms(v):
    unit = v.abs().max().item() or 1.0
    return tuple(torch.linalg.vector_norm(v / unit, ord=p) * unit for p in (1, 2, float("inf")))

def rmse(a, b):
    return torch.nn.functional.mse_loss(a, b) ** 0.5
""",
    """
import math

def row_normalise(A):
    return (A.T / A.sum(1)).T

def norms(v):
    entries = [abs(x) for x in v.tolist()]
    return sum(entries), math.hypot(*entries), max(entries)

def rmse(a, b):
    return math.dist(a.tolist(), b.tolist()) / math.sqrt(len(a))
""",
]

MUTANTS = {
    ("row_normalise", "keepdim forgotten"): """
def row_normalise(A):
    return A / A.sum(dim=1)
""",
    ("row_normalise", "wrong axis"): """
def row_normalise(A):
    return A / A.sum(0)
""",
    ("row_normalise", "mean in place of the sum"): """
def row_normalise(A):
    return A / A.mean(dim=1, keepdim=True)
""",
    ("norms", "squared norm"): """
def norms(v):
    return v.abs().sum(), (v * v).sum(), v.abs().max()
""",
    ("norms", "mean in place of the sum"): """
def norms(v):
    unit = v.abs().max() if v.abs().max() > 0 else 1.0
    return v.abs().mean(), ((v / unit) ** 2).mean().sqrt() * unit, v.abs().max()
""",
    ("norms", "overflow"): """
def norms(v):
    return v.abs().sum(), (v**2).sum().sqrt(), v.abs().max()
""",
    ("rmse", "no root"): """
def rmse(a, b):
    return ((a - b) ** 2).mean()
""",
    ("rmse", "sum in place of the mean"): """
def rmse(a, b):
    return torch.linalg.norm(a - b)
""",
    ("rmse", "mean absolute error"): """
def rmse(a, b):
    return ((a - b) ** 2).sqrt().mean()
""",
}
