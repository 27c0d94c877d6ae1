"""What is said about a function: the most basic violation, a small input, one hint."""

from __future__ import annotations

import numpy as np
import pytest

RIGHT = "def row_sums(A): return A.sum(1)\ndef total(A): return A.sum()\n"


def first(result):
    return result.verdicts[0]


def test_right_functions_are_accepted(checked) -> None:
    result = checked(RIGHT)
    assert [verdict.status for verdict in result.verdicts] == ["accepted", "accepted"]
    assert (result.exit_code, result.accepted) == (0, 2)


@pytest.mark.parametrize(
    ("expression", "kind", "violated", "shown", "hint"),
    [
        ("A.sum(1).tolist()", "type", "the result is a NumPy array; yours is a list", "", "Print"),
        (
            "A.sum(1).astype(int)",
            "type",
            "the entries are floats; yours are int64",
            "A = np.array([[0.0]])",
            "Print the type",
        ),
        (
            "A.sum(1).astype('f8')",
            "type",
            "the float type of the input is kept; yours changes float32 to float64",
            "A = np.array([[0.0]], dtype=np.float32)",
            "Print the type",
        ),
        (
            "A.sum(1)[:, None]",
            "shape",
            "the shape is (n,); yours is (1, 1)",
            "A = np.array([[0.0]])",
            "Print the shape",
        ),
        ("A.sum(0)", "shape", "the shape is (n,); yours is (2,)", "[[0.0, 0.0]])", "Which axis?"),
        (
            "[A.__setitem__(0, 0), A.sum(1)][1]",
            "modifies",
            "the arguments stay as they are; yours changes A",
            "A = np.array([[",
            "Leave the table alone.",
        ),
        (
            "A.sum(1) / 0",
            "finite",
            "no NaN and no infinity comes out of this input",
            "A = np.array([[0.0]])",
            "Look for a division by zero",
        ),
        (
            "A.sum(1) + 1",
            "twice the table has twice the sums",
            "twice the table has twice the sums",
            "A = np.array([[0.0]])",
            "A sum is linear.",
        ),
        (
            "A.max(1)",
            "reference",
            "the values are those of the definition",
            "",
            "Add up by hand.",
        ),
    ],
)
def test_what_is_said(checked, expression, kind, violated, shown, hint) -> None:
    result = checked(
        f"import numpy as np\nnp.seterr(all='ignore')\ndef row_sums(A): return {expression}\n",
        only="row_sums",
    )
    verdict = first(result)
    assert (verdict.status, verdict.kind) == ("rejected", kind)
    assert verdict.violated == violated
    assert shown in verdict.shown
    assert verdict.hint.startswith(hint)


def test_an_answer_of_another_form_breaks_a_property(checked) -> None:
    """Right on every input tried, and text or an exception where the property doubles it."""
    for other in ("'text'", "A.sum(9)", "None"):
        text = f"def row_sums(A): return A.sum(1) if abs(A).max() < 3 else {other}"
        verdict = first(checked(text, only="row_sums"))
        assert verdict.kind == "twice the table has twice the sums"


def test_the_smallest_input_is_minimal(checked) -> None:
    """Wrong only where a row has two negative entries: nothing else is left of the input."""
    text = "def row_sums(A): return A.sum(1) * (1 + ((A < 0).sum(1) > 1).astype(A.dtype))\n"
    verdict = first(checked(text, only="row_sums"))
    shape = np.array(verdict.data["A"]["entries"]).shape
    assert shape == (1, 2)


def test_a_known_mistake_has_its_own_hint(checked) -> None:
    verdict = first(checked("def row_sums(A): return A.sum(0)", only="row_sums"))
    assert (verdict.mistake, verdict.hint) == ("wrong axis", "Which axis?")


def test_missing_and_unwritten(checked) -> None:
    text = "def row_sum(A): return A.sum(1)\ndef total(A):\n    raise NotImplementedError\n"
    missing, unwritten = checked(text).verdicts
    assert missing.status == "missing"
    assert missing.violated == "a function of this name is defined"
    assert missing.hint == "There is a function row_sum. Names are compared letter by letter."
    assert unwritten.kind == "unwritten"
    assert unwritten.violated == "the function is written"
    assert "NotImplementedError" in unwritten.hint
    assert first(checked("")).hint == "Define a function with this name: row_sums(A)."


def test_the_seed_repeats_the_inputs(checked) -> None:
    text = "def row_sums(A): return A.max(1)\n"
    assert first(checked(text, seed=4)).shown == first(checked(text, seed=4)).shown


def test_arguments_go_by_position(checked) -> None:
    assert checked("def row_sums(renamed): return renamed.sum(1)", only="row_sums").exit_code == 0
