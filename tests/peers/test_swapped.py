"""scikit-learn's own tests of its estimators pass with ours in their place.

Only cases that build one of our classes or call one of our scores count: those of its private
functions and of other estimators say nothing about us.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn

import gramian

HERE = Path(__file__).parent
SOURCE = Path(gramian.__file__).parents[1]

EXPECTED_FAILURES: dict[str, dict[str, str]] = {
    "test_k_means": {},
    "test_dbscan": {},
    "test_mean_shift": {},
    "test_hdbscan": {
        "test_hdbscan_default_copy_warning": "X is never modified: there is nothing to warn of"
    },
    "test_base": {
        f"test_inplace_data_preprocessing[42-{weighted}-None]": "X is never modified"
        for weighted in (True, False)
    },
    "test_ridge": {
        f"test_ridge_fit_intercept_sparse_sag[42-{kind}-{weighted}]": "LSMR needs no warning"
        for kind in ("csr_matrix", "csr_array")
        for weighted in (True, False)
    },
    "test_kde": {
        "test_kernel_density_sampling": "it asks that four of the kernels cannot be drawn from"
    },
    "test_neighbors": {
        **{
            f"test_k_and_radius_neighbors_duplicates[{algorithm}]": "ties go to the smallest index"
            for algorithm in ("ball_tree", "brute", "kd_tree", "auto")
        },
        **{
            f"test_radius_neighbors_parallel_array_radius[{algorithm}]": "a radius is one number"
            for algorithm in ("ball_tree", "kd_tree")
        },
        **{
            f"test_unsupervised_inputs[float64-{name}]": "X is a table, no fitted model or tree"
            for name in ("KNeighborsClassifier", "KNeighborsRegressor", "NearestNeighbors")
        },
        **{
            f"test_auto_algorithm[{case}]": "it reads a private attribute"
            for case in (
                "X0-precomputed-None-brute",
                "X1-euclidean-None-brute",
                "X2-euclidean-None-brute",
                "X3-euclidean-None-kd_tree",
                "X4-seuclidean-metric_params4-ball_tree",
                "X5-correlation-None-brute",
            )
        },
        "test_nearest_neighbors_validate_params": "our message names the method and the parameter",
    },
    "test_kernel_approximation": {},
    "test_kernel_ridge": {},
    "test_unsupervised": {},
    "test_kernel_pca": {
        "test_precomputed_kernel_not_psd[randomized]": "it asks that a large negative eigenvalue "
        "displaces a positive one"
    },
}
"""Cases that count and may fail, each with its reason."""

PACKAGE = {
    "test_base": "linear_model",
    "test_ridge": "linear_model",
    "test_kde": "neighbors",
    "test_neighbors": "neighbors",
    "test_kernel_approximation": "",
    "test_kernel_ridge": "",
    "test_kernel_pca": "decomposition",
    "test_unsupervised": "metrics.cluster",
}
"""Where scikit-learn keeps a test module that is not among those of its clusterers."""

LEAST_COUNTED = {
    "test_k_means": 230,
    "test_dbscan": 20,
    "test_mean_shift": 10,
    "test_hdbscan": 120,
    "test_base": 40,
    "test_ridge": 800,
    "test_kde": 50,
    "test_neighbors": 170,
    "test_kernel_approximation": 15,
    "test_kernel_ridge": 10,
    "test_kernel_pca": 38,
    "test_unsupervised": 40,
}
"""Fewer cases than that would mean that the classes were not swapped."""


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("test_k_means", marks=pytest.mark.full),
        "test_dbscan",
        "test_mean_shift",
        "test_hdbscan",
        pytest.param("test_base", marks=pytest.mark.full),
        pytest.param("test_ridge", marks=pytest.mark.nightly),
        "test_kde",
        pytest.param("test_neighbors", marks=pytest.mark.nightly),
        "test_kernel_approximation",
        "test_kernel_ridge",
        "test_kernel_pca",
        "test_unsupervised",
    ],
)
def test_scikit_learns_tests_pass_with_our_class(module: str, tmp_path: Path) -> None:
    cases = run_swapped(module, tmp_path)
    counted = {name: case for name, case in cases.items() if case["ours"]}
    failed = {name: case for name, case in counted.items() if case["outcome"] == "failed"}
    passed = sum(case["outcome"] == "passed" for case in counted.values())
    left = len(counted) - passed - len(failed)
    print(f"{module}: {len(cases)} cases, {len(counted)} count, {passed} pass, ", end="")
    print(f"{len(failed)} fail, {left} it skips or expects to fail itself")
    for name, case in failed.items():
        print(f"--- {name}\n{case['message']}")
    assert set(failed) == set(EXPECTED_FAILURES[module])
    assert passed >= LEAST_COUNTED[module]


def run_swapped(module: str, folder: Path) -> dict[str, dict]:
    """Run one of scikit-learn's test modules in a process of its own; what became of each case."""
    package = ".".join(filter(None, ["sklearn", PACKAGE.get(module, "cluster"), "tests", module]))
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    summary = folder / "summary.json"
    paths = [str(HERE), str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "SWAP_SUMMARY": str(summary),
    }
    site_packages = Path(sklearn.__file__).parents[1]
    command = [sys.executable, "-m", "pytest", spec.origin, "-p", "swap", "-q"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={site_packages}"]
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, 1), run.stdout[-3000:] + run.stderr[-3000:]
    cases: dict[str, dict] = json.loads(summary.read_text())
    return cases
