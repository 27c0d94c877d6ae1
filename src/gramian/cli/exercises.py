"""``gramian lab notebook`` writes an exercise; ``gramian lab check`` judges what came of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from gramian._validation import check_int
from gramian.cli._faults import BadInputError
from gramian.cli._outputs import Outputs, as_json
from gramian.cli._progress import Progress
from gramian.labs.checking.catalogue import find_exercise
from gramian.labs.checking.grading import NOTHING_JUDGED, Grade, Order, grade, grade_folder
from gramian.labs.checking.notebook import as_ipynb, as_program, cells_of
from gramian.labs.checking.report import class_csv, class_text, file_text, grades_data
from gramian.labs.checking.submitted import SUFFIXES
from gramian.labs.checking.variants import scalars_of

__all__ = ["Request", "check_submissions", "write_notebook"]


def write_notebook(
    name: str, *, solution: bool, out: str, variant: str | None, force: bool, quiet: bool
) -> int:
    """Write NAME.ipynb and NAME.py, or NAME-solution, into a folder."""
    cells = cells_of(find_exercise(name), solution=solution, variant=variant)
    stem = f"{name}-solution" if solution else name
    contents = {f"{stem}.ipynb": as_ipynb(cells), f"{stem}.py": as_program(cells)}
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"--out must be a folder, got {out!r}.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {str(folder / file): content.encode() for file, content in contents.items()}
    for path, content in paths.items():
        if not force and Path(path).is_file() and Path(path).read_bytes() != content:
            raise BadInputError(f"{path} is there and differs. --force replaces it.")
    with Outputs([]) as outputs:
        for path, content in paths.items():
            outputs.claim("--out", path)
            outputs.put(path, content)
        outputs.commit()
    if not quiet:
        print("\n".join(paths))
    return 0


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    name: str
    file: str
    seed: int | None = None
    variant: str | None = None
    only: str | None = None
    json: str | None = None
    csv: str | None = None
    quiet: bool = False


def check_submissions(request: Request) -> int:
    """Grade a file or a folder, and say what came of it."""
    path, order = Path(request.file), _order(request)
    if not path.exists():
        raise BadInputError(f"FILE must exist, got {request.file!r}.")
    if path.is_file() and path.suffix not in SUFFIXES:
        raise BadInputError(f"FILE must end in .py or .ipynb, got {request.file!r}.")
    if request.csv is not None and not path.is_dir():
        raise BadInputError(f"--csv must go with a folder, got the file {request.file!r}.")
    with Outputs([] if path.is_dir() else [request.file]) as outputs:
        outputs.claim("--json", request.json, stdout=True)
        outputs.claim("--csv", request.csv, stdout=True)
        grades = _graded(request, order, path)
        outputs.put(request.json, as_json(grades_data(order, grades)).encode())
        outputs.put(request.csv, class_csv(grades).encode() if request.csv else b"")
        if not (request.quiet or outputs.own_stdout):
            print(class_text(order, grades) if path.is_dir() else file_text(order, grades[0]))
        outputs.commit()
    codes = {grade.exit_code for grade in grades}
    return NOTHING_JUDGED if codes == {NOTHING_JUDGED} else min(1, max(codes))


def _order(request: Request) -> Order:
    exercise = find_exercise(request.name)
    names = [function.name for function in exercise.functions]
    if request.only is not None and request.only not in names:
        raise BadInputError(f"--only must be one of {', '.join(names)}, got {request.only!r}.")
    scalars_of(exercise, request.variant)
    seed = secrets.randbelow(10**6) if request.seed is None else request.seed
    check_int(seed, "--seed", "check", low=0, high=2**32 - 1)
    return Order(exercise, seed, request.variant, request.only)


def _graded(request: Request, order: Order, path: Path) -> list[Grade]:
    with Progress(not request.quiet) as progress:
        if path.is_dir():
            return grade_folder(order, path, lambda found: progress.step(found.file))
        progress.step(f"Checking {path.name}")
        return [grade(order, path)]
