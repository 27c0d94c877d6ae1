"""Every layer of a model against every transform: one table, one picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import nn

from gramian._validation import _message, as_generator, check_int
from gramian.symmetry.verdicts._audit_job import AuditJob, Finding
from gramian.symmetry.verdicts._controls import with_random_weights
from gramian.symmetry.verdicts._design import LEAST_ROWS, Design
from gramian.symmetry.verdicts._features import Transform, as_samples
from gramian.symmetry.verdicts._multiplicity import holm
from gramian.symmetry.verdicts._result import LEVEL, SymmetryResult, verdict_of
from gramian.symmetry.verdicts._test import as_classes, check_margin

if TYPE_CHECKING:
    import polars as pl

    from gramian.plot.symmetry import AuditDisplay

__all__ = ["Audit", "AuditRow", "audit"]


@dataclass(frozen=True)
class AuditRow:
    """One layer and one transform.

    Attributes
    ----------
    layer, transform : str
    result : SymmetryResult
        Of this test by itself.
    pvalue : float
        Adjusted by Holm's method over all rows of the audit.
    verdict : str
        By the adjusted p-values.
    negative : float or None
        The ratio of the same network with random weights of the same spectrum.
    positive : float or None
        The ratio of this layer averaged over the group.
    """

    layer: str
    transform: str
    result: SymmetryResult
    pvalue: float
    verdict: str
    negative: float | None
    positive: float | None


@dataclass(frozen=True)
class Audit:
    """What `audit` found.

    Attributes
    ----------
    rows : tuple of AuditRow
        Layers in the order of the model, transforms in the order given.
    delta : float
        The declared margin.
    """

    rows: tuple[AuditRow, ...]
    delta: float

    def table(self) -> pl.DataFrame:
        """One row per layer and transform: all numbers of the tests, and the controls.

        Returns
        -------
        table : polars DataFrame
        """
        import polars as pl

        return pl.DataFrame([_columns(row) for row in self.rows])

    def display(self) -> AuditDisplay:
        """The picture of the table; draw it with its ``plot``."""
        from gramian.plot.symmetry import AuditDisplay

        results = [row.result for row in self.rows]
        moved = ["" if result.kind == "invariance" else ", equivariance" for result in results]
        return AuditDisplay.from_predictions(
            [row.layer for row in self.rows],
            [row.transform + word for row, word in zip(self.rows, moved, strict=True)],
            [result.ratio for result in results],
            [result.interval[0] for result in results],
            [result.interval[1] for result in results],
            verdicts=[row.verdict for row in self.rows],
            floor=[_number(result.floor) for result in results],
            control=[_number(row.negative) for row in self.rows],
            delta=self.delta,
        )

    def __str__(self) -> str:
        lines = [f"{row.layer} / {row.transform}: {row.verdict}, {row.result}" for row in self.rows]
        return "\n".join(lines)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _columns(row: AuditRow) -> dict[str, Any]:
    """A row of the table."""
    result = row.result
    return {
        "layer": row.layer,
        "transform": row.transform,
        "kind": result.kind,
        "verdict": row.verdict,
        "ratio": result.ratio,
        "lower": result.interval[0],
        "upper": result.interval[1],
        "pvalue": result.pvalue,
        "pvalue_holm": row.pvalue,
        "floor": result.floor,
        "within_ratio": result.within_ratio,
        "negative": row.negative,
        "positive": row.positive,
        "n": result.n,
    }


def audit(
    model: nn.Module,
    x: Any,
    transforms: Mapping[str, Transform],
    layers: Sequence[str] | None = None,
    *,
    actions: Mapping[str, Transform] | None = None,
    groups: Mapping[str, Sequence[Transform]] | None = None,
    negative_control: bool = True,
    delta: float = 0.1,
    n_permutations: int = 999,
    labels: Any = None,
    random_state: Any = None,
) -> Audit:
    """Test every layer of a model against every transform, with controls.

    Parameters
    ----------
    model : nn.Module
        Called in batches, in evaluation mode.
    x : Tensor or array of shape (n, ...), floating, n ≥ 8
        One row per independent unit.
    transforms : mapping of str to callable
        As `g` of `invariance_test`; each is called once, on `x`.
    layers : sequence of str, default=None
        As in `gramian.train.activations`; None takes every layer without parts.
    actions : mapping of str to callable, default=None
        What a transform does to features. The transforms named here are also tested for
        equivariance, at the layers whose features have as many axes as `x`.
    groups : mapping of str to sequence of callable, default=None
        All elements of the group that a transform belongs to. Adds the positive control: the same
        layer averaged over the group.
    negative_control : bool, default=True
        Measure the same network with random weights of the same spectrum too.
    delta, n_permutations, labels, random_state
        As in `invariance_test`.

    Returns
    -------
    audit : Audit
        With ``table()`` and ``display()``.

    Raises
    ------
    TypeError, ValueError
        As `invariance_test`; if there is no transform, or `actions` or `groups` name one that is
        not there.

    Notes
    -----
    A layer is called "invariant" only if both p-values, that of the permutations and that of the
    equivalence test, are at most 0.05 after Holm's adjustment over all rows. All tests share one
    set of derangements and bootstrap samples. Rows of several trained copies of a network are not
    independent units: make one audit per copy.

    Examples
    --------
    >>> import torch
    >>> from gramian.symmetry import audit
    >>> _ = torch.manual_seed(0)
    >>> net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh())
    >>> found = audit(net, torch.randn(40, 6), {"mirror": lambda x: x.flip(1)}, random_state=0)
    >>> [(row.layer, row.verdict) for row in found.rows]
    [('0', 'not invariant'), ('1', 'not invariant')]
    """
    caller = "audit"
    samples = as_samples(x, caller, least=LEAST_ROWS)
    check_margin(delta, caller)
    check_int(n_permutations, "n_permutations", caller, low=19)
    if not transforms:
        raise ValueError(_message(caller, "transforms", "at least one named map", transforms))
    for name, given in (("actions", actions), ("groups", groups)):
        unknown = set(given or ()) - set(transforms)
        if unknown:
            constraint = f"a mapping whose names are among {sorted(transforms)}"
            raise ValueError(_message(caller, name, constraint, sorted(unknown)))
    generator = as_generator(random_state, caller)
    job = AuditJob(
        model,
        with_random_weights(model, random_state=generator) if negative_control else None,
        layers,
        samples,
        Design.draw(len(samples), n_permutations, generator),
        as_classes(labels, len(samples), caller),
        delta,
    )
    found: list[Finding] = []
    for name, g in transforms.items():
        found += job.findings(name, g, (actions or {}).get(name), (groups or {}).get(name))
    places = {layer: place for place, layer in enumerate(dict.fromkeys(f.layer for f in found))}
    found.sort(key=lambda finding: places[finding.layer])
    return Audit(tuple(_adjusted(found, delta)), delta)


def _adjusted(found: list[Finding], delta: float) -> Iterator[AuditRow]:
    """The rows with p-values and verdicts that account for how many tests there are."""
    pvalues = holm([finding.result.pvalue for finding in found]).tolist()
    equivalence = holm([finding.result.equivalence_pvalue for finding in found]).tolist()
    for finding, pvalue, margin in zip(found, pvalues, equivalence, strict=True):
        result = finding.result
        verdict = verdict_of(result.interval, pvalue, delta=delta, small=margin <= LEVEL)
        yield AuditRow(
            finding.layer,
            finding.transform,
            result,
            pvalue,
            verdict,
            finding.negative,
            finding.positive,
        )
