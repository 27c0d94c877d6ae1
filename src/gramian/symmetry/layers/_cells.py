"""Simple cells see every transformed copy of a template; complex cells pool over the copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import check_choice, check_int
from gramian.symmetry.groups import Action
from gramian.symmetry.layers._pooling import POOLS, pooled
from gramian.symmetry.layers._weights import check_last, drawn
from gramian.train._random import generator_for

__all__ = ["ComplexCells", "SimpleCells"]

Nonlinearity = str | Callable[[Tensor], Tensor]

_NONLINEARITIES: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda s: s,
    "relu": torch.relu,
    "square": torch.square,
    "abs": torch.abs,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class SimpleCells(nn.Module):
    """s_ig(x) = ⟨x, g·w_i⟩: one response for each template w_i and each element g of a group.

    Parameters
    ----------
    action : Action
        How the group moves the inputs.
    templates : int or Tensor of shape (m, action.size)
        How many to draw, or the first templates themselves.
    random_state : None, int or generator, default=None
        Of drawn templates, U(−1/√size, 1/√size). None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    templates : Parameter of shape (m, action.size)

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind, or the inputs are of another size.

    Notes
    -----
    s_ig(hx) = s_i,h⁻¹g(x): moving the input permutes the cells of each template, as the group
    acts on itself (`FiniteGroup.regular`). This holds for any nonlinearity after it, and needs
    the whole group: with an element missing it fails. O(m · order · size) time per input.

    References
    ----------
    .. [1] D. H. Hubel, T. N. Wiesel, "Receptive fields, binocular interaction and functional
       architecture in the cat's visual cortex", J. Physiol. 160, 1962.
    .. [2] F. Anselmi et al., "Unsupervised learning of invariant representations", Theor. Comput.
       Sci. 633, 2016, section 3.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import SimpleCells, pixel_turns
    >>> cells = SimpleCells(pixel_turns(28), templates=4, random_state=0)
    >>> x = torch.rand(10, 28, 28)
    >>> s, turned = cells(x.flatten(1)), cells(x.rot90(1, (1, 2)).flatten(1))
    >>> s.shape, torch.allclose(turned, s.roll(1, dims=-1), atol=1e-4)
    (torch.Size([10, 4, 4]), True)
    """

    def __init__(
        self, action: Action, templates: int | Tensor, *, random_state: Any = None
    ) -> None:
        super().__init__()
        self.action = action
        if isinstance(templates, Tensor):
            if templates.ndim != 2 or not len(templates) or templates.shape[1] != action.size:
                raise ValueError(
                    f"SimpleCells: templates must have shape (m, {action.size}), "
                    f"got {tuple(templates.shape)}."
                )
            self.templates = nn.Parameter(templates.detach().clone())
        else:
            check_int(templates, "templates", "SimpleCells", low=1)
            rng = generator_for(random_state, "SimpleCells")
            self.templates = drawn(templates, action.size, bound=action.size**-0.5, generator=rng)

    def forward(self, x: Tensor) -> Tensor:
        """(..., m, order) from ``x`` of shape (..., size); the last axis is the group."""
        check_last(x, (self.action.size,), "the entries that the group moves", "SimpleCells")
        copies = self.action.orbit(self.templates)  # (order, m, size)
        return (x @ copies.flatten(0, 1).T).unflatten(-1, copies.shape[:2]).mT

    def extra_repr(self) -> str:
        return f"{self.action!r}, {len(self.templates)} templates"


class ComplexCells(nn.Module):
    """c_ih = pool over g of σ_h(s_ig): what is left when the place in the orbit is forgotten.

    Parameters
    ----------
    nonlinearities : str, callable, or sequence of them, default="square"
        The σ_h, each applied entry by entry before the pool: "identity", "relu", "square",
        "abs", "sigmoid", "tanh", or a function of a tensor.
    pool : {"sum", "mean", "max"}, default="sum"

    Raises
    ------
    ValueError
        If a parameter is none of these.

    Notes
    -----
    Invariant where the group permutes the cells, as it does those of `SimpleCells` and
    `GroupConv`. Several σ say more of the distribution of the responses over the orbit: with
    enough of them, two inputs look equal only if their orbits do. "max" gives the same bits for
    each element of the group, sums the same up to rounding.

    References
    ----------
    .. [1] F. Anselmi et al., "Unsupervised learning of invariant representations", Theor. Comput.
       Sci. 633, 2016, section 3.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import ComplexCells
    >>> ComplexCells(["abs", torch.sin])(torch.rand(10, 4, 6)).shape
    torch.Size([10, 4, 2])
    """

    def __init__(
        self, nonlinearities: Nonlinearity | Sequence[Nonlinearity] = "square", pool: str = "sum"
    ) -> None:
        super().__init__()
        if isinstance(nonlinearities, str) or callable(nonlinearities):
            nonlinearities = [nonlinearities]
        if not nonlinearities:
            raise ValueError("ComplexCells: nonlinearities must be at least one, got none.")
        self.nonlinearities = [_function(sigma) for sigma in nonlinearities]
        self.pool = check_choice(pool, "pool", "ComplexCells", POOLS)

    def forward(self, s: Tensor) -> Tensor:
        """(..., m, H) from responses ``s`` of shape (..., m, order), for H nonlinearities."""
        found = [pooled(sigma(s), -1, self.pool) for sigma in self.nonlinearities]
        return torch.stack(found, dim=-1)

    def extra_repr(self) -> str:
        return f"{len(self.nonlinearities)} nonlinearities, pool={self.pool!r}"


def _function(sigma: Nonlinearity) -> Callable[[Tensor], Tensor]:
    """A nonlinearity that was given by name, or is one."""
    if callable(sigma):
        return sigma
    check_choice(sigma, "nonlinearities", "ComplexCells", _NONLINEARITIES)
    return _NONLINEARITIES[sigma]
