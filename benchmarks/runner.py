"""One case from inputs to record: check, then time in pairs."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from pathlib import Path
from typing import Any

from benchmarks.machine import Limits, missing, version_of
from benchmarks.registry import Case, Contestant, Thunk
from benchmarks.timing import Clock, Rest, in_turn, spread
from gramian import DataError

__all__ = ["SCHEMA", "check_record", "run_case", "write_record"]

SCHEMA = 1


def run_case(
    case: Case,
    limits: Limits,
    machine: dict[str, Any],
    *,
    quick: bool = False,
    repeats: int = 15,
    budget: float = 60.0,
    clock: Clock = time.perf_counter,
    rest: Rest = time.sleep,
) -> dict[str, Any]:
    """Check and time one case against each of its peers.

    A result that fails its check is never timed: the record then says what was wrong, and holds
    no seconds.

    Parameters
    ----------
    case : Case
    limits : Limits
    machine : dict
        The machine line of `benchmarks.machine.describe`.
    quick : bool, default=False
        Use the tiny sizes. Such a record is never rendered.
    repeats : int, default=15
        Rounds per peer.
    budget : float, default=60.0
        Seconds per peer after which no new round starts (three are always run).
    clock : callable
        Seconds; a test passes its own.
    rest : callable
        Waits so many seconds before each turn; not called with ``quick``.

    Returns
    -------
    dict
        A record of the form that `check_record` describes.
    """

    def timed(calls: list[Thunk], rounds: int) -> list[list[float]]:
        pause: Rest = (lambda _: None) if quick else rest
        return _quietly(in_turn, calls, repeats=rounds, budget=budget, clock=clock, rest=pause)

    sizes = dict(case.quick if quick else case.sizes)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "name": case.name,
        "title": case.title,
        "family": case.family,
        "sizes": sizes,
        "dtype": case.dtype,
        "compare": case.compare,
        "quick": quick,
        "machine": machine,
        "limits": limits.as_dict(),
        "peers": [],
    }
    try:
        inputs = case.make(sizes)
    except DataError as error:
        return record | {"status": "wrong", "reason": _one_line(str(error))}
    ours, problem = _ready(case, case.ours, inputs)
    if ours is None:
        return record | {"status": "wrong", "reason": problem}
    runs: list[float] = []
    for peer in case.peers:
        entry: dict[str, Any] = {"name": peer.name}
        record["peers"].append(entry)
        if reason := missing(peer.package):
            entry |= {"status": "absent", "reason": reason}
            continue
        theirs, problem = _ready(case, peer, inputs)
        entry["version"] = version_of(peer.package) if peer.package else None
        if theirs is None:
            entry |= {"status": "wrong", "reason": problem}
            continue
        rounds = repeats if peer.repeats is None else min(repeats, peer.repeats)
        pairs = timed([ours, theirs], rounds)
        runs += [pair[0] for pair in pairs]
        entry |= {"status": "ok", "pairs": pairs}
        entry["ratio"] = spread([peer_time / our_time for our_time, peer_time in pairs])
        entry["difference"] = spread([our_time - peer_time for our_time, peer_time in pairs])
    if not runs:
        runs = [seconds for (seconds,) in timed([ours], repeats)]
    record |= {"status": "ok", "seconds": spread(runs) | {"raw": runs}}
    if case.work is not None:
        work = case.work(sizes)
        least, kind = limits.least(work)
        record["limit"] = {
            "seconds": least,
            "set_by": kind,
            "formula": work.formula,
            "achieved": least / record["seconds"]["median"],
        }
    if case.explain is not None:
        record["plan"] = case.explain(inputs)
    return record


def _ready(case: Case, who: Contestant, inputs: Any) -> tuple[Thunk | None, str | None]:
    """The call to time, after one run of it passed the check; else None and what was wrong."""
    try:
        call = who.prepare(inputs)
        result = _quietly(call)
    except Exception as error:  # whatever a program raises, the other cases go on
        return None, _one_line(f"raised {type(error).__name__}: {error}")
    try:
        case.verify(inputs, result, who.exact)
    except AssertionError as error:
        return None, _one_line(str(error)) or "the check failed without a message"
    return call, None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quietly(call: Any, *args: Any, **kwargs: Any) -> Any:
    """A call whose warnings are dropped: a fixed number of iterations never converges."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **kwargs)


def check_record(record: Any) -> None:
    """``ValueError`` unless ``record`` is a record that this version writes."""

    def demand(condition: bool, what: str) -> None:
        if not condition:
            raise ValueError(f"check_record: a record must have {what}, got {record!r:.200}.")

    demand(isinstance(record, dict), "the form of a JSON object")
    demand(record.get("schema") == SCHEMA, f"schema {SCHEMA}")
    for key, kind in (
        ("name", str),
        ("title", str),
        ("family", str),
        ("sizes", dict),
        ("dtype", str),
        ("compare", str),
        ("quick", bool),
        ("machine", dict),
        ("limits", dict),
        ("peers", list),
    ):
        demand(isinstance(record.get(key), kind), f"{key} ({kind.__name__})")
    demand(record.get("status") in ("ok", "wrong"), "status ok or wrong")
    demand(("seconds" in record) == (record["status"] == "ok"), "seconds exactly if it is ok")
    demand(record["status"] == "ok" or bool(record.get("reason")), "a reason if it is wrong")
    for peer in record["peers"]:
        demand(isinstance(peer.get("name"), str), "a name for each peer")
        demand(peer.get("status") in ("ok", "wrong", "absent"), "a status for each peer")
        demand(("pairs" in peer) == (peer["status"] == "ok"), "pairs exactly for peers that ran")


def write_record(record: dict[str, Any], folder: Path) -> Path:
    """Write ``record`` as ``folder/<processor>/<name>.json``, whole or not at all.

    So a record replaces none of another processor's.
    """
    check_record(record)
    words = re.findall("[a-z0-9]+", record["machine"]["cpu"].lower().replace("(r)", ""))
    folder = folder / "-".join(words)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['name'].replace('/', '--')}.json"
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)
    return path
