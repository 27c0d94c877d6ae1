"""A learner's own numbers, derived from digits such as a student number, which no report keeps."""

from __future__ import annotations

import hashlib

from gramian.labs.checking.exercise import Exercise

__all__ = ["hash_of", "scalars_of"]


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


def scalars_of(exercise: Exercise, digits: str | None = None) -> dict[str, float]:
    """The lab's scalars, or those of the variant that belongs to ``digits``.

    Raises
    ------
    ValueError
        If ``digits`` holds anything but 4 to 32 digits.
    """
    if digits is None:
        return {name: scalar.default for name, scalar in exercise.scalars.items()}
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 32):
        raise ValueError(f"scalars_of: --variant must be 4 to 32 digits, got {digits!r}.")
    found = {}
    for name, scalar in exercise.scalars.items():
        steps = round((scalar.high - scalar.low) / scalar.step)
        drawn = int.from_bytes(_digest(exercise.lab, name, digits)[:8], "big") % (steps + 1)
        found[name] = round(scalar.low + drawn * scalar.step, 10)
    return found


def hash_of(digits: str | None) -> str | None:
    """What a report keeps of the digits: enough to tell variants apart."""
    return None if digits is None else _digest("variant", digits).hex()[:12]
