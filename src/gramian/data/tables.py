"""Tables: from a file to a matrix of finite numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gramian.data._columns import (
    as_numbers,
    column_moments,
    listed,
    not_numbers,
    to_float,
    unknown_column,
)
from gramian.data._read import RawTable, read_raw
from gramian.data.preparation import Preparation, Table, build_table
from gramian.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

    import polars as pl

__all__ = ["read_table"]


def read_table(
    source: str | PathLike[str] | pl.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    label: str | None = None,
    weight: str | None = None,
    standardize: bool = False,
    separator: str | None = None,
    header: bool = True,
) -> Table:
    """Read a table and make a matrix of finite numbers of it.

    Text, dates and nested columns are left out. Truth values count as 0 and 1. Missing values
    (null, NaN; in text also an empty field, ``NA``, ``N/A``, ``null``, ``none``, ``?`` and
    ``-``) are filled with the column's median; a column with nothing but missing values is left
    out. Constant columns are kept, and are 0 when standardised. Infinity is an error. Each of
    these steps is said in ``notes``.

    Parameters
    ----------
    source : path, "-" or polars DataFrame
        CSV, TSV, Parquet, Arrow (``.arrow``, ``.ipc``, ``.feather``; file or stream), NPY, or
        NPZ (the array ``X`` or ``data``, else the only one with two axes; vectors of the same
        length, such as ``y`` or ``target``, can serve as label or weight). ``"-"`` reads CSV
        from standard input. Columns of NPY, NPZ and of text without a header are ``x0``,
        ``x1``, ...
    columns : sequence of str, optional
        Features to use, in this order. Default: every numeric column but label and weight. A
        column that is named here must be numeric.
    label : str, optional
        Column to keep apart, for scoring.
    weight : str, optional
        Column of row weights. They do not enter medians, means and deviations.
    standardize : bool, default=False
        Give every column mean 0 and population standard deviation 1, computed in float64.
    separator : str, optional
        One character between the fields of delimited text. Default: tab for TSV; for CSV a
        comma, or whichever of ``;``, tab and ``|`` the first line has instead.
    header : bool, default=True
        Whether the first line of delimited text holds the column names.

    Returns
    -------
    table : Table
        ``X`` is float64; float32 if every feature is stored as float32 or float16.

    Raises
    ------
    DataError
        If the source cannot be read or breaks one of the rules above; the message names the
        column, and the row where there is one (rows count from 1, without the header).
    TypeError
        If ``source`` or ``columns`` has the wrong type.

    Notes
    -----
    O(n d) time. Peak memory is about five times that of ``X`` for delimited text, three times for
    the rest; text columns come on top.

    Examples
    --------
    >>> import polars as pl
    >>> from gramian.data import read_table
    >>> frame = pl.DataFrame({"name": ["x", "y", "z"], "a": [1.0, None, 4.0], "b": [0, 1, 2]})
    >>> table = read_table(frame)
    >>> table.X
    array([[1. , 0. ],
           [2.5, 1. ],
           [4. , 2. ]])
    >>> for note in table.notes:
    ...     print(note)
    Left out, as they hold text: name.
    Missing values filled with the column's median: a (1).
    """
    caller = "read_table"
    raw = read_raw(source, separator=separator, header=header, caller=caller)
    wanted = _wanted(raw, columns, label, weight, caller)
    notes = [*raw.notes]
    numbers = _usable(raw, wanted, columns is not None, notes, caller)
    moments = [
        column_moments(to_float(series, name, caller, raw.shown), name=name, caller=caller)
        for name, series in numbers.items()
    ]
    medians, means, scales = zip(*moments, strict=True)
    narrow = all(str(series.dtype) in ("Float16", "Float32") for series in numbers.values())
    preparation = Preparation(
        feature_names=tuple(numbers),
        medians=medians,
        means=means,
        scales=scales,
        standardize=bool(standardize),
        dtype="float32" if narrow else "float64",
        label=label,
        weight=weight,
    )
    constant = [name for name, scale in zip(numbers, scales, strict=True) if scale == 0.0]
    if constant:
        what = "kept, and 0 once standardised" if standardize else "kept"
        notes.append(f"Constant columns ({what}): {listed(constant)}.")
    return build_table(raw, numbers, preparation, notes, caller)


def _wanted(
    raw: RawTable,
    columns: Sequence[str] | None,
    label: str | None,
    weight: str | None,
    caller: str,
) -> list[str]:
    """Names of the candidate features; every name that was given must exist once."""
    for parameter, name in (("label", label), ("weight", weight)):
        known = [*raw.frame.columns, *raw.side]
        if name is not None and name not in known:
            raise unknown_column(parameter, name, known, caller, raw.shown)
    if label is not None and label == weight:
        raise DataError(f"{caller}: weight must be another column than the label, got {label!r}.")
    if columns is None:
        return [name for name in raw.frame.columns if name not in (label, weight)]
    if isinstance(columns, str) or not all(isinstance(name, str) for name in columns):
        raise TypeError(f"{caller}: columns must be a sequence of names, got {columns!r}.")
    if not columns:
        raise DataError(f"{caller}: columns must name at least one column, got none.")
    for position, name in enumerate(columns):
        if name not in raw.frame.columns:
            raise unknown_column("columns", name, raw.frame.columns, caller, raw.shown)
        if name in columns[:position]:
            raise DataError(f"{caller}: columns must differ, got {name!r} twice.")
        if name in (label, weight):
            role = "label" if name == label else "weight"
            raise DataError(
                f"{caller}: columns must not hold the {role} column, got {name!r}. Leave it out."
            )
    return list(columns)


def _usable(
    raw: RawTable, wanted: list[str], named: bool, notes: list[str], caller: str
) -> dict[str, pl.Series]:
    """Numeric columns by name; what cannot be used is left out, or an error if it was named."""
    numbers: dict[str, pl.Series] = {}
    left_out: dict[str, list[str]] = {}
    for name in wanted:
        series, kind = as_numbers(raw.frame[name])
        if series is not None and (series.is_null() | _is_nan(series)).all():
            series, kind = None, "nothing but missing values"
        if series is not None:
            numbers[name] = series
        elif named:
            raise not_numbers(name, kind, caller, raw.shown)
        else:
            left_out.setdefault(kind, []).append(name)
    reasons = [f"Left out, as they hold {kind}: {listed(n)}." for kind, n in left_out.items()]
    if not numbers:
        raise DataError(
            f"{caller}: {raw.shown} must have at least one numeric column, got none. "
            + (" ".join(reasons) or "Only label and weight are there.")
        )
    notes.extend(reasons)
    return numbers


def _is_nan(series: pl.Series) -> pl.Series | bool:
    return series.is_nan() if series.dtype.is_float() else False
