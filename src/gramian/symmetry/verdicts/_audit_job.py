"""The work of an audit: one transform at a time, all layers at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from gramian.symmetry.verdicts._design import Design
from gramian.symmetry.verdicts._features import Transform, as_table, inverse_of, moved
from gramian.symmetry.verdicts._pairs import brief_ratio
from gramian.symmetry.verdicts._result import SymmetryResult
from gramian.symmetry.verdicts._test import compare
from gramian.train._inspect import activations

__all__ = ["AuditJob", "Finding"]


@dataclass(frozen=True)
class Finding:
    """One test of an audit, before the p-values are adjusted."""

    layer: str
    transform: str
    result: SymmetryResult
    negative: float | None
    positive: float | None


@dataclass(frozen=True)
class AuditJob:
    """What all tests of an audit share.

    Attributes
    ----------
    model : nn.Module
    twin : nn.Module or None
        The negative control.
    layers : sequence of str or None
    samples : Tensor of shape (n, ...)
    design : Design
    classes : Tensor of shape (n,) or None
    delta : float
    """

    model: nn.Module
    twin: nn.Module | None
    layers: Sequence[str] | None
    samples: Tensor
    design: Design
    classes: Tensor | None
    delta: float

    def findings(
        self,
        name: str,
        g: Transform,
        action: Transform | None,
        elements: Sequence[Transform] | None,
    ) -> Iterator[Finding]:
        """Every layer under one transform."""
        copies = moved(g, self.samples, "audit", name)
        plain, turned = self._read(self.model, self.samples), self._read(self.model, copies)
        inverse = inverse_of(g)
        back = inverse and self._read(self.model, moved(inverse, copies, "audit", name))
        negative = self.twin and (
            self._read(self.twin, self.samples),
            self._read(self.twin, copies),
        )
        positive = elements and (
            self._averaged(self.samples, elements),
            self._averaged(copies, elements),
        )
        for layer, features in plain.items():
            actions = [None, action] if action and features.ndim == self.samples.ndim else [None]
            for act in actions:
                yield Finding(
                    layer,
                    name,
                    compare(
                        "equivariance" if act else "invariance",
                        _table(features, act),
                        _table(turned[layer]),
                        self.design,
                        self.classes,
                        delta=self.delta,
                        floor=self._ratio(features, back[layer]) if back else None,
                    ),
                    self._ratio(negative[0][layer], negative[1][layer], act) if negative else None,
                    self._ratio(positive[0][layer], positive[1][layer]) if positive else None,
                )

    def _read(self, model: nn.Module, x: Tensor) -> dict[str, Tensor]:
        return activations(model, x, self.layers)

    def _ratio(self, left: Tensor, right: Tensor, action: Transform | None = None) -> float:
        return brief_ratio(_table(left, action), _table(right), self.design)

    def _averaged(self, x: Tensor, elements: Sequence[Transform]) -> dict[str, Tensor]:
        """Every layer's mean over the group."""
        total: dict[str, Tensor] = {}
        for g in elements:
            for layer, part in self._read(self.model, moved(g, x, "audit", "groups")).items():
                total[layer] = total[layer] + part if layer in total else part
        return {layer: part / len(elements) for layer, part in total.items()}


def _table(features: Tensor, action: Transform | None = None) -> Tensor:
    """Features, moved if there is an action, as rows."""
    if action is not None:
        features = moved(action, features, "audit", "actions")
    return as_table(features, "audit", "model")
