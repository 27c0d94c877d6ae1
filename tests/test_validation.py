"""Checks of parameters: what passes, what does not, and in which words."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from gramian._validation import as_generator, check_choice, check_int, check_real


@pytest.mark.parametrize("value", [3, np.int32(3), np.uint8(3)])
def test_whole_numbers_pass(value: object) -> None:
    found = check_int(value, "k", "test", low=3, high=3)
    assert found == 3
    assert type(found) is int


@pytest.mark.parametrize("value", [3, 3.0, np.float32(3), np.int64(3)])
def test_numbers_pass(value: object) -> None:
    found = check_real(value, "r", "test", low=3)
    assert found == 3
    assert type(found) is float


@pytest.mark.parametrize(
    ("check", "error", "message"),
    [
        (lambda: check_int(2.0, "k", "f"), TypeError, "f: k must be an int, got 2.0."),
        (lambda: check_int(True, "k", "f", low=0), TypeError, "an int in [0, inf), got True."),
        (lambda: check_int(np.bool_(True), "k", "f"), TypeError, "must be an int, got "),
        (lambda: check_int("2", "k", "f"), TypeError, "f: k must be an int, got '2'."),
        (lambda: check_int(0, "k", "f", low=1), ValueError, "an int in [1, inf), got 0."),
        (lambda: check_int(9, "k", "f", high=8), ValueError, "an int in (-inf, 8], got 9."),
        (
            lambda: check_int(9, "k", "f", low=1, high=8, remedy="Lower it."),
            ValueError,
            "f: k must be an int in [1, 8], got 9. Lower it.",
        ),
        (lambda: check_real("1", "r", "f"), TypeError, "f: r must be a finite number, got '1'."),
        (lambda: check_real(False, "r", "f"), TypeError, "a finite number, got False."),
        (lambda: check_real(1j, "r", "f"), TypeError, "a finite number, got 1j."),
        (lambda: check_real(math.nan, "r", "f"), ValueError, "a finite number, got nan."),
        (lambda: check_real(math.inf, "r", "f"), ValueError, "a finite number, got inf."),
        (
            lambda: check_real(0, "r", "f", low=0, low_open=True),
            ValueError,
            "f: r must be a finite number in (0, inf), got 0.",
        ),
        (
            lambda: check_real(-0.1, "r", "f", low=0, high=0.5),
            ValueError,
            "f: r must be a finite number in [0, 0.5], got -0.1.",
        ),
        (lambda: check_real(0.6, "r", "f", high=0.5), ValueError, "in (-inf, 0.5], got 0.6."),
        (
            lambda: check_choice("c", "how", "f", ("a", "b")),
            ValueError,
            "f: how must be one of 'a', 'b', got 'c'.",
        ),
        (lambda: check_choice([1], "how", "f", ("a",)), ValueError, "one of 'a', got [1]."),
        (lambda: as_generator("x", "f"), TypeError, "f: random_state must be an int in [0, "),
        (lambda: as_generator(-1, "f"), ValueError, "got -1. Pass None, an int, a numpy.random."),
    ],
)
def test_messages(check: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        check()
    assert message in str(caught.value)


def test_long_values_are_cut() -> None:
    with pytest.raises(TypeError) as caught:
        check_int("x" * 1000, "k", "f")
    assert str(caught.value).endswith("xxx....")
    assert len(str(caught.value)) < 120


def test_choices_return_what_was_given() -> None:
    assert check_choice(None, "how", "f", ("a", None)) is None


def draw(generator: torch.Generator) -> int:
    return int(torch.randint(2**40, (), generator=generator))


def test_seeds_repeat() -> None:
    for seed in (0, 7, np.int64(7), 2**64 - 1):
        assert draw(as_generator(seed, "f")) == draw(as_generator(seed, "f"))
    assert draw(as_generator(1, "f")) != draw(as_generator(2, "f"))
    assert draw(as_generator(None, "f")) != draw(as_generator(None, "f"))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_numpy_generators_are_advanced(make: Callable[[int], object]) -> None:
    first, second = make(3), make(3)
    assert draw(as_generator(first, "f")) == draw(as_generator(second, "f"))
    assert draw(as_generator(first, "f")) != draw(as_generator(make(3), "f"))


def test_torch_generators_are_used_as_they_are() -> None:
    generator = torch.Generator()
    assert as_generator(generator, "f") is generator


def test_global_states_are_left_alone() -> None:
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 # the global state is what is tested
    draw(as_generator(None, "f"))
    draw(as_generator(0, "f"))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002 # the global state is what is tested
