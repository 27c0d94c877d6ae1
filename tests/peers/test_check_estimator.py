"""scikit-learn's estimator checks, with no failure that it does not grant its own class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sklearn.cluster
from sklearn.utils import estimator_checks
from sklearn.utils._test_common.instance_generator import PER_ESTIMATOR_XFAIL_CHECKS
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm


def granted(estimator: Any) -> dict[str, str]:
    """Checks that scikit-learn's own class of this name may fail, with its reasons."""
    theirs = getattr(sklearn.cluster, type(estimator).__name__)
    checks: dict[str, str] = PER_ESTIMATOR_XFAIL_CHECKS.get(theirs, {})
    return checks


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [gm.DBSCAN(), gm.KMeans(n_clusters=2), gm.MeanShift(bandwidth=1.0)],
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
@pytest.mark.parametrize(
    "estimator", [gm.DBSCAN(), gm.KMeans(n_clusters=2), gm.MeanShift(bandwidth=1.0)], ids=repr
)
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
def test_kmeans_is_a_transformer(check: Callable[..., None]) -> None:
    check("KMeans", gm.KMeans(n_clusters=2))
