"""Exit codes of faults that are not the user's: 70, 130, and a reader who went away."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

import gramian.cluster
from gramian.cli import main

KMEANS = ("-a", "kmeans", "-k", "2", "--out", "o.csv", "--report", "r.html", "--save", "m.bin")


def break_fit(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fit(self: Any, *args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(gramian.cluster.KMeans, "fit", fit)


@pytest.mark.parametrize(
    "error", [RuntimeError("gears\njammed"), ValueError("no form"), AssertionError()], ids=repr
)
def test_an_internal_fault_asks_for_a_report(run, blobs: Path, monkeypatch, error) -> None:
    break_fit(monkeypatch, error)
    before = sorted(blobs.parent.iterdir())
    outcome = run("cluster", blobs, *KMEANS)
    assert outcome.code == 70
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert f"internal error, {type(error).__name__}" in outcome.err
    assert "Please report it with the command and what --debug shows." in outcome.err
    assert sorted(blobs.parent.iterdir()) == before


def test_debug_shows_the_traceback(run, blobs: Path, monkeypatch) -> None:
    break_fit(monkeypatch, RuntimeError("gears jammed"))
    outcome = run("cluster", blobs, *KMEANS, "--debug")
    assert outcome.code == 70
    assert "Traceback (most recent call last)" in outcome.err
    assert outcome.err.splitlines()[-1].startswith("gramian cluster: internal error")


def test_debug_shows_the_traceback_of_bad_input(run) -> None:
    outcome = run("cluster", "nowhere.csv", "-a", "kmeans", "--debug")
    assert outcome.code == 2
    assert "Traceback" in outcome.err


def test_a_message_in_the_librarys_form_is_bad_input(run, blobs: Path, monkeypatch) -> None:
    break_fit(monkeypatch, ValueError("KMeans.fit: X must be small, got 1e300. Scale it."))
    outcome = run("cluster", blobs, *KMEANS)
    assert outcome.code == 2
    assert outcome.err == "gramian cluster: X must be small, got 1e300. Scale it.\n"


def test_out_of_memory_says_what_to_do(run, blobs: Path, monkeypatch) -> None:
    break_fit(monkeypatch, MemoryError())
    outcome = run("cluster", blobs, *KMEANS)
    assert outcome.code == 2
    assert "out of memory. Use fewer rows or columns, or lower --memory." in outcome.err


def test_an_interrupt_leaves_no_file(run, blobs: Path, monkeypatch) -> None:
    break_fit(monkeypatch, KeyboardInterrupt())
    before = sorted(blobs.parent.iterdir())
    outcome = run("cluster", blobs, *KMEANS)
    assert outcome.code == 130
    assert outcome.err == "gramian cluster: interrupted; no file was written.\n"
    assert sorted(blobs.parent.iterdir()) == before


def test_an_interrupt_while_the_report_is_drawn_leaves_no_file(
    run, blobs: Path, monkeypatch
) -> None:
    """Labels and model are staged by then; an older file of that name stays as it was."""
    import gramian.report

    def interrupted(self: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(gramian.report.Report, "html", interrupted)
    (blobs.parent / "o.csv").write_text("old")
    before = sorted(blobs.parent.iterdir())
    assert run("cluster", blobs, *KMEANS).code == 130
    assert sorted(blobs.parent.iterdir()) == before
    assert (blobs.parent / "o.csv").read_text() == "old"


def test_a_full_disk_is_one_line_and_leaves_no_file(run, blobs: Path, monkeypatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(blobs.parent.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr("gramian.cli._outputs.os.fsync", full)
        outcome = run("cluster", blobs, *KMEANS)
    assert outcome.code == 2
    assert outcome.err == "gramian cluster: cannot write 'o.csv': No space left on device.\n"
    assert sorted(blobs.parent.iterdir()) == before


class ClosedPipe(io.TextIOWrapper):
    """A standard output whose reader went away."""

    def __init__(self) -> None:
        class Raw(io.BytesIO):
            def write(self, data: Any) -> int:
                raise BrokenPipeError

        super().__init__(Raw(), write_through=True)


def test_a_closed_pipe_is_silent_and_the_files_are_there(blobs: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(blobs.parent)
    monkeypatch.setattr(sys, "stdout", ClosedPipe())
    with pytest.raises(SystemExit) as stop:
        main(["cluster", str(blobs), "-a", "kmeans", "-k", "3", "--out", "o.csv"])
    assert stop.value.code == 0
    assert capsys.readouterr().err == ""
    assert (blobs.parent / "o.csv").exists()
