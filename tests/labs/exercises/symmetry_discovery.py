"""Submissions to symmetry-discovery."""

ALTERNATIVES = [
    """
import cmath
import numpy as np

def orbits(n, radii):
    points, labels = [], []
    for label, r in enumerate(radii):
        for k in range(n):
            z = r * cmath.exp(2j * cmath.pi * k / n)
            points.append((z.real, z.imag))
            labels.append(label)
    return np.array(points), np.array(labels)

def sorted_row_loss(G):
    rows = -np.sort(-G, axis=1) * len(G) / np.trace(G)
    h = len(G)
    total = 0.0
    for i in range(h):
        for j in range(h):
            total += ((rows[i] - rows[j]) ** 2).sum()
    return total / (2 * h**3)

def is_group_matrix(G):
    h = len(G)
    if all(abs(G[i, j] - G[0, 1]) < 1e-6 for i in range(h) for j in range(h) if i != j):
        return False
    if np.ptp(np.diagonal(G)) > 1e-6:
        return False
    def grow(order):
        if len(order) == h:
            return all(
                abs(G[order[i], order[j]] - G[order[0], order[(j - i) % h]]) < 1e-6
                for i in range(h) for j in range(h)
            )
        for unit in set(range(h)) - set(order):
            k = len(order)
            if all(abs(G[order[k - 1 - i], unit] - G[order[0], order[i + 1]]) < 1e-6
                   for i in range(k - 1)):
                if grow([*order, unit]):
                    return True
        return False
    return grow([0])

def preserves(generator, X, y):
    moved = np.einsum("ij,nj->ni", generator, X)
    for label in np.unique(y):
        own = X[y == label]
        for p in moved[y == label]:
            if np.linalg.norm(own - p, axis=1).min() > 1e-4:
                return False
    return True
""",
    """
import numpy as np
from itertools import permutations

def orbits(n, radii):
    c, s = np.cos(2 * np.pi / n), np.sin(2 * np.pi / n)
    R = np.array([[c, -s], [s, c]])
    points = []
    for r in radii:
        p = np.array([r, 0.0])
        for _ in range(n):
            points.append(p)
            p = R @ p
    return np.array(points), np.arange(n * len(radii)) // n

def sorted_row_loss(G):
    rows = np.sort(G, axis=1) / G.diagonal().mean()
    return np.var(rows, axis=0).mean()

def is_group_matrix(G):
    h = len(G)
    off = G[np.triu_indices(h, 1)]
    if np.allclose(off, off[0], rtol=0, atol=1e-6):
        return False
    for order in permutations(range(h)):
        T = G[list(order)][:, list(order)]
        if np.allclose(T[1:, 1:], T[:-1, :-1], rtol=0, atol=1e-6) and np.allclose(
            T[1:, 0], T[:-1, -1], rtol=0, atol=1e-6
        ):
            return True
    return False

def preserves(generator, X, y):
    same = y[:, None] == y
    gaps = np.where(same, np.abs((X @ generator.T)[:, None] - X).max(-1), np.inf)
    return bool(np.all(gaps.min(axis=1) < 1e-4))
""",
]

_ORBITS = """
def orbits(n, radii):
    angles = {angles}
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([r * circle for r in radii])
    return points, {labels}
"""

_GROUP = """
def is_group_matrix(G):
    h = len(G)
    off = G[~np.eye(h, dtype=bool)]
    if {collapsed}:
        return False
    shifts = (np.arange(h) - np.arange(h)[:, None]) % h
    for order in {orders}:
        T = G[np.ix_(order, order)]
        if {fits}:
            return True
    return False
"""
_RIGHT = {
    "collapsed": "np.ptp(off) < 1e-6",
    "orders": "permutations(range(h))",
    "fits": "np.abs(T - T[0][shifts]).max() < 1e-6",
}

_PRESERVES = """
def preserves(generator, X, y):
    moved = X @ generator.T
    near = np.abs(moved[:, None] - X[None]).max(axis=2) < 1e-4
    return {answer}
"""

MUTANTS = {
    ("orbits", "the last point is the first"): _ORBITS.format(
        angles="np.linspace(0, 2 * np.pi, n)", labels="np.repeat(np.arange(len(radii)), n)"
    ),
    ("orbits", "labels count the turns"): _ORBITS.format(
        angles="2 * np.pi * np.arange(n) / n", labels="np.tile(np.arange(n), len(radii))"
    ),
    ("sorted_row_loss", "collapse"): """
def sorted_row_loss(G):
    rows = np.sort(G, axis=1)
    return float(((rows - rows.mean(axis=0)) ** 2).mean())
""",
    ("sorted_row_loss", "rows not sorted"): """
def sorted_row_loss(G):
    rows = G / np.diagonal(G).mean()
    return float(((rows - rows.mean(axis=0)) ** 2).mean())
""",
    ("is_group_matrix", "sorted rows as proof"): _GROUP.format(
        **{
            **_RIGHT,
            "orders": "[range(h)]",
            "fits": "np.ptp(np.sort(G, axis=1), axis=0).max() < 1e-6",
        }
    ),
    ("is_group_matrix", "circulance without ordering"): _GROUP.format(
        **{**_RIGHT, "orders": "[range(h)]"}
    ),
    ("is_group_matrix", "collapsed weights"): _GROUP.format(**{**_RIGHT, "collapsed": "False"}),
    ("preserves", "labels are not looked at"): _PRESERVES.format(
        answer="bool(near.any(axis=1).all())"
    ),
    ("preserves", "no data test"): _PRESERVES.format(
        answer="bool(np.allclose(generator @ generator.T, np.eye(2), atol=1e-5))"
    ),
    ("preserves", "commutator in the plane"): _PRESERVES.format(
        answer="bool(np.allclose(X.T @ X @ generator, generator @ X.T @ X, atol=1e-5))"
    ),
}
