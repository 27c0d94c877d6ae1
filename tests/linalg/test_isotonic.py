"""Blocks of isotonic regression: the compiled pass and scipy's, against a loop that merges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gramian import _core
from gramian.linalg import isotonic


@pytest.fixture(params=["compiled", "scipy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of finding the blocks."""
    if request.param == "scipy":
        monkeypatch.setattr(_core, "native", None)
    elif _core.native is None:
        pytest.skip("the compiled core is not built here")
    return request.param


def merged(row: np.ndarray) -> tuple[list[bool], list[float]]:
    """Merge any two neighbours that do not fall, until all do: begins, and means of blocks."""
    parts = [[float(value)] for value in row]
    mean = np.mean
    while True:
        rising = next((i for i, (a, b) in enumerate(pairwise(parts)) if mean(a) <= mean(b)), None)
        if rising is None:
            begins = [k == 0 for part in parts for k in range(len(part))]
            return begins, [float(mean(part)) for part in parts for _ in part]
        parts[rising : rising + 2] = [parts[rising] + parts[rising + 1]]


def table(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def check(values: Tensor) -> None:
    begins = isotonic.falling_blocks(values)
    means = isotonic.block_means(values, begins)
    for row, found, levels in zip(values, begins, means, strict=True):
        wanted, wanted_means = merged(row.double().numpy())
        assert found.tolist() == wanted
        np.testing.assert_allclose(levels, wanted_means, rtol=1e-6 if row.itemsize < 8 else 1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (30, 7), (5, 60), (200, 3)])
def test_blocks_and_their_means(shape: tuple[int, int], dtype: torch.dtype, way: str) -> None:
    check(table(*shape).to(dtype))


def test_rows_of_one_direction(way: str) -> None:
    up = torch.arange(1.0, 50.0, dtype=torch.float64)
    check(torch.stack([up, -up, torch.zeros_like(up), up % 3]))


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
def test_small_rows(row: list[int]) -> None:
    check(torch.tensor([row, row[::-1]], dtype=torch.float64))


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1e12, 1e307])
def test_the_scale_is_free(scale: float, way: str) -> None:
    values = table(40, 9).clamp(-4, 4) / 4
    assert torch.equal(isotonic.falling_blocks(values * scale), isotonic.falling_blocks(values))


def test_no_row_feels_another_or_the_threads(way: str) -> None:
    values = table(3000, 400, seed=1) - torch.linspace(0, 2, 400, dtype=torch.float64)
    whole = isotonic.falling_blocks(values)
    alone = torch.cat([isotonic.falling_blocks(row[None]) for row in values])
    assert torch.equal(whole, alone)
    torch.set_num_threads(1)
    assert torch.equal(isotonic.falling_blocks(values), whole)
    assert torch.equal(
        isotonic.block_means(values, whole),
        torch.stack(
            [isotonic.block_means(values[i : i + 1], whole[i : i + 1])[0] for i in range(3000)]
        ),
    )


def test_other_layouts(way: str) -> None:
    values = table(20, 30).T
    begins = isotonic.falling_blocks(values)
    assert torch.equal(begins, isotonic.falling_blocks(values.contiguous()))
    means = isotonic.block_means(values, begins.T.contiguous().T)
    assert torch.equal(means, isotonic.block_means(values.contiguous(), begins))


def test_no_rows(way: str) -> None:
    empty = torch.zeros(0, 4)
    begins = isotonic.falling_blocks(empty)
    assert begins.shape == isotonic.block_means(empty, begins).shape == (0, 4)
