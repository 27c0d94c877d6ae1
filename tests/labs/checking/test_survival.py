"""Whatever a submission does to its process, the check goes on and says what happened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SUMS = "def row_sums(A):\n    return A.sum(1)\n"
TOTAL = "def total(A):\n    return A.sum()\n"
_SAY = """
    import os
    from gramian.labs.checking.codec import encode
    for descriptor in range(3, 9):
        try:
            os.write(descriptor, {})
        except OSError:
            pass
    return A.sum(1)
"""


def said(result, name: str):
    """The verdict on one function."""
    return next(verdict for verdict in result.verdicts if verdict.name == name)


FAILING = [
    ("import os; os._exit(0)", "process", "it ended with exit code 0"),
    ("import ctypes; ctypes.string_at(0)", "process", "it was ended by SIGSEGV"),
    ("import sys; sys.exit(3)", "raises", "yours raises SystemExit: 3 (line 4 of a.py)"),
    ("return b'x' * 10**10", "memory", "the work stays within the memory limit"),
    ("return A.no_such_thing", "raises", "has no attribute 'no_such_thing'"),
    ("return row_sums(A)", "raises", "RecursionError"),
    ("import os; os.fork()", "raises", "a submission cannot start processes"),
    ("import os; os.kill(os.getppid(), 9)", "raises", "a submission cannot send signals"),
    ("import subprocess; subprocess.run(['true'])", "raises", "cannot start processes"),
    (
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "raises",
        "a submission cannot use the network",
    ),
    ("import gramian.labs.exercises.deep_sets", "raises", "ModuleNotFoundError"),
    ("raise KeyboardInterrupt", "raises", "KeyboardInterrupt"),
    ("return 'x' * 10**7", "type", "yours is a str"),
    ("return [[[0] * 1000] * 1000] * 100", "type", "yours is a list"),
    ("return lambda: 0", "type", "the result is a NumPy array; yours is a function"),
    ("print('x' * 10**6)\n    return A.sum(1) + 1", "twice the table has twice the sums", ""),
    ("import os; os.write(1, b'x' * 100)\n    return A.sum(1, int)", "type", "floats"),
    (_SAY.format("b'\\xff' * 64"), "process", "its answers were no longer understood"),
    (_SAY.format("encode({'x': 1})"), "process", "its answers were no longer understood"),
    (_SAY.format("encode([1])"), "process", "its answers were no longer understood"),
    ("import os; os.closerange(3, 99)\n    return A.sum(1)", "process", "exit code 1"),
]
"""Bodies, the kind of the fault, and a part of what is said; the first ones in every run."""


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [*FAILING[:5], *(pytest.param(*case, marks=pytest.mark.full) for case in FAILING[5:])],
)
def test_one_function_fails_and_the_next_is_judged(checked, body, kind, message) -> None:
    result = checked(f"{TOTAL}def row_sums(A):\n    {body}\n")
    verdict = said(result, "row_sums")
    assert (verdict.status, verdict.kind) == ("rejected", kind)
    assert message in verdict.violated
    assert verdict.hint
    assert said(result, "total").status == "accepted"
    assert result.exit_code == 1


def test_a_function_that_loops_for_ever_is_rejected_and_the_next_is_judged(checked) -> None:
    result = checked(f"{TOTAL}def row_sums(A):\n    while True: pass\n", impatient=True)
    verdict = said(result, "row_sums")
    assert verdict.kind == "time"
    assert verdict.violated == "the answers come within the time limit"
    assert verdict.shown.startswith("A = np.array([[")
    assert said(result, "total").status == "accepted"


@pytest.mark.parametrize(
    ("statement", "note"),
    [
        ("while True: pass", "a.py: runs for too long; left out"),
        ("import os; os._exit(7)", "a.py: ends the process (it ended with exit code 7); left out"),
        ("raise ValueError('no')", "line 5 of a.py: ValueError: no"),
        ("input()", "line 5 of a.py: EOFError: EOF when reading a line"),
    ],
)
def test_a_statement_that_fails_is_left_out(checked, statement: str, note: str) -> None:
    result = checked(f"{SUMS}{TOTAL}{statement}\n", impatient="while" in statement)
    assert result.notes == (note,)
    assert result.exit_code == 0


def test_nothing_can_be_judged(checked, tmp_path: Path) -> None:
    result = checked("def row_sums(A:\n")
    assert not result.judged
    assert result.exit_code == 3
    assert result.notes == ("line 1 of a.py: SyntaxError: '(' was never closed",)
    assert checked("x = 1\n").exit_code == 1, "it ran, and has no such function"
    assert checked("{", name="a.ipynb").exit_code == 3
    assert "must be a readable .ipynb file" in checked("{", name="a.ipynb").notes[0]
    assert "must be a readable .ipynb file" in checked("[1]", name="a.ipynb").notes[0]


@pytest.mark.full
def test_the_file_has_a_limit_of_its_own(checked) -> None:
    result = checked("while True: pass\n" * 40 + SUMS, impatient=True)
    assert result.exit_code == 3


def test_it_runs_in_an_empty_folder_that_is_removed(checked) -> None:
    text = (
        "import os, pathlib\nassert os.listdir() == [], os.listdir()\n"
        "pathlib.Path('left.txt').write_text('x')\nraise ValueError(os.getcwd())\n"
    )
    (note,) = checked(text).notes
    folder = note.partition("ValueError: ")[2]
    assert folder
    assert not os.path.exists(folder)


def test_the_reference_never_enters_the_process(checked) -> None:
    text = (
        "import sys\nfound = [n for n, m in sys.modules.items() if 'exercises' in n and m]\n"
        "assert not found, found\n"
        "import os\nassert 'SECRET' not in os.environ\n"
    )
    os.environ["SECRET"] = "1"
    try:
        assert checked(text + SUMS + TOTAL).notes == ()
    finally:
        del os.environ["SECRET"]


def test_threads_that_go_on_do_not_keep_it(checked) -> None:
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(3600,)).start()\n"
    assert checked(text + SUMS + TOTAL).exit_code == 0
