"""Columns, steps, curves and the best epoch."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from gramian import train as d2l

NUMBERS = st.floats(-1e3, 1e3, width=32)


@given(
    epochs=st.lists(
        st.lists(st.tuples(NUMBERS, st.integers(1, 9)), min_size=1, max_size=7),
        min_size=1,
        max_size=4,
    ),
    tensors=st.booleans(),
)
def test_epochs_are_weighted_means_of_steps(
    epochs: list[list[tuple[float, int]]], tensors: bool
) -> None:
    history = d2l.History()
    for epoch in epochs:
        for value, rows in epoch:
            history.record("train_loss", torch.tensor(value) if tensors else value, rows)
        history.end_epoch(learning_rate=0.1, seconds=1.0)
    flat = [value for epoch in epochs for value, _ in epoch]
    assert history.steps["train_loss"].tolist() == flat
    means = [sum(v * r for v, r in e) / sum(r for _, r in e) for e in epochs]
    np.testing.assert_allclose(history["train_loss"], means, rtol=1e-9, atol=1e-9)
    assert history["epoch"] == list(range(1, len(epochs) + 1))
    assert len(history) == len(epochs)


def filled() -> d2l.History:
    history = d2l.History()
    for i in range(4):
        history.record("train_loss", 4.0 - i, 2)
        history.record("train_loss", 4.0 - i, 2)
        if i % 2:
            history.record("val_loss", abs(i - 1.5), 1)
            history.record("val_acc", 0.5 + i / 10, 1)
        history.end_epoch(learning_rate=0.1, seconds=2.0)
    return history


def test_what_was_not_measured_is_nan() -> None:
    history = filled()
    assert np.array_equal(history["val_loss"], [math.nan, 0.5, math.nan, 1.5], equal_nan=True)
    assert {len(column) for column in history.epochs.values()} == {4}
    assert history.curves()["val_acc"] == ([2.0, 4.0], [0.6, 0.8])


def test_best_epoch() -> None:
    history = filled()
    assert history.best_epoch() == 2
    assert history.best_epoch("val_acc") == 4
    assert history.best_epoch("val_acc", mode="min") == 2
    assert history.best_epoch("train_loss") == 4
    assert history.best_epoch("learning_rate") == 1
    with pytest.raises(KeyError, match="column must be one of epoch, train_loss"):
        history.best_epoch("acc")
    with pytest.raises(ValueError, match="mode must be one of 'min', 'max', got 'least'"):
        history.best_epoch(mode="least")
    empty = d2l.History()
    empty.record("val_loss", math.nan)
    empty.end_epoch(learning_rate=0.1, seconds=0.0)
    with pytest.raises(ValueError, match="val_loss must hold a finite number"):
        empty.best_epoch()


def test_to_polars_and_repr() -> None:
    table = filled().to_polars()
    assert table.shape == (4, 6)
    assert table["val_acc"][3] == 0.8
    assert repr(filled()) == (
        "History(4 epochs: train_loss 1, learning_rate 0.1, val_loss 1.5, val_acc 0.8)"
    )
    assert repr(d2l.History()) == "History(0 epochs)"


@pytest.mark.parametrize(("per_epoch", "points"), [(1, 2), (2, 2), (5, 2), (9, 3), (4, 100)])
def test_windows_are_means_of_steps(per_epoch: int, points: int) -> None:
    history = d2l.History()
    values = np.random.default_rng(0).random(3 * per_epoch)
    for i, value in enumerate(values):
        history.record("train_loss", value)
        if (i + 1) % per_epoch == 0:
            history.end_epoch(learning_rate=0.1, seconds=0.0)
    x, y = history.curves(points)["train_loss"]
    size = max(1, per_epoch // points)
    windows = [values[i : i + size] for i in range(0, len(values), size)]
    np.testing.assert_allclose(y, [window.mean() for window in windows], rtol=1e-12)
    assert x[-1] == 3.0
    assert len(x) >= min(points, per_epoch) * 3 or size > 1


def test_a_running_epoch_is_placed_by_the_batches_to_come() -> None:
    history = d2l.History()
    for value in (1.0, 2.0):
        history.record("train_loss", value)
    assert history.curves(4, batches=4)["train_loss"] == ([0.25, 0.5], [1.0, 2.0])


def test_six_series_and_mixed_numbers() -> None:
    history = d2l.History()
    for name in "abcdef":
        history.record(f"train_{name}", torch.tensor(1.0, dtype=torch.float64))
        history.record(f"train_{name}", 2)
        history.record(f"train_{name}", torch.tensor([3.0]))
    assert [steps.tolist() for steps in history.steps.values()] == [[1.0, 2.0, 3.0]] * 6


@pytest.mark.parametrize("value", [torch.ones(3), torch.ones(0)])
def test_a_tensor_of_several_numbers(value: torch.Tensor) -> None:
    history = d2l.History()
    history.record("train_loss", value)
    with pytest.raises(ValueError, match="train_loss must be one number per batch"):
        history.flush()


def test_recording_keeps_no_graph() -> None:
    weight = torch.ones(2, requires_grad=True)
    history = d2l.History()
    history.record("train_loss", weight.sum())
    assert not history._series["train_loss"].pending[0].requires_grad


def test_state_survives() -> None:
    history, again = filled(), d2l.History()
    history.record("train_loss", 0.5, 3)
    again.load_state_dict(history.state_dict())
    for one in (history, again):
        one.record("train_loss", 1.5, 1)
        one.end_epoch(learning_rate=0.1, seconds=0.0)
    assert again.to_polars().equals(history.to_polars(), null_equal=True)
    assert again["train_loss"][-1] == 0.75


def test_plot() -> None:
    display = filled().plot()
    assert [line.get_label() for line in display.ax_.lines] == ["train_loss", "val_loss", "val_acc"]
    assert [line.get_label() for line in filled().plot(names=["val_acc"]).ax_.lines] == ["val_acc"]
