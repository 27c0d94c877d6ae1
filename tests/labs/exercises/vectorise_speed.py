"""Submissions to vectorise-speed."""

ALTERNATIVES = [
    """
import statistics
from timeit import Timer

import numpy as np

def add_vectorised(a, b):
    return np.stack((a, b)).sum(axis=0)

def time_it(work, repeats):
    Timer(work).timeit(1)
    return statistics.median(Timer(work).repeat(repeats, number=1))
""",
    """
import time
import torch

def add_vectorised(a, b):
    return (torch.from_numpy(a) + torch.from_numpy(b)).numpy()

def time_it(work, repeats):
    work()
    times = sorted(seconds(work) for _ in range(repeats))
    return (times[(repeats - 1) // 2] + times[repeats // 2]) / 2

def seconds(work):
    start = time.monotonic_ns()
    work()
    return (time.monotonic_ns() - start) / 1e9
""",
]

MUTANTS = {
    ("add_vectorised", "hidden loop"): """
def add_vectorised(a, b):
    return np.array(list(map(float.__add__, a.tolist(), b.tolist())), a.dtype)
""",
    ("add_vectorised", "writes into an argument"): """
def add_vectorised(a, b):
    a += b
    return a
""",
    ("add_vectorised", "one after the other"): """
def add_vectorised(a, b):
    return np.array(list(a) + list(b), a.dtype)
""",
    ("add_vectorised", "one sum of all"): """
def add_vectorised(a, b):
    return np.sum([a, b])
""",
    ("time_it", "first call timed"): """
def time_it(work, repeats):
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))
""",
    ("time_it", "mean in place of the median"): """
def time_it(work, repeats):
    work()
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - started) / repeats
""",
    ("time_it", "total of all calls"): """
def time_it(work, repeats):
    work()
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    return time.perf_counter() - started
""",
    ("time_it", "processor time"): """
def time_it(work, repeats):
    work()
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return float(np.median(seconds))
""",
}
