"""What the tests of training share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from gramian import train as d2l

collect_ignore_glob = ["programs/*"]  # they are run by test_programs.py, each in its own world


@pytest.fixture(autouse=True)
def no_complete_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Only the small image sets are at hand."""
    monkeypatch.delenv("GRAMIAN_DATA", raising=False)
    monkeypatch.setenv("GRAMIAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def classes_restored() -> Iterator[None]:
    """Undo what a program adds to the library's classes."""
    names = ("Module", "Classifier", "DataModule", "Trainer", "ProgressBoard", "HyperParameters")
    classes = [getattr(d2l, name) for name in names]
    before = [dict(vars(cls)) for cls in classes]
    yield
    for cls, attributes in zip(classes, before, strict=True):
        for name in set(vars(cls)) - set(attributes):
            delattr(cls, name)
        for name, value in attributes.items():
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)


class Table(d2l.DataModule):
    """Tensors in memory; the first `n_train` rows train, the others validate."""

    def __init__(
        self, X: Tensor, y: Tensor, batch_size: int, n_train: int, random_state: Any = 0
    ) -> None:
        super().__init__(random_state=random_state)
        self.save_hyperparameters()

    def get_dataloader(self, train: bool) -> Any:
        rows = slice(0, self.n_train) if train else slice(self.n_train, None)
        if len(self.X[rows]) == 0 and not train:
            return None
        return self.get_tensorloader([self.X, self.y], train, rows)


def classes_table(
    n: int = 60, n_train: int = 50, batch_size: int = 8, d: int = 4, k: int = 3
) -> Table:
    """Random rows whose class is the place of their largest feature among the first k."""
    rng = torch.Generator().manual_seed(1)
    X = torch.randn(n, d, generator=rng)
    return Table(X, X[:, :k].argmax(1), batch_size, n_train)


def line_table(n: int = 48, n_train: int = 40, batch_size: int = 8, **given: Any) -> Table:
    """A line with noise."""
    rng = torch.Generator().manual_seed(2)
    X = torch.randn(n, 2, generator=rng)
    noise = 0.01 * torch.randn(n, 1, generator=rng)
    return Table(X, X @ torch.tensor([[2.0], [-3.4]]) + 4.2 + noise, batch_size, n_train, **given)


class BareOptimizer:
    """An optimiser of nobody's: no parameters, no state."""

    def step(self) -> None: ...

    def zero_grad(self) -> None: ...


class BareRegression(d2l.LinearRegression):
    """Linear regression by such an optimiser."""

    def configure_optimizers(self) -> BareOptimizer:
        return BareOptimizer()
