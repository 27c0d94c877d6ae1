"""``python -m benchmarks.fashion FOLDER``: accuracies on the complete Fashion-MNIST.

FOLDER holds the four files of the set. The plain rows are the textbook's: ten epochs, batches of
256, rate 0.1. The tuned rows show what a schedule adds. Curves go to a picture.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from gramian import train as d2l
from gramian.plot import LearningCurveDisplay

BATCH, ROWS = 256, 60_000
OUT = Path(__file__).resolve().parents[1] / "out" / "fashion"
LAST = 3
"""Epochs at the end over which accuracy is averaged."""


@dataclass(frozen=True)
class Entry:
    """One row of the table: a model, how long and how often it is trained, what it must reach."""

    name: str
    build: Callable[[int], d2l.Module]
    epochs: int
    seeds: int
    least: float
    peak: float | None = None
    """Highest rate of a one-cycle schedule; None keeps the model's own."""

    def run(self, data: d2l.FashionMNIST, seed: int) -> d2l.History:
        torch.manual_seed(seed)
        callbacks = []
        if self.peak is not None:
            steps = self.epochs * -(-ROWS // BATCH)
            cycle = partial(OneCycleLR, max_lr=self.peak, total_steps=steps)
            callbacks = [d2l.Schedule(cycle, every="step")]
        model = self.build(seed)
        trainer = d2l.Trainer(self.epochs, callbacks=callbacks, num_gpus=d2l.num_gpus() and 1)
        return trainer.fit(model, data)


def adam(net: nn.Module) -> d2l.Module:
    """A classifier on Adam, with its accuracy."""
    return d2l.Learner(
        net,
        loss=nn.CrossEntropyLoss(),
        optimizer=partial(torch.optim.Adam, lr=1e-3, fused=True),
        metrics={"acc": lambda scores, y: (scores.argmax(1) == y).float().mean()},
    )


def perceptron(_: int) -> d2l.Module:
    return adam(
        nn.Sequential(
            nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 10)
        )
    )


def convolutions(_: int) -> d2l.Module:
    return adam(
        nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Dropout(0.2), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, 10)),
        )
    )


ENTRIES = (
    Entry(
        "softmax regression",
        lambda seed: d2l.SoftmaxRegressionScratch(784, 10, 0.1, random_state=seed),
        epochs=10,
        seeds=5,
        least=0.82,
    ),
    Entry(
        "perceptron of 256",
        lambda seed: d2l.MLPScratch(784, 10, 256, 0.1, random_state=seed),
        epochs=10,
        seeds=5,
        least=0.835,
    ),
    Entry("perceptron, tuned", perceptron, epochs=15, seeds=2, least=0.89, peak=3e-3),
    Entry("convolutional, tuned", convolutions, epochs=8, seeds=1, least=0.91, peak=4e-3),
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0; 1 if a row is below what it must reach."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fashion", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the complete set")
    parser.add_argument("--filter", default="", help="part of a row's name")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the picture")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    curves: dict[str, tuple[Any, Any]] = {}
    met = True
    print(f"accuracy on 10,000 test images: mean of the last {LAST} epochs, over seeds")
    for entry in (entry for entry in ENTRIES if options.filter in entry.name):
        ends, began = [], time.perf_counter()
        for seed in range(entry.seeds):
            data = d2l.FashionMNIST(BATCH, root=options.folder, random_state=seed)
            history = entry.run(data, seed)
            ends.append(statistics.mean(history["val_acc"][-LAST:]))
            curves[f"{entry.name}, seed {seed}"] = (history["epoch"], history["val_acc"])
        mean, spread = statistics.mean(ends), max(ends) - min(ends)
        met &= mean >= entry.least
        print(
            f"{entry.name:22} {entry.epochs:2} epochs, {entry.seeds} seeds: {mean:.4f} "
            f"(from {min(ends):.4f} to {max(ends):.4f}, spread {spread:.4f}), at least "
            f"{entry.least}; {(time.perf_counter() - began) / entry.seeds:.0f} s a run",
            flush=True,
        )
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "accuracy.png"
    LearningCurveDisplay.from_predictions(curves).plot().figure_.savefig(path, dpi=150)
    print(f"curves: {path}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
