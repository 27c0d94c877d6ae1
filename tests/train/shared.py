"""One of several processes that train together: ``torchrun shared.py FOLDER``, or alone.

Writes weights and history to FOLDER, one file per process.
"""

from __future__ import annotations

import atexit
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader, TensorDataset

from gramian import train as d2l
from gramian.train._tensors import weights


class Data(d2l.DataModule):
    """41 rows in batches of 8: the last batch has one row, fewer than there are processes."""

    def __init__(self, kind: str) -> None:
        super().__init__()  # no seed: the processes differ until they are aligned
        self.kind, self.batch_size = kind, 8
        rng = torch.Generator().manual_seed(1)
        self.X = torch.randn(61, 4, generator=rng, dtype=torch.float64)
        self.y = self.X[:, :3].argmax(1)

    def get_dataloader(self, train: bool) -> Any:
        rows = slice(0, 41) if train else slice(41, None)
        if self.kind == "memory":
            return self.get_tensorloader([self.X, self.y], train, rows)
        return DataLoader(TensorDataset(self.X[rows], self.y[rows]), 8, shuffle=train)


class Net(d2l.Classifier):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.LazyLinear(6), nn.Tanh(), nn.Linear(6, 3)).double()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.05)


def threads() -> list[str]:
    """Names of the threads of this process, where the system lists them."""
    return sorted(file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm"))


def main() -> None:
    folder, kind, given = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    rank = int(os.environ.get("RANK", "0"))
    torch.set_num_threads(1)
    torch.manual_seed(7 + 100 * rank)  # only the first process's seed counts
    model, data = Net(), Data(kind)
    checkpoint = d2l.Checkpoint(folder / "run.ckpt", every_steps=4)
    callbacks = [
        d2l.Schedule(partial(ExponentialLR, gamma=0.9)),
        d2l.BestWeights(),
        d2l.EarlyStopping("val_loss", patience=3),
        checkpoint,
    ]
    resume = folder / "run.ckpt" if "resume" in given else None
    epochs = 5 if "resume" in given else 3
    trainer = d2l.Trainer(epochs, gradient_clip_val=0.5, callbacks=callbacks, board=False)
    history = trainer.fit(model, data, resume=resume)
    found: dict[str, Tensor] = {k: t.detach().clone() for k, t in weights(model).items()}
    found |= {f"steps {k}": torch.from_numpy(v) for k, v in history.steps.items()}
    for name in ("train_loss", "val_loss", "val_acc", "learning_rate"):
        found[f"epochs {name}"] = torch.tensor(history[name], dtype=torch.float64)
    evaluated = trainer.evaluate(model, data)
    found["evaluated"] = torch.tensor([evaluated["val_loss"], evaluated["val_acc"]])
    save_file(found, folder / f"end{rank}")
    (folder / f"during{rank}").write_text("\n".join(threads()))


def note_threads() -> None:
    rank = os.environ.get("RANK", "0")
    (Path(sys.argv[1]) / f"after{rank}").write_text("\n".join(threads()))


if __name__ == "__main__":
    atexit.register(note_threads)  # the last to be called: what is registered later runs earlier
    main()
