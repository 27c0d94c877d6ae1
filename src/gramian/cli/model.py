"""A fitted estimator in one file: safetensors, whose header holds a JSON text; never pickle.

The header entry "gramian" names schema, library version, algorithm, parameters, how the data was
prepared, and a checksum of the arrays. Reading one cannot run code.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gramian import __version__
from gramian.cli._faults import BadInputError
from gramian.data import Preparation
from gramian.errors import DataError

__all__ = ["CLASSES", "SCHEMA", "SavedModel", "build", "load_model", "save_bytes"]

SCHEMA = "gramian.model/1"
CLASSES = {
    "kmeans": "KMeans",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "mean-shift": "MeanShift",
    "density": "KernelDensity",
    "embedding": "KernelPCA",
    "regression": "KernelRidge",
}
_ARRAYS = {
    "kmeans": ("cluster_centers",),
    "mean-shift": ("cluster_centers",),
    "dbscan": ("core_rows", "core_labels"),
    "hdbscan": (
        "rows",
        "core",
        "row_cluster",
        "row_lambda",
        "row_size",
        "parent",
        "birth",
        "size",
        "chosen",
    ),
    "density": ("rows", "weights"),
    "embedding": ("rows", "eigenvalues", "eigenvectors", "offset"),
    "regression": ("rows", "coefficients", "intercept"),
}
_KEYS = {"schema", "version", "algorithm", "parameters", "preparation", "n_rows", "sha256"}


@dataclass(frozen=True)
class SavedModel:
    """What a model file holds.

    Attributes
    ----------
    algorithm : str
    estimator : one of `CLASSES`
        Fitted as far as ``predict``, ``score_samples`` or ``transform`` needs.
    preparation : Preparation
    facts : dict
        The JSON text of the header.
    """

    algorithm: str
    estimator: Any
    preparation: Preparation
    facts: dict[str, Any]


def build(algorithm: str, parameters: Mapping[str, Any]) -> Any:
    """An unfitted estimator."""
    import gramian

    return getattr(gramian, CLASSES[algorithm])(**parameters)


def save_bytes(
    algorithm: str,
    estimator: Any,
    parameters: Mapping[str, Any],
    preparation: Preparation,
    n_rows: int,
) -> bytes:
    """The content of a model file; the same fit gives the same bytes."""
    from safetensors.numpy import save

    if algorithm == "dbscan":
        core = estimator.core_sample_indices_
        arrays = {"core_rows": estimator.components_, "core_labels": estimator.labels_[core]}
    elif algorithm == "hdbscan":
        arrays = estimator._hierarchy.to_arrays()
    elif algorithm == "density":
        rows, weights = estimator.X_fit_, estimator.sample_weight_
        arrays = {"rows": rows, "weights": np.ones(len(rows)) if weights is None else weights}
    elif algorithm == "embedding":
        names = _ARRAYS[algorithm][1:]
        arrays = {name: getattr(estimator, f"{name}_") for name in names}
        arrays["rows"] = estimator.X_fit_
    elif algorithm == "regression":
        arrays = {
            "rows": estimator.X_fit_,
            "coefficients": estimator.dual_coef_,
            "intercept": np.array([estimator.intercept_]),
        }
    else:
        arrays = {"cluster_centers": estimator.cluster_centers_}
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    facts = {
        "schema": SCHEMA,
        "version": __version__,
        "algorithm": algorithm,
        "parameters": dict(parameters),
        "preparation": preparation.to_dict(),
        "n_rows": n_rows,
        "sha256": _checksum(arrays),
    }
    return save(arrays, {"gramian": json.dumps(facts, allow_nan=False)})


def load_model(path: str) -> SavedModel:
    """Read a model file.

    Raises
    ------
    BadInputError
        If there is no such file, it is no model of this library or of a newer version, or its
        content is not whole.
    """
    where = Path(path)
    if where.is_dir():
        raise BadInputError(f"MODEL must be a file, got the folder {path!r}.")
    if not where.is_file():
        raise BadInputError(f"MODEL must be an existing file, got {path!r}.")
    facts, arrays = _read(where, path)
    algorithm = facts["algorithm"]
    preparation = Preparation.from_dict(facts["preparation"])
    estimator = build(algorithm, facts["parameters"])
    estimator.n_features_in_ = len(preparation.feature_names)
    if algorithm == "density":
        weights = arrays["weights"]
        estimator.fit(arrays["rows"], sample_weight=None if (weights == 1).all() else weights)
    elif algorithm == "embedding":
        for name in _ARRAYS[algorithm][1:]:
            setattr(estimator, f"{name}_", arrays[name])
        estimator.X_fit_, estimator.gamma_ = arrays["rows"], 1 / arrays["rows"].shape[1]
    elif algorithm == "regression":
        estimator.X_fit_, estimator.dual_coef_ = arrays["rows"], arrays["coefficients"]
        estimator.intercept_ = float(arrays["intercept"][0])
        estimator._settle_kernel(estimator.n_features_in_, "load_model")
    elif algorithm == "dbscan":
        estimator.components_ = arrays["core_rows"]
        estimator.labels_ = arrays["core_labels"]
        estimator.core_sample_indices_ = np.arange(len(arrays["core_labels"]))
    elif algorithm == "hdbscan":
        estimator._restore(arrays)
    else:
        estimator.cluster_centers_ = arrays["cluster_centers"]
        estimator._basin_of = None
    return SavedModel(algorithm, estimator, preparation, facts)


def _read(where: Path, path: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The JSON text and the arrays of a file, both checked."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(where, framework="np") as stream:
            text = (stream.metadata() or {}).get("gramian")
            names = list(stream.keys())
            if text is None:
                raise _unusable(path, "a safetensors file of another program")
            facts = _facts(text, path)
            if set(names) != set(_ARRAYS[facts["algorithm"]]):
                raise _unusable(path, f"the arrays {sorted(names)}")
            arrays = {name: stream.get_tensor(name) for name in names}
    except OSError as error:
        raise BadInputError(f"MODEL must be readable, got {path!r}: {error.strerror}.") from error
    except SafetensorError as error:
        raise _unusable(path, f"a broken or foreign file ({error})") from error
    if _checksum(arrays) != facts["sha256"]:
        raise _unusable(path, "arrays that do not match their checksum")
    _check_arrays(facts, arrays, path)
    return facts, arrays


def _facts(text: str, path: str) -> dict[str, Any]:
    """The header's JSON text, if this version can use it."""
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise _unusable(path, "a header that is not JSON") from error
    schema = str(facts.get("schema")) if isinstance(facts, dict) else ""
    if schema != SCHEMA:
        newer = re.fullmatch(r"gramian\.model/(\d+)", schema)
        if newer:
            raise BadInputError(
                f"MODEL must be of schema {SCHEMA}, got {schema} in {path!r}, written by gramian "
                f"{facts.get('version')}. Update gramian (this is {__version__})."
            )
        raise _unusable(path, f"the schema {schema!r}")
    if set(facts) != _KEYS or facts["algorithm"] not in CLASSES:
        raise _unusable(path, "a header with other entries")
    try:
        Preparation.from_dict(facts["preparation"])
        build(facts["algorithm"], facts["parameters"])
    except (DataError, TypeError) as error:
        raise _unusable(path, f"a header that does not fit ({error})") from error
    return facts


def _check_arrays(facts: dict[str, Any], arrays: dict[str, np.ndarray], path: str) -> None:
    """Shapes that belong together, and finite numbers."""
    width = len(facts["preparation"]["feature_names"])
    rows = arrays[_ARRAYS[facts["algorithm"]][0]]
    labels, weights = arrays.get("core_labels"), arrays.get("weights")
    fits = rows.ndim == 2 and rows.shape[1] == width and bool(np.isfinite(rows).all())
    if labels is not None:
        fits = fits and labels.shape == rows.shape[:1] and labels.dtype.kind == "i"
    if weights is not None:
        finite = bool(np.isfinite(weights).all() and (weights > 0).all())
        fits = fits and weights.shape == rows.shape[:1] and finite
    if "eigenvectors" in arrays:
        values, vectors = arrays["eigenvalues"], arrays["eigenvectors"]
        k = len(values) if values.ndim == 1 else -1
        fits = fits and vectors.shape == (len(rows), k) and arrays["offset"].shape == (k,)
        fits = fits and all(bool(np.isfinite(array).all()) for array in arrays.values())
    if "coefficients" in arrays:
        coefficients, intercept = arrays["coefficients"], arrays["intercept"]
        fits = fits and coefficients.shape == rows.shape[:1] and intercept.shape == (1,)
        fits = fits and bool(np.isfinite(coefficients).all() and np.isfinite(intercept).all())
    if "row_cluster" in arrays:
        fits = fits and _is_hierarchy(arrays)
    if not fits:
        raise _unusable(path, "arrays of other shapes")


def _is_hierarchy(arrays: dict[str, np.ndarray]) -> bool:
    """Whether clusters are numbered with parents first, and rows and choices name some of them."""
    n, m = len(arrays["rows"]), len(arrays["parent"])
    names = ("core", "row_cluster", "row_lambda", "row_size")
    fits = all(arrays[name].shape == (n,) for name in names)
    fits = fits and all(arrays[name].shape == (m,) for name in ("birth", "size"))
    fits = fits and all(
        arrays[name].dtype == np.int64 and arrays[name].ndim == 1
        for name in ("row_cluster", "parent", "chosen")
    )
    if not fits or not m:
        return False
    parent, numbers = arrays["parent"], (arrays["row_cluster"], arrays["chosen"])
    ordered = parent[0] == -1 and bool(((parent[1:] >= 0) & (parent[1:] < np.arange(1, m))).all())
    return ordered and all(bool(((part >= 0) & (part < m)).all()) for part in numbers)


def _unusable(path: str, got: str) -> BadInputError:
    return BadInputError(
        f"MODEL must be a file that --save wrote, got {got} in {path!r}. Write it again."
    )


def _checksum(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
