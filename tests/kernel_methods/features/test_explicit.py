"""Feature maps: their inner products are the kernel, or miss it by no more than they say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from gramian import (
    Gaussian,
    Linear,
    Polynomial,
    PolynomialMap,
    QuadraticMap,
    TaylorGaussianMap,
    check_feature_map,
)


def rows(n: int, d: int, *, seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(n, d, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("offset", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("scale", [0.3, 1.0])
@pytest.mark.parametrize(("degree", "d"), [(1, 4), (2, 1), (2, 7), (3, 5), (5, 3)])
def test_polynomial_features_are_the_kernel(
    degree: int, d: int, scale: float, offset: float
) -> None:
    x = rows(30, d)
    features = PolynomialMap(degree, offset, scale)
    kernel = Polynomial(degree, offset, scale)
    greatest = float(kernel.forward(x, x).abs().max())
    assert check_feature_map(features, kernel, x) < 1e-13 * greatest
    assert features.transform(x).shape == (30, features.dimension(d))
    assert features.multi_indices(d).shape == (features.dimension(d), d)
    assert torch.linalg.matrix_rank(features.transform(rows(400, d))) == features.dimension(d)


def test_columns_are_named_by_their_multi_indices() -> None:
    features, x = PolynomialMap(degree=3, offset=2.0), rows(6, 2)
    found = features.multi_indices(2)
    assert found.tolist()[:6] == [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]]
    for column, (i, j) in zip(features.transform(x).T, found.tolist(), strict=True):
        ways = math.factorial(3) / (
            math.factorial(i) * math.factorial(j) * math.factorial(3 - i - j)
        )
        weight = math.sqrt(ways * 2.0 ** (3 - i - j))
        torch.testing.assert_close(column, weight * x[:, 0] ** i * x[:, 1] ** j)


def test_the_quadratic_map_is_the_one_of_the_books() -> None:
    x = rows(100, 100)
    found = QuadraticMap().transform(x)
    assert found.shape == (100, 5151)
    torch.testing.assert_close(found[:, 0], torch.ones(100, dtype=torch.float64))
    torch.testing.assert_close(found[:, 1:101], math.sqrt(2) * x)
    torch.testing.assert_close(found[:, 101], x[:, 0] ** 2)
    torch.testing.assert_close(found[:, 102], math.sqrt(2) * x[:, 0] * x[:, 1])
    torch.testing.assert_close(found @ found.T, (1 + x @ x.T) ** 2, rtol=1e-10, atol=1e-10)
    assert int(torch.linalg.matrix_rank(QuadraticMap().transform(rows(60, 5)))) == 21


def test_polynomial_features_agree_with_those_of_the_kernel() -> None:
    x = rows(20, 3)
    torch.testing.assert_close(
        PolynomialMap(3, 0.5, 2.0).transform(x), Polynomial(3, 0.5, 2.0).feature_map(x)
    )


@pytest.mark.parametrize("bandwidth", [0.7, 2.0])
@pytest.mark.parametrize(("degree", "d"), [(0, 2), (3, 1), (8, 2), (12, 3)])
def test_the_taylor_error_is_below_its_bound(degree: int, d: int, bandwidth: float) -> None:
    x = rows(40, d, scale=0.8)
    features = TaylorGaussianMap(degree, bandwidth)
    error = check_feature_map(features, Gaussian(bandwidth), x)
    bound = features.error_bound(x)
    # the longest row with itself reaches the bound
    assert error == pytest.approx(bound, rel=1e-6, abs=1e-14)
    y = 0.5 * rows(30, d, seed=1)
    cross = features.transform(x) @ features.transform(y).T - Gaussian(bandwidth).forward(x, y)
    assert float(cross.abs().max()) <= features.error_bound(x, y) + 1e-14
    assert features.transform(x).shape == (40, features.dimension(d))
    assert features.multi_indices(d).sum(1).max() == degree


def test_one_hundred_terms_are_not_enough_and_171_are() -> None:
    x = torch.linspace(0, 100, 401, dtype=torch.float64)[:, None]
    short, long = TaylorGaussianMap(99, 10.0), TaylorGaussianMap(170, 10.0)
    end = short.transform(x[-1:])
    assert float(end @ end.T) == pytest.approx(0.487, abs=1e-3)
    assert check_feature_map(long, Gaussian(10.0), x) < 1e-9


def test_no_degree_overflows() -> None:
    x = torch.tensor([[60.0], [-60.0], [0.0]])
    features = TaylorGaussianMap(4200)
    found = features.transform(x.double())
    assert torch.isfinite(found).all()
    torch.testing.assert_close(
        found @ found.T, torch.eye(3, dtype=torch.float64), atol=1e-9, rtol=0
    )
    assert features.error_bound(x) < 1e-12
    assert features.transform(x).dtype == torch.float32


def test_a_wrong_map_is_found() -> None:
    x = rows(30, 3)

    class Forgetful(QuadraticMap):
        def transform(self, x: Any) -> Any:
            found = super().transform(x).clone()
            found[:, 1:4] /= math.sqrt(2)
            return found

    assert check_feature_map(Forgetful(), Polynomial(2), x) > 0.1
    assert check_feature_map(QuadraticMap(), Linear(), x) > 0.1


def test_arrays_and_gradients_go_through() -> None:
    x = rows(5, 2)
    for features in (PolynomialMap(), TaylorGaussianMap(4)):
        as_array = features.transform(x.numpy().astype(np.float32))
        assert isinstance(as_array, np.ndarray)
        assert as_array.dtype == np.float32
        leaf = x.clone().requires_grad_()
        assert torch.autograd.gradcheck(features.transform, leaf)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda: PolynomialMap(degree=0),
            ValueError,
            r"PolynomialMap: degree must be an int in \[1",
        ),
        (lambda: PolynomialMap(degree=2.0), TypeError, "PolynomialMap: degree must be an int"),
        (
            lambda: PolynomialMap(offset=-1.0),
            ValueError,
            "PolynomialMap: offset must be .* no real",
        ),
        (lambda: PolynomialMap(scale=0.0), ValueError, "PolynomialMap: scale must be"),
        (
            lambda: QuadraticMap(degree=3),
            ValueError,
            r"QuadraticMap: degree must be an int in \[2, 2",
        ),
        (lambda: TaylorGaussianMap(degree=-1), ValueError, "TaylorGaussianMap: degree must be"),
        (lambda: TaylorGaussianMap(bandwidth=0), ValueError, "TaylorGaussianMap: bandwidth must"),
        (lambda: PolynomialMap().dimension(0), ValueError, "dimension: n_features must be an int"),
        (lambda: PolynomialMap().transform(np.ones(3)), ValueError, "transform: x must have shape"),
        (
            lambda: TaylorGaussianMap().transform(torch.tensor([[torch.nan]])),
            ValueError,
            "TaylorGaussianMap.transform: x must be finite",
        ),
        (
            lambda: check_feature_map(QuadraticMap(), Linear(), np.array([[np.inf]])),
            ValueError,
            "check_feature_map: x must be finite",
        ),
    ],
)
def test_bad_input_is_refused(make: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()
