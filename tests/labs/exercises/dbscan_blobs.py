"""Submissions to dbscan-blobs."""

ALTERNATIVES = [
    """
import numpy as np
from sklearn.cluster import DBSCAN

def core_mask(X, eps, min_points):
    return np.array([(np.linalg.norm(X - x, axis=1) <= eps).sum() >= min_points for x in X])

def dbscan(X, eps, min_points):
    return DBSCAN(eps=eps, min_samples=min_points, algorithm="brute").fit(X).labels_
""",
    """
import numpy as np
from collections import deque

def neighbours(X, i, eps):
    return [j for j in np.flatnonzero(((X - X[i]) ** 2).sum(1) <= eps * eps)]

def core_mask(X, eps, min_points):
    return np.array([len(neighbours(X, i, eps)) >= min_points for i in range(len(X))])

def dbscan(X, eps, min_points):
    core = core_mask(X, eps, min_points)
    labels, k = [None] * len(X), -1
    for i in range(len(X)):
        if labels[i] is None and core[i]:
            k += 1
            queue = deque([i])
            while queue:
                j = queue.popleft()
                if labels[j] is None:
                    labels[j] = k
                    if core[j]:
                        queue.extend(neighbours(X, j, eps))
    return np.array([-1 if label is None else label for label in labels])
""",
]

_GROW = """
def dbscan(X, eps, min_points):
    near = np.sqrt(((X[:, None] - X) ** 2).sum(-1)) {near} eps
    core = near.sum(1) {count} min_points
    labels, k = np.full(len(X), {noise}), {first}
    for i in range(len(X)):
        if core[i] and labels[i] == {noise}:
            stack = [i]
            labels[i] = k
            while stack:
                j = stack.pop()
                for m in np.flatnonzero(near[j] & (labels == {noise})):
                    labels[m] = k
                    {grow}
                        stack.append(m)
            k += 1
    return labels
"""
_RIGHT = {
    "near": "<=",
    "count": ">=",
    "noise": "-1",
    "first": "0",
    "grow": "if core[m]:",
}

MUTANTS = {
    ("core_mask", "self not counted"): """
def core_mask(X, eps, min_points):
    near = np.sqrt(((X[:, None] - X) ** 2).sum(-1)) <= eps
    np.fill_diagonal(near, False)
    return near.sum(1) >= min_points
""",
    ("core_mask", "distance strictly below eps"): """
def core_mask(X, eps, min_points):
    return (np.sqrt(((X[:, None] - X) ** 2).sum(-1)) < eps).sum(1) >= min_points
""",
    ("dbscan", "recursion"): """
def dbscan(X, eps, min_points):
    core = core_mask(X, eps, min_points)
    labels = np.full(len(X), -1)

    def grow(i, k):
        labels[i] = k
        if core[i]:
            for j in np.flatnonzero(np.linalg.norm(X - X[i], axis=1) <= eps):
                if labels[j] < 0:
                    grow(j, k)

    k = 0
    for i in range(len(X)):
        if core[i] and labels[i] < 0:
            grow(i, k)
            k += 1
    return labels
""",
    ("dbscan", "changes X"): _GROW.format(**_RIGHT).replace(
        "    return labels", "    X += 1\n    return labels"
    ),
    ("dbscan", "noise confused with cluster 0"): _GROW.format(
        **{**_RIGHT, "noise": "0", "first": "1"}
    ),
    ("dbscan", "expands through border rows"): _GROW.format(**{**_RIGHT, "grow": "if True:"}),
    ("dbscan", "count strictly above min_points"): _GROW.format(**{**_RIGHT, "count": ">"}),
    ("dbscan", "distance strictly below eps"): _GROW.format(**{**_RIGHT, "near": "<"}),
}
