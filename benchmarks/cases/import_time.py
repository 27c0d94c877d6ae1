"""What ``import gramian`` costs beyond ``import torch``. The promise is less than 0.3 s."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.registry import Case, Contestant, Thunk, register


def running(program: str) -> Callable[[Any], Thunk]:
    """A fresh interpreter that runs ``program``."""
    command = [sys.executable, "-c", program]
    return lambda _: lambda: subprocess.run(command, capture_output=True, text=True, check=False)


def verify(_: Any, done: subprocess.CompletedProcess[str], strict: bool) -> None:
    """The interpreter ended well and printed nothing."""
    if done.returncode or done.stdout or done.stderr:
        raise AssertionError(f"the interpreter must end quietly, got {done.stderr or done.stdout}")


register(
    Case(
        name="import/gramian",
        title="import gramian and look up Gram",
        sizes={},
        quick={},
        make=lambda _: None,
        ours=Contestant("gramian", running("import torch, gramian; gramian.Gram"), exact=True),
        peers=(Contestant("import torch alone", running("import torch")),),
        verify=verify,
        dtype="none",
        compare="difference",
    )
)
