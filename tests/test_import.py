"""Importing the package is light and leaves no trace."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, os, sys, torch
modules, environment = set(sys.modules), dict(os.environ)
import gramian
gramian.Gram, gramian.Gaussian, gramian.config
print(json.dumps({
    "new": sorted({name.partition(".")[0] for name in set(sys.modules) - modules}),
    "same_environment": dict(os.environ) == environment,
}))
"""
HEAVY = {"matplotlib", "polars", "rich", "safetensors", "scipy", "sklearn", "typer"}


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )


def test_import_brings_in_nothing_heavy_and_changes_no_environment() -> None:
    found = json.loads(run(PROGRAM).stdout)
    assert "gramian" in found["new"]
    assert not HEAVY & set(found["new"])
    assert found["same_environment"]


def test_import_prints_nothing() -> None:
    done = run("import gramian")
    assert (done.stdout, done.stderr) == ("", "")
