"""pytest plugin: scikit-learn's tests run against our estimators, and the cases are counted.

It is loaded with ``-p swap`` before any test module, so that ``from sklearn.cluster import KMeans``
finds our class there, and so do the functions ``k_means``, ``dbscan`` and ``mean_shift``. The
summary goes to the file that ``SWAP_SUMMARY`` names: for every case whether it built one of our
classes or called one of our scores, and how it ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster._hdbscan._tree import HIERARCHY_dtype

import gramian
import gramian.cluster
from gramian._input import take_rows, take_weights
from gramian._validation import as_generator
from gramian.cluster._linkage import single_linkage
from gramian.cluster._start import first_centers

PRIVATE_HOMES = {
    "sklearn.cluster": {
        "DBSCAN": "_dbscan",
        "HDBSCAN": "_hdbscan.hdbscan",
        "KMeans": "_kmeans",
        "MiniBatchKMeans": "_kmeans",
        "MeanShift": "_mean_shift",
    },
    "sklearn": {
        "KernelRidge": "kernel_ridge",
        "Nystroem": "kernel_approximation",
        "RBFSampler": "kernel_approximation",
    },
    "sklearn.decomposition": {"KernelPCA": "_kernel_pca"},
    "sklearn.linear_model": {"LinearRegression": "_base", "Ridge": "_ridge", "RidgeCV": "_ridge"},
    "sklearn.neighbors": {"KernelDensity": "_kde", "NearestNeighbors": "_unsupervised"},
}
"""Where scikit-learn keeps the classes: public module, name, private module."""

SCORES = (
    "calinski_harabasz_score",
    "davies_bouldin_score",
    "silhouette_samples",
    "silhouette_score",
)
"""Functions that build none of our classes; scikit-learn keeps them in ``sklearn.metrics``."""

_running: str | None = None
_cases: dict[str, dict[str, Any]] = {}


def _note() -> None:
    """The running case came upon something of ours."""
    if _running is not None:
        _cases[_running]["ours"] = True


def _counting_new(cls: type, *args: Any, **kwargs: Any) -> Any:
    """Make the object, and note that the running case built it."""
    _note()
    return object.__new__(cls)


def _counting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which notes every call."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        _note()
        return function(*args, **kwargs)

    return call


def _init_centroids(
    self: Any,
    X: Any,
    *,
    init: Any,
    sample_weight: Any,
    n_centroids: int,
    random_state: Any,
    **_: Any,
) -> Any:
    """Our seeding behind the private method by which scikit-learn's tests reach theirs."""
    rows = take_rows(clone(self), X, reset=True)
    weights = take_weights(rows, sample_weight, "KMeans.fit")
    generator = as_generator(random_state, "KMeans.fit")
    return rows.give(first_centers(init, rows, weights, n_centroids, generator))


def _single_linkage_tree(self: Any) -> Any:
    """Our single linkage tree behind the private name by which scikit-learn's tests read theirs."""
    found = self._hierarchy
    linkage = single_linkage(found.edges, found.tree.row_size)
    sizes = linkage.size[len(found.kept) :]
    columns = zip(linkage.left, linkage.right, linkage.height, sizes, strict=True)
    return np.array(list(columns), dtype=HIERARCHY_dtype)


def swap() -> None:
    """Put our classes where scikit-learn's own are found."""
    for package, homes in PRIVATE_HOMES.items():
        for name, module in homes.items():
            ours = getattr(gramian, name)
            ours.__new__ = _counting_new
            setattr(import_module(package), name, ours)
            setattr(import_module(f"{package}.{module}"), name, ours)
    for name in SCORES:
        score = _counting(getattr(gramian, name))
        for home in ("sklearn.metrics", "sklearn.metrics.cluster"):
            setattr(import_module(home), name, score)
    gramian.cluster.KMeans._init_centroids = _init_centroids
    gramian.cluster.HDBSCAN._single_linkage_tree_ = property(_single_linkage_tree)


def pytest_configure() -> None:
    """Swap when pytest loads this as a plugin, not when something merely imports it."""
    swap()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    global _running
    _running = item.nodeid.split("::", 1)[1]
    _cases[_running] = {"ours": False, "outcome": "passed", "message": ""}
    try:
        return (yield)
    finally:
        _running = None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    case = _cases[report.nodeid.split("::", 1)[1]]
    if report.outcome != "passed":
        case["outcome"] = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        case["message"] = str(report.longrepr)[-2000:]


def pytest_sessionfinish() -> None:
    Path(os.environ["SWAP_SUMMARY"]).write_text(json.dumps(_cases, indent=1))
