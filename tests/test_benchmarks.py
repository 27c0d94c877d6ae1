"""The benchmarks: nothing wrong is timed, pairs take turns, records and pages are whole."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import truth
from benchmarks.machine import Limits, describe
from benchmarks.registry import Case, Contestant, Work, all_cases, matching, register
from benchmarks.render import BEGIN, END, line, read_records, render_page, table
from benchmarks.runner import check_record, run_case, write_record
from benchmarks.timing import REST_SECONDS, in_turn, spread

from gramian import DataError

ROOT = Path(__file__).parents[1]
LIMITS = Limits(flops=100.0, bytes=10.0, exps=1.0)
MACHINE = describe("2026-01-01", threads=1)


class Scene:
    """A case whose contestants log their turns and advance a clock of their own."""

    def __init__(self) -> None:
        self.now, self.turns, self.rests = 0.0, list[str](), list[float]()

    def clock(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    def contestant(self, name: str, seconds: float, result: Any = 42, **extra: Any) -> Contestant:
        def call() -> Any:
            self.turns.append(name)
            self.now += seconds
            if isinstance(result, Exception):
                raise result
            return result

        return Contestant(name, lambda _: call, **extra)

    def case(self, ours: Contestant, *peers: Contestant, **extra: Any) -> Case:
        return Case(
            name="made/up",
            title="a made-up case",
            sizes={"n": 20},
            quick={"n": 2},
            make=lambda sizes: sizes["n"],
            ours=ours,
            verify=lambda _, result, strict: truth.at_most(
                abs(result - 42), 0.5 - strict / 2, "gap"
            ),
            peers=peers,
            work=lambda sizes: Work(
                "n exponentials and 10·n flops", flops=10.0 * sizes["n"], exps=sizes["n"]
            ),
            **extra,
        )

    def run(self, case: Case, **extra: Any) -> dict[str, Any]:
        record = run_case(
            case,
            LIMITS,
            MACHINE,
            clock=self.clock,
            rest=self.rest,
            **{"repeats": 4, "budget": 1e9} | extra,
        )
        check_record(record)
        return record


@pytest.fixture
def scene() -> Scene:
    return Scene()


# ------------------------------------------------------------------ running


def test_a_wrong_result_is_never_timed(scene: Scene) -> None:
    case = scene.case(scene.contestant("ours", 1.0, 41, exact=True), scene.contestant("peer", 2.0))
    record = scene.run(case)
    assert record["status"] == "wrong"
    assert record["reason"] == "gap must be at most 0, got 1"
    assert "seconds" not in record
    assert scene.turns == ["ours"]  # the one run that was checked
    assert "made/up: WRONG, not timed" in line(record)


def test_a_crash_is_a_wrong_result(scene: Scene) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 1.0, OSError("disk\n full"))))
    assert (record["status"], record["reason"]) == ("wrong", "raised OSError: disk full")


def test_inputs_that_are_not_installed_are_the_reason(scene: Scene) -> None:
    def missing(sizes: Any) -> None:
        raise DataError("fashion-mnist is\n not installed.")

    record = scene.run(replace(scene.case(scene.contestant("ours", 1.0)), make=missing))
    assert (record["status"], record["reason"]) == ("wrong", "fashion-mnist is not installed.")
    assert scene.turns == []


def test_a_peer_with_a_wrong_result_gets_no_ratio(scene: Scene) -> None:
    case = scene.case(scene.contestant("ours", 1.0), scene.contestant("peer", 2.0, 40))
    record = scene.run(case)
    (peer,) = record["peers"]
    assert record["status"] == "ok"
    assert peer["status"] == "wrong"
    assert "ratio" not in peer
    assert "not timed: its result is wrong" in table([record])


def test_only_our_result_is_held_to_the_strict_check(scene: Scene) -> None:
    ours = scene.contestant("ours", 1.0, 42.25, exact=True)
    assert scene.run(scene.case(ours))["status"] == "wrong"
    peer = scene.contestant("peer", 1.0, 42.25)
    record = scene.run(scene.case(scene.contestant("ours", 1.0, exact=True), peer))
    assert record["peers"][0]["status"] == "ok"


def test_pairs_take_turns(scene: Scene) -> None:
    scene.run(scene.case(scene.contestant("ours", 1.0), scene.contestant("peer", 3.0)))
    assert scene.turns[2:] == ["ours", "peer"] * 4  # after one checked run of each


def test_the_machine_rests_before_each_turn_but_not_at_tiny_sizes(scene: Scene) -> None:
    case = scene.case(scene.contestant("ours", 1.0), scene.contestant("peer", 3.0))
    scene.run(case)
    assert scene.rests == [REST_SECONDS] * 8
    scene.run(case, quick=True)
    assert len(scene.rests) == 8


def test_a_peer_that_takes_minutes_may_run_fewer_rounds(scene: Scene) -> None:
    slow, quick = scene.contestant("slow", 60.0, repeats=1), scene.contestant("quick", 3.0)
    record = scene.run(scene.case(scene.contestant("ours", 1.0), slow, quick))
    assert [len(peer["pairs"]) for peer in record["peers"]] == [1, 4]
    assert record["peers"][0]["ratio"]["median"] == 60.0


def test_ratios_differences_and_limit(scene: Scene) -> None:
    case = scene.case(scene.contestant("ours", 40.0), scene.contestant("peer", 100.0))
    record = scene.run(case)
    assert record["peers"][0]["pairs"] == [[40.0, 100.0]] * 4
    assert record["peers"][0]["ratio"] == {"median": 2.5, "q1": 2.5, "q3": 2.5}
    assert record["peers"][0]["difference"]["median"] == -60.0
    assert record["seconds"]["median"] == 40.0
    # 20 exponentials at 1/s take 20 s; 200 flops at 100/s take 2 s
    assert record["limit"]["seconds"] == 20.0
    assert record["limit"]["set_by"] == "exps"
    assert record["limit"]["achieved"] == 0.5


def test_an_absent_peer_is_listed_without_a_number(scene: Scene) -> None:
    peer = scene.contestant("ghost", 1.0, package="no_such_module")
    record = scene.run(scene.case(scene.contestant("ours", 1.0), peer))
    assert record["peers"][0]["status"] == "absent"
    assert "no_such_module cannot be imported" in record["peers"][0]["reason"]
    assert "| ghost | absent |" in table([record])
    assert scene.turns == ["ours"] * 5


def test_a_round_is_never_cut_and_three_are_always_run(scene: Scene) -> None:
    ours, peer = scene.contestant("ours", 5.0), scene.contestant("peer", 5.0)
    calls = [ours.prepare(None), peer.prepare(None)]
    assert len(in_turn(calls, repeats=9, budget=1.0, clock=scene.clock, rest=scene.rest)) == 3
    assert len(in_turn(calls, repeats=9, budget=35.0, clock=scene.clock, rest=scene.rest)) == 4
    assert len(in_turn(calls, repeats=2, budget=1.0, clock=scene.clock, rest=scene.rest)) == 2


def test_a_short_call_is_warm_and_a_long_one_is_timed_at_once(scene: Scene) -> None:
    short, long = scene.contestant("short", 0.02), scene.contestant("long", 1.0)
    calls = [short.prepare(None), long.prepare(None)]
    rounds = in_turn(calls, repeats=1, budget=0.0, clock=scene.clock, rest=scene.rest)
    assert rounds == [[pytest.approx(0.02), pytest.approx(1.0)]]
    assert scene.turns == ["short"] * 4 + ["long"]


def test_spread_is_median_and_quartiles() -> None:
    values = list(np.random.default_rng(0).random(12))
    expected = np.quantile(values, [0.5, 0.25, 0.75])
    assert list(spread(values).values()) == pytest.approx(expected)
    assert spread([2.0]) == {"median": 2.0, "q1": 2.0, "q3": 2.0}


# ------------------------------------------------------------------ records and pages


def test_a_record_survives_the_disk(scene: Scene, tmp_path: Path) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 1.0), scene.contestant("peer", 2.0)))
    path = write_record(record, tmp_path / "results")
    assert path.name == "made--up.json"
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert read_records(tmp_path) == [json.loads(json.dumps(record))]


def test_a_record_replaces_none_of_another_processor(scene: Scene, tmp_path: Path) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 1.0)))
    for cpu in ("Some(R) CPU @ 2.50GHz", "Another CPU", "Another CPU"):
        write_record(record | {"machine": record["machine"] | {"cpu": cpu}}, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["another-cpu", "some-cpu-2-50ghz"]
    assert [r["machine"]["cpu"] for r in read_records(tmp_path)] == [
        "Another CPU",
        "Some(R) CPU @ 2.50GHz",
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"schema": 0}, "schema 1"),
        ({"name": 3}, "name"),
        ({"machine": None}, "machine"),
        ({"status": "fine"}, "status"),
        ({"status": "wrong"}, "seconds exactly if it is ok"),
        ({"peers": [{"name": "p", "status": "absent", "pairs": []}]}, "pairs exactly for peers"),
    ],
)
def test_a_bad_record_is_refused(scene: Scene, change: dict[str, Any], what: str) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 1.0)))
    with pytest.raises(ValueError, match=what):
        check_record(record | change)


def test_quick_records_are_never_rendered(scene: Scene, tmp_path: Path) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 1.0)), quick=True)
    assert record["sizes"] == {"n": 2}
    write_record(record, tmp_path)
    assert read_records(tmp_path) == []


def test_a_page_is_rendered_between_its_marks(scene: Scene, tmp_path: Path) -> None:
    record = scene.run(scene.case(scene.contestant("ours", 0.04), scene.contestant("peer", 0.1)))
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    render_page(page, [record])
    once = page.read_text("utf-8")
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    assert "| a made-up case | 40 ms |" in once
    assert "| peer | 2.5 × (2.5 to 2.5) |" in once
    assert f"{MACHINE['cpu']}" in once
    assert "2026-01-01" in once
    render_page(page, [record])
    assert page.read_text("utf-8") == once
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]


def test_a_difference_is_shown_as_one(scene: Scene) -> None:
    ours, peer = scene.contestant("ours", 1.25), scene.contestant("bare", 1.0)
    record = scene.run(scene.case(ours, peer, compare="difference"))
    assert "250 ms more (250 ms to 250 ms)" in table([record])


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold the two marks"):
        render_page(page, [])


def test_the_page_of_the_documentation_is_as_rendered(tmp_path: Path) -> None:
    committed = (ROOT / "docs" / "performance.md").read_text("utf-8")
    copy = tmp_path / "performance.md"
    copy.write_text(committed, encoding="utf-8")
    render_page(copy, read_records(ROOT / "benchmarks" / "results"))
    assert copy.read_text("utf-8") == committed


# ------------------------------------------------------------------ the cases


def test_names_are_unique() -> None:
    cases = all_cases()
    with pytest.raises(ValueError, match="name must be new"):
        register(cases[0])
    assert matching(cases, "knn") == [c for c in cases if c.family == "knn"]
    assert matching(cases, "nearest/*-64") == [
        c for c in cases if c.name.endswith("-64") and c.family == "nearest"
    ]


@pytest.mark.parametrize("name", [case.name for case in all_cases()])
def test_every_case_runs_and_its_check_can_fail(name: str) -> None:
    (case,) = [c for c in all_cases() if c.name == name]
    inputs = case.make(case.quick)
    result = case.ours.prepare(inputs)()
    case.verify(inputs, result, True)
    with pytest.raises((AssertionError, IndexError)):
        case.verify(inputs, SPOILT[case.family](result), False)


def _shuffled(values: Any) -> Any:
    return values[::-1] if isinstance(values, np.ndarray) else values.flip(0)


def _scaled(model: Any, name: str, by: float = 1.01) -> Any:
    """A copy of a fitted model with one of its arrays 1 % too large, or as wrong as said."""
    changed = copy.copy(model)
    setattr(changed, name, getattr(model, name) * by)
    return changed


SPOILT: dict[str, Callable[[Any], Any]] = {
    "block": _shuffled,
    "dbscan": _shuffled,
    "density": lambda logs: logs + 0.01,
    "hdbscan": lambda found: (found[0], found[1] * 1.01),
    "import": lambda done: subprocess.CompletedProcess(done.args, 0, "a message", ""),
    "kernel-pca": lambda model: _scaled(model, "eigenvalues_"),
    "kernel-ridge": lambda model: _scaled(model, "dual_coef_"),
    "kernel-sum": lambda product: product * 1.01,
    "kmeans": lambda centres: centres * 1.1 + 0.05,
    "kmeans-converged": lambda centres: centres * 1.1,
    "knn": lambda found: (found[0], _shuffled(found[1])),
    "mean-shift": lambda centres: centres[1:],
    "nearest": _shuffled,
    "neighbors": lambda found: (found[0] * 1.1, found[1]),
    "soft-sort": lambda found: (found[0], found[1] * 1.02),
    "silhouette": lambda values: values + 0.01,
    "svc": lambda model: _scaled(model, "dual_coef_", by=-1.0),
    "train": lambda weights: [weight * 10 for weight in weights],
}


def test_nan_never_passes() -> None:
    with pytest.raises(AssertionError, match="error must be at most 1, got nan"):
        truth.at_most(float("nan"), 1.0, "error")


def test_partitions_are_compared_without_their_names() -> None:
    labels = np.array([0, 0, 1, 2])
    assert truth.same_partition(labels, np.array([5, 5, 3, 4]))
    assert not truth.same_partition(labels, np.array([0, 0, 1, 1]))
    assert not truth.same_partition(labels, np.array([0, 1, 2, 3]))


# ------------------------------------------------------------------ the command


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], capture_output=True, text=True, cwd=ROOT
    )


def test_the_command_runs_a_case(tmp_path: Path) -> None:
    done = command(
        "run",
        "--quick",
        "--filter",
        "block/manhattan*",
        "--threads",
        "1",
        "--out",
        str(tmp_path),
        "--date",
        "2026-01-02",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("block/manhattan-5000x64: ")
    (record,) = [json.loads(path.read_text("utf-8")) for path in tmp_path.rglob("*.json")]
    check_record(record)
    assert record["machine"]["threads"] == 1
    assert record["machine"]["date"] == "2026-01-02"
    assert all(value > 0 for value in record["limits"].values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--filter", "nothing-like-it"), "--filter must match a case"),
        (("run", "--threads", "0"), "--threads must be at least 1, got 0"),
        (("walk",), "invalid choice: 'walk'"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(arguments: tuple[str, ...], message: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
