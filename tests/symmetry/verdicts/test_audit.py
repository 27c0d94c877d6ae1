"""Every layer against every transform: the table, the controls and the picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gramian.plot import AuditDisplay
from gramian.symmetry import Flip, Translation, audit, holm, invariance_test

LAYERS = ["conv", "relu", "pool", "flat", "fc"]


def network() -> nn.Sequential:
    """Circular convolution, pooled over all places: equivariant, then invariant, to shifts."""
    torch.manual_seed(0)
    net = nn.Sequential()
    net.add_module("conv", nn.Conv2d(1, 6, 3, padding=1, padding_mode="circular"))
    net.add_module("relu", nn.ReLU())
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flat", nn.Flatten())
    net.add_module("fc", nn.Linear(6, 4))
    return net


def images(n: int = 60) -> Tensor:
    g = torch.Generator().manual_seed(1)
    return torch.rand(n, 1, 8, 8, generator=g) * torch.linspace(0.2, 2, 8)


def shift(x: Tensor) -> Tensor:
    return x.roll(3, -1)


def flip(x: Tensor) -> Tensor:
    return x.flip(-1)


SHIFTS = [lambda x, k=k: x.roll(k, -1) for k in range(8)]


@pytest.fixture(scope="module")
def found() -> Any:
    return audit(
        network(),
        images(),
        {"shift": shift, "flip": flip},
        actions={"shift": shift},
        groups={"shift": SHIFTS},
        random_state=0,
    )


def test_each_layer_gets_its_verdict(found: Any) -> None:
    verdicts = {(r.layer, r.transform, r.result.kind): r.verdict for r in found.rows}
    assert list(dict.fromkeys(row.layer for row in found.rows)) == LAYERS
    for layer in ("conv", "relu"):
        assert verdicts[layer, "shift", "equivariance"] == "invariant"
        assert verdicts[layer, "shift", "invariance"] == "not invariant"
    for layer in ("pool", "flat", "fc"):
        assert verdicts[layer, "shift", "invariance"] == "invariant"
    assert all(verdicts[layer, "flip", "invariance"] != "invariant" for layer in LAYERS[:2])
    assert ("conv", "flip", "equivariance") not in verdicts
    assert ("fc", "shift", "equivariance") not in verdicts


def test_controls_come_with_the_table(found: Any) -> None:
    conv = next(row for row in found.rows if row.layer == "conv" and row.transform == "shift")
    assert conv.result.kind == "invariance"
    assert conv.negative > 0.5
    assert conv.positive < 1e-4
    flipped = next(row for row in found.rows if row.layer == "conv" and row.transform == "flip")
    assert flipped.positive is None


def test_pvalues_are_adjusted_over_all_rows(found: Any) -> None:
    plain = [row.result.pvalue for row in found.rows]
    assert [row.pvalue for row in found.rows] == pytest.approx(holm(plain).tolist())
    assert len(found.rows) == 5 * 2 + 3


def test_a_row_is_what_the_test_alone_finds(found: Any) -> None:
    net = network()
    alone = invariance_test(lambda x: net.conv(x).detach(), images(), flip, random_state=0)
    row = next(r for r in found.rows if r.layer == "conv" and r.transform == "flip")
    assert row.result.ratio == pytest.approx(alone.ratio, rel=1e-5)
    assert row.result.interval == pytest.approx(alone.interval, rel=0.05)


def test_many_tests_make_a_claim_harder() -> None:
    x = images(12)
    noise = [torch.randn(x.shape, generator=torch.Generator().manual_seed(k)) for k in range(8)]
    transforms = {f"noise {k}": lambda z, e=e: z + 0.04 * e for k, e in enumerate(noise)}
    net = nn.Sequential(nn.Flatten())
    common: dict[str, Any] = {"delta": 0.2, "n_permutations": 99, "random_state": 0}
    one = audit(net, x, {"noise 0": transforms["noise 0"]}, **common)
    many = audit(net, x, transforms, **common)
    assert one.rows[0].verdict == "invariant"
    assert many.rows[0].verdict == "undecided"  # 8 · 0.01 is more than 0.05


def test_a_dead_layer_is_undecided_and_does_not_stop_the_audit() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    with torch.no_grad():
        net[1].weight.zero_()
    found = audit(net, images(20), {"flip": flip}, n_permutations=99, random_state=0)
    assert [row.verdict for row in found.rows][1] == "undecided"
    assert math.isnan(found.rows[1].result.ratio)
    found.display().plot().figure_.draw_without_rendering()


def test_image_transforms_bring_their_floor() -> None:
    found = audit(
        network(),
        images(20),
        {"turn": Flip(), "half a pixel": Translation(0.0, 0.5)},
        ["conv"],
        negative_control=False,
        n_permutations=99,
        random_state=0,
    )
    exact, soft = (row.result.floor for row in found.rows)
    assert exact == 0
    assert soft is not None
    assert soft > 0
    assert found.rows[0].negative is None


def test_the_table_has_every_number(found: Any) -> None:
    table = found.table()
    assert table.height == len(found.rows)
    assert set(table.columns) >= {"layer", "transform", "verdict", "ratio", "lower", "upper"}
    assert table["pvalue_holm"].min() >= table["pvalue"].min()
    assert str(found).count("\n") == len(found.rows) - 1


def test_the_picture_says_what_the_table_says(found: Any) -> None:
    display = found.display()
    assert display.plot() is display
    display.figure_.draw_without_rendering()
    assert "5 layers under 3 transforms" in display.describe()
    assert "shift, equivariance" in display.transforms
    columns = display.columns()
    assert columns["verdict"] == [row.verdict for row in found.rows]
    assert len({len(column) for column in columns.values()}) == 1
    assert set(display.themed()) == {"light", "dark"}


@pytest.mark.parametrize("m", [1, 60])
def test_pictures_of_any_size(m: int) -> None:
    values = np.linspace(0, 1.2, m)
    names = [f"layer {i} with a rather long name $x_2$" for i in range(m)]
    display = AuditDisplay.from_predictions(
        names, ["turn"] * m, values, values - 0.1, values + 0.1, verdicts=["undecided"] * m
    )
    display.plot().figure_.draw_without_rendering()
    assert display.describe().endswith(".")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"transforms": {}}, "audit: transforms must be at least one named map"),
        ({"actions": {"turn": flip}}, r"audit: actions must be a mapping whose names are among"),
        ({"groups": {"turn": [flip]}}, r"audit: groups must be a mapping whose names are among"),
        ({"layers": ["nope"]}, "activations: layers must be names of this model"),
        ({"delta": 0.0}, "audit: delta must be a finite number"),
        ({"n_permutations": 1}, "audit: n_permutations must be an int"),
    ],
)
def test_bad_input_is_refused(arguments: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"transforms": {"flip": flip}} | arguments
    with pytest.raises(ValueError, match=message):
        audit(network(), images(10), **given)


def test_bad_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="verdicts must be of length 1, got 0"):
        AuditDisplay.from_predictions(["a"], ["b"], [0.1], [0.0], [0.2], verdicts=[])
    with pytest.raises(ValueError, match="delta must be a finite number"):
        AuditDisplay.from_predictions(["a"], ["b"], [0.1], [0], [0.2], verdicts=["x"], delta=0.9)
