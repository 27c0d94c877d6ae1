"""Is a representation invariant, or equivariant? A test with a verdict.

Sources: P. I. Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", Springer, 2005;
D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15(6), 1987, for tests of equivalence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gramian._validation import _message, as_generator, check_int, check_real
from gramian.symmetry.verdicts._bootstrap import BCa
from gramian.symmetry.verdicts._design import LEAST_ROWS, Design
from gramian.symmetry.verdicts._features import (
    Transform,
    as_samples,
    as_table,
    features_of,
    inverse_of,
    moved,
)
from gramian.symmetry.verdicts._pairs import PairSums, brief_ratio, pair_sums
from gramian.symmetry.verdicts._result import LEVEL, PARTLY, SymmetryResult, verdict_of

__all__ = ["as_classes", "check_margin", "compare", "equivariance_test", "invariance_test"]


def invariance_test(
    phi: Callable[[Any], Any],
    x: Any,
    g: Transform,
    *,
    delta: float = 0.1,
    n_permutations: int = 999,
    labels: Any = None,
    random_state: Any = None,
) -> SymmetryResult:
    """Whether the features of a row stay where they are when the row is transformed.

    Parameters
    ----------
    phi : callable or nn.Module
        Maps a batch (n, ...) to features (n, ...), each row by itself. A module is called in
        batches, in evaluation mode, without gradients; any other callable once with all rows.
    x : Tensor or array of shape (n, ...), floating, n ≥ 8
        One row per independent unit, such as a source image.
    g : callable
        Maps a batch to a batch, row by row; called once, on `x` itself. Where it has an
        ``inverse`` (a transform, or a method that returns one), the floor is measured with it.
    delta : float, default=0.1
        The ratio below which a difference is declared to be of no interest, in (0, 0.5].
    n_permutations : int, default=999
        Exchanges of partners behind the p-value.
    labels : array of shape (n,), default=None
        Classes. Adds the ratio against other rows of the same class: against all rows, a
        classifier looks invariant merely because it tells classes apart.
    random_state : None, int or generator, default=None

    Returns
    -------
    result : SymmetryResult

    Raises
    ------
    TypeError, ValueError
        If `x` has too few rows or is not finite, or shapes or parameters do not fit.

    Notes
    -----
    With d the Euclidean distance of the features, the ratio is mean d(φ(xᵢ), φ(g xᵢ)) over
    mean d(φ(xᵢ), φ(g xⱼ)), j ≠ i. Two questions are kept apart:

    - *Is there any invariance?* H₀: φ(g xᵢ) is no nearer to φ(xᵢ) than to φ(g xⱼ). Partners are
      exchanged B times by random derangements, each after a first one; p = (1 + b) / (1 + B), b
      those with a mean distance at most the observed one. Exact for every n.
    - *Is it invariant?* H₀: the ratio is at least `delta`. Rows are resampled 2000 times; the
      bounds are those of the BCa bootstrap.

    The verdict is "invariant" if the upper bound is below `delta` and p ≤ 0.05; "not invariant"
    if the lower bound is above 0.5; "partly invariant" if the lower bound lies between `delta`
    and 0.5; "undecided" otherwise, and for features that are the same for every row.

    O(n² (p + 2000)) time for p features, in memory of 4 · 10⁶ distances beyond the features. The
    distance to a row's own partner is a direct difference: exact invariance gives exactly 0.

    References
    ----------
    .. [1] B. Efron, "Better bootstrap confidence intervals", J. Am. Stat. Assoc. 82(397), 1987.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import invariance_test
    >>> x = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))
    >>> mirror = lambda rows: rows.flip(1)
    >>> invariance_test(lambda rows: rows.amax(1), x, mirror, random_state=0).verdict
    'invariant'
    >>> invariance_test(lambda rows: rows[:, :2], x, mirror, random_state=0).verdict
    'not invariant'
    """
    caller = "invariance_test"
    return _test(phi, x, g, None, caller, delta, n_permutations, labels, random_state)


def equivariance_test(
    phi: Callable[[Any], Any],
    x: Any,
    g: Transform,
    action: Transform,
    *,
    delta: float = 0.1,
    n_permutations: int = 999,
    labels: Any = None,
    random_state: Any = None,
) -> SymmetryResult:
    """Whether the features of a row move as they should when the row is transformed.

    Parameters
    ----------
    phi, x, g
        As in `invariance_test`.
    action : callable
        What `g` does to the features: maps φ(x), in the shape that `phi` gives, to features of
        the same shape. Where it is not known, estimate it with `fitted_action` on other rows.
    delta, n_permutations, labels, random_state
        As in `invariance_test`.

    Returns
    -------
    result : SymmetryResult
        The verdict speaks of the features after the action: "invariant" means equivariant.

    Raises
    ------
    TypeError, ValueError
        As `invariance_test`, and if `action` changes the shape of the features.

    Notes
    -----
    As `invariance_test`, with action(φ(xᵢ)) in the place of φ(xᵢ). Equal sorted features are
    necessary for a permutation action and prove nothing: one action must fit all rows.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import equivariance_test
    >>> x = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))
    >>> shift = lambda rows: rows.roll(1, dims=1)
    >>> equivariance_test(torch.cos, x, shift, shift, random_state=0).verdict
    'invariant'
    >>> sort = lambda rows: rows.sort(1).values  # equal sorted outputs, and not equivariant
    >>> equivariance_test(sort, x, shift, shift, random_state=0).verdict
    'not invariant'
    """
    caller = "equivariance_test"
    if not callable(action):
        raise TypeError(_message(caller, "action", "callable", action))
    return _test(phi, x, g, action, caller, delta, n_permutations, labels, random_state)


def _test(
    phi: Callable[[Any], Any],
    x: Any,
    g: Transform,
    action: Transform | None,
    caller: str,
    delta: float,
    n_permutations: int,
    labels: Any,
    random_state: Any,
) -> SymmetryResult:
    """Both tests: features of the rows, of their copies, and of g⁻¹g."""
    samples = as_samples(x, caller, least=LEAST_ROWS)
    check_margin(delta, caller)
    check_int(n_permutations, "n_permutations", caller, low=19)
    classes = as_classes(labels, len(samples), caller)
    design = Design.draw(len(samples), n_permutations, as_generator(random_state, caller))
    copies = moved(g, samples, caller)
    plain = features_of(phi, samples, caller)
    turned = as_table(features_of(phi, copies, caller), caller)
    inverse = inverse_of(g)
    back = None
    if inverse is not None:
        returned = moved(inverse, copies, caller, "g.inverse")
        back = as_table(features_of(phi, returned, caller), caller)
    left = plain if action is None else moved(action, plain, caller, "action")
    if left.shape != plain.shape:
        constraint = f"a map of features of shape {tuple(plain.shape)} to the same shape"
        raise ValueError(_message(caller, "action", constraint, tuple(left.shape)))
    floor = None if back is None else brief_ratio(as_table(plain, caller), back, design)
    kind = "invariance" if action is None else "equivariance"
    table = as_table(left, caller, "action" if action else "phi")
    return compare(kind, table, turned, design, classes, delta=delta, floor=floor)


def check_margin(delta: float, caller: str) -> None:
    """``delta`` lies in (0, 0.5]."""
    check_real(delta, "delta", caller, low=0, high=PARTLY, low_open=True)


def as_classes(labels: Any, n: int, caller: str) -> Tensor | None:
    """Labels as numbers of classes, (n,); None for None."""
    if labels is None:
        return None
    classes = torch.as_tensor(labels)
    if classes.shape != (n,):
        raise ValueError(_message(caller, "labels", f"of shape ({n},)", tuple(classes.shape)))
    return classes.cpu()


def compare(
    kind: str,
    left: Tensor,
    right: Tensor,
    design: Design,
    labels: Tensor | None,
    *,
    delta: float,
    floor: float | None,
) -> SymmetryResult:
    """The result for features that are there: row i of both tables is one unit."""
    sums = pair_sums(left, right, design, labels)
    n, own, between = len(left), float(sums.own.mean()), sums.between
    exceeded = int((sums.exchanged <= own).sum())
    pvalue = (1 + exceeded) / (1 + len(sums.exchanged))
    ratio = own / between if between > 0 else math.nan
    if math.isnan(ratio):
        interval, equivalence, error, verdict = (ratio, ratio), 1.0, math.nan, "undecided"
    else:
        bounds = _bounds(ratio, sums, design)
        interval = (bounds.bound(LEVEL), bounds.bound(1 - LEVEL))
        equivalence, error = bounds.pvalue_at_least(delta), bounds.standard_error
        verdict = verdict_of(interval, pvalue, delta=delta)
    return SymmetryResult(
        kind=kind,
        verdict=verdict,
        ratio=ratio,
        interval=interval,
        pvalue=pvalue,
        equivalence_pvalue=equivalence,
        floor=floor,
        within_ratio=None if labels is None else own / (sums.within or math.nan),
        standard_error=error,
        delta=delta,
        n=n,
    )


def _bounds(ratio: float, sums: PairSums, design: Design) -> BCa:
    """The bootstrap of the ratio: rows are resampled, and pairs with them."""
    n, own = len(sums.own), sums.own
    samples = design.weights.double() @ own / n / sums.resampled
    rest = sums.of_left.sum() - sums.of_left - sums.of_right
    leave_one_out = (own.sum() - own) / (n - 1) / (rest / ((n - 1) * (n - 2)))
    return BCa.of(ratio, samples, leave_one_out)
