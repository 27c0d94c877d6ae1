"""Bandwidths and periods, one or one per feature; extremes; every message."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.pairwise.formulas import CASES, Case, every_falling_case, points

import gramian as gm
from gramian.pairwise._base import Elementary
from gramian.pairwise._forms import FORMS

BANDED = (
    gm.Gaussian,
    gm.Laplacian,
    gm.Matern,
    gm.RationalQuadratic,
    gm.Tophat,
    gm.Epanechnikov,
    gm.Exponential,
    gm.Triangular,
    gm.CosineWindow,
)


@pytest.mark.parametrize("kind", BANDED)
@pytest.mark.parametrize("container", [list, np.array, torch.tensor], ids=lambda c: c.__name__)
def test_a_bandwidth_per_feature_divides_the_features(
    kind: type[Elementary], container: Callable[[list[float]], object]
) -> None:
    h = [0.5, 2.0, 1.25]
    x, y = points(CASES[0], 5), points(CASES[0], 6, seed=1)
    kernel = kind(container(h))
    scaled = torch.tensor(h, dtype=torch.float64)
    expected = kind(1.0).forward(x / scaled, y / scaled)
    torch.testing.assert_close(kernel.forward(x, y), expected, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(gm.Gram(x, y, kernel).dense(), expected, rtol=1e-9, atol=1e-12)
    t = FORMS[kernel.form](kernel.embed(x), kernel.embed(y))
    torch.testing.assert_close(kernel.entry_(t.clone()), kernel.entry(t))


def test_a_period_per_feature() -> None:
    x, y = points(CASES[0], 5, 2), points(CASES[0], 6, 2, seed=1)
    found = gm.Periodic(0.9, period=[0.5, 2.0]).forward(x, y)
    each = [gm.Periodic(0.9, p).forward(x[:, [f]], y[:, [f]]) for f, p in enumerate((0.5, 2.0))]
    torch.testing.assert_close(found, each[0] * each[1])


@pytest.mark.parametrize("kind", [*BANDED, gm.Periodic, gm.Chi2])
def test_a_tensor_bandwidth_is_a_number(kind: type[Elementary]) -> None:
    x, y = points(CASES[0], 5).abs(), points(CASES[0], 6, seed=1).abs()
    as_tensor = kind(torch.tensor(1.5, dtype=torch.float64))
    torch.testing.assert_close(as_tensor.forward(x, y), kind(1.5).forward(x, y))


@pytest.mark.parametrize("kind", [gm.Gaussian, gm.Laplacian, gm.Matern, gm.Epanechnikov])
@pytest.mark.parametrize("h", [1e-300, 1e-30, 1e30, 1e300])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_extreme_bandwidths_have_limits(
    kind: type[Elementary], h: float, dtype: torch.dtype
) -> None:
    t = torch.tensor([0.0, 1.0, 4.0], dtype=dtype)
    limit = [1.0, 0.0, 0.0] if h < 1 else [1.0, 1.0, 1.0]
    for found in (kind(h).entry(t), kind(h).entry_(t.clone())):
        assert found.tolist() == limit


def test_zero_rows_have_no_direction() -> None:
    x = torch.tensor([[0.0, 0.0], [3.0, 0.0], [-2.0, 0.0]])
    assert gm.CosineDistance().forward(x, x).tolist() == [[0, 1, 1], [1, 0, 2], [1, 2, 0]]
    assert gm.CosineSimilarity().forward(x, x).tolist() == [[0, 0, 0], [0, 1, -1], [0, -1, 1]]


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_directions_have_no_scale(factor: float) -> None:
    x, y = points(CASES[0], 5).float(), points(CASES[0], 6, seed=1).float()
    for metric in (gm.CosineDistance(), gm.CosineSimilarity()):
        torch.testing.assert_close(metric.forward(x * factor, y), metric.forward(x, y))


@every_falling_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_infinitely_far_is_not_nan(case: Case, dtype: torch.dtype) -> None:
    """Squares of far rows overflow."""
    t = torch.tensor([torch.inf], dtype=dtype)
    assert case.function.entry(t).item() == case.function.entry_(t.clone()).item() == 0
    assert not math.isnan(case.function.log_entry(t).item())


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: gm.Gaussian(0), ValueError, "Gaussian: bandwidth must be a finite number in (0,"),
        (lambda: gm.Gaussian(-1.0), ValueError, "got -1.0"),
        (lambda: gm.Gaussian(math.nan), ValueError, "got nan"),
        (lambda: gm.Gaussian("wide"), TypeError, "Gaussian: bandwidth must be"),
        (lambda: gm.Gaussian(True), TypeError, "got True"),
        (
            lambda: gm.Gaussian([1.0, 0.0]),
            ValueError,
            "Gaussian: bandwidth must be a positive number or one positive number per feature, "
            "got [1.0, 0.0].",
        ),
        (lambda: gm.Gaussian(torch.ones(2, 2)), ValueError, "tensor of shape (2, 2)"),
        (lambda: gm.Gaussian(torch.tensor(2)), ValueError, "torch.int64 tensor"),
        (
            lambda: gm.Chi2([1.0, 2.0]),
            ValueError,
            "Chi2: bandwidth must be a positive number, got a torch.float64 tensor of shape (2,).",
        ),
        (lambda: gm.Periodic([1.0, 2.0]), ValueError, "Periodic: bandwidth must be"),
        (lambda: gm.Periodic(1.0, period=0), ValueError, "Periodic: period must be"),
        (lambda: gm.Laplacian(norm="l3"), ValueError, "Laplacian: norm must be one of 'l1', 'l2'"),
        (lambda: gm.Matern(nu=1), ValueError, "Matern: nu must be one of 0.5, 1.5, 2.5, got 1."),
        (lambda: gm.RationalQuadratic(alpha=0), ValueError, "RationalQuadratic: alpha must be"),
        (lambda: gm.Polynomial(0), ValueError, "Polynomial: degree must be an int in [1, inf)"),
        (lambda: gm.Polynomial(2.5), TypeError, "Polynomial: degree must be an int"),
        (lambda: gm.Polynomial(offset=math.inf), ValueError, "Polynomial: offset must be"),
        (lambda: gm.Polynomial(scale=0), ValueError, "Polynomial: scale must be"),
        (lambda: gm.Sigmoid(scale=-1), ValueError, "Sigmoid: scale must be"),
        (lambda: gm.Sigmoid(offset="a"), TypeError, "Sigmoid: offset must be"),
        (
            lambda: gm.Polynomial(2, offset=-1.0).feature_map(torch.ones(1, 1)),
            ValueError,
            "Polynomial.feature_map: offset must be non-negative, got -1.0.",
        ),
        (
            lambda: gm.Chi2().forward(torch.tensor([[1.0, -2.0]]), torch.ones(1, 2)),
            ValueError,
            "Chi2: features must be non-negative, got -2.",
        ),
        (
            lambda: gm.Gaussian([1.0, 2.0]).forward(torch.ones(1, 3), torch.ones(1, 3)),
            ValueError,
            "Gaussian: bandwidth must be one number or one per feature (3), got 2 numbers.",
        ),
    ],
)
def test_messages(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)
