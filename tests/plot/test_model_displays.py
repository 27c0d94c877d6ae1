"""Displays of trained models: learning curves, regions, responses, mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import nn

from gramian import plot
from gramian.plot import style
from gramian.plot._base import Display


def curves(n: int = 3) -> plot.LearningCurveDisplay:
    found = {f"series {i}": ([1.0, 2.0], [3.0 + i, math.nan]) for i in range(n)}
    return plot.LearningCurveDisplay.from_predictions(found)


def boundary() -> plot.DecisionBoundaryDisplay:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = np.where(X[:, 0] * X[:, 1] > 0, 1, -1)
    return plot.DecisionBoundaryDisplay.from_estimator(lambda x: x[:, :1] * x[:, 1:], X, y)


def response(d: int = 3) -> plot.ResponseDisplay:
    X = np.random.default_rng(0).random((9, d))
    truth: Callable[[torch.Tensor], torch.Tensor] = lambda x: x.sum(1)  # noqa: E731 # one place
    return plot.ResponseDisplay.from_estimator(nn.Linear(d, 1), X, truth=truth)


def mistakes(most: int = 5) -> plot.WrongPredictionsDisplay:
    rng = np.random.default_rng(0)
    images, scores = torch.rand(30, 1, 6, 6), rng.normal(size=(30, 3))
    names = ["Ankle boot", "Sneaker", "Coat"]
    return plot.WrongPredictionsDisplay.from_predictions(
        images, np.zeros(30, dtype=int), scores, names=names, most=most
    )


MAKERS: dict[str, Callable[[], Display]] = {
    "curves": curves,
    "twenty curves": lambda: curves(20),
    "boundary": boundary,
    "response": response,
    "twelve responses": lambda: response(12),
    "mistakes": mistakes,
    "one mistake": lambda: mistakes(1),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_every_display_draws(maker: str) -> None:
    before = dict(mpl.rcParams)
    display = MAKERS[maker]()
    assert display.plot() is display
    display.figure_.draw_without_rendering()
    assert dict(mpl.rcParams) == before
    assert display.describe().endswith(".")
    columns = display.columns()
    assert columns is not None
    assert len({len(column) for column in columns.values()}) == 1
    right = style.figure().subplots(1, 2)[1]
    assert display.plot(ax=right).ax_ is right
    figures = display.themed()
    for name, theme in (("light", style.LIGHT), ("dark", style.DARK)):
        assert mpl.colors.to_hex(figures[name].get_facecolor()) == theme.surface


def test_learning_curves() -> None:
    display = plot.LearningCurveDisplay.from_estimator(
        SimpleNamespace(curves=lambda: {"val_acc": ([1, 2, 3], [0.1, math.nan, 0.9])})
    )
    assert display.columns()["highest"] == ["0.9"]
    assert display.plot().ax_.lines[0].get_xdata().tolist() == [1, 3]
    looks = {(line.get_color(), line.get_linestyle()) for line in curves(20).plot().ax_.lines}
    assert len(looks) == 20
    with pytest.raises(ValueError, match=r"curves must be at least one curve, got \{\}"):
        plot.LearningCurveDisplay.from_predictions({})
    with pytest.raises(ValueError, match=r"a must be of equal length in x and y, got \(1, 2\)"):
        plot.LearningCurveDisplay.from_predictions({"a": ([1], [1, 2])})


def test_regions_are_what_the_model_decides() -> None:
    display = boundary()
    assert display.accuracy > 0.95
    assert set(np.unique(display.decision)) == {0, 1}
    left, right, bottom, top = display.extent
    x0, x1 = np.meshgrid(np.linspace(left, right, 200), np.linspace(bottom, top, 200))
    expected = (np.float32(x0) * np.float32(x1)) > 0
    assert np.array_equal(display.decision == 1, expected)


@pytest.mark.parametrize("kind", ["scores", "classes", "predict"])
def test_regions_of_every_kind_of_model(kind: str) -> None:
    X, y = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]), [0, 1, 2]
    corners = torch.tensor(X, dtype=torch.float32)

    def scores(x: torch.Tensor) -> torch.Tensor:
        return -torch.cdist(x, corners)

    models: dict[str, Any] = {
        "scores": scores,
        "classes": lambda x: scores(x).argmax(1),
        "predict": SimpleNamespace(
            predict=lambda x: scores(torch.as_tensor(x).float()).argmax(1).numpy()
        ),
    }
    make = plot.DecisionBoundaryDisplay.from_estimator
    display = make(models[kind], X, y, resolution=30)
    assert display.accuracy == 1.0
    assert display.decision.shape == (30, 30)
    assert display.columns()["points"] == [1, 1, 1]


def test_regions_that_cannot_be() -> None:
    make = plot.DecisionBoundaryDisplay.from_estimator
    X, y = np.zeros((3, 2)), [0, 1, 1]
    with pytest.raises(ValueError, match=r"X must be of shape \(n, 2\), got \(3, 4\)"):
        make(nn.Linear(4, 1), np.zeros((3, 4)), y)
    with pytest.raises(ValueError, match="y must be of length 3, got 2"):
        make(nn.Linear(2, 1), X, [0, 1])
    with pytest.raises(ValueError, match="estimator must be one answer per row"):
        make(lambda x: x[:5], X, y)
    with pytest.raises(ValueError, match="extent must be least before largest"):
        plot.DecisionBoundaryDisplay.from_predictions([[0]], [1, 0, 0, 1], X, y)


def test_responses_are_what_the_model_answers() -> None:
    X = np.array([[0.0, 4.0], [2.0, 8.0]])
    display = plot.ResponseDisplay.from_estimator(
        lambda x: x[:, 0] + 10 * x[:, 1], X, features=[1], at=[5, 0], resolution=3, names=["b"]
    )
    assert display.x.tolist() == [[4, 6, 8]]
    assert display.response.tolist() == [[45, 65, 85]]
    assert display.names == ["b"]
    twin = SimpleNamespace(predict=lambda x: x[:, 0] * 2)
    assert plot.ResponseDisplay.from_estimator(twin, X, resolution=2).response.tolist() == [
        [0, 4],
        [2, 2],
    ]
    true = response()
    assert true.reference is not None
    np.testing.assert_allclose(true.reference[0], true.x[0] + true.reference[0, 0] - true.x[0, 0])
    with pytest.raises(ValueError, match="at must be of length 2, got 1"):
        plot.ResponseDisplay.from_estimator(twin, X, at=[1.0])
    with pytest.raises(ValueError, match="estimator must be one number per row"):
        plot.ResponseDisplay.from_estimator(lambda x: x, X)
    with pytest.raises(ValueError, match=r"response must be of shape \(1, 2\), got \(1, 3\)"):
        plot.ResponseDisplay.from_predictions([[0, 1]], [[0, 1, 2]])
    with pytest.raises(ValueError, match="x must be of at most 12 features, got 13"):
        plot.ResponseDisplay.from_predictions(np.zeros((13, 2)), np.zeros((13, 2)))
    with pytest.raises(ValueError, match=r"features must be an int in \[0, 1\], got 2"):
        plot.ResponseDisplay.from_estimator(twin, X, features=[2])


def test_mistakes_come_with_the_surest_first() -> None:
    rng = np.random.default_rng(1)
    scores, y = rng.normal(size=(50, 4)), rng.integers(0, 4, 50)
    images = rng.random((50, 5, 5))
    display = plot.WrongPredictionsDisplay.from_predictions(images, y, scores, most=10)
    probability = torch.softmax(torch.from_numpy(scores), 1).numpy()
    wrong = np.flatnonzero(scores.argmax(1) != y)
    order = wrong[np.argsort(-probability[wrong].max(1), kind="stable")][:10]
    assert display.indices.tolist() == order.tolist()
    np.testing.assert_allclose(display.confidence, probability[order].max(1))
    assert display.predicted == [str(scores[i].argmax()) for i in order]
    assert display.truth == [str(y[i]) for i in order]
    assert (display.n_wrong, display.n_rows) == (len(wrong), 50)
    assert np.array_equal(display.images, images[order])


def test_mistakes_of_a_model() -> None:
    X, y = torch.rand(40, 1, 4, 4), torch.zeros(40, dtype=torch.long)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    whole = plot.WrongPredictionsDisplay.from_predictions(X, y, model(X).detach())
    parts = plot.WrongPredictionsDisplay.from_estimator(model, X, y, batch_size=7)
    assert parts.indices.tolist() == whole.indices.tolist()
    texts = [text.get_text() for text in parts.plot().ax_.texts]
    assert texts.count("is 0") == len(parts.images)


def test_mistakes_that_cannot_be() -> None:
    make = plot.WrongPredictionsDisplay.from_predictions
    with pytest.raises(ValueError, match="scores must be wrong for some row, got 'only right one"):
        make(np.zeros((1, 2, 2)), [0], [[1.0, 0.0]])
    with pytest.raises(ValueError, match=r"images must be as many as y and rows of scores, got \("):
        make(np.zeros((2, 2, 2)), [0], [[1.0, 0.0]])
    with pytest.raises(ValueError, match=r"most must be an int in \[1, 120\], got 121"):
        make(np.zeros((1, 2, 2)), [0], [[1.0, 0.0]], most=121)
