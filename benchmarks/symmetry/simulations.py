"""Draws whose truth is known, and what the library says of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gramian.symmetry import (
    Alternating,
    Cyclic,
    Dicyclic,
    Dihedral,
    FiniteGroup,
    Product,
    Symmetric,
    equivariance_test,
    identify_group,
    invariance_test,
)

__all__ = [
    "DOCUMENTED_EFFECT",
    "DOCUMENTED_NOISE",
    "DOCUMENTED_ROWS",
    "GROUPS",
    "IMPOSTORS",
    "TESTS",
    "accepted",
    "boundary_claim",
    "orbit_gramian",
    "petersen",
    "random_gramian",
    "recovered",
    "rejects",
    "two_cycles",
]

DOCUMENTED_ROWS = 40
DOCUMENTED_EFFECT = 0.2
"""Share of the variance of the features that is invariant: p ≤ 0.05 in nine of ten trials."""
DOCUMENTED_NOISE = 0.04
"""Of the entries of a Gramian, in units of its spread: every group is found again."""
GROUPS: dict[str, FiniteGroup] = {
    **{f"C{n}": Cyclic(n) for n in range(3, 13)},
    "S3": Symmetric(3),
    "D4": Dihedral(4),
    "D5": Dihedral(5),
    "D6": Dihedral(6),
    "C3xC3": Product(Cyclic(3), Cyclic(3)),
    "C2xC4": Product(Cyclic(2), Cyclic(4)),
    "Q8": Dicyclic(2),
    "A4": Alternating(4),
}
TESTS: dict[str, Callable[..., Any]] = {
    "invariance": invariance_test,
    "equivariance": lambda phi, x, g, **options: equivariance_test(phi, x, g, _mirror, **options),
}
FEATURES, PERMUTATIONS = 8, 199


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _mirror(x: Tensor) -> Tensor:
    return x.flip(-1)


def _same(x: Tensor) -> Tensor:
    return x


def rejects(share: float, n: int, test: str, seed: int) -> bool:
    """Whether p ≤ 0.05 for features of which ``share`` of the variance belongs to the row.

    With a share of 0 the copy of a row is no nearer to it than that of any other row.
    """
    g = _generator(seed)
    common, before, after = (torch.randn(n, FEATURES, generator=g) for _ in range(3))
    own, rest = share**0.5, (1 - share) ** 0.5
    x, y = own * common + rest * before, own * common + rest * after
    options = {"n_permutations": PERMUTATIONS, "random_state": g}
    return bool(TESTS[test](_same, x, lambda _: y, **options).pvalue <= 0.05)


def boundary_claim(n: int, seed: int) -> bool:
    """Whether the ratio is said to be below 0.3 where it is exactly that.

    For Gaussian rows x, y and noise of standard deviation s, the distances have the ratio
    s / √(2 + s²) in every sample size.
    """
    g = _generator(seed)
    delta = 0.3
    s = math.sqrt(2 * delta**2 / (1 - delta**2))
    x, noise = torch.randn(n, 30, generator=g), torch.randn(n, 30, generator=g)
    result = invariance_test(
        _same, x, lambda z: z + s * noise, delta=delta, n_permutations=19, random_state=g
    )
    return result.equivalence_pvalue <= 0.05


def orbit_gramian(group: FiniteGroup, seed: int, noise: float = 0.0, orbits: int = 1) -> Tensor:
    """The Gramian of shuffled orbits of normal templates; noise in units of its spread.

    The spread is the root mean square of G less a·1 + b·J, what every permutation leaves
    unchanged (less a·1 alone up to four units).
    """
    g, n = _generator(seed), group.order
    templates = torch.randn(orbits, n, generator=g, dtype=torch.float64)
    weights = group.regular().orbit(templates).reshape(-1, n)
    weights = weights[torch.randperm(orbits * n, generator=g)]
    gramian = weights @ weights.T
    h = len(gramian)
    rest = gramian - gramian.trace() / h * torch.eye(h, dtype=gramian.dtype)
    if h > 4:
        rest = rest - rest.sum() / (h * (h - 1)) * (1 - torch.eye(h, dtype=gramian.dtype))
    drawn = torch.randn(h, h, generator=g, dtype=torch.float64)
    return gramian + noise * rest.square().mean().sqrt() * (drawn + drawn.T) / 2**0.5


def random_gramian(seed: int) -> Tensor:
    """The Gramian of 5 to 12 normal weight vectors, one to three times as long."""
    h = 5 + seed % 8
    weights = torch.randn(h, h * (1 + seed % 3), generator=_generator(seed))
    return weights @ weights.T


def two_cycles() -> Tensor:
    """C₃ ∪ C₄ + 2I: positive semidefinite, all sorted rows equal, not transitive."""
    ring3, ring4 = (torch.eye(n).roll(1, 0) + torch.eye(n).roll(-1, 0) for n in (3, 4))
    return (2 * torch.eye(7) + torch.block_diag(ring3, ring4)).double()


def petersen() -> Tensor:
    """Pairs of five things, joined where they are disjoint: transitive, no regular subgroup."""
    pairs = [{i, j} for j in range(5) for i in range(j)]
    joined = torch.tensor([[float(not (a & b)) for b in pairs] for a in pairs])
    return (3 * torch.eye(10) + joined).double()


def _shuffled(gramian: Tensor, seed: int) -> Tensor:
    """Units in a random order, and every other draw with noise of half a percent."""
    g, h = _generator(seed), len(gramian)
    order, drawn = torch.randperm(h, generator=g), torch.randn(h, h, generator=g).double()
    return gramian[order][:, order] + 0.005 * (seed % 2) * (drawn + drawn.T)


IMPOSTORS: dict[str, Callable[[int], Tensor]] = {
    "C3 u C4 + 2I": lambda seed: _shuffled(two_cycles(), seed),
    "Petersen": lambda seed: _shuffled(petersen(), seed),
    "random": random_gramian,
}
"""Gramians in which no group acts regularly."""


def accepted(name: str, seed: int) -> bool:
    """Whether an impostor is called a group."""
    return identify_group(IMPOSTORS[name](seed), random_state=seed) is not None


def recovered(name: str, noise: float, seed: int) -> bool:
    """Whether the order is right and the truth among the candidates."""
    group = GROUPS[name]
    found = identify_group(orbit_gramian(group, seed, noise), random_state=seed)
    return found is not None and found.order == group.order and name in found.candidates
