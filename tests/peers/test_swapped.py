"""scikit-learn's own tests of its clusterers pass with ours in their place.

Only cases that build one of our classes count: those of its private functions and of other
estimators say nothing about us.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gramian

HERE = Path(__file__).parent
SOURCE = Path(gramian.__file__).parents[1]

EXPECTED_FAILURES: dict[str, dict[str, str]] = {
    "test_k_means": {},
    "test_dbscan": {},
    "test_mean_shift": {},
}
"""Cases that count and may fail, each with its reason."""

LEAST_COUNTED = {"test_k_means": 150, "test_dbscan": 20, "test_mean_shift": 10}
"""Fewer cases than that would mean that the classes were not swapped."""


@pytest.mark.parametrize(
    "module",
    [pytest.param("test_k_means", marks=pytest.mark.full), "test_dbscan", "test_mean_shift"],
)
def test_scikit_learns_tests_pass_with_our_class(module: str, tmp_path: Path) -> None:
    cases = run_swapped(module, tmp_path)
    counted = {name: case for name, case in cases.items() if case["ours"]}
    failed = {name: case for name, case in counted.items() if case["outcome"] == "failed"}
    passed = sum(case["outcome"] == "passed" for case in counted.values())
    print(f"{module}: {len(cases)} cases, {len(counted)} count, {passed} pass, {len(failed)} fail")
    for name, case in failed.items():
        print(f"--- {name}\n{case['message']}")
    assert set(failed) == set(EXPECTED_FAILURES[module])
    assert passed >= LEAST_COUNTED[module]


def run_swapped(module: str, folder: Path) -> dict[str, dict]:
    """Run one of scikit-learn's test modules in a process of its own; what became of each case."""
    spec = importlib.util.find_spec(f"sklearn.cluster.tests.{module}")
    assert spec is not None
    assert spec.origin is not None
    summary = folder / "summary.json"
    paths = [str(HERE), str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "SWAP_SUMMARY": str(summary),
    }
    site_packages = Path(spec.origin).parents[3]
    command = [sys.executable, "-m", "pytest", spec.origin, "-p", "swap", "-q"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={site_packages}"]
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, 1), run.stdout[-3000:] + run.stderr[-3000:]
    cases: dict[str, dict] = json.loads(summary.read_text())
    return cases
