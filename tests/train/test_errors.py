"""Every way to begin wrongly, and losses that run away, with the words that are said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from tests.train.conftest import Table, classes_table, line_table
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gramian import train as d2l


def fit(model: Any, data: Any, **given: Any) -> d2l.History:
    return d2l.Trainer(given.pop("max_epochs", 2), **given).fit(model, data)


class Given(d2l.DataModule):
    """Whatever loader is given, for training."""

    def __init__(self, loader: Any) -> None:
        super().__init__()
        self.loader = loader

    def train_dataloader(self) -> Any:
        return self.loader

    def val_dataloader(self) -> None:
        return None


def test_the_model_and_the_data_do_not_fit() -> None:
    model = d2l.SoftmaxRegressionScratch(5, 3, lr=0.1)
    with pytest.raises(ValueError, match=r"model must accept inputs of shape \(8, 4\), got: "):
        fit(model, classes_table())


def test_targets_that_would_broadcast() -> None:
    rows = torch.randn(20, 2)
    data = Table(rows, rows.sum(1), batch_size=5, n_train=20)
    message = r"targets must be of the outputs' shape \(5, 1\), got \(5,\). .*y\.reshape\(-1, 1\)"
    for model in (d2l.LinearRegressionScratch(2, 0.1), d2l.LinearRegression(0.1)):
        with pytest.raises(ValueError, match=message):
            fit(model, data)
    with pytest.raises(ValueError, match=message):
        fit(d2l.ResidualMLP(2), data)
    sgd = partial(d2l.SGD, lr=0.1)
    learner = d2l.Learner(nn.Linear(2, 1), loss=nn.MSELoss(), optimizer=sgd)
    with pytest.raises(ValueError, match=message):
        fit(learner, data)


@pytest.mark.parametrize(("label", "found"), [(3, "3"), (-1, "-1")])
@pytest.mark.parametrize("in_memory", [True, False])
def test_labels_out_of_range(label: int, found: str, in_memory: bool) -> None:
    table = classes_table()
    y = table.y.clone()
    y[40 if in_memory else 3] = label
    data: Any = Table(table.X, y, 8, 50)
    if not in_memory:
        data = Given(DataLoader(TensorDataset(table.X, y), 8))
    with pytest.raises(ValueError, match=rf"labels must be in \[0, 2\], got {found}\. Give the"):
        fit(d2l.SoftmaxRegression(3, lr=0.1), data)


def test_labels_of_another_kind() -> None:
    table = classes_table()
    with pytest.raises(TypeError, match=r"labels must be integers, got 'torch.float32'"):
        fit(d2l.MLP(3, 4, 0.1), Table(table.X, table.y.float(), 8, 50))
    with pytest.raises(ValueError, match=r"labels must be one per row of scores, .* got \(8, 3\)"):
        fit(d2l.MLP(3, 4, 0.1), Table(table.X, nn.functional.one_hot(table.y), 8, 50))


class Empty:
    """A loader of nothing that does not say so beforehand."""

    def __init__(self, passes: int) -> None:
        self.passes = passes

    def __iter__(self) -> Iterator[Any]:
        self.passes -= 1
        if self.passes >= 0:
            yield torch.ones(2, 2), torch.ones(2, 1)


def test_an_empty_loader() -> None:
    message = r"train_dataloader must be a loader of at least one batch, got 'none'"
    data = line_table()
    for loader in (
        d2l.TensorLoader([data.X[:0], data.y[:0]], 4),
        DataLoader(TensorDataset(data.X[:0], data.y[:0])),
        Empty(0),
    ):
        with pytest.raises(ValueError, match=message):
            fit(d2l.LinearRegression(0.1), Given(loader))


def test_a_loader_that_runs_dry() -> None:
    with pytest.raises(ValueError, match=r"train_dataloader must give at least one batch, got non"):
        fit(d2l.LinearRegression(0.01), Given(Empty(2)), max_epochs=5)


def test_what_is_no_loader() -> None:
    data = line_table()
    with pytest.raises(TypeError, match=r"train_dataloader must be a loader, got 3. Return get_te"):
        fit(d2l.LinearRegression(0.1), Given(3))
    once = ((data.X, data.y) for _ in range(3))
    with pytest.raises(TypeError, match=r"must be readable once per epoch, got generator"):
        fit(d2l.LinearRegression(0.1), Given(once))
    with pytest.raises(TypeError, match=r"must be a loader of batches \(inputs, targets\) of tens"):
        fit(d2l.LinearRegression(0.1), Given([data.X]))
    with pytest.raises(ValueError, match=r"equally many rows, got \[4, 3\]"):
        fit(d2l.LinearRegression(0.1), Given([(data.X[:4], data.y[:3])]))


def test_what_is_no_model() -> None:
    with pytest.raises(TypeError, match=r"model must be a train.Module, got 'Linear'. Wrap it"):
        fit(nn.Linear(2, 1), line_table())
    with pytest.raises(AttributeError, match="Module: net must be set, or forward overridden"):
        d2l.Module()(torch.ones(1))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_epochs": -1}, r"max_epochs must be an int in \[0, inf\), got -1"),
        ({"max_epochs": 1, "num_gpus": 2}, r"num_gpus must be an int in \[0, 1\], got 2. For sev"),
        ({"max_epochs": 1, "gradient_clip_val": -1}, r"gradient_clip_val must be a finite number"),
        ({"max_epochs": 1, "precision": "half"}, "precision must be one of None, 'bf16', got 'hal"),
        ({"max_epochs": 1, "eval_batch_size": 0}, r"eval_batch_size must be an int in \[1, inf\)"),
    ],
)
def test_wrong_settings(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"Trainer: {message}"):
        d2l.Trainer(**given)


def test_models_check_their_arguments() -> None:
    with pytest.raises(ValueError, match=r"SGD: lr must be a finite number in \(0, inf\), got 0"):
        d2l.SGD([torch.ones(1, requires_grad=True)], lr=0)
    for make in (
        lambda: d2l.LinearRegressionScratch(2, 0.1, sigma=-1.0),
        lambda: d2l.SoftmaxRegressionScratch(2, 2, 0.1, sigma=-1.0),
        lambda: d2l.MLPScratch(2, 2, 2, 0.1, sigma=-1.0),
    ):
        with pytest.raises(ValueError, match=r"sigma must be a finite number in \[0, inf\), got -"):
            make()
    with pytest.raises(ValueError, match=r"ResidualMLP: num_layers must be an int in \[1, inf\)"):
        d2l.ResidualMLP(2, num_layers=0)


class Breaking(d2l.LinearRegressionScratch):
    """A loss that is no number from one step on."""

    def __init__(self, at: int, value: float) -> None:
        super().__init__(2, lr=0.01)
        self.at, self.value, self.calls = at, value, 0

    def training_step(self, batch: Any) -> torch.Tensor:
        self.calls += 1
        loss = self.loss(self(*batch[:-1]), batch[-1])
        loss = loss + self.value if self.calls >= self.at else loss
        self.plot("loss", loss, train=True)
        return loss


@pytest.mark.parametrize(("value", "word"), [(float("nan"), "nan"), (float("inf"), "inf")])
def test_a_loss_that_is_no_number_stops_the_run(value: float, word: str) -> None:
    model = Breaking(13, value)  # five steps an epoch
    message = rf"the loss is {word} from step 13 on \(epoch 3\)\. Training has stopped\. Lower the"
    with pytest.warns(RuntimeWarning, match=message):
        history = fit(model, line_table(), max_epochs=50)
    assert len(history) == 3
    assert len(history.steps["train_loss"]) == 15


def test_within_an_epoch_it_is_seen_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gramian.train._watch.INTERVAL", 0.0)
    with pytest.warns(RuntimeWarning, match="the loss is nan from step 2 on"):
        history = fit(Breaking(2, float("nan")), line_table(), max_epochs=50)
    assert len(history.steps["train_loss"]) == 2


@pytest.mark.parametrize("batch_size", [8, 40])
def test_a_diverging_rate_is_named_once(batch_size: int) -> None:
    data = line_table(batch_size=batch_size)
    model = d2l.LinearRegressionScratch(2, lr=2.4 if batch_size == 40 else 1.6, random_state=0)
    message = r"the loss grows from step \d+ on, .*\(now (2.4|1.6)\)"
    with pytest.warns(RuntimeWarning, match=message) as caught:
        history = fit(model, data, max_epochs=12)
    assert len(caught) == 1
    began = int(str(caught[0].message).split("step ")[1].split(" ")[0])
    losses = history.steps["train_loss"]
    assert (losses[began - 1 :] > losses[0]).all()
    assert caught[0].filename == __file__
    assert len(history) == 12


def test_a_loss_that_only_wavers_is_left_alone() -> None:
    rng = torch.Generator().manual_seed(0)
    noisy = Table(torch.randn(64, 2, generator=rng), torch.randn(64, 1, generator=rng), 1, 64)
    fit(d2l.LinearRegressionScratch(2, lr=0.05), noisy, max_epochs=3)
