"""Many runs in one pass: each is what it would have been alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.train.conftest import BareOptimizer, Table, classes_table, line_table
from torch import Tensor, nn

from gramian import train as d2l
from gramian.train._tensors import weights

Build = Callable[..., d2l.Module]
RATES = {"rtol": 1e-9, "atol": 1e-12}


def double(data: Table) -> Table:
    """The same rows in float64; rounding then stays far below the tolerance."""
    data.X = data.X.double()
    data.y = data.y.double() if data.y.is_floating_point() else data.y
    return data


def residual(lr: float, seed: int) -> d2l.Module:
    return d2l.ResidualMLP(2, num_hiddens=7, num_layers=3, lr=lr, random_state=seed).double()


def scratch(lr: float, seed: int) -> d2l.Module:
    model = d2l.MLPScratch(4, 3, 6, lr, sigma=0.3, random_state=seed)
    return model.double()


def lazy(lr: float, seed: int) -> d2l.Module:
    return d2l.MLP(3, 6, lr).double()


class Plain(d2l.LinearRegressionScratch):
    """Weights that are plain tensors."""

    def __init__(self, lr: float, seed: int) -> None:
        super().__init__(2, lr, random_state=seed)
        self.w = self.w.detach().double().requires_grad_()
        self.b = self.b.detach().double().requires_grad_()


class Normed(d2l.Classifier):
    """Running means, two groups of settings, momentum, tied weights, a frozen one."""

    def __init__(self, lr: float, seed: int) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.first, self.norm, self.last = nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)
        self.again = self.first
        self.first.bias.requires_grad_(False)
        self.double()

    def forward(self, X: Tensor) -> Tensor:
        return self.last(self.again(self.norm(self.first(X)).relu()))

    def configure_optimizers(self) -> Any:
        groups = [
            {"params": [self.first.weight, self.norm.weight], "weight_decay": 0.1},
            {"params": [self.norm.bias, *self.last.parameters()]},
        ]
        return torch.optim.SGD(groups, lr=self.lr, momentum=0.9)


def alone(build: Build, data: Table, lr: float, seed: int, **given: Any) -> d2l.Trainer:
    torch.manual_seed(seed)
    trainer = d2l.Trainer(board=False, **given)
    trainer.fit(build(lr=lr, seed=seed), copy.copy(data))
    return trainer


@pytest.mark.parametrize(
    ("build", "make"),
    [
        (residual, line_table),
        (scratch, classes_table),
        (lazy, classes_table),
        (Plain, line_table),
        (Normed, classes_table),
    ],
)
@pytest.mark.parametrize("clip", [0.0, 0.5])
def test_each_history_is_that_of_a_run_alone(build: Build, make: Any, clip: float) -> None:
    lrs, seeds, settings = [0.003, 0.03], [0, 5], {"max_epochs": 3, "gradient_clip_val": clip}
    before = torch.get_rng_state()
    sweep = d2l.fit_many(build, double(make()), lrs=lrs, seeds=seeds, **settings)
    assert torch.equal(before, torch.get_rng_state())
    assert [(run.lr, run.seed) for run in sweep.runs] == [(r, s) for r in lrs for s in seeds]
    for run, history, model in zip(sweep.runs, sweep, sweep.models, strict=True):
        single = alone(build, double(make()), run.lr, run.seed, **settings)
        assert history.epochs.keys() == single.history.epochs.keys()
        for name, column in single.history.epochs.items():
            if name != "seconds":
                np.testing.assert_allclose(history.epochs[name], column, **RATES, err_msg=name)
        for name, steps in single.history.steps.items():
            np.testing.assert_allclose(history.steps[name], steps, **RATES, err_msg=name)
        for name, tensor in weights(single.model).items():
            torch.testing.assert_close(weights(model)[name], tensor, **RATES)


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop])
def test_optimisers_of_torch_in_float32(optimizer: Any) -> None:
    def build(lr: float, seed: int) -> d2l.Module:
        make = lambda weights: optimizer(weights, lr=lr)  # noqa: E731 # closes over lr
        return d2l.Learner(nn.Linear(2, 1), loss=nn.MSELoss(), optimizer=make)

    rates = np.array([0.1, 0.01])
    sweep = d2l.fit_many(build, line_table(), lrs=rates, seeds=range(1, 3), max_epochs=2)
    for run, history in zip(sweep.runs, sweep, strict=True):
        single = alone(build, line_table(), run.lr, run.seed, max_epochs=2)
        np.testing.assert_allclose(history["val_loss"], single.history["val_loss"], rtol=1e-3)


@pytest.mark.parametrize("every", ["step", "epoch"])
def test_a_schedule_moves_every_rate_as_that_of_a_run_alone(every: str) -> None:
    def halving() -> d2l.Schedule:
        return d2l.Schedule(lambda optim: torch.optim.lr_scheduler.StepLR(optim, 2, 0.5), every)

    settings = {"seeds": [0], "max_epochs": 5, "schedule": halving()}
    sweep = d2l.fit_many(residual, double(line_table()), lrs=[0.003, 0.03], **settings)
    for run, history in zip(sweep.runs, sweep, strict=True):
        data = double(line_table())
        single = alone(residual, data, run.lr, run.seed, max_epochs=5, callbacks=[halving()])
        for name in ("learning_rate", "val_loss"):
            np.testing.assert_allclose(history[name], single.history[name], **RATES, err_msg=name)
        assert history["learning_rate"][-1] < run.lr / 2


def test_a_schedule_that_waits_for_a_plateau_is_refused() -> None:
    schedule = d2l.Schedule(torch.optim.lr_scheduler.ReduceLROnPlateau)
    with pytest.raises(ValueError, match=r"fit_many: schedule must be the same for all runs, got"):
        d2l.fit_many(
            Plain, double(line_table()), lrs=[0.1], seeds=[0], max_epochs=1, schedule=schedule
        )


def test_several_initialisations() -> None:
    def zero(lr: float, seed: int) -> d2l.Module:
        return d2l.LinearRegressionScratch(2, lr, sigma=0.0)

    def wide(lr: float, seed: int) -> d2l.Module:
        return d2l.LinearRegressionScratch(2, lr, sigma=5.0, random_state=seed)

    builds = {"zero": zero, "wide": wide}
    sweep = d2l.fit_many(builds, line_table(), lrs=[0.1], seeds=[0, 1], max_epochs=2)
    assert [run.init for run in sweep.runs] == ["zero", "zero", "wide", "wide"]
    assert sweep[0]["train_loss"] == sweep[1]["train_loss"]
    assert sweep[2]["train_loss"] != sweep[3]["train_loss"]
    assert sweep.table()["init"].to_list() == ["zero", "zero", "wide", "wide"]
    assert sweep.plot().columns()["init"] == ["zero", "zero", "wide", "wide"]


def test_a_run_that_diverges_leaves_the_others_alone() -> None:
    def build(lr: float, seed: int) -> d2l.Module:
        return d2l.LinearRegressionScratch(2, lr, random_state=seed)

    lrs = [0.05, 1e20]
    message = r"not finite in epoch 1 of \(lr=1e\+20, seed=0\); the others go on"
    with pytest.warns(RuntimeWarning, match=message) as caught:
        sweep = d2l.fit_many(build, line_table(), lrs=lrs, seeds=[0], max_epochs=4)
    assert caught[0].filename == __file__
    assert [len(history) for history in sweep] == [4, 1]
    assert np.isfinite(sweep[0]["val_loss"]).all()
    assert sweep.best() == 0
    assert sweep.table()["best_epoch"].to_list() == [4, None]
    assert sweep.plot().describe().endswith("; 1 not finite.")


def test_when_all_diverge_it_ends() -> None:
    with pytest.warns(RuntimeWarning, match="not finite"):
        sweep = d2l.fit_many(Plain, double(line_table()), lrs=[1e200], seeds=[0], max_epochs=9)
    assert len(sweep[0]) == 1
    with pytest.raises(ValueError, match=r"Sweep.best: val_loss must be finite in at least one"):
        sweep.best()


def test_table_and_picture() -> None:
    sweep = d2l.fit_many(scratch, double(classes_table()), lrs=[0.1, 0.5], seeds=[0], max_epochs=2)
    table = sweep.table("val_acc")
    assert table.columns == [
        *("lr", "seed", "epochs", "best_epoch", "train_loss", "val_loss", "val_acc"),
    ]
    assert table["val_acc"].to_list() == [history["val_acc"][-1] for history in sweep]
    display = sweep.plot(monitor="val_acc")
    assert display.ax_.get_xscale() == "log"
    assert display.medians()[""][0].tolist() == [0.1, 0.5]
    with pytest.raises(ValueError, match=r"Sweep: monitor must be one of train_loss, val_loss, v"):
        sweep.table("auc")
    with pytest.raises(ValueError, match=r"from_predictions: values must be of equal length"):
        d2l.SweepDisplay.from_predictions([1.0], [1.0, 2.0], "val_loss")


def test_the_best_run_among_some() -> None:
    builds = {"near": residual, "far": lambda lr, seed: residual(lr / 1e4, seed)}
    data, seeds = double(line_table()), [0, 5]
    sweep = d2l.fit_many(builds, data, lrs=[0.003, 0.03], seeds=seeds, max_epochs=2)
    ends = sweep.ends("val_loss")
    for init in builds:
        for seed in seeds:
            own = [i for i, run in enumerate(sweep.runs) if (run.init, run.seed) == (init, seed)]
            assert sweep.best(init=init, seed=seed) == min(own, key=ends.__getitem__)
    assert sweep.best() == min(range(8), key=ends.__getitem__)
    with pytest.raises(ValueError, match=r"Sweep.best: val_loss must be finite in at least one"):
        sweep.best(init="nobody")


def test_dropout_draws_for_every_run() -> None:
    class Net(d2l.Classifier):
        def __init__(self, lr: float, seed: int) -> None:
            super().__init__()
            self.lr, self.net = lr, nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 3))
            with torch.no_grad():
                self.net[1].weight.fill_(0.1)

    sweep = d2l.fit_many(Net, classes_table(), lrs=[0.1], seeds=[3, 4], max_epochs=1)
    assert sweep[0]["train_loss"] != sweep[1]["train_loss"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"lrs": []}, TypeError, "lrs must be a sequence of at least one number"),
        ({"lrs": [0.0]}, ValueError, r"lrs must be a finite number in \(0, inf\), got 0.0"),
        ({"seeds": 3}, TypeError, "seeds must be a sequence of at least one int, got 3"),
        ({"seeds": [-1]}, ValueError, r"seeds must be an int in \[0, inf\), got -1"),
        ({"build": {}}, ValueError, "build must be at least one callable"),
    ],
)
def test_wrong_settings(given: dict[str, Any], error: type[Exception], message: str) -> None:
    settings = {"build": Plain, "data": line_table(), "lrs": [0.1], "seeds": [0], "max_epochs": 1}
    with pytest.raises(error, match=f"fit_many: {message}"):
        d2l.fit_many(**(settings | given))


def test_models_that_cannot_be_stacked() -> None:
    def growing(lr: float, seed: int) -> d2l.Module:
        return d2l.ResidualMLP(2, num_hiddens=3 + seed, lr=lr)

    with pytest.raises(ValueError, match=r"fit_many: build must be of one architecture, got \('h"):
        d2l.fit_many(growing, line_table(), lrs=[0.1], seeds=[0, 1], max_epochs=1)

    class Own(Plain):
        def configure_optimizers(self) -> Any:
            return BareOptimizer()

    with pytest.raises(TypeError, match=r"optimizer must be train.SGD, or one of .* got 'Bare"):
        d2l.fit_many(Own, double(line_table()), lrs=[0.1], seeds=[0, 1], max_epochs=1)


def test_weights_that_take_no_part() -> None:
    class Idle(d2l.LinearRegression):
        def __init__(self, lr: float, seed: int) -> None:
            super().__init__(lr)
            self.idle = nn.Parameter(torch.ones(2, 3))

    message = r"fit_many: weights must be all part of the loss, got \(2, 3\). Leave such weights o"
    with pytest.raises(ValueError, match=message):
        d2l.fit_many(Idle, line_table(), lrs=[0.1], seeds=[0], max_epochs=1)
