"""The command that prints how often tests and searches are right."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from benchmarks.symmetry import __main__ as command
from benchmarks.symmetry import orbits, simulations

from gramian.symmetry import OrbitNet


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


def test_training_draws_every_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(data: str, method: str, *case: float) -> orbits.Outcome:
        return orbits.Outcome(named=method == "both", carried=False)

    monkeypatch.setattr(orbits, "trained", trained)
    assert command.main(["training", "--trials", "1", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("training-*.png"))) == 12
    both = [line for line in capsys.readouterr().out.splitlines() if line.startswith("both")]
    assert [set(line.split()[1:]) for line in both] == [{"1.000"}, {"0.000"}] * 3


def test_a_training_run_is_a_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orbits, "STEPS", 20)
    for data, methods in orbits.METHODS.items():
        for method in methods:
            found = orbits.trained(data, method, 0.0, 0, 5, 0)
            assert found.named or not found.carried


@pytest.mark.parametrize("data", list(orbits.ACTIONS))
def test_weights_on_an_orbit_carry_the_group_and_others_do_not(
    data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, g = orbits.ACTIONS[data], torch.Generator().manual_seed(0)
    orbit = action.orbit(torch.randn(action.size, generator=g))[torch.randperm(5, generator=g)]
    turn, _ = torch.linalg.qr(torch.randn(action.size, action.size, generator=g))
    for weights, carried in ((orbit, True), (orbit @ turn, data == "plane")):
        net = OrbitNet(action.size, 5, 4)
        net.weight.data = weights
        monkeypatch.setattr(orbits, "train_orbit_net", lambda *_, net=net, **__: net)
        found = orbits.trained(data, "no penalty", 0.0, 0, 5, 0)
        assert found == orbits.Outcome(named=True, carried=carried)


def test_no_trials_make_no_sense() -> None:
    with pytest.raises(SystemExit) as error:
        command.main(["power", "--trials", "0"])
    assert error.value.code == 2
