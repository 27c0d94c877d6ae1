"""Submissions to pairwise-speed."""

ALTERNATIVES = [
    """
import numpy as np

def sqdist_loops(A, B):
    return np.array([[np.dot(a - b, a - b) for b in B] for a in A], dtype=A.dtype)

def sqdist_broadcast(A, B):
    gaps = A[:, :, None] - B.T[None]
    return np.einsum("idj,idj->ij", gaps, gaps)

def sqdist_expanded(A, B):
    A, B = A - B[0], B - B[0]
    table = np.add.outer(np.einsum("ij,ij->i", A, A), np.einsum("ij,ij->i", B, B)) - 2 * A @ B.T
    table[table < 0] = 0
    return table
""",
    """
from __future__ import annotations
from scipy.spatial.distance import cdist
import numpy

def sqdist_loops(X, T):
    out = numpy.zeros((X.shape[0], T.shape[0]), X.dtype)
    for i, x in enumerate(X):
        for j, t in enumerate(T):
            total = 0
            for a, b in zip(x, t):
                total += (a - b) ** 2
            out[i, j] = total
    return out

def sqdist_broadcast(X, T):
    return numpy.square(numpy.expand_dims(X, 1) - T).sum(-1)

def sqdist_expanded(X, T):
    return cdist(X, T, "sqeuclidean").astype(X.dtype)
""",
]

MUTANTS = {
    ("sqdist_loops", "square root"): """
def sqdist_loops(X, T):
    return np.array([[np.linalg.norm(x - t) for t in T] for x in X], dtype=X.dtype)
""",
    ("sqdist_broadcast", "square root"): """
def sqdist_broadcast(X, T):
    return np.linalg.norm(X[:, None] - T, axis=2)
""",
    ("sqdist_broadcast", "row by row in place of all pairs"): """
def sqdist_broadcast(X, T):
    return ((X - T) ** 2).sum(-1)
""",
    ("sqdist_broadcast", "wrong axis"): """
def sqdist_broadcast(X, T):
    return np.square(X[:, None] - T).sum(axis=1)
""",
    ("sqdist_expanded", "centres the arguments in place"): """
def sqdist_expanded(X, T):
    X -= T.mean(axis=0)
    T -= T.mean(axis=0)
    return np.maximum((X**2).sum(1)[:, None] + (T**2).sum(1) - 2 * X @ T.T, 0)
""",
    ("sqdist_expanded", "square root"): """
def sqdist_expanded(X, T):
    c = T.mean(axis=0)
    X, T = X - c, T - c
    return np.sqrt(np.maximum((X**2).sum(1)[:, None] + (T**2).sum(1) - 2 * X @ T.T, 0))
""",
    ("sqdist_expanded", "an array of n m d entries"): """
def sqdist_expanded(X, T):
    return ((X[:, None] - T) ** 2).sum(-1)
""",
    ("sqdist_expanded", "negative distances"): """
def sqdist_expanded(X, T):
    return (X**2).sum(1)[:, None] + (T**2).sum(1) - 2 * X @ T.T
""",
}
