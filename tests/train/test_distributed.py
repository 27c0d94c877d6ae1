"""Two processes under torchrun end as one process with the same batches."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from tests.train.conftest import line_table

from gramian import train as d2l

PROGRAM = Path(__file__).parent / "shared.py"


def run(folder: Path, kind: str, processes: int, *given: str) -> list[dict[str, torch.Tensor]]:
    folder.mkdir(exist_ok=True)
    begin = [sys.executable]
    if processes > 1:
        begin += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [*begin, str(PROGRAM), str(folder), kind, *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return [load_file(folder / f"end{rank}") for rank in range(processes)]


def assert_close(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        rtol = 1e-6 if "acc" in name or name == "evaluated" else 1e-9  # accuracy is float32
        torch.testing.assert_close(one[name], other[name], rtol=rtol, atol=1e-12, msg=name)


@pytest.mark.parametrize("kind", ["memory", "torch"])
@pytest.mark.full
def test_two_processes_are_one(kind: str, tmp_path: Path) -> None:
    (alone,) = run(tmp_path / "one", kind, 1)
    first, second = run(tmp_path / "two", kind, 2)
    assert_close(first, alone)
    for name in first:
        assert torch.equal(first[name], second[name]), name
    # what two began one can finish, and the other way round
    (more,) = run(tmp_path / "two", kind, 1, "resume")
    third, _ = run(tmp_path / "one", kind, 2, "resume")
    assert_close(third, more)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads cannot be listed here")
@pytest.mark.full
def test_the_group_ends_before_the_interpreter(tmp_path: Path) -> None:
    run(tmp_path, "memory", 2)
    for rank in range(2):
        assert "gloo" in (tmp_path / f"during{rank}").read_text()
        assert "gloo" not in (tmp_path / f"after{rank}").read_text()


@pytest.fixture
def group_of_one(tmp_path: Path) -> Iterator[None]:
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_a_single_process_is_no_group(group_of_one: None) -> None:
    trainer = d2l.Trainer(1, board=False)
    trainer.fit(d2l.LinearRegressionScratch(2, 0.1), line_table())
    assert trainer.group is None


def test_plain_tensors_cannot_be_shared(
    group_of_one: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dist, "get_world_size", lambda *_: 2)
    message = r"Trainer.fit: weights must be parameters where several processes train, got 'w'. Wr"
    with pytest.raises(ValueError, match=message):
        d2l.Trainer(1, board=False).fit(d2l.LinearRegressionScratch(2, 0.1), line_table())


def test_many_runs_are_for_one_process(group_of_one: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dist, "get_world_size", lambda *_: 2)
    with pytest.raises(ValueError, match=r"fit_many: processes must be one, got 2. Give each pro"):
        d2l.fit_many(lambda lr, seed: None, line_table(), lrs=[0.1], seeds=[0], max_epochs=1)
