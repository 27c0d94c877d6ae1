"""How far features move, in units of how far apart samples are.

Source for the share of variance: J. Shrout, J. Fleiss, "Intraclass correlations", Psychol. Bull.
86(2), 1979.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gramian._validation import _message
from gramian.symmetry.verdicts._features import (
    Transform,
    as_samples,
    as_table,
    features_of,
    moved,
)
from gramian.symmetry.verdicts._pairs import mean_between, paired_distances
from gramian.symmetry.verdicts._test import as_classes

__all__ = ["distance_to_group_average", "orbit_variance_share", "relative_error"]


def relative_error(
    phi: Callable[[Any], Any], x: Any, g: Transform, *, action: Transform | None = None
) -> float:
    """Mean of ‖φ(gx) − ρ(g)φ(x)‖, over the mean distance between the features of two samples.

    Parameters
    ----------
    phi : callable or nn.Module
        Maps a batch to features, each row by itself.
    x : Tensor or array of shape (n, ...), floating, n ≥ 2
    g : callable
        Maps a batch to a batch.
    action : callable, default=None
        ρ(g), on features in the shape that `phi` gives; None for invariance.

    Returns
    -------
    error : float
        0 is perfect. nan if all samples have the same features. Scaled by the distance between
        samples, because ‖φ(x)‖ would let a large constant offset hide any error.

    Raises
    ------
    TypeError, ValueError
        If `x` or the features are not finite tables of n rows.

    Notes
    -----
    O(n² p) time for p features. For a verdict with an interval see `invariance_test`.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import relative_error
    >>> x = torch.tensor([[0.0, 1.0], [2.0, 5.0], [4.0, 3.0]])
    >>> relative_error(lambda rows: rows + 100, x, lambda rows: rows + 0.5) > 0.1
    True
    >>> relative_error(lambda rows: rows.diff(), x, lambda rows: rows + 0.5)
    0.0
    """
    caller = "relative_error"
    samples = as_samples(x, caller, least=2)
    plain = features_of(phi, samples, caller)
    copies = as_table(features_of(phi, moved(g, samples, caller), caller), caller)
    expected = plain if action is None else moved(action, plain, caller, "action")
    if expected.shape != plain.shape:
        constraint = f"a map of features of shape {tuple(plain.shape)} to the same shape"
        raise ValueError(_message(caller, "action", constraint, tuple(expected.shape)))
    table = as_table(plain, caller)
    between = mean_between(table)
    error = float(paired_distances(as_table(expected, caller), copies).mean())
    return error / between if between > 0 else math.nan


def orbit_variance_share(
    phi: Callable[[Any], Any], x: Any, elements: Sequence[Transform], *, labels: Any = None
) -> float:
    """Share of the variance of the features that lies within the orbits {gx}.

    Parameters
    ----------
    phi : callable or nn.Module
    x : Tensor or array of shape (n, ...), floating, n ≥ 2
    elements : sequence of callable
        Every element of the group, the identity included.
    labels : array of shape (n,), default=None
        Classes: then the share of the variance within classes, since a classifier that tells
        classes apart would look invariant against all samples.

    Returns
    -------
    share : float
        In [0, 1]: 0 for invariant features; near 1 − 1/|G| for features that do not know which
        sample a copy came from. nan for constant features. One less the intraclass correlation,
        up to the small correction for |G|.

    Raises
    ------
    TypeError, ValueError
        If `x` or the features are not finite tables of n rows, or there is no element.

    Notes
    -----
    Plain sums of squares around the means of orbits, and around the mean of all (or of the class).
    O(|G| n p).

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import orbit_variance_share
    >>> x = torch.tensor([[0.0, 1.0], [2.0, 5.0]])
    >>> mirror = [lambda rows: rows, lambda rows: rows.flip(1)]
    >>> orbit_variance_share(lambda rows: rows.sum(1), x, mirror)
    0.0
    >>> round(orbit_variance_share(lambda rows: rows[:, 0], x, mirror), 3)
    0.357
    """
    caller = "orbit_variance_share"
    samples = as_samples(x, caller, least=2)
    copies = _orbits(phi, samples, elements, caller)
    groups = as_classes(labels, len(samples), caller)
    if groups is None:
        groups = torch.zeros(len(samples), dtype=torch.int64)
    within = float((copies - copies.mean(0)).square().sum())
    total = 0.0
    for label in groups.unique():
        part = copies[:, groups == label]
        total += float((part - part.mean((0, 1))).square().sum())
    return within / total if total > 0 else math.nan


def distance_to_group_average(
    phi: Callable[[Any], Any], x: Any, elements: Sequence[Transform]
) -> float:
    """‖φ − P φ‖ / ‖φ‖ over the samples, with P φ the mean of φ(gx) over the group.

    Parameters
    ----------
    phi : callable or nn.Module
    x : Tensor or array of shape (n, ...), floating, n ≥ 2
    elements : sequence of callable
        Every element of the group, the identity included.

    Returns
    -------
    distance : float
        0 for invariant features. φ is centred over the samples first, so that a constant offset
        hides nothing. nan for constant features.

    Raises
    ------
    TypeError, ValueError
        As `orbit_variance_share`.

    Notes
    -----
    P is the projection on invariant functions, exact for a finite group. For a sampled part of a
    continuous group it carries the error of sampling. O(|G| n p).

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import distance_to_group_average
    >>> x = torch.tensor([[0.0, 2.0], [4.0, 4.0]])
    >>> mirror = [lambda rows: rows, lambda rows: rows.flip(1)]
    >>> distance_to_group_average(lambda rows: rows.sum(1), x, mirror)
    0.0
    >>> distance_to_group_average(lambda rows: rows[:, 0], x, mirror) > 0.3
    True
    """
    caller = "distance_to_group_average"
    samples = as_samples(x, caller, least=2)
    mean = _orbits(phi, samples, elements, caller).mean(0)
    table = as_table(features_of(phi, samples, caller), caller).double()
    size = float((table - table.mean(0)).norm())
    return float((table - mean).norm()) / size if size > 0 else math.nan


def _orbits(
    phi: Callable[[Any], Any], samples: Tensor, elements: Sequence[Transform], caller: str
) -> Tensor:
    """Features of every copy of every sample, (|G|, n, p), float64."""
    members = list(elements)
    if not members:
        raise ValueError(_message(caller, "elements", "at least one map", members))
    copies = (moved(g, samples, caller, "elements") for g in members)
    return torch.stack([as_table(features_of(phi, c, caller), caller).double() for c in copies])
