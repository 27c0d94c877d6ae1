"""Right ways are accepted whatever inputs are drawn: no input hangs on a tie or on rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.labs.exercises.test_exercises import LABS, rejections, submissions

from gramian.labs.checking import session
from gramian.labs.checking.catalogue import find_exercise
from gramian.labs.checking.codec import decode, encode
from gramian.labs.checking.grading import Order, grade
from gramian.labs.checking.notebook import as_program, cells_of
from gramian.labs.checking.process import Limits
from gramian.labs.checking.worker import Worker

SEEDS = range(100, 140)


class Here:
    """A learner's process that is this one: none of these ways must be kept away from it."""

    def __init__(self, limits: Limits) -> None:
        self._answers: list[Any] = []
        self._worker = Worker(lambda message: self._answers.append(decode(encode(message))))

    def send(self, request: dict[str, Any]) -> None:
        asked = decode(encode(request))
        self._answers.append(decode(encode(getattr(self._worker, asked["do"])(asked))))

    def receive(self, seconds: float) -> Any:
        return self._answers.pop(0)

    def end(self) -> None:
        pass


def refused(lab: str, seed: int, path: Path) -> list[str]:
    """What is said against one of the right ways."""
    exercise = find_exercise(lab)
    ways = [as_program(cells_of(exercise, solution=True)), *submissions(lab).ALTERNATIVES]
    path.write_text(ways[seed % len(ways)], encoding="utf-8")
    return rejections(grade(Order(exercise, seed), path))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "Process", Here)


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lab", LABS)
def test_right_ways_pass_whatever_is_drawn(lab: str, tmp_path: Path) -> None:
    said = {seed: refused(lab, seed, tmp_path / "submission.py") for seed in SEEDS}
    assert {seed: what for seed, what in said.items() if what} == {}


@pytest.mark.full
@pytest.mark.parametrize(
    ("lab", "seed"),
    [
        ("kmeans-blobs", 30186),  # a row in the middle of two centres, which float32 decided
        ("deep-sets", 324),  # rows on which exchanged neighbours do not show what a map is
    ],
)
def test_inputs_that_refused_right_answers_are_not_drawn(
    lab: str, seed: int, tmp_path: Path
) -> None:
    assert refused(lab, seed, tmp_path / "submission.py") == []
