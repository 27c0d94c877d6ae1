"""The form of a record, schema "gramian.lab/1", and the check of it."""

from __future__ import annotations

from typing import Any

from gramian.errors import DataError

__all__ = ["SCHEMA", "validate"]

SCHEMA = "gramian.lab/1"
_NUMBER = (int, float)
_MAYBE_NUMBER = (int, float, str, type(None))
_TEXT, _MAYBE_TEXT = (str,), (str, type(None))
_VALUE = (bool, int, float, str, list, type(None))

_FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "": {
        "schema": _TEXT,
        "lab": _TEXT,
        "lab_version": (int,),
        "mode": _TEXT,
        "seed": (int,),
        "command": _TEXT,
        "config": (dict,),
        "config_hash": _TEXT,
        "started": _TEXT,
        "wall_s": _NUMBER,
        "exit_code": (int,),
        "verdict": _TEXT,
        "env": (dict,),
        "data": (list,),
        "measurements": (list,),
        "claims": (list,),
        "controls": (list,),
        "figures": (list,),
        "source_values": (list,),
        "warnings": (list,),
    },
    "env": {
        "gramian": _TEXT,
        "commit": _MAYBE_TEXT,
        "dirty": (bool, type(None)),
        "python": _TEXT,
        "torch": _TEXT,
        "numpy": _TEXT,
        "os": _TEXT,
        "cpu": _TEXT,
        "threads": (int,),
        "device": _TEXT,
        "deterministic": (bool,),
    },
    "data": {
        "name": _TEXT,
        "split": _TEXT,
        "n": (int,),
        "sha256_unpacked": _TEXT,
        "indices_sha256": _MAYBE_TEXT,
    },
    "measurements": {
        "id": _TEXT,
        "value": _VALUE,
        "unit": _TEXT,
        "n": (int, type(None)),
        "seeds": (list, type(None)),
        "interval": (list, type(None)),
        "level": (float, type(None)),
        "method": _TEXT,
        "tolerance": _NUMBER,
    },
    "claims": {
        "id": _TEXT,
        "text": _TEXT,
        "kind": _TEXT,
        "modes": (list,),
        "measurements": (list,),
        "relation": _TEXT,
        "threshold": _VALUE,
        "p": _MAYBE_NUMBER,
        "p_holm": _MAYBE_NUMBER,
        "verdict": _TEXT,
    },
    "controls": {
        "id": _TEXT,
        "sign": _TEXT,
        "expected": _TEXT,
        "observed": _VALUE,
        "behaves": (bool, type(None)),
    },
    "figures": {"id": _TEXT, "title": _TEXT, "alt": _TEXT, "data": (dict, type(None))},
    "source_values": {
        "where": _TEXT,
        "printed": _VALUE,
        "recomputed": _VALUE,
        "agrees": (bool, type(None)),
        "note": _TEXT,
    },
}
_WORDS = {
    "mode": ("quick", "full"),
    "kind": ("exact", "numeric", "statistical", "timing"),
    "sign": ("positive", "negative"),
}
_CLAIM_VERDICTS = ("holds", "refuted", "undecided", "not_applicable")


def validate(record: Any, where: str = "record") -> None:
    """Raise ``DataError`` unless ``record`` has the form of "gramian.lab/1".

    Further fields are allowed; a missing one, or one of another type, is not.
    """
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        found = record.get("schema") if isinstance(record, dict) else type(record).__name__
        raise DataError(f"{where}: schema must be {SCHEMA!r}, got {found!r}.")
    _check_fields(record, _FIELDS[""], where)
    _check_fields(record["env"], _FIELDS["env"], f"{where}.env")
    for part in ("data", "measurements", "claims", "controls", "figures", "source_values"):
        for number, entry in enumerate(record[part]):
            _check_fields(entry, _FIELDS[part], f"{where}.{part}[{number}]")
    for number, claim in enumerate(record["claims"]):
        _check_word(claim, "verdict", _CLAIM_VERDICTS, f"{where}.claims[{number}]")


def _check_fields(entry: Any, fields: dict[str, tuple[type, ...]], where: str) -> None:
    if not isinstance(entry, dict):
        raise DataError(f"{where}: entry must be an object, got {type(entry).__name__}.")
    for name, kinds in fields.items():
        if name not in entry:
            raise DataError(f"{where}: {name} must be present, got only {sorted(entry)}.")
        value = entry[name]
        wrong_bool = isinstance(value, bool) and bool not in kinds
        if wrong_bool or not isinstance(value, kinds):
            wanted = " or ".join(sorted(kind.__name__ for kind in kinds))
            raise DataError(f"{where}: {name} must be {wanted}, got {value!r}.")
        if name in _WORDS:
            _check_word(entry, name, _WORDS[name], where)


def _check_word(entry: dict[str, Any], name: str, words: tuple[str, ...], where: str) -> None:
    if entry[name] not in words:
        raise DataError(f"{where}: {name} must be one of {words}, got {entry[name]!r}.")
