"""How features change as a transform begins: the Lie derivative.

Source: N. Gruver, M. Finzi, M. Goldblum, A. G. Wilson, "The Lie derivative for measuring learned
equivariance", ICLR 2023 (arXiv 2210.02984), equations 2 to 5.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import _message
from gramian.symmetry.verdicts._features import as_samples
from gramian.train._inspect import evaluating

__all__ = ["layerwise_lie_derivative", "lie_derivative", "local_equivariance_error"]

Flow = Callable[[Tensor, Tensor], Tensor]


def lie_derivative(
    phi: Callable[[Tensor], Tensor], x: Tensor, flow: Flow, *, action: Flow | None = None
) -> Tensor:
    """d/dt ρ(−t) φ(g(t) x) at t = 0, for every sample.

    Parameters
    ----------
    phi : callable or nn.Module
        Differentiable map of a batch to features; a module is used in evaluation mode.
    x : Tensor of shape (n, ...), floating
    flow : callable
        g: maps a batch and a scalar tensor t to a batch, the batch itself at t = 0, and is
        differentiable in t. `translation_flow` and `rotation_flow` are.
    action : callable, default=None
        ρ: the same for features, where they should move along; None for invariance.

    Returns
    -------
    derivative : Tensor of the shape of ``phi(x)``
        0 for a layer that is invariant (or equivariant). In units of features per unit of t.

    Raises
    ------
    TypeError, ValueError
        If `x` is not a finite floating tensor, or a flow is not callable.

    Notes
    -----
    One forward pass in forward mode; there is no angle or step to choose. It is local: it says
    nothing of large transforms, and of a flow that is interpolated it measures the interpolation
    too. Exact up to rounding, up to kinks of φ such as those of ReLU.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import lie_derivative
    >>> def turn(x, t):
    ...     c, s = torch.cos(t), torch.sin(t)
    ...     return torch.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], 1)
    >>> x = torch.tensor([[3.0, 4.0]])
    >>> lie_derivative(lambda rows: rows.norm(dim=1), x, turn).abs() < 1e-6
    tensor([True])
    >>> lie_derivative(lambda rows: rows[:, 0], x, turn)
    tensor([-4.])
    """
    _check(x, flow, action, "lie_derivative")

    def along(t: Tensor) -> Tensor:
        features = phi(flow(x, t))
        return features if action is None else action(features, -t)

    if isinstance(phi, nn.Module):
        with evaluating(phi):
            return _derivative(along, x)
    with torch.no_grad():
        return _derivative(along, x)


def local_equivariance_error(
    phi: Callable[[Tensor], Tensor], x: Tensor, flow: Flow, *, action: Flow | None = None
) -> float:
    """E ‖Lie derivative‖² / number of features: the local equivariance error (LEE).

    Parameters
    ----------
    phi, x, flow, action
        As in `lie_derivative`.

    Returns
    -------
    error : float

    Raises
    ------
    TypeError, ValueError
        As `lie_derivative`.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import local_equivariance_error, translation_flow
    >>> x = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    >>> flow = translation_flow()
    >>> local_equivariance_error(lambda rows: rows, x, flow, action=flow) < 1e-9
    True
    """
    _check(x, flow, action, "local_equivariance_error")
    return float(lie_derivative(phi, x, flow, action=action).double().square().mean())


def layerwise_lie_derivative(
    model: nn.Sequential, x: Tensor, flow: Flow, *, action: Flow | None = None
) -> dict[str, Tensor]:
    """What each layer adds to the Lie derivative of a chain of layers.

    Parameters
    ----------
    model : nn.Sequential
        Used in evaluation mode.
    x : Tensor of shape (n, ...), floating
    flow : callable
        As in `lie_derivative`.
    action : callable, default=None
        How features move that have as many axes as `x`, such as the maps of a convolution; all
        others should stay. None takes `flow`.

    Returns
    -------
    parts : dict of str to Tensor of the shape of ``model(x)``
        By layer name. They sum to the Lie derivative of the whole model.

    Raises
    ------
    TypeError, ValueError
        As `lie_derivative`, and if `model` is not a non-empty ``nn.Sequential``.

    Notes
    -----
    By the chain rule: the Lie derivative of layer i at its own input, pushed through all later
    layers by their Jacobian. k (k + 1) / 2 passes through a layer for k layers.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import layerwise_lie_derivative, translation_flow
    >>> conv = torch.nn.Conv1d(1, 2, 3, padding=1, padding_mode="circular")
    >>> net = torch.nn.Sequential(conv, torch.nn.Flatten(), torch.nn.Linear(16, 3))
    >>> x = torch.randn(2, 1, 8, generator=torch.Generator().manual_seed(0))
    >>> parts = layerwise_lie_derivative(net, x, translation_flow())
    >>> {name: bool(part.abs().max() < 1e-5) for name, part in parts.items()}
    {'0': True, '1': False, '2': True}
    """
    caller = "layerwise_lie_derivative"
    if not isinstance(model, nn.Sequential) or not len(model):
        raise TypeError(_message(caller, "model", "a non-empty nn.Sequential", type(model)))
    _check(x, flow, action, caller)
    move = flow if action is None else action
    layers = list(model.named_children())
    parts: dict[str, Tensor] = {}
    with evaluating(model):
        value = x
        for place, (name, layer) in enumerate(layers):
            rest = nn.Sequential(*(later for _, later in layers[place + 1 :]))
            tangent = _of_layer(layer, value, flow if place == 0 else move, move, x.ndim)
            value = layer(value)
            parts[name] = _along(rest, value, tangent)
    return parts


def _of_layer(
    layer: nn.Module, value: Tensor, before: Flow, after: Flow, moving_axes: int
) -> Tensor:
    """The Lie derivative of one layer; features with other than ``moving_axes`` axes stay."""

    def along(t: Tensor) -> Tensor:
        features = layer(before(value, t) if value.ndim == moving_axes else value)
        return after(features, -t) if features.ndim == moving_axes else features

    return _derivative(along, value)


def _derivative(along: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """d/dt at t = 0."""
    zero = torch.zeros((), dtype=x.dtype, device=x.device)
    return _along(along, zero, torch.ones_like(zero))


def _along(function: Callable[[Tensor], Tensor], at: Tensor, tangent: Tensor) -> Tensor:
    """The derivative of a function along a tangent, in forward mode."""
    with warnings.catch_warnings():
        # torch scripts its own decompositions when forward mode is first used, and warns of it
        warnings.filterwarnings("ignore", message="`torch.jit.script` is", module="torch")
        derivative: Tensor = torch.func.jvp(function, (at,), (tangent,))[1]
    return derivative


def _check(x: Any, flow: Any, action: Any, caller: str) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(_message(caller, "x", "a tensor", type(x).__name__))
    as_samples(x, caller, least=1)
    for name, given in (("flow", flow), ("action", action)):
        if not (callable(given) or (name == "action" and given is None)):
            raise TypeError(_message(caller, name, "callable", given))
