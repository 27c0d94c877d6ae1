"""Work for a device that answers before it is done, and a clock that waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from gramian.labs import statistics

__all__ = ["Queue", "ratio", "seconds"]

REPEATS = 9

Product = Callable[[], Tensor]


class Queue:
    """Work for a device: `launch` returns at once, `wait` when everything is done."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._worker = ThreadPoolExecutor(1) if device.type == "cpu" else None
        self._last: Future[Tensor] | None = None

    def launch(self, work: Product) -> None:
        if self._worker is None:
            work()
        else:
            self._last = self._worker.submit(work)

    def wait(self) -> None:
        if self._last is not None:
            self._last.result()
        elif self._worker is None:
            torch.get_device_module(self._device).synchronize()

    def close(self) -> None:
        if self._worker is not None:
            self._worker.shutdown()


def seconds(queue: Queue, work: Product, count: int = 1, *, waiting: bool = True) -> float:
    """Of one product, of so many; without waiting the clock is read before they are done."""
    queue.launch(work)
    queue.wait()
    began = time.perf_counter()
    for _ in range(count):
        queue.launch(work)
    if waiting:
        queue.wait()
    elapsed = time.perf_counter() - began
    queue.wait()
    return elapsed / count


def ratio(queue: Queue, long: Product, short: Product, *, waiting: bool) -> statistics.Estimate:
    """The time of one product over that of another, measured in turn."""
    found = []
    for _ in range(REPEATS):
        brief = seconds(queue, short, waiting=waiting)
        found.append(seconds(queue, long, waiting=waiting) / brief)
    low, middle, high = np.quantile(found, [0.25, 0.5, 0.75]).tolist()
    return statistics.Estimate(middle, (low, high), 0.5, "quartiles of pairs", REPEATS)
