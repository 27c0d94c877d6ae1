"""Every metric and kernel against its formula, written as a loop, and against its promises."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance
from sklearn.gaussian_process import kernels as gp
from sklearn.metrics import pairwise
from torch import Tensor

import gramian as gm
from gramian.pairwise._base import Elementary
from gramian.pairwise._forms import FORMS

Row = Sequence[float]


def squares(a: Row, b: Row) -> float:
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))


def absolute(a: Row, b: Row) -> float:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def dot(a: Row, b: Row) -> float:
    return sum(p * q for p, q in zip(a, b, strict=True))


def cosine(a: Row, b: Row) -> float:
    lengths = math.sqrt(dot(a, a)) * math.sqrt(dot(b, b))
    return dot(a, b) / lengths if lengths else 0.0


def chi_squared(a: Row, b: Row) -> float:
    return sum((p - q) ** 2 / (p + q) for p, q in zip(a, b, strict=True) if p + q > 0)


def waves(a: Row, b: Row, period: float) -> float:
    return sum(math.sin(math.pi * (p - q) / period) ** 2 for p, q in zip(a, b, strict=True))


def matern(s: float, nu: float) -> float:
    polynomial = {0.5: 1.0, 1.5: 1 + s, 2.5: 1 + s + s * s / 3}[nu]
    return polynomial * math.exp(-s)


def window(profile: Callable[[float], float], h: float) -> Callable[[Row, Row], float]:
    """A profile of r = ‖a − b‖ / h that vanishes from r = 1 on."""

    def function(a: Row, b: Row) -> float:
        r = math.sqrt(squares(a, b)) / h
        return profile(r) if r < 1 else 0.0

    return function


@dataclass(frozen=True)
class Case:
    """One function, its formula, and what it accepts."""

    function: Elementary
    formula: Callable[[Row, Row], float]
    non_negative: bool = False

    def __str__(self) -> str:
        return repr(self.function)


def cases() -> list[Case]:
    """Every public metric and kernel, with parameters that are not the defaults."""
    root = math.sqrt
    return [
        Case(gm.SquaredEuclidean(), squares),
        Case(gm.Euclidean(), lambda a, b: root(squares(a, b))),
        Case(gm.Manhattan(), absolute),
        Case(gm.Chebyshev(), lambda a, b: max(abs(p - q) for p, q in zip(a, b, strict=True))),
        Case(gm.CosineDistance(), lambda a, b: 1 - cosine(a, b) if any(a) or any(b) else 0.0),
        Case(gm.Gaussian(1.7), lambda a, b: math.exp(-squares(a, b) / (2 * 1.7**2))),
        Case(gm.Laplacian(1.7), lambda a, b: math.exp(-absolute(a, b) / 1.7)),
        Case(gm.Laplacian(1.7, norm="l2"), lambda a, b: math.exp(-root(squares(a, b)) / 1.7)),
        *(
            Case(
                gm.Matern(1.7, nu=nu),
                lambda a, b, nu=nu: matern(root(2 * nu * squares(a, b)) / 1.7, nu),
            )
            for nu in (0.5, 1.5, 2.5)
        ),
        Case(
            gm.RationalQuadratic(1.7, alpha=0.6),
            lambda a, b: (1 + squares(a, b) / (2 * 0.6 * 1.7**2)) ** -0.6,
        ),
        Case(gm.Periodic(1.7, period=2.3), lambda a, b: math.exp(-2 * waves(a, b, 2.3) / 1.7**2)),
        Case(gm.Chi2(1.7), lambda a, b: math.exp(-chi_squared(a, b) / 1.7), non_negative=True),
        Case(gm.Tophat(2.1), window(lambda r: 1.0, 2.1)),
        Case(gm.Epanechnikov(2.1), window(lambda r: 1 - r * r, 2.1)),
        Case(gm.Exponential(2.1), lambda a, b: math.exp(-root(squares(a, b)) / 2.1)),
        Case(gm.Triangular(2.1), window(lambda r: 1 - r, 2.1)),
        Case(gm.CosineWindow(2.1), window(lambda r: math.cos(math.pi * r / 2), 2.1)),
        Case(gm.Linear(), dot),
        *(
            Case(
                gm.Polynomial(degree, offset=0.7, scale=0.4),
                lambda a, b, degree=degree: (0.4 * dot(a, b) + 0.7) ** degree,
            )
            for degree in (1, 2, 3, 4)
        ),
        Case(gm.Sigmoid(scale=0.3, offset=-0.2), lambda a, b: math.tanh(0.3 * dot(a, b) - 0.2)),
        Case(gm.CosineSimilarity(), cosine),
    ]


CASES = cases()
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_falling_case = pytest.mark.parametrize(
    "case", [case for case in CASES if case.function.order == -1], ids=str
)


def test_the_table_names_every_public_function() -> None:
    from gramian import pairwise as public

    listed = {type(case.function).__name__ for case in CASES}
    assert listed == set(public.__all__) - {"PairFunction"}


def points(case: Case, n: int, d: int = 3, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return x.abs() if case.non_negative else x


def loop(case: Case, x: Tensor, y: Tensor) -> Tensor:
    table = [[case.formula(a, b) for b in y.tolist()] for a in x.tolist()]
    return torch.tensor(table, dtype=torch.float64)


coordinate = st.integers(-40, 40).map(lambda k: k / 10)


@every_case
@given(data=st.data())
def test_formula(case: Case, data: st.DataObject) -> None:
    """Coarse coordinates, so that equal rows, zero rows and edges of windows abound."""
    d = data.draw(st.integers(1, 4))
    number = coordinate.map(abs) if case.non_negative else coordinate
    rows = st.lists(st.lists(number, min_size=d, max_size=d), min_size=1, max_size=4)
    x, y = (torch.tensor(data.draw(rows), dtype=torch.float64) for _ in range(2))
    found, expected = case.function.forward(x, y), loop(case, x, y)
    if isinstance(case.function, gm.Tophat):
        edge = (torch.cdist(x, y) - 2.1).abs() < 1e-9  # rounding decides there
        expected = torch.where(edge, found, expected)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-7)


@every_case
def test_paired_is_the_diagonal(case: Case) -> None:
    x, y = points(case, 6), points(case, 6, seed=1)
    found = case.function.paired(x, y)
    torch.testing.assert_close(found, case.function.forward(x, y).diagonal(), rtol=1e-14, atol=0)


@every_case
def test_log_forward_is_the_logarithm(case: Case) -> None:
    x, y = points(case, 6), points(case, 7, seed=1)
    entries = case.function.forward(x, y)
    found = case.function.log_forward(x, y)
    good = entries > 1e-12
    torch.testing.assert_close(found[good], entries[good].log(), rtol=1e-10, atol=1e-12)
    assert bool((found[entries == 0] == -torch.inf).all())


@every_falling_case
def test_the_logarithm_outlives_underflow(case: Case) -> None:
    entry, found = (
        how(*far()).item() for how in (case.function.forward, case.function.log_forward)
    )
    if entry > 0:  # a long tail, or a bounded distance
        assert found == pytest.approx(math.log(entry))
        return
    compact = isinstance(
        case.function, gm.Tophat | gm.Epanechnikov | gm.Triangular | gm.CosineWindow
    )
    assert found == -math.inf if compact else -math.inf < found < -700


def far() -> tuple[Tensor, Tensor]:
    return torch.zeros(1, 2, dtype=torch.float64), torch.full((1, 2), 1e5, dtype=torch.float64)


@every_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_entry_in_place_is_entry(case: Case, dtype: torch.dtype) -> None:
    t = torch.tensor([0.0, 1e-6, 0.3, 1.0, 4.4099999, 4.4100001, 30.0], dtype=dtype)
    expected = case.function.entry(t.clone())
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(case.function.entry_(t.clone()), expected, rtol=30 * eps, atol=eps)


@every_case
def test_order_is_true(case: Case) -> None:
    t = torch.linspace(-3 if case.function.form == "dot" else 0, 9, 400, dtype=torch.float64)
    steps = case.function.entry(t).diff()
    rises, falls = bool((steps >= 0).all()), bool((steps <= 0).all())
    if case.function.order:
        assert (rises, falls) == (case.function.order == 1, case.function.order == -1)
    else:
        assert isinstance(case.function, gm.Polynomial)


@pytest.mark.parametrize("case", [c for c in CASES if c.function.slope() is not None], ids=str)
def test_slope_is_an_upper_bound(case: Case) -> None:
    bound = case.function.slope()
    assert bound is not None
    t = torch.linspace(0, 9, 200_001, dtype=torch.float64)
    steepest = float((case.function.entry(t).diff() / t.diff()).abs().max())
    assert steepest <= bound * (1 + 1e-6)
    assert steepest >= bound / 2, "a bound so loose sends rows to float64 for nothing"


@every_case
def test_the_form_at_an_entry_reaches_it(case: Case) -> None:
    for value in (0.0, 0.3, 1.9):
        form = case.function.form_at(value)
        if case.function.metric:
            assert form is not None
            entry = case.function.entry(torch.tensor(form, dtype=torch.float64))
            assert entry.item() == pytest.approx(value)
        else:
            assert form is None


@every_case
def test_positive_definite_is_true(case: Case) -> None:
    tables = [points(case, 40, d, seed) * 1.5 for d in (1, 2, 5) for seed in range(5)]
    # sharp edges on a lattice: what a window's negative frequencies show on
    tables += [
        torch.cartesian_prod(*[torch.arange(7.0).double() * step] * 2) for step in (0.9, 1.4)
    ]
    least = min(float(torch.linalg.eigvalsh(case.function.forward(x, x))[0]) for x in tables)
    if case.function.positive_definite:
        assert least > -1e-7
    else:
        assert least < -1e-3, "a counter-example was expected"


def test_a_negative_offset_is_not_positive_definite() -> None:
    kernel = gm.Polynomial(2, offset=-1.0)
    assert not kernel.positive_definite
    x = torch.tensor([[1.0], [-1.0]], dtype=torch.float64) * 1.2
    assert float(torch.linalg.eigvalsh(gm.Polynomial(1, offset=-2.0).forward(x, x))[0]) < 0


@every_case
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_the_dtype_is_kept(case: Case, dtype: torch.dtype) -> None:
    x = points(case, 3).to(dtype)
    assert case.function.forward(x, x).dtype == case.function.paired(x, x).dtype == dtype


@every_case
def test_a_row_is_like_itself(case: Case) -> None:
    x = points(case, 5, 20) * 1e3
    if case.function.order == -1:
        assert bool((case.function.paired(x, x) == 1).all())
    elif case.function.metric:
        assert bool((case.function.paired(x, x) == 0).all())


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (gm.SquaredEuclidean(), "sqeuclidean"),
        (gm.Euclidean(), "euclidean"),
        (gm.Manhattan(), "cityblock"),
        (gm.Chebyshev(), "chebyshev"),
        (gm.CosineDistance(), "cosine"),
    ],
    ids=str,
)
def test_metrics_agree_with_scipy(metric: Elementary, name: str) -> None:
    x, y = points(CASES[0], 20, 7), points(CASES[0], 30, 7, seed=1)
    expected = distance.cdist(x.numpy(), y.numpy(), name)
    np.testing.assert_allclose(metric.forward(x, y).numpy(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("kernel", "theirs"),
    [
        (gm.Gaussian(0.8), lambda x, y: pairwise.rbf_kernel(x, y, gamma=1 / (2 * 0.8**2))),
        (gm.Laplacian(0.8), lambda x, y: pairwise.laplacian_kernel(x, y, gamma=1 / 0.8)),
        (gm.Chi2(0.8), lambda x, y: pairwise.chi2_kernel(x, y, gamma=1 / 0.8)),
        (gm.Linear(), pairwise.linear_kernel),
        (gm.CosineSimilarity(), pairwise.cosine_similarity),
        (
            gm.Polynomial(3, offset=0.5, scale=0.2),
            lambda x, y: pairwise.polynomial_kernel(x, y, degree=3, gamma=0.2, coef0=0.5),
        ),
        (
            gm.Sigmoid(scale=0.2, offset=0.5),
            lambda x, y: pairwise.sigmoid_kernel(x, y, gamma=0.2, coef0=0.5),
        ),
        *((gm.Matern(0.8, nu=nu), gp.Matern(0.8, nu=nu)) for nu in (0.5, 1.5, 2.5)),
        (gm.RationalQuadratic(0.8, alpha=0.6), gp.RationalQuadratic(0.8, 0.6)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Elementary) else "",
)
def test_kernels_agree_with_scikit_learn(
    kernel: Elementary, theirs: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    x, y = points(CASES[0], 20, 4).abs(), points(CASES[0], 30, 4, seed=1).abs()
    expected = theirs(x.numpy(), y.numpy())
    np.testing.assert_allclose(kernel.forward(x, y).numpy(), expected, rtol=1e-10, atol=1e-13)


def test_periodic_agrees_with_scikit_learn_in_one_feature() -> None:
    x, y = points(CASES[0], 20, 1) * 5, points(CASES[0], 30, 1, seed=1) * 5
    expected = gp.ExpSineSquared(0.8, 2.5)(x.numpy(), y.numpy())
    found = gm.Periodic(0.8, period=2.5).forward(x, y)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)


def test_periodic_does_not_tire_of_whole_periods() -> None:
    x = torch.tensor([[0.3], [0.3 + 2.5 * 4**10]], dtype=torch.float64)
    assert gm.Periodic(0.8, period=2.5).forward(x, x)[0, 1].item() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("window", "name"),
    [
        (gm.Gaussian, "gaussian"),
        (gm.Tophat, "tophat"),
        (gm.Epanechnikov, "epanechnikov"),
        (gm.Exponential, "exponential"),
        (gm.Triangular, "linear"),
        (gm.CosineWindow, "cosine"),
    ],
)
def test_windows_are_those_of_density_estimation(window: type[Elementary], name: str) -> None:
    """Equal up to a constant factor, the norm that a density divides by."""
    from sklearn.neighbors import KernelDensity

    h, far_apart = 1.3, torch.tensor([[0.0]], dtype=torch.float64)
    r = torch.linspace(0, 2, 50, dtype=torch.float64)[:, None]
    density = KernelDensity(kernel=name, bandwidth=h).fit(far_apart.numpy())
    logs = torch.from_numpy(density.score_samples(r.numpy()))
    expected = (logs - logs[0]).exp()
    found = window(h).forward(r, far_apart)[:, 0]
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
@pytest.mark.parametrize("offset", [0.0, 0.7])
@pytest.mark.parametrize("scale", [1.0, torch.tensor(0.3, dtype=torch.float64)], ids=str)
def test_polynomial_feature_map(degree: int, offset: float, scale: float | Tensor) -> None:
    kernel = gm.Polynomial(degree, offset=offset, scale=scale)
    x, y = points(CASES[0], 5, 3), points(CASES[0], 6, 3, seed=1)
    features = kernel.feature_map(x)
    assert features.shape == (5, math.comb(3 + degree, degree))
    product = features @ kernel.feature_map(y).T
    torch.testing.assert_close(product, kernel.forward(x, y), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kernel", [gm.Linear(), gm.CosineSimilarity()], ids=repr)
def test_plain_feature_maps(kernel: gm.Linear | gm.CosineSimilarity) -> None:
    x, y = points(CASES[0], 5), points(CASES[0], 6, seed=1)
    x[2] = 0
    product = kernel.feature_map(x) @ kernel.feature_map(y).T
    torch.testing.assert_close(product, kernel.forward(x, y))


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
