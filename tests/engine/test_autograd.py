"""Gradients of every reduction: against finite differences, the dense formula, and at kinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

import gramian as gm
from gramian.engine import autograd
from gramian.pairwise._base import Elementary
from gramian.pairwise.composition import Log

Build = Callable[[Tensor], gm.PairFunction]

# each from one parameter; Chebyshev has kinks of its own, met with probability zero
KERNELS: dict[str, Build] = {
    "SquaredEuclidean": lambda p: gm.SquaredEuclidean(),
    "Euclidean": lambda p: gm.Euclidean(),
    "Manhattan": lambda p: gm.Manhattan(),
    "Chebyshev": lambda p: gm.Chebyshev(),
    "CosineDistance": lambda p: gm.CosineDistance(),
    "Gaussian": gm.Gaussian,
    "Gaussian per feature": lambda p: gm.Gaussian(torch.stack([p, 2 * p, p + 1])),
    "Laplacian": gm.Laplacian,
    "Laplacian l2": lambda p: gm.Laplacian(p, norm="l2"),
    "Matern 1/2": lambda p: gm.Matern(p, nu=0.5),
    "Matern 3/2": lambda p: gm.Matern(p, nu=1.5),
    "Matern 5/2": lambda p: gm.Matern(p, nu=2.5),
    "RationalQuadratic": lambda p: gm.RationalQuadratic(p, alpha=p),
    "Periodic": lambda p: gm.Periodic(p, period=2 * p),
    "Chi2": gm.Chi2,
    "Epanechnikov": lambda p: gm.Epanechnikov(2 * p),
    "Exponential": gm.Exponential,
    "Triangular": lambda p: gm.Triangular(2 * p),
    "CosineWindow": lambda p: gm.CosineWindow(2 * p),
    "Linear": lambda p: gm.Linear(),
    "Polynomial": lambda p: gm.Polynomial(3, offset=0.5, scale=p),
    "Sigmoid": lambda p: gm.Sigmoid(scale=p, offset=0.1),
    "CosineSimilarity": lambda p: gm.CosineSimilarity(),
    "Sum": lambda p: p * gm.Gaussian(p) + gm.Linear(),
    "Product": lambda p: gm.Gaussian(p) * gm.Polynomial(2) * gm.Gaussian(p),
    "Exp": lambda p: (p * gm.Linear()).exp(),
    "Log": lambda p: gm.Gaussian(p).log() + gm.Gaussian(p),
    "Log of a sum": lambda p: (p * gm.Gaussian(p) + gm.Laplacian(p)).log(),
}
every_kernel = pytest.mark.parametrize("kernel", list(KERNELS))
SMOOTH = (
    "SquaredEuclidean",
    "Gaussian",
    "Gaussian per feature",
    "Matern 5/2",
    "RationalQuadratic",
    "Periodic",
    "Linear",
    "Polynomial",
    "Sigmoid",
    "Product",
    "Exp",
    "Log",
)

Reduction = Callable[[gm.Gram, Tensor], Tensor]
REDUCTIONS: dict[str, Reduction] = {
    "product": lambda G, v: G @ v,
    "sum": lambda G, v: G.sum(),
    "sum of columns": lambda G, v: G.sum(0),
    "mean": lambda G, v: G.mean(0),
    "logsumexp": lambda G, v: G.logsumexp(),
    "weighted_mean": lambda G, v: G.weighted_mean(v),
    "dense": lambda G, v: G.dense(),
    "rows": lambda G, v: G.rows([2, 0]),
    "columns": lambda G, v: G.columns([1, 1]),
    "block": lambda G, v: G[1:3, [0, 3]],
    "topk": lambda G, v: G.topk(2)[0],
    "largest": lambda G, v: G.topk(3, largest=True)[0],
    "min": lambda G, v: G.min(0)[0],
    "diagonal": lambda G, v: G.diagonal(),
    "frobenius_norm": lambda G, v: G.frobenius_norm(),
}
every_reduction = pytest.mark.parametrize("reduction", list(REDUCTIONS))
# kernels, or parts of them, that can be negative
SIGNED = {"Linear", "Sigmoid", "CosineSimilarity", "Sum", "Log", "Log of a sum"}


def leaves(n: int = 4, m: int = 5, d: int = 3, seed: int = 0) -> list[Tensor]:
    """x, y, v and a parameter, positive so that every kernel takes them."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((n, d), (m, d), (m, 2))
    made = [torch.rand(s, generator=generator, dtype=torch.float64) + 0.1 for s in shapes]
    return [t.requires_grad_() for t in (*made, torch.tensor(1.1, dtype=torch.float64))]


def function(kernel: str, reduction: str) -> Callable[..., Tensor]:
    def run(x: Tensor, y: Tensor, v: Tensor, p: Tensor) -> Tensor:
        return REDUCTIONS[reduction](gm.Gram(x, y, KERNELS[kernel](p)), v)

    return run


@every_kernel
@pytest.mark.parametrize("reduction", ["product", "topk"])
def test_first_derivatives(kernel: str, reduction: str) -> None:
    assert gradcheck(function(kernel, reduction), leaves())


@pytest.mark.parametrize("kernel", ["Gaussian", "Euclidean", "Sum"])
@every_reduction
def test_first_derivatives_of_every_reduction(kernel: str, reduction: str) -> None:
    if kernel == "Sum" and reduction == "weighted_mean":
        kernel = "Product"  # the weights of a mean must not be negative
    assert gradcheck(function(kernel, reduction), leaves())


@pytest.mark.parametrize("kernel", sorted(set(KERNELS) - SIGNED))
def test_first_derivatives_of_weighted_means(kernel: str) -> None:
    assert gradcheck(function(kernel, "weighted_mean"), leaves())


@pytest.mark.parametrize("kernel", SMOOTH)
@pytest.mark.parametrize("reduction", ["product", "logsumexp"])
def test_second_derivatives(kernel: str, reduction: str) -> None:
    assert gradgradcheck(function(kernel, reduction), leaves(3, 3), fast_mode=True)


@pytest.mark.parametrize("reduction", ["weighted_mean", "dense", "topk", "frobenius_norm", "mean"])
def test_second_derivatives_of_every_kind_of_reduction(reduction: str) -> None:
    assert gradgradcheck(function("Gaussian", reduction), leaves(2, 3, 2))


@pytest.mark.parametrize("kernel", ["Euclidean", "Gaussian", "Matern 5/2", "Linear", "Product"])
@every_reduction
def test_one_table_on_both_sides(kernel: str, reduction: str) -> None:
    """y = x: what flows to the rows and to the columns is added."""
    x, _, _, p = leaves()
    v = leaves(seed=1)[2][:4]

    def run(x: Tensor, v: Tensor, p: Tensor) -> Tensor:
        return REDUCTIONS[reduction](gm.Gram(x, kernel=KERNELS[kernel](p)), v)

    def by_hand(x: Tensor, v: Tensor, p: Tensor) -> Tensor:
        return REDUCTIONS[reduction](gm.Gram(x, x * 1, kernel=KERNELS[kernel](p)), v)

    inputs = (x, v, p)
    ours = torch.autograd.grad(run(*inputs).sum(), inputs, materialize_grads=True)
    theirs = torch.autograd.grad(by_hand(*inputs).sum(), inputs, materialize_grads=True)
    for found, expected in zip(ours, theirs, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-7)


DISTANCES = [name for name in KERNELS if name not in ("Linear", "Polynomial", "Sigmoid")]


@pytest.mark.parametrize("kernel", DISTANCES)
@pytest.mark.parametrize("reduction", ["product", "logsumexp", "dense", "topk", "diagonal"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_gradients_are_finite_at_zero_distance(
    kernel: str, reduction: str, dtype: torch.dtype
) -> None:
    x, _, _, p = leaves()
    x = x.detach()[[0, 1, 1, 3]].to(dtype).requires_grad_()
    v = torch.ones(4, 2, dtype=dtype)
    for G in (
        gm.Gram(x, kernel=KERNELS[kernel](p)),
        gm.Gram(x, x.detach().clone(), KERNELS[kernel](p)),
    ):
        found = torch.autograd.grad(
            REDUCTIONS[reduction](G, v).square().sum(), (x, p), materialize_grads=True
        )
        assert all(bool(gradient.isfinite().all()) for gradient in found)


@pytest.mark.parametrize("kernel", ["Gaussian", "Matern 5/2", "RationalQuadratic", "Periodic"])
def test_second_derivatives_are_finite_at_zero_distance(kernel: str) -> None:
    x, _, _, p = leaves()
    x = x.detach()[[0, 1, 1, 3]].requires_grad_()
    G = gm.Gram(x, kernel=KERNELS[kernel](p))
    (first,) = torch.autograd.grad(G.sum().square().sum(), x, create_graph=True)
    second = torch.autograd.grad(first.square().sum(), (x, p))
    assert all(bool(gradient.isfinite().all()) for gradient in second)


@pytest.mark.parametrize("kernel", ["Tophat", "Epanechnikov", "Triangular", "CosineWindow"])
def test_gradients_are_finite_outside_a_window(kernel: str) -> None:
    x, y, v, p = leaves()
    far = torch.cat([y, y + 50])
    weights = torch.cat([v, v])
    G = gm.Gram(x, far, getattr(gm, kernel)(2 * p))
    for result in (G @ weights, G.weighted_mean(weights), G.sum(0)):
        found = torch.autograd.grad(
            result.sum(), (x, y, v, p), materialize_grads=True, retain_graph=True
        )
        assert all(bool(gradient.isfinite().all()) for gradient in found)


@pytest.mark.parametrize("kernel", ["Euclidean", "Gaussian", "Laplacian", "Matern 3/2", "Linear"])
@pytest.mark.parametrize("d", [3, 70])
@pytest.mark.parametrize("reduction", ["product", "logsumexp", "weighted_mean", "dense", "min"])
def test_float32_agrees_with_the_dense_formula(kernel: str, d: int, reduction: str) -> None:
    """More rows and columns than one tile, both ways of computing the forms."""
    if kernel == "Linear" and reduction == "weighted_mean":
        kernel = "Exp"
    x, y, v, _ = leaves(70, 300, d)
    p = torch.tensor(2.0 * d**0.5, dtype=torch.float64)
    if kernel == "Exp":
        p = 1 / p
    double = [t.detach().requires_grad_() for t in (x, y, v, p)]
    single = [t.detach().float().requires_grad_() for t in double]
    f = KERNELS[kernel](double[3])
    table = f.forward(double[0], double[1])
    dense: dict[str, Callable[[], Tensor]] = {
        "product": lambda: table @ double[2],
        "logsumexp": lambda: table.logsumexp(1),
        "weighted_mean": lambda: table @ double[2] / table.sum(1, keepdim=True),
        "dense": lambda: table,
        "min": lambda: table.amin(0),
    }
    expected_value = dense[reduction]()
    seed = torch.randn(
        expected_value.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(5)
    )
    expected = torch.autograd.grad(expected_value, double, seed, materialize_grads=True)
    value = REDUCTIONS[reduction](
        gm.Gram(single[0], single[1], KERNELS[kernel](single[3])), single[2]
    )
    found = torch.autograd.grad(value, single, seed.float(), materialize_grads=True)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == torch.float32
        scale = float(theirs.abs().amax())
        # a float32 rounding of each gradient and of the value that log-sum-exp starts from; the
        # parameter's is a sum over all pairs, whose terms cancel
        atol = 2e-5 * scale + 1e-12 if theirs.ndim else 1e-4
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-4, atol=atol)


@pytest.mark.parametrize(
    "form", ["squared_euclidean", "manhattan", "chebyshev", "dot", "chi_squared"]
)
def test_forms_of_many_features(form: str) -> None:
    """Above 64 features no (n, m, d) table is made; the numbers and derivatives are the same."""
    x, y, _, _ = leaves(5, 6, 150)
    plain = gm.pairwise._forms.FORMS[form]
    seed = torch.rand(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(autograd._form(form, x, y), plain(x, y))
    ours = torch.autograd.grad(autograd._form(form, x, y), (x, y), seed)
    theirs = torch.autograd.grad(plain(x, y), (x, y), seed)
    for found, expected in zip(ours, theirs, strict=True):
        torch.testing.assert_close(found, expected)


def test_only_what_is_asked_for() -> None:
    x, y, v, p = leaves()
    for chosen in ((x,), (y,), (v,), (p,), (x, v), (y, p)):
        fixed = [t if any(t is c for c in chosen) else t.detach() for t in (x, y, v, p)]
        result = gm.Gram(fixed[0], fixed[1], gm.Gaussian(fixed[3])) @ fixed[2]
        whole = torch.autograd.grad((gm.Gram(x, y, gm.Gaussian(p)) @ v).sum(), chosen)
        for found, expected in zip(torch.autograd.grad(result.sum(), chosen), whole, strict=True):
            assert torch.equal(found, expected)


def test_a_parameter_in_two_places() -> None:
    x, y, _, p = leaves()
    for reduction in (lambda G: G.sum(), lambda G: G.topk(2)[0], lambda G: G.dense()):
        G = gm.Gram(x, y, gm.Gaussian(p) + p * gm.Matern(p))
        (found,) = torch.autograd.grad(reduction(G).sum(), p)
        h = 1e-6

        def at(q: float) -> float:
            other = torch.tensor(q, dtype=torch.float64)
            G = gm.Gram(x, y, gm.Gaussian(other) + other * gm.Matern(other))
            return float(reduction(G).detach().sum())  # noqa: B023 # called at once, in the same turn

        assert found.item() == pytest.approx((at(1.1 + h) - at(1.1 - h)) / (2 * h), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_gradients(dtype: torch.dtype) -> None:
    x, y, v, _ = (t.detach().to(dtype).requires_grad_() for t in leaves(10, 300))
    for result in (gm.Gram(x, y, gm.Gaussian(1.0)) @ v, gm.Gram(x, y, gm.Euclidean()).topk(3)[0]):
        (found,) = torch.autograd.grad(result.sum(), x, retain_graph=True)
        assert found.dtype == dtype
    wide = [t.detach().double().requires_grad_() for t in (x, y, v)]
    expected = torch.autograd.grad((gm.Gram(*wide[:2], gm.Gaussian(1.0)) @ wide[2]).sum(), wide[0])[
        0
    ]
    found = torch.autograd.grad((gm.Gram(x, y, gm.Gaussian(1.0)) @ v).sum(), x)[0]
    torch.testing.assert_close(found.double(), expected, rtol=2e-2, atol=0.3)


def test_the_rest_works_with_tensors_that_ask_for_gradients() -> None:
    x, y, v, p = leaves()
    kernel = gm.Gaussian(p)
    G, bare = gm.Gram(x, y, kernel), gm.Gram(x.detach(), y.detach(), gm.Gaussian(p.detach()))
    for name, arguments in (
        ("argmin", ()),
        ("argmax", ()),
        ("count", (0.9,)),
        ("neighbors", (0.9,)),
    ):
        found, expected = getattr(G, name)(*arguments), getattr(bare, name)(*arguments)
        pairs = (
            zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
        )
        for ours, theirs in pairs:
            assert not ours.requires_grad
            assert torch.equal(ours, theirs)
    assert "Gaussian" in str(G.explain())
    assert not G.count(0.9, weights=v[:, 0]).requires_grad


def test_no_gradients_where_none_are_wanted() -> None:
    x, y, v, p = leaves()
    with torch.no_grad():
        assert not (gm.Gram(x, y, gm.Gaussian(p)) @ v).requires_grad
    with torch.inference_mode():
        inside = gm.Gram(x, y, gm.Gaussian(p))
        for result in (
            inside @ v,
            inside.logsumexp(),
            inside.dense(),
            *inside.topk(2),
            inside.count(0.9),
        ):
            assert result.is_inference()
    assert not gm.Gram(x.detach(), y.detach(), gm.Gaussian(1.0)).sum().requires_grad
    assert isinstance(gm.Gram(x.detach().numpy(), kernel=gm.Gaussian(p)).sum(), np.ndarray)


@pytest.mark.parametrize("kernel", ["Gaussian", "Sum"])
def test_inference_tensors_are_taken(kernel: str) -> None:
    with torch.inference_mode():
        x = torch.rand(6, 3)
    p = torch.tensor(1.0)
    expected = gm.Gram(x.clone(), kernel=KERNELS[kernel](p))
    G = gm.Gram(x, kernel=KERNELS[kernel](p))
    assert torch.equal(G.sum(), expected.sum())
    assert torch.equal(G.topk(2)[1], expected.topk(2)[1])


def test_autocast_changes_nothing() -> None:
    x, y, v, p = leaves(20, 300, 40)
    inputs = [t.detach().float().requires_grad_() for t in (x, y, v, p)]

    def run() -> tuple[Any, ...]:
        G = gm.Gram(inputs[0], inputs[1], gm.Gaussian(inputs[3]) + gm.Linear())
        value = G @ inputs[2]
        return value, *torch.autograd.grad(value.sum(), inputs), G.diagonal(), *G.topk(2)

    expected = run()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = run()
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        assert torch.equal(ours, theirs)


def test_tiles_are_small_whatever_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays that of one tile: no table of n × m entries is ever made on the way back."""
    shapes: set[tuple[int, ...]] = set()
    plain = autograd._Job.tile

    def watching(self: Any, kernel: Any, x: Tensor, y: Tensor, *rest: Any) -> Tensor:
        shapes.add((len(x), len(y)))
        return plain(self, kernel, x, y, *rest)

    monkeypatch.setattr(autograd._Job, "tile", watching)
    x, y, v, p = leaves(500, 700)
    (gm.Gram(x, y, gm.Gaussian(p)) @ v).sum().backward()
    assert shapes == {(a, b) for a in (64, 500 % 64) for b in (128, 700 % 128)}
    assert x.grad is not None
    assert y.grad is not None


def test_gradients_do_not_depend_on_the_other_rows() -> None:
    x, y, v, p = leaves(130, 200)
    whole = torch.autograd.grad((gm.Gram(x, y, gm.Gaussian(p)) @ v).sum(), x)[0]
    for start in (0, 64):
        part = x.detach()[start : start + 64].requires_grad_()
        found = torch.autograd.grad((gm.Gram(part, y, gm.Gaussian(p)) @ v).sum(), part)[0]
        assert torch.equal(found, whole[start : start + 64])


def test_logarithms_inside_compositions_survive_underflow() -> None:
    x, y, _, p = leaves()
    far = (y.detach() + 100).requires_grad_()
    kernel = gm.Gaussian(p) * gm.Matern(p) + gm.Gaussian(2 * p)
    assert isinstance(kernel.log(), Log)
    value = gm.Gram(x, far, kernel.log()).logsumexp()
    found = torch.autograd.grad(value.sum(), (x, far, p))
    assert all(bool(gradient.isfinite().all()) for gradient in found)
    assert bool((found[0] > 0).all()), "nearer rows are likelier"


def test_the_table_covers_every_public_kernel() -> None:
    p = torch.tensor(1.0, dtype=torch.float64)
    kinds = {type(build(p)) for build in KERNELS.values()} | {gm.Tophat}
    public = {getattr(gm, name) for name in gm.pairwise.__all__ if name != "PairFunction"}
    assert {kind for kind in kinds if issubclass(kind, Elementary)} == public
