"""Every linear map that commutes with a group: the commutant, as a null space."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.symmetry.groups._action import Action, PermutationAction

__all__ = ["check_same_group", "commutant", "orbitals"]

_ROUNDING = 1e-10
"""Singular values of orthogonal constraints below this are zeros; the next are far above."""


def check_same_group(action: Action, output: Action, caller: str) -> None:
    """Both actions are of one group, element by element."""
    if not action.group.is_same_as(output.group):
        raise ValueError(
            f"{caller}: output must be an action of the same group, element by element, "
            f"got {output.group!r} beside {action.group!r}."
        )


def commutant(action: Action, output: Action | None = None) -> Tensor:
    """An orthonormal basis of the linear maps A with A(gx) = g(Ax) for every g.

    Parameters
    ----------
    action : Action
        On the inputs.
    output : Action, default=None
        On the outputs, of the same group, element by element; None: as on the inputs.

    Returns
    -------
    basis : Tensor of shape (k, output.size, action.size), float64
        Orthonormal in the Frobenius product. k is the mean over the group of the product of both
        traces. k may be 0.

    Raises
    ------
    ValueError
        If the actions are of different groups.

    Notes
    -----
    A is the null space of ρ'(s) A − A ρ(s) = 0, one equation for each generator s, found by a
    singular value decomposition in O(generators · (size · output.size)³) time. Between two
    `PermutationAction` the basis is known without it, one matrix for each class of `orbitals`, and
    exact: of S_n acting on n points it is I/√n and (11ᵀ − I)/√(n² − n). The basis is dense; where
    it is too large, use `orbitals`.

    References
    ----------
    .. [1] M. Finzi, M. Welling, A. G. Wilson, "A practical method for constructing equivariant
       multilayer perceptrons for arbitrary matrix groups", ICML 2021, section 4.

    Examples
    --------
    >>> from gramian.symmetry import Cyclic, Symmetric, commutant
    >>> len(commutant(Symmetric(4).natural())), len(commutant(Cyclic(6).natural()))
    (2, 6)
    >>> len(commutant(Cyclic(6).plane()))
    2
    """
    target = action if output is None else output
    check_same_group(action, target, "commutant")
    if isinstance(action, PermutationAction) and isinstance(target, PermutationAction):
        labels = orbitals(action, target)
        members = torch.nn.functional.one_hot(labels).movedim(-1, 0).double()
        return members / members.flatten(1).norm(dim=1)[:, None, None]
    eye_in = torch.eye(action.size, dtype=torch.float64)
    eye_out = torch.eye(target.size, dtype=torch.float64)
    generators = [0, *action.group.generators]  # the trivial group has no generator
    rho, rho_out = action.matrices()[generators], target.matrices()[generators]
    # row-major vec: vec(ρ' A) = (ρ' ⊗ I) vec A, vec(A ρ) = (I ⊗ ρᵀ) vec A
    constraints = [
        torch.kron(b, eye_in) - torch.kron(eye_out, a.T.contiguous())
        for a, b in zip(rho, rho_out, strict=True)
    ]
    _, values, right = torch.linalg.svd(torch.cat(constraints), full_matrices=False)
    basis = right[values <= _ROUNDING * len(generators)]
    return basis.reshape(-1, target.size, action.size)


def orbitals(action: PermutationAction, output: PermutationAction | None = None) -> Tensor:
    """Which entries of an equivariant matrix are equal: the orbits of the group on pairs.

    Parameters
    ----------
    action : PermutationAction
        On the columns.
    output : PermutationAction, default=None
        On the rows, of the same group, element by element; None: as on the columns.

    Returns
    -------
    labels : Tensor of shape (output.size, action.size), int64
        A matrix A is equivariant exactly where A[i, j] depends on ``labels[i, j]`` only. Numbered
        from 0 in the order of their first entry, row by row.

    Raises
    ------
    TypeError
        If an action is not by permutations.
    ValueError
        If the actions are of different groups.

    Notes
    -----
    Connected components of the pairs under the generators: O(generators · size · output.size)
    time and memory.

    References
    ----------
    .. [1] S. Ravanbakhsh, J. Schneider, B. Póczos, "Equivariance through parameter-sharing", ICML
       2017.

    Examples
    --------
    >>> from gramian.symmetry import cyclic_shifts, orbitals
    >>> orbitals(cyclic_shifts(3))
    tensor([[0, 1, 2],
            [2, 0, 1],
            [1, 2, 0]])
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    target = action if output is None else output
    for each in (action, target):
        if not isinstance(each, PermutationAction):
            raise TypeError(f"orbitals: action must be a PermutationAction, got {each!r}.")
    check_same_group(action, target, "orbitals")
    generators = list(action.group.generators)
    columns, rows = action.permutations[generators], target.permutations[generators]
    pairs = target.size * action.size
    sent = (rows[:, :, None] * action.size + columns[:, None, :]).flatten().numpy()
    start = np.tile(np.arange(pairs), len(generators))
    graph = coo_array((np.ones(len(sent), dtype=np.int8), (start, sent)), shape=(pairs, pairs))
    _, labels = connected_components(graph, directed=False)
    return torch.from_numpy(labels.astype(np.int64)).reshape(target.size, action.size)
