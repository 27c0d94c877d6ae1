"""Which finite group left its mark in a Gramian of weights?

Sources: F. Anselmi, G. Evangelopoulos, L. Rosasco, T. Poggio, "Symmetry-adapted representation
learning", Pattern Recognition 86, 2019: the Gramian of an orbit is a group matrix. G. Sabidussi,
"On a class of fixed-point-free graphs", Proc. AMS 9, 1958: it is one exactly if a group acts
regularly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian._validation import as_generator, check_real
from gramian.symmetry.discovery._automorphisms import automorphism_order
from gramian.symmetry.discovery._circulance import circulance
from gramian.symmetry.discovery._gramian import SIGMAS, Task, as_gramian, tasks_of
from gramian.symmetry.discovery._labelling import Labelling, groups_of_order, label_units

__all__ = ["GroupAnalysis", "identify_group"]

N_RANDOM = 199
LEVEL = 0.05
"""A group is accepted up to this p-value."""
RIVAL = 2.0
"""A candidate may fit worse than the best one by this factor."""


@dataclass(frozen=True)
class GroupAnalysis:
    """The group that a Gramian shows.

    Attributes
    ----------
    name : str
        The first of `candidates`: the cyclic group where it is one of them.
    candidates : list of str
        Every group of this order that acts regularly on each orbit and leaves G unchanged up to
        the noise.
    order : int
        Elements of the group, and units of each orbit.
    automorphism_order : int
        Number of all permutations of the units that leave G unchanged.
    permutations : Tensor of shape (order, h), int64
        Where each element of the named group sends each unit; G[p[i], p[j]] ≈ G[i, j]. The
        identity first.
    cayley_table : Tensor of shape (order, order), int64
        ``cayley_table[g, h]`` is the number of gh, the element that does h first.
    orbits : list of list of int
        Units of each orbit, in the order of the elements that carry the first one to them.
    pvalue : float
        Share of random Gramians of the same spectrum that show a group as clearly.
    residual : float
        Root mean square of G less its mean over the group, in units of the spread of G.
    circulance : float
        `circulance` of G in the order of the first orbit; 1 exactly for a cyclic group.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import identify_group
    >>> t = torch.tensor([3.0, 1.0, -1.0, 0.5, 0.0])
    >>> W = torch.stack([t.roll(k) for k in (3, 0, 4, 1, 2)])
    >>> found = identify_group(W @ W.T, random_state=0)
    >>> found.name, found.candidates, found.automorphism_order
    ('C5', ['C5'], 10)
    """

    name: str
    candidates: list[str]
    order: int
    automorphism_order: int
    permutations: Tensor
    cayley_table: Tensor
    orbits: list[list[int]]
    pvalue: float
    residual: float
    circulance: float

    def __str__(self) -> str:
        others = ", ".join(self.candidates[1:])
        return (
            f"{self.name}{f' (or {others})' if others else ''}: {len(self.orbits)} orbit"
            f"{'s' * (len(self.orbits) > 1)} of {self.order} units, "
            f"{self.automorphism_order} automorphisms, p = {self.pvalue:.2g}"
        )


def identify_group(
    G: Any, *, tol: float | None = None, random_state: Any = None
) -> GroupAnalysis | None:
    """The finite group whose orbit the rows of a weight matrix are, from their Gramian alone.

    Parameters
    ----------
    G : Tensor, array or Gram of shape (h, h), 3 ≤ h ≤ 512
        Symmetric: the inner products of h weight vectors, units in any order.
    tol : float, default=None
        Largest difference between entries that count as equal, in the unit of `G`. None
        estimates it from how far the sorted rows differ.
    random_state : None, int or generator, default=None
        For the random Gramians of the p-value.

    Returns
    -------
    analysis : GroupAnalysis or None
        None where no group acts regularly, where random Gramians do as well (p > 0.05), or where
        the sorted rows differ by more than a tenth of the spread of `G` (a fifth, up to four
        units).

    Raises
    ------
    TypeError, ValueError
        If `G` is not a finite symmetric matrix of 3 to 512 rows, or `tol` is not positive.

    Notes
    -----
    If the rows of W are an orbit of one template, G_ij depends on g_i⁻¹g_j alone. The search
    turns this round:

    1. Sorted rows of units in one orbit agree. This gives the orbits and the noise, and rules
       out nearly every Gramian without a group. It proves none: C₃ ∪ C₄ passes.
    2. Every group of the right order (all of them up to 24, cyclic, other abelian and dihedral
       ones above) is tried: a search names the units by its elements so that entries of one class
       agree. A match is a group that acts regularly, hence transitively, on each orbit. Gramians
       that are transitive without such a group (Petersen's) give None.
    3. The same search on 199 random Gramians of the same spectrum gives the p-value.

    A symmetric Gramian has f(g) = f(g⁻¹), so it can carry several groups: that of C₁₂ is unchanged
    by D₁₂, in which D₆ acts regularly too. All are reported. A table a·1 + b·J of five or more
    rows is unchanged by every permutation and names nothing: None. Three or four units have few
    entries to show a group with: up to 0.4 % of random Gramians of that size pass.

    The name is a statement about W, not about the data that W was trained on: a regulariser alone
    can make a Gramian circulant. `input_maps` carries the permutations to input space, where they
    can be tested on data.

    Some 50 ms for h = 12, a second for h = 24; h³ bytes of memory. `automorphism_order` counts what
    agrees up to the tolerance: with noise and many units some permutations may be missed.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import Dihedral, identify_group
    >>> t = torch.randn(8, generator=torch.Generator().manual_seed(0))
    >>> W = Dihedral(4).regular().orbit(t)
    >>> found = identify_group(W @ W.T, random_state=0)
    >>> found.name, found.order, found.pvalue
    ('D4', 8, 0.005)
    >>> identify_group(torch.eye(5)) is None
    True
    """
    caller = "identify_group"
    table = as_gramian(G, caller)
    if tol is not None:
        check_real(tol, "tol", caller, low=0, low_open=True)
    found = _search(table, tol)
    if found is None:
        return None
    task, labellings = found
    residual = min(labelling.residual for labelling in labellings) / task.spread
    generator = as_generator(random_state, caller)
    pvalue = _pvalue(table, residual, tol, generator)
    if pvalue > LEVEL:
        return None
    chosen = labellings[0]
    first = chosen.units[0]
    return GroupAnalysis(
        name=chosen.group.name,
        candidates=[labelling.group.name for labelling in labellings],
        order=len(chosen.group.product),
        automorphism_order=automorphism_order(table, task.tolerance),
        permutations=torch.from_numpy(chosen.permutations()),
        cayley_table=torch.from_numpy(chosen.group.product.copy()),
        orbits=chosen.units.tolist(),
        pvalue=pvalue,
        residual=chosen.residual / task.spread,
        circulance=circulance(table[np.ix_(first, first)]),
    )


def _search(table: np.ndarray, tol: float | None) -> tuple[Task, list[Labelling]] | None:
    """Every group that fits, the cyclic one first."""
    for task in tasks_of(table, tol):
        # sorting hides part of the noise where many entries are equal: then look less closely
        for factor in (1.0, 2.0) if tol is None else (1.0,):
            looser = replace(task, tolerance=factor * task.tolerance)
            groups = groups_of_order(task.cells.shape[1])
            fits = [found for group in groups if (found := label_units(looser, group)) is not None]
            if fits:
                return looser, _rivals(fits, task)
    return None


def _rivals(fits: list[Labelling], task: Task) -> list[Labelling]:
    """Those whose residual is near the least; noise decides between the others."""
    least = max(min(fit.residual for fit in fits), task.tolerance / SIGMAS)
    return [fit for fit in fits if fit.residual <= RIVAL * least]


def _pvalue(
    table: np.ndarray, residual: float, tol: float | None, generator: torch.Generator
) -> float:
    """Monte Carlo p-value of the residual among random Gramians of the same spectrum."""
    h = len(table)
    values = torch.linalg.eigvalsh(torch.from_numpy(table))
    as_clear = 0
    for _ in range(N_RANDOM):
        basis, _ = torch.linalg.qr(torch.randn(h, h, dtype=torch.float64, generator=generator))
        found = _search(((basis * values) @ basis.T).numpy(), tol)
        if found is not None:
            task, labellings = found
            least = min(labelling.residual for labelling in labellings) / task.spread
            as_clear += least <= max(residual, 1e-9)
    return (1 + as_clear) / (1 + N_RANDOM)
