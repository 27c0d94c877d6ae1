"""One column at a time: is it numeric, what is missing, what are its moments."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gramian.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "MISSING",
    "as_numbers",
    "column_moments",
    "label_values",
    "listed",
    "not_numbers",
    "to_float",
    "unknown_column",
    "weight_values",
]

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-")
"""What counts as a missing number in text, in any letter case and with blanks around it."""


def listed(names: Sequence[str], most: int = 10) -> str:
    """The names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def unknown_column(
    parameter: str, name: str, known: Iterable[str], caller: str, shown: str
) -> DataError:
    """The error for a column that ``shown`` does not have; near matches first."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    by_case = {k.casefold(): k for k in known}
    if name.casefold() in by_case and by_case[name.casefold()] not in near:
        near.insert(0, by_case[name.casefold()])
    remedy = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"It has {listed(known)}."
    return DataError(f"{caller}: {parameter} must be a column of {shown}, got {name!r}. {remedy}")


def not_numbers(name: str, kind: str, caller: str, shown: str) -> DataError:
    """The error for a column that must be numeric and is not."""
    return DataError(f"{caller}: column {name!r} of {shown} must hold numbers, got {kind}.")


def as_numbers(series: pl.Series) -> tuple[pl.Series | None, str]:
    """The column as a numeric or Boolean series, or None and what it holds instead."""
    import polars as pl

    dtype = series.dtype
    if dtype.is_numeric() or dtype == pl.Boolean:
        return series, "numbers"
    if dtype == pl.Null:
        return series.cast(pl.Float64), "numbers"
    if dtype.is_temporal():
        return None, "dates or times"
    if dtype == pl.String:
        numbers = _parse(series)
        return numbers, "text" if numbers is None else "numbers"
    return None, "text" if dtype in (pl.Categorical, pl.Enum) else str(dtype).lower()


def _parse(series: pl.Series) -> pl.Series | None:
    """Text as numbers or truth values; None if some entry is neither, nor missing."""
    import polars as pl

    text = series.str.strip_chars().str.to_lowercase()
    text = text.set(text.is_in(MISSING), None)
    if text.null_count() < len(text) and text.is_in(["true", "false"]).all():
        return text == "true"
    numbers = text.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == text.null_count() else None


def to_float(numbers: pl.Series, name: str, caller: str, shown: str) -> np.ndarray:
    """float64 values with NaN for missing ones; infinity is an error."""
    import polars as pl

    values = numbers.cast(pl.Float64).to_numpy()
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(
            f"{caller}: column {name!r} of {shown} must be finite, got {values[row]} in row "
            f"{row + 1}. Remove the row, or leave the column out."
        )
    return values


def column_moments(values: np.ndarray, *, name: str, caller: str) -> tuple[float, float, float]:
    """Median of what is there; mean and population deviation once it fills the gaps.

    Computed in float64 on values scaled by a power of two, so that neither squares of large
    values overflow nor those of small ones vanish. A constant column has deviation 0 exactly.
    """
    missing = np.isnan(values)
    present = values[~missing] if missing.any() else values
    top = float(np.abs(present).max())
    if top > np.finfo(np.float64).max / 2:
        raise DataError(
            f"{caller}: column {name!r} must hold values up to 8.9e+307, got {top}. "
            "Divide it by a constant."
        )
    median = float(np.median(present))
    filled = np.where(missing, median, values) if missing.any() else values
    if filled.min() == filled.max():
        return median, float(filled[0]), 0.0
    exponent = int(np.frexp(top)[1])
    scaled = np.ldexp(filled, -exponent)
    mean = scaled.mean()
    scaled -= mean
    correction = scaled.mean()
    scaled -= correction
    deviation = np.sqrt(np.square(scaled).mean())
    return (
        median,
        float(np.ldexp(mean + correction, exponent)),
        float(np.ldexp(deviation, exponent)),
    )


def label_values(series: pl.Series, caller: str, shown: str) -> np.ndarray:
    """The label as int64, float64, bool or str; every row must have one."""
    import polars as pl

    where = f"{caller}: label column {series.name!r} of {shown}"
    numbers, kind = as_numbers(series)
    if numbers is None and series.dtype.is_nested():
        raise DataError(f"{where} must hold one value per row, got {kind}.")
    if numbers is None:
        numbers = series.cast(pl.String)
        missing = numbers.is_null() | (numbers.str.strip_chars() == "")
    else:
        missing = numbers.is_null()
        if numbers.dtype.is_float():
            missing |= numbers.is_nan()
    if missing.any():
        row = int(missing.to_numpy().argmax())
        raise DataError(
            f"{where} must have a value in every row, got "
            f"{int(missing.sum())} missing, the first in row {row + 1}. Fill them, or score "
            "without a label."
        )
    if numbers.dtype.is_float() or numbers.dtype.is_decimal():
        return numbers.cast(pl.Float64).to_numpy(writable=True)
    if numbers.dtype == pl.String:
        return numbers.to_numpy().astype(np.str_)
    return numbers.to_numpy(writable=True)


def weight_values(series: pl.Series, caller: str, shown: str) -> np.ndarray:
    """The weights as float64: finite, none negative, not all zero."""
    import polars as pl

    where = f"{caller}: weight column {series.name!r} of {shown}"
    numbers, kind = as_numbers(series)
    if numbers is None:
        raise DataError(f"{where} must hold numbers, got {kind}.")
    values = numbers.cast(pl.Float64).to_numpy(writable=True)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        row = int(bad.argmax())
        got = "a missing value" if np.isnan(values[row]) else repr(float(values[row]))
        raise DataError(f"{where} must be finite and >= 0, got {got} in row {row + 1}.")
    if not values.any():
        raise DataError(f"{where} must have a positive sum, got 0.")
    return values
