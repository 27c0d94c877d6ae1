"""``gramian lab`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gramian.cli import labs
from gramian.errors import DataError
from gramian.labs import lab_names, run_lab


def test_list_shortens_no_name(run: Any) -> None:
    outcome = run("lab", "list")
    assert outcome.code == 0
    for name in lab_names():
        assert f"\n{name} " in outcome.out
    assert "\x1b" not in outcome.out


def test_show_tells_the_faults(run: Any) -> None:
    outcome = run("lab", "show", "deep-sets")
    assert outcome.code == 0
    assert "Which layers commute with permutations?" in outcome.out
    assert "− sort (of equivariant)" in outcome.out
    assert "error and error-unsaturated <\u00a010⁻¹²" in outcome.out


def test_run_writes_report_and_record(run: Any, tmp_path: Path) -> None:
    outcome = run("lab", "run", "deep-sets", "--seed", 1, "--out", "made/here")
    assert outcome.code == 0
    assert outcome.out.startswith("deep-sets: holds (quick, seed 1, ")
    folder = tmp_path / "made" / "here"
    assert sorted(path.name for path in folder.iterdir()) == ["deep-sets.html", "deep-sets.json"]
    record = json.loads((folder / "deep-sets.json").read_text("utf-8"))
    assert record["command"] == "gramian lab run deep-sets --seed 1 --out made/here"
    assert record["exit_code"] == 0


def test_a_planted_fault_fails_and_names_the_claim(run: Any) -> None:
    outcome = run("lab", "run", "deep-sets", "--fault", "sort")
    assert outcome.code == 1
    assert "refuted         equivariant" in outcome.out


def test_several_labs_end_in_a_table_and_an_index(run: Any, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(labs, "lab_names", lambda: ["broadcast-shapes", "deep-sets"])

    def broken(name: str, **options: Any) -> Any:
        if name == "broadcast-shapes":
            raise ZeroDivisionError("by nothing")
        return run_lab(name, **options)

    monkeypatch.setattr(labs, "run_lab", broken)
    outcome = run("lab", "run", "--all", "--out", "o")
    assert outcome.code == 70
    message = "broadcast-shapes: internal error, ZeroDivisionError: by nothing"
    assert outcome.err == f"gramian lab run: {message}\n"
    assert "deep-sets         holds           3 of 3" in outcome.out
    assert "1 of 2 labs hold" in outcome.out
    assert 'href="deep-sets.html"' in (tmp_path / "o" / "index.html").read_text("utf-8")
    record = json.loads((tmp_path / "o" / "deep-sets.json").read_text("utf-8"))
    assert record["command"] == "gramian lab run deep-sets --quick --seed 0 --device cpu"


def test_quiet_prints_nothing(run: Any) -> None:
    outcome = run("lab", "run", "deep-sets", "-q")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


@pytest.mark.parametrize("error", [DataError("no such file"), ModuleNotFoundError("no peer")])
def test_missing_data_or_dependency(run: Any, monkeypatch, error: Exception) -> None:
    def absent(name: str, **_: Any) -> Any:
        raise error

    monkeypatch.setattr(labs, "run_lab", absent)
    outcome = run("lab", "run", "deep-sets")
    assert outcome.code == 4
    assert outcome.err == f"gramian lab run: deep-sets: {error}\n"


def test_an_interrupt(run: Any, monkeypatch) -> None:
    def stopped(name: str, **_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(labs, "run_lab", stopped)
    outcome = run("lab", "run", "deep-sets")
    assert outcome.code == 130
    assert outcome.err == "gramian lab run: interrupted after 0 labs.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "NAME must be at least one lab, or use --all."),
        (("run", "deep-sets", "--all"), "--all must stand without names."),
        (("run", "deep-sts"), "NAME must be a lab, got 'deep-sts'. Did you mean 'deep-sets'?"),
        (("run", "xyzzy"), "NAME must be a lab, got 'xyzzy'. See `gramian lab list`."),
        (("run", "--all", "--fault", "sort"), "--fault must go with one lab."),
        (("run", "deep-sets", "--fault", "no"), "--fault must be one of sort, roll, reversal,"),
        (("run", "deep-sets", "--device", "abacus"), "device must be a device of this machine"),
        (("run", "deep-sets", "--seed", "-1"), "seed must be an int in [0, "),
        (("run", "deep-sets", "--out", "file"), "--out must be a folder, got 'file'"),
        (("compare", "none.json", "file"), "cannot read 'none.json': No such file or directory."),
        (("compare", "file", "file"), "'file' must be a JSON file:"),
        (("show", "xyzzy"), "NAME must be a lab, got 'xyzzy'."),
    ],
)
def test_bad_usage(run: Any, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "file").write_text("not json", encoding="utf-8")
    outcome = run("lab", *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_compare(run: Any, tmp_path: Path) -> None:
    record = run_lab("deep-sets").as_dict()
    (tmp_path / "a.json").write_text(json.dumps(record), encoding="utf-8")
    record["claims"][0]["verdict"] = "refuted"
    (tmp_path / "b.json").write_text(json.dumps(record), encoding="utf-8")
    assert run("lab", "compare", "a.json", "a.json").out == "alike\n"
    outcome = run("lab", "compare", "a.json", "b.json")
    assert (outcome.code, outcome.out) == (1, "claim equivariant: holds and refuted\n")
