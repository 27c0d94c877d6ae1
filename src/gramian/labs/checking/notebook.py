"""Notebooks and plain programs, both made from an exercise alone."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from dataclasses import dataclass
from typing import Any, Literal

from gramian.labs.checking.exercise import UNWRITTEN, Exercise, Function
from gramian.labs.checking.submitted import SKIP_TAG
from gramian.labs.checking.variants import scalars_of

__all__ = ["NotebookCell", "as_ipynb", "as_program", "cells_of"]


@dataclass(frozen=True)
class NotebookCell:
    """One cell: its identifier, what it holds, and its tags."""

    name: str
    kind: Literal["markdown", "code"]
    text: str
    tags: tuple[str, ...] = ()


def cells_of(
    exercise: Exercise, *, solution: bool = False, variant: str | None = None
) -> list[NotebookCell]:
    """The cells of an exercise: what to know, what to write, and the lab itself.

    Parameters
    ----------
    exercise : Exercise
    solution : bool, default=False
        Whether the functions are written, or left to the learner.
    variant : str, optional
        Digits that replace the lab's numbers by a learner's own.
    """
    cells = [
        NotebookCell("question", "markdown", _opening(exercise)),
        NotebookCell("imports", "code", exercise.import_lines),
    ]
    if scalars := scalars_of(exercise, variant):
        lines = [f"{name} = {value!r}" for name, value in scalars.items()]
        cells.append(NotebookCell("numbers", "code", "\n".join(lines)))
    for function in exercise.functions:
        cells += _function_cells(function, solution=solution)
    return [
        *cells,
        NotebookCell("lab", "markdown", _closing(exercise)),
        NotebookCell("run-lab", "code", _run_lab(exercise), (SKIP_TAG,)),
    ]


def _opening(exercise: Exercise) -> str:
    names = "\n".join(f"- `{function.signature}`" for function in exercise.functions)
    return (
        f"# {exercise.title}\n\n{exercise.question}\n\n{exercise.background.strip()}\n\n"
        f"Write these functions:\n\n{names}\n\n"
        f"Then save, and let them be checked: `gramian lab check {exercise.lab} FILE`."
    )


def _closing(exercise: Exercise) -> str:
    return (
        "## The lab\n\nThe lab measures what these functions are about, and says which of its "
        f"claims hold.\n\nWith pictures: `gramian lab run {exercise.lab} --out .`"
    )


def _run_lab(exercise: Exercise) -> str:
    return (
        "import subprocess\nimport sys\n\n"
        f'command = [sys.executable, "-m", "gramian", "lab", "run", "{exercise.lab}", "--quick"]\n'
        "print(subprocess.run(command, capture_output=True, text=True).stdout)"
    )


def _function_cells(function: Function, *, solution: bool) -> list[NotebookCell]:
    heading = f"## {function.name}\n\n{function.task}".strip()
    source = source_of(function) if solution else stub_of(function)
    cells = [
        NotebookCell(f"{function.name}-task", "markdown", heading),
        NotebookCell(function.name, "code", source),
    ]
    if function.example:
        cells.append(NotebookCell(f"{function.name}-try", "code", _try_out(function)))
    return cells


def source_of(function: Function) -> str:
    """The solution as it stands in the exercise's file."""
    return textwrap.dedent(inspect.getsource(function.solution)).rstrip()


def stub_of(function: Function) -> str:
    """Signature and docstring of the solution, and a line that says what is missing."""
    source = source_of(function)
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    head = source.splitlines()[: definition.body[0].end_lineno]  # up to the docstring
    missing = f'raise {UNWRITTEN}("{function.name} is not written yet")'
    return "\n".join([*head, f"    {missing}"])


def _try_out(function: Function) -> str:
    return (
        f"try:\n    print({function.example})\nexcept {UNWRITTEN} as missing:\n    print(missing)"
    )


def as_ipynb(cells: list[NotebookCell]) -> str:
    """The cells as a notebook, format 4.5."""
    content = {
        "cells": [_ipynb_cell(cell) for cell in cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _ipynb_cell(cell: NotebookCell) -> dict[str, Any]:
    shared = {
        "cell_type": cell.kind,
        "id": cell.name.replace("_", "-"),
        "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.text.splitlines(keepends=True),
    }
    if cell.kind == "markdown":
        return shared
    return {**shared, "execution_count": None, "outputs": []}


def as_program(cells: list[NotebookCell]) -> str:
    """The cells as a program in the percent format, which editors show as cells."""
    return "\n\n".join(_program_cell(cell) for cell in cells) + "\n"


def _program_cell(cell: NotebookCell) -> str:
    if cell.kind == "markdown":
        lines = [f"# {line}".rstrip() for line in cell.text.splitlines()]
        return "\n".join(["# %% [markdown]", *lines])
    tags = f" tags={json.dumps(list(cell.tags))}" if cell.tags else ""
    return f"# %%{tags}\n{cell.text}"
