"""The pictures of a regression: stored values, words, drawing, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gramian as gm
from gramian.plot import PredictionDisplay, ResidualDisplay, RidgePathDisplay


@pytest.mark.parametrize("kind", [PredictionDisplay, ResidualDisplay])
def test_pairs_keep_their_values_and_are_drawn(kind: Any) -> None:
    display = kind.from_predictions([1, 2, 4], [1.0, 3.0, 2.0], name="a $ sign").plot()
    assert display.rmse == pytest.approx(np.sqrt(5 / 3))
    offsets = np.asarray(display.ax_.collections[0].get_offsets())
    expected = [[1, 1], [2, 3], [4, 2]] if kind is PredictionDisplay else [[1, 0], [3, -1], [2, 2]]
    np.testing.assert_allclose(offsets, expected)
    assert "3 rows" in display.describe()
    assert set(display.themed()) == {"light", "dark"}


def test_very_many_rows_are_thinned_in_the_picture_only() -> None:
    values = np.arange(120_000.0)
    display = PredictionDisplay.from_predictions(values, values).plot()
    assert len(display.ax_.collections[0].get_offsets()) <= 50_000
    assert len(display.truth) == 120_000


def test_the_path_marks_the_least_error() -> None:
    errors = [[3.0, np.nan, 2.0], [5.0, 1.0, 4.0]]
    display = RidgePathDisplay.from_predictions([1.0, 0.1, 10.0], [2.0, 3.0], errors).plot()
    np.testing.assert_array_equal(display.alphas, [0.1, 1.0, 10.0])
    assert display.chosen == (1, 0)
    assert "at 0.1 and bandwidth 3" in display.describe()
    ring = display.ax_.lines[-1]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (0.1, 1.0)
    assert display.columns()["best ridge"] == ["10", "0.1"]


@pytest.mark.parametrize("bandwidths", [None, [0.5, 2.0]])
def test_the_path_of_an_estimator(bandwidths: list[float] | None) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    model = gm.KernelRidgeCV([1.0, 0.1], kernel="rbf", bandwidths=bandwidths).fit(x, x[:, 0])
    display = RidgePathDisplay.from_estimator(model)
    curve, place = display.chosen
    assert display.alphas[place] == model.alpha_
    assert model.bandwidth_ == (None if bandwidths is None else bandwidths[curve])
    assert display.errors.min() == pytest.approx(np.sqrt(-model.best_score_))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PredictionDisplay.from_predictions([1.0], [1.0, 2.0]), "predicted must be of len"),
        (lambda: ResidualDisplay.from_predictions([np.nan], [1.0]), "truth must be free of NaN"),
        (lambda: RidgePathDisplay.from_predictions([1.0], None, [[1.0, 2.0]]), "errors must be of"),
        (
            lambda: RidgePathDisplay.from_predictions([0.0], None, [[1.0]]),
            "alphas must be positive",
        ),
        (lambda: RidgePathDisplay.from_predictions([1.0], None, [[np.nan]]), "finite somewhere"),
    ],
    ids=["length", "nan", "shape", "zero", "empty"],
)
def test_what_they_refuse(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
