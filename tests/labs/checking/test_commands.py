"""``gramian lab notebook`` and ``gramian lab check``, as a learner and a teacher use them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gramian.cli import main
from gramian.labs.checking.catalogue import exercise_names

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
LAB = "rbf-kernel"


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Call ``gramian lab ARGUMENTS`` in an empty folder: exit code, output, messages."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(["lab", *map(str, arguments)])
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return call


def test_from_notebook_to_check(run, tmp_path: Path) -> None:
    assert run("notebook", LAB)[:2] == (0, f"{LAB}.ipynb\n{LAB}.py\n")
    assert run("notebook", LAB)[0] == 0, "the same content may be written again"
    code, out, _ = run("check", LAB, f"{LAB}.ipynb", "--seed", 3)
    assert code == 1
    assert "must hold  the function is written" in out
    assert out.endswith("0 of 1 function accepted. The same inputs again: --seed 3\n")
    path = tmp_path / f"{LAB}.ipynb"
    content = path.read_text().replace(
        'raise NotImplementedError(\\"rbf is not written yet\\")',
        "return np.exp(-((X[:, None] - T) ** 2).sum(-1) / gamma)",
    )
    path.write_text(content)
    assert run("check", LAB, path)[0] == 0
    code, _, err = run("notebook", LAB)
    assert code == 2
    assert err == f"gramian lab notebook: {LAB}.ipynb is there and differs. --force replaces it.\n"
    assert run("notebook", LAB, "--force", "--quiet") == (0, "", "")


def test_a_variant_changes_numbers_and_is_not_kept(run, tmp_path: Path) -> None:
    assert run("notebook", LAB, "--variant", "1234567", "--solution", "--out", "new")[0] == 0
    program = (tmp_path / "new" / f"{LAB}-solution.py").read_text()
    assert "gamma = " in program
    assert "gamma = 2.0\n" not in program
    arguments = (f"new/{LAB}-solution.py", "--variant", "1234567", "--json", "-", "--seed", "8")
    code, out, _ = run("check", LAB, *arguments)
    report = json.loads(out)
    assert code == 0
    assert report["schema"] == "gramian.check/1"
    assert report["variant_hash"]
    assert "1234567" not in out
    assert report["files"][0]["verdicts"][0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nolab", "a.py"), "name must be a lab with an exercise, got 'nolab'. There are"),
        (("check", "rbf-kernal", "a.py"), "got 'rbf-kernal'. Did you mean rbf-kernel?"),
        (("check", LAB, "b.py"), "FILE must exist, got 'b.py'."),
        (("check", LAB, "a.txt"), "FILE must end in .py or .ipynb, got 'a.txt'."),
        (("check", LAB, "a.py", "--only", "f"), "--only must be one of rbf, got 'f'."),
        (("check", LAB, "a.py", "--variant", "12"), "--variant must be 4 to 32 digits, got '12'."),
        (
            ("check", LAB, "a.py", "--seed", "-1"),
            "--seed must be an int in [0, 4294967295],",
        ),
        (("check", LAB, "a.py", "--seed", "x"), "must be a whole number, got 'x'"),
        (("check", LAB, "a.py", "--csv", "-"), "--csv must go with a folder, got the file 'a.py'."),
        (("check", LAB, "a.py", "--json", "a.py"), "--json must not overwrite the input"),
        (("check", LAB, "empty"), "folder must hold .py or .ipynb files, got 'empty' without any."),
        (("check", LAB), "Missing argument"),
        (("notebook", LAB, "--out", "a.py"), "--out must be a folder, got 'a.py'."),
        (("notebook", "nolab"), "name must be a lab with an exercise"),
    ],
)
def test_bad_usage(run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "a.txt").write_text("x\n")
    (tmp_path / "empty").mkdir()
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_nothing_to_judge_is_exit_code_3(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def rbf(X, T, gamma:\n")
    code, out, _ = run("check", LAB, "a.py")
    assert code == 3
    assert out.endswith(
        "While the file was loaded:\n  line 1 of a.py: SyntaxError: '(' was never closed\n\n"
        "Nothing in this file could be judged. The same inputs again: --seed "
        + out.rpartition(" ")[2]
    )


@pytest.fixture
def class_of_three(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    right = "import numpy as np\ndef rbf(X, T, gamma):\n    return np.exp({} / gamma)\n"
    (folder / "ada.py").write_text(right.format("-((X[:, None] - T) ** 2).sum(-1)"))
    (folder / "bob.py").write_text(right.format("-np.linalg.norm(X[:, None] - T, axis=2)"))
    (folder / "eve.ipynb").write_text("{")
    (folder / "notes.txt").write_text("not a submission")
    return folder


def test_a_folder_is_a_table(run, class_of_three: Path) -> None:
    code, out, _ = run("check", LAB, class_of_three, "--seed", 2, "--json", "c.json")
    assert code == 1
    lines = [line.split() for line in out.splitlines()]
    assert ["ada.py", "+", "1", "of", "1"] in lines
    assert ["bob.py", "-", "0", "of", "1"] in lines
    assert ["eve.ipynb", ".", "0", "of", "1", "nothing", "could", "be", "judged"] in lines
    assert "1 x rbf: distance without its square" in out
    assert [f["exit_code"] for f in json.loads(Path("c.json").read_text())["files"]] == [0, 1, 3]


def test_a_folder_is_a_spreadsheet(run, class_of_three: Path) -> None:
    code, out, _ = run("check", LAB, class_of_three, "--csv", "-")
    assert code == 1
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["file"], row["rbf"], row["accepted"]) for row in rows] == [
        ("ada.py", "accepted", "1"),
        ("bob.py", "rejected", "0"),
        ("eve.ipynb", "missing", "0"),
    ]


@pytest.mark.parametrize("lab", exercise_names())
@pytest.mark.parametrize("solution", [False, True])
def test_the_notebooks_are_up_to_date_and_well_formed(run, lab: str, solution: bool) -> None:
    arguments = ["--solution"] if solution else []
    _, out, _ = run("notebook", lab, *arguments)
    for path in map(Path, out.split()):
        kept = NOTEBOOKS / path.name
        assert kept.read_text() == path.read_text(), f"gramian lab notebook {lab} --out notebooks"
    notebook = json.loads(Path(out.split()[0]).read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(1 <= len(i) <= 64 and i.replace("-", "").isalnum() for i in ids)
    for cell in notebook["cells"]:
        extra = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source", *extra}


@pytest.mark.nightly
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.py")), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("is not written yet" in done.stdout) == (not path.stem.endswith("-solution"))
