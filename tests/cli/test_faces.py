"""The other commands, the help, and the program as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gramian.cli import _checks, _progress
from gramian.cli._tour_parts import Pair, Product


def test_help_names_the_commands(run) -> None:
    for arguments in ((), ("--help",), ("-h",)):
        outcome = run(*arguments)
        assert outcome.code == 0
        for name in ("cluster", "density", "regress", "predict", "tour", "doctor", "data"):
            assert f"  {name} " in outcome.out
    assert "hdbscan" in run("cluster", "--help").out
    assert run("--version").out.startswith("gramian ")


def test_doctor_is_healthy(run) -> None:
    outcome = run("doctor")
    assert outcome.code == 0
    assert "backend torch" in outcome.out
    assert "FAILED" not in outcome.out
    findings = json.loads(run("doctor", "--json").out)
    assert findings["schema"] == "gramian.doctor/1"
    assert findings["healthy"] is True
    assert findings["backends"]["torch"] == "ready"
    assert len(findings["checks"]) == 7


def test_a_check_that_fails_is_exit_code_1(run, monkeypatch) -> None:
    monkeypatch.setattr(_checks, "SUM_ERROR", 0.0)
    outcome = run("doctor")
    assert outcome.code == 1
    assert "FAILED  Gaussian sums agree with float64" in outcome.out
    assert "6 of 7 checks passed." in outcome.out


def test_a_wrong_search_is_found(monkeypatch) -> None:
    """The checks can fail: a search that is off by one, and bits that depend on threads."""
    import torch

    from gramian.gram import Gram

    right = Gram.argmin
    monkeypatch.setattr(
        Gram, "argmin", lambda self, dim=1: right(self, dim=dim) + torch.get_num_threads() - 1
    )
    failed = [check.name for check in _checks.run_checks() if not check.passed]
    assert "labels: the same bits with one and two threads" in failed


def test_data_list_names_every_set(run) -> None:
    outcome = run("data", "list")
    assert outcome.code == 0
    for name in ("iris", "wine", "digits", "small-fashion", "fashion-mnist"):
        assert f"\n{name} " in outcome.out


def test_data_fetch_prints_the_folder(run, monkeypatch, tmp_path: Path) -> None:
    def fetch_dataset(name: str, *, root: str | None = None) -> Path:
        assert (name, root) == ("mnist", "here")
        return tmp_path

    monkeypatch.setattr("gramian.cli.datasets.fetch_dataset", fetch_dataset)
    outcome = run("data", "fetch", "mnist", "--root", "here")
    assert (outcome.code, outcome.out) == (0, f"{tmp_path}\n")


GOOD = _checks.Check("a claim", True, "0 differ")
BAD = _checks.Check("another claim", False, "1 differs")


@pytest.mark.parametrize(("check", "code"), [(GOOD, 0), (BAD, 1)], ids=["kept", "broken"])
def test_tour_ends_in_a_report(run, monkeypatch, tmp_path: Path, check, code: int) -> None:
    product = Product(20_000, 100_000, 1.0, 2**20, "the plan", GOOD)
    pair = Pair("nearest, small", GOOD, 0.1, 0.2, (2.0, 1.9, 2.1))
    monkeypatch.setattr("gramian.cli.tour.large_product", lambda *_: product)
    monkeypatch.setattr("gramian.cli.tour.compare", lambda *_: [pair])
    monkeypatch.setattr("gramian.cli.tour.run_checks", lambda: [check])
    outcome = run("tour", "--quick", "--out", "made/here")
    assert outcome.code == code
    assert outcome.out.endswith(f"report: {Path('made/here/tour.html')}\n")
    assert "2.00 times its speed  nearest, small" in outcome.out
    assert "This machine would need more than 18 s for 100,000 rows." in outcome.out
    assert ("FAILED: another claim: 1 differs" in outcome.out) is (code == 1)
    page = (tmp_path / "made" / "here" / "tour.html").read_text(encoding="utf-8")
    assert page.count("<figure") >= 10
    assert ("another claim" in page) is (code == 1)


def test_the_measured_parts_are_right() -> None:
    from gramian.cli._tour_parts import compare, large_product

    product = large_product(3_000)
    assert product.check.passed
    assert product.n == 3_000
    assert product.reason == ""
    pairs = compare(1, 0.05)
    assert all(pair.check.passed for pair in pairs)
    assert all(pair.ratio > 0 for pair in pairs)


def test_progress_is_silent_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with _progress.Progress(True) as progress:
        progress.step("Reading")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("term", "shown"), [("xterm", True), ("dumb", False)])
def test_progress_on_a_terminal_comes_late_and_goes(monkeypatch, capsys, term, shown) -> None:
    monkeypatch.setattr(_progress, "PATIENCE", 0.01)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", term)
    with _progress.Progress(True) as progress:
        progress.step("Reading [the] table")
        time.sleep(0.5)
    assert ("Reading [the] table" in capsys.readouterr().err) is shown


def gramian(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "gramian", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_help_needs_no_torch() -> None:
    program = (
        "import sys\nfrom gramian.cli import main\n"
        "try:\n    main(['cluster', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'sklearn', 'matplotlib', 'polars', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.full
def test_both_modules_are_the_program() -> None:
    for module in ("gramian", "gramian.cli"):
        done = subprocess.run(
            [sys.executable, "-m", module, "data", "list"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "small-fashion" in done.stdout


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_ctrl_c_in_a_process_of_its_own(tmp_path: Path) -> None:
    import numpy as np

    table = np.random.default_rng(0).normal(size=(400_000, 16)).astype(np.float32)
    np.save(tmp_path / "long.npy", table)
    outputs = ("--out", "o.csv", "--save", "m.bin", "--report", "r.html")
    with gramian("cluster", "long.npy", "-a", "dbscan", *outputs, cwd=tmp_path) as process:
        time.sleep(10)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b"gramian cluster: interrupted; no file was written.\n"
    assert os.listdir(tmp_path) == ["long.npy"]


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of another kind")
def test_a_reader_that_goes_away() -> None:
    process = gramian("data", "list")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0
