"""The ready-made models, data modules and quick pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gramian import train as d2l
from gramian.data import load_dataset
from gramian.errors import DataError


def test_synthetic_data_follow_the_line() -> None:
    w = torch.tensor([2.0, -3.4])
    data = d2l.SyntheticRegressionData(
        w, 4.2, noise=0.05, num_train=700, num_val=60, random_state=0
    )
    residual = data.y[:, 0] - data.X @ w - 4.2
    assert float(residual.std()) == pytest.approx(0.05, rel=0.1)
    assert float(residual.mean()) == pytest.approx(0, abs=0.01)
    assert len(data.train_dataloader()) == 22
    X, _ = next(iter(data.val_dataloader()))
    assert torch.equal(X, data.X[700:732])
    again = d2l.SyntheticRegressionData(w[:, None], 4.2, 0.05, 700, 60, random_state=0)
    assert torch.equal(again.X, data.X)
    with pytest.raises(ValueError, match="SyntheticRegressionData: noise must be a finite number"):
        d2l.SyntheticRegressionData(w, 4.2, noise=-1.0)


def test_sgd_nears_the_truth_as_predicted() -> None:
    """The expected error of a weight is the weight times (1 - rate)^steps."""
    w, b = torch.tensor([2.0, -3.4]), 4.2
    data = d2l.SyntheticRegressionData(w, b, random_state=1)
    model = d2l.LinearRegressionScratch(2, lr=0.03, random_state=1)
    d2l.Trainer(3).fit(model, data)
    left = 0.97**96
    error = torch.cat([w, torch.tensor([b])]) - torch.cat([model.w.flatten(), model.b]).detach()
    expected = left * torch.tensor([2.0, -3.4, 4.2])
    assert (error - expected).abs().max() < 0.13


@pytest.mark.parametrize("kind", [d2l.FashionMNIST, d2l.MNIST])
def test_small_images_with_one_warning(kind: Any) -> None:
    with pytest.warns(UserWarning, match=rf"{kind.__name__}: the complete .* is not here") as seen:
        data = kind(batch_size=100)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    small = load_dataset(data.name)
    assert (len(data.train), len(data.val)) == (6000, 2000)
    image, label = data.train[17]
    assert image.shape == (1, 28, 28)
    np.testing.assert_allclose(image[0].numpy(), small.images[17] / 255, rtol=1e-6)
    assert int(label) == small.y[17]
    X, y = next(iter(data.train_dataloader()))
    assert X.shape == (100, 1, 28, 28)
    assert (X.dtype, y.dtype) == (torch.float32, torch.int64)
    assert data.text_labels(y[:2]) == [small.target_names[int(i)] for i in y[:2]]


def test_resized_once() -> None:
    with pytest.warns(UserWarning, match="not here"):
        data = d2l.FashionMNIST(resize=(14, 14))
    with pytest.warns(UserWarning, match="not here"):
        whole = d2l.FashionMNIST()
    small, large = data.train.tensors[0], whole.train.tensors[0]
    assert small.shape == (6000, 1, 14, 14)
    assert 0 <= small.min() <= small.max() <= 1
    # the antialiased half of an image keeps its brightness
    torch.testing.assert_close(small.mean((1, 2, 3)), large.mean((1, 2, 3)), rtol=0.02, atol=2e-3)


def test_a_folder_without_the_files(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="fashion-mnist must be in"):
        d2l.FashionMNIST(root=tmp_path)
    with pytest.raises(ValueError, match=r"FashionMNIST: batch_size must be an int in \[1, inf\)"):
        d2l.FashionMNIST(batch_size=0)


def test_visualize() -> None:
    with pytest.warns(UserWarning, match="not here"):
        data = d2l.FashionMNIST(batch_size=8)
    batch = next(iter(data.val_dataloader()))
    axes = data.visualize(batch, nrows=2, ncols=3)
    assert [ax.get_title() for ax in axes] == data.text_labels(batch[1])[:6]
    axes = data.visualize(batch, labels=["$1"] * 8)
    assert axes[0].get_title() == r"\$1"
    axes[0].figure.draw_without_rendering()


def test_written_out_losses_are_those_of_torch() -> None:
    scores = torch.tensor([[1.0, -2.0, 0.5], [1000.0, -1000.0, 3.0]], requires_grad=True)
    labels = torch.tensor([2, 0])
    ours = d2l.SoftmaxRegressionScratch(1, 3, 0.1).loss(scores, labels, averaged=False)
    torch.testing.assert_close(ours, nn.functional.cross_entropy(scores, labels, reduction="none"))
    ours.sum().backward()
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()
    shifted = d2l.SoftmaxRegressionScratch(1, 3, 0.1).loss(scores + 500, labels)
    torch.testing.assert_close(shifted, ours.mean())


def test_accuracy() -> None:
    scores, y = (
        torch.tensor([[[2.0, 1.0]], [[0.0, 3.0]], [[1.0, 1.0]]]),
        torch.tensor([[0], [0], [0]]),
    )
    model = d2l.Classifier()
    assert model.accuracy(scores, y).item() == pytest.approx(2 / 3)
    assert model.accuracy(scores, y, averaged=False).tolist() == [1, 0, 1]
    losses = model.loss(scores, y, averaged=False)
    assert losses.shape == (3,)
    assert model.loss(scores, y).item() == pytest.approx(losses.mean().item())


def test_scratch_mlp_is_the_layers_of_torch() -> None:
    model = d2l.MLPScratch(6, 3, 5, lr=0.1, sigma=0.5, random_state=0)
    twin = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    with torch.no_grad():
        twin[0].weight.copy_(model.W1.T)
        twin[0].bias.copy_(model.b1)
        twin[2].weight.copy_(model.W2.T)
        twin[2].bias.copy_(model.b2)
    X = torch.randn(4, 2, 3)
    torch.testing.assert_close(model(X), twin(X.reshape(4, 6)))


def test_the_residual_net() -> None:
    net = d2l.ResidualMLP(6, random_state=0)
    assert sum(p.numel() for p in net.parameters()) == 18251
    X = torch.randn(3, 6)
    h = net.hidden[0](X).relu()
    for layer in list(net.hidden)[1:]:
        h = h + layer(h).relu()
    torch.testing.assert_close(net(X), net.output(h))
    bound = 50**-0.5
    weight = net.hidden[3].weight
    assert 0.95 * bound < float(weight.detach().abs().max()) <= bound
    assert torch.equal(weight, d2l.ResidualMLP(6, random_state=0).hidden[3].weight)
    square = d2l.ResidualMLP(4, num_hiddens=4, num_layers=1)
    Y = torch.randn(2, 4)
    torch.testing.assert_close(square(Y), square.output(Y + square.hidden[0](Y).relu()))


def test_the_residual_net_learns() -> None:
    X = 2 * torch.rand(400, 3, generator=torch.Generator().manual_seed(0))

    class Product(d2l.DataModule):
        batch_size = 20

        def get_dataloader(self, train: bool) -> Any:
            return self.get_tensorloader([X, X.prod(1, keepdim=True)], train)

    model = d2l.ResidualMLP(3, num_hiddens=16, num_layers=3, lr=3e-3, random_state=0)
    history = d2l.Trainer(15).fit(model, Product(random_state=0))
    assert history["val_loss"][-1] < 0.1 * history["val_loss"][0]


def test_apply_init_reaches_lazy_layers() -> None:
    model = d2l.MLP(2, 3, lr=0.1)

    def ones(layer: nn.Module) -> None:
        if isinstance(layer, nn.Linear):
            nn.init.ones_(layer.weight)

    model.apply_init([torch.zeros(1, 5)], ones)
    assert model.net[1].weight.tolist() == [[1.0] * 5] * 3


def test_plot_of_lines() -> None:
    x = torch.linspace(0, 1, 4)
    axes = d2l.plot(x, [x, (x**2).requires_grad_()], "x", "y", legend=["a", "b"], xlim=[0, 2])
    assert [line.get_ydata().tolist() for line in axes.lines] == [x.tolist(), (x**2).tolist()]
    assert (axes.get_xlabel(), axes.get_xlim()) == ("x", (0, 2))
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["a", "b"]
    again = d2l.plot([x, 2 * x], [x, x], axes=axes, yscale="log")
    assert again is axes
    assert len(axes.lines) == 2
    assert axes.get_yscale() == "log"
    alone = d2l.plot([[1, 2, 3], [4, 5]])
    assert [line.get_xdata().tolist() for line in alone.lines] == [[0, 1, 2], [0, 1]]
    assert len(d2l.plot(np.ones((2, 3))).lines) == 2
    with pytest.raises(ValueError, match="X must hold 1 or 3 lines, as Y does, got 2"):
        d2l.plot([x, x], [x, x, x])


def test_images_in_a_grid() -> None:
    axes = d2l.show_images(torch.rand(5, 1, 4, 4), 2, 3, titles="abcde")
    assert axes.shape == (6,)
    assert [len(ax.images) for ax in axes] == [1, 1, 1, 1, 1, 0]
    assert len({ax.images[0].get_clim() for ax in axes[:5]}) == 1


def test_a_line_without_validation_rows_trains() -> None:
    data = d2l.SyntheticRegressionData(torch.tensor([2.0]), 1.0, num_val=0, random_state=0)
    history = d2l.Trainer(1).fit(d2l.LinearRegressionScratch(1, 0.03, random_state=0), data)
    assert data.val_dataloader() is None
    assert "train_loss" in history.epochs
    assert "val_loss" not in history.epochs
