"""One epoch of small networks, and one pass over images: the loop against bare ones and others."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register
from gramian import train as d2l

RATE, CLASSES = 0.01, 10


@dataclass(frozen=True)
class Inputs:
    """Rows with labels of a linear teacher, and a network that every contestant starts from."""

    X: Tensor
    y: Tensor
    batch_size: int
    net: nn.Module

    def loss(self, weights: list[Tensor]) -> float:
        """Cross-entropy over all rows with the weights that somebody found, in float64."""
        net = copy.deepcopy(self.net)
        with torch.no_grad():
            for own, found in zip(net.parameters(), weights, strict=True):
                own.copy_(found)
            return float(functional.cross_entropy(net.double()(self.X.double()), self.y))

    @cached_property
    def expected(self) -> float:
        """The loss after an epoch of a plain loop in float64."""
        net, X = copy.deepcopy(self.net).double(), self.X.double()
        optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(1))
        for rows in order.split(self.batch_size):
            optimizer.zero_grad()
            functional.cross_entropy(net(X[rows]), self.y[rows]).backward()
            optimizer.step()
        return self.loss(list(net.parameters()))

    def loader(self) -> DataLoader:
        """torch's own, as its users make it."""
        return DataLoader(TensorDataset(self.X, self.y), self.batch_size, shuffle=True)


class Rows(d2l.DataModule):
    """The rows in memory, none held back."""

    def __init__(self, X: Tensor, y: Tensor, batch_size: int) -> None:
        super().__init__(random_state=0)
        self.X, self.y, self.batch_size = X, y, batch_size

    def get_dataloader(self, train: bool) -> Any:
        return self.get_tensorloader([self.X, self.y], True) if train else None


def make(hidden: bool) -> Callable[[Sizes], Inputs]:
    def made(sizes: Sizes) -> Inputs:
        rng = torch.Generator().manual_seed(0)
        n, d = sizes["n"], sizes["d"]
        X = torch.rand(n, d, generator=rng) - 0.5
        y = (X @ torch.randn(d, CLASSES, generator=rng)).argmax(1)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            layers: list[nn.Module] = [nn.Linear(d, CLASSES)]
            if hidden:
                layers = [nn.Linear(d, 256), nn.ReLU(), nn.Linear(256, CLASSES)]
            net = nn.Sequential(*layers)
        return Inputs(X, y, sizes["batch"], net)

    return made


def ours(inputs: Inputs) -> Thunk:
    def epoch() -> list[Tensor]:
        net = copy.deepcopy(inputs.net)
        sgd = lambda weights: d2l.SGD(weights, lr=RATE)  # noqa: E731 # as users write it
        model = d2l.Learner(net, loss=nn.CrossEntropyLoss(), optimizer=sgd)
        data = Rows(inputs.X, inputs.y, inputs.batch_size)
        d2l.Trainer(1, board=False).fit(model, data)
        return list(net.parameters())

    return epoch


def bare(inputs: Inputs) -> Thunk:
    """The fastest plain loop: a gather per batch, and nothing noted."""

    def epoch() -> list[Tensor]:
        net = copy.deepcopy(inputs.net)
        optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
        for rows in torch.randperm(len(inputs.X)).split(inputs.batch_size):
            X, y = inputs.X.index_select(0, rows), inputs.y.index_select(0, rows)
            loss = functional.cross_entropy(net(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return list(net.parameters())

    return epoch


def lightning(inputs: Inputs) -> Thunk:
    from lightning import LightningModule, Trainer

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Model(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = copy.deepcopy(inputs.net)

        def training_step(self, batch: Any, _: int) -> Tensor:
            return functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=RATE)

    def epoch() -> list[Tensor]:
        model = Model()
        trainer = Trainer(
            max_epochs=1,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(model, inputs.loader())
        return list(model.net.parameters())

    return epoch


def skorch(inputs: Inputs) -> Thunk:
    from skorch import NeuralNetClassifier

    def epoch() -> list[Tensor]:
        model = NeuralNetClassifier(
            copy.deepcopy(inputs.net),
            criterion=nn.CrossEntropyLoss,
            lr=RATE,
            batch_size=inputs.batch_size,
            max_epochs=1,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        )
        model.fit(inputs.X.numpy(), inputs.y.numpy())
        return list(model.module_.parameters())

    return epoch


def verify(inputs: Inputs, weights: list[Tensor], strict: bool) -> None:
    """The loss that an epoch in float64 leaves; the order of the rows is each one's own."""
    off = abs(inputs.loss(weights) / inputs.expected - 1)
    truth.at_most(off, 0.03 if strict else 0.05, "relative difference of the loss")


for name, hidden in (("softmax", False), ("mlp", True)):
    register(
        Case(
            name=f"train/{name}-60000x784",
            title=f"One epoch of {name}, 60,000 × 784, batches of 256",
            sizes={"n": 60_000, "d": 784, "batch": 256},
            quick={"n": 2_000, "d": 32, "batch": 50},
            make=make(hidden),
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("a bare loop", bare, exact=True),
                Contestant("lightning", lightning, package="lightning"),
                Contestant("skorch", skorch, package="skorch"),
            ),
            verify=verify,
        )
    )


def make_images(sizes: Sizes) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(0)
    n, side = sizes["n"], sizes["side"]
    return torch.rand(n, 1, side, side, generator=rng), torch.arange(n)


def _pass_over(make_loader: Callable[[Any], Any]) -> Callable[[Any], Thunk]:
    """A pass that looks at a corner of every image and at every label."""

    def prepare(images: tuple[Tensor, Tensor]) -> Thunk:
        loader = make_loader(images)

        def one_pass() -> list[Tensor]:
            corners, labels = (
                torch.zeros((), dtype=torch.float64),
                torch.zeros((), dtype=torch.int64),
            )
            for X, y in loader:
                corners += X[:, 0, 0, 0].sum()
                labels += y.sum()
            return [corners, labels]

        return one_pass

    return prepare


def verify_images(images: tuple[Tensor, Tensor], found: list[Tensor], strict: bool) -> None:
    """Every image and every label was there once."""
    corners, labels = images[0][:, 0, 0, 0].double().sum(), images[1].sum()
    truth.at_most(abs(float(found[1] - labels)), 0, "difference of the sum of labels")
    truth.at_most(abs(float(found[0] / corners - 1)), 1e-5, "relative difference of the pixels")


register(
    Case(
        name="train/images-60000x32x32",
        title="One shuffled pass over 60,000 images of 32 × 32, batches of 64",
        sizes={"n": 60_000, "side": 32},
        quick={"n": 500, "side": 8},
        make=make_images,
        ours=Contestant(
            "gramian",
            _pass_over(lambda images: d2l.TensorLoader(images, 64, shuffle=True)),
            exact=True,
        ),
        peers=(
            Contestant(
                "torch's DataLoader",
                _pass_over(lambda images: DataLoader(TensorDataset(*images), 64, shuffle=True)),
            ),
        ),
        verify=verify_images,
    )
)
