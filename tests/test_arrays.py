"""Arrays at the border: which are taken, which are copied, and how results go back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gramian._arrays import Form, as_index, as_rows, as_vector, check_match, finite, positions, wrap

CPU = torch.device("cpu")


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_floating_arrays_are_pointed_at(dtype: str) -> None:
    array = np.arange(12, dtype=dtype).reshape(3, 4)
    for view in (array, array.T, array[:, ::2], np.asfortranarray(array)):
        rows, form = as_rows(view, "x", "test")
        assert rows.data_ptr() == view.__array_interface__["data"][0]
        assert np.array_equal(rows.numpy(), view)
        assert form.numpy


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i4", "i8", "u8", ">i4"])
def test_whole_numbers_become_float64(dtype: str) -> None:
    rows, _ = as_rows(np.array([[0, 1], [1, 1]], dtype=dtype), "x", "test")
    assert rows.dtype == torch.float64
    assert rows.tolist() == [[0, 1], [1, 1]]


def test_what_torch_cannot_point_at_is_copied() -> None:
    array = np.arange(12.0).reshape(3, 4)
    packed = np.zeros(3, np.dtype([("tag", "u1"), ("row", "<f4", 2)]))
    packed["row"] = [[1, 2], [3, 4], [5, 6]]
    for odd in (
        array[::-1],
        array[:, ::-1],
        array.astype(">f8"),
        array.astype(">f4"),
        packed["row"],
    ):
        rows, _ = as_rows(odd, "x", "test")
        assert np.array_equal(rows.numpy(), odd)
        assert rows.dtype in (torch.float32, torch.float64)


def test_a_memory_map_is_neither_loaded_nor_written(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.ones((5, 3), dtype=np.float32))
    mapped = np.load(path, mmap_mode="r")
    rows, form = as_rows(mapped, "x", "test")
    assert rows.data_ptr() == mapped.__array_interface__["data"][0]
    assert form.numpy


def test_lists_are_arrays() -> None:
    rows, form = as_rows([[1, 2.5], (3, 4)], "x", "test")
    assert rows.dtype == torch.float64
    assert form.numpy


def test_tensors_pass_through() -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        given = torch.ones(2, 3, dtype=dtype, requires_grad=True)
        rows, form = as_rows(given, "x", "test")
        assert rows is given
        assert not form.numpy


def test_results_go_back_in_kind() -> None:
    result = torch.ones(2, requires_grad=True)
    assert Form(numpy=False).give(result) is result
    assert isinstance(Form(numpy=True).give(result), np.ndarray)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("text", TypeError, "f: x must be a tensor or a NumPy array, got str."),
        (None, TypeError, "f: x must be a tensor or a NumPy array, got NoneType."),
        (3.0, TypeError, "got float."),
        (np.ones((2, 2), complex), TypeError, "x must be an array of numbers of at most 64 bits, "),
        (np.array([["a", "b"]]), TypeError, "got <U1."),
        (np.array([[{}]]), TypeError, "got object."),
        ([["a", "b"]], TypeError, "got <U1."),
        ([[1.0, None]], TypeError, "got object."),
        (np.ones((2, 2), np.longdouble), TypeError, "of at most 64 bits, got float"),
        (
            [[1.0], [1.0, 2.0]],
            ValueError,
            "f: x must have rows of one length, got rows of several.",
        ),
        (np.ones(3), ValueError, "x must have shape (rows, features) with at least one of each, "),
        (torch.ones(3), ValueError, "got (3,)."),
        (torch.ones(2, 2, 2), ValueError, "got (2, 2, 2)."),
        (torch.ones(0, 2), ValueError, "got (0, 2)."),
        (np.ones((2, 0)), ValueError, "got (2, 0)."),
        ([], ValueError, "got (0,)."),
        (torch.ones(2, 2, dtype=torch.int64), TypeError, "got torch.int64. Convert it, for "),
        (torch.ones(2, 2, dtype=torch.complex64), TypeError, "x must be float16, bfloat16, float"),
        (torch.eye(2).to_sparse(), TypeError, "x must be a dense tensor, got layout torch.sparse"),
    ],
)
def test_bad_rows(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        as_rows(value, "x", "f")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (torch.ones(2, 4), "f: y must have as many features as x (3), got 4."),
        (torch.ones(2, 3).double(), "f: y must have the dtype of x (torch.float32), got"),
        (torch.ones(2, 3, device="meta"), "f: y must have the device of x (cpu), got meta."),
    ],
)
def test_tables_that_do_not_match(y: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=r"^f: y must have") as caught:
        check_match(torch.ones(5, 3), y, "f")
    assert message in str(caught.value)


def test_vectors() -> None:
    like = torch.ones(1, dtype=torch.float32)
    for value in ([1, 2], np.array([1, 2]), torch.tensor([1, 2]), np.array([2.0, 1.0])[::-1]):
        found, flat = as_vector(value, "v", "f", rows=2, like=like)
        assert flat
        assert found.dtype == torch.float32
        assert found.tolist() == [[1], [2]]
    found, flat = as_vector([[1, 2, 3]], "v", "f", rows=1, like=None)
    assert not flat
    assert found.dtype == torch.float64


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1.0, 2.0], ValueError, "f: v must have shape (3,) or (3, r), got (2,)."),
        (1.0, ValueError, "got ()."),
        (np.ones((3, 0)), ValueError, "got (3, 0)."),
        (np.ones((3, 1, 1)), ValueError, "got (3, 1, 1)."),
        ([1.0, np.nan, 1.0], ValueError, "f: v must be finite, got NaN or infinity."),
        ([1.0, 1e39, 1.0], ValueError, "f: v must be finite, got NaN or infinity."),
        (["a", "b", "c"], TypeError, "f: v must be an array of numbers"),
        (np.ones(3, complex), TypeError, "f: v must be an array of numbers"),
        (torch.ones(3, dtype=torch.complex64), TypeError, "f: v must be real, got torch.complex64"),
        ([[1], [1, 2], [1]], ValueError, "f: v must have rows of one length"),
    ],
)
def test_bad_vectors(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        as_vector(value, "v", "f", rows=3, like=torch.ones(1))
    assert message in str(caught.value)


NUMBERS = np.arange(7)
MASK = np.array([True, False, True, False, False, False, True])


@pytest.mark.parametrize(
    "index",
    [
        3,
        -1,
        np.int32(2),
        np.array(4),
        torch.tensor(4),
        slice(None),
        slice(1, 6, 2),
        slice(None, None, -1),
        slice(-3, None),
        slice(5, 2),
        [],
        [0, 0, -7],
        (6, 2),
        np.array([5, 1])[::-1],
        np.array([1, 2], dtype=np.uint64),
        np.array([], dtype=np.int64),
        torch.tensor([1, -1]),
        MASK,
        torch.from_numpy(MASK),
        MASK.tolist(),
        range(2, 5),
    ],
    ids=repr,
)
def test_indices_mean_what_numpy_means(index: object) -> None:
    by_numpy = index.numpy() if isinstance(index, torch.Tensor) else index
    if isinstance(by_numpy, list | tuple | range):
        by_numpy = np.array(by_numpy, dtype=bool if by_numpy == MASK.tolist() else np.int64)
    expected = np.atleast_1d(NUMBERS[by_numpy])
    found = as_index(index, 7, "i", "f", CPU)
    assert found.dtype == torch.int64
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (7, "f: i must lie in [-7, 6], got 7 to 7."),
        ([-8, 0], "f: i must lie in [-7, 6], got -8 to 0."),
        (1.0, "f: i must be an int, a slice, a list of ints or a mask of length 7, got 1.0."),
        (torch.tensor([1.0]), "got torch.float32 of shape (1,)."),
        ("a", "got 'a'."),
        (None, "got None."),
        ([[1, 2]], "got torch.int64 of shape (1, 2)."),
        ([True, False], "got torch.bool of shape (2,)."),
        (True, "got torch.bool of shape ()."),
    ],
)
def test_bad_indices(index: object, message: str) -> None:
    with pytest.raises(IndexError) as caught:
        as_index(index, 7, "i", "f", CPU)
    assert message in str(caught.value)


def test_positions() -> None:
    rows, columns = torch.tensor([4, 0, 2, 4]), torch.tensor([2, 4, 2])
    assert positions(rows, columns, 5).tolist() == [1, -1, 2, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_bad_row_is_named(bad: float) -> None:
    rows = torch.zeros(9, 2)
    rows[[4, 7], 1] = bad
    with pytest.raises(ValueError, match=r"^f: x must be finite, got NaN or infinity in row 104\."):
        finite(rows, 100, "x", "f")


def test_a_sum_that_overflows_is_no_reason_to_complain() -> None:
    rows = torch.full((4, 4), 3e38)
    assert finite(rows, 0, "x", "f") is rows


@pytest.mark.parametrize("make", [lambda: np.ones((2, 2)), lambda: np.ones((2, 2))[::-1]])
def test_wrapping_a_read_only_array_is_silent(make: Callable[[], np.ndarray]) -> None:
    array = make()
    array.flags.writeable = False
    assert wrap(array, "x", "f").tolist() == array.tolist()
