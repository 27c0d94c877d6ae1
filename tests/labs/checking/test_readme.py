"""The example of the guide works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import gramian.labs.exercises
from gramian.labs.checking.grading import Order, grade
from gramian.labs.checking.notebook import as_program, cells_of

GUIDE = Path(gramian.labs.exercises.__file__).with_name("README.md")


def test_the_example(tmp_path: Path) -> None:
    example, submissions = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    path = tmp_path / "row_means_exercise.py"
    path.write_text(example)
    names: dict = {}
    import importlib.util

    spec = importlib.util.spec_from_file_location("row_means_exercise", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    exec(submissions, names)
    mutants = {key[1]: text for key, text in names["MUTANTS"].items()}
    for text, mistake in (
        (as_program(cells_of(module.EXERCISE, solution=True)), None),
        *((text, None) for text in names["ALTERNATIVES"]),
        *((text, mistake) for mistake, text in mutants.items()),
    ):
        (tmp_path / "a.py").write_text(text)
        (verdict,) = grade(Order(module.EXERCISE, 1), tmp_path / "a.py").verdicts
        assert (verdict.status == "accepted") == (mistake is None)
        assert verdict.mistake == (mistake or "")
