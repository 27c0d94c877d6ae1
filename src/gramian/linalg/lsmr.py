"""LSMR: least squares from products with a matrix and with its transpose alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gramian._validation import check_int, check_real
from gramian.linalg._result import Callback, Clock
from gramian.linalg.least_squares import check_right

__all__ = ["LeastSquares", "lsmr"]

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class LeastSquares:
    """What `lsmr` returns; the norms are computed from ``x`` after the last step.

    Attributes
    ----------
    x : Tensor of shape (n_columns,) or (n_columns, r)
    residual : Tensor of shape (r,), float64
        ‖A x − b‖ of each right-hand side.
    gradient : Tensor of shape (r,), float64
        ‖Aᵀ(A x − b) + damp² x‖, which is zero at the minimum.
    norm : float
        An estimate of the Frobenius norm of A, from below.
    iterations : int
    passes : float
        Products with A, those with its transpose counted as the same.
    seconds : float
    converged : bool
    reason : str
        Why it stopped, as a sentence.
    """

    x: Tensor
    residual: Tensor
    gradient: Tensor
    norm: float
    iterations: int
    passes: float
    seconds: float
    converged: bool
    reason: str


@torch.no_grad()
def lsmr(
    matvec: Product,
    rmatvec: Product,
    b: Tensor,
    n_columns: int,
    *,
    damp: float = 0.0,
    atol: float = 1e-6,
    btol: float = 1e-6,
    max_iterations: int | None = None,
    x0: Tensor | None = None,
    callback: Callback | None = None,
    time_budget: float | None = None,
) -> LeastSquares:
    """Minimise ‖A x − b‖² + damp² ‖x‖² from products with A and its transpose alone.

    Parameters
    ----------
    matvec : callable
        v ↦ A v, from (n_columns, r) to (n, r); flat vectors if ``b`` is flat.
    rmatvec : callable
        u ↦ Aᵀ u.
    b : Tensor of shape (n,) or (n, r), float32 or float64
        Right-hand sides; they share every product.
    n_columns : int
    damp : float, default=0.0
        Square root of the ridge.
    atol, btol : float, default=1e-6
        Stops where ‖Aᵀr‖ ≤ atol ‖A‖ ‖r‖, or ‖r‖ ≤ btol ‖b‖ + atol ‖A‖ ‖x‖. What is below the
        machine epsilon of ``b`` counts as that.
    max_iterations : int, optional
        4 n_columns (and at least 100) if not given.
    x0 : Tensor of the shape of the solution, optional
        Where to start. Without damping, what it has in the null space of A stays in the solution;
        from zero, the solution is the one of least norm.
    callback : callable, optional
        Called with a `Progress` after each iteration; stops the solver if it returns true.
    time_budget : float, optional
        Seconds after which no further iteration begins.

    Returns
    -------
    LeastSquares
        ``converged`` is judged by the true residual, not by the recurrences.

    Raises
    ------
    TypeError, ValueError
        If parameters do not fit, or ``b`` or ``x0`` is not finite.
    FloatingPointError
        If a product is not finite.

    Notes
    -----
    Two products and O((n + n_columns) r) other work for each iteration; five blocks of vectors.
    Scalars and dot products are float64. The iteration begins again from its true residual where
    rounding has made the recurrences too hopeful, as long as that helps.

    References
    ----------
    .. [1] D. C.-L. Fong and M. Saunders, "LSMR: An iterative algorithm for sparse least-squares
       problems", SIAM J. Sci. Comput. 33(5), 2011, section 2.8, doi:10.1137/10079687X.

    Examples
    --------
    >>> import torch
    >>> A = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], dtype=torch.float64)
    >>> found = lsmr(lambda v: A @ v, lambda u: A.T @ u, A @ torch.ones(2).double(), 2)
    >>> found.converged, [round(value, 6) for value in found.x.tolist()]
    (True, [1.0, 1.0])
    """
    check_right(b, "lsmr")
    n_columns = check_int(n_columns, "n_columns", "lsmr", low=1)
    damp = check_real(damp, "damp", "lsmr", low=0.0)
    smallest = torch.finfo(b.dtype).eps
    atol = max(check_real(atol, "atol", "lsmr", low=0.0), smallest)
    btol = max(check_real(btol, "btol", "lsmr", low=0.0), smallest)
    most = max(100, 4 * n_columns) if max_iterations is None else max_iterations
    most = check_int(most, "max_iterations", "lsmr", low=1)
    shape = (n_columns, *b.shape[1:])
    if x0 is not None and (x0.shape != shape or not bool(torch.isfinite(x0).all())):
        raise ValueError(
            f"lsmr: x0 must be finite and of shape {tuple(shape)}, got {tuple(x0.shape)}."
        )
    system = _System(matvec, rmatvec, b, damp)
    x = system.target.new_zeros(n_columns, system.target.shape[1])
    if x0 is not None:
        x += x0.to(b).reshape(x.shape)
    clock = Clock("lsmr", time_budget, None, callback)
    largest, before, reason = torch.zeros(len(x.T), dtype=torch.float64, device=b.device), None, ""
    while True:
        residual = system.residual(x)
        gradient = system.adjoint(residual)
        sizes = _norms(residual), _norms(gradient)
        done = _small(sizes, largest, _norms(x), _norms(system.target), atol, btol)
        if bool(done.all()):
            reason = "every right-hand side met the tolerances"
        elif before is not None and not bool((sizes[1] < before / 2)[~done].any()):
            reason = reason or "rounding in the products allows no smaller residual"
        if reason:
            break
        before = sizes[1]
        reason = _cycle(system, x, residual, gradient, done, largest, (atol, btol), most, clock)
    norms = _norms(residual[: len(b)]), sizes[1]
    system.clock_into(clock)
    return LeastSquares(
        x[:, 0] if b.ndim == 1 else x,
        *norms,
        float(largest.max()),
        clock.iteration,
        clock.passes,
        clock.seconds,
        bool(done.all()),
        reason,
    )


class _System:
    """[A; damp I] and [b; 0], so that damping and warm starts need no rules of their own."""

    def __init__(self, matvec: Product, rmatvec: Product, b: Tensor, damp: float) -> None:
        self.matvec, self.rmatvec, self.damp = matvec, rmatvec, damp
        self.flat, self.n, self.products = b.ndim == 1, len(b), 0
        self.target = b.reshape(self.n, -1)

    def product(self, v: Tensor) -> Tensor:
        above = self._checked(self.matvec, v)
        return torch.cat([above, self.damp * v]) if self.damp else above

    def adjoint(self, u: Tensor) -> Tensor:
        found = self._checked(self.rmatvec, u[: self.n])
        return found + self.damp * u[self.n :] if self.damp else found

    def residual(self, x: Tensor) -> Tensor:
        """[b − A x; −damp x]."""
        product = self.product(x) if bool(x.any()) else None
        below = self.target.new_zeros(len(x) if self.damp else 0, self.target.shape[1])
        whole = torch.cat([self.target, below])
        return whole if product is None else whole - product

    def clock_into(self, clock: Clock) -> None:
        clock.passes = float(self.products)

    def _checked(self, product: Product, v: Tensor) -> Tensor:
        self.products += 1
        found = product(v[:, 0] if self.flat else v).to(v)
        found = found[:, None] if self.flat else found
        if not bool(torch.isfinite(found).all()):
            raise FloatingPointError(
                "lsmr: products must be finite, got NaN or infinity. "
                "Check the data, or scale its columns."
            )
        return found


def _cycle(
    system: _System,
    x: Tensor,
    residual: Tensor,
    gradient: Tensor,
    done: Tensor,
    largest: Tensor,
    tolerances: tuple[float, float],
    most: int,
    clock: Clock,
) -> str:
    """Run the recurrences from ``x``, in place, until they say that all is done.

    Returns why no further cycle may follow, or "". Names are those of the paper.
    """
    u, beta = _unit(residual)
    v, alpha = _unit(gradient / beta.clamp_min(1e-300).to(gradient))
    done = done | (alpha == 0)
    alpha_bar, zeta_bar = alpha.clone(), alpha * beta
    one, zero = torch.ones_like(alpha), torch.zeros_like(alpha)
    rho, rho_bar, c_bar, s_bar, zeta = one, one, one, zero, zero
    h, h_bar = v.clone(), torch.zeros_like(v)
    # the norm of the residual (section 3.1)
    beta_dd, beta_d, rho_d, tau, theta_tilde = beta, zero, one, zero, zero
    squares, b_norm = alpha.square(), _norms(system.target)
    while not bool(done.all()):
        if clock.iteration >= most:
            return f"max_iterations={most} is reached; raise it, or scale the columns of A"
        u, beta = _unit(system.product(v) - u * alpha.to(u))
        v, alpha = _unit(system.adjoint(u) - v * beta.to(v))
        squares = squares + beta.square()
        norm = squares.sqrt()
        squares = squares + alpha.square()
        torch.maximum(largest, norm, out=largest)

        rho_old, rho = rho, torch.hypot(alpha_bar, beta)
        c, s = _ratio(alpha_bar, rho), _ratio(beta, rho)
        theta, alpha_bar = s * alpha, c * alpha
        theta_bar, rho_bar_old, zeta_old = s_bar * rho, rho_bar, zeta
        rho_bar = torch.hypot(c_bar * rho, theta)
        c_bar, s_bar = _ratio(c_bar * rho, rho_bar), _ratio(theta, rho_bar)
        zeta, zeta_bar = c_bar * zeta_bar, -s_bar * zeta_bar

        h_bar = h - h_bar * _ratio(theta_bar * rho, rho_old * rho_bar_old).to(h)
        x += h_bar * torch.where(done, 0.0, _ratio(zeta, rho * rho_bar)).to(h)
        h = v - h * _ratio(theta, rho).to(h)

        beta_hat, beta_dd = c * beta_dd, -s * beta_dd
        rho_tilde = torch.hypot(rho_d, theta_bar)
        c_tilde, s_tilde = _ratio(rho_d, rho_tilde), _ratio(theta_bar, rho_tilde)
        tau = _ratio(zeta_old - theta_tilde * tau, rho_tilde)
        theta_tilde, rho_d = s_tilde * rho_bar, c_tilde * rho_bar
        beta_d = c_tilde * beta_hat - s_tilde * beta_d
        size = torch.hypot(beta_d - _ratio(zeta - theta_tilde * tau, rho_d), beta_dd)

        sizes = size, zeta_bar.abs()
        done = done | _small(sizes, largest, _norms(x), b_norm, *tolerances)
        done = done | (alpha == 0) | (beta == 0)
        system.clock_into(clock)
        stop = clock.tick(float(_ratio(size, b_norm).max()))
        if stop is not None:
            return stop
    return ""


def _small(
    sizes: tuple[Tensor, Tensor],
    norm: Tensor,
    x_norm: Tensor,
    b_norm: Tensor,
    atol: float,
    btol: float,
) -> Tensor:
    """Which right-hand sides have a small residual, or one that the columns of A do not see."""
    residual, gradient = sizes
    return (residual <= btol * b_norm + atol * norm * x_norm) | (gradient <= atol * norm * residual)


def _norms(columns: Tensor) -> Tensor:
    return torch.linalg.vector_norm(columns, dim=0, dtype=torch.float64)


def _ratio(above: Tensor, below: Tensor) -> Tensor:
    """above / below, and 0 where a recurrence has ended and both are 0."""
    return above / torch.where(below == 0, torch.inf, below)


def _unit(columns: Tensor) -> tuple[Tensor, Tensor]:
    """The columns at length one, and their lengths; columns of zeros stay."""
    norms = _norms(columns)
    return columns * _ratio(torch.ones_like(norms), norms).to(columns), norms
