"""One run from its options to its record."""

from __future__ import annotations

import datetime
import shlex
import time
from collections.abc import Callable, Iterable
from os import PathLike, fspath

import torch

from gramian._config import _usable_device
from gramian._validation import check_choice, check_int
from gramian.labs.frame.context import Context, _silent
from gramian.labs.frame.declaration import MODES, Lab
from gramian.labs.frame.exit_codes import exit_code
from gramian.labs.frame.provenance import environment
from gramian.labs.frame.record import Record
from gramian.labs.frame.registry import Run, load
from gramian.labs.frame.verdicts import judge_claims, judge_controls

__all__ = ["check_options", "execute", "run_lab"]


def run_lab(
    name: str,
    *,
    mode: str = "quick",
    seed: int = 0,
    device: str = "cpu",
    data: str | PathLike[str] | None = None,
    fault: str | None = None,
    strict: bool = False,
    command: str | None = None,
    progress: Callable[[str], None] = _silent,
) -> Record:
    """Run a lab and judge it.

    Parameters
    ----------
    name : str
    mode : {"quick", "full"}, default="quick"
    seed : int, default=0
        At least 0. Replicate k draws from ``1000 * seed + k``.
    device : str, default="cpu"
    data : path, default=None
        Folder of the complete image sets, which the full mode of some labs needs; None looks
        where `load_dataset` does.
    fault : str, default=None
        Id of a negative control to plant as if it were the method. Its claim must then fail.
    strict : bool, default=False
        Whether timing claims count for the exit code. With a fault they always do.
    command : str, default=None
        What the record gives as the command; None writes the one that repeats this run.
    progress : callable, default=silent
        Takes the name of each step as it begins.

    Returns
    -------
    record : Record
        With ``exit_code``, ``verdict``, ``claims``, ``controls``, ``text()``, ``json()`` and
        ``html()``.

    Raises
    ------
    ValueError
        If there is no such lab, mode, device or fault.
    DataError
        If a data set is missing or corrupt.

    Examples
    --------
    >>> from gramian.labs import run_lab
    >>> record = run_lab("deep-sets")
    >>> record.exit_code, record.verdict
    (0, 'holds')
    >>> run_lab("deep-sets", fault="sort").verdict
    'refuted'
    """
    lab, run = load(name)
    return execute(
        lab,
        run,
        mode=mode,
        seed=seed,
        device=device,
        data=data,
        fault=fault,
        strict=strict,
        command=command,
        progress=progress,
    )


def execute(
    lab: Lab,
    run: Run,
    *,
    mode: str = "quick",
    seed: int = 0,
    device: str = "cpu",
    data: str | PathLike[str] | None = None,
    fault: str | None = None,
    strict: bool = False,
    command: str | None = None,
    progress: Callable[[str], None] = _silent,
) -> Record:
    """`run_lab` for a lab that is at hand."""
    where = check_options(mode, seed, device)
    if fault is not None:
        check_choice(fault, "fault", f"run_lab {lab.name}", lab.faults)
    folder = None if data is None else fspath(data)
    context = Context(lab, mode, seed, where, folder, fault, progress)
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    wall, cpu = time.perf_counter(), time.process_time()
    result = run(context)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    context.check_fault_reached()
    _check_figures(result.figures, lab)
    claims = judge_claims(result)
    controls = judge_controls(result, claims)
    code = exit_code(
        claims,
        controls,
        seconds=min(wall, cpu),  # a busy machine must not look like a slow lab
        budget=lab.budget(mode),
        strict=strict or fault is not None,
    )
    return Record(
        result,
        claims,
        controls,
        command or _command(context, strict),
        started,
        wall,
        code,
        environment(where),
    )


def check_options(mode: str, seed: int, device: str) -> torch.device:
    """The device, once mode, seed and device are known to be usable; else ``ValueError``."""
    check_choice(mode, "mode", "run_lab", MODES)
    check_int(seed, "seed", "run_lab", low=0, high=10**15)
    return torch.device(_usable_device(device, "run_lab"))


def _check_figures(figures: Iterable[str], lab: Lab) -> None:
    """Every figure that a claim points to was drawn."""
    for claim in lab.claims:
        if claim.figure:
            check_choice(claim.figure, f"figure of claim {claim.id}", f"Lab {lab.name}", figures)


def _command(context: Context, strict: bool) -> str:
    """The command line that repeats a run."""
    parts = ["gramian", "lab", "run", context.lab.name, f"--{context.mode}"]
    parts += ["--seed", str(context.seed), "--device", str(context.device)]
    parts += ["--data", context.data] if context.data else []
    parts += ["--fault", context.fault] if context.fault else []
    return shlex.join(parts + (["--strict"] if strict else []))
