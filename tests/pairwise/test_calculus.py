"""Derivatives stay finite and right at zero distance."""

from __future__ import annotations

import pytest
import torch

from gramian.pairwise._calculus import matern_profile, root, root_


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_root_is_the_square_root() -> None:
    t = torch.tensor([-1e-9, 0.0, 2.0, 9.0], dtype=torch.float64)
    assert root(t).tolist() == [0.0, 0.0, 2.0**0.5, 3.0]
    assert root(t.clone().requires_grad_()).tolist() == root(t).tolist()
    assert root_(t[1:].clone()).tolist() == root(t[1:]).tolist()
    assert t[0] < 0, "the input is left alone"


def test_root_has_derivatives() -> None:
    t = leaf(0.5, 2.0, 7.0)
    assert torch.autograd.gradcheck(root, (t,))
    assert torch.autograd.gradgradcheck(root, (t,))
    zero = leaf(0.0)
    (first,) = torch.autograd.grad(root(zero), zero, create_graph=True)
    (second,) = torch.autograd.grad(first, zero)
    assert first.item() == second.item() == 0


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
def test_matern_has_derivatives(nu: float) -> None:
    u = leaf(0.3, 1.0, 5.0)
    assert torch.autograd.gradcheck(lambda u: matern_profile(u, nu), (u,))
    assert torch.autograd.gradgradcheck(lambda u: matern_profile(u, nu), (u,))
    torch.testing.assert_close(matern_profile(u, nu), matern_profile(u.detach(), nu))


@pytest.mark.parametrize(("nu", "slope", "bend"), [(1.5, -1.5, 0.0), (2.5, -5 / 6, 25 / 12)])
def test_matern_at_zero(nu: float, slope: float, bend: float) -> None:
    u = leaf(0.0)
    value = matern_profile(u, nu)
    (first,) = torch.autograd.grad(value, u, create_graph=True)
    (second,) = torch.autograd.grad(first, u)
    assert value.item() == 1
    assert first.item() == pytest.approx(slope)
    assert second.item() == pytest.approx(bend)
