"""The command that prints how often tests and searches are right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from benchmarks.symmetry import __main__ as command
from benchmarks.symmetry import orbits, simulations

from gramian.symmetry import SymmetryRegularizer, orbit_data, train_orbit_net


def test_power_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["power", "--trials", "2", "--out", str(tmp_path)]) in (0, 1)
    text = capsys.readouterr().out
    assert "equivariance" in text
    assert "margin" in text
    assert {path.name for path in tmp_path.iterdir()} == {"size.png", "power.png", "power.json"}


def test_recovery_judges_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulations, "GROUPS", {"C5": simulations.GROUPS["C5"]})
    assert command.main(["recovery", "--trials", "2", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "C5: below 95 % from noise" in text
    assert "random: 0 of 20 called a group" in text
    assert json.loads((tmp_path / "recovery.json").read_text(encoding="utf-8"))["draws"]["random"]
    for name, fault in (
        ("recovered", lambda name, noise, seed: noise < 0.01),
        ("accepted", lambda name, seed: name == "Petersen"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(simulations, name, fault)
            assert command.main(["recovery", "--trials", "2", "--out", str(tmp_path)]) == 1


def test_training_draws_every_study_and_judges_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: set[str] = {"labels, penalty"}

    def trained(
        data: str, method: str, cell: orbits.Cell, seeds: Sequence[int]
    ) -> list[orbits.Outcome]:
        return [orbits.Outcome(named=True, kept=method in kept, carried=False) for _ in seeds]

    monkeypatch.setattr(orbits, "trained", trained)
    assert command.main(["training", "--trials", "1", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("training-*.png"))) == 3 * 2  # one cell is no curve
    assert len(list(tmp_path.glob("training-*.json"))) == len(orbits.ACTIONS)
    found = json.loads((tmp_path / "training-shifts-of-6.json").read_text(encoding="utf-8"))
    assert {row["method"] for row in found["rates"] if row["kept"]} == kept
    assert "commutator" not in (tmp_path / "training-plane.json").read_text(encoding="utf-8")
    kept.add("shuffled labels, penalty")
    assert command.main(["training", "--trials", "1", "--out", str(tmp_path)]) == 1


def test_a_training_run_is_a_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orbits, "STEPS", 5)
    for data in ("plane", "shifts of 6"):
        for method in orbits.methods_of(data):
            cell = orbits.Cell(noise=0.1, missing=1, n_units=6)
            for found in orbits.trained(data, method, cell, range(2)):
                assert found.named or not (found.kept or found.carried)


@pytest.mark.parametrize("method", ["labels, penalty", "not pooled, penalty"])
def test_many_nets_at_once_are_each_net_by_itself(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orbits, "STEPS", 20)
    seen: list[torch.Tensor] = []
    monkeypatch.setattr(orbits, "_outcome", lambda weights, *_: seen.append(weights))
    orbits.trained("shifts of 6", method, orbits.Cell(0.0, 0, 6), range(2))
    how, action = orbits.METHODS[method], orbits.ACTIONS["shifts of 6"]
    for seed in range(2):
        x, labels = orbit_data(action, orbits.ORBITS, random_state=seed)
        alone = train_orbit_net(
            x,
            labels,
            6,
            n_thresholds=orbits.THRESHOLDS if how.pooled else None,
            regularizer=SymmetryRegularizer(min_rank=3.0),
            weight=orbits.WEIGHT,
            n_steps=20,
            lr=orbits.RATE,
            random_state=seed,
        )
        torch.testing.assert_close(seen[seed], alone.weight.detach(), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("data", ["plane", "shifts of 6"])
def test_weights_on_an_orbit_carry_the_group_and_others_do_not(data: str) -> None:
    action, g = orbits.ACTIONS[data], torch.Generator().manual_seed(0)
    orbit = action.orbit(torch.randn(action.size, generator=g))
    orbit = orbit[torch.randperm(len(orbit), generator=g)]
    turn, _ = torch.linalg.qr(torch.randn(action.size, action.size, generator=g))
    for weights, held in ((orbit, True), (orbit @ turn, data == "plane")):
        found = orbits._outcome(weights, action, 0)
        assert found == orbits.Outcome(named=True, kept=held, carried=held)


def test_no_trials_make_no_sense() -> None:
    with pytest.raises(SystemExit) as error:
        command.main(["power", "--trials", "0"])
    assert error.value.code == 2
