"""A prepared table, and what it takes to prepare new rows alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from gramian.data._columns import (
    as_numbers,
    label_values,
    listed,
    not_numbers,
    to_float,
    unknown_column,
    weight_values,
)
from gramian.data._read import RawTable, read_raw
from gramian.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

    import polars as pl

__all__ = ["Preparation", "Table", "build_table"]


@dataclass(frozen=True, eq=False)
class Table:
    """A table as a matrix of finite numbers.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features), float32 or float64
        Features, missing values filled, standardised if that was asked for.
    feature_names : list of str
    label : ndarray of shape (n_rows,) or None
        int64, float64, bool or str, as the column holds it; never part of ``X``.
    label_name : str or None
    weight : ndarray of shape (n_rows,), float64, or None
        Finite, none negative, not all zero; never part of ``X``.
    weight_name : str or None
    notes : list of str
        What was done to the data, one sentence each.
    preparation : Preparation
        Does the same to new rows.
    """

    X: np.ndarray
    feature_names: list[str]
    label: np.ndarray | None
    label_name: str | None
    weight: np.ndarray | None
    weight_name: str | None
    notes: list[str]
    preparation: Preparation

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.X)


@dataclass(frozen=True)
class Preparation:
    """What :func:`read_table` learnt from a table, enough to treat new rows alike.

    Attributes
    ----------
    feature_names : tuple of str
        Columns in the order of the matrix.
    medians, means, scales : tuple of float
        Per column: median of the values that are present; mean and population standard
        deviation after filling. A scale of 0 marks a constant column: standardised, it is 0
        in every row, new rows included.
    standardize : bool
        Whether ``means`` and ``scales`` are applied.
    dtype : {"float32", "float64"}
    label, weight : str or None
        Columns that are not features.

    Examples
    --------
    >>> import polars as pl
    >>> from gramian.data import read_table
    >>> table = read_table(pl.DataFrame({"a": [1.0, None, 3.0], "b": [0, 1, 2]}))
    >>> table.preparation.apply(pl.DataFrame({"b": [5], "a": [None]})).X
    array([[2., 5.]])
    """

    feature_names: tuple[str, ...]
    medians: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    standardize: bool
    dtype: str
    label: str | None = None
    weight: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON types; :meth:`from_dict` gives back an equal object."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Preparation:
        """The preparation that :meth:`to_dict` described.

        Raises
        ------
        DataError
            If a key is missing or unknown, or a value is not what that key holds.
        """
        caller = "Preparation.from_dict"
        names = {field.name for field in fields(cls)}
        if not isinstance(values, Mapping) or set(values) != names:
            got = sorted(map(str, values)) if isinstance(values, Mapping) else values
            raise DataError(f"{caller}: values must have the keys {sorted(names)}, got {got}.")
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        made = cls(**given)
        made._check(caller)
        return made

    def _check(self, caller: str) -> None:
        """Raise unless every field holds what it should."""
        rules: list[tuple[str, bool, str]] = [
            ("feature_names", _all(self.feature_names, str), "a list of at least one name"),
            *(
                (
                    key,
                    _all(value, float) and all(map(math.isfinite, value)),
                    "a list of finite numbers",
                )
                for key, value in self._numbers().items()
            ),
            ("standardize", isinstance(self.standardize, bool), "true or false"),
            ("dtype", self.dtype in ("float32", "float64"), "'float32' or 'float64'"),
            ("label", self.label is None or isinstance(self.label, str), "a name or null"),
            ("weight", self.weight is None or isinstance(self.weight, str), "a name or null"),
        ]
        for key, holds, constraint in rules:
            if not holds:
                raise DataError(
                    f"{caller}: {key} must be {constraint}, got {getattr(self, key)!r:.80}."
                )
        for key, value in self._numbers().items():
            if len(value) != len(self.feature_names):
                raise DataError(
                    f"{caller}: {key} must have one number per feature, got {len(value)} for "
                    f"{len(self.feature_names)} features."
                )

    def _numbers(self) -> dict[str, tuple[float, ...]]:
        return {"medians": self.medians, "means": self.means, "scales": self.scales}

    def scaled(self, values: np.ndarray, j: int) -> np.ndarray:
        """Filled ``values`` of column ``j``, standardised if this preparation does so."""
        if not self.standardize:
            return values
        if self.scales[j] == 0.0:
            return np.zeros_like(values)
        return (values - self.means[j]) / self.scales[j]

    def apply(
        self,
        source: str | PathLike[str] | pl.DataFrame,
        *,
        separator: str | None = None,
        header: bool = True,
    ) -> Table:
        """New rows, prepared with what was learnt from the first table.

        Columns are found by name, in any order; others are left alone. Label and weight are
        read if the source has them.

        Parameters
        ----------
        source, separator, header
            As in :func:`read_table`.

        Returns
        -------
        table : Table

        Raises
        ------
        DataError
            If the source cannot be read, lacks a feature, or a feature is not numeric.
        """
        caller = "Preparation.apply"
        raw = read_raw(source, separator=separator, header=header, caller=caller)
        numbers: dict[str, pl.Series] = {}
        for name in self.feature_names:
            if name not in raw.frame.columns:
                raise unknown_column("feature", name, raw.frame.columns, caller, raw.shown)
            series, kind = as_numbers(raw.frame[name])
            if series is None:
                raise not_numbers(name, kind, caller, raw.shown)
            numbers[name] = series
        known = {*self.feature_names, self.label, self.weight}
        extra = [name for name in raw.frame.columns if name not in known]
        notes = [*raw.notes]
        if extra:
            notes.append(f"Columns that are not used: {listed(extra)}.")
        if self.standardize and 0.0 in self.scales:
            constant = [n for n, s in zip(self.feature_names, self.scales, strict=True) if s == 0]
            notes.append(f"Constant where the preparation was learnt, so 0: {listed(constant)}.")
        return build_table(raw, numbers, self, notes, caller)


def _all(values: object, kind: type) -> bool:
    """Whether ``values`` is a non-empty tuple of ``kind``; an int passes for a float."""
    kinds = (int, float) if kind is float else (kind,)
    return (
        isinstance(values, tuple)
        and bool(values)
        and all(isinstance(v, kinds) and not isinstance(v, bool) for v in values)
    )


def build_table(
    raw: RawTable,
    numbers: dict[str, pl.Series],
    preparation: Preparation,
    notes: list[str],
    caller: str,
) -> Table:
    """Fill and standardise the columns; the first table and new rows pass through here alike.

    Label and weight are those of ``preparation`` that ``raw`` has.
    """
    X = np.empty((raw.frame.height, len(numbers)), dtype=preparation.dtype)
    filled: list[str] = []
    for j, (name, series) in enumerate(numbers.items()):
        values = to_float(series, name, caller, raw.shown)
        missing = np.isnan(values)
        if missing.any():
            filled.append(f"{name} ({int(missing.sum())})")
            values = np.where(missing, preparation.medians[j], values)
        with np.errstate(over="ignore"):
            X[:, j] = preparation.scaled(values, j)
        if not np.isfinite(X[:, j]).all():
            raise DataError(
                f"{caller}: column {name!r} of {raw.shown} must fit {preparation.dtype}, got "
                "a value that is too large. Remove the row, or divide the column by a constant."
            )
    if filled:
        notes.append(f"Missing values filled with the column's median: {listed(filled)}.")
    if preparation.standardize:
        notes.append("Columns standardised to mean 0 and standard deviation 1.")
    label, weight = raw.column(preparation.label), raw.column(preparation.weight)
    return Table(
        X=X,
        feature_names=list(numbers),
        label=None if label is None else label_values(label, caller, raw.shown),
        label_name=None if label is None else label.name,
        weight=None if weight is None else weight_values(weight, caller, raw.shown),
        weight_name=None if weight is None else weight.name,
        notes=notes,
        preparation=preparation,
    )
