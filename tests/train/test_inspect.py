"""Answers, activations, weights."""

from __future__ import annotations

import pytest
import torch
from tests.train.conftest import classes_table
from torch import Tensor, nn

from gramian import train as d2l
from gramian.plot import DecisionBoundaryDisplay, ResponseDisplay, WrongPredictionsDisplay


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(5, 2)
    )


@pytest.mark.parametrize("batch_size", [1, 7, 20, 100])
def test_predict_is_one_call_in_evaluation_mode(batch_size: int) -> None:
    model, X = net(), torch.randn(20, 3)
    model[3].eval()
    found = d2l.predict(model, X, batch_size=batch_size)
    assert not found.requires_grad
    assert model.training
    assert not model[3].training
    model.eval()
    torch.testing.assert_close(found, model(X).detach())


def test_activations_are_those_of_a_plain_pass() -> None:
    model, X = net().eval(), torch.randn(20, 3)
    found = d2l.activations(model, X, batch_size=6)
    assert list(found) == ["0", "1", "2", "3", "4"]
    value = X
    for name, layer in model.named_children():
        value = layer(value.clone())
        torch.testing.assert_close(found[name], value.detach())


def test_named_layers_and_parts() -> None:
    model = d2l.ResidualMLP(4, num_hiddens=6, num_layers=3)
    X = torch.randn(9, 4)
    found = d2l.activations(model, X, ["hidden.1", "output", ""])
    assert torch.equal(found["output"], found[""])
    assert found["hidden.1"].shape == (9, 6)
    with pytest.raises(ValueError, match=r"layers must be names of this model \(hidden.0, "):
        d2l.activations(model, X, ["fc1"])


class Uncalled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)
        self.fails = False

    def forward(self, X: Tensor) -> Tensor:
        out: Tensor = self.used(X)
        if self.fails:
            raise RuntimeError("broken")
        return out


def test_hooks_are_always_removed_and_modes_come_back() -> None:
    model, X = Uncalled(), torch.ones(2, 3)
    with pytest.raises(ValueError, match="layers must be called by forward, got 'unused'"):
        d2l.activations(model, X)
    model.fails = True
    with pytest.raises(RuntimeError, match="broken"):
        d2l.activations(model, X)
    with pytest.raises(RuntimeError, match="broken"):
        d2l.predict(model, X)
    assert all(not m._forward_hooks for m in model.modules())
    assert all(m.training for m in model.modules())


def test_predict_without_rows() -> None:
    with pytest.raises(ValueError, match=r"predict: X must have at least one row, got \(0, 3\)"):
        d2l.predict(net(), torch.zeros(0, 3))


def test_weight_table() -> None:
    model = d2l.SoftmaxRegressionScratch(4, 3, lr=0.1, random_state=0)
    scores = model(torch.ones(2, 4))
    model.loss(scores, torch.tensor([0, 1])).backward()
    model.W.grad, gradient = None, model.W.grad
    assert gradient is not None
    table = d2l.weight_table(model)
    assert table["name"].to_list() == ["W", "b"]
    assert table["shape"].to_list() == ["4 × 3", "3"]
    assert table["zeros"].to_list() == [0.0, 1.0]
    assert table["gradient_norm"][0] is None
    assert model.b.grad is not None
    assert table["gradient_norm"][1] == pytest.approx(float(model.b.grad.norm()))
    W = model.W.detach().double()
    for name, value in (("mean", W.mean()), ("sd", W.std(correction=0)), ("norm", W.norm())):
        assert table[name][0] == pytest.approx(float(value))
    assert (table["min"][0], table["max"][0]) == (float(W.min()), float(W.max()))


def test_pictures_take_a_trained_model() -> None:
    table = classes_table(d=2, k=2)
    model = d2l.MLP(2, 8, lr=0.1)
    d2l.Trainer(3, board=False).fit(model, table)
    boundary = DecisionBoundaryDisplay.from_estimator(model, table.X, table.y, resolution=20)
    assert boundary.plot().ax_.collections
    response = ResponseDisplay.from_estimator(lambda X: model(X)[:, 0], table.X, resolution=5)
    assert response.plot().ax_.lines
    images = table.X.repeat(1, 8).reshape(-1, 1, 4, 4)
    flat = d2l.SoftmaxRegression(2, lr=0.1)
    labels = d2l.predict(flat, images).argmax(1)
    labels[:3] = 1 - labels[:3]
    wrong = WrongPredictionsDisplay.from_estimator(flat, images, labels)
    assert sorted(wrong.indices.tolist()) == [0, 1, 2]
