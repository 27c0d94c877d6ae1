"""Pictures of densities: what they store, what they refuse, and that they draw in both themes."""

from __future__ import annotations

import numpy as np
import pytest

from gramian import KernelDensity
from gramian.plot import DensityDisplay, LogDensityHistogramDisplay, MarginalDensityDisplay
from gramian.plot.density import SHARES


def rows(n: int = 300, d: int = 2) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, d))


def test_contours_hold_their_shares_of_the_rows() -> None:
    X = rows()
    display = DensityDisplay.from_estimator(KernelDensity(bandwidth=0.5).fit(X), X, resolution=30)
    for share, level in display.levels().items():
        assert (display.log_density >= level).mean() == pytest.approx(share, abs=0.01)
    assert tuple(display.levels()) == SHARES
    assert display.grid is not None
    assert display.grid.log_density.shape == (30, 30)
    figures = display.themed()
    assert len(figures["light"].axes[0].collections) >= 2
    assert "contours" in display.describe()
    assert len(display.columns()["share of rows"]) == len(SHARES)


def test_more_features_lie_in_their_principal_plane() -> None:
    X = rows(d=5)
    logs = KernelDensity().fit(X).score_samples(X)
    display = DensityDisplay.from_predictions(X, logs).plot()
    assert display.positions.shape == (300, 2)
    assert display.axis_names[0].startswith("first principal axis")
    assert display.grid is None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows_and_rows_without_density(n: int) -> None:
    X = rows(n)
    model = KernelDensity(kernel="tophat").fit(X)
    DensityDisplay.from_estimator(model, X, resolution=5).plot()
    logs = np.full(n, -np.inf)
    logs[0] = -1.0
    DensityDisplay.from_predictions(X, logs).plot()
    histogram = LogDensityHistogramDisplay.from_predictions(logs).plot()
    assert histogram.n_outside == n - 1
    assert ("density zero" in histogram.describe()) == (n > 1)
    DensityDisplay.from_predictions(X, np.full(n, -np.inf)).plot()


def test_histogram_marks_the_sparsest_share() -> None:
    logs = np.linspace(-10, 0, 101)
    display = LogDensityHistogramDisplay.from_predictions(logs, share=0.1)
    assert display.threshold == pytest.approx(-9.0)
    assert set(display.themed()) == {"light", "dark"}


def test_marginals_say_where_they_peak() -> None:
    across = np.linspace(-3, 3, 61)
    curves = [np.exp(-((across - 1) ** 2)), np.exp(-(across**2))]
    display = MarginalDensityDisplay.from_predictions(across, curves, ["a", "b"]).plot()
    assert display.columns()["highest at"] == ["1", "0"]
    assert "a at 1" in display.describe()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DensityDisplay.from_predictions(rows(d=1), np.zeros(300)), "two features or more"),
        (lambda: DensityDisplay.from_predictions(rows(), np.zeros(3)), "of length 300, got 3"),
        (lambda: DensityDisplay.from_predictions(rows(), np.full(300, np.nan)), "free of NaN"),
        (lambda: LogDensityHistogramDisplay.from_predictions([np.nan]), "free of NaN"),
        (lambda: LogDensityHistogramDisplay.from_predictions([-np.inf]), "finite somewhere"),
        (lambda: LogDensityHistogramDisplay.from_predictions([0.0], share=2), r"in \[0, 1\]"),
        (lambda: MarginalDensityDisplay.from_predictions([0.0], np.zeros((9, 1)), "abc"), "most 8"),
        (lambda: MarginalDensityDisplay.from_predictions([0.0], [[1.0]], "ab"), "of length 1"),
    ],
)
def test_bad_input(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
