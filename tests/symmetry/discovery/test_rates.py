"""The command that prints how often tests and searches are right."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.symmetry import __main__ as command
from benchmarks.symmetry import simulations


def test_power_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["power", "--trials", "2", "--out", str(tmp_path)]) in (0, 1)
    text = capsys.readouterr().out
    assert "equivariance" in text
    assert "margin" in text
    assert {path.name for path in tmp_path.iterdir()} == {"size.png", "power.png"}


def test_recovery_judges_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulations, "GROUPS", {"C5": simulations.GROUPS["C5"]})
    assert command.main(["recovery", "--trials", "2", "--out", str(tmp_path)]) == 0
    assert "C5" in capsys.readouterr().out
    monkeypatch.setattr(simulations, "recovered", lambda name, noise, seed: noise < 0.01)
    assert command.main(["recovery", "--trials", "2", "--out", str(tmp_path)]) == 1


def test_training_draws_every_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulations, "trained", lambda *case: case[0] > 1)
    assert command.main(["training", "--trials", "1", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("training-*.png"))) == 3


def test_a_training_run_is_a_draw() -> None:
    assert simulations.trained(0.0, 0.0, 0, 5, 0) in (True, False)


def test_no_trials_make_no_sense() -> None:
    with pytest.raises(SystemExit) as error:
        command.main(["power", "--trials", "0"])
    assert error.value.code == 2
