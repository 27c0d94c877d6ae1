"""Contract 6: threads, fork and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
import torch

import gramian as gm


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_bits_do_not_depend_on_threads_where_y_is_long() -> None:
    """The centre of y is a sum over many rows, which torch would split over its threads."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(3, 20, generator=generator), torch.randn(30_000, 20, generator=generator)
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(gm.Gram(x, y, gm.Gaussian(4.0)).sum(1))
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_the_callers_threads_are_left_alone() -> None:
    before = torch.get_num_threads()
    gm.Gram(torch.randn(600, 4, generator=torch.Generator().manual_seed(0))).argmin(1)
    assert torch.get_num_threads() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_fork() -> None:
    """A child of a process that has used the pool makes its own."""
    done = run(
        """
        import os, warnings, torch, gramian as gm
        warnings.simplefilter("ignore")
        x = torch.randn(3000, 20, generator=torch.Generator().manual_seed(0))
        expected = gm.Gram(x, kernel=gm.Gaussian(4.0)).sum(1)
        child = os.fork()
        if child == 0:
            same = torch.equal(gm.Gram(x, kernel=gm.Gaussian(4.0)).sum(1), expected)
            os._exit(0 if same else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert done.stdout.strip() == "0", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_stops_a_long_reduction_and_leaves_the_engine_usable() -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import torch, gramian as gm
                x = torch.randn(10**6, 8, generator=torch.Generator().manual_seed(0))
                gm.Gram(x[:500]).argmin(1)
                print("ready", flush=True)
                try:
                    gm.Gram(x, kernel=gm.Gaussian(1.0)).sum(1)
                except KeyboardInterrupt:
                    print("interrupted", gm.Gram(x[:500]).argmin(1).sum().item(), flush=True)
                """
            ),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=60)[0] == f"interrupted {sum(range(500))}\n"
    assert child.returncode == 0


def test_an_error_in_a_worker_is_the_callers() -> None:
    x = torch.ones(1000, 3)
    x[700, 1] = torch.nan
    with pytest.raises(ValueError, match=r"row 700\b"):
        gm.Gram(x, torch.ones(4, 3)).argmin(1)
