"""What the layers compute, against sums written out, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gramian.symmetry import (
    CircularConv1d,
    CircularConv2d,
    ComplexCells,
    Cyclic,
    DeepSet,
    Dihedral,
    EquivariantLinear,
    GroupConv,
    SetPool,
    SimpleCells,
    Symmetric,
    commutant,
    cyclic_shifts,
    small_groups,
)

D4 = Dihedral(4)


def drawn(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def test_a_deep_set_is_lambda_plus_gamma() -> None:
    layer = DeepSet(1, 1, bias=False).double()
    n, (lam, gam) = 6, (0.25, 0.4)
    with torch.no_grad():
        layer.elementwise.fill_(lam)
        layer.pooling.fill_(gam)
    x = drawn(3, n)
    matrix = lam * torch.eye(n, dtype=torch.float64) + gam * torch.ones(n, n, dtype=torch.float64)
    torch.testing.assert_close(layer(x[..., None])[..., 0], x @ matrix)
    # and these are all of them
    span = commutant(Symmetric(n).natural()).flatten(1)
    torch.testing.assert_close(span.T @ (span @ matrix.flatten()), matrix.flatten())


def test_the_pools_of_a_deep_set() -> None:
    x = drawn(2, 4, 3)
    for pool, value in (("sum", x.sum(1)), ("mean", x.mean(1)), ("max", x.max(1).values)):
        layer = DeepSet(3, 2, pool=pool).double()
        truth = x @ layer.elementwise.T + layer.bias + (value @ layer.pooling.T)[:, None]
        torch.testing.assert_close(layer(x), truth)
        torch.testing.assert_close(SetPool(pool)(x), value)


def test_simple_cells_are_products_with_moved_templates() -> None:
    templates, x = drawn(3, 4), drawn(5, 4)
    action = D4.natural()
    s = SimpleCells(action, templates)(x)
    assert s.shape == (5, 3, 8)
    for g in range(8):
        for i in range(3):
            torch.testing.assert_close(s[:, i, g], x @ action.apply(g, templates[i]))


def test_a_missing_element_breaks_complex_cells() -> None:
    action = cyclic_shifts(4)
    cells, pool = SimpleCells(action, drawn(3, 4)), ComplexCells("square")
    x = drawn(5, 4)
    moved = action.apply(1, x)
    torch.testing.assert_close(pool(cells(moved)), pool(cells(x)))
    lacking = pool(cells(moved)[..., :-1]) - pool(cells(x)[..., :-1])
    assert float(lacking.detach().abs().max()) > 0.1


def test_complex_cells_pool_after_the_nonlinearity() -> None:
    s = drawn(2, 3, 4)
    found = ComplexCells(["relu", torch.square, "identity", "abs", "sigmoid", "tanh"])(s)
    truth = [s.relu(), s.square(), s, s.abs(), s.sigmoid(), s.tanh()]
    torch.testing.assert_close(found, torch.stack([t.sum(-1) for t in truth], -1))
    for pool, value in (("mean", s.square().mean(-1)), ("max", s.square().max(-1).values)):
        torch.testing.assert_close(ComplexCells(pool=pool)(s)[..., 0], value)


@pytest.mark.parametrize("group", [D4, Cyclic(5), small_groups(21)[-1]], ids=repr)
def test_a_group_convolution_is_its_sum(group: Any) -> None:
    layer = GroupConv(group, 2, 3, random_state=0).double()
    x = drawn(4, 2, group.order)
    y = layer(x)
    for g in range(group.order):
        total = layer.bias.expand(4, -1)
        for h in range(group.order):
            place = int(group.table[group.inverses[g], h])
            total = total + x[:, :, h] @ layer.weight[:, :, place].T
        torch.testing.assert_close(y[:, :, g], total)


def test_group_convolutions_are_all_there_is() -> None:
    layer = GroupConv(D4, 1, 1, bias=False).double()
    span = commutant(D4.regular()).flatten(1)
    assert len(span) == layer.weight.numel() == 8
    matrix = layer(torch.eye(8, dtype=torch.float64)[:, None])[:, 0].T
    torch.testing.assert_close(span.T @ (span @ matrix.flatten()), matrix.flatten())


def test_on_a_cyclic_group_it_is_a_circular_convolution() -> None:
    n, x = 7, drawn(3, 2, 7)
    layer = GroupConv(Cyclic(n), 2, 4, random_state=0).double()
    circle = CircularConv1d(2, 4, n).double()
    with torch.no_grad():
        # torch's kernel has its centre in the middle, ours at the identity
        circle.weight.copy_(layer.weight.roll((n - 1) // 2, -1))
        circle.bias.copy_(layer.bias)
    torch.testing.assert_close(layer(x), circle(x))
    shared = EquivariantLinear(cyclic_shifts(n), in_channels=2, out_channels=4).double()
    assert shared.weight.shape == (4, 2, n)
    with torch.no_grad():
        shared.weight.copy_(layer.weight)  # A[i, j] = ψ(j − i), numbered along the first row
        shared.bias.copy_(layer.bias[:, None])
    torch.testing.assert_close(shared(x), layer(x))


def test_a_bias_is_there_only_where_a_vector_stands_still() -> None:
    plane = Cyclic(6).plane()
    assert EquivariantLinear(plane).bias is None
    layer = EquivariantLinear(plane, Cyclic(6).natural(), out_channels=3)
    assert layer.bias is not None
    assert layer.bias.shape == (3, 1)
    assert EquivariantLinear(D4.natural(), bias=False).bias is None


@pytest.mark.parametrize(
    "action", [cyclic_shifts(16), Dihedral(8).plane(), Dihedral(8).natural()], ids=repr
)
def test_first_weights_are_as_large_as_those_of_a_dense_layer(action: Any) -> None:
    layer = EquivariantLinear(action, in_channels=40, out_channels=40, random_state=0)
    fan_in = 40 * action.size
    assert float(layer.matrix.detach().square().mean()) == pytest.approx(1 / (3 * fan_in), rel=0.2)


LAYERS: dict[str, Callable[[int], nn.Module]] = {
    "DeepSet": lambda seed: DeepSet(3, 4, random_state=seed),
    "SimpleCells": lambda seed: SimpleCells(D4.natural(), 3, random_state=seed),
    "GroupConv": lambda seed: GroupConv(D4, 2, 3, random_state=seed),
    "EquivariantLinear": lambda seed: EquivariantLinear(D4.natural(), random_state=seed),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_seed_gives_the_same_weights_and_nothing_else_is_drawn(name: str) -> None:
    state = torch.get_rng_state()
    first, second, other = (list(LAYERS[name](seed).parameters()) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("name", LAYERS)
def test_weights_come_back_from_a_state(name: str) -> None:
    layer, other = LAYERS[name](1), LAYERS[name](2)
    other.load_state_dict(layer.state_dict())
    assert {k for k, _ in layer.named_parameters()} == set(layer.state_dict())
    assert repr(layer).startswith(f"{name}(")
    assert all(
        torch.equal(a, b)
        for a, b in zip(*map(list, (layer.parameters(), other.parameters())), strict=True)
    )


def test_training_reaches_every_weight() -> None:
    net = nn.Sequential(
        SimpleCells(D4.natural(), 3, random_state=0),
        nn.ReLU(),
        GroupConv(D4, 3, 5, random_state=0),
        ComplexCells(["square", "relu"]),
    ).double()
    net(drawn(6, 4)).square().sum().backward()
    assert all(bool(p.grad.any()) for p in net.parameters() if p.grad is not None)
    assert all(p.grad is not None for p in net.parameters())


CASES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "set sizes": (lambda: DeepSet(0, 1), ValueError, "DeepSet: in_features must be an int in"),
    "set pool": (lambda: DeepSet(1, 1, pool="min"), ValueError, "DeepSet: pool must be one of"),
    "set features": (
        lambda: DeepSet(3, 1)(torch.ones(2, 4)),
        ValueError,
        r"DeepSet: x must have shape \(..., 3\), the last being in_features, got \(2, 4\)",
    ),
    "mask": (
        lambda: DeepSet(3, 1)(torch.ones(2, 4, 3), torch.ones(2, 4)),
        ValueError,
        r"DeepSet: mask must be bool of shape \(2, 4\), got torch.float32 of shape \(2, 4\)",
    ),
    "pool": (lambda: SetPool("min"), ValueError, "SetPool: pool must be one of 'sum', 'mean'"),
    "pool mask": (
        lambda: SetPool()(torch.ones(2, 4, 3), torch.ones(2, dtype=torch.bool)),
        ValueError,
        r"SetPool: mask must be bool of shape \(2, 4\)",
    ),
    "templates": (
        lambda: SimpleCells(D4.natural(), torch.ones(2, 3)),
        ValueError,
        r"SimpleCells: templates must have shape \(m, 4\), got \(2, 3\)",
    ),
    "no templates": (lambda: SimpleCells(D4.natural(), 0), ValueError, "templates must be an int"),
    "cells": (
        lambda: SimpleCells(D4.natural(), 1)(torch.ones(3)),
        ValueError,
        r"SimpleCells: x must have shape \(..., 4\)",
    ),
    "sigma": (lambda: ComplexCells("cos"), ValueError, "ComplexCells: nonlinearities must be one"),
    "no sigma": (lambda: ComplexCells([]), ValueError, "nonlinearities must be at least one, got"),
    "complex pool": (lambda: ComplexCells(pool="min"), ValueError, "ComplexCells: pool must be"),
    "channels": (lambda: GroupConv(D4, 0, 1), ValueError, "GroupConv: in_channels must be an int"),
    "group shape": (
        lambda: GroupConv(D4, 2, 1)(torch.ones(3, 1, 8)),
        ValueError,
        r"GroupConv: x must have shape \(..., 2, 8\), .*, got \(3, 1, 8\)",
    ),
    "kernel": (lambda: CircularConv1d(1, 1, 0), ValueError, "CircularConv1d: kernel_size must be"),
    "pair": (lambda: CircularConv2d(1, 1, (3, 3)), TypeError, "CircularConv2d: kernel_size must"),
    "only zero": (
        lambda: EquivariantLinear(Cyclic(6).plane(), Cyclic(6).trivial()),
        ValueError,
        "EquivariantLinear: output must be .* between which only 0 is equivariant",
    ),
    "linear shape": (
        lambda: EquivariantLinear(D4.natural())(torch.ones(4)),
        ValueError,
        r"EquivariantLinear: x must have shape \(..., 1, 4\), .*, got \(4,\)",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message(name: str) -> None:
    call, error, message = CASES[name]
    with pytest.raises(error, match=message):
        call()
