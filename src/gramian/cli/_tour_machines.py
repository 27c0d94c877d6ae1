"""Kernel machines in the tour: a regression, an embedding and a density of one real table."""

from __future__ import annotations

import numpy as np

from gramian.data import load_dataset
from gramian.kernel_methods import KernelDensity, KernelPCA, KernelRidgeCV
from gramian.plot import DensityDisplay, EmbeddingDisplay, PredictionDisplay, RidgePathDisplay
from gramian.report import Report

__all__ = ["kernel_machines"]

_TARGET = "alcohol"
_PLANE = ("flavanoids", "color_intensity")


def kernel_machines(report: Report) -> list[str]:
    """Section e: wine again, by kernel ridge regression, kernel PCA and kernel density."""
    wine = load_dataset("wine")
    names = list(wine.feature_names)
    X = (wine.X - wine.X.mean(0)) / wine.X.std(0)
    report.section(
        "e. Kernel machines",
        "The same wines: what predicts their alcohol, how they lie to each other, and where two "
        "of their measurements are dense.",
    )
    return [
        _regression(report, np.delete(X, names.index(_TARGET), 1), wine.X[:, names.index(_TARGET)]),
        _embedding(report, X, wine.y),
        _density(report, wine.X[:, [names.index(name) for name in _PLANE]]),
    ]


def _regression(report: Report, X: np.ndarray, y: np.ndarray) -> str:
    alphas = np.logspace(-3, 2, 11).tolist()
    model = KernelRidgeCV(
        alphas, kernel="rbf", bandwidths="auto", fit_intercept=True, random_state=0
    ).fit(X, y)
    left_out = np.asarray(model.loo_prediction_)
    share = 1 - float(np.square(y - left_out).sum() / np.square(y - y.mean()).sum())
    report.figure(
        PredictionDisplay.from_predictions(y, left_out, name=_TARGET),
        "Alcohol from the other columns",
        caption=f"Each wine predicted by the model that has not seen it; R² {share:.2f}.",
    )
    report.figure(
        RidgePathDisplay.from_estimator(model),
        "The choice of ridge and bandwidth",
        caption="By leave-one-out; no model is fitted twice.",
    )
    return f"wine, kernel ridge regression of {_TARGET}: R² of rows left out {share:.3f}"


def _embedding(report: Report, X: np.ndarray, cultivar: np.ndarray) -> str:
    model = KernelPCA(2, kernel="rbf", bandwidth=4.0, random_state=0)
    placed = model.fit_transform(X)
    share = float(np.sum(model.explained_variance_ratio_))
    report.figure(
        EmbeddingDisplay.from_predictions(placed, label=cultivar, label_name="cultivar"),
        "Kernel principal components",
        caption="Coloured by the cultivar, which was not used.",
    )
    return f"wine, 2 kernel principal components: {share:.0%} of the variance in feature space"


def _density(report: Report, X: np.ndarray) -> str:
    model = KernelDensity(bandwidth="loo").fit(X / X.std(0))
    report.figure(
        DensityDisplay.from_estimator(model, X / X.std(0), feature_names=list(_PLANE)),
        "Density of two measurements",
        caption="In deviations of each; the bandwidth has the greatest leave-one-out likelihood.",
    )
    return f"wine, density of {' and '.join(_PLANE)}: bandwidth {model.bandwidth_:.3g} deviations"
