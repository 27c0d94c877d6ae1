"""Settings of the engine: working memory, device, backend and precision."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import torch

from gramian._validation import check_choice

__all__ = ["Config", "config", "config_context", "current", "parse_bytes"]

BACKENDS = ("auto", "triton", "native", "torch")
PRECISIONS = ("exact", "fast")
LEAST_MEMORY = 8 * 2**20
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


@dataclass(frozen=True)
class Config:
    """The settings in force.

    Attributes
    ----------
    memory : int
        Bytes of working memory beyond inputs and outputs.
    device : str or None
        Where entries are computed; None means where the input lies.
    backend : {"auto", "triton", "native", "torch"}
    precision : {"exact", "fast"}
    """

    memory: int = 2**30
    device: str | None = None
    backend: str = "auto"
    precision: str = "exact"


_process_wide = Config()
_in_context: ContextVar[Config | None] = ContextVar("gramian_config", default=None)


def current() -> Config:
    """The settings that a call made here and now obeys."""
    return _in_context.get() or _process_wide


def config(**settings: Any) -> Config:
    """Set the engine for the whole process and return the settings now in force.

    Parameters
    ----------
    memory : int or str
        Working memory beyond inputs and outputs, in bytes or as "512MiB"; at least 8 MiB.
    device : str, torch.device or None
        Where entries are computed; None means where the input lies.
    backend : {"auto", "triton", "native", "torch"}
        "auto" takes the first that fits; a named one never falls back.
    precision : {"exact", "fast"}
        "exact": searches return what float64 brute force returns. "fast": distances may err by
        (d + 8) 2⁻²³ (‖x‖ + ‖y‖)² about the mean of y, and searches are decided on them.

    Returns
    -------
    Config

    Raises
    ------
    TypeError, ValueError
        If a setting is unknown or out of range; nothing changes then.

    Examples
    --------
    >>> import gramian as gm
    >>> gm.config().precision
    'exact'
    """
    global _process_wide
    _process_wide = _merged(_process_wide, "config", settings)
    return current()


@contextmanager
def config_context(**settings: Any) -> Iterator[Config]:
    """Set the engine inside a ``with`` block, for this thread or task only.

    Takes the settings of `config`.

    Examples
    --------
    >>> import gramian as gm
    >>> with gm.config_context(memory="64MiB") as settings:
    ...     settings.memory
    67108864
    """
    token = _in_context.set(_merged(current(), "config_context", settings))
    try:
        yield current()
    finally:
        _in_context.reset(token)


def parse_bytes(value: Any, caller: str) -> int:
    """A number of bytes from an int or a text such as "512MiB" or "2 GB"."""
    number: float | None = None
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", value)
        if match and match[2].upper() in _UNITS:
            number = float(match[1]) * _UNITS[match[2].upper()]
    if number is None or number < LEAST_MEMORY:
        raise ValueError(
            f"{caller}: memory must be at least 8 MiB, as bytes or a text such as '512MiB', "
            f"got {value!r}."
        )
    return int(number)


def _merged(old: Config, caller: str, settings: dict[str, Any]) -> Config:
    """``old`` with the settings given, each checked."""
    unknown = sorted(set(settings) - set(Config.__dataclass_fields__))
    if unknown:
        raise TypeError(
            f"{caller}: settings must be among {sorted(Config.__dataclass_fields__)}, "
            f"got {unknown[0]!r}."
        )
    changed = dict(settings)
    if "memory" in changed:
        changed["memory"] = parse_bytes(changed["memory"], caller)
    if "backend" in changed:
        check_choice(changed["backend"], "backend", caller, BACKENDS)
    if "precision" in changed:
        check_choice(changed["precision"], "precision", caller, PRECISIONS)
    if changed.get("device") is not None:
        changed["device"] = _usable_device(changed["device"], caller)
    return replace(old, **changed)


def _usable_device(device: Any, caller: str) -> str:
    """The name of the very device that a tensor made there lies on."""
    try:
        made = torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{caller}: device must be a device of this machine, got {device!r}. {reason}"
        ) from None
    return str(made.device)
