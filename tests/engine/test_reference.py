"""The slow truth, checked on tables small enough to do by hand, and its two exact forms."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian._config import Config
from gramian.engine import exact, reference
from gramian.engine.call import REDUCTIONS, Call
from gramian.pairwise._forms import FORMS

X = torch.tensor([[0.0], [3.0]])
Y = torch.tensor([[0.0], [1.0], [3.0], [3.0]])


def run(reduction: str, kernel: gm.PairFunction | None = None, **extra: object) -> object:
    kernel = gm.Euclidean() if kernel is None else kernel
    return reference.run(Call(reduction, X, Y, kernel, Config(), **extra))


def values(result: object) -> object:
    assert isinstance(result, Tensor | tuple)
    return result.tolist() if isinstance(result, Tensor) else [part.tolist() for part in result]


def test_every_reduction_has_a_reference() -> None:
    assert set(reference._REDUCTIONS) == set(REDUCTIONS)


def test_by_hand() -> None:
    assert values(run("block")) == [[0, 1, 3, 3], [3, 2, 0, 0]]
    assert values(run("product")) == [7, 5]
    weights = torch.tensor([[1.0, 0.0], [10.0, 1.0], [100.0, 0.0], [0.0, 0.0]])
    assert values(run("product", weights=weights)) == [[310, 1], [23, 2]]
    assert values(run("topk", k=3)) == [[[0, 1, 3], [0, 0, 2]], [[0, 1, 2], [2, 3, 1]]]
    assert values(run("topk", k=2, largest=True)) == [[[3, 3], [3, 2]], [[2, 3], [0, 1]]]
    assert values(run("count", radius=1.0)) == [2, 2]
    assert values(run("count", radius=1.0, weights=weights[:, 0])) == [11, 100]
    assert values(run("neighbors", radius=1.0)) == [[0, 2, 4], [0, 1, 2, 3], [0, 1, 0, 0]]
    sums = [math.log(sum(math.exp(t) for t in row)) for row in ((0, 1, 3, 3), (3, 2, 0, 0))]
    assert values(run("logsumexp")) == pytest.approx(sums)


def test_weighted_mean_by_hand() -> None:
    kernel = gm.Triangular(2.0)
    weights = torch.tensor([[8.0], [2.0], [5.0], [7.0]])
    found = values(run("weighted_mean", kernel, weights=weights))
    assert found == [pytest.approx([(8 + 1) / 1.5]), pytest.approx([6.0])]


def test_kernels_that_underflow_are_ordered_by_distance() -> None:
    found = values(run("topk", gm.Gaussian(1e-3), k=3, largest=True))
    assert found == [[[1, 0, 0], [1, 1, 0]], [[0, 1, 2], [2, 3, 1]]]


def test_logarithms_outlive_underflow() -> None:
    assert values(run("block", gm.Gaussian(0.01).log()))[0][2] == pytest.approx(-45000)


@pytest.mark.parametrize("form", list(FORMS))
def test_tables_and_pairs_have_the_same_bits(form: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(2, 40, 37, generator=generator, dtype=torch.float64)
    x[0] = y[0] = 0
    tabled = exact.form_table(form, x, y)
    paired = exact.form_pairs(form, x.repeat_interleave(40, 0), y.repeat(40, 1))
    assert torch.equal(tabled.flatten(), paired)
    torch.testing.assert_close(tabled, FORMS[form](x, y))


def test_squares_are_summed_in_feature_order() -> None:
    """What contract 2 means by float64 brute force."""
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(2, 3, 50, generator=generator, dtype=torch.float64)
    for i in range(3):
        for j in range(3):
            total = 0.0
            for p, q in zip(x[i].tolist(), y[j].tolist(), strict=True):
                total += (p - q) * (p - q)
            assert exact.form_table("squared_euclidean", x, y)[i, j].item() == total


@pytest.mark.parametrize("size", [1, 3, 63, 64, 65, 1000])
def test_finished_entries_do_not_depend_on_their_place(size: int) -> None:
    kernel = gm.Gaussian(0.7)
    t = torch.rand(1000, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    whole = exact.finished(kernel, t)
    for start in range(0, 1000 - size + 1, 97):
        assert torch.equal(
            exact.finished(kernel, t[start : start + size]), whole[start : start + size]
        )
    assert exact.finished(kernel, t.view(10, 100)).shape == (10, 100)
    torch.testing.assert_close(whole, kernel.entry(t))
