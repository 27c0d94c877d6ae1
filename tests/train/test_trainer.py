"""The loop against a bare one, and everything that may be put into it."""

from __future__ import annotations

import copy
import math
from functools import partial
from typing import Any

import pytest
import torch
from tests.train.conftest import Table, classes_table, line_table
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from gramian import train as d2l


def bare_loop(net: nn.Module, data: Table, optim: Any, epochs: int, loss: Any) -> list[float]:
    """What the trainer must repeat bit for bit."""
    rng = torch.Generator().manual_seed(data.random_state)
    losses = []
    X, y = data.X[: data.n_train], data.y[: data.n_train]
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=rng)
        for rows in order.split(data.batch_size):
            value = loss(net(X[rows]), y[rows])
            optim.zero_grad()
            value.backward()
            optim.step()
            losses.append(value.item())
    return losses


@pytest.mark.parametrize("name", ["SGD", "Adam", "momentum"])
def test_same_bits_as_a_bare_loop(name: str) -> None:
    kinds = {
        "SGD": partial(torch.optim.SGD, lr=0.1),
        "Adam": partial(torch.optim.Adam, lr=0.01),
        "momentum": partial(torch.optim.SGD, lr=0.1, momentum=0.9),
    }
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    twin, data, loss = copy.deepcopy(net), classes_table(), nn.CrossEntropyLoss()
    losses = bare_loop(twin, data, kinds[name](twin.parameters()), 3, loss)
    model = d2l.Learner(net, loss=loss, optimizer=kinds[name])
    history = d2l.Trainer(max_epochs=3).fit(model, data)
    assert history.steps["train_loss"].tolist() == losses
    for ours, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_sgd_is_torch_s_sgd() -> None:
    torch.manual_seed(0)
    net = nn.Linear(4, 3)
    twin, data, loss = copy.deepcopy(net), classes_table(), nn.CrossEntropyLoss()
    losses = bare_loop(twin, data, torch.optim.SGD(twin.parameters(), lr=0.2), 2, loss)
    assert bare_loop(net, data, d2l.SGD(net.parameters(), lr=0.2), 2, loss) == losses


def test_validation_is_the_mean_over_rows_in_large_batches() -> None:
    data = classes_table(n=157, n_train=20)
    model = d2l.SoftmaxRegression(3, lr=0.1)
    trainer = d2l.Trainer(max_epochs=2, eval_batch_size=50)
    history = trainer.fit(model, data)
    assert trainer.val_batch_idx == 2 * 3
    X, y = data.X[20:], data.y[20:]
    scores = model(X)
    assert history["val_loss"][-1] == pytest.approx(float(model.loss(scores, y).detach()), rel=1e-6)
    assert history["val_acc"][-1] == pytest.approx(float((scores.argmax(1) == y).float().mean()))
    found = trainer.evaluate(model, data)
    assert trainer.history is history
    assert model.trainer is trainer
    assert "train_loss" in model.board.data
    assert found == {name: history[name][-1] for name in ("val_loss", "val_acc")}


def test_the_epoch_mean_weighs_the_short_batch() -> None:
    data = line_table(n_train=40, batch_size=32)
    history = d2l.Trainer(1).fit(d2l.LinearRegressionScratch(2, lr=0.1), data)
    first, second = history.steps["train_loss"]
    assert history["train_loss"] == [pytest.approx((32 * first + 8 * second) / 40)]


def test_no_validation() -> None:
    data = line_table(n=40)
    trainer = d2l.Trainer(max_epochs=2)
    history = trainer.fit(d2l.LinearRegression(lr=0.1), data)
    assert "val_loss" not in history.epochs
    assert trainer.num_val_batches == 0
    with pytest.raises(ValueError, match=r"evaluate: val_dataloader must be a loader, got None"):
        trainer.evaluate(d2l.LinearRegression(lr=0.1), data)


def test_one_batch_per_epoch_keeps_every_step() -> None:
    data = line_table(n_train=40, batch_size=100)
    history = d2l.Trainer(max_epochs=7).fit(d2l.LinearRegressionScratch(2, lr=0.1), data)
    assert len(history.steps["train_loss"]) == 7
    assert len(history.curves()["train_loss"][0]) == 7


def test_any_object_with_step_and_zero_grad_is_an_optimiser() -> None:
    class Plain:
        def __init__(self, params: list[Tensor], lr: float) -> None:
            self.params, self.lr = params, lr

        def step(self) -> None:
            for param in self.params:
                assert param.grad is not None
                param -= self.lr * param.grad

        def zero_grad(self) -> None:
            for param in self.params:
                if param.grad is not None:
                    param.grad.zero_()

    class Model(d2l.LinearRegressionScratch):
        def configure_optimizers(self) -> Plain:
            return Plain([self.w, self.b], self.lr)

    data = line_table()
    plain, ours = Model(2, 0.1, random_state=0), d2l.LinearRegressionScratch(2, 0.1, random_state=0)
    history = d2l.Trainer(5).fit(plain, data)
    d2l.Trainer(5).fit(ours, line_table())
    assert history["learning_rate"] == [0.1] * 5
    torch.testing.assert_close(plain.w, ours.w)


def test_a_second_fit_starts_afresh() -> None:
    trainer, data = d2l.Trainer(2), line_table()
    first = trainer.fit(d2l.LinearRegression(lr=0.1), data)
    second = trainer.fit(d2l.LinearRegression(lr=0.1), data)
    assert first["epoch"] == second["epoch"] == [1, 2]
    assert trainer.train_batch_idx == 10


def test_the_same_seed_gives_the_same_fit() -> None:
    def run() -> Tensor:
        torch.manual_seed(3)
        data = d2l.SyntheticRegressionData(torch.tensor([1.0, 2.0]), 1.0, num_train=64, num_val=9)
        model = d2l.LinearRegression(lr=0.1)
        d2l.Trainer(2).fit(model, data)
        return model.get_w_b()[0]

    assert torch.equal(run(), run())


def test_gradients_are_clipped_to_the_norm() -> None:
    norms = []

    class Spy(d2l.LinearRegressionScratch):
        def configure_optimizers(self) -> Any:
            model = self

            class Optim(d2l.SGD):
                def step(self, closure: Any = None) -> None:
                    grads = torch.cat([model.w.grad.flatten(), model.b.grad])  # type: ignore[union-attr, list-item]  # set by backward
                    norms.append(float(grads.norm()))

            return Optim([self.w, self.b], lr=0.1)

    d2l.Trainer(1, gradient_clip_val=0.5).fit(Spy(2, 0.1), line_table())
    assert max(norms) == pytest.approx(0.5, rel=1e-4)
    model = d2l.LinearRegressionScratch(2, 0.1)
    model.loss(model(torch.ones(1, 2)), torch.full((1, 1), 100.0)).backward()
    d2l.Trainer.clip_gradients(_standing(model), 1.0, model)
    assert model.w.grad is not None
    assert model.b.grad is not None
    assert float(torch.cat([model.w.grad.flatten(), model.b.grad]).norm()) == pytest.approx(1.0)


def _standing(model: d2l.Module) -> d2l.Trainer:
    """A trainer that has another model in hand."""
    trainer = d2l.Trainer(1)
    trainer.fit(d2l.LinearRegressionScratch(2, 0.1), line_table())
    return trainer


def test_bfloat16_is_near_and_weights_stay_float32() -> None:
    data = classes_table(n=300, n_train=256, batch_size=32)
    dtypes = []

    class Model(d2l.MLP):
        def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
            dtypes.append(Y_hat.dtype)
            return super().loss(Y_hat, Y, averaged)

    runs = []
    for precision in (None, "bf16"):
        torch.manual_seed(0)
        model = Model(3, 16, lr=0.1)
        history = d2l.Trainer(3, precision=precision).fit(model, data)
        runs.append(history["val_loss"][-1])
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert set(dtypes) == {torch.float32, torch.bfloat16}
    assert runs[1] == pytest.approx(runs[0], rel=0.05)
    assert runs[0] != runs[1]


class Numbers(IterableDataset):
    """A stream that does not know its length."""

    def __iter__(self) -> Any:
        for i in range(10):
            x = torch.tensor([float(i), 1.0])
            yield x, x.sum().reshape(1)


def test_a_stream_through_torch_s_loader() -> None:
    class Stream(d2l.DataModule):
        def get_dataloader(self, train: bool) -> Any:
            return DataLoader(Numbers(), batch_size=4)

    trainer = d2l.Trainer(max_epochs=2)
    history = trainer.fit(d2l.LinearRegression(lr=0.001), Stream())
    assert trainer.num_train_batches is None
    assert len(history.steps["train_loss"]) == 6
    assert [len(x) for x, _ in history.curves().values()] == [6, 2]


def test_lazy_layers_and_torch_s_loader_draw_nothing_extra() -> None:
    """The look at the first batch leaves the generators as they were."""
    data = classes_table()
    rows = torch.utils.data.TensorDataset(data.X, data.y)

    class Loaded(d2l.DataModule):
        def get_dataloader(self, train: bool) -> Any:
            return DataLoader(rows, 8, shuffle=True) if train else None

    torch.manual_seed(0)
    model = d2l.SoftmaxRegressionScratch(4, 3, lr=0.1, random_state=0)
    torch.manual_seed(1)
    history = d2l.Trainer(1).fit(model, Loaded())
    twin = d2l.SoftmaxRegressionScratch(4, 3, lr=0.1, random_state=0)
    torch.manual_seed(1)
    optim, losses = d2l.SGD([twin.W, twin.b], lr=0.1), []
    for X, y in DataLoader(rows, 8, shuffle=True):
        loss = twin.loss(twin(X), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    assert history.steps["train_loss"].tolist() == losses


def test_a_model_with_steps_of_its_own() -> None:
    class Autoencoder(d2l.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(4, 4)
            self.lr = 0.1

        def training_step(self, batch: Any) -> Tensor:
            loss = ((self(batch[0]) - batch[0]) ** 2).mean()
            self.plot("loss", loss, train=True)
            self.plot("size", len(batch[0]), train=True)
            return loss

    class Alone(d2l.DataModule):
        batch_size = 8

        def get_dataloader(self, train: bool) -> Any:
            return self.get_tensorloader([torch.ones(20, 4)], train) if train else None

    history = d2l.Trainer(2).fit(Autoencoder(), Alone())
    assert history["train_loss"][1] < history["train_loss"][0]
    assert history.steps["train_size"].tolist() == [8, 8, 4] * 2


def test_batches_of_another_form() -> None:
    class Named(d2l.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.lr = nn.Linear(2, 1), 0.1

        def training_step(self, batch: Any) -> Tensor:
            loss = self(batch["x"]).square().mean()
            self.plot("loss", loss, train=True)
            return loss

    class Dicts(d2l.DataModule):
        def train_dataloader(self) -> Any:
            return [{"x": torch.ones(4, 2)}] * 3

        def val_dataloader(self) -> None:
            return None

    assert len(d2l.Trainer(1).fit(Named(), Dicts()).steps["train_loss"]) == 3


def test_learner_measures_and_copies() -> None:
    data = classes_table()
    near = {"err": lambda scores, y: (scores.argmax(1) != y).float().mean()}
    sgd = partial(d2l.SGD, lr=0.5)
    model = d2l.Learner(nn.Linear(4, 3), loss=nn.CrossEntropyLoss(), optimizer=sgd, metrics=near)
    history = d2l.Trainer(5).fit(model, data)
    assert history["val_err"][-1] < history["val_err"][0]
    twin = copy.deepcopy(model)
    assert twin.trainer is None
    assert torch.equal(twin(data.X), model(data.X))


def test_a_missing_gpu_is_said() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.warns(UserWarning, match="num_gpus=1 but torch finds no GPU"):
        trainer = d2l.Trainer(1, num_gpus=1)
    assert trainer.gpus == []
    trainer.fit(d2l.LinearRegression(lr=0.1), line_table())


def test_callbacks_hear_in_order() -> None:
    heard: list[str] = []

    class Ear(d2l.Callback):
        def on_fit_start(self, trainer: d2l.Trainer) -> None:
            heard.append("fit")

        def on_epoch_start(self, trainer: d2l.Trainer) -> None:
            heard.append(f"epoch {trainer.epoch}")

        def on_step_end(self, trainer: d2l.Trainer) -> None:
            heard.append(f"step {trainer.train_batch_idx}")

        def on_epoch_end(self, trainer: d2l.Trainer) -> None:
            heard.append(f"done {trainer.epoch}")

        def on_fit_end(self, trainer: d2l.Trainer) -> None:
            heard.append("end")

    data = line_table(n_train=16)
    d2l.Trainer(2, callbacks=[Ear()]).fit(d2l.LinearRegression(lr=0.1), data)
    first = ["fit", "epoch 0", "step 1", "step 2", "done 1"]
    assert heard == [*first, "epoch 1", "step 3", "step 4", "done 2", "end"]


def test_a_callback_may_stop_within_an_epoch() -> None:
    class Stop(d2l.Callback):
        def on_step_end(self, trainer: d2l.Trainer) -> None:
            trainer.should_stop = trainer.train_batch_idx == 3

    trainer = d2l.Trainer(9, callbacks=[Stop()])
    history = trainer.fit(d2l.LinearRegression(lr=0.1), line_table())
    assert trainer.train_batch_idx == 3
    assert len(history) == 1
    assert math.isnan(history.epochs.get("val_loss", [math.nan])[0])


def test_an_interrupt_leaves_the_history() -> None:
    class Interrupt(d2l.Callback):
        ended = False

        def on_step_end(self, trainer: d2l.Trainer) -> None:
            if trainer.train_batch_idx == 7:
                raise KeyboardInterrupt

        def on_fit_end(self, trainer: d2l.Trainer) -> None:
            Interrupt.ended = True

    trainer = d2l.Trainer(9, callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(d2l.LinearRegression(lr=0.1), line_table())
    assert Interrupt.ended
    assert len(trainer.history.steps["train_loss"]) == 7
    assert len(trainer.history) == 1
