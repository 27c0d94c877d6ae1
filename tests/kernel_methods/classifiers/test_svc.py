"""KernelSVC: against scikit-learn's SVC and a dense Newton method, its border, and hard cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.datasets import load_iris, make_blobs, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm

TIGHT = {"tol": 1e-14, "random_state": 0}
TIGHTLY = {"tol": 1e-10, "random_state": 0}
NAMES = ["rbf", "linear", "poly", "laplacian", "cosine", "chi2"]


@pytest.fixture(scope="module")
def cloud() -> tuple[np.ndarray, np.ndarray]:
    """Two classes that overlap, 150 rows, 4 features."""
    return make_classification(
        150, 4, n_informative=3, n_redundant=0, n_clusters_per_class=2, flip_y=0.1, random_state=3
    )


def dense_squared_hinge(
    K: np.ndarray, signs: np.ndarray, weights: np.ndarray, *, intercept: bool = True
) -> np.ndarray:
    """Decision values by Newton's method on the dense matrix, with halved steps."""
    n = len(K)

    def objective(beta: np.ndarray, b: float) -> float:
        slack = np.maximum(0, 1 - signs * (K @ beta + b))
        return 0.5 * beta @ K @ beta + weights @ slack**2

    beta, b = np.zeros(n), 0.0
    for _ in range(200):
        z = K @ beta + b
        on = signs * z < 1
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = np.eye(n) + 2 * (weights * on)[:, None] * K
        system[:n, n] = 2 * weights * on
        system[n, :n] = 1 if intercept else 0
        system[n, n] = 0 if intercept else 1
        solution = np.linalg.lstsq(system, np.append(2 * weights * on * signs, 0), rcond=None)[0]
        step, shift, size = solution[:n] - beta, solution[n] - b, 1.0
        before = objective(beta, b)
        while objective(beta + size * step, b + size * shift) > before and size > 1e-10:
            size /= 2
        beta, b = beta + size * step, b + size * shift
        if size * np.abs(step).max() < 1e-13 * (1 + np.abs(beta).max()):
            break
    return K @ beta + b


# ------------------------------------------------------------------ agreement


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly"])
def test_hinge_is_scikit_learns_svc(kernel: str, C: float, cloud: Any) -> None:
    X, y = cloud
    ours = gm.KernelSVC(C=C, kernel=kernel, loss="hinge", tol=1e-11, random_state=0).fit(X, y)
    theirs = SVC(C=C, kernel=kernel, tol=1e-11).fit(X, y)
    # scikit-learn rounds the entries of the kernel to float32
    np.testing.assert_allclose(
        ours.decision_function(X), theirs.decision_function(X), atol=4e-6 * max(1, C)
    )
    np.testing.assert_array_equal(ours.support_, np.sort(theirs.support_))


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
def test_hinge_closes_the_duality_gap(C: float, cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(C=C, gamma=0.3, loss="hinge", tol=1e-11, random_state=0).fit(X, y)
    signs, beta = 2.0 * y - 1, np.zeros(len(y))
    beta[model.support_] = model.dual_coef_[0]
    square = beta @ rbf_kernel(X, gamma=0.3) @ beta
    primal = square / 2 + C * np.maximum(0, 1 - signs * model.decision_function(X)).sum()
    dual = signs @ beta - square / 2
    assert ((signs * beta >= 0) & (signs * beta <= C)).all()
    assert abs(beta.sum()) <= 1e-10 * C
    assert abs(primal - dual) <= 1.1e-11 * primal


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.05, 1.0, 100.0])
@pytest.mark.parametrize("kernel", ["rbf", "poly"])
def test_squared_hinge_is_a_dense_newton(
    kernel: str, C: float, fit_intercept: bool, cloud: Any
) -> None:
    X, y = cloud
    model = gm.KernelSVC(C=C, kernel=kernel, gamma=0.3, fit_intercept=fit_intercept, **TIGHT)
    found = model.fit(X, y).decision_function(X)
    K = pairwise_kernels(X, metric=kernel, filter_params=True, gamma=0.3, degree=3, coef0=0.0)
    expected = dense_squared_hinge(K, 2.0 * y - 1, np.full(len(y), C), intercept=fit_intercept)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kernel", NAMES)
def test_every_kernel_by_name(kernel: str, cloud: Any) -> None:
    X, y = np.abs(cloud[0]), cloud[1]
    found = gm.KernelSVC(kernel=kernel, gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    K = pairwise_kernels(X, metric=kernel, filter_params=True, gamma=0.5, degree=3, coef0=0.0)
    expected = dense_squared_hinge(K, 2.0 * y - 1, np.ones(len(y)))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_linear_kernel_is_linear_svc(cloud: Any) -> None:
    X, y = cloud
    found = gm.KernelSVC(kernel="linear", fit_intercept=False, **TIGHT).fit(X, y)
    theirs = LinearSVC(fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y)
    expected = theirs.decision_function(X)
    np.testing.assert_allclose(found.decision_function(X), expected, atol=1e-6)


def test_one_against_the_rest_is_each_problem_alone() -> None:
    X, y = load_iris(return_X_y=True)
    found = gm.KernelSVC(C=3.0, **TIGHT).fit(X, y)
    decisions = found.decision_function(X)
    assert decisions.shape == (150, 3)
    assert found.dual_coef_.shape == (3, len(found.support_))
    for c in range(3):
        alone = gm.KernelSVC(C=3.0, **TIGHT).fit(X, y == c).decision_function(X)
        np.testing.assert_allclose(decisions[:, c], alone, atol=1e-6)
    np.testing.assert_array_equal(found.predict(X), decisions.argmax(1))


# ------------------------------------------------------------------ weights


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_integer_weight_is_repeated_rows(loss: str, cloud: Any) -> None:
    X, y = cloud
    times = np.random.default_rng(0).integers(0, 4, len(y))
    model = gm.KernelSVC(loss=loss, tol=1e-10, random_state=0)
    weighted = model.fit(X, y, times).decision_function(X)
    repeated = model.fit(X.repeat(times, 0), y.repeat(times)).decision_function(X)
    np.testing.assert_allclose(weighted, repeated, atol=2e-6)


def test_class_weights_multiply_those_of_the_rows(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(gamma=0.5, **TIGHT)
    expected = model.fit(X, y, np.where(y == 1, 5.0, 0.5)).decision_function(X)
    model.set_params(class_weight={0: 0.5, 1: 5.0})
    np.testing.assert_allclose(model.fit(X, y).decision_function(X), expected, atol=1e-7)
    balanced = gm.KernelSVC(gamma=0.5, class_weight="balanced", **TIGHT)
    uneven = np.r_[np.nonzero(y == 0)[0], np.nonzero(y == 1)[0][:20]]
    counts = np.bincount(y[uneven])
    by_hand = len(uneven) / (2 * counts[y[uneven]])
    np.testing.assert_allclose(
        balanced.fit(X[uneven], y[uneven]).decision_function(X),
        gm.KernelSVC(gamma=0.5, **TIGHT).fit(X[uneven], y[uneven], by_hand).decision_function(X),
        atol=1e-7,
    )


# ------------------------------------------------------------------ the border


def test_attributes_describe_the_decision_function(cloud: Any) -> None:
    X, y = cloud
    names = np.array(["no", "yes"])[y]
    model = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, names)
    np.testing.assert_array_equal(model.classes_, ["no", "yes"])
    np.testing.assert_array_equal(model.support_vectors_, X[model.support_])
    np.testing.assert_array_equal(model.n_support_, np.bincount(y[model.support_], minlength=2))
    by_hand = rbf_kernel(X, model.support_vectors_, 0.5) @ model.dual_coef_[0] + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), by_hand, atol=1e-9)
    assert set(model.predict(X)) == {"no", "yes"}
    assert model.score(X, names) == np.mean(model.predict(X) == names)
    assert model.gap_ <= 1e-14
    assert model.n_iter_ >= 1
    assert model.passes_ > 0
    assert 1 <= model.rank_ <= len(X)


def test_tensors_float32_and_sparse_rows_give_the_same_machine(cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    tensor = gm.KernelSVC(gamma=0.5, **TIGHT).fit(torch.from_numpy(X), torch.from_numpy(y))
    found = tensor.decision_function(torch.from_numpy(X))
    assert isinstance(found, torch.Tensor)
    assert isinstance(tensor.predict(torch.from_numpy(X)), torch.Tensor)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)
    narrow = gm.KernelSVC(gamma=0.5, tol=1e-10, random_state=0).fit(X.astype(np.float32), y)
    found32 = narrow.decision_function(X.astype(np.float32))
    assert found32.dtype == np.float32
    np.testing.assert_allclose(found32, expected, atol=2e-4)
    rows = sparse.csr_matrix(X)
    thin = gm.KernelSVC(gamma=0.5, **TIGHT).fit(rows, y)
    assert sparse.issparse(thin.support_vectors_)
    np.testing.assert_allclose(thin.decision_function(rows), expected, atol=1e-6)


def test_precomputed_callable_and_pair_function_kernels(cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, **TIGHT).fit(X, y).decision_function(X)
    K = rbf_kernel(X, gamma=0.5)
    given = gm.KernelSVC(kernel="precomputed", **TIGHT).fit(K, y)
    np.testing.assert_allclose(given.decision_function(K), expected, atol=1e-7)
    assert given.support_vectors_.shape == (0, 0)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return rbf_kernel(a, b, gamma=0.5)

    for other in (kernel, gm.Gaussian(1.0)):
        model = gm.KernelSVC(kernel=other, **TIGHT).fit(X, y)
        np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-7)
    wide = gm.KernelSVC(bandwidth=1.0, **TIGHT).fit(X, y)
    np.testing.assert_allclose(wide.decision_function(X), expected, atol=1e-9)


def test_path_and_warm_start_are_fits_of_their_own(cloud: Any) -> None:
    X, y = cloud
    Cs = [10.0, 0.1, 1.0]
    for loss in ("squared_hinge", "hinge"):
        base = gm.KernelSVC(gamma=0.5, loss=loss, tol=1e-10, random_state=0)
        models = base.path(X, y, Cs)
        assert not hasattr(base, "dual_coef_")
        assert [model.C for model in models] == Cs
        for C, model in zip(Cs, models, strict=True):
            cold = gm.KernelSVC(C=C, gamma=0.5, loss=loss, tol=1e-10, random_state=0).fit(X, y)
            expected = cold.decision_function(X)
            np.testing.assert_allclose(model.decision_function(X), expected, atol=2e-5)
    warm = gm.KernelSVC(gamma=0.5, warm_start=True, tol=1e-12, random_state=0).fit(X, y)
    first = warm.n_iter_
    assert warm.fit(X, y).n_iter_ < first


def test_the_block_of_support_vectors_need_not_fit(cloud: Any) -> None:
    X, y = make_classification(900, 6, n_informative=4, flip_y=0.1, random_state=0)
    expected = gm.KernelSVC(tol=1e-12, random_state=0).fit(X, y).decision_function(X)
    with gm.config_context(memory="8MiB"):
        small = gm.KernelSVC(tol=1e-12, random_state=0).fit(X, y)
    assert small.rank_ < 512
    np.testing.assert_allclose(small.decision_function(X), expected, atol=2e-5)


def gap_by_hand(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """Duality gap of a squared-hinge machine with the Gaussian kernel of gamma 0.2, over P."""
    K, signs = rbf_kernel(X, gamma=0.2), 2.0 * y - 1
    beta = np.zeros(len(X))
    beta[model.support_] = model.dual_coef_[0]
    slack = np.maximum(0, 1 - signs * (K @ beta + model.intercept_[0]))
    rest = 2 * model.C * signs * slack - beta
    return rest @ K @ rest / 2 / (beta @ K @ beta / 2 + model.C * (slack**2).sum())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_in_float32_lead_to_the_solution(dtype: Any) -> None:
    X, y = make_classification(2100, 6, n_informative=4, flip_y=0.2, random_state=0)
    X = X.astype(dtype)
    model = gm.KernelSVC(gamma=0.2, C=0.3, random_state=0).fit(X, y)
    assert model.gap_ <= 1e-5
    assert gap_by_hand(model, X.astype(np.float64), y) == pytest.approx(model.gap_, abs=1e-8)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_nystroem_with_every_row_is_the_machine_itself(loss: str, cloud: Any) -> None:
    X, y = cloud
    expected = gm.KernelSVC(gamma=0.5, loss=loss, **TIGHTLY).fit(X, y).decision_function(X)
    model = gm.KernelSVC(gamma=0.5, loss=loss, solver="nystroem", **TIGHTLY).fit(X, y)
    assert model.rank_ == len(model.support_) == len(X)
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-4)


def test_nystroem_is_a_machine_with_the_kernel_of_its_rows(cloud: Any) -> None:
    X, y = cloud
    model = gm.KernelSVC(gamma=0.1, C=2.0, solver="nystroem", rank=20, **TIGHT).fit(X, y)
    assert model.support_vectors_.shape == (20, 4)
    assert (np.diff(model.support_) > 0).all()
    assert model.passes_ == 0
    K = rbf_kernel(X, gamma=0.1)
    columns = K[:, model.support_]
    approximate = columns @ np.linalg.solve(columns[model.support_], columns.T)
    expected = dense_squared_hinge(approximate, 2.0 * y - 1, np.full(len(y), 2.0))
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-6)
    lower, higher = model.path(X, y, [2.0, 4.0])
    np.testing.assert_allclose(lower.decision_function(X), expected, atol=1e-6)
    assert lower.rank_ == higher.rank_ == 20


# ------------------------------------------------------------------ hostile input


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


def test_same_seed_same_machine(cloud: Any) -> None:
    X, y = cloud
    first, second = (gm.KernelSVC(random_state=4).fit(X, y).decision_function(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@parametrize_with_checks([gm.KernelSVC()])
def test_estimator_check(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.full
@parametrize_with_checks([gm.KernelSVC(loss="hinge")])
def test_estimator_check_with_the_hinge(estimator: Any, check: Any) -> None:
    check(estimator)
