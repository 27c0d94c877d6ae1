"""Values: on the wire, compared, described, shown, and drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gramian.labs.checking import (
    Anything,
    Array,
    Case,
    Draw,
    Fixture,
    Group,
    Number,
    Plain,
    Tolerance,
    close,
    same,
)
from gramian.labs.checking.codec import decode, encode
from gramian.labs.checking.exercise import Exercise, Scalar
from gramian.labs.checking.received import Opaque, TorchArray
from gramian.labs.checking.shapes import Sizes
from gramian.labs.checking.showing import as_data, as_text
from gramian.labs.checking.variants import hash_of, scalars_of

SIZES = Sizes({"n": 2, "d": 3}, "float64", "numpy")


@pytest.mark.parametrize(
    "value",
    [None, True, -3, 10**30, 0.1, float("inf"), "text", (1, [2.5, None]), {"a": 1, 2: (3,)}, ()],
    ids=str,
)
def test_plain_values_come_back_as_they_were(value) -> None:
    assert decode(encode(value)) == value
    assert type(decode(encode(value))) is type(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.array([], dtype=np.float32),
        np.array([[True, False]]),
        np.array(3, dtype=np.int8),
        np.array([1 + 2j]),
        np.array([np.nan, np.inf]),
    ],
    ids=str,
)
def test_arrays_come_back_as_they_were(array: np.ndarray) -> None:
    back = decode(encode([array]))[0]
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    back[...] = 0  # a copy that may be written to


def test_tensors_are_told_from_arrays() -> None:
    back = decode(encode((torch.ones(2, requires_grad=True), np.ones(2), torch.ones(1).bfloat16())))
    assert [type(item) for item in back] == [TorchArray, np.ndarray, TorchArray]
    assert isinstance(decode(encode(np.float32(1.5))), np.ndarray)


def test_what_is_no_data_is_described() -> None:
    assert decode(encode(object())) == Opaque("an object")
    assert decode(encode(np.array([object()]))) == Opaque("an array of object")
    large = decode(encode(np.zeros(100), limit=99))
    assert large == Opaque("an array of shape (100,), too large to be sent back")
    assert len(decode(encode("x" * 10**6))) == 10_000
    nested: list = []
    nested.append(nested)
    assert "more than can be sent back" in str(decode(encode(nested)))


def test_fixtures_cross_by_name() -> None:
    back = decode(encode(Fixture("sets.dense", weights=np.eye(2))))
    assert (back.name, back.options["weights"].tolist()) == ("sets.dense", [[1, 0], [0, 1]])


@pytest.mark.parametrize("frame", [b"", b"x" * 16, encode(1)[:-1], encode(1) + b"x"])
def test_a_broken_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match="decode: frame must be whole and well-formed, got"):
        decode(frame)


@pytest.mark.parametrize(
    ("answer", "truth", "right"),
    [
        (1, 1.0, True),
        (1 + 1e-8, 1.0, False),
        (np.float32(1) + np.float32(1e-6), 1.0, True),
        ([1, 2], (1.0, 2.0), True),
        ((1,), (1, 2), False),
        (None, None, True),
        (0, None, False),
        (0, False, False),
        (np.array(True), True, True),
        ("a", "a", True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        (np.ones(2), np.ones((2, 1)), False),
        (np.array([np.nan, 1]), np.array([np.nan, 1]), True),
        (np.array([np.inf]), np.array([-np.inf]), False),
        (np.array([np.nan]), np.array([1.0]), False),
        (Opaque("a model"), 1.0, False),
        pytest.param(object(), (1,), False, id="a thing of no kind"),
    ],
    ids=str,
)
def test_same(answer, truth, right: bool) -> None:
    assert same(answer, truth) is right


def test_the_error_is_relative_to_the_largest_entry() -> None:
    assert close([1e9, 1.0], [1e9 + 0.5, 1.0], Tolerance(1e-9))
    assert not close([1e9, 1.0], [1e9 + 2, 1.0], Tolerance(1e-9))
    assert close([1.0], [1.05], 0.1)


@pytest.mark.parametrize(
    ("result", "value", "fault"),
    [
        (Array("nd"), np.ones((2, 3)), None),
        (Array("dn"), np.ones((2, 3)), "the shape is (d, n); yours is (2, 3)"),
        (Array("kk"), np.ones((2, 3)), "the shape is (k, k); yours is (2, 3)"),
        (Array("n2"), np.ones((2, 2)), None),
        (Array(None), np.ones((9, 9)), None),
        (Array("n"), np.ones(2).view(TorchArray), "the result is a NumPy array; yours is a tensor"),
        (Array("n", "integer"), np.ones(2), "the entries are integers; yours are float64"),
        (Array("n", "boolean"), np.ones(2, bool), None),
        (Array("n", "number"), np.ones(2, int), None),
        (Array(""), 1.5, None),
        (Number(), 1, None),
        (Number(), np.ones(1), "the result has no axis; yours has shape (1,)"),
        (Number(), "1", "the result is one number; yours is a str"),
        (Number("boolean"), 1, "the result is a boolean; yours is a int"),
        (Plain("a tuple or None", tuple, type(None)), [], "the result is a tuple or None; yours"),
        (Plain("an int", int), True, "the result is an int; yours is a bool"),
        (Group(a=Number(), b=Array("n")), (1, np.ones(2)), None),
        (Group(a=Number(), b=Array("n")), 1, "the result is a tuple (a, b); yours is a int"),
        (Group(a=Number(), b=Array("n")), (1, np.ones(3)), "b: the shape is (n,); yours is (3,)"),
        (Anything(), Opaque("a model"), None),
    ],
)
def test_type_and_shape(result, value, fault: str | None) -> None:
    found = result.type_fault(value, SIZES) or result.shape_fault(value, SIZES)
    assert (found or "").startswith(fault or "")
    assert bool(found) == bool(fault)


def test_inputs_are_shown_as_python() -> None:
    case = Case(
        "x",
        X=np.array([[0.1, 2.0]], dtype=np.float32),
        n=np.array([1, 2]),
        t=(1,),
        s=["a", None],
        f=Fixture("sets.dense", size=2),
        big=np.zeros((9, 9)),
        none=np.zeros((0, 2)),
    )
    assert as_text(case, "numpy") == (
        "X = np.array([[0.1, 2.0]], dtype=np.float32), n = np.array([1, 2]), t = (1,), "
        "s = ['a', None], f = <sets.dense(size=2)>, big = <float64 of shape (9, 9)>, "
        "none = np.empty((0, 2))"
    )
    assert as_text(Case("x", v=np.ones(1)), "torch") == (
        "v = torch.tensor([1.0], dtype=torch.float64)"
    )
    data = as_data(Case("x", v=np.ones(1), n=2, big=np.zeros((9, 9)), t=(1.5, float("inf"))))
    assert data["v"] == {"dtype": "float64", "shape": [1], "entries": [1.0]}
    assert data["big"] == {"dtype": "float64", "shape": [9, 9]}
    assert data["t"] == [1.5, "inf"]


def test_draws_are_short_and_repeatable() -> None:
    a, b = (Draw(np.random.default_rng(3)).normal(5, 2) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.round(a, 2), a)
    assert set(np.unique(Draw(np.random.default_rng(0)).grid(99, reach=1))) == {-1.0, 0.0, 1.0}


def test_variants_are_own_numbers_inside_their_range() -> None:
    exercise = Exercise(
        lab="x",
        title="",
        question="",
        background="",
        arrays="numpy",
        functions=(),
        scalars={"gamma": Scalar(2.0, low=0.5, high=3.5, step=0.1)},
    )
    assert scalars_of(exercise) == {"gamma": 2.0}
    found = {scalars_of(exercise, f"{i:07d}")["gamma"] for i in range(200)}
    assert len(found) > 25
    assert min(found) >= 0.5
    assert max(found) <= 3.5
    assert all(round(value, 1) == value for value in found)
    for digits in ("123", "12a4", "", "1" * 33, "١٢٣٤"):
        with pytest.raises(ValueError, match="--variant must be 4 to 32 digits, got"):
            scalars_of(exercise, digits)
    assert hash_of(None) is None
    assert "1234567" not in str(hash_of("1234567"))
    assert hash_of("1234567") != hash_of("1234568")
