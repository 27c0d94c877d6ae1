"""Submissions to kmeans-blobs."""

ALTERNATIVES = [
    """
import numpy as np

def assign(points, centres):
    found = []
    for p in points:
        distances = [float(((p - c) ** 2).sum()) for c in centres]
        found.append(distances.index(min(distances)))
    return np.array(found)

def update(points, labels, centres):
    new = []
    for j, old in enumerate(centres):
        own = points[labels == j]
        new.append(own.mean(axis=0) if len(own) else old)
    return np.array(new)

def kmeans(points, start, most, tol):
    centres = np.array([points[i] for i in start])
    while most > 0:
        most -= 1
        old, centres = centres, update(points, assign(points, centres), centres)
        if (np.linalg.norm(centres - old, axis=1) < tol).all():
            break
    return assign(points, centres), centres
""",
    """
import numpy as np

def assign(X, T):
    return np.argmin((T**2).sum(1) - 2 * X @ T.T, axis=1)

def update(X, labels, T):
    member = (labels[:, None] == np.arange(len(T))).astype(X.dtype)
    count = member.sum(0)[:, None]
    return np.where(count > 0, member.T @ X / np.maximum(count, 1), T).astype(X.dtype)

def kmeans(X, idx, M, tol):
    T = np.take(X, idx, axis=0)
    for step in range(M):
        new = update(X, assign(X, T), T)
        done = max(np.hypot.reduce(new - T, axis=1)) < tol
        T = new
        if done:
            return assign(X, T), T
    return assign(X, T), T
""",
]

MUTANTS = {
    ("assign", "minimum over the wrong axis"): """
def assign(X, T):
    return ((X[:, None] - T) ** 2).sum(-1).argmin(0)
""",
    ("assign", "the furthest centre"): """
def assign(X, T):
    return ((X[:, None] - T) ** 2).sum(-1).argmax(1)
""",
    ("assign", "ties to the largest number"): """
def assign(X, T):
    best = np.zeros(len(X), int)
    for j in range(1, len(T)):
        nearer = ((X - T[j]) ** 2).sum(1) <= ((X - T[best]) ** 2).sum(1)
        best[nearer] = j
    return best
""",
    ("update", "NaN for an empty cluster"): """
def update(X, labels, T):
    return np.stack([X[labels == j].mean(axis=0) for j in range(len(T))])
""",
    ("update", "sum in place of the mean"): """
def update(X, labels, T):
    new = T.copy()
    for j in set(labels.tolist()):
        new[j] = X[labels == j].sum(0)
    return new
""",
    ("update", "writes into T"): """
def update(X, labels, T):
    for j in set(labels.tolist()):
        T[j] = X[labels == j].mean(0)
    return T
""",
    ("kmeans", "start rows kept as a view"): """
def kmeans(X, idx, M, tol):
    T = X[: len(idx)]
    T[:] = X[idx]
    for _ in range(M):
        new = update(X, assign(X, T), T)
        done = np.abs(new - T).max() < tol
        T[:] = new
        if done:
            break
    return assign(X, T), T
""",
    ("kmeans", "stops on the first centre only"): """
def kmeans(X, idx, M, tol):
    T = X[idx]
    for _ in range(M):
        new = update(X, assign(X, T), T)
        done = np.linalg.norm(new[0] - T[0]) < tol
        T = new
        if done:
            break
    return assign(X, T), T
""",
    ("kmeans", "stops when any centre rests"): """
def kmeans(X, idx, M, tol):
    T = X[idx]
    for _ in range(M):
        new = update(X, assign(X, T), T)
        done = (np.linalg.norm(new - T, axis=1) < tol).any()
        T = new
        if done:
            break
    return assign(X, T), T
""",
}
