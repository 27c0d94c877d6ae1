"""The exercise of fashion-perambulation: kernel components, names of clusters, the Rand index."""

from __future__ import annotations

import numpy as np

from gramian.labs.checking import (
    Array,
    Evidence,
    Exercise,
    Function,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    fails,
    like,
    only_on,
    raises,
)
from gramian.labs.exercises import _clothes as _own


def kpca_subset(X: np.ndarray, chosen: list, k: int, gamma: float) -> np.ndarray:
    """Projections (n, k) of all rows of X (n, d) on k kernel components of some of them.

    The kernel is exp(-gamma * squared distance). The components are those of the rows numbered in
    chosen alone, with mean zero over them in feature space, the largest first; a component has
    length one. Their signs are free.
    """
    Y = X[chosen]
    K = np.exp(-gamma * ((Y[:, None] - Y[None]) ** 2).sum(axis=2))
    L = np.exp(-gamma * ((X[:, None] - Y[None]) ** 2).sum(axis=2))
    L = L - L.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()
    K = K - K.mean(axis=1, keepdims=True) - K.mean(axis=0) + K.mean()
    values, vectors = np.linalg.eigh(K)
    return L @ (vectors[:, ::-1][:, :k] / np.sqrt(values[::-1][:k]))


def name_clusters(clusters: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """For each of the clusters 0 … k-1 the label that most of its images have, as integers (k,).

    clusters (n,) and labels (n,) are integers. Of equally frequent labels the smallest; -1 where a
    cluster is empty. Two clusters may have the same name.
    """
    names = np.full(k, -1)
    for cluster in range(k):
        own = labels[clusters == cluster]
        if len(own) > 0:
            names[cluster] = np.bincount(own).argmax()
    return names


def ari(a: np.ndarray, b: np.ndarray) -> float:
    """The adjusted Rand index of two clusterings a (n,) and b (n,) of n > 1 rows.

    With S the pairs of rows that are together in both, A and B those together in a and in b, and
    E = A B / (number of pairs), it is (S - E) / ((A + B) / 2 - E), and 1 where that is 0 / 0.
    """
    i, j = np.triu_indices(len(a), k=1)
    in_a, in_b = a[i] == a[j], b[i] == b[j]
    expected = in_a.sum() * in_b.sum() / len(i)
    most = (in_a.sum() + in_b.sum()) / 2
    if most == expected:
        return 1.0
    return float(((in_a & in_b).sum() - expected) / (most - expected))


_CHOSEN_ONLY = "rows that are not chosen do not move the others"


def _as_if_not_centred(evidence: Evidence) -> bool:
    """All answers are projections on components without mean zero."""
    return all(
        _own.same_up_to_sign(
            getattr(evidence.outcome(case), "value", np.zeros(0)),
            _own.projected(**case.arguments, centred=False),
        )
        for case in evidence.cases
    )


EXERCISE = Exercise(
    lab="fashion-perambulation",
    title="Clusters and their names",
    question="How much of the labels is in the geometry?",
    background="""\
Kernel PCA finds directions in the feature space of a kernel $k$ along which rows spread most.
$K_{ij} = k(y_i, y_j)$ for the chosen rows is centred, $K - 1K - K1 + 1K1$, where all entries of $1$
are $1/m$. With an eigenvector $v$ of length one and its eigenvalue $\\lambda$, the component is
$\\sum_i v_i \\phi(y_i) / \\sqrt\\lambda$. Other rows are centred with the **same** means.

Clusters have no names of their own. Whether two clusterings agree must not depend on names: the
adjusted Rand index looks at pairs of rows, and subtracts what chance alone would give.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=kpca_subset,
            cases=_own.tables,
            returns=Array(None),
            properties=(
                Property(
                    "there is a row for every row of X, and a column for every component",
                    lambda f, X, chosen, k, gamma: f(X, chosen, k, gamma).shape == (len(X), k),
                    "All rows are projected, the chosen ones and the others.",
                ),
                Property(
                    _CHOSEN_ONLY,
                    lambda f, X, chosen, k, gamma: _own.same_up_to_sign(
                        f(X, chosen, k, gamma)[chosen],
                        f(X[chosen], list(range(len(chosen))), k, gamma),
                    ),
                    "Components and means come from the chosen rows alone.",
                ),
                Property(
                    "the chosen rows have the mean zero along every component",
                    lambda f, X, chosen, k, gamma: close(
                        f(X, chosen, k, gamma)[chosen].mean(axis=0), np.zeros(k), 1e-6
                    ),
                    "Rows and columns of the matrix are centred, both.",
                ),
                Property(
                    "the projections are those on components of length one, up to sign",
                    lambda f, X, chosen, k, gamma: _own.same_up_to_sign(
                        f(X, chosen, k, gamma), _own.projected(X, chosen, k, gamma)
                    ),
                    "By which power of the eigenvalue is an eigenvector divided?",
                ),
            ),
            mistakes=(
                Mistake(
                    "kernel not centred",
                    _as_if_not_centred,
                    "Without centring the first component points to the mean.",
                ),
                Mistake(
                    "all rows used for tuning",
                    fails(_CHOSEN_ONLY),
                    "Rows that were set aside have a say in components or means. Keep them out.",
                ),
            ),
            example="kpca_subset(np.array([[0.0], [1.0], [4.0]]), [0, 1], 1, 0.5)",
        ),
        Function(
            solution=name_clusters,
            cases=_own.named_clusters,
            axes={"clusters": "n", "labels": "n"},
            returns=Array(None, "integer"),
            valid=lambda clusters, labels, k: len(clusters) > 0,
            properties=(
                Property(
                    "there is one name for each cluster",
                    lambda f, clusters, labels, k: f(clusters, labels, k).shape == (k,),
                    "Clusters count from zero, and some may be empty.",
                ),
            ),
            reference=_own.named,
            mistakes=(
                Mistake(
                    "one cluster two names",
                    like(_own.named_by_class),
                    "Here every class picks a cluster, so that one cluster may get two names. "
                    "Which way round was asked for?",
                ),
                Mistake(
                    "an empty cluster gets a name",
                    any_of(raises("ValueError"), only_on("empty")),
                    "What is the majority of no images?",
                ),
            ),
            example="name_clusters(np.array([0, 0, 1]), np.array([4, 4, 2]), 2)",
        ),
        Function(
            solution=ari,
            cases=_own.clusterings,
            axes={"a": "n", "b": "n"},
            returns=Number(),
            valid=lambda a, b: len(a) > 1,
            properties=(
                Property(
                    "names do not matter",
                    lambda f, a, b: close(f(a, b.max() - b), f(a, b), 1e-6),
                    "Look at pairs of rows: are they together in a, and in b?",
                ),
                Property(
                    "both clusterings play the same part",
                    lambda f, a, b: close(f(b, a), f(a, b), 1e-6),
                    "Exchange them in your formula.",
                ),
            ),
            reference=_own.ari,
            mistakes=(
                Mistake(
                    "ARI by accuracy",
                    like(lambda a, b: float((a == b).mean())),
                    "Equal numbers are no agreement: the names of clusters are arbitrary.",
                ),
                Mistake(
                    "not adjusted",
                    like(_own.rand),
                    "Two random clusterings agree on many pairs. What is subtracted for that?",
                ),
                Mistake(
                    "zero by zero",
                    fails("finite", "raises"),
                    "What if all rows are together in both, or none?",
                ),
            ),
            example="ari(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 2]))",
        ),
    ),
)
