"""Machines where parameters, data or penalties are impossible, extreme or far off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC
from tests.kernel_methods.classifiers.machines import TIGHTLY

import gramian as gm


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"C": 0.0}, r"KernelSVC.fit: C must be a finite number in \(0, inf\), got 0.0"),
        ({"C": -1.0}, "KernelSVC.fit: C must be"),
        ({"tol": 0.0}, "KernelSVC.fit: tol must be"),
        ({"max_iter": 0}, "KernelSVC.fit: max_iter must be"),
        ({"loss": "log"}, "KernelSVC.fit: loss must be one of 'squared_hinge', 'hinge'"),
        ({"solver": "smo"}, "KernelSVC.fit: solver must be one of 'newton', 'nystroem'"),
        ({"rank": 0}, "KernelSVC.fit: rank must be"),
        ({"kernel": "box"}, "KernelSVC.fit: kernel must be one of"),
        ({"gamma": "wide"}, "KernelSVC.fit: gamma must be one of 'scale', 'auto'"),
        ({"gamma": 1.0, "bandwidth": 1.0}, "KernelSVC.fit: gamma must be None when bandwidth"),
        ({"kernel": gm.Sigmoid(5.0, -1.0)}, "KernelSVC.fit: kernel must be positive semi-definite"),
        ({"class_weight": {0: -1.0}}, "KernelSVC.fit: class_weight must be non-negative"),
    ],
)
def test_impossible_parameters(parameters: dict[str, Any], message: str, cloud: Any) -> None:
    with pytest.raises(ValueError, match=message):
        gm.KernelSVC(**parameters).fit(*cloud)


def test_impossible_data(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC()
    with pytest.raises(ValueError, match="at least two classes, got 1 class"):
        model.fit(X, np.ones(len(y)))
    with pytest.raises(ValueError, match=r"y must be class labels, got None"):
        model.fit(X, None)
    with pytest.raises(ValueError, match="must leave every class a row of positive weight"):
        model.fit(X, y, (y == 0).astype(float))
    with pytest.raises(ValueError, match="Input X contains NaN"):
        model.fit(np.where(X > 1, np.nan, X), y)
    with pytest.raises(ValueError, match="Unknown label type"):
        model.fit(X, X[:, 0])
    with pytest.raises(ValueError, match="X must be square for kernel='precomputed'"):
        gm.KernelSVC(kernel="precomputed").fit(X, y)
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_separable_data_and_a_huge_penalty(loss: str) -> None:
    X = np.r_[np.c_[np.zeros(20), np.arange(20)], np.c_[np.ones(20) * 4, np.arange(20)]]
    y = np.arange(40) >= 20
    model = gm.KernelSVC(C=1e4, kernel="linear", loss=loss, random_state=0).fit(X, y)
    # the widest margin: the line at 2, with margins of one at distance 2
    np.testing.assert_allclose(model.decision_function([[2.0, 7.0], [4.0, 3.0]]), [0, 1], atol=2e-3)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_duplicates_with_opposite_labels(loss: str) -> None:
    X = np.repeat(np.arange(6.0)[:, None], 4, 0)
    y = np.tile([0, 1], 12)
    model = gm.KernelSVC(loss=loss, C=100.0, tol=1e-9, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.decision_function(X), 0, atol=1e-4)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_far_off_and_constant_features(loss: str, cloud: Any) -> None:
    X, y = cloud
    plain = gm.KernelSVC(gamma=0.5, loss=loss, tol=1e-10, random_state=0)
    expected = plain.fit(X, y).decision_function(X)
    moved = np.c_[X + 1e5, np.full(len(X), 7.0)]
    np.testing.assert_allclose(plain.fit(moved, y).decision_function(moved), expected, atol=1e-4)
    constant = gm.KernelSVC(random_state=0).fit(np.ones((6, 2)), [0, 0, 0, 0, 1, 1])
    assert (constant.predict(np.ones((2, 2))) == 0).all()


def test_a_linear_machine_does_not_feel_where_the_origin_is(cloud: Any) -> None:
    X, y = cloud
    for loss in ("squared_hinge", "hinge"):
        plain = gm.KernelSVC(kernel="linear", C=10.0, loss=loss, **TIGHTLY)
        expected = plain.fit(X, y).decision_function(X)
        far = plain.fit(X + 1e5, y)
        np.testing.assert_allclose(far.decision_function(X + 1e5), expected, atol=1e-6)
        normal = far.dual_coef_ @ X[far.support_]
        by_hand = (X + 1e5) @ normal[0] + far.intercept_
        np.testing.assert_allclose(by_hand, expected, atol=1e-3)
        warm = gm.KernelSVC(kernel="linear", C=10.0, loss=loss, warm_start=True, **TIGHTLY)
        again = warm.fit(X + 1e5, y).fit(X + 1e5, y)
        np.testing.assert_allclose(again.decision_function(X + 1e5), expected, atol=1e-6)


def test_a_kernel_that_loses_its_digits_far_off_is_refused(cloud: Any) -> None:
    X, y = cloud
    with pytest.raises(ValueError, match=r"kernel must be positive semi-definite.*near the origin"):
        gm.KernelSVC(kernel="poly", random_state=0).fit(X + 1e5, y)


def test_a_penalty_beyond_all_digits_is_refused_or_named(cloud: Any) -> None:
    X, y = cloud
    with pytest.raises(ValueError, match="Lower C or scale the features"):
        gm.KernelSVC(C=1e300, random_state=0).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="lower C"):
        gm.KernelSVC(C=1e12, loss="hinge", random_state=0).fit(X, y)
    tiny = gm.KernelSVC(C=1e-300, random_state=0).fit(X, y)
    assert tiny.gap_ <= 1e-5


def test_the_hinge_with_weights_far_apart() -> None:
    X, y = make_blobs(50, centers=3, cluster_std=20, random_state=0)
    weights = {0: 1e3, 1: 1e-4, 2: 1e-4}
    model = gm.KernelSVC(loss="hinge", class_weight=weights, random_state=0).fit(X, y)
    assert model.gap_ <= 1e-5


def test_the_hinge_begins_where_no_row_has_a_say() -> None:
    X = np.repeat([[1.0, 3.0], [2.0, 1.0], [3.0, 3.0], [4.0, 1.0]], 4, 0)
    y = np.tile(np.repeat([1, 2], 4), 2)
    model = gm.KernelSVC(loss="hinge", random_state=0).fit(X, y)
    theirs = SVC(tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.decision_function(X), theirs.decision_function(X), atol=1e-6)


def test_an_interrupted_fit_leaves_the_machine_as_it_was(cloud: Any) -> None:
    X, y = cloud

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    model = gm.KernelSVC(kernel=kernel, random_state=0)
    before = dict(vars(model))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert vars(model) == before


def test_a_search_that_ends_early_says_so(cloud: Any) -> None:
    X, y = cloud
    with pytest.warns(ConvergenceWarning, match=r"KernelSVC.fit: the relative duality gap must be"):
        gm.KernelSVC(C=1e3, tol=1e-15, max_iter=1, random_state=0).fit(X, y)
