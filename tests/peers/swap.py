"""pytest plugin: scikit-learn's tests run against our clusterers, and the cases are counted.

It is loaded with ``-p swap`` before any test module, so that ``from sklearn.cluster import KMeans``
finds our class there, and so do the functions ``k_means``, ``dbscan`` and ``mean_shift``. The
summary goes to the file that ``SWAP_SUMMARY`` names: for every case whether it built one of our
classes, and how it ended.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sklearn.cluster
from sklearn.base import clone

import gramian.cluster
from gramian._validation import as_generator
from gramian.cluster._input import take_rows, take_weights

PRIVATE_HOME = {"DBSCAN": "_dbscan", "KMeans": "_kmeans", "MeanShift": "_mean_shift"}

_running: str | None = None
_cases: dict[str, dict[str, Any]] = {}


def _counting_new(cls: type, *args: Any, **kwargs: Any) -> Any:
    """Make the object, and note that the running case built it."""
    if _running is not None:
        _cases[_running]["ours"] = True
    return object.__new__(cls)


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
    model = clone(self).set_params(init=init, n_clusters=n_centroids)
    rows = take_rows(model, X, reset=True)
    weights = take_weights(rows, sample_weight, "KMeans.fit")
    generator = as_generator(random_state, "KMeans.fit")
    return rows.give(model._first_centers(rows, weights, generator))


def swap() -> None:
    """Put our classes where scikit-learn's own are found."""
    for name, module in PRIVATE_HOME.items():
        ours = getattr(gramian.cluster, name)
        ours.__new__ = _counting_new
        setattr(sklearn.cluster, name, ours)
        setattr(import_module(f"sklearn.cluster.{module}"), name, ours)
    gramian.cluster.KMeans._init_centroids = _init_centroids


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
