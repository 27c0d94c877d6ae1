"""KernelDensity against scikit-learn's and against plain sums in the log domain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KernelDensity as Theirs
from sklearn.neighbors._ball_tree import kernel_norm

import gramian as gm
from gramian import KernelDensity
from gramian.kernel_methods.density._laws import log_integral

KERNELS = ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")
ENDLESS = ("gaussian", "exponential")


def table(n: int, d: int, seed: int = 0, dtype: Any = np.float64) -> np.ndarray:
    return np.random.RandomState(seed).randn(n, d).astype(dtype)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("d", [1, 2, 3, 9, 21])
@pytest.mark.parametrize("kernel", KERNELS)
def test_agrees_with_scikit_learn(kernel: str, d: int, weighted: bool) -> None:
    """With one leaf of all rows: splitting nodes, its tree loses digits of small densities.

    Of the cosine kernel scikit-learn's integral is wrong in an even number of features (it leaves
    out the value at r = 0) and cancels in many, so there its constant is put right first.
    """
    x, queries = table(130, d), table(70, d, seed=1)
    weights = np.random.RandomState(2).randint(1, 6, 130).astype(float) if weighted else None
    for bandwidth in (0.4, 3 * math.sqrt(d), "scott", "silverman"):
        settings: dict[str, Any] = {"kernel": kernel, "bandwidth": bandwidth}
        theirs = Theirs(**settings, rtol=0, atol=0, leaf_size=1000).fit(x, sample_weight=weights)
        ours = KernelDensity(**settings).fit(x, sample_weight=weights)
        assert ours.bandwidth_ == theirs.bandwidth_
        expected, found = theirs.score_samples(queries), ours.score_samples(queries)
        if kernel == "cosine" and d in (2, 21):
            expected += cosine_slip(d)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def cosine_slip(d: int) -> float:
    """Log of scikit-learn's integral of the cosine kernel over that of `test_laws`."""
    kernel = log_integral(gm.CosineWindow(), d, "test")
    return -kernel_norm(1.0, d, "cosine", return_log=True) - kernel


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "minkowski", "canberra"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_other_metrics_agree_with_scikit_learn(kernel: str, metric: str) -> None:
    x, queries = table(50, 3), table(30, 3, seed=1)
    settings: dict[str, Any] = {"kernel": kernel, "metric": metric, "bandwidth": 1.3}
    if metric == "minkowski":
        settings["metric_params"] = {"p": 3}
    expected = Theirs(**settings, leaf_size=1000).fit(x).score_samples(queries)
    found = KernelDensity(**settings).fit(x).score_samples(queries)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kernel", ["gaussian", "exponential"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_tail_is_right_where_every_kernel_underflows(kernel: str, dtype: Any) -> None:
    x = table(40, 3, dtype=dtype)
    weights = np.random.RandomState(5).rand(40) + 0.1
    queries = table(6, 3, seed=1, dtype=dtype) * np.array([[1], [30], [300], [1e3], [1e4], [1e5]])
    queries = queries.astype(dtype)
    gaps = np.linalg.norm(queries[:, None].astype(float) - x[None], axis=2)
    logs = -0.5 * (gaps / 0.5) ** 2 if kernel == "gaussian" else -gaps / 0.5
    norm = {"gaussian": 1.5 * math.log(2 * math.pi), "exponential": math.log(8 * math.pi)}[kernel]
    true = logsumexp(logs, b=weights, axis=1) - math.log(weights.sum()) - norm - 3 * math.log(0.5)
    model = KernelDensity(kernel=kernel, bandwidth=0.5).fit(x, sample_weight=weights)
    found = model.score_samples(queries)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, true, rtol=1e-12 if dtype == np.float64 else 5e-6)
    assert found.min() < -1e4


@pytest.mark.parametrize("kernel", KERNELS)
def test_integer_weights_are_repeated_rows(kernel: str) -> None:
    x, queries = table(40, 2), table(25, 2, seed=1)
    counts = np.random.RandomState(0).randint(0, 4, 40)
    weighted = KernelDensity(kernel=kernel).fit(x, sample_weight=counts)
    repeated = KernelDensity(kernel=kernel).fit(x.repeat(counts, axis=0))
    for method in ("score_samples", "gradient"):
        found, expected = getattr(weighted, method)(queries), getattr(repeated, method)(queries)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(
        weighted.sample(50, random_state=0), repeated.sample(50, random_state=0)
    )
    assert weighted.leave_one_out_score() == pytest.approx(repeated.leave_one_out_score())


@pytest.mark.parametrize("kernel", KERNELS)
def test_weights_count_by_their_ratios(kernel: str) -> None:
    x, weights = table(30, 2), np.random.RandomState(0).rand(30)
    small = KernelDensity(kernel=kernel).fit(x, sample_weight=weights * 1e-300)
    plain = KernelDensity(kernel=kernel).fit(x, sample_weight=weights)
    np.testing.assert_allclose(small.score_samples(x), plain.score_samples(x), rtol=1e-12)


def test_tiny_weights_are_heard_where_nothing_else_is() -> None:
    x, weights = np.array([[0.0], [1000.0]]), np.array([1e-200, 1.0])
    found = KernelDensity().fit(x, sample_weight=weights).score_samples([[0.0]])
    assert found[0] == pytest.approx(-200 * math.log(10) - 0.5 * math.log(2 * math.pi))


@pytest.mark.parametrize("kernel", KERNELS)
def test_gradient_is_that_of_finite_differences(kernel: str) -> None:
    x, queries = table(50, 3), table(12, 3, seed=1)
    weights = np.random.RandomState(4).rand(50)
    model = KernelDensity(kernel=kernel, bandwidth=2.5).fit(x, sample_weight=weights)
    step = 1e-6
    moves = np.eye(3) * step
    numeric = np.stack(
        [
            (model.score_samples(queries + m) - model.score_samples(queries - m)) / (2 * step)
            for m in moves
        ],
        axis=1,
    )
    if kernel == "tophat":
        numeric = np.zeros_like(queries)
    np.testing.assert_allclose(model.gradient(queries), numeric, rtol=2e-5, atol=2e-6)


def test_gradient_far_out_and_beyond_the_end() -> None:
    far = np.array([[1e4, 0.0]])
    gradient = KernelDensity(bandwidth=0.5).fit(np.zeros((1, 2))).gradient(far)
    np.testing.assert_allclose(gradient, [[-4e4, 0.0]])
    decay = KernelDensity(kernel="exponential").fit(np.zeros((1, 2))).gradient(far)
    np.testing.assert_allclose(decay, [[-1.0, 0.0]], atol=1e-12)
    beyond = KernelDensity(kernel="epanechnikov").fit(np.zeros((1, 2)))
    assert beyond.score_samples(far)[0] == -np.inf
    assert np.isnan(beyond.gradient(far)).all()


def test_a_bandwidth_per_feature_is_a_change_of_units() -> None:
    x, queries, widths = table(60, 3), table(20, 3, seed=1), np.array([0.2, 1.0, 30.0])
    for kernel in KERNELS:
        found = KernelDensity(kernel=kernel, bandwidth=widths).fit(x * widths)
        plain = KernelDensity(kernel=kernel).fit(x)
        expected = plain.score_samples(queries) - np.log(widths).sum()
        np.testing.assert_allclose(found.score_samples(queries * widths), expected, rtol=1e-9)
        np.testing.assert_allclose(
            found.gradient(queries * widths), plain.gradient(queries) / widths, rtol=1e-7, atol=1e-9
        )
        same = found.sample(5, random_state=1) / widths, plain.sample(5, random_state=1)
        np.testing.assert_allclose(*same, rtol=1e-9)
        np.testing.assert_array_equal(found.bandwidth_, widths)


def test_a_pair_function_is_the_kernel_at_bandwidth_one() -> None:
    x, queries = table(40, 2), table(20, 2, seed=1)
    named = KernelDensity(kernel="gaussian", bandwidth=0.6).fit(x).score_samples(queries)
    for kernel, bandwidth in ((gm.Gaussian(0.3), 2.0), (gm.Gaussian([0.3, 0.3]), 2.0)):
        found = KernelDensity(kernel=kernel, bandwidth=bandwidth).fit(x).score_samples(queries)
        np.testing.assert_allclose(found, named, rtol=1e-10)
    mixed = 0.5 * gm.Gaussian(0.3) + 1.5 * gm.Tophat(1.0)
    density = KernelDensity(kernel=mixed, bandwidth=2.0).fit(x).score_samples(queries)
    shares = np.array([0.5 * 2 * math.pi * 0.3**2, 1.5 * math.pi])
    flat = KernelDensity(kernel="tophat", bandwidth=2.0).fit(x).score_samples(queries)
    expected = np.log(np.exp([named, flat]).T @ (shares / shares.sum()))
    np.testing.assert_allclose(density, expected, rtol=1e-10)
    assert KernelDensity(kernel=mixed).fit(x).sample(7, random_state=0).shape == (7, 2)


class Bump(gm.PairFunction):
    """A kernel of a user's own, without a bandwidth."""

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return 1 / (1 + (x[:, None] - y[None]).square().sum(-1)).square()


def test_unnormalised_kernels_are_right_up_to_one_factor() -> None:
    x, queries = table(30, 2), table(10, 2, seed=1)
    with pytest.raises(ValueError, match="Pass normalized=False"):
        KernelDensity(kernel=Bump()).fit(x)
    # ∫ (1 + r²)⁻² over the plane is π
    for bandwidth in (1.0, 0.5, np.array([0.5, 2.0])):
        model = KernelDensity(kernel=Bump(), normalized=False, bandwidth=bandwidth).fit(x)
        known = KernelDensity(kernel=gm.RationalQuadratic(2**-0.5, alpha=2.0 - 1e-13))
        exact = known.set_params(bandwidth=bandwidth).fit(x).score_samples(queries)
        found = model.score_samples(queries)
        if np.ndim(bandwidth) == 0:
            gaps = ((queries[:, None] - x[None]) ** 2).sum(2) / bandwidth**2
            true = np.log(((1 + gaps) ** -2.0).mean(1) / bandwidth**2)
            np.testing.assert_allclose(found, true, rtol=1e-10)
        assert exact.shape == found.shape
    with pytest.raises(ValueError, match="normalized must be True"):
        model.sample()


@pytest.mark.parametrize("kernel", KERNELS)
def test_samples_lie_where_the_density_says(kernel: str) -> None:
    """Densities at draws average to the integral of the density squared."""
    x = table(5, 2)
    model = KernelDensity(kernel=kernel, bandwidth=0.8).fit(x, sample_weight=[1, 2, 3, 4, 5])
    grid = np.stack(np.meshgrid(*[np.linspace(-12, 12, 601)] * 2), axis=-1).reshape(-1, 2)
    density = np.exp(model.score_samples(grid))
    cell = (24 / 600) ** 2
    assert density.sum() * cell == pytest.approx(1, abs=2e-3)
    drawn = np.exp(model.score_samples(model.sample(20_000, random_state=0)))
    expected = (density**2).sum() * cell
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / math.sqrt(20_000) + 1e-3)


def test_samples_are_scikit_learns_and_follow_the_generator() -> None:
    x, weights = table(30, 3), np.random.RandomState(1).rand(30)
    for kernel in ("gaussian", "tophat"):
        ours = KernelDensity(kernel=kernel, bandwidth=0.3).fit(x, sample_weight=weights)
        theirs = Theirs(kernel=kernel, bandwidth=0.3).fit(x, sample_weight=weights)
        found = ours.sample(40, random_state=7)
        np.testing.assert_allclose(found, theirs.sample(40, random_state=7), rtol=1e-12)
    twice = [ours.sample(4, random_state=torch.Generator().manual_seed(3)) for _ in range(2)]
    np.testing.assert_array_equal(*twice)
    generator = np.random.default_rng(0)
    assert not np.array_equal(ours.sample(4, generator), ours.sample(4, generator))
    assert not np.array_equal(ours.sample(4), ours.sample(4))
    with pytest.raises(TypeError, match="random_state must be an int"):
        ours.sample(4, random_state="x")
    with pytest.raises(ValueError, match=r"n_samples must be an int in \[1, inf\), got 0"):
        ours.sample(0)


def test_tensors_in_tensors_out_and_dtypes_kept() -> None:
    x = torch.from_numpy(table(30, 2))
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        model = KernelDensity().fit(x.to(dtype))
        for found in (model.score_samples(x.to(dtype)), model.gradient(x.to(dtype))):
            assert isinstance(found, torch.Tensor)
            assert found.dtype == dtype
        assert model.sample(3).dtype == dtype
    plain = KernelDensity().fit(x.numpy())
    np.testing.assert_array_equal(plain.score_samples(x.numpy()), plain.score_samples(x).numpy())
    assert isinstance(plain.score(x), float)
    assert plain.score(x) == pytest.approx(float(plain.score_samples(x).sum()))


def test_rows_do_not_feel_their_neighbours() -> None:
    x, queries = table(3000, 3), table(700, 3, seed=1) * 40
    model = KernelDensity(bandwidth=0.3).fit(x)
    whole = model.score_samples(queries)
    parts = [model.score_samples(part) for part in np.array_split(queries, 7)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("kernel", KERNELS)
def test_far_from_the_origin(kernel: str) -> None:
    x, queries = table(60, 3).round(3), table(20, 3, seed=1).round(3)
    for bandwidth in (1.5, np.array([1.0, 2.0, 3.0])):
        near = KernelDensity(kernel=kernel, bandwidth=bandwidth).fit(x).score_samples(queries)
        far = KernelDensity(kernel=kernel, bandwidth=bandwidth).fit(x + 1e5)
        np.testing.assert_allclose(far.score_samples(queries + 1e5), near, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_row_and_equal_rows(kernel: str) -> None:
    one = KernelDensity(kernel=kernel, bandwidth=2.0).fit([[3.0, 4.0]])
    many = KernelDensity(kernel=kernel, bandwidth=2.0).fit([[3.0, 4.0]] * 5)
    queries = [[3.0, 4.0], [3.5, 4.0], [30.0, 4.0]]
    np.testing.assert_allclose(one.score_samples(queries), many.score_samples(queries))
    with pytest.raises(ValueError, match="X must have two rows that differ"):
        many.leave_one_out_score()


def test_thousands_of_features() -> None:
    x = table(20, 4000)
    model = KernelDensity(bandwidth=math.sqrt(4000)).fit(x)
    gaps = ((x[:, None] - x[None]) ** 2).sum(2) / 4000
    true = logsumexp(-gaps / 2, axis=1) - math.log(20) - 2000 * math.log(2 * math.pi * 4000)
    np.testing.assert_allclose(model.score_samples(x), true, rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"bandwidth": 0}, ValueError, r"bandwidth must be a finite number in \(0, inf\), got 0"),
        ({"bandwidth": -1.0}, ValueError, "bandwidth must be a finite number"),
        ({"bandwidth": np.nan}, ValueError, "bandwidth must be a finite number"),
        ({"bandwidth": None}, TypeError, "bandwidth must be a finite number"),
        ({"bandwidth": "auto"}, ValueError, "bandwidth must be one of 'scott', 'silverman', 'loo'"),
        ({"bandwidth": [1.0]}, ValueError, "or one for each of the 2 features"),
        ({"bandwidth": [1.0, -1.0]}, ValueError, "or one for each of the 2 features"),
        ({"bandwidth": [[1.0], [2.0, 3.0]]}, ValueError, "or one for each of the 2 features"),
        ({"kernel": "rbf"}, ValueError, "kernel must be one of 'gaussian'"),
        ({"kernel": gm.Linear()}, ValueError, "kernel must have an integral that is known"),
        ({"kernel": gm.Gaussian(), "metric": "l1"}, ValueError, "metric must be 'euclidean' for a"),
        ({"metric": "cosine"}, ValueError, "invalid metric for auto: metric must be one of"),
        ({"algorithm": "brute"}, ValueError, "algorithm must be one of"),
        ({"algorithm": "kd_tree", "metric": "canberra"}, ValueError, "invalid metric for kd_tree"),
        ({"atol": -1}, ValueError, "atol must be a finite number"),
        ({"rtol": -1}, ValueError, "rtol must be a finite number"),
        ({"breadth_first": "no"}, ValueError, "breadth_first must be one of"),
        ({"leaf_size": 0}, ValueError, "leaf_size must be an int"),
        ({"metric_params": 3}, TypeError, "metric_params must be a dict or None, got 3"),
        ({"metric": "minkowski", "metric_params": {"q": 1}}, ValueError, "must be arguments of"),
        ({"metric": "seuclidean"}, ValueError, "must be arguments of the metric 'seuclidean' on 2"),
        ({"normalized": "no"}, ValueError, "normalized must be one of"),
    ],
    ids=str,
)
def test_bad_parameters(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        KernelDensity(**settings).fit(table(10, 2))


def test_bad_tables_and_weights() -> None:
    x = table(10, 2)
    with pytest.raises(ValueError, match="NaN"):
        KernelDensity().fit(np.where(x > 1, np.nan, x))
    with pytest.raises(ValueError, match="only zeros"):
        KernelDensity().fit(x, sample_weight=np.zeros(10))
    with pytest.raises(ValueError, match="non-negative"):
        KernelDensity().fit(x, sample_weight=-np.ones(10))
    model = KernelDensity().fit(x)
    with pytest.raises(ValueError, match="features"):
        model.score_samples(table(3, 3))
    with pytest.raises(ValueError, match="inf"):
        model.score_samples([[np.inf, 0.0]])
    with pytest.raises(NotFittedError):
        KernelDensity().leave_one_out_score()
    with pytest.raises(ValueError, match="metric must be a Minkowski distance"):
        KernelDensity(metric="canberra").fit(x).gradient(x)
    for metric in ("manhattan", "chebyshev"):
        assert KernelDensity(metric=metric).fit(x).gradient(x + 0.1).shape == x.shape


def test_a_failed_fit_leaves_the_old_one() -> None:
    model = KernelDensity().fit(table(10, 2))
    before = model.score_samples([[0.0, 0.0]])
    with pytest.raises(ValueError, match="bandwidth"):
        model.set_params(bandwidth="loo").fit(np.ones((5, 3)))
    np.testing.assert_array_equal(model.score_samples([[0.0, 0.0]]), before)
