"""The path of gradient descent on least squares: which of many solutions it comes to, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian._arrays import Form, as_rows, as_vector
from gramian._validation import check_choice, check_int, check_real

__all__ = ["GradientPath", "gradient_path"]

METHODS = ("gd", "momentum", "nesterov")


@dataclass(frozen=True)
class GradientPath:
    """Iterates w_0 … w_T of a descent, and what they do; T is ``n_steps``.

    Arrays are of the kind and dtype of X. Without ``y`` of several columns the axis t is absent.

    Attributes
    ----------
    iterates : array of shape (T + 1, d) or (T + 1, d, t)
    losses : array of shape (T + 1,) or (T + 1, t)
        ‖X w − y‖² / (2n).
    norms : array of shape (T + 1,) or (T + 1, t)
        ‖w‖.
    row_norms, null_norms : arrays of shape (T + 1,) or (T + 1, t)
        Lengths of the parts of w in the row space of X, where the data speak, and in its null
        space, where they do not.
    distances : array of shape (T + 1,) or (T + 1, t)
        ‖w − limit‖.
    limit : array of shape (d,) or (d, t)
        X⁺y + (I − X⁺X) w_0: the solution nearest to the start, where any step that converges
        ends. From zero it is the solution of least norm.
    curvatures : array of shape (min(n, d),)
        Eigenvalues of XᵀX/n that may differ from zero, falling.
    largest_step : float
        Steps below it converge; steps above it diverge.
    """

    iterates: Any
    losses: Any
    norms: Any
    row_norms: Any
    null_norms: Any
    distances: Any
    limit: Any
    curvatures: Any
    largest_step: float


def gradient_path(
    X: Any,
    y: Any,
    step: float,
    n_steps: int,
    *,
    method: str = "gd",
    momentum: float = 0.9,
    start: Any = None,
    closed_form: bool = False,
) -> GradientPath:
    """Descend on f(w) = ‖X w − y‖² / (2n) and keep every iterate.

    Parameters
    ----------
    X : array-like or Tensor of shape (n, d)
        Never modified. No intercept is added: append a column of ones for one.
    y : array-like or Tensor of shape (n,) or (n, t)
    step : float
        Positive; in the unit of 1 / X². The gradient it multiplies is Xᵀ(X w − y) / n.
    n_steps : int
    method : {"gd", "momentum", "nesterov"}, default="gd"
        w ← w − step ∇f(w); the heavy ball, which adds momentum × (the last change of w); or
        Nesterov's, which takes the gradient after that addition.
    momentum : float, default=0.9
        In [0, 1). Not read by "gd".
    start : array-like or Tensor of shape (d,) or (d, t), optional
        w_0; zeros if not given. It starts at rest.
    closed_form : bool, default=False
        False: step by step, as an optimiser would. True: from the singular value decomposition.
        In its basis every coordinate of w − limit follows a recurrence of its own, and its power
        gives any iterate without those before it. Both give the same path up to rounding.

    Returns
    -------
    GradientPath

    Raises
    ------
    ValueError, TypeError
        If arrays or parameters do not fit, or a number is not finite.

    Notes
    -----
    All arithmetic is float64. One thin singular value decomposition, O(n d min(n, d)); then O(n d)
    for each step, or O(d min(n, d)) with ``closed_form``. Memory is that of the iterates, and
    4 min(n, d) numbers for each step with ``closed_form``. A step above ``largest_step`` diverges,
    to infinity and NaN in the end: that is the answer, not an error.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
       Comput. Math. Math. Phys. 4(5), 1964.
    .. [2] S. Gunasekar, J. Lee, D. Soudry, N. Srebro, "Characterizing implicit bias in terms of
       optimization geometry", ICML 2018 (section 2.1).

    Examples
    --------
    >>> import torch
    >>> from gramian import gradient_path
    >>> X, y = torch.tensor([[3.0, 4.0]]), torch.tensor([5.0])
    >>> path = gradient_path(X, y, step=0.02, n_steps=100)
    >>> path.iterates[-1]  # of all w with 3 w₁ + 4 w₂ = 5, the shortest
    tensor([0.6000, 0.8000])
    >>> path.null_norms.max() < 1e-6
    tensor(True)
    """
    caller = "gradient_path"
    table, form, target, first, flat = _take(X, y, start)
    step = check_real(step, "step", caller, low=0.0, low_open=True)
    n_steps = check_int(n_steps, "n_steps", caller, low=0)
    check_choice(method, "method", caller, METHODS)
    momentum = check_real(momentum, "momentum", caller, low=0.0)
    if momentum >= 1:
        raise ValueError(f"{caller}: momentum must be a finite number in [0, 1), got {momentum}.")
    beta = 0.0 if method == "gd" else momentum
    look_ahead = method == "nesterov"
    kind = table.dtype
    table = table.double()
    n, d = table.shape

    left, values, rows = torch.linalg.svd(table, full_matrices=False)
    rank = int((values > max(n, d) * torch.finfo(values.dtype).eps * values[:1]).sum())
    left, basis = left[:, :rank], rows[:rank]
    curvatures = values.square() / n
    inside = basis @ first
    limit = first + basis.T @ (left.T @ target / values[:rank, None] - inside)

    if closed_form:
        powers = _amplification(step * curvatures[:rank], n_steps, beta, look_ahead)
        errors = basis @ (first - limit)
        iterates = limit + torch.einsum("kd,Tk,kt->Tdt", basis, powers, errors)
    else:
        iterates = _descend(table, target, first, step, n_steps, beta, look_ahead)

    along = torch.einsum("kd,Tdt->Tkt", basis, iterates)
    across = iterates - torch.einsum("kd,Tkt->Tdt", basis, along)
    # X (w − limit) is orthogonal to the residual that no w removes
    removable = values[:rank, None] * (along - basis @ limit)
    squares = removable.square().sum(1) + (table @ limit - target).square().sum(0)

    def give(found: Tensor) -> Any:
        return form.give((found[..., 0] if flat else found).to(kind))

    greatest = 2 * (1 + beta) / (1 + 2 * beta if look_ahead else 1)
    return GradientPath(
        iterates=give(iterates),
        losses=give(squares / (2 * n)),
        norms=give(iterates.norm(dim=1)),
        row_norms=give(along.norm(dim=1)),
        null_norms=give(across.norm(dim=1)),
        distances=give((iterates - limit).norm(dim=1)),
        limit=give(limit),
        curvatures=form.give(curvatures.to(kind)),
        largest_step=greatest / float(curvatures[0]) if rank else float("inf"),
    )


def _take(X: Any, y: Any, start: Any) -> tuple[Tensor, Form, Tensor, Tensor, bool]:
    """The table, its kind, targets (n, t), the start (d, t), and whether y was a vector."""
    caller = "gradient_path"
    table, form = as_rows(X, "X", caller)
    table = table.detach()
    if not bool(torch.isfinite(table).all()):
        raise ValueError(f"{caller}: X must be finite, got NaN or infinity.")
    like = torch.empty(0, dtype=torch.float64, device=table.device)
    target, flat = as_vector(y, "y", caller, rows=len(table), like=like)
    target = target.detach()
    if start is None:
        return table, form, target, target.new_zeros(table.shape[1], target.shape[1]), flat
    first, _ = as_vector(start, "start", caller, rows=table.shape[1], like=like)
    if first.shape[1] not in (1, target.shape[1]):
        raise ValueError(
            f"{caller}: start must have one column or one per column of y ({target.shape[1]}), "
            f"got {first.shape[1]}."
        )
    return table, form, target, first.detach().expand(-1, target.shape[1]), flat


def _descend(
    table: Tensor,
    target: Tensor,
    first: Tensor,
    step: float,
    n_steps: int,
    beta: float,
    look_ahead: bool,
) -> Tensor:
    """The iterates, (n_steps + 1, d, t), one after the other."""
    path = first.new_empty(n_steps + 1, *first.shape)
    path[0] = first
    weights, velocity = first, torch.zeros_like(first)
    for index in range(n_steps):
        seen = weights + beta * velocity if look_ahead else weights
        gradient = table.T @ (table @ seen - target) / len(table)
        velocity = beta * velocity - step * gradient
        weights = weights + velocity
        path[index + 1] = weights
    return path


def _amplification(rates: Tensor, n_steps: int, beta: float, look_ahead: bool) -> Tensor:
    """What is left of an error of one after each step, (n_steps + 1, k), for step × curvature.

    With e_{-1} = e_0 = 1, e_{i+1} = a e_i − b e_{i-1}: the powers of a 2 × 2 matrix, which are
    made by doubling, and have no trouble where its eigenvalues meet.
    """
    kept = 1 - rates
    a = (1 + beta) * kept if look_ahead else 1 + beta - rates
    b = beta * kept if look_ahead else torch.full_like(rates, beta)
    matrix = torch.stack([a, -b, torch.ones_like(a), torch.zeros_like(a)], dim=-1).view(-1, 2, 2)
    powers = torch.eye(2, dtype=rates.dtype, device=rates.device).expand(1, len(rates), 2, 2)
    while len(powers) <= n_steps:
        matrix_to_length = matrix @ powers[-1]
        powers = torch.cat([powers, matrix_to_length @ powers])
    return powers[: n_steps + 1, :, 0].sum(-1)
