"""Submissions as files: cells, magics, copies, failing cells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gramian.errors import DataError
from gramian.labs.checking.submitted import read_cells

SUMS = "def row_sums(A): return A.sum(1)"
WRONG = "def row_sums(A): return A.sum(0)"
STUB = "def row_sums(A):\n    raise NotImplementedError"
TOTAL = "def total(A): return A.sum()"


def notebook(*sources: str, tags: tuple[str, ...] = ()) -> str:
    cells = [
        {"cell_type": "code", "source": source.splitlines(True), "metadata": {"tags": list(tags)}}
        for source in sources
    ]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "x"}, *cells]})


def statuses(result) -> list[str]:
    return [verdict.status for verdict in result.verdicts]


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip install nothing",
        "files = !ls",
        "%%time",
        "%%capture out",
        "np.sum?",
        "    %time x = 1",
        "?np.sum",
    ],
)
def test_magics_and_shell_lines_are_skipped(checked, magic: str) -> None:
    body = f"if True:\n{magic}\n" if magic.startswith(" ") else f"{magic}\n"
    result = checked(notebook(body + SUMS, TOTAL), name="a.ipynb")
    assert result.notes == ()
    assert statuses(result) == ["accepted", "accepted"]


def test_a_whole_cell_of_another_language_is_skipped(checked) -> None:
    result = checked(notebook("%%bash\nrm -rf nothing", SUMS, TOTAL), name="a.ipynb")
    assert result.notes == ()


def test_a_remainder_at_the_start_of_a_line_is_no_magic(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = (7\n% 4)\n")
    assert read_cells(path) == [("a.py", "x = (7\n% 4)\n")]


def test_cells_that_fail_do_not_stop_the_others(checked) -> None:
    result = checked(notebook("1 / 0", "def f(:", SUMS, "undefined", TOTAL), name="a.ipynb")
    assert statuses(result) == ["accepted", "accepted"]
    assert [note.partition(": ")[0] for note in result.notes] == [
        "line 1 of cell 2",
        "line 1 of cell 3",
        "line 1 of cell 5",
    ]


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ((WRONG, SUMS), "accepted"),
        ((SUMS, WRONG), "rejected"),
        ((SUMS, STUB), "accepted"),
        ((SUMS, "def row_sums(A): return undefined"), "accepted"),
        ((SUMS, "def row_sums(A: return"), "accepted"),
        ((STUB, STUB), "rejected"),
    ],
)
def test_the_last_definition_that_works_wins(checked, cells, status) -> None:
    (verdict,) = checked(notebook(*cells), name="a.ipynb", only="row_sums").verdicts
    assert verdict.status == status
    if "A: return" not in cells[1]:
        assert verdict.note.startswith("defined 2 times; judged: cell ")


def test_cells_in_any_order(checked) -> None:
    text = notebook("def row_sums(A): return helper(A)", TOTAL, "def helper(A): return A.sum(1)")
    assert statuses(checked(text, name="a.ipynb")) == ["accepted", "accepted"]


def test_cells_that_run_the_lab_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook("1 / 0", tags=("skip-check",)))
    assert [source for _, source in read_cells(path)] == [""]
    path = tmp_path / "a.py"
    marks = ("# %% [markdown]\n# text", '# %% tags=["skip-check"]\n1 / 0', "# %%\ny = 2\n")
    path.write_text("\n".join(["x = 1", *marks]))
    assert [source.strip() for _, source in read_cells(path)] == ["x = 1", "", "", "# %%\ny = 2"]


def test_future_imports_and_dataclasses_work(checked) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass P:\n    x: Unknown = 0\n" + SUMS + "\n" + TOTAL
    )
    result = checked(text)
    assert result.notes == ()
    assert statuses(result) == ["accepted", "accepted"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (21 * 2**20)], ids=["bytes", "large"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"read_cells: file must be a readable .py file, got"):
        read_cells(path)
