"""The experiment: can weights that are trained on orbits be read as an orbit themselves?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import _message, as_generator, check_int, check_real
from gramian.symmetry.groups import Action

__all__ = ["OrbitNet", "orbit_data", "train_orbit_net"]


class OrbitNet(nn.Module):
    """One layer of units without bias, ReLU, and a linear readout of the orbit's number.

    Parameters
    ----------
    n_features, n_units, n_orbits : int
        Sizes of input, hidden layer and output; ≥ 1.
    n_thresholds : int, default=None
        None reads every unit by itself. A number pools: the readout sees the sum over the units
        of the part of ⟨w, x⟩ above each of so many learned thresholds, and no single unit; ≥ 1.
        The weights are scaled to a mean square norm of 1 first.
    random_state : None, int or generator, default=None
        For the starting weights, drawn as N(0, 1 / n_features) and N(0, 1 / n_units). The readout
        of pooled units starts at 0.

    Notes
    -----
    The pooled readout is that of complex cells. What it sees depends on the set of the responses
    alone, so it is the same for all of an orbit exactly where the group of the data permutes the
    units. With linearly independent weights this makes them an orbit: Σ ⟨w, x⟩³ alone determines
    the set of the w, up to order.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import OrbitNet
    >>> OrbitNet(5, 10, 3, random_state=0)(torch.ones(4, 5)).shape
    torch.Size([4, 3])
    >>> sum(p.numel() for p in OrbitNet(5, 10, 3, n_thresholds=4).parameters())
    69
    """

    def __init__(
        self,
        n_features: int,
        n_units: int,
        n_orbits: int,
        *,
        n_thresholds: int | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        caller = "OrbitNet"
        for name, value in (
            ("n_features", n_features),
            ("n_units", n_units),
            ("n_orbits", n_orbits),
        ):
            check_int(value, name, caller, low=1)
        if n_thresholds is not None:
            check_int(n_thresholds, "n_thresholds", caller, low=1)
        generator = as_generator(random_state, caller)
        start = torch.randn(n_units, n_features, generator=generator) / n_features**0.5
        if n_thresholds is None:
            readout = torch.randn(n_orbits, n_units, generator=generator) / n_units**0.5
            self.thresholds = None
        else:
            readout = torch.zeros(n_orbits, n_thresholds)
            self.thresholds = nn.Parameter(torch.linspace(-1, 1, n_thresholds))
        self.weight, self.readout = nn.Parameter(start), nn.Parameter(readout)
        self.bias = nn.Parameter(torch.zeros(n_orbits))

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the orbits, (n, n_orbits), of inputs (n, n_features)."""
        if self.thresholds is None:
            seen = (x @ self.weight.T).relu()
        else:
            size = self.weight.square().sum(1).mean().sqrt()
            responses = x @ self.weight.T / size
            seen = (responses[:, :, None] - self.thresholds).relu().sum(1)
        return seen @ self.readout.T + self.bias


def orbit_data(
    action: Action, n_orbits: int, *, noise: float = 0.0, missing: int = 0, random_state: Any = None
) -> tuple[Tensor, Tensor]:
    """Shuffled orbits of random vectors, labelled by the orbit.

    Parameters
    ----------
    action : Action
        Such as ``cyclic_shifts(12)`` or ``Cyclic(12).plane()``.
    n_orbits : int
        Orbits of standard normal vectors; ≥ 1.
    noise : float, default=0.0
        Standard deviation of normal noise on every entry; ≥ 0.
    missing : int, default=0
        Elements of each orbit that are left out at random, less than the order of the group.
    random_state : None, int or generator, default=None

    Returns
    -------
    x : Tensor of shape (n_orbits · (order − missing), size), float32
    labels : Tensor of int64, in [0, n_orbits − 1]

    Raises
    ------
    TypeError, ValueError
        If a number is out of range.

    Examples
    --------
    >>> from gramian.symmetry import cyclic_shifts, orbit_data
    >>> x, labels = orbit_data(cyclic_shifts(6), 2, missing=1, random_state=0)
    >>> x.shape, labels.bincount()
    (torch.Size([10, 6]), tensor([5, 5]))
    """
    caller = "orbit_data"
    if not isinstance(action, Action):
        raise TypeError(_message(caller, "action", "an Action of a finite group", action))
    check_int(n_orbits, "n_orbits", caller, low=1)
    check_real(noise, "noise", caller, low=0)
    check_int(missing, "missing", caller, low=0, high=action.group.order - 1)
    generator = as_generator(random_state, caller)
    templates = torch.randn(n_orbits, action.size, generator=generator)
    kept = [
        action.orbit(t)[torch.randperm(action.group.order, generator=generator)[missing:]]
        for t in templates
    ]
    x = torch.cat(kept)
    x = x + noise * torch.randn(x.shape, generator=generator)
    labels = torch.arange(n_orbits).repeat_interleave(action.group.order - missing)
    order = torch.randperm(len(x), generator=generator)
    return x[order], labels[order]


def train_orbit_net(
    x: Tensor,
    labels: Tensor,
    n_units: int,
    *,
    n_thresholds: int | None = None,
    regularizer: Callable[[Tensor], Tensor] | None = None,
    weight: float = 1.0,
    n_steps: int = 1500,
    lr: float = 0.02,
    random_state: Any = None,
) -> OrbitNet:
    """Train an `OrbitNet` to tell orbits apart, with or without a penalty on its units.

    Parameters
    ----------
    x : Tensor of shape (n, d), floating
    labels : Tensor of shape (n,), int64
    n_units : int
    n_thresholds : int, default=None
        As in `OrbitNet`: a number pools over the units.
    regularizer : callable, default=None
        Maps the weights (n_units, d) to a penalty, such as a `SymmetryRegularizer`. None is the
        baseline.
    weight : float, default=1.0
        Of the penalty.
    n_steps : int, default=1500
        Full-batch steps of Adam.
    lr : float, default=0.02
        Falls to zero in a line over the last third of the steps.
    random_state : None, int or generator, default=None
        For the starting weights.

    Returns
    -------
    net : OrbitNet

    Raises
    ------
    TypeError, ValueError
        If a number is out of range, or `labels` do not fit `x`.

    Notes
    -----
    A circulant Gramian after training is no evidence about the data: the penalty alone can make
    one, on shuffled labels too. Carry the group to the inputs with `input_maps`, and test it there.

    Examples
    --------
    >>> from gramian.symmetry import cyclic_shifts, orbit_data, train_orbit_net
    >>> x, labels = orbit_data(cyclic_shifts(5), 3, random_state=0)
    >>> net = train_orbit_net(x, labels, 10, n_steps=200, random_state=0)
    >>> bool((net(x).argmax(1) == labels).float().mean() > 0.9)
    True
    """
    caller = "train_orbit_net"
    check_int(n_steps, "n_steps", caller, low=0)
    check_real(weight, "weight", caller, low=0)
    check_real(lr, "lr", caller, low=0, low_open=True)
    if x.ndim != 2 or labels.shape != (len(x),):
        constraint = f"of shape ({len(x)},) for x of shape (n, d)"
        raise ValueError(_message(caller, "labels", constraint, tuple(labels.shape)))
    n_orbits = int(labels.max()) + 1
    net = OrbitNet(
        x.shape[1], n_units, n_orbits, n_thresholds=n_thresholds, random_state=random_state
    ).to(x)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for step in range(n_steps):
        optimizer.param_groups[0]["lr"] = lr * min(1.0, 3 * (1 - step / n_steps))
        loss = nn.functional.cross_entropy(net(x), labels)
        if regularizer is not None:
            loss = loss + weight * regularizer(net.weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net
