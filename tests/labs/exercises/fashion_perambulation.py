"""Submissions to fashion-perambulation."""

ALTERNATIVES = [
    """
import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import KernelPCA
from sklearn.metrics import adjusted_rand_score

def kpca_subset(X, chosen, k, gamma):
    model = KernelPCA(k, kernel="rbf", gamma=gamma, eigen_solver="dense").fit(X[chosen])
    return model.transform(X)

def name_clusters(clusters, labels, k):
    table = np.zeros((k, labels.max() + 1), dtype=int)
    np.add.at(table, (clusters, labels), 1)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)

def ari(a, b):
    return adjusted_rand_score(a, b)
""",
    """
import numpy as np
from collections import Counter
from math import comb

def kpca_subset(X, chosen, k, gamma):
    Y = X[list(chosen)]
    m = len(Y)
    def kernel(A, B):
        squared = (A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T
        return np.exp(-gamma * squared.clip(min=0))
    H = np.eye(m) - np.ones((m, m)) / m
    U, s, _ = np.linalg.svd(H @ kernel(Y, Y) @ H)
    means = np.ones((len(X), m)) / m @ kernel(Y, Y)
    L = (kernel(X, Y) - means) @ H
    return np.stack([L @ U[:, j] / s[j] ** 0.5 for j in range(k)], axis=1)

def name_clusters(clusters, labels, k):
    names = []
    for c in range(k):
        votes = Counter(labels[clusters == c].tolist())
        names.append(min(votes, key=lambda v: (-votes[v], v)) if votes else -1)
    return np.array(names)

def ari(a, b):
    def pairs(rows):
        return sum(comb(count, 2) for count in Counter(rows).values())
    a, b = a.tolist(), b.tolist()
    both, A, B, all_pairs = pairs(zip(a, b)), pairs(a), pairs(b), comb(len(a), 2)
    top, bottom = both - A * B / all_pairs, (A + B) / 2 - A * B / all_pairs
    return top / bottom if bottom else 1.0
""",
]

_COMPONENTS = """
def kpca_subset(X, chosen, k, gamma):
    Y = {Y}
    K = np.exp(-gamma * ((Y[:, None] - Y[None]) ** 2).sum(axis=2))
    L = np.exp(-gamma * ((X[:, None] - Y[None]) ** 2).sum(axis=2))
    {centring}
    values, vectors = np.linalg.eigh(K)
    return L @ (vectors[:, ::-1][:, :k] / np.sqrt(values[::-1][:k]))
"""
_CENTRED = """L = L - L.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()
    K = K - K.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()"""

_ARI = """
def ari(a, b):
    i, j = np.triu_indices(len(a), k=1)
    A, B = a[i] == a[j], b[i] == b[j]
    return {answer}
"""

MUTANTS = {
    ("kpca_subset", "kernel not centred"): _COMPONENTS.format(Y="X[chosen]", centring="pass"),
    ("kpca_subset", "all rows used for tuning"): _COMPONENTS.format(Y="X", centring=_CENTRED),
    ("name_clusters", "one cluster two names"): """
def name_clusters(clusters, labels, k):
    names = np.full(k, -1)
    for label in np.unique(labels):
        names[np.bincount(clusters[labels == label]).argmax()] = label
    return names
""",
    ("name_clusters", "an empty cluster gets a name"): """
def name_clusters(clusters, labels, k):
    return np.array(
        [np.bincount(labels[clusters == c], minlength=1).argmax() for c in range(k)]
    )
""",
    ("ari", "ARI by accuracy"): "def ari(a, b):\n    return float((a == b).mean())\n",
    ("ari", "not adjusted"): _ARI.format(answer="float((A == B).mean())"),
    ("ari", "zero by zero"): _ARI.format(
        answer="float(((A & B).mean() - A.mean() * B.mean())"
        " / ((A.mean() + B.mean()) / 2 - A.mean() * B.mean()))"
    ),
}
