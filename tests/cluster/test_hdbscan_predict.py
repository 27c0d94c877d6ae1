"""New rows in the clusters of HDBSCAN: labels, memberships, outlier scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from tests.cluster.hdbscan_cases import METHODS, blobs

from gramian import HDBSCAN


@pytest.mark.parametrize("parameters", [{}, {"metric": "manhattan"}, {"metric": "canberra"}])
@pytest.mark.parametrize("method", METHODS)
def test_rows_of_the_fit_are_predicted_as_they_were_labelled(
    method: str, parameters: dict[str, Any]
) -> None:
    X = blobs(seed=10)
    model = HDBSCAN(cluster_selection_method=method, **parameters).fit(X)
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_new_rows_join_the_cluster_that_they_lie_in() -> None:
    X, y = make_blobs(300, 2, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    model = HDBSCAN(10).fit(X)
    label = {int(c): int(np.bincount(model.labels_[y == c] + 1).argmax() - 1) for c in range(3)}
    found = model.predict(np.array([[0.1, 0.1], [20.2, 0], [0.1, 19.9], [500, 500]]))
    assert found.tolist() == [label[0], label[1], label[2], -1]
    assert model.predict(np.array([[np.nan, 1], [np.inf, 2]])).tolist() == [-3, -2]


def test_memberships_are_shared_among_clusters() -> None:
    X = blobs(seed=11)
    model = HDBSCAN(10).fit(X)
    found = model.membership_vectors(X)
    assert found.shape == (len(X), model.labels_.max() + 1)
    assert (found >= 0).all()
    assert (found.sum(1) <= 1 + 1e-12).all()
    inside = model.labels_ >= 0
    assert (found.argmax(1) == model.labels_)[inside].mean() > 0.95
    sure = model.probabilities_ == 1
    np.testing.assert_allclose(found[sure].sum(1), 1)
    assert np.isnan(model.membership_vectors([[np.nan, 0.0]])).all()
    nothing = HDBSCAN(len(X)).fit(X)
    assert nothing.membership_vectors(X[:3]).shape == (3, 0)


def test_outlier_scores_compare_with_the_densest_surroundings() -> None:
    X = np.vstack([blobs(seed=12), [[60.0, 60.0]]])
    model = HDBSCAN(10).fit(X)
    assert model.outlier_scores_.argmax() == len(X) - 1
    table = model.condensed_tree_
    of = dict(zip(table.child.tolist(), range(len(table)), strict=True))

    def densest(cluster: int) -> float:
        inside = np.flatnonzero(table.parent == cluster)
        below = [densest(c) for c in table.child[inside].tolist() if c >= len(X)]
        return max([*table.lambda_val[inside].tolist(), *below])

    for row in range(0, len(X), 17):
        last = densest(int(table.parent[of[row]]))
        assert model.outlier_scores_[row] == pytest.approx(1 - table.lambda_val[of[row]] / last)
