"""A pool of single-threaded workers, and arithmetic that global switches cannot weaken.

A tile computed by one thread has the same bits whatever the number of threads, while one matrix
product split over threads has not. So each worker thread tells OpenMP and MKL, for itself alone,
to use one thread, and the tiles are dealt out to the workers.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import torch

__all__ = ["for_each", "strict_arithmetic"]

_lock = threading.Lock()
_pools: dict[int, ThreadPoolExecutor] = {}
_strict_depth = 0
_saved_precision = "highest"


def _thread_limits() -> list[Callable[[int], object]]:
    """The functions of torch's own libraries that set a thread's number of threads."""
    folder = Path(torch.__file__).parent / "lib"
    for library in (*folder.glob("libtorch_cpu.*"), *folder.glob("torch_cpu.dll")):
        try:
            handle = ctypes.CDLL(str(library))
        except OSError:
            continue
        names = ("omp_set_num_threads", "MKL_Set_Num_Threads_Local")
        return [getattr(handle, name) for name in names if hasattr(handle, name)]
    return []


def _become_single_threaded() -> None:
    """Make torch's work in the calling thread stay in it; other threads keep theirs."""
    torch.get_num_threads()  # torch sets up each thread's count on first use: let it do so first
    for limit in _thread_limits():
        limit(1)


def _forget_pools() -> None:
    """In a forked child: the parent's threads are not there, and its lock may be held for good."""
    global _lock, _strict_depth
    _lock, _strict_depth = threading.Lock(), 0
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pools)


def _pool(workers: int) -> ThreadPoolExecutor:
    """A pool kept for later calls."""
    with _lock:
        pool = _pools.get(workers)
        if pool is None:
            pool = ThreadPoolExecutor(workers, "gramian", initializer=_become_single_threaded)
            _pools[workers] = pool
        return pool


def for_each(work: Callable[[slice], None], blocks: Iterable[slice], workers: int) -> None:
    """Call ``work`` on every block from ``workers`` threads and wait.

    The first error, or Ctrl-C, stops the dealing out of blocks, waits for those in flight and is
    raised; so nothing runs on when this returns.
    """
    queue = iter(blocks)
    taking = threading.Lock()
    stop = threading.Event()
    inference = torch.is_inference_mode_enabled()

    def serve() -> None:
        # results made in inference mode may be written only there
        with torch.inference_mode(inference), torch.no_grad(), torch.autocast("cpu", enabled=False):
            while not stop.is_set():
                with taking:
                    block = next(queue, None)
                if block is None:
                    return
                work(block)

    with strict_arithmetic():
        futures = [_pool(workers).submit(serve) for _ in range(workers)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            wait(futures)
    for future in futures:
        future.result()


@contextmanager
def strict_arithmetic() -> Iterator[None]:
    """Full float32 products inside, whatever ``torch.set_float32_matmul_precision`` says.

    The switch is global, so calls from several threads share one change of it: the first one in
    sets it and the last one out puts the user's setting back.
    """
    global _strict_depth, _saved_precision
    with _lock:
        if _strict_depth == 0:
            _saved_precision = torch.get_float32_matmul_precision()
            if _saved_precision != "highest":
                torch.set_float32_matmul_precision("highest")
        _strict_depth += 1
    try:
        yield
    finally:
        with _lock:
            _strict_depth -= 1
            if _strict_depth == 0 and _saved_precision != "highest":
                torch.set_float32_matmul_precision(_saved_precision)
