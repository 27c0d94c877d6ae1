"""What a run is told, and what it may record."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
import torch

from gramian.data import load_dataset
from gramian.labs import Context, Estimate

CASES = {"method": 1.0, "sound": 2.0, "broken": 3.0}


def test_generators_follow_the_seed_and_the_replicate(lab: Any) -> None:
    context = Context(lab(), seed=2)
    assert context.seeds(3) == [2000, 2001, 2002]
    assert context.generator(1).initial_seed() == 2001
    assert context.rng(1).random() == np.random.default_rng(2001).random()


def test_parameters_of_the_mode(lab: Any) -> None:
    assert [Context(lab(), mode)["n"] for mode in ("quick", "full")] == [3, 30]
    with pytest.raises(ValueError, match="Context of tiny: parameter must be one of 'n'"):
        Context(lab())["m"]


def test_a_fault_takes_the_place_of_the_method(lab: Any) -> None:
    assert Context(lab()).method(CASES) == 1.0
    planted = Context(lab(), fault="broken")
    assert planted.method(CASES) == 3.0
    assert planted.planted("broken")
    assert not Context(lab()).planted("broken")
    with pytest.raises(ValueError, match="Context of tiny: fault must be one of 'broken'"):
        planted.planted("other")


def test_contrast_measures_the_method_and_its_controls(result: Any) -> None:
    for fault, expected in ((None, 1.0), ("broken", 3.0)):
        filled = result(fault=fault)
        filled.contrast("value", CASES, lambda case: case)
        assert filled.measurements["value"].estimate.value == expected
        assert {name: e.value for name, e in filled.observed.items()} == {
            "sound": 2.0,
            "broken": 3.0,
        }


def test_a_fault_that_the_lab_never_asks_about(record: Any) -> None:
    def deaf(result: Any) -> None:
        result.measure("value", 0.5)
        result.control("sound", 0.5)
        result.control("broken", 2.0)

    assert record(fill=deaf).exit_code == 0
    with pytest.raises(RuntimeError, match="Lab tiny: fault must be asked for by contrast"):
        record(fill=deaf, fault="broken")


def test_items_are_named_to_whoever_watches(lab: Any) -> None:
    steps: list[str] = []
    context = Context(lab(), progress=steps.append)
    assert list(context.each("ab", "training")) == ["a", "b"]
    assert steps == ["training 1 of 2", "training 2 of 2"]


def test_data_goes_into_the_record(lab: Any) -> None:
    context = Context(lab(data=("iris",)))
    whole, iris = context.load("iris"), load_dataset("iris")
    some = context.load("iris", rows=[5, 2])
    np.testing.assert_array_equal(whole.X, iris.X)
    np.testing.assert_array_equal(some.X, iris.X[[5, 2]])
    np.testing.assert_array_equal(some.y, iris.y[[5, 2]])
    digest = hashlib.sha256(iris.X.tobytes()).hexdigest()
    assert [entry["sha256_unpacked"] for entry in context.loaded] == [digest, digest]
    assert [entry["n"] for entry in context.loaded] == [150, 2]
    assert context.loaded[0]["indices_sha256"] is None
    assert context.loaded[1]["indices_sha256"] is not None
    with pytest.raises(ValueError, match="Context of tiny: name must be one of 'iris'"):
        context.load("wine")


def test_values_become_plain(result: Any) -> None:
    filled = result()
    for name, value in {
        "tensor": torch.tensor([1.5, 2.0]),
        "number": np.float32(0.5),
        "count": np.int64(3),
        "shape": (3, 2),
        "flag": np.bool_(True),
        "nothing": None,
    }.items():
        filled.measure(name, value)
    values = {name: m.estimate.value for name, m in filled.measurements.items()}
    assert values == {
        "tensor": [1.5, 2.0],
        "number": 0.5,
        "count": 3,
        "shape": [3, 2],
        "flag": True,
        "nothing": None,
    }
    assert type(values["flag"]) is bool
    with pytest.raises(TypeError, match="Result of tiny: value must be a bool, a number"):
        filled.measure("object", object())


def test_what_is_given_twice_or_unknown(result: Any) -> None:
    filled = result()
    filled.measure("value", Estimate(1.0))
    with pytest.raises(ValueError, match="Result of tiny: id must be given once, got 'value'"):
        filled.measure("value", 2.0)
    with pytest.raises(
        ValueError, match="Result of tiny: control must be one of 'sound', 'broken'"
    ):
        filled.control("other", 1.0)
    with pytest.raises(ValueError, match="Result of tiny: id must be one of 'small', 'sound'"):
        filled.skip("other", "why not")


def test_figures_need_words_and_even_columns(result: Any) -> None:
    filled = result()

    def draw(ax: Any, theme: Any) -> None:
        ax.plot([0, 1], color=theme.color(0))

    with pytest.raises(ValueError, match="Result of tiny, line: alt must be a text, got ''"):
        filled.figure("line", draw, title="Line")
    with pytest.raises(ValueError, match="Result of tiny: data must be columns of one length"):
        filled.figure("line", draw, title="Line", alt="A line.", data={"x": [0, 1], "y": [0]})
    filled.figure("line", draw, title="Line", alt="A line.", data={"x": np.arange(2)})
    assert filled.figures["line"].data == {"x": [0, 1]}


def test_a_display_describes_itself(result: Any) -> None:
    from gramian.plot import ClusterSizesDisplay

    filled = result()
    display = ClusterSizesDisplay.from_predictions(np.array([0, 0, 1]))
    filled.figure("sizes", display, title="Sizes")
    assert filled.figures["sizes"].alt == display.describe()
