"""The command line in this process: arguments in; exit code, output and messages out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from gramian.cli import main


@dataclass(frozen=True)
class Outcome:
    """What one command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """What a command that went well printed."""
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call ``gramian ARGUMENTS`` in an empty folder, with these bytes on standard input."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    """A CSV of three clear groups: x, y, text, weight w, class."""
    rng = np.random.default_rng(0)
    centers = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    group = np.repeat([0, 1, 2], [30, 20, 10])
    points = centers[group] + 0.3 * rng.normal(size=(60, 2))
    path = tmp_path / "blobs.csv"
    pl.DataFrame(
        {
            "x": points[:, 0],
            "name": [f"row, {i}" for i in range(60)],
            "y": points[:, 1],
            "w": np.ones(60),
            "class": [f"c{g}" for g in group],
        }
    ).write_csv(path)
    return path
