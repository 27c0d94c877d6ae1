"""Can a small trainer keep a true history at no cost?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gramian import train as d2l
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
    statistics,
)

BOOK = "Dive into Deep Learning, section 3.2"

LAB = Lab(
    name="trainer-design",
    topic="linear models",
    question="Can a small trainer keep a true history at no cost?",
    answer=(
        "It can: every step is there, windows are true means, and the losses are those of a bare "
        "loop, bit for bit."
    ),
    source=f"{BOOK}, 3.2.6 and 4.3",
    method=(
        "A linear regression that notes six series is trained with one batch per epoch, and the "
        "points of the history are counted. It is also trained with 31 batches of 32 rows and one "
        "of 8, by the trainer and by a bare loop; losses must be equal as bits, and the epoch's "
        "mean must be that over its rows.\n\n"
        "The board is given sin and cos of 0, 0.1, …, 9.9, in windows of 2 and of 10.\n\n"
        "The cost is the time of the bare loop divided by that of the trainer, for a network of "
        "784–256–10 on batches of 256."
    ),
    claims=(
        Claim(
            "complete", "The history loses no step of six series.", "lost", "==", 0, kind="exact"
        ),
        Claim(
            "windows",
            "A drawn point is the mean of its window, an epoch's loss the mean over its rows.",
            ("window-error", "epoch-error"),
            "<",
            1e-6,
            figure="board",
        ),
        Claim(
            "bits", "Losses are a bare loop's, bit for bit.", "other-losses", "==", 0, kind="exact"
        ),
        Claim(
            "vocabulary",
            "Decorator, stored arguments and accuracy do what their text says.",
            ("decorator", "arguments", "accuracy"),
            "==",
            True,
            kind="exact",
        ),
        Claim("cost", "It costs 5 % at most.", "speed", ">=", 1 / 1.05, kind="timing"),
    ),
    controls=(
        positive("bare-loop", "A list that a bare loop fills loses no point.", claim="complete"),
        negative(
            "published-board", "The published board loses many.", claim="complete", must=(">=", 20)
        ),
        positive("same-loop", "The bare loop repeats itself.", claim="bits"),
        negative("other-order", "Other batches give other losses.", claim="bits"),
        negative(
            "batch-means",
            "The mean of batch means is not the mean over rows.",
            claim="windows",
            must=(">", 1e-4),
        ),
    ),
    published_errors=(
        PublishedError(BOOK, "decorated names become None", "the decorator returns the function"),
        PublishedError(BOOK, "raise NotImplemented is a TypeError", "the message names what lacks"),
        PublishedError(
            BOOK, "with one batch per epoch int(0.5) = 0 draws no point", "0 counts as 1"
        ),
        PublishedError(BOOK, "a fifth series is dropped", "line styles are taken in turn"),
    ),
    source_values=(SourceValue(BOOK, "points of sin and of cos", [50, 10], "points"),),
    quick={"epochs": 10, "timed_batches": 40, "repeats": 7},
    full={"timed_batches": 200, "repeats": 21},
    seconds=(10, 60),
)

W, B = torch.tensor([2.0, -3.4]), 4.2
SERIES = ("loss", "mean", "spread", "largest", "smallest", "first")
LINE_STYLES = 4


def quantities(output: Tensor, loss: Tensor) -> dict[str, Tensor]:
    """Six numbers of a batch."""
    ends = {"largest": output.max(), "smallest": output.min(), "first": output[0, 0]}
    return {"loss": loss, "mean": output.mean(), "spread": output.std(correction=0), **ends}


class Watched(d2l.LinearRegressionScratch):
    """Notes six quantities of every batch, and tells them to the published board as well."""

    def __init__(self) -> None:
        super().__init__(2, lr=0.03, random_state=0)
        self.published = PublishedBoard()

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        """The loss of one batch."""
        *inputs, y = batch
        output = self(*inputs)
        loss = self.loss(output, y)
        for name, value in quantities(output, loss).items():
            self.plot(name, value, train=True)
            if self.trainer is not None:
                every_n = self.trainer.num_train_batches / self.plot_train_per_epoch
                self.published.draw(float(value.detach()), name, int(every_n))
        return loss


class PublishedBoard:
    """The board with its two defects: an interval of 0, and as many series as line styles."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[float]] = {}
        self.drawn: dict[str, list[float]] = {}

    def draw(self, y: float, label: str, every_n: int) -> None:
        points = self.waiting.setdefault(label, [])
        points.append(y)
        if len(points) == every_n:
            self.drawn.setdefault(label, []).append(float(np.mean(points)))
            points.clear()

    @property
    def shown(self) -> dict[str, list[float]]:
        return dict(list(self.drawn.items())[:LINE_STYLES])


def rows(num_train: int, seed: int) -> d2l.SyntheticRegressionData:
    """Batches of up to 32 rows; the last one may be smaller."""
    return d2l.SyntheticRegressionData(W, B, num_train=num_train, num_val=32, random_state=seed)


def bare_loop(data: d2l.SyntheticRegressionData, epochs: int) -> dict[str, list[float]]:
    """The same steps without a trainer."""
    model, noted = Watched(), dict[str, list[float]]()
    optimizer = model.configure_optimizers()
    for _ in range(epochs):
        for X, y in data.train_dataloader():
            output = model(X)
            loss = model.loss(output, y)
            optimizer.zero_grad()
            loss.backward()
            for name, value in quantities(output, loss).items():
                noted.setdefault(name, []).append(float(value.detach()))
            optimizer.step()
    return noted


def series(history: d2l.History) -> dict[str, list[float]]:
    return {name.removeprefix("train_"): values.tolist() for name, values in history.steps.items()}


def points_kept(seed: int, epochs: int, batches: int) -> dict[str, list[int]]:
    """How many points of each series each way of keeping them holds."""
    model = Watched()
    history = d2l.Trainer(epochs, board=False).fit(model, rows(32 * batches, seed))
    kept = {
        "history": series(history),
        "bare-loop": bare_loop(rows(32 * batches, seed), epochs),
        "published-board": model.published.shown,
    }
    return {name: [len(each.get(one, [])) for one in SERIES] for name, each in kept.items()}


def run(context: Context) -> Result:
    result = Result(context)
    seed, epochs = context.seeds(1)[0], context["epochs"]
    two_batches, kept = (points_kept(seed, epochs, batches) for batches in (2, 1))
    result.measure("published-board-with-two-batches", two_batches["published-board"])
    result.contrast("lost", kept, lambda each: epochs * len(SERIES) - sum(each))

    history = d2l.Trainer(3, board=False).fit(Watched(), rows(1000, seed))
    bare = bare_loop(rows(1000, seed), 3)
    losses = {
        "trainer": series(history),
        "same-loop": bare_loop(rows(1000, seed), 3),
        "other-order": bare_loop(rows(1000, seed + 1), 3),
    }
    result.contrast(
        "other-losses", losses, lambda each: int(np.not_equal(each["loss"], bare["loss"]).sum())
    )

    by_epoch = np.reshape(bare["loss"], (3, -1))
    true = np.average(by_epoch, axis=1, weights=[32] * 31 + [8])
    means = {"history": np.array(history["train_loss"]), "batch-means": by_epoch.mean(1)}
    result.contrast("epoch-error", means, lambda each: float(np.abs(each - true).max()))
    board = draw_waves()
    result.measure("points", [len(points) for points in board.data.values()])
    result.measure("window-error", window_error(board))
    vocabulary(result)
    context.progress("timing")
    times = timed(context["timed_batches"], context["repeats"])
    result.measure("speed", times, tolerance=1.0)

    ends = range(10, 101, 10)
    curves = [draw_waves(end).data for end in ends]
    result.animation(
        "board",
        lambda ax, theme, frame: draw_board(ax, theme, curves[frame]),
        frames=[f"{end} calls" for end in ends],
        title="The board, as it grows",
        alt="sin in 50 points and cos in 10 points, each the mean of its window.",
        seconds=0.4,
    )
    return result


def draw_waves(end: int = 100) -> d2l.ProgressBoard:
    board = d2l.ProgressBoard("x", display=False)
    for x in np.arange(end) / 10:
        board.draw(x, math.sin(x), "sin", every_n=2)
        board.draw(x, math.cos(x), "cos", every_n=10)
    return board


def window_error(board: d2l.ProgressBoard) -> float:
    x, gaps = np.arange(100) / 10, []
    for label, wave, every_n in (("sin", np.sin, 2), ("cos", np.cos, 10)):
        true = np.stack([x, wave(x)]).reshape(2, -1, every_n).mean(2).T
        gaps.append(np.abs(np.array(board.data[label]) - true).max())
    return float(max(gaps))


def vocabulary(result: Result) -> None:
    """Decorator, stored arguments and accuracy."""

    class Settings(d2l.HyperParameters):
        def __init__(self, a: int, b: int, c: int, *, store: bool) -> None:
            if store:
                self.save_hyperparameters(ignore=["c", "store"])

    early = Settings(1, 2, 3, store=False)

    @d2l.add_to_class(Settings)
    def double(self: Any) -> int:
        return 2

    stored = vars(Settings(1, 2, 3, store=True))
    result.measure("decorator", double is not None and early.double() == 2)
    right = stored["hparams"] == {"a": 1, "b": 2} and "c" not in stored and not vars(early)
    result.measure("arguments", right)
    scores = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.5, 0.5]])
    found = d2l.Classifier().accuracy(scores, torch.tensor([1, 0, 0, 0]))
    result.measure("accuracy", float(found) == 0.75)


def timed(batches: int, repeats: int) -> statistics.Estimate:
    """How many times as long the bare loop takes."""
    rng = torch.Generator().manual_seed(0)
    X = torch.randn(256, 784, generator=rng)
    y = torch.randint(10, (256,), generator=rng)
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    sgd, loss_of = torch.optim.SGD(net.parameters(), lr=1e-4), nn.CrossEntropyLoss()
    model = d2l.Learner(net, loss=loss_of, optimizer=lambda _: sgd)
    trainer = d2l.Trainer(1, board=False)

    class Repeated(d2l.DataModule):
        def train_dataloader(self) -> list[tuple[Tensor, Tensor]]:
            return [(X, y)] * batches

        def val_dataloader(self) -> None:
            return None

    def bare() -> None:
        for features, labels in [(X, y)] * batches:
            loss = loss_of(net(features), labels)
            sgd.zero_grad()
            loss.backward()
            sgd.step()

    return statistics.paired_times(lambda: trainer.fit(model, Repeated()), bare, repeats)


def draw_board(ax: Any, theme: Any, curves: dict[str, Any]) -> None:
    for k, (name, points) in enumerate(curves.items()):
        x, y = zip(*points, strict=True)
        ax.plot(x, y, "-o" if k else "--.", color=theme.color(k), markersize=4, label=name)
    ax.set(xlim=(-0.3, 10.2), ylim=(-1.1, 1.1), xlabel="x")
    ax.legend(loc="lower left")
