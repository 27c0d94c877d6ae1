"""A file appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gramian import report
from gramian.report import Report, write_atomically


def test_writes_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    assert write_atomically(str(target), b"old") == target
    Report("new").write(target)
    assert "<title>new</title>" in target.read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["a.html"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_write_leaves_nothing(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="disk full"):
        Report("t").write(tmp_path / "a.html")
    assert os.listdir(tmp_path) == []


def test_a_failing_write_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.html"
    target.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Report("t").write(target)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.html"]


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Report("t").write(tmp_path / "none" / "a.html")


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        write_atomically(tmp_path / "a", b"x")
    assert os.listdir(tmp_path) == ["a"]


def test_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    made = write_atomically(tmp_path / "made", b"")
    assert made.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_public_names() -> None:
    assert dir(report) == report.__all__ == ["Report", "write_atomically"]
    with pytest.raises(AttributeError, match=r"module 'gramian.report' has no attribute 'Page'"):
        report.Page  # noqa: B018 # the look-up itself is tested
