"""The names that users rely on. A change here is a change for them: say it in the changelog."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import pytest

import gramian

NAMES = [
    "__version__",
    "AuditDisplay",
    "BackendUnavailableError",
    "Chebyshev",
    "Chi2",
    "ClusterScatterDisplay",
    "ClusterSizesDisplay",
    "ComponentCorrelationDisplay",
    "CondensedTreeDisplay",
    "CosineDistance",
    "CosineSimilarity",
    "CosineWindow",
    "DBSCAN",
    "DBSCANPath",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "DecisionBoundaryDisplay",
    "DendrogramDisplay",
    "DensityDisplay",
    "EmbeddingDisplay",
    "Epanechnikov",
    "EpsSuggestion",
    "Euclidean",
    "Exponential",
    "Gaussian",
    "GradientPath",
    "Gram",
    "GramDisplay",
    "HDBSCAN",
    "ImageGridDisplay",
    "InertiaCurveDisplay",
    "KDistanceDisplay",
    "KMeans",
    "KMeansIterationsDisplay",
    "KernelDensity",
    "KernelLogisticRegression",
    "KernelPCA",
    "KernelRidge",
    "KernelRidgeCV",
    "KernelSVC",
    "Laplacian",
    "LearningCurveDisplay",
    "Linear",
    "LinearRegression",
    "LinearSVC",
    "LogDensityHistogramDisplay",
    "Manhattan",
    "MarginalDensityDisplay",
    "Matern",
    "MeanShift",
    "MeanShiftIterationsDisplay",
    "MemoryBudgetError",
    "MiniBatchKMeans",
    "NearestNeighbors",
    "Nystroem",
    "PairFunction",
    "Periodic",
    "Polynomial",
    "PolynomialMap",
    "PredictionDisplay",
    "Preparation",
    "ProfileDisplay",
    "QuadraticMap",
    "RBFSampler",
    "RationalQuadratic",
    "Report",
    "ResidualDisplay",
    "ResponseDisplay",
    "Ridge",
    "RidgeCV",
    "RidgePathDisplay",
    "Sigmoid",
    "SilhouetteDisplay",
    "SoftmaxRegression",
    "SpectrumDisplay",
    "SquaredEuclidean",
    "Table",
    "TaylorGaussianMap",
    "Tophat",
    "Triangular",
    "WrongPredictionsDisplay",
    "calinski_harabasz_score",
    "check_feature_map",
    "config",
    "config_context",
    "davies_bouldin_score",
    "dbcv_score",
    "dbscan",
    "dbscan_path",
    "estimate_bandwidth",
    "fetch_dataset",
    "get_bin_seeds",
    "gradient_path",
    "list_datasets",
    "load_dataset",
    "mean_shift",
    "read_idx",
    "read_table",
    "silhouette_samples",
    "silhouette_score",
    "suggest_eps",
    "write_idx",
]


def test_the_names_are_these() -> None:
    assert gramian.__all__ == NAMES
    assert dir(gramian) == sorted(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_every_name_is_there_and_documented(name: str) -> None:
    thing = getattr(gramian, name)
    assert thing.__name__ == name
    assert thing.__module__.startswith("gramian.")
    assert (inspect.getdoc(thing) or "").strip()


@pytest.mark.parametrize(
    "name",
    [
        "cluster",
        "data",
        "kernel_methods",
        "linear",
        "neighbors",
        "metrics",
        "pairwise",
        "plot",
        "report",
        "symmetry",
        "train",
    ],
)
def test_subpackages_are_attributes(name: str) -> None:
    assert getattr(gramian, name).__name__ == f"gramian.{name}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gramian' has no attribute 'Gramm'"):
        gramian.Gramm  # noqa: B018 # the look-up itself is tested


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    assert gramian.__version__ == project["project"]["version"]
