"""gradient_path: two ways to one path, and the solution that it chooses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gramian import gradient_path
from gramian.linalg import lstsq

METHODS = ["gd", "momentum", "nesterov"]


def draw(n: int, d: int, *, seed: int = 0) -> tuple[Any, Any, Any]:
    generator = torch.Generator().manual_seed(seed)
    return tuple(
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((n, d), n, d)
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
@pytest.mark.parametrize("shape", [(20, 100), (60, 8), (12, 12)], ids=str)
def test_steps_and_closed_form_agree(shape: tuple[int, int], share: float, method: str) -> None:
    X, y, start = draw(*shape)
    step = share * gradient_path(X, y, 1.0, 0, method=method).largest_step
    one, other = (
        gradient_path(X, y, step, 300, method=method, start=start, closed_form=closed)
        for closed in (False, True)
    )
    for name in ("iterates", "losses", "norms", "row_norms", "null_norms", "distances"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_steps_are_those_of_torch_optim(method: str) -> None:
    X, y, start = draw(30, 7)
    path = gradient_path(X, y, 0.05, 40, method=method, start=start, momentum=0.8)
    weights = start.clone().requires_grad_()
    settings = {"momentum": 0.0 if method == "gd" else 0.8, "nesterov": method == "nesterov"}
    optimizer = torch.optim.SGD([weights], lr=0.05, **settings)
    seen = []
    for _ in range(41):
        loss = (X @ weights - y).square().sum() / (2 * len(X))
        seen.append((weights.detach().clone(), loss.item()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if method == "nesterov":
        # torch keeps the point of the next gradient; ours is one look-ahead behind it
        velocity = torch.zeros_like(start)
        for index in range(1, 41):
            velocity = path.iterates[index] - path.iterates[index - 1]
            torch.testing.assert_close(path.iterates[index] + 0.8 * velocity, seen[index][0])
        return
    torch.testing.assert_close(path.iterates, torch.stack([weights for weights, _ in seen]))
    np.testing.assert_allclose(path.losses, [loss for _, loss in seen], rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_from_zero_it_ends_at_the_solution_of_least_norm(method: str) -> None:
    X, y, _ = draw(20, 100)
    path = gradient_path(X, y, 0.05, 4000, method=method)
    least, _, _ = lstsq(X, y)
    torch.testing.assert_close(path.iterates[-1], least, rtol=0, atol=1e-10)
    torch.testing.assert_close(path.limit, least, rtol=0, atol=1e-12)
    assert path.null_norms.max() < 1e-12
    assert path.losses[-1] < 1e-20


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_what_the_start_has_in_the_null_space_stays(method: str, closed: bool) -> None:
    X, y, start = draw(20, 100)
    path = gradient_path(X, y, 0.05, 4000, method=method, start=start, closed_form=closed)
    pinv = torch.linalg.pinv(X)
    null = start - pinv @ (X @ start)
    torch.testing.assert_close(path.iterates[-1], pinv @ y + null, rtol=0, atol=1e-10)
    torch.testing.assert_close(path.null_norms, null.norm().expand(4001), rtol=1e-10, atol=0)
    torch.testing.assert_close(path.norms.square(), path.row_norms**2 + path.null_norms**2)


def test_over_determined_problems_forget_the_start() -> None:
    X, y, start = draw(1000, 10)
    ends = [gradient_path(X, y, 0.1, 500, start=first).iterates[-1] for first in (None, start)]
    torch.testing.assert_close(*ends, rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_the_largest_step_divides_convergence_from_divergence(method: str) -> None:
    X, y, _ = draw(15, 6)
    largest = gradient_path(X, y, 1.0, 0, method=method).largest_step
    for share, converges in ((0.98, True), (1.02, False)):
        path = gradient_path(X, y, share * largest, 3000, method=method)
        assert bool(path.distances[-1] < path.distances[0]) == converges


def test_gradient_descent_loses_each_direction_at_its_own_rate() -> None:
    X = torch.diag(torch.tensor([3.0, 1.0], dtype=torch.float64))
    path = gradient_path(X, torch.zeros(2), 0.1, 5, start=torch.ones(2))
    torch.testing.assert_close(path.curvatures, torch.tensor([4.5, 0.5], dtype=torch.float64))
    steps = torch.arange(6, dtype=torch.float64)
    torch.testing.assert_close(path.iterates[:, 0], 0.55**steps)
    torch.testing.assert_close(path.iterates[:, 1], 0.95**steps)


def test_several_targets_are_several_paths() -> None:
    X, _, _ = draw(9, 4)
    Y = torch.randn(9, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    both = gradient_path(X, Y, 0.2, 10, method="momentum")
    assert both.iterates.shape == (11, 4, 3)
    for column in range(3):
        one = gradient_path(X, Y[:, column], 0.2, 10, method="momentum")
        torch.testing.assert_close(both.iterates[:, :, column], one.iterates)
        torch.testing.assert_close(both.losses[:, column], one.losses)
    given = gradient_path(X, Y, 0.2, 10, start=torch.ones(4))
    assert (given.iterates[0] == 1).all()


def test_arrays_come_back_as_they_came() -> None:
    X, y, _ = (array.numpy().astype(np.float32) for array in draw(9, 4))
    path = gradient_path(X, y, 0.1, 3)
    assert path.iterates.dtype == path.losses.dtype == np.float32
    assert isinstance(path.iterates, np.ndarray)
    assert path.iterates.shape == (4, 4)
    zero = gradient_path(np.zeros((3, 2)), np.ones(3), 0.1, 2)
    assert zero.largest_step == float("inf")
    assert (zero.losses == 0.5).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step": 0.0}, r"step must be a finite number in \(0, inf\), got 0.0"),
        ({"step": float("nan")}, "step must be a finite number"),
        ({"n_steps": -1}, r"n_steps must be an int in \[0, inf\), got -1"),
        ({"method": "adam"}, "method must be one of 'gd', 'momentum', 'nesterov', got 'adam'"),
        ({"momentum": 1.0}, r"momentum must be a finite number in \[0, 1\), got 1.0"),
        ({"momentum": -0.1}, "momentum must be a finite number"),
        ({"X": np.array([[np.nan]] * 3)}, "X must be finite"),
        ({"y": np.ones(2)}, r"y must have shape \(3,\) or \(3, r\), got \(2,\)"),
        ({"y": np.array([1, np.inf, 0])}, "y must be finite"),
        ({"start": np.ones(2)}, r"start must have shape \(1,\) or \(1, r\), got \(2,\)"),
        ({"start": np.ones((1, 2))}, r"start must have one column or one per column of y \(1\)"),
    ],
)
def test_bad_input_is_refused(arguments: Any, message: str) -> None:
    good = {"X": np.ones((3, 1)), "y": np.ones(3), "step": 0.1, "n_steps": 2}
    with pytest.raises(ValueError, match=f"gradient_path: {message}"):
        gradient_path(**{**good, **arguments})
