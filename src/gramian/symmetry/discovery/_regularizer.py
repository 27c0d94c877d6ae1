"""A penalty that is zero where the Gramian of the weights could be a group matrix.

Source: F. Anselmi, G. Evangelopoulos, L. Rosasco, T. Poggio, "Symmetry-adapted representation
learning", Pattern Recognition 86, 2019.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import as_generator, check_int, check_real
from gramian.cluster import KMeans
from gramian.symmetry.discovery._commutator import check_covariance, relative_commutator
from gramian.symmetry.discovery._soft import soft_sort

__all__ = ["SymmetryRegularizer"]


class SymmetryRegularizer(nn.Module):
    """Pulls weights towards orbits: the sorted rows of their Gramian should agree.

    Parameters
    ----------
    n_orbits : int, default=1
        Templates. Rows are compared within clusters of like rows; comparing all with all would
        push several templates into one orbit.
    min_rank : float, default=2.0
        Effective rank tr(G)² / ‖G‖² that the weights keep; ≥ 1. Without it equal rows, or weights
        on one line, are a perfect minimum. An orbit of plane vectors has rank 2.
    collapse : float, default=1.0
        Weight of that term; ≥ 0.
    strength : float, default=None
        None sorts exactly, which is piecewise linear and has exact gradients. A number smooths
        with `soft_sort` of this strength, in units of the mean squared norm of the weights.
    covariance : Tensor of shape (d, d), default=None
        Of the data. Adds the relative commutator with the covariance of the weights.
    commutator : float, default=1.0
        Weight of the commutator; ≥ 0.
    random_state : None, int or generator, default=None
        For the clusters, and for the check of `covariance`.

    Raises
    ------
    TypeError, ValueError
        If a parameter is out of range, or `covariance` is not symmetric, or commutes with every
        weight covariance, as that of complete orbits of plane rotations does: the term would be
        vacuous.

    Notes
    -----
    With G = WWᵀ scaled to mean diagonal 1, the symmetry term is the mean squared difference
    between the sorted rows and the mean sorted row of their cluster; this is the same as all pairs
    up to a factor, and h times cheaper. O(h² (d + log h)) time. It says nothing about the data: a
    small penalty is no evidence of a symmetry, see `identify_group` and `input_maps`.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import SymmetryRegularizer, cyclic_shifts
    >>> penalty = SymmetryRegularizer()
    >>> orbit = cyclic_shifts(5).orbit(torch.tensor([3.0, 1.0, 0.0, 0.0, -1.0]))
    >>> float(penalty(orbit)) < 1e-10
    True
    >>> float(penalty(torch.randn(5, 5, generator=torch.Generator().manual_seed(0)))) > 0.01
    True
    """

    covariance: Tensor | None

    def __init__(
        self,
        *,
        n_orbits: int = 1,
        min_rank: float = 2.0,
        collapse: float = 1.0,
        strength: float | None = None,
        covariance: Tensor | None = None,
        commutator: float = 1.0,
        random_state: Any = None,
    ) -> None:
        super().__init__()
        caller = "SymmetryRegularizer"
        self.n_orbits = check_int(n_orbits, "n_orbits", caller, low=1)
        self.min_rank = check_real(min_rank, "min_rank", caller, low=1)
        self.collapse = check_real(collapse, "collapse", caller, low=0)
        self.commutator = check_real(commutator, "commutator", caller, low=0)
        if strength is not None:
            check_real(strength, "strength", caller, low=0, low_open=True)
        self.strength = strength
        self._generator = as_generator(random_state, caller)
        if covariance is not None:
            check_covariance(covariance, caller, self._generator)
        self.register_buffer("covariance", covariance)

    def forward(self, weight: Tensor) -> Tensor:
        """The weighted sum of all terms.

        Parameters
        ----------
        weight : Tensor of shape (h, d), h ≥ n_orbits

        Returns
        -------
        penalty : Tensor of shape ()
        """
        terms = self.terms(weight)
        penalty = terms["symmetry"] + self.collapse * terms["collapse"]
        if "commutator" in terms:
            penalty = penalty + self.commutator * terms["commutator"]
        return penalty

    def terms(self, weight: Tensor) -> dict[str, Tensor]:
        """Each term before it is weighted.

        Parameters
        ----------
        weight : Tensor of shape (h, d)

        Returns
        -------
        terms : dict of str to Tensor of shape ()
            "symmetry", "collapse" and, with a covariance, "commutator".
        """
        h = len(weight)
        gramian = weight @ weight.T
        size = gramian.diagonal().mean()
        gramian = gramian / size.clamp(min=torch.finfo(weight.dtype).tiny)
        rows = self._sorted_rows(gramian)
        rank = h**2 / gramian.square().sum()  # the trace is h
        terms = {
            "symmetry": self._differences(rows).square().mean(),
            "collapse": (self.min_rank / rank - 1).relu().square(),
        }
        if self.covariance is not None:
            terms["commutator"] = relative_commutator(weight, self.covariance)
        return terms

    def _sorted_rows(self, gramian: Tensor) -> Tensor:
        """The diagonal, then the rest of each row in order, (h, h)."""
        h = len(gramian)
        others = ~torch.eye(h, dtype=torch.bool, device=gramian.device)
        rest = gramian[others].reshape(h, h - 1)
        if self.strength is not None and h > 1:
            rest = soft_sort(rest, strength=self.strength)
        else:
            rest = rest.sort(1).values
        return torch.cat([gramian.diagonal()[:, None], rest], 1)

    def _differences(self, rows: Tensor) -> Tensor:
        """Each row less the mean row of its orbit."""
        if self.n_orbits == 1:
            return rows - rows.mean(0)
        seed = int(torch.randint(2**31, (), generator=self._generator))
        model = KMeans(self.n_orbits, n_init=4, random_state=seed)
        labels = torch.as_tensor(model.fit(rows.detach().cpu()).labels_).long().to(rows.device)
        totals = rows.new_zeros(self.n_orbits, rows.shape[1]).index_add(0, labels, rows)
        counts = torch.bincount(labels, minlength=self.n_orbits).clamp(min=1)[:, None]
        return rows - (totals / counts)[labels]
