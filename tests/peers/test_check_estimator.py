"""scikit-learn's estimator checks, with no failure that it does not grant its own class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sklearn.cluster
import sklearn.decomposition
import sklearn.kernel_approximation
import sklearn.kernel_ridge
import sklearn.linear_model
import sklearn.neighbors
from sklearn.utils import estimator_checks
from sklearn.utils._test_common.instance_generator import PER_ESTIMATOR_XFAIL_CHECKS
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm

HOMES = (
    sklearn.cluster,
    sklearn.decomposition,
    sklearn.kernel_approximation,
    sklearn.kernel_ridge,
    sklearn.linear_model,
    sklearn.neighbors,
)
"""Where scikit-learn keeps the classes of the same names."""


NOT_NEEDED = {
    ("KernelDensity", "check_sample_weight_equivalence_on_dense_data"),
    ("Nystroem", "check_transformer_preserve_dtypes"),
}
"""Checks that scikit-learn's class fails and ours passes."""


NUMBERED_BY_ORDER = {
    f"check_sample_weight_equivalence_on_{kind}_data": "it shuffles the rows, whose order numbers "
    "the clusters"
    for kind in ("dense", "sparse")
}
"""Of `HDBSCAN`, whose numbers are scikit-learn's; its own class takes no weights."""


def granted(estimator: Any) -> dict[str, str]:
    """Checks that scikit-learn's own class of this name may fail, with its reasons."""
    name = type(estimator).__name__
    theirs = next((getattr(home, name) for home in HOMES if hasattr(home, name)), None)
    checks: dict[str, str] = PER_ESTIMATOR_XFAIL_CHECKS.get(theirs, {})
    if name == "HDBSCAN":
        checks = checks | NUMBERED_BY_ORDER
    return {check: reason for check, reason in checks.items() if (name, check) not in NOT_NEEDED}


ESTIMATORS = [
    gm.DBSCAN(),
    gm.HDBSCAN(min_samples=1),
    gm.KMeans(n_clusters=2),
    gm.KMeans(n_clusters=2, metric="cosine"),
    gm.MiniBatchKMeans(n_clusters=2, n_init=1),
    gm.MeanShift(bandwidth=1.0),
    gm.NearestNeighbors(),
    gm.LinearRegression(),
    gm.LinearRegression(positive=True),
    gm.Ridge(),
    gm.Ridge(solver="svd"),
    gm.RidgeCV(),
    gm.KernelDensity(),
    gm.KernelRidge(),
    gm.KernelRidge(kernel="rbf", fit_intercept=True),
    gm.KernelRidgeCV(),
    gm.KernelRidgeCV(kernel="rbf", fit_intercept=True, bandwidths=[1.0, 4.0]),
    gm.KernelPCA(),
    gm.KernelPCA(kernel="rbf", fit_inverse_transform=True),
    gm.Nystroem(n_components=5),
    gm.Nystroem(n_components=5, landmarks="rpcholesky"),
    gm.Nystroem(n_components=5, landmarks="kmeans"),
    gm.RBFSampler(),
    gm.RBFSampler(orthogonal=True),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    ESTIMATORS,
    expected_failed_checks=granted,
)
def test_estimator_check(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_n_features_in_after_fitting,
        estimator_checks.check_dataframe_column_names_consistency,
    ],
)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_names_and_number_of_features(estimator: Any, check: Callable[..., None]) -> None:
    check(type(estimator).__name__, estimator)


@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names:UserWarning")
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_transformer_get_feature_names_out,
        estimator_checks.check_transformer_get_feature_names_out_pandas,
        estimator_checks.check_set_output_transform,
        estimator_checks.check_set_output_transform_pandas,
        estimator_checks.check_set_output_transform_polars,
        estimator_checks.check_global_output_transform_pandas,
        estimator_checks.check_global_set_output_transform_polars,
    ],
)
@pytest.mark.parametrize(
    "estimator",
    [
        gm.KMeans(n_clusters=2),
        gm.MiniBatchKMeans(n_clusters=2, n_init=1),
        gm.KernelPCA(n_components=1),
        gm.Nystroem(n_components=2),
        gm.RBFSampler(),
    ],
    ids=repr,
)
def test_transformers(check: Callable[..., None], estimator: Any) -> None:
    check(type(estimator).__name__, estimator)
