"""The outcome of one run: everything judged, ready to be written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from gramian.labs.frame.declaration import Lab, SourceValue
from gramian.labs.frame.exit_codes import verdict_of
from gramian.labs.frame.relations import in_words
from gramian.labs.frame.result import Result
from gramian.labs.frame.schema import SCHEMA, validate
from gramian.labs.frame.values import for_json, shown
from gramian.labs.frame.verdicts import ClaimVerdict, ControlVerdict

__all__ = ["Record", "agrees", "expected"]


@dataclass(frozen=True)
class Record:
    """A finished run of a lab.

    Attributes
    ----------
    result : Result
        Measurements and pictures.
    claims : list of ClaimVerdict
    controls : list of ControlVerdict
    command : str
        What repeats the run.
    started : str
        Time in UTC, ISO 8601.
    wall_s : float
    exit_code : int
        0: every claim holds and every control behaves; 1: a claim is refuted; 3: a control
        misbehaves; 5: a claim is undecided; 6: more than five times the budget.
    env : dict
        Versions and machine.
    """

    result: Result
    claims: list[ClaimVerdict]
    controls: list[ControlVerdict]
    command: str
    started: str
    wall_s: float
    exit_code: int
    env: dict[str, Any]

    @property
    def lab(self) -> Lab:
        """The declaration."""
        return self.result.context.lab

    @property
    def verdict(self) -> str:
        """The exit code in words."""
        return verdict_of(self.exit_code)

    @property
    def config(self) -> dict[str, Any]:
        """What the run was asked for."""
        context = self.result.context
        return {
            "parameters": for_json(self.lab.parameters(context.mode)),
            "mode": context.mode,
            "seed": context.seed,
            "device": str(context.device),
            "fault": context.fault,
        }

    def as_dict(self) -> dict[str, Any]:
        """The record in the form "gramian.lab/1"; non-finite numbers are texts."""
        context, config = self.result.context, self.config
        canonical = json.dumps([self.lab.version, config], sort_keys=True, default=str)
        made: dict[str, Any] = for_json(
            {
                "schema": SCHEMA,
                "lab": self.lab.name,
                "lab_version": self.lab.version,
                "mode": context.mode,
                "seed": context.seed,
                "command": self.command,
                "config": config,
                "config_hash": hashlib.sha256(canonical.encode()).hexdigest(),
                "started": self.started,
                "wall_s": round(self.wall_s, 3),
                "exit_code": self.exit_code,
                "verdict": self.verdict,
                "env": self.env,
                "data": context.loaded,
                "measurements": self._measurements(),
                "claims": [_claim_entry(verdict) for verdict in self.claims],
                "controls": [_control_entry(verdict) for verdict in self.controls],
                "figures": [
                    {"id": f.id, "title": f.title, "alt": f.alt, "data": f.data}
                    for f in self.result.figures.values()
                ],
                "source_values": [self._source_entry(value) for value in self.lab.source_values],
                "warnings": self.result.warnings,
            }
        )
        validate(made)
        return made

    def json(self) -> str:
        """`as_dict` as indented JSON."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def text(self) -> str:
        """The verdict with its claims and controls, for a terminal or a pipe."""
        from gramian.labs.frame.text import record_lines

        return "\n".join(record_lines(self)) + "\n"

    def html(self) -> str:
        """The report: one page that loads nothing, of at most 3 MB."""
        from gramian.labs.frame.page import record_page

        return record_page(self)

    def recomputed(self, value: SourceValue) -> Any:
        """The measured counterpart of a printed value; None where it was not measured."""
        measured = self.result.measurements.get(value.measurement)
        return None if measured is None else measured.estimate.value

    def _measurements(self) -> list[dict[str, Any]]:
        return [
            {
                "id": m.id,
                "value": m.estimate.value,
                "unit": m.unit,
                "n": m.estimate.n,
                "seeds": m.estimate.seeds,
                "interval": m.estimate.interval,
                "level": m.estimate.level,
                "method": m.estimate.method,
                "tolerance": m.tolerance,
            }
            for m in self.result.measurements.values()
        ]

    def _source_entry(self, value: SourceValue) -> dict[str, Any]:
        found = self.recomputed(value)
        return {
            "where": value.where,
            "what": value.what,
            "printed": value.printed,
            "recomputed": found,
            "agrees": agrees(value, found),
            "note": value.note,
        }


def agrees(value: SourceValue, found: Any) -> bool | None:
    """Whether the recomputed value is the printed one, entry by entry within the tolerance.

    None where it was not measured: some values belong to the full mode.
    """
    return None if found is None else _near(value.printed, found, value.tolerance)


def _near(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_near(x, y, tolerance) for x, y in zip(a, b, strict=True))
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (a, b))
    return abs(a - b) <= tolerance if numbers else bool(a == b)


def expected(verdict: ControlVerdict) -> str:
    """What a control must do, in words."""
    test = in_words(verdict.claim.relation, verdict.claim.threshold, shown)
    words = test if verdict.control.sign == "positive" else f"not {test}"
    if verdict.control.must is not None:
        words += f", and {in_words(*verdict.control.must, shown)}"
    return words


def _claim_entry(verdict: ClaimVerdict) -> dict[str, Any]:
    claim = verdict.claim
    return {
        "id": claim.id,
        "text": claim.text,
        "kind": claim.kind,
        "modes": list(claim.modes),
        "measurements": list(claim.measurements),
        "relation": claim.relation,
        "threshold": claim.threshold,
        "p": verdict.p,
        "p_holm": verdict.p_holm,
        "verdict": verdict.verdict,
        "why": verdict.why,
    }


def _control_entry(verdict: ControlVerdict) -> dict[str, Any]:
    return {
        "id": verdict.control.id,
        "sign": verdict.control.sign,
        "text": verdict.control.text,
        "claim": verdict.claim.id,
        "expected": expected(verdict),
        "observed": None if verdict.observed is None else verdict.observed.value,
        "behaves": verdict.behaves,
        "why": verdict.why,
    }
