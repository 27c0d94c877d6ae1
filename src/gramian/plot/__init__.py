"""Pictures in scikit-learn's Display form; matplotlib is imported with the first of them."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "AuditDisplay": "symmetry",
    "ClusterScatterDisplay": "scatter",
    "ClusterSizesDisplay": "sizes",
    "ComponentCorrelationDisplay": "spectrum",
    "CondensedTreeDisplay": "condensed_tree",
    "DecisionBoundaryDisplay": "boundary",
    "DendrogramDisplay": "dendrogram",
    "DensityDisplay": "density",
    "EmbeddingDisplay": "embedding",
    "GramDisplay": "gram",
    "ImageGridDisplay": "images",
    "InertiaCurveDisplay": "inertia",
    "KDistanceDisplay": "k_distance",
    "KMeansIterationsDisplay": "kmeans_iterations",
    "LearningCurveDisplay": "learning",
    "LogDensityHistogramDisplay": "density_curves",
    "MarginalDensityDisplay": "density_curves",
    "MeanShiftIterationsDisplay": "mean_shift_iterations",
    "PredictionDisplay": "regression",
    "ProfileDisplay": "profile",
    "ResidualDisplay": "regression",
    "ResponseDisplay": "response",
    "RidgePathDisplay": "regression",
    "SilhouetteDisplay": "silhouette",
    "SpectrumDisplay": "spectrum",
    "WrongPredictionsDisplay": "mistakes",
}

__all__ = [*_HOME, "style"]


def __getattr__(name: str) -> Any:
    if name == "style":
        return importlib.import_module("gramian.plot.style")
    if name in _HOME:
        return getattr(importlib.import_module(f"gramian.plot.{_HOME[name]}"), name)
    raise AttributeError(f"module 'gramian.plot' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
