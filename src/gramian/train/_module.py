"""What is trained: a network, its loss, its optimiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from gramian.train._board import ProgressBoard
from gramian.train._checks import check_labels, check_same_shape
from gramian.train._hyper import HyperParameters
from gramian.train._sgd import SGD
from gramian.train._tensors import trainable

if TYPE_CHECKING:
    from gramian.train._trainer import Trainer

__all__ = ["Classifier", "Learner", "Module"]


class Module(HyperParameters, nn.Module):
    """A network together with its loss and its optimiser.

    A subclass sets ``self.net`` or overrides `forward`, defines ``loss(y_hat, y)``, and sets
    ``self.lr`` or overrides `configure_optimizers`.

    Parameters
    ----------
    plot_train_per_epoch : int, default=2
        Points per epoch of the training curve on the board.
    plot_valid_per_epoch : int, default=1
        Kept for programs that pass it; validation has one point per epoch.

    Attributes
    ----------
    board : ProgressBoard
    trainer : Trainer or None
        The one that trained it last.

    Examples
    --------
    >>> import torch
    >>> from gramian import train as d2l
    >>> class Line(d2l.Module):
    ...     def __init__(self, lr):
    ...         super().__init__()
    ...         self.save_hyperparameters()
    ...         self.net = torch.nn.Linear(2, 1)
    ...     def loss(self, y_hat, y):
    ...         return ((y_hat - y) ** 2).mean() / 2
    >>> data = d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> history = d2l.Trainer(max_epochs=3).fit(Line(lr=0.1), data)
    >>> history["val_loss"][-1] < 0.01
    True
    """

    trainer: Trainer | None = None

    def __init__(self, plot_train_per_epoch: int = 2, plot_valid_per_epoch: int = 1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.board = ProgressBoard()

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What ``self.net`` answers."""
        if "net" not in self._modules and "net" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__}: net must be set, or forward overridden, got neither."
            )
        return self.net(*inputs, **named)

    def plot(self, key: str, value: Tensor | float, train: bool) -> None:
        """Note a quantity of the batch in hand, for the history and the board.

        Parameters
        ----------
        key : str
            Such as "loss"; recorded as "train_loss" or "val_loss".
        value : 0-d Tensor or float
        train : bool
        """
        trainer = self.trainer
        if trainer is not None:
            feed = trainer.train_dataloader if train else trainer.val_dataloader
            name = "train_" + key if train else "val_" + key
            trainer.history.record(name, value, feed.rows if feed is not None else 1)

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        """The loss of one batch, noted as "train_loss"."""
        loss: Tensor = self.loss(self(*batch[:-1]), batch[-1])
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Note the loss of one batch as "val_loss"."""
        self.plot("loss", self.loss(self(*batch[:-1]), batch[-1]), train=False)

    def configure_optimizers(self) -> Any:
        """The optimiser: `SGD` over every trainable tensor with the rate ``self.lr``.

        Any object with ``step`` and ``zero_grad`` will do in its place.
        """
        return SGD(self._weights(), lr=self.lr)

    def _weights(self) -> list[Tensor]:
        """What `parameters` gives where a subclass overrides it, else every trainable tensor."""
        if type(self).parameters is not nn.Module.parameters:
            return list(self.parameters())
        return list(trainable(self).values())

    def check_targets(self, outputs: Any, targets: Tensor, n_rows: int) -> None:
        """Raise if targets cannot belong to such outputs; called once before training.

        Parameters
        ----------
        outputs : what the model answered to the first batch
        targets : Tensor
            Of all rows where they lie in memory, the first batch being ``targets[:n_rows]``.
        n_rows : int
        """

    def apply_init(
        self, inputs: Sequence[Tensor], init: Callable[[nn.Module], None] | None = None
    ) -> None:
        """Let lazy layers find their shapes, then apply `init` to every layer of the network."""
        self.forward(*inputs)
        if init is not None:
            self.apply(init)

    def __getstate__(self) -> dict[str, Any]:
        """A copy belongs to no trainer, else it would copy the data too."""
        return {name: value for name, value in vars(self).items() if name != "trainer"}


class Classifier(Module):
    """A module whose outputs are class scores and whose targets are class numbers.

    Its loss is the cross-entropy of the scores; validation notes "val_loss" and "val_acc".

    Examples
    --------
    >>> import torch
    >>> from gramian.train import Classifier
    >>> scores, labels = torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([0, 0])
    >>> Classifier().accuracy(scores, labels)
    tensor(0.5000)
    """

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """Cross-entropy of scores of shape (..., n_classes) with labels of shape (...)."""
        scores, reduction = Y_hat.reshape(-1, Y_hat.shape[-1]), "mean" if averaged else "none"
        return nn.functional.cross_entropy(scores, Y.reshape(-1), reduction=reduction)

    def accuracy(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """Share of rows whose largest score is that of the label; ties take the first class."""
        right = (Y_hat.reshape(-1, Y_hat.shape[-1]).argmax(1) == Y.reshape(-1)).float()
        return right.mean() if averaged else right

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Note loss and accuracy of one batch as "val_loss" and "val_acc"."""
        Y_hat = self(*batch[:-1])
        self.plot("loss", self.loss(Y_hat, batch[-1]), train=False)
        self.plot("acc", self.accuracy(Y_hat, batch[-1]), train=False)

    def check_targets(self, outputs: Any, targets: Tensor, n_rows: int) -> None:
        """Raise if a label is no integer in [0, n_classes)."""
        check_labels(outputs, targets, n_rows)


class Learner(Module):
    """Any `torch.nn.Module` with a loss and an optimiser, ready for a trainer.

    Parameters
    ----------
    net : nn.Module
    loss : callable
        ``loss(outputs, targets)``, a 0-d tensor: the mean over the batch.
    optimizer : callable
        Makes the optimiser from the list of weights.
    metrics : dict of str to callable, default=None
        Further means over the batch, noted while validating: ``{"acc": f}`` gives "val_acc".

    Examples
    --------
    >>> from functools import partial
    >>> import torch
    >>> from torch import nn
    >>> from gramian.train import Learner
    >>> adam = partial(torch.optim.Adam, lr=1e-3)
    >>> model = Learner(nn.Linear(4, 3), loss=nn.CrossEntropyLoss(), optimizer=adam)
    >>> model(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        net: nn.Module,
        *,
        loss: Callable[[Any, Tensor], Tensor],
        optimizer: Callable[[list[Tensor]], Any],
        metrics: Mapping[str, Callable[[Any, Tensor], Any]] | None = None,
    ) -> None:
        super().__init__()
        self.net = net
        self.loss, self._optimizer = loss, optimizer
        self._metrics = dict(metrics or {})

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Note the loss and every metric of one batch."""
        outputs, targets = self(*batch[:-1]), batch[-1]
        for key, measure in {"loss": self.loss, **self._metrics}.items():
            self.plot(key, measure(outputs, targets), train=False)

    def configure_optimizers(self) -> Any:
        """The optimiser that was asked for."""
        return self._optimizer(self._weights())

    def check_targets(self, outputs: Any, targets: Tensor, n_rows: int) -> None:
        """Raise where a loss of torch would broadcast rows against rows, or miss a class."""
        if isinstance(self.loss, nn.MSELoss | nn.L1Loss | nn.SmoothL1Loss | nn.HuberLoss):
            check_same_shape(outputs, targets[:n_rows], "Trainer.fit")
        elif isinstance(self.loss, nn.CrossEntropyLoss) and not targets.dtype.is_floating_point:
            check_labels(outputs.movedim(1, -1), targets, n_rows)
