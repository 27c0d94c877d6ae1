"""The border of every clusterer: what users pass in, and the kind of array they get back.

Everything that scikit-learn's own clusterers take goes through its ``validate_data``; tensors
pass the same checks, with the same words, where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, validate_data
from torch import Tensor

from gramian._arrays import Form, wrap

__all__ = ["Rows", "all_or_nothing", "take_rows", "take_weights"]

BLOCK_ELEMENTS = 2**19
"""Numbers in a block of rows: a constant, because the order of sums follows the blocks."""


@dataclass(frozen=True)
class Rows:
    """A checked table of n rows, dense or sparse, and the kind of array that it came as.

    Attributes
    ----------
    given : ndarray, CSR matrix or Tensor
        The table after the checks; the caller's own memory where its dtype is kept.
    tensor : Tensor of shape (n, d), or None
        A view of ``given``; None where it is sparse.
    form : Form
        How results go back.
    dtype : torch.dtype
    device : torch.device
    """

    given: Any
    tensor: Tensor | None
    form: Form
    dtype: torch.dtype
    device: torch.device

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return int(self.given.shape[0]), int(self.given.shape[1])

    @property
    def sparse(self) -> bool:
        """Whether ``given`` is a sparse matrix."""
        return self.tensor is None

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, index: slice | Tensor) -> Tensor:
        """The rows of a slice (a view where dense) or of row numbers, as a dense tensor."""
        if self.tensor is not None:
            return self.tensor[index]
        key = index if isinstance(index, slice) else index.cpu().numpy()
        return torch.from_numpy(self.given[key].toarray())

    def spans(self) -> Iterator[slice]:
        """Slices that cut the rows into blocks of `BLOCK_ELEMENTS` numbers, in order."""
        n, d = self.shape
        step = max(1, BLOCK_ELEMENTS // d)
        for start in range(0, n, step):
            yield slice(start, min(n, start + step))

    def beside(self, other: Any, caller: str) -> tuple[Tensor, Tensor]:
        """The rows and a table of the fit, in one dtype on one device."""
        assert self.tensor is not None
        if not isinstance(other, Tensor):
            other = wrap(other, "the table of the fit", caller)
        kind = torch.promote_types(self.dtype, other.dtype)
        return self.tensor.to(kind), other.to(self.device, kind)

    def give(self, result: Tensor) -> Any:
        """A result in the kind of array that the caller passed."""
        return self.form.give(result)


def take_rows(
    estimator: BaseEstimator,
    X: Any,
    *,
    reset: bool,
    accept_sparse: Any = "csr",
    min_samples: int = 1,
    finite: bool = True,
) -> Rows:
    """Check the table ``X`` as scikit-learn does, without copying what can be used as it is.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets (``reset``) or is asked for ``n_features_in_`` and ``feature_names_in_``.
    X : array-like, data frame, sparse matrix or Tensor, shape (n, d)
        float32 and float64 stay (tensors: float16 and bfloat16 too), other numbers become
        float64. A tensor keeps its device.
    reset : bool
        True in ``fit``.
    accept_sparse : str, list of str or bool, default="csr"
        Sparse formats taken, as ``check_array`` takes them.
    min_samples : int, default=1
    finite : bool, default=True
        Whether NaN and infinity are refused.

    Raises
    ------
    ValueError, TypeError
        With scikit-learn's texts.
    """
    if isinstance(X, Tensor):
        checked = _check_tensor(estimator, X, min_samples, finite)
        validate_data(estimator, checked, reset=reset, skip_check_array=True)
        return Rows(checked, checked, Form(numpy=False), checked.dtype, checked.device)
    checked = validate_data(
        estimator,
        X,
        reset=reset,
        accept_sparse=accept_sparse,
        dtype=_wanted_dtype(X),
        ensure_min_samples=min_samples,
        ensure_all_finite=finite,
    )
    tensor = None if sparse.issparse(checked) else wrap(checked, "X", type(estimator).__name__)
    kind = torch.float32 if checked.dtype == np.float32 else torch.float64
    return Rows(checked, tensor, Form(numpy=True), kind, torch.device("cpu"))


def take_weights(
    rows: Rows, sample_weight: Any, caller: str, *, allow_negative: bool = False
) -> Tensor:
    """Weights of the rows, (n,), float64, on their device; None and numbers are for every row.

    Constant weights take no memory: they are an expanded scalar.

    Raises
    ------
    ValueError
        If they are not finite, not one per row, all zero, or negative where that is not allowed.
    """
    n = len(rows)
    if sample_weight is None:
        sample_weight = 1.0
    if isinstance(sample_weight, Real):
        number = torch.tensor([float(sample_weight)], dtype=torch.float64, device=rows.device)
        _check_weights(number, caller, allow_negative)
        return number.expand(n)
    if isinstance(sample_weight, Tensor):
        weights = sample_weight.detach().to(device=rows.device, dtype=torch.float64)
    else:
        checked = check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
        )
        weights = wrap(checked, "sample_weight", caller).to(rows.device)
    if weights.ndim != 1:
        raise ValueError(
            f"{caller}: Sample weights must be 1D array or scalar, got {weights.ndim}D array. "
            f"Expected either a scalar value or a 1D array of length {n}."
        )
    if len(weights) != n:
        raise ValueError(
            f"{caller}: sample_weight.shape == {tuple(weights.shape)}, expected {(n,)}!"
        )
    _check_weights(weights, caller, allow_negative)
    return weights


def _check_weights(weights: Tensor, caller: str, allow_negative: bool) -> None:
    """Refuse weights of which no mean can be made."""
    if not bool(torch.isfinite(weights).all()):
        raise ValueError(f"{caller}: sample_weight must be finite, got NaN or infinity.")
    if not bool(weights.any()):
        raise ValueError(
            f"{caller}: Sample weights must contain at least one non-zero number, got only zeros."
        )
    if not allow_negative and bool((weights < 0).any()):
        raise ValueError(
            f"{caller}: sample_weight must be non-negative, got {float(weights.min()):g}."
        )


@contextmanager
def all_or_nothing(estimator: BaseEstimator) -> Iterator[None]:
    """Inside ``fit``: whatever stops it, Ctrl-C too, leaves the estimator as it was before."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def _wanted_dtype(X: Any) -> Any:
    """The dtypes that ``check_array`` may keep; a polars frame of float32 hides that it is one."""
    kinds = getattr(X, "dtypes", None)
    if isinstance(kinds, list) and kinds and all(str(kind) == "Float32" for kind in kinds):
        return np.float32
    return [np.float64, np.float32]


def _check_tensor(estimator: BaseEstimator, X: Tensor, min_samples: int, finite: bool) -> Tensor:
    """``X`` itself, detached, in a floating dtype, after the checks of ``check_array``."""
    name = type(estimator).__name__
    if X.layout != torch.strided:
        raise TypeError(
            f"{name}: X must be a dense tensor, got layout {X.layout}. Call X.to_dense() first."
        )
    if X.dtype.is_complex:
        raise ValueError(f"Complex data not supported\n{name} got a tensor of {X.dtype}.")
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {X.ndim}D array instead: shape {tuple(X.shape)}.\n"
            "Reshape your data either using X.reshape(-1, 1) if your data has a single feature "
            "or X.reshape(1, -1) if it contains a single sample."
        )
    for what, size, least in (("sample", X.shape[0], min_samples), ("feature", X.shape[1], 1)):
        if size < least:
            raise ValueError(
                f"Found array with {size} {what}(s) (shape={tuple(X.shape)}) while a minimum of "
                f"{least} is required by {name}."
            )
    X = X.detach() if X.dtype.is_floating_point else X.double()
    for block in X.split(max(1, BLOCK_ELEMENTS // X.shape[1])) if finite else ():
        if not bool(torch.isfinite(block).all()):
            found = (
                "NaN"
                if bool(torch.isnan(block).any())
                else f"infinity or a value too large for {X.dtype}"
            )
            raise ValueError(f"Input X contains {found}.\n{name} does not accept such values.")
    return X
