"""Measures against known truths and slow oracles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gramian.symmetry import (
    CircularConv2d,
    composition_error,
    distance_to_group_average,
    equivariance_test,
    fitted_action,
    group_averaged,
    layerwise_lie_derivative,
    lie_derivative,
    local_equivariance_error,
    orbit_variance_share,
    prediction_consistency,
    relative_error,
    rotation_flow,
    translation_flow,
)
from gramian.symmetry.measures._flows import Flow


def rows(*shape: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=g, dtype=torch.float64)


def roll(k: int) -> Callable[[Tensor], Tensor]:
    return lambda x: x.roll(k, -1)


SHIFTS = [roll(k) for k in range(6)]


def test_relative_error_by_a_plain_loop() -> None:
    x, W = rows(12, 6), rows(6, 4, seed=1)
    found = relative_error(lambda z: z @ W + 50, x, roll(2))
    features, copies = x @ W, x.roll(2, 1) @ W
    own = sum(float((features[i] - copies[i]).norm()) for i in range(12)) / 12
    pairs = [(i, j) for i in range(12) for j in range(12) if i != j]
    between = sum(float((features[i] - features[j]).norm()) for i, j in pairs) / len(pairs)
    assert found == pytest.approx(own / between, rel=1e-9)


def test_relative_error_of_known_layers() -> None:
    x = rows(20, 6)
    assert relative_error(torch.cos, x, roll(2), action=roll(2)) == 0
    assert relative_error(torch.cos, x, roll(2)) > 0.5
    assert math.isnan(relative_error(lambda z: z[:, :1] * 0, x, roll(1)))


def test_a_constant_offset_hides_nothing() -> None:
    x = rows(20, 6)
    plain = relative_error(lambda z: z[:, :2], x, roll(1))
    assert relative_error(lambda z: z[:, :2] + 1e6, x, roll(1)) == pytest.approx(plain, rel=1e-6)
    share = orbit_variance_share(lambda z: z[:, :2], x, SHIFTS)
    shifted = orbit_variance_share(lambda z: z[:, :2] + 1e4, x, SHIFTS)
    assert shifted == pytest.approx(share, rel=1e-6)
    far = distance_to_group_average(lambda z: z[:, :2] + 1e4, x, SHIFTS)
    assert far == pytest.approx(distance_to_group_average(lambda z: z[:, :2], x, SHIFTS), rel=1e-6)


def test_the_variance_of_orbits_by_a_plain_loop() -> None:
    x, W = rows(7, 6), rows(6, 3, seed=1)
    features = torch.stack([g(x) @ W for g in SHIFTS])  # [element, sample, feature]
    within = sum(
        float((features[k, i] - features[:, i].mean(0)).square().sum())
        for k in range(6)
        for i in range(7)
    )
    mean = features.mean((0, 1))
    total = sum(float((features[k, i] - mean).square().sum()) for k in range(6) for i in range(7))
    assert orbit_variance_share(lambda z: z @ W, x, SHIFTS) == pytest.approx(within / total)


def test_classes_make_a_classifier_look_less_invariant() -> None:
    labels = torch.arange(40) % 2
    x = rows(40, 6) + 20 * labels[:, None]
    plain = orbit_variance_share(lambda z: z[:, :2], x, SHIFTS)
    within = orbit_variance_share(lambda z: z[:, :2], x, SHIFTS, labels=labels)
    assert plain < 0.05 < 0.5 < within


def test_averaged_features_are_at_distance_zero() -> None:
    x, W = rows(10, 6), rows(6, 3, seed=1)

    def phi(z: Tensor) -> Tensor:
        return torch.tanh(z @ W)

    averaged = group_averaged(phi, SHIFTS)
    assert distance_to_group_average(averaged, x, SHIFTS) < 1e-12
    assert orbit_variance_share(averaged, x, SHIFTS) < 1e-12
    mean = torch.stack([phi(g(x)) for g in SHIFTS]).mean(0)
    features = phi(x)
    expected = (features - mean).norm() / (features - features.mean(0)).norm()
    assert distance_to_group_average(phi, x, SHIFTS) == pytest.approx(float(expected))


def test_consistency_counts_labels() -> None:
    x = torch.tensor([[3.0, 0], [0, 1], [2, 0], [5, 1]])
    found = prediction_consistency(lambda z: z, x, lambda z: z + torch.tensor([0.0, 2.5]))
    assert (found.share, found.n) == (0.75, 4)
    # Wilson's interval for 3 of 4, worked out by hand
    assert found.interval == pytest.approx((0.3006, 0.9544), abs=1e-3)
    assert prediction_consistency(lambda z: z, x, lambda z: 2 * z).interval[1] == 1


def smooth_net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(3, 2, 3, padding=1, padding_mode="circular"),
        nn.Softplus(),
        nn.AvgPool2d(3),
        nn.Flatten(),
        nn.Linear(2 * 9, 4),
        nn.Sigmoid(),
    ).double()


FLOWS: dict[str, Callable[[], Flow]] = {
    "along rows": lambda: translation_flow(-1),
    "along columns": lambda: translation_flow(-2),
    "rotation": rotation_flow,
}


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("depth", range(1, 9))
def test_the_lie_derivative_of_every_layer_is_that_of_finite_differences(
    name: str, depth: int
) -> None:
    net, x, flow = smooth_net()[:depth], rows(3, 1, 9, 9), FLOWS[name]()
    acts = net(x).ndim == 4
    found = lie_derivative(net, x, flow, action=flow if acts else None)

    def moved(t: float) -> Tensor:
        step = torch.tensor(t, dtype=torch.float64)
        features = net(flow(x, step))
        return flow(features, -step) if acts else features

    h = 1e-4
    with torch.no_grad():
        # the five-point stencil: an error of order h⁴
        stencil = 8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))
    torch.testing.assert_close(found, stencil / (12 * h), atol=1e-8, rtol=1e-6)
    error = local_equivariance_error(net, x, flow, action=flow if acts else None)
    assert error == pytest.approx(float(found.square().mean()))


@pytest.mark.parametrize("name", FLOWS)
def test_the_layers_sum_to_the_whole(name: str) -> None:
    net, x, flow = smooth_net(), rows(3, 1, 9, 9), FLOWS[name]()
    parts = layerwise_lie_derivative(net, x, flow)
    assert list(parts) == [str(i) for i in range(8)]
    torch.testing.assert_close(
        torch.stack(list(parts.values())).sum(0), lie_derivative(net, x, flow)
    )


def test_an_equivariant_layer_adds_nothing() -> None:
    x, flow = rows(3, 1, 9, 9), translation_flow()
    parts = layerwise_lie_derivative(smooth_net(), x, flow)
    size = {name: float(part.abs().max()) for name, part in parts.items()}
    assert size["2"] < 1e-12  # circular padding
    assert size["0"] > 1e-6  # zero padding breaks it at the border
    conv = CircularConv2d(1, 2, 3).double()
    assert local_equivariance_error(conv, x, flow, action=flow) < 1e-24


def test_modules_come_back_as_they_were() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Dropout(0.5)).train()
    lie_derivative(net, rows(2, 1, 5, 5), translation_flow())
    layerwise_lie_derivative(net, rows(2, 1, 5, 5), translation_flow())
    assert net.training


def test_flows_are_shifts_and_turns() -> None:
    x = rows(2, 1, 7, 7)
    two = torch.tensor(2.0, dtype=torch.float64)
    torch.testing.assert_close(translation_flow(-2)(x, two), x.roll(2, -2))
    flow = rotation_flow()
    torch.testing.assert_close(flow(x, 0 * two), x)
    torch.testing.assert_close(flow(flow(x, two / 4), -two / 4), x)


def test_a_fitted_action_finds_a_linear_one_and_holds_on_other_rows() -> None:
    x, W = rows(300, 6), rows(6, 6, seed=2)

    def phi(z: Tensor) -> Tensor:
        return z @ W + 3

    action = fitted_action(phi, x, roll(1), ridge=1e-9, random_state=0)
    P = torch.eye(6, dtype=torch.float64).roll(1, 1)
    torch.testing.assert_close(action.matrix.T, torch.linalg.solve(W, P @ W), atol=1e-5, rtol=1e-4)
    assert action.r2 > 1 - 1e-9
    held = x[action.held_out]
    assert len(held) == 150
    assert equivariance_test(phi, held, roll(1), action, random_state=0).verdict == "invariant"


def test_a_fitted_action_does_not_overfit_unseen() -> None:
    noise = rows(60, 20, seed=3)
    found = fitted_action(lambda z: z, rows(60, 20), lambda _: noise, random_state=0)
    assert found.r2 < 0.1


def test_fitted_actions_multiply_as_the_transforms() -> None:
    x = rows(200, 4)
    one, two = (fitted_action(lambda z: z, x, roll(k), random_state=0) for k in (1, 2))
    assert composition_error(one, one, two) < 0.01
    assert composition_error(one, two, two) > 0.5


def test_an_action_keeps_shape_and_dtype() -> None:
    images = rows(40, 1, 3, 3).float()
    action = fitted_action(lambda z: z, images, lambda z: z.flip(-1), random_state=0)
    assert action(images).shape == images.shape
    assert action(images).dtype == torch.float32
    torch.testing.assert_close(action(images), images.flip(-1), atol=0.05, rtol=0.05)


X = rows(10, 6)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: relative_error(torch.cos, X[:1], roll(1)), ValueError, "relative_error: x must"),
        (
            lambda: relative_error(torch.cos, X, roll(1), action=lambda z: z[:, :2]),
            ValueError,
            "relative_error: action must be a map of features",
        ),
        (
            lambda: orbit_variance_share(torch.cos, X, []),
            ValueError,
            "orbit_variance_share: elements must be at least one map",
        ),
        (
            lambda: orbit_variance_share(torch.cos, X, SHIFTS, labels=[1]),
            ValueError,
            "orbit_variance_share: labels must be of shape",
        ),
        (
            lambda: distance_to_group_average(torch.cos, X, []),
            ValueError,
            "distance_to_group_average: elements must be at least one map",
        ),
        (
            lambda: prediction_consistency(lambda z: z[:, 0], X, roll(1)),
            ValueError,
            "prediction_consistency: phi must be scores",
        ),
        (
            lambda: fitted_action(torch.cos, X, roll(1), ridge=0.0),
            ValueError,
            "fitted_action: ridge must be a finite number",
        ),
        (
            lambda: lie_derivative(torch.cos, X.numpy(), translation_flow()),  # type: ignore[arg-type]  # what is tested
            TypeError,
            "lie_derivative: x must be a tensor",
        ),
        (
            lambda: lie_derivative(torch.cos, X, 3),  # type: ignore[arg-type]  # what is tested
            TypeError,
            "lie_derivative: flow must be callable",
        ),
        (
            lambda: local_equivariance_error(torch.cos, X, translation_flow(), action=3),  # type: ignore[arg-type]  # what is tested
            TypeError,
            "local_equivariance_error: action must be callable",
        ),
        (
            lambda: layerwise_lie_derivative(nn.Sequential(), X, translation_flow()),
            TypeError,
            "layerwise_lie_derivative: model must be a non-empty",
        ),
        (lambda: translation_flow(0), ValueError, "translation_flow: axis must be an int"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
