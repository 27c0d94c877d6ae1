"""Submissions to deep-sets."""

ALTERNATIVES = [
    """
import itertools
import numpy as np
from scipy.special import expit

def layer(x, lam, gam):
    d = x.shape[1]
    z = x @ (lam * np.eye(d) + gam * np.ones((d, d)))
    softplus = np.where(z > 30, z, np.log1p(np.exp(np.minimum(z, 30))))
    return (z * np.tanh(softplus)).astype(x.dtype)

def is_equivariant(f, x):
    orders = itertools.islice(itertools.permutations(range(x.shape[1])), 100)
    return all(np.allclose(f(x[:, list(p)]), f(x)[:, list(p)], rtol=0, atol=1e-8) for p in orders)
""",
    """
import numpy as np

def layer(x, lam, gam):
    z = lam * x + gam * x.sum(-1, keepdims=True)
    e = np.exp(-np.abs(z))
    # tanh(log(1 + e^z)) with a power that cannot overflow
    top = np.where(z >= 0, 1 + 2 * e, e * e + 2 * e)
    bottom = np.where(z >= 0, 1 + 2 * e + 2 * e * e, e * e + 2 * e + 2)
    return (z * top / bottom).astype(x.dtype)

def is_equivariant(f, x):
    d = x.shape[1]
    turn = np.roll(np.arange(d), 1)
    swap = np.arange(d)
    swap[:2] = swap[:2][::-1]
    for order in (turn, swap):
        if not (abs(f(x[:, order]) - f(x)[:, order]) < 1e-8).all():
            return False
    return True
""",
]

MUTANTS = {
    ("layer", "overflow of the exponential"): """
def layer(x, lam, gam):
    z = lam * x + gam * x.sum(axis=1, keepdims=True)
    s = (1 + np.exp(z)) ** 2
    return (z * (s - 1) / (s + 1)).astype(x.dtype)
""",
    ("layer", "diagonal without the common part"): """
def layer(x, lam, gam):
    z = lam * x + gam * (x.sum(axis=1, keepdims=True) - x)
    return (z * np.tanh(np.logaddexp(0, z))).astype(x.dtype)
""",
    ("layer", "sum over the rows"): """
def layer(x, lam, gam):
    z = lam * x + gam * x.sum(axis=0)
    return (z * np.tanh(np.logaddexp(0, z))).astype(x.dtype)
""",
    ("layer", "no activation"): """
def layer(x, lam, gam):
    return (lam * x + gam * x.sum(axis=1, keepdims=True)).astype(x.dtype)
""",
    ("layer", "diagonal free"): """
def layer(x, lam, gam):
    places = np.arange(1, x.shape[1] + 1)
    z = lam * places * x + gam * x.sum(axis=1, keepdims=True)
    return (z * np.tanh(np.logaddexp(0, z))).astype(x.dtype)
""",
    ("is_equivariant", "permutes the rows"): """
def is_equivariant(f, x):
    return bool(np.allclose(f(x[::-1]), f(x)[::-1], rtol=0, atol=1e-8))
""",
    ("is_equivariant", "compares sorted results"): """
def is_equivariant(f, x):
    order = np.roll(np.arange(x.shape[1]), 1)
    return bool(np.allclose(np.sort(f(x[:, order])), np.sort(f(x)), rtol=0, atol=1e-8))
""",
    ("is_equivariant", "too large a tolerance"): """
def is_equivariant(f, x):
    orders = [np.roll(np.arange(x.shape[1]), 1), np.r_[1, 0, 2 : x.shape[1]]]
    return all(np.allclose(f(x[:, p]), f(x)[:, p], atol=1e-2) for p in orders)
""",
    ("is_equivariant", "one permutation only"): """
def is_equivariant(f, x):
    p = np.arange(x.shape[1])
    p[[-2, -1]] = p[[-1, -2]]
    return bool(np.allclose(f(x[:, p]), f(x)[:, p], rtol=0, atol=1e-8))
""",
}
