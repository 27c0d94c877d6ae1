"""The linear classifiers: solutions, certificates, weights, paths, kinds of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.datasets import load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

import gramian as gm
from gramian import train
from gramian.linear import _classifier, _descent, _losses
from gramian.linear._objective import Objective

IRIS = load_iris(return_X_y=True)
PAIR = make_classification(120, 7, n_informative=4, flip_y=0.1, random_state=0)
ALL = [
    gm.LinearSVC(),
    gm.LinearSVC(loss="hinge"),
    gm.LinearSVC(fit_intercept=False),
    gm.SoftmaxRegression(),
    gm.SoftmaxRegression(fit_intercept=False),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([gm.LinearSVC(), gm.LinearSVC(loss="hinge"), gm.SoftmaxRegression()])
def test_estimator_check(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def fresh(estimator: Any) -> Any:
    """The same estimator, never fitted."""
    return type(estimator)(**estimator.get_params())


def gap_of(model: gm.LinearSVC, X: np.ndarray, y: np.ndarray, C: np.ndarray) -> tuple[Any, Any]:
    """Primal objective and a lower bound of the optimum for each class, by plain sums.

    The dual point is Newton's own for the squared hinge. For the hinge it is the best one on the
    rows near the margin, found by least squares.
    """
    k = len(model.classes_)
    primal, dual = [], []
    scaling = model.intercept_scaling
    rows = np.c_[X, np.full(len(X), scaling)] if model.fit_intercept else X
    for j in range(1 if k == 2 else k):
        signs = np.where(y == model.classes_[1 if k == 2 else j], 1.0, -1.0)
        w = model.coef_[j]
        if model.fit_intercept:
            w = np.r_[w, model.intercept_[j] / scaling]
        lack = 1 - signs * (rows @ w)
        if model.loss == "squared_hinge":
            short = np.maximum(lack, 0)
            primal.append(0.5 * w @ w + (C * short**2).sum())
            a = 2 * C * short
            v = (a * signs) @ rows
            dual.append(a.sum() - (a**2 / (4 * C)).sum() - 0.5 * v @ v)
            continue
        primal.append(0.5 * w @ w + (C * np.maximum(lack, 0)).sum())
        near = np.abs(lack) < 1e-3
        a = np.where(lack > 0, C, 0.0)
        a[near] = 0
        span = (signs[:, None] * rows)[near].T
        found = np.linalg.lstsq(span, w - (a * signs) @ rows, rcond=None)[0]
        a[near] = np.clip(found, 0, C[near])
        v = (a * signs) @ rows
        dual.append(a.sum() - 0.5 * v @ v)
    return np.array(primal), np.array(dual)


@pytest.mark.parametrize("C", [0.01, 1.0, 50.0])
@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("data", [IRIS, PAIR], ids=["iris", "pair"])
def test_support_vectors_are_optimal(C: float, loss: str, fit_intercept: bool, data: Any) -> None:
    X, y = data
    model = gm.LinearSVC(loss=loss, C=C, fit_intercept=fit_intercept, intercept_scaling=2.0)
    model.fit(X, y)
    assert model.error_ <= model.tol
    primal, dual = gap_of(model, X, y, np.full(len(X), C))
    assert (dual <= primal * (1 + 1e-12)).all()
    np.testing.assert_allclose(dual, primal, rtol=1e-5 if loss == "hinge" else 1e-8)


@pytest.mark.parametrize("C", [0.01, 1.0, 50.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("data", [IRIS, PAIR], ids=["iris", "pair"])
def test_softmax_is_logistic_regression(C: float, fit_intercept: bool, data: Any) -> None:
    X, y = data
    model = gm.SoftmaxRegression(C=C, fit_intercept=fit_intercept, tol=1e-6).fit(X, y)
    given = {"C": C, "fit_intercept": fit_intercept, "tol": 1e-10, "max_iter": 10_000}
    theirs = LogisticRegression(solver="newton-cg", **given).fit(X, y)
    np.testing.assert_allclose(model.coef_, theirs.coef_, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=2e-5)
    np.testing.assert_allclose(model.predict_log_proba(X), theirs.predict_log_proba(X), atol=1e-3)
    assert (model.predict(X) == theirs.predict(X)).all()


@pytest.mark.parametrize("estimator", ALL, ids=repr)
def test_an_integer_weight_is_repeated_rows(estimator: Any) -> None:
    X, y = IRIS
    weights = np.arange(len(X)) % 4
    heavy = fresh(estimator).fit(X, y, sample_weight=weights)
    twice = fresh(estimator).fit(np.repeat(X, weights, 0), np.repeat(y, weights))
    np.testing.assert_allclose(heavy.coef_, twice.coef_, rtol=1e-3, atol=1e-4)
    balanced = fresh(estimator).set_params(class_weight={0: 2.0, 1: 1.0, 2: 3.0}).fit(X, y)
    by_row = fresh(estimator).fit(X, y, sample_weight=np.array([2.0, 1.0, 3.0])[y])
    np.testing.assert_allclose(balanced.coef_, by_row.coef_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("estimator", ALL, ids=repr)
def test_kinds_of_arrays_agree(estimator: Any, tmp_path: Any) -> None:
    X, y = IRIS
    plain = fresh(estimator).fit(X, y)
    thin = fresh(estimator).fit(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(thin.coef_, plain.coef_, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(
        thin.decision_function(sparse.csr_matrix(X)), plain.decision_function(X), atol=1e-5
    )
    path = tmp_path / "X.npy"
    np.save(path, X)
    mapped = fresh(estimator).fit(np.load(path, mmap_mode="r"), y)
    assert mapped.coef_.tobytes() == plain.coef_.tobytes()
    given, labels = torch.from_numpy(X), torch.from_numpy(y)
    tensors = fresh(estimator).fit(given, labels)
    assert isinstance(tensors.coef_, torch.Tensor)
    np.testing.assert_allclose(tensors.coef_.numpy(), plain.coef_, rtol=1e-12)
    assert torch.equal(tensors.predict(given), torch.from_numpy(plain.predict(X)))
    assert tensors.score(given, labels) == plain.score(X, y)
    single = fresh(estimator).fit(X.astype(np.float32), y)
    assert single.coef_.dtype == np.float32
    np.testing.assert_allclose(single.coef_, plain.coef_, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge", "softmax"])
def test_blocks_and_large_tables(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the second derivative does not fit, another method finds the same solution."""
    X, y = IRIS
    make = gm.SoftmaxRegression if loss == "softmax" else gm.LinearSVC
    given = {} if loss == "softmax" else {"loss": loss}
    whole = make(**given).fit(X, y)
    monkeypatch.setattr("gramian.linear._objective.BLOCK_ELEMENTS", 40)
    monkeypatch.setattr("gramian._input.BLOCK_ELEMENTS", 40)
    blocks = make(**given).fit(X, y)
    np.testing.assert_allclose(blocks.coef_, whole.coef_, rtol=1e-4, atol=1e-5)
    monkeypatch.setattr(_classifier, "_fits", lambda rows: False)
    other = make(tol=1e-3, max_iter=5000, **given).fit(X, y)
    assert other.error_ <= 1e-3
    np.testing.assert_allclose(other.coef_, whole.coef_, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("estimator", ALL, ids=repr)
def test_paths_and_warm_starts(estimator: Any) -> None:
    X, y = IRIS
    Cs = [1.0, 0.1, 3.0]
    models = estimator.path(X, y, Cs)
    assert [model.n_features_in_ for model in models] == [4, 4, 4]
    for C, model in zip(Cs, models, strict=True):
        cold = fresh(estimator).set_params(C=C).fit(X, y)
        assert model.C == C
        np.testing.assert_allclose(model.coef_, cold.coef_, rtol=1e-3, atol=1e-3)
        assert (model.predict(X) == cold.predict(X)).mean() > 0.99
    assert not hasattr(estimator, "n_features_in_")
    warm = fresh(estimator).set_params(warm_start=True).fit(X, y)
    cold_steps = warm.n_iter_
    assert warm.fit(X, y).n_iter_ < cold_steps
    warm.fit(X[:, :3], y)
    assert warm.n_features_in_ == 3


def test_grid_search() -> None:
    search = GridSearchCV(gm.LinearSVC(), {"C": [0.01, 1.0], "loss": ["hinge", "squared_hinge"]})
    assert search.fit(*IRIS).best_score_ > 0.9
    search = GridSearchCV(gm.SoftmaxRegression(), {"C": [0.01, 1.0]}, scoring="neg_log_loss")
    assert search.fit(*IRIS).best_params_ == {"C": 1.0}


def test_the_loop_can_be_followed() -> None:
    losses: list[float] = []

    class Follow(train.Callback):
        def on_epoch_end(self, trainer: train.Trainer) -> None:
            losses.append(trainer.history["train_loss"][-1])
            trainer.should_stop = len(losses) == 3

    model = gm.LinearSVC()
    with pytest.warns(ConvergenceWarning, match=r"LinearSVC.fit: the error must be at most tol=0"):
        model.fit(*IRIS, callbacks=[Follow()])
    assert model.history_["train_loss"] == losses
    assert losses == sorted(losses, reverse=True)


def test_too_few_steps() -> None:
    message = r"SoftmaxRegression.fit: the error must be at most tol=0.0001, got .* after 3 iter"
    with pytest.warns(ConvergenceWarning, match=message) as caught:
        model = gm.SoftmaxRegression(max_iter=3).fit(*IRIS)
    assert caught[0].filename == __file__
    assert model.n_iter_ == 3


def test_labels_of_text_and_a_constant_feature() -> None:
    X, y = IRIS
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = gm.SoftmaxRegression().fit(np.c_[X, np.full(len(X), 1e6)], names)
    assert set(model.predict(np.c_[X, np.full(len(X), 1e6)])) == set(names)
    assert np.abs(model.coef_[:, -1]).max() < 1e-7
    plain = gm.SoftmaxRegression().fit(X, names)
    np.testing.assert_allclose(model.coef_[:, :-1], plain.coef_, rtol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (gm.LinearSVC(C=0), r"LinearSVC.fit: C must be a finite number in \(0, inf\), got 0"),
        (gm.LinearSVC(tol=0), r"LinearSVC.fit: tol must be a finite number in \(0, inf\), got 0"),
        (gm.LinearSVC(penalty="l1"), "LinearSVC.fit: penalty must be one of 'l2', got 'l1'"),
        (gm.LinearSVC(loss="log"), "LinearSVC.fit: loss must be one of 'squared_hinge', 'hinge',"),
        (gm.LinearSVC(multi_class="crammer_singer"), "multi_class must be one of 'ovr', got 'cra"),
        (gm.LinearSVC(dual="maybe"), "LinearSVC.fit: dual must be one of 'auto', True, False"),
        (gm.LinearSVC(intercept_scaling=0.0), "LinearSVC.fit: intercept_scaling must be a finite"),
        (gm.SoftmaxRegression(max_iter=-1), r"SoftmaxRegression.fit: max_iter must be an int in"),
        (gm.SoftmaxRegression(fit_intercept=2), "fit_intercept must be one of True, False, got 2"),
    ],
)
def test_wrong_parameters(estimator: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimator.fit(*IRIS)


def test_wrong_data() -> None:
    X, y = IRIS
    with pytest.raises(ValueError, match=r"SoftmaxRegression.fit: y must have at least two class"):
        gm.SoftmaxRegression().fit(X[:9], y[:9])
    with pytest.raises(ValueError, match=r"sample_weight must leave every class a row of positive"):
        gm.LinearSVC().fit(X, y, sample_weight=(y > 0).astype(float))
    with pytest.raises(ValueError, match=r"class_weight must be non-negative, got -1"):
        gm.LinearSVC(class_weight={0: -1.0}).fit(X, y)
    with pytest.raises(ValueError, match=r"LinearSVC.fit: y must be class labels, got None"):
        gm.LinearSVC().fit(X, None)


def test_failed_fits_leave_the_estimator_as_it_was() -> None:
    model = gm.SoftmaxRegression().fit(*IRIS)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.full((4, 2), np.nan), [0, 1, 0, 1])
    assert vars(model) == before


@pytest.mark.parametrize("kind", [_losses.SquaredHinge, _losses.Hinge])
def test_curvature_and_gradient_are_those_of_autograd(kind: Any) -> None:
    from sklearn.base import BaseEstimator

    from gramian._input import take_rows
    from gramian.linear._design import Design

    rng = torch.Generator().manual_seed(0)
    X = torch.randn(12, 3, generator=rng, dtype=torch.float64)
    signs = torch.where(torch.rand(12, 2, generator=rng) > 0.5, 1.0, -1.0).double()
    weights = torch.rand(12, generator=rng, dtype=torch.float64)
    rows = take_rows(BaseEstimator(), X, reset=True)
    loss = kind(signs, weights)
    if kind is _losses.Hinge:
        loss.center = 0.3 * loss.weights.expand_as(signs)
    design = Design(rows, X.mean(0), None, centred=True)
    model = Objective(design, loss, weights, 0.5, lambda m: _descent.Newton(m, 1e-4, 9))
    with torch.no_grad():
        model.V += 0.3 * torch.randn(model.V.shape, generator=rng, dtype=torch.float64)

    def value(v: torch.Tensor) -> torch.Tensor:
        scaled = v * model.units
        W, b = scaled[:3], scaled[3] - design.offset @ scaled[:3]
        norms = 0.5 * (W.square().sum() + 0.5 * b.square().sum())
        return norms + loss.values(X @ W + b).sum()

    exact = torch.autograd.functional.hessian(value, model.V.detach())
    scores = model()
    model.objective(scores).sum().backward()
    slopes = torch.autograd.functional.jacobian(value, model.V.detach())
    torch.testing.assert_close(model.V.grad, slopes)
    if kind is _losses.SquaredHinge:  # autograd holds the multipliers of the other still
        for k, bends in enumerate(loss.bends(scores.detach()).T):
            torch.testing.assert_close(model.curvature(bends), exact[:, k, :, k])
