"""Equivariance of every layer, in float64, over every element of several groups."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from gramian.symmetry import (
    Action,
    CircularConv1d,
    CircularConv2d,
    ComplexCells,
    Cyclic,
    DeepSet,
    Dihedral,
    EquivariantLinear,
    FiniteGroup,
    GroupConv,
    Product,
    SetPool,
    SimpleCells,
    Symmetric,
    Translation,
    cyclic_shifts,
    pixel_flips,
    pixel_turns,
    small_groups,
    square_symmetries,
)

SEEDS = st.integers(0, 2**31)
TIGHT = {"rtol": 0.0, "atol": 1e-12}


def drawn(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def assert_equivariant(layer: nn.Module, x: Tensor, action: Action, output: Action) -> None:
    """layer(gx) = g layer(x) for every g; the group moves the last axis of both."""
    images, found = action.orbit(x), layer(x)
    for g in range(action.group.order):
        torch.testing.assert_close(layer(images[g]), output.apply(g, found), **TIGHT)


def broken(layer: nn.Module) -> Any:
    """The layer with a bias for each place: no longer equivariant."""
    return lambda x: (y := layer(x)) + torch.linspace(0, 1, y.shape[-1], dtype=y.dtype)


def test_assert_equivariant_can_fail() -> None:
    action = cyclic_shifts(4)
    layer = EquivariantLinear(action, random_state=0).double()
    with pytest.raises(AssertionError):
        assert_equivariant(broken(layer), drawn(0, 2, 1, 4), action, action)


GROUPS: list[FiniteGroup] = [
    Cyclic(1),
    Cyclic(7),
    Dihedral(4),
    Symmetric(4),
    Product(Cyclic(2), Cyclic(4)),
    *small_groups(8)[-2:],
    *small_groups(12)[-3:],
    small_groups(21)[-1],
]
ACTIONS: list[Action] = [
    *[group.natural() for group in GROUPS],
    Cyclic(5).plane(),
    Dihedral(6).plane(),
    pixel_turns(4),
    pixel_flips(2, 3),
    square_symmetries(3),
]


@given(st.sampled_from(ACTIONS), SEEDS)
def test_simple_cells_are_permuted_and_complex_cells_are_not(action: Action, seed: int) -> None:
    cells = SimpleCells(action, drawn(seed, 3, action.size))
    x = drawn(seed + 1, 2, action.size)
    assert_equivariant(cells, x, action, action.group.regular())
    complex_cells = ComplexCells(["square", "relu", torch.sin, "abs", "sigmoid", "tanh"])
    strongest = ComplexCells("identity", pool="max")
    for moved in action.orbit(x):
        torch.testing.assert_close(
            complex_cells(cells(moved)), complex_cells(cells(x)), rtol=1e-12, atol=1e-12
        )
        torch.testing.assert_close(strongest(cells(moved)), strongest(cells(x)), **TIGHT)


@given(st.sampled_from(GROUPS), SEEDS, st.booleans())
def test_group_convolutions(group: FiniteGroup, seed: int, bias: bool) -> None:
    layer = GroupConv(group, 2, 3, bias=bias, random_state=seed).double()
    action = group.regular()
    assert_equivariant(layer, drawn(seed, 4, 2, group.order), action, action)


PAIRS: list[tuple[Action, Action]] = [
    *[(action, action) for action in ACTIONS],
    *[(action, action.group.regular()) for action in ACTIONS],
    (Cyclic(6).natural(), Cyclic(6).plane()),
    (Dihedral(5).regular(), Dihedral(5).plane()),
    (Dihedral(5).natural(), Dihedral(5).trivial(3)),
]


@given(st.sampled_from(PAIRS), SEEDS)
def test_linear_layers_from_the_commutant(pair: tuple[Action, Action], seed: int) -> None:
    action, output = pair
    layer = EquivariantLinear(action, output, in_channels=2, out_channels=3, random_state=seed)
    layer = layer.double()
    x = drawn(seed, 4, 2, action.size)
    assert_equivariant(layer, x, action, output)
    dense = torch.einsum("oiab,nib->noa", layer.matrix, x)
    torch.testing.assert_close(layer(x) - layer(torch.zeros_like(x)), dense)


@given(st.sampled_from(["sum", "mean", "max"]), SEEDS, st.integers(1, 6))
def test_sets(pool: str, seed: int, n: int) -> None:
    layer = DeepSet(3, 4, pool=pool, random_state=seed).double()
    network = nn.Sequential(layer, nn.Mish(), DeepSet(4, 2, pool=pool).double())
    x = drawn(seed, 2, n, 3)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(network(x[:, order]), network(x)[:, order], **TIGHT)
    readout = SetPool(pool)
    torch.testing.assert_close(readout(network(x[:, order])), readout(network(x)), **TIGHT)


@given(st.sampled_from(["sum", "mean", "max"]), SEEDS)
def test_what_the_mask_leaves_out_plays_no_part(pool: str, seed: int) -> None:
    layer = DeepSet(3, 4, pool=pool, random_state=seed).double()
    x = drawn(seed, 3, 5, 3)
    mask = torch.tensor([[True, False, True, True, False], [False] * 4 + [True], [False] * 5])
    found = layer(x.masked_fill(~mask[..., None], 7.0), mask)
    pooled = SetPool(pool)(x.masked_fill(~mask[..., None], float("nan")), mask)
    for i in (0, 1):
        torch.testing.assert_close(found[i, mask[i]], layer(x[i, mask[i]]), **TIGHT)
        torch.testing.assert_close(pooled[i], SetPool(pool)(x[i, mask[i]]), **TIGHT)
    assert not bool(found[~mask].any())
    assert pooled[2].tolist() == [0.0, 0.0, 0.0]


@given(st.integers(1, 8), st.integers(1, 9), st.integers(1, 2), SEEDS)
def test_convolutions_on_a_circle(n: int, kernel: int, dilation: int, seed: int) -> None:
    kernel = min(kernel, n)
    layer = CircularConv1d(2, 3, kernel, dilation=dilation if kernel < n // 2 else 1).double()
    action = cyclic_shifts(n)
    assert_equivariant(layer, drawn(seed, 2, 2, n), action, action)


@given(st.integers(3, 6), st.integers(3, 6), st.integers(1, 3), SEEDS)
def test_convolutions_on_a_torus(height: int, width: int, kernel: int, seed: int) -> None:
    layer = CircularConv2d(1, 2, kernel).double()
    x = drawn(seed, 2, 1, height, width)
    for dy in range(height):
        for dx in range(width):
            g = Translation(dy, dx, wrap=True)
            torch.testing.assert_close(layer(g(x)), g(layer(x)), **TIGHT)
