"""Chapter programs in the style of the book run with ``from gramian import train as d2l`` alone."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

from gramian import train as d2l

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture
def run(classes_restored: None) -> Any:
    def program(name: str) -> dict[str, Any]:
        torch.manual_seed(0)
        return runpy.run_path(str(PROGRAMS / f"{name}.py"))

    return program


def test_linear_regression_from_scratch(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("linear_regression_scratch")
    # what is left after 96 steps at rate 0.03 is 0.97^96 of each weight, give or take
    assert found["w_error"].tolist() == pytest.approx([0.107, -0.183], abs=0.15)
    assert found["b_error"].item() == pytest.approx(0.226, abs=0.1)
    assert capsys.readouterr().out.startswith("error in w: tensor(")
    history = found["trainer"].history
    assert len(history.steps["train_loss"]) == 96
    assert history["val_loss"][2] < history["val_loss"][0]
    assert found["trainer"].train_batch_idx == 96
    assert len(found["model"].board.data["train_loss"]) == 6


def last_three(history: d2l.History) -> float:
    return sum(history["val_acc"][-3:]) / 3


@pytest.mark.filterwarnings("ignore:FashionMNIST. the complete")
def test_softmax_regression_from_scratch(run: Any) -> None:
    found = run("softmax_scratch")
    assert last_three(found["trainer"].history) > 0.74
    assert found["axes"][0].get_title() == found["labels"][0]
    assert (found["preds"] != found["y"]).all()


@pytest.mark.filterwarnings("ignore:FashionMNIST. the complete")
def test_softmax_regression_concise(run: Any) -> None:
    found = run("softmax_concise")
    assert last_three(found["trainer"].history) > 0.74


@pytest.mark.filterwarnings("ignore:FashionMNIST. the complete")
def test_multilayer_perceptrons(run: Any) -> None:
    found = run("mlp")
    assert found["scratch"].trainer is found["trainer"]
    assert last_three(found["concise_history"]) > 0.74
    assert {name: len(points) for name, points in found["concise"].board.data.items()} == {
        "train_loss": 20,
        "val_loss": 10,
        "val_acc": 10,
    }


@pytest.mark.filterwarnings("ignore:FashionMNIST. the complete")
def test_weight_decay_after_another_chapter(run: Any) -> None:
    run("softmax_scratch")  # it changes the optimiser of every module
    norms = run("weight_decay")["norms"]
    assert norms[3] < 0.6 * norms[0]
    # torch's own first weights are larger: 1/6 before the first step
    assert norms["concise"] < 0.05
