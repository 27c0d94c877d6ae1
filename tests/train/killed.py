"""Train, be killed with signal 9 at random moments, resume, and compare with the undisturbed run.

``python killed.py FOLDER SEED KILLS`` prints one JSON line. Each life is a fork of a process that
has imported everything and started no thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

import torch
import torch._dynamo  # an optimiser's first step imports it: once here, not in every life
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from gramian import train as d2l
from gramian.train._tensors import weights


class Slow(d2l.Callback):
    """Makes a step long enough to be hit, writing included."""

    def on_step_end(self, trainer: d2l.Trainer) -> None:
        time.sleep(0.002)


class Data(d2l.DataModule):
    batch_size = 8

    def get_dataloader(self, train: bool) -> d2l.TensorLoader:
        rng = torch.Generator().manual_seed(1)
        X = torch.randn(64, 4, generator=rng)
        return self.get_tensorloader([X, X[:, :3].argmax(1)], train)


class Net(d2l.Classifier):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.01)


def live(checkpoint: Path, end: Path, epochs: int) -> None:
    """One life: begin, or go on, and leave the result if nobody interferes."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, data = Net(), Data(random_state=5)
    callbacks = [
        d2l.Checkpoint(checkpoint, every_steps=3),
        d2l.Schedule(partial(ExponentialLR, gamma=0.9)),
        d2l.BestWeights("val_acc"),
        Slow(),
    ]
    trainer = d2l.Trainer(epochs, callbacks=callbacks, board=False)
    history = trainer.fit(model, data, resume=checkpoint if checkpoint.exists() else None)
    found = {name: tensor.detach().clone() for name, tensor in weights(model).items()}
    found |= {f"steps {k}": torch.from_numpy(v) for k, v in history.steps.items()}
    for name in ("train_loss", "val_loss", "val_acc", "learning_rate"):
        found[f"epochs {name}"] = torch.tensor(history[name], dtype=torch.float64)
    save_file(found, end)


def spawn(checkpoint: Path, end: Path, epochs: int) -> int:
    """A child that lives once."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            live(checkpoint, end, epochs)
            status = 0
        finally:
            os._exit(status)
    return child


def random_moment(checkpoint: Path, rng: random.Random) -> None:
    """Wait for a moment at which to kill: mostly after a new file, sometimes right away."""
    before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
    if rng.random() < 0.8:
        patience = time.perf_counter() + 60
        while time.perf_counter() < patience:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
                break
            time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.05))


def main() -> None:
    folder, rng, kills = Path(sys.argv[1]), random.Random(int(sys.argv[2])), int(sys.argv[3])
    epochs = 2 + kills
    _, status = os.waitpid(spawn(folder / "undisturbed.ckpt", folder / "undisturbed", epochs), 0)
    assert status == 0
    checkpoint, end = folder / "killed.ckpt", folder / "killed"
    seen, count = set(), 0
    while not end.exists():
        child = spawn(checkpoint, end, epochs)
        if count < kills:
            random_moment(checkpoint, rng)
            os.kill(child, signal.SIGKILL)
            count += 1
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or status == 0
        if checkpoint.exists():
            seen.add(hashlib.sha256(checkpoint.read_bytes()).hexdigest())
    left, right = load_file(folder / "undisturbed"), load_file(end)
    same = left.keys() == right.keys() and all(
        left[k].numpy().tobytes() == right[k].numpy().tobytes() for k in left
    )
    print(json.dumps({"same": same, "kills": count, "resumed_from": len(seen) - 1}))


if __name__ == "__main__":
    main()
