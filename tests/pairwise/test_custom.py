"""Pair functions of the user's own, through every reduction."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import gramian as gm


class Canberra(gm.PairFunction):
    """Σ |x − y| / (|x| + |y|)."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        gap = (x[:, None] - y[None]).abs()
        return (gap / (x[:, None].abs() + y[None].abs())).sum(-1)


class Constant(gm.PairFunction):
    """One number for all pairs, in memory that every entry shares."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x.new_ones(()).expand(len(x), len(y))


class Same(gm.PairFunction):
    """Whether two rows are equal, as booleans."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return (x[:, None] == y[None]).all(-1)


class OneDimensional(gm.PairFunction):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x.sum(1)


class NotATensor(gm.PairFunction):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return 3.0


@pytest.fixture
def rows() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(2, 500, 2, generator=generator, dtype=torch.float64) + 0.1
    return x[:245], y


def test_every_reduction(rows: tuple[Tensor, Tensor]) -> None:
    x, y = rows
    G, table = gm.Gram(x, y, Canberra()), Canberra().forward(x, y)
    v = torch.rand(500, 3, dtype=torch.float64)
    radius = float(table.quantile(0.1))
    torch.testing.assert_close(G.dense(), table)
    torch.testing.assert_close(G.block([3, 1], slice(2, 9)), table[[3, 1], 2:9])
    torch.testing.assert_close(G @ v, table @ v)
    torch.testing.assert_close(G.logsumexp(), table.logsumexp(1))
    torch.testing.assert_close(G.weighted_mean(v), table @ v / table.sum(1, keepdim=True))
    torch.testing.assert_close(G.topk(4)[0], table.topk(4, largest=False).values)
    assert torch.equal(G.argmax(), table.argmax(1))
    inside = table <= radius
    assert torch.equal(G.count(radius), inside.sum(1))
    indptr, indices, values = G.neighbors(radius)
    assert torch.equal(indptr.diff(), inside.sum(1))
    assert torch.equal(indices, inside.nonzero()[:, 1])
    torch.testing.assert_close(values, table[inside])
    torch.testing.assert_close(gm.Gram(x, kernel=Canberra()).trace(), x.new_zeros(()))
    torch.testing.assert_close(G.diagonal(), table.diagonal())


def test_gradients(rows: tuple[Tensor, Tensor]) -> None:
    x, y = rows[0][:5].clone().requires_grad_(), rows[1][:130]
    (found,) = torch.autograd.grad(gm.Gram(x, y, Canberra()).sum().square().sum(), x)
    (expected,) = torch.autograd.grad(Canberra().forward(x, y).sum(1).square().sum(), x)
    torch.testing.assert_close(found, expected)


def test_compositions(rows: tuple[Tensor, Tensor]) -> None:
    x, y = rows
    function = 2.0 * Canberra() + gm.Gaussian(1.0) * Canberra().exp()
    torch.testing.assert_close(gm.Gram(x, y, function).dense(), function.forward(x, y))


def test_shared_memory_and_booleans_are_taken(rows: tuple[Tensor, Tensor]) -> None:
    x, y = (part.float() for part in rows)
    assert bool((gm.Gram(x, y, Constant()) @ torch.ones(500) == 500).all())
    assert bool((gm.Gram(x, x.clone(), Same()) @ torch.ones(245) == 1).all())


@pytest.mark.parametrize(
    ("function", "got"), [(OneDimensional(), "got (240,)"), (NotATensor(), "got float")]
)
def test_a_wrong_result_is_named(
    function: gm.PairFunction, got: str, rows: tuple[Tensor, Tensor]
) -> None:
    with pytest.raises(ValueError, match="forward: the result must be a tensor of shape") as caught:
        gm.Gram(*rows, function).sum()
    assert str(caught.value).startswith(type(function).__name__)
    assert got in str(caught.value)


def test_nan_is_found_here_too(rows: tuple[Tensor, Tensor]) -> None:
    x, y = rows
    broken = y.clone()
    broken[321, 1] = torch.nan
    with pytest.raises(ValueError, match="y must be finite, got NaN or infinity in row 321"):
        gm.Gram(x, broken, Canberra()).sum()


def test_its_name_is_shown() -> None:
    assert repr(2.0 * Canberra()) == "Scaled(scale=2.0, part=Canberra())"
