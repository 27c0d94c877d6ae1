"""The compiled core in its process: what it takes, threads, forks, interrupts, its page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from tests.engine.compiled_core import ABSENT, Core
from tests.engine.conftest import normal
from torch import Tensor

import gramian as gm
from gramian import _config
from gramian.engine.call import Call

pytest.importorskip("gramian._native", reason=ABSENT)


def test_why_not(core: Core) -> None:
    x = normal(5, 3, torch.float32, 35)
    v = x[:, :1]
    for call, words in (
        (core.make("product", x.half(), x.half(), gm.Gaussian()), "float16 is left to torch"),
        (core.make("product", x, x, gm.Linear()), "Linear is not compiled"),
        (core.make("product", x, x, gm.Gaussian() + gm.Matern()), "Sum is a composition or custom"),
        (core.make("product", x, x, gm.Gaussian(torch.ones(3))), "a bandwidth per feature"),
        (core.make("product", x, x, gm.Gaussian(1e-160)), "a bandwidth of 1e-160"),
        (core.make("topk", x, x, gm.Euclidean(), largest=True), "farthest rows"),
        (core.make("topk", x, x, gm.Gaussian()), "farthest rows"),
        (core.make("topk", x, x, gm.Euclidean(), k=2000), "k is at most 1024, got 2000"),
        (core.make("count", x, x, gm.Gaussian()), "metrics only"),
        (core.make("weighted_mean", x, x, gm.Tophat(), weights=v), "weights from Tophat"),
        (core.make("product", x, x, gm.Gaussian().log()), "for logsumexp only"),
        (core.make("logsumexp", x, x, gm.Tophat().log()), "the logarithm of Tophat"),
    ):
        reason = core.backend.why_not(call)
        assert reason is not None
        assert words in reason
    elsewhere = Call("product", x, x, gm.Gaussian(), _config.Config(device="meta"))
    assert "it runs on the CPU" in str(core.backend.why_not(elsewhere))


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_instruction_set_by_environment(core: Core) -> None:
    show = "import gramian._native as n; print(n.selected())"
    assert _python(show, GRAMIAN_ISA="baseline").stdout == "baseline\n"
    refused = _python(show, GRAMIAN_ISA="sse9")
    assert "ValueError: environment: GRAMIAN_ISA must be an instruction set" in refused.stderr
    assert "got 'sse9'. Unset it to take the best one." in refused.stderr
    with pytest.raises(ValueError, match="force: name must be an instruction set"):
        core.native.force("sse9")
    assert core.native.instruction_sets()[-1] == "baseline"


def test_interrupt_and_fork() -> None:
    """Ctrl-C ends a long call within a second or two; a child process can compute after a fork."""
    code = """
import os, signal, threading, time, torch, gramian as gm
torch.set_num_threads(2)
x = torch.randn(300_000, 8)
gm.config(backend="native")
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
started = time.monotonic()
try:
    gm.Gram(x, kernel=gm.Gaussian()).sum(1)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - started < 5)
small = gm.Gram(x[:2000], kernel=gm.Gaussian())
total = small.sum(1)
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(small.sum(1), total) else 1)
print("child", os.waitpid(child, 0)[1])
"""
    done = _python(code)
    assert done.stdout == "interrupted True\nchild 0\n", done.stderr


def test_several_python_threads(core: Core) -> None:
    x = normal(1500, 5, torch.float32, 36)
    call = core.make("product", x, x, gm.Gaussian())
    alone = core.run(call)
    found: list[Tensor] = []
    threads = [
        threading.Thread(target=lambda: found.append(core.run(call, workers=2))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(alone, other) for other in found)


def test_a_thread_has_work_that_is_worth_its_start() -> None:
    """In a process of its own, where the threshold is the library's and not the tests'."""
    code = """
import torch, gramian as gm
torch.set_num_threads(8)
rows = torch.zeros(1_000_000, 4)
for n in (100, 10_000, 40_000, 1_000_000):
    print(gm.Gram(rows[:n], rows[:64]).explain("topk").workers, end=" ")
"""
    done = _python(code)
    assert not done.returncode, done.stderr
    first, second, third, last = map(int, done.stdout.split())
    assert first == second == 1 < third < last == 8


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux alone tells processors")
@pytest.mark.parametrize("processors", ["all", "one"])
def test_threads_stay_on_the_processors_they_are_given(processors: str) -> None:
    code = f"""
import os, threading
if {processors!r} == "one":  # before a library makes threads of its own
    os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
allowed = os.sched_getaffinity(0)
import torch, gramian as gm
torch.set_num_threads(3)
gm.config(backend="native")
x = torch.randn(20_000, 4, generator=torch.Generator().manual_seed(0))
seen, done = set(), threading.Event()
def look():
    while not done.is_set():
        for task in os.listdir("/proc/self/task"):
            try:
                seen.add(frozenset(os.sched_getaffinity(int(task))))
            except OSError:
                continue
watcher = threading.Thread(target=look)
watcher.start()
found = [gm.Gram(x, kernel=gm.Gaussian()).sum(1) for _ in range(3)]
done.set()
watcher.join()
same = all(torch.equal(found[0], other) for other in found)
print(same, frozenset(allowed) in seen, all(mask <= allowed for mask in seen),
      os.sched_getaffinity(0) == allowed)
"""
    done = _python(code)
    assert done.stdout == "True True True True\n", done.stderr


def test_the_page_about_the_core_compiles(tmp_path: Path) -> None:
    """The example of docs/engine.md is a program that finds what it says."""
    root = Path(__file__).parents[2]
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    page = (root / "docs" / "engine.md").read_text("utf-8")
    source = tmp_path / "example.cpp"
    source.write_text(page.split("```cpp\n")[1].split("```")[0], encoding="utf-8")
    program = tmp_path / "example"
    flags = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{root / 'native'}"]
    subprocess.run([compiler, *flags, "-o", str(program), str(source)], check=True, timeout=120)
    assert subprocess.run([str(program)], check=False, timeout=20).returncode == 0
