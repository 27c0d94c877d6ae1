"""Settings: where they hold, what they accept, and what happens to bad ones."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
import torch

import gramian as gm
from gramian._config import Config, current, parse_bytes


def test_the_defaults() -> None:
    assert Config() == Config(memory=2**30, device=None, backend="auto", precision="exact")


def test_config_holds_for_the_whole_process() -> None:
    assert gm.config(memory="64MiB", precision="fast").memory == 2**26
    seen: list[Config] = []
    thread = threading.Thread(target=lambda: seen.append(current()))
    thread.start()
    thread.join()
    assert seen == [current()]
    assert seen[0].precision == "fast"


def test_a_context_ends_with_its_block_even_after_an_error() -> None:
    before = current()
    with gm.config_context(memory="64MiB") as outer:
        assert outer is current()
        with gm.config_context(backend="torch") as inner:
            assert (inner.memory, inner.backend) == (2**26, "torch")
        assert current() is outer
    with pytest.raises(ZeroDivisionError), gm.config_context(memory="64MiB"):
        raise ZeroDivisionError
    assert current() == before


def test_a_context_holds_for_its_thread_and_task_only() -> None:
    before, seen = current(), []

    async def task(memory: str) -> int:
        with gm.config_context(memory=memory):
            await asyncio.sleep(0)
            return current().memory

    async def both() -> list[int]:
        return await asyncio.gather(task("16MiB"), task("32MiB"))

    with gm.config_context(memory="64MiB"):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
    assert seen == [before]
    assert asyncio.run(both()) == [2**24, 2**25]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512MiB", 512 * 2**20),
        ("2 GB", 2 * 10**9),
        ("1.5gib", 3 * 2**29),
        (" 9000000 ", 9_000_000),
        ("9000000B", 9_000_000),
        ("9000KB", 9_000_000),
        ("0.1TB", 10**11),
        (2**23, 2**23),
        (np.int64(2**30), 2**30),
    ],
)
def test_bytes(text: object, count: int) -> None:
    found = parse_bytes(text, "test")
    assert found == count
    assert type(found) is int


@pytest.mark.parametrize(
    "value", ["8 MB", "7MiB", 2**23 - 1, -1, 1e9, None, True, "much", "1 XB", ""]
)
def test_bad_memory(value: object) -> None:
    before = current()
    with pytest.raises(ValueError, match=r"^config: memory must be at least 8 MiB.*got ") as caught:
        gm.config(precision="fast", memory=value)
    assert repr(value) in str(caught.value)
    assert current() == before, "nothing changes when one setting is bad"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"backend": "cuda"}, "backend must be one of 'auto', 'triton', 'native', 'torch', got"),
        ({"precision": "double"}, "precision must be one of 'exact', 'fast', got 'double'."),
        ({"device": "nowhere"}, "device must be a device of this machine, got 'nowhere'."),
        ({"device": 1.5}, "device must be a device of this machine, got 1.5."),
    ],
)
def test_bad_choices(setting: dict[str, object], message: str) -> None:
    with (
        pytest.raises(ValueError, match=r"^config_context: ") as caught,
        gm.config_context(**setting),
    ):
        pass
    assert message in str(caught.value)


def test_unknown_settings() -> None:
    with pytest.raises(TypeError, match=r"^config: settings must be among .*got 'cores'\.$"):
        gm.config(cores=2)


def test_a_missing_cuda_is_said() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(ValueError, match=r"device must be a device of this machine, got 'cuda'\. "):
        gm.config(device="cuda")


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu"), "cpu:0", None])
def test_devices(device: object) -> None:
    x = torch.tensor([[0.0], [2.0]])
    with gm.config_context(device=device):
        assert gm.Gram(x).sum().tolist() == [4.0, 4.0]
