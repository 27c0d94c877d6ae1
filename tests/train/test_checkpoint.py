"""A run that is cut off and taken up again ends in the bits of the undisturbed one."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from tests.train.conftest import BareRegression, classes_table, line_table
from torch import Tensor, nn
from torch.optim import lr_scheduler as schedulers
from torch.utils.data import DataLoader, TensorDataset

from gramian import train as d2l
from gramian.errors import DataError
from gramian.train._tensors import weights
from gramian.train._tree import pack, unpack

PROGRAM = Path(__file__).parent / "killed.py"


class Net(d2l.Classifier):
    """Everything that has a state: dropout, running means, an own generator, Adam."""

    def __init__(self) -> None:
        super().__init__()
        parts = [nn.LazyLinear(6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3)]
        self.net = nn.Sequential(*parts)
        self.noise = torch.Generator().manual_seed(3)

    def training_step(self, batch: Any) -> Tensor:
        X = batch[0] + 0.1 * torch.randn(batch[0].shape, generator=self.noise)
        return super().training_step([X, batch[1]])

    def configure_optimizers(self) -> Any:
        return torch.optim.Adam(self.parameters(), lr=0.01)


class Loaded(d2l.DataModule):
    """The same rows through torch's loader, which draws its order from torch's own generator."""

    def get_dataloader(self, train: bool) -> Any:
        table = classes_table()
        return DataLoader(TensorDataset(table.X, table.y), 8, shuffle=train)


class Cut(d2l.Callback):
    """Pulls the plug after a number of steps."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, trainer: d2l.Trainer) -> None:
        if trainer.train_batch_idx == self.step:
            raise KeyboardInterrupt


def followers() -> list[d2l.Callback]:
    every = d2l.Schedule(partial(schedulers.OneCycleLR, max_lr=0.05, total_steps=64), "step")
    return [every, d2l.EarlyStopping("val_acc", patience=3), d2l.BestWeights()]


def prepared(kind: str) -> tuple[d2l.Module, Any]:
    torch.manual_seed(0)
    data: Any = classes_table() if kind == "memory" else Loaded()
    return Net(), data


def assert_same(one: d2l.Trainer, other: d2l.Trainer) -> None:
    mine, theirs = weights(one.model), weights(other.model)
    assert mine.keys() == theirs.keys()
    for name in mine:
        assert torch.equal(mine[name], theirs[name]), name
    for name, steps in one.history.steps.items():
        assert steps.tobytes() == other.history.steps[name].tobytes(), name
    for name, column in one.history.epochs.items():
        if name != "seconds":
            assert np.array_equal(column, other.history.epochs[name], equal_nan=True), name
    assert one.train_batch_idx == other.train_batch_idx


@pytest.mark.parametrize("kind", ["memory", "torch"])
@pytest.mark.parametrize("step", [1, 6, 7, 8, 15, 27])
def test_resumed_at_any_step(kind: str, step: int, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    whole = d2l.Trainer(4, callbacks=followers())
    whole.fit(*prepared(kind))
    saving = d2l.Checkpoint(path, every_epochs=99, every_steps=1)
    cut = d2l.Trainer(4, callbacks=[saving, *followers(), Cut(step + 1)])
    with pytest.raises(KeyboardInterrupt):
        cut.fit(*prepared(kind))  # the plug is pulled before the file of step + 1 is written
    _, data = prepared(kind)
    torch.manual_seed(99)  # what a new process begins with must not matter
    resumed = d2l.Trainer(4, callbacks=[*followers(), Cut(-1)])
    resumed.fit(Net(), data, resume=path)
    assert_same(whole, resumed)


def test_callbacks_must_be_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    stopping = d2l.EarlyStopping()
    given = [d2l.Checkpoint(path), stopping]
    d2l.Trainer(2, callbacks=given).fit(d2l.LinearRegression(0.1), line_table())
    message = r"callbacks must be \['EarlyStopping'\] as in the file, got \[\]"
    with pytest.raises(ValueError, match=message):
        d2l.Trainer(3).fit(d2l.LinearRegression(0.1), line_table(), resume=path)


def run_killed(folder: Path, seed: int, kills: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), str(seed), str(kills)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_killed_a_few_times(tmp_path: Path) -> None:
    found = run_killed(tmp_path, seed=0, kills=3)
    assert found["kills"] == 3
    assert found["same"]
    assert found["resumed_from"] >= 1


@pytest.mark.nightly
def test_killed_twenty_times(tmp_path: Path) -> None:
    found = run_killed(tmp_path, seed=1, kills=20)
    assert found["kills"] == 20
    assert found["same"]
    assert found["resumed_from"] > 5


def test_resumed_between_epochs_and_beyond_the_old_end(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    whole = d2l.Trainer(5)
    whole.fit(d2l.LinearRegressionScratch(2, 0.1, random_state=0), line_table())
    model = d2l.LinearRegressionScratch(2, 0.1, random_state=0)
    d2l.Trainer(2, callbacks=[d2l.Checkpoint(path)]).fit(model, line_table())
    resumed = d2l.Trainer(5)
    resumed.fit(d2l.LinearRegressionScratch(2, 0.1), line_table(random_state=7), resume=path)
    assert_same(whole, resumed)


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    trainer = d2l.Trainer(3, callbacks=[d2l.Checkpoint(path)])
    first = trainer.fit(d2l.LinearRegression(0.1), line_table())
    again = trainer.fit(d2l.LinearRegression(0.1), line_table(), resume=path)
    assert again["train_loss"] == first["train_loss"]


def saved_epochs(folder: Path, **given: Any) -> list[int]:
    """Which steps were written."""
    steps = []

    class Spy(d2l.Checkpoint):
        def _write(self, trainer: d2l.Trainer) -> None:
            steps.append(trainer.train_batch_idx)
            super()._write(trainer)

    callback = Spy(folder / "a.safetensors", **given)
    d2l.Trainer(4, callbacks=[callback]).fit(d2l.LinearRegression(0.1), line_table(n_train=24))
    return steps


def test_when_it_writes(tmp_path: Path) -> None:
    assert saved_epochs(tmp_path) == [3, 6, 9, 12]
    assert saved_epochs(tmp_path, every_epochs=3) == [9, 12]
    assert saved_epochs(tmp_path, every_epochs=9, every_steps=5) == [5, 10, 12]
    each = sorted([*range(1, 13), 3, 6, 9, 12])
    assert saved_epochs(tmp_path, every_seconds=0.0) == each
    assert saved_epochs(tmp_path, every_seconds=999) == [3, 6, 9, 12]
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_run_without_a_number_is_not_saved(tmp_path: Path) -> None:
    class Nan(d2l.LinearRegression):
        def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
            return super().loss(y_hat, y) * float("nan")

    path = tmp_path / "a.safetensors"
    with pytest.warns(RuntimeWarning, match="nan from step 1 on"):
        d2l.Trainer(2, callbacks=[d2l.Checkpoint(path)]).fit(Nan(0.1), line_table())
    assert not path.exists()


def test_the_file_is_safetensors_and_json(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    d2l.Trainer(1, callbacks=[d2l.Checkpoint(path)]).fit(*prepared("memory"))
    with safe_open(path, framework="np") as stream:
        facts = json.loads(stream.metadata()["gramian"])
        names = set(stream.keys())
    assert facts["schema"] == "gramian.checkpoint/1"
    assert {"/weights/net.0.weight", "/optimizer/state/0/exp_avg", "/generators/now/torch"} <= names


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    def resume(model: d2l.Module, path: Path, **given: Any) -> None:
        d2l.Trainer(3, **given).fit(model, line_table(), resume=path)

    missing, odd, good = (tmp_path / name for name in ("missing", "odd", "good"))
    odd.write_bytes(b"not safetensors")
    d2l.Trainer(1, callbacks=[d2l.Checkpoint(good)]).fit(d2l.LinearRegression(0.1), line_table())
    with pytest.raises(DataError, match=r"resume must be an existing file, got '.*missing'"):
        resume(d2l.LinearRegression(0.1), missing)
    with pytest.raises(DataError, match="resume must be a whole safetensors file"):
        resume(d2l.LinearRegression(0.1), odd)
    from safetensors.torch import save_file

    save_file({"a": torch.ones(1)}, odd)
    with pytest.raises(DataError, match=r"resume must be of schema gramian.checkpoint/1, got 'ano"):
        resume(d2l.LinearRegression(0.1), odd)
    with pytest.raises(DataError, match=r"weights must be those of this model, got others: b, ne"):
        resume(d2l.LinearRegressionScratch(2, 0.1), good)
    wider = d2l.LinearRegression(0.1)
    wider.net = nn.Linear(2, 1, dtype=torch.float32)
    wider.net.bias = nn.Parameter(torch.zeros(1, 1))
    with pytest.raises(DataError, match=r"net.bias must be of shape \(1, 1\), got \(1,\)"):
        resume(wider, good)


def test_optimisers_that_cannot_be_saved(tmp_path: Path) -> None:
    class Foreign(d2l.LinearRegression):
        def configure_optimizers(self) -> Any:
            hidden = [torch.zeros(3, requires_grad=True)]
            return d2l.SGD([*self.parameters(), *hidden], lr=0.1)

    trainer = d2l.Trainer(1, callbacks=[d2l.Checkpoint(tmp_path / "a")])
    with pytest.raises(TypeError, match="optimizer must be with state_dict and load_state_dict"):
        trainer.fit(BareRegression(0.1), line_table())
    with pytest.raises(ValueError, match=r"tensors that are attributes of the model, got \(3,\)"):
        trainer.fit(Foreign(0.1), line_table())
    good = tmp_path / "good"
    d2l.Trainer(1, callbacks=[d2l.Checkpoint(good)]).fit(d2l.LinearRegression(0.1), line_table())
    with pytest.raises(
        TypeError, match="optimizer must be with load_state_dict, got 'BareOptimizer'"
    ):
        d2l.Trainer(2).fit(BareRegression(0.1), line_table(), resume=good)


def test_wrong_intervals() -> None:
    for name in ("every_epochs", "every_steps"):
        with pytest.raises(ValueError, match=rf"Checkpoint: {name} must be an int in \[1, inf\)"):
            d2l.Checkpoint("a", **{name: 0})
    with pytest.raises(ValueError, match="Checkpoint: every_seconds must be a finite number"):
        d2l.Checkpoint("a", every_seconds=-1)


def test_trees_survive() -> None:
    tree = {
        "a": [1, 2.5, None, True, "x", float("inf"), float("-inf")],
        3: (torch.arange(3), {"b": np.float32(0.5)}),
        "empty": {},
    }
    tensors: dict[str, Tensor] = {}
    text = json.dumps(pack(tree, tensors), allow_nan=False)
    back = unpack(json.loads(text), tensors)
    assert back["a"] == tree["a"]
    assert back["empty"] == {}
    assert torch.equal(back[3][0], torch.arange(3))
    assert isinstance(back[3], tuple)
    assert back[3][1] == {"b": 0.5}
    assert np.isnan(unpack(pack(float("nan"), {}), {}))
    with pytest.raises(TypeError, match=r"Checkpoint: /a/0 must be made of numbers, .* got set"):
        pack({"a": [{1}]}, {})
    with pytest.raises(TypeError, match=r"Checkpoint: keys of /a must be str or int, got 1.5"):
        pack({"a": {1.5: 1}}, {})
