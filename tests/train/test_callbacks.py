"""Early stopping, best weights, schedules."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from tests.train.conftest import BareRegression, line_table
from torch.optim import lr_scheduler as schedulers

from gramian import train as d2l


class Scripted(d2l.Module):
    """A model whose validation loss follows a script and whose weight counts epochs."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.losses = losses
        self.w = torch.zeros(1, requires_grad=True)
        self.lr = 0.1

    def training_step(self, batch: Any) -> torch.Tensor:
        loss = self.w.sum() * 0 + 1
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Any) -> None:
        assert self.trainer is not None
        with torch.no_grad():
            self.w += 1
        self.plot("loss", self.losses[self.trainer.epoch], train=False)


SCRIPT = [5.0, 3.0, 4.0, 2.5, 2.6, 2.4999, 2.7, 2.8, 2.9, 1.0]


@pytest.mark.parametrize(
    ("given", "last", "best"),
    [
        ({"patience": 1}, 3, 2),
        ({"patience": 2}, 8, 6),
        ({"patience": 2, "min_delta": 0.1}, 6, 4),
        ({"patience": 9}, 10, 10),
        ({"patience": 2, "mode": "max"}, 3, 1),
    ],
)
def test_early_stopping(given: dict[str, Any], last: int, best: int) -> None:
    stopping = d2l.EarlyStopping(**given)
    history = d2l.Trainer(10, callbacks=[stopping]).fit(Scripted(SCRIPT), line_table())
    assert len(history) == last
    assert stopping.best_epoch == best
    assert stopping.best_value == SCRIPT[best - 1]


def test_callbacks_forget_an_earlier_run() -> None:
    stopping = d2l.EarlyStopping(patience=2)
    trainer = d2l.Trainer(10, callbacks=[stopping])
    assert len(trainer.fit(Scripted(SCRIPT), line_table())) == 8
    assert len(trainer.fit(Scripted([9.0 + x for x in SCRIPT]), line_table())) == 8


def test_best_weights_come_back() -> None:
    model = Scripted(SCRIPT)
    best = d2l.BestWeights()
    d2l.Trainer(9, callbacks=[best]).fit(model, line_table())
    assert best.best_epoch == 6
    assert model.w.item() == 6.0


def test_best_weights_of_no_epoch_change_nothing() -> None:
    model = Scripted([float("nan")] * 3)
    d2l.Trainer(3, callbacks=[d2l.BestWeights()]).fit(model, line_table())
    assert model.w.item() == 3.0


@pytest.mark.parametrize("kind", [d2l.EarlyStopping, d2l.BestWeights])
def test_an_unknown_column(kind: Any) -> None:
    trainer = d2l.Trainer(3, callbacks=[kind("val_acc")])
    with pytest.raises(ValueError, match=rf"{kind.__name__}: monitor must be a column of the"):
        trainer.fit(Scripted(SCRIPT), line_table())


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match=r"EarlyStopping: patience must be an int in \[1, inf\)"):
        d2l.EarlyStopping(patience=0)
    with pytest.raises(ValueError, match="EarlyStopping: mode must be one of 'min', 'max'"):
        d2l.EarlyStopping(mode="up")
    with pytest.raises(ValueError, match=r"BestWeights: mode must be one of 'min', 'max'"):
        d2l.BestWeights(mode="up")
    with pytest.raises(ValueError, match="Schedule: every must be one of 'epoch', 'step'"):
        d2l.Schedule(schedulers.StepLR, every="day")
    with pytest.raises(TypeError, match="Trainer: callbacks must be Callback objects, got 3"):
        d2l.Trainer(1, callbacks=[3])  # type: ignore[list-item]  # what is tested


def rates(build: Any, every: str, **given: Any) -> list[float]:
    data = line_table(n_train=16)
    trainer = d2l.Trainer(4, callbacks=[d2l.Schedule(build, every, **given)])
    return trainer.fit(d2l.LinearRegression(lr=0.08), data)["learning_rate"]


def test_a_schedule_by_epochs_and_by_steps() -> None:
    half = partial(schedulers.StepLR, step_size=1, gamma=0.5)
    assert rates(half, "epoch") == pytest.approx([0.08, 0.04, 0.02, 0.01])
    assert rates(half, "step") == pytest.approx([0.02, 0.005, 0.00125, 0.0003125])
    cosine = partial(schedulers.CosineAnnealingLR, T_max=4)
    assert rates(cosine, "epoch")[2] == pytest.approx(0.04)


def test_a_plateau_is_told_the_column() -> None:
    plateau = partial(schedulers.ReduceLROnPlateau, patience=0, threshold=1e9)
    assert rates(plateau, "epoch") == pytest.approx([0.08, 0.008, 0.0008, 0.00008])
    with pytest.raises(ValueError, match="Schedule: monitor must be a column of the history"):
        rates(plateau, "epoch", monitor="val_acc")
    with pytest.raises(ValueError, match="Schedule: every must be 'epoch' on a plateau"):
        rates(plateau, "step")


def test_a_schedule_needs_torch_s_optimiser() -> None:
    trainer = d2l.Trainer(1, callbacks=[d2l.Schedule(partial(schedulers.StepLR, step_size=1))])
    with pytest.raises(TypeError, match="Schedule: optimizer must be a torch optimiser, got 'Bare"):
        trainer.fit(BareRegression(lr=0.1), line_table())
