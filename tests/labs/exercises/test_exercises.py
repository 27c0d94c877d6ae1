"""Every exercise: right ways pass, the stub fails, every known mistake is told by its own hint."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gramian.labs.checking.catalogue import exercise_names, find_exercise
from gramian.labs.checking.draw import Draw
from gramian.labs.checking.exercise import Exercise, Function
from gramian.labs.checking.grading import Grade, Order, grade
from gramian.labs.checking.judging import Verdict, typed_cases
from gramian.labs.checking.notebook import as_program, cells_of, source_of
from gramian.labs.checking.truth import truth
from gramian.labs.checking.variants import scalars_of

FOLDER = Path(__file__).parent
SEED = 5


def submissions(lab: str) -> ModuleType:
    """The right and wrong ways of one lab."""
    path = FOLDER / f"{lab.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(f"submissions_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LABS = exercise_names()
ALTERNATIVES = [(lab, i) for lab in LABS for i in range(len(submissions(lab).ALTERNATIVES))]
MUTANTS = [(lab, *key) for lab in LABS for key in submissions(lab).MUTANTS]


def graded(folder: Path, exercise: Exercise, text: str, only: str | None = None) -> Grade:
    path = folder / "submission.py"
    path.write_text(text, encoding="utf-8")
    return grade(Order(exercise, SEED, only=only), path)


def rejections(result: Grade) -> list[str]:
    """What was said about functions that were not accepted."""
    return [f"{v.name}: {v.violated}: {v.shown}" for v in result.verdicts if v.status != "accepted"]


@pytest.mark.full
@pytest.mark.parametrize("lab", LABS)
def test_the_solution_passes(lab: str, tmp_path: Path) -> None:
    exercise = find_exercise(lab)
    result = graded(tmp_path, exercise, as_program(cells_of(exercise, solution=True)))
    assert rejections(result) == []
    assert result.notes == ()


@pytest.mark.full
@pytest.mark.parametrize("lab", LABS)
def test_the_stub_fails_in_every_function(lab: str, tmp_path: Path) -> None:
    exercise = find_exercise(lab)
    result = graded(tmp_path, exercise, as_program(cells_of(exercise)))
    assert {verdict.kind for verdict in result.verdicts} == {"unwritten"}
    assert result.notes == ()
    assert result.exit_code == 1


@pytest.mark.nightly
@pytest.mark.parametrize(("lab", "number"), ALTERNATIVES)
def test_another_right_way_passes(lab: str, number: int, tmp_path: Path) -> None:
    result = graded(tmp_path, find_exercise(lab), submissions(lab).ALTERNATIVES[number])
    assert rejections(result) == []


@pytest.mark.nightly
@pytest.mark.parametrize(("lab", "name", "mistake"), MUTANTS)
def test_a_known_mistake_is_told_by_its_hint(
    lab: str, name: str, mistake: str, tmp_path: Path
) -> None:
    exercise = find_exercise(lab)
    function = next(f for f in exercise.functions if f.name == name)
    text = mutated(exercise, function, submissions(lab).MUTANTS[name, mistake])
    (verdict,) = graded(tmp_path, exercise, text, only=name).verdicts
    hints = {m.name: m.hint for m in function.mistakes}
    assert verdict.status == "rejected"
    assert (verdict.mistake, verdict.hint) == (mistake, hints[mistake])
    assert_no_leak(exercise, function, verdict)


def mutated(exercise: Exercise, function: Function, mutant: str) -> str:
    """The solution with one function replaced."""
    parts = [exercise.import_lines]
    parts += [mutant if f is function else source_of(f) for f in exercise.functions]
    return "\n\n".join(parts)


def numbers_in(text: str) -> set[float]:
    """Numerals that stand for themselves: no names such as float32, no small counts."""
    found = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]\d)", text)
    return {float(number) for number in found} - {-1.0, 0.0, 1.0, 2.0}


def numbers_of(value: Any) -> np.ndarray:
    """Every number of a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return np.concatenate([np.zeros(0), *(numbers_of(item) for item in value)])
    if value is None or isinstance(value, str):
        return np.zeros(0)
    return np.asarray(value, dtype=np.float64).ravel()


def assert_no_leak(exercise: Exercise, function: Function, verdict: Verdict) -> None:
    """Nothing that is said, apart from what the learner's own function did, is in the answers."""
    said = verdict.violated.partition("; yours")[0] + " " + verdict.hint
    draw = Draw(np.random.default_rng(SEED), scalars_of(exercise))
    for case in typed_cases(list(function.cases(draw))):
        answers = numbers_of(truth(function, case)) if function.reference else np.zeros(0)
        for number in numbers_in(said):
            assert not np.isclose(answers, number).any(), (number, said)


@pytest.mark.parametrize("lab", LABS)
def test_an_exercise_is_whole(lab: str) -> None:
    """Two other ways; a mutant for every mistake; texts that no digit of an answer is in."""
    exercise, own = find_exercise(lab), submissions(lab)
    assert exercise.lab == lab
    assert len(own.ALTERNATIVES) >= 2
    declared = {(f.name, m.name) for f in exercise.functions for m in f.mistakes}
    assert set(own.MUTANTS) == declared
    assert len(declared) >= 3
    for function in exercise.functions:
        assert function.solution.__doc__
        texts = [function.hint, *(m.hint for m in function.mistakes)]
        texts += [text for p in function.properties for text in (p.statement, p.hint)]
        for text in texts:
            assert numbers_in(text) == set(), text
        draw = Draw(np.random.default_rng(SEED), scalars_of(exercise))
        cases = list(function.cases(draw))
        assert cases
        names = list(cases[0].arguments)
        assert all(list(case.arguments) == names for case in cases)
        assert set(function.axes) <= set(names)
