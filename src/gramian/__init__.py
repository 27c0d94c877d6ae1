"""Learn from pairwise structure at any scale, without ever storing the N × M matrix."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "gramian._config": ("config", "config_context"),
    "gramian.errors": ("BackendUnavailableError", "DataError", "MemoryBudgetError"),
    "gramian.gram": ("Gram",),
    "gramian.pairwise": (
        "Chebyshev",
        "Chi2",
        "CosineDistance",
        "CosineSimilarity",
        "CosineWindow",
        "Epanechnikov",
        "Euclidean",
        "Exponential",
        "Gaussian",
        "Laplacian",
        "Linear",
        "Manhattan",
        "Matern",
        "PairFunction",
        "Periodic",
        "Polynomial",
        "RationalQuadratic",
        "Sigmoid",
        "SquaredEuclidean",
        "Tophat",
        "Triangular",
    ),
    "gramian.cluster": (
        "DBSCAN",
        "DBSCANPath",
        "EpsSuggestion",
        "HDBSCAN",
        "KMeans",
        "MeanShift",
        "MiniBatchKMeans",
        "dbscan",
        "dbscan_path",
        "estimate_bandwidth",
        "get_bin_seeds",
        "mean_shift",
        "suggest_eps",
    ),
    "gramian.data": (
        "Dataset",
        "DatasetInfo",
        "Preparation",
        "Table",
        "fetch_dataset",
        "list_datasets",
        "load_dataset",
        "read_idx",
        "read_table",
        "write_idx",
    ),
    "gramian.kernel_methods": (
        "KernelDensity",
        "KernelLogisticRegression",
        "KernelPCA",
        "KernelRidge",
        "KernelRidgeCV",
        "KernelSVC",
        "Nystroem",
        "PolynomialMap",
        "QuadraticMap",
        "RBFSampler",
        "TaylorGaussianMap",
        "check_feature_map",
    ),
    "gramian.linear": (
        "GradientPath",
        "LinearRegression",
        "LinearSVC",
        "Ridge",
        "RidgeCV",
        "SoftmaxRegression",
        "gradient_path",
    ),
    "gramian.metrics": (
        "calinski_harabasz_score",
        "davies_bouldin_score",
        "dbcv_score",
        "silhouette_samples",
        "silhouette_score",
    ),
    "gramian.neighbors": ("NearestNeighbors",),
    "gramian.plot": (
        "AuditDisplay",
        "ClusterScatterDisplay",
        "ClusterSizesDisplay",
        "ComponentCorrelationDisplay",
        "CondensedTreeDisplay",
        "DecisionBoundaryDisplay",
        "DendrogramDisplay",
        "DensityDisplay",
        "EmbeddingDisplay",
        "GramDisplay",
        "ImageGridDisplay",
        "InertiaCurveDisplay",
        "KDistanceDisplay",
        "KMeansIterationsDisplay",
        "LearningCurveDisplay",
        "LogDensityHistogramDisplay",
        "MarginalDensityDisplay",
        "MeanShiftIterationsDisplay",
        "PredictionDisplay",
        "ProfileDisplay",
        "ResidualDisplay",
        "ResponseDisplay",
        "RidgePathDisplay",
        "SilhouetteDisplay",
        "SpectrumDisplay",
        "WrongPredictionsDisplay",
    ),
    "gramian.report": ("Report",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *sorted(_MODULE_OF)]


_SUBPACKAGES = (
    "cluster",
    "data",
    "kernel_methods",
    "labs",
    "linalg",
    "linear",
    "metrics",
    "neighbors",
    "pairwise",
    "plot",
    "report",
    "symmetry",
    "train",
)


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"gramian.{name}")
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'gramian' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
