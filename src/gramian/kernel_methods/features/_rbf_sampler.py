"""RBFSampler: random Fourier features of the Gaussian kernel, with scikit-learn's interface."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from gramian._input import BLOCK_ELEMENTS, Rows, all_or_nothing, take_rows
from gramian._sums import ordered_sum
from gramian._validation import check_choice, check_int, check_real
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._random_state import Randomness, as_random_state

__all__ = ["RBFSampler"]


class RBFSampler(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Random features whose inner products approximate the Gaussian kernel, without bias.

    Row x becomes √(2/D) cos(Wᵀx + b) with D columns of W drawn from the kernel's Fourier transform
    and b uniform on [0, 2π). Takes the place of ``sklearn.kernel_approximation.RBFSampler``: same
    parameters, defaults, attributes and methods, and with ``orthogonal=False`` and an int as
    ``random_state`` the same numbers; for NumPy arrays, data frames, memory-maps, sparse matrices
    and tensors on any device.

    Parameters
    ----------
    gamma : float or "scale", default=1.0
        The kernel is exp(−γ ‖x − y‖²). "scale" is 1 / (n_features · variance of X).
    n_components : int, default=100
        D.
    random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=None
    orthogonal : bool, default=False
        Whether the columns of W are orthogonal within blocks of n_features, which lowers the
        variance [2]_. Not in scikit-learn.
    bandwidth : float, optional
        h instead of gamma = 1/(2h²), in the unit of X; gamma stays at its default then. Not in
        scikit-learn.

    Attributes
    ----------
    random_weights_ : ndarray or Tensor of shape (n_features, n_components), dtype of X
    random_offset_ : ndarray or Tensor of shape (n_components,), dtype of X
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    ``transform`` takes O(n d D) time and, beyond input and output, a block of 4 MiB. Phases are
    computed in float64, so that float32 rows far from the origin keep theirs. The variance of one
    inner product is at most 1/D without ``orthogonal``.

    References
    ----------
    .. [1] A. Rahimi, B. Recht, "Random features for large-scale kernel machines", NIPS 2007.
    .. [2] F. X. Yu, A. T. Suresh, K. Choromanski, D. Holtmann-Rice, S. Kumar, "Orthogonal random
       features", NIPS 2016, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import RBFSampler
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> features = RBFSampler(bandwidth=1.0, n_components=2000, random_state=0).fit_transform(X)
    >>> (features @ features.T).round(1)
    array([[1. , 0.4],
           [0.4, 1. ]])
    """

    def __init__(
        self,
        *,
        gamma: float | str = 1.0,
        n_components: int = 100,
        random_state: Any = None,
        orthogonal: bool = False,
        bandwidth: float | None = None,
    ) -> None:
        self.gamma = gamma
        self.n_components = n_components
        self.random_state = random_state
        self.orthogonal = orthogonal
        self.bandwidth = bandwidth

    def fit(self, X: Any, y: Any = None) -> RBFSampler:
        """Draw the random weights for the features of X.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            Only its shape and dtype count, and its variance where ``gamma="scale"``.
        y : ignored

        Returns
        -------
        RBFSampler
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is unusable, or if both ``gamma`` and ``bandwidth`` are given.
        """
        caller = "RBFSampler.fit"
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            check_int(self.n_components, "n_components", caller, low=1)
            check_choice(self.orthogonal, "orthogonal", caller, (True, False))
            self._gamma = self._settle_gamma(rows)
            rng = as_random_state(self.random_state, caller)
            size = (rows.shape[1], self.n_components)
            drawn = _orthogonal(*size, rng) if self.orthogonal else rng.normal(size=size)
            offset = rng.uniform(0, 2 * math.pi, size=self.n_components)
            kind = torch.promote_types(rows.dtype, torch.float32)
            weights = torch.from_numpy(math.sqrt(2 * self._gamma) * drawn)
            self.random_weights_ = rows.give(weights.to(rows.device, kind))
            self.random_offset_ = rows.give(torch.from_numpy(offset).to(rows.device, kind))
            self._n_features_out = self.n_components
        return self

    def transform(self, X: Any) -> Any:
        """The random features of the rows of X.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_samples, n_components), dtype of X
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        weights = as_tensor(self.random_weights_).to(rows.device, torch.float64)
        offset = as_tensor(self.random_offset_).to(rows.device, torch.float64)
        found = torch.empty(len(rows), weights.shape[1], dtype=rows.dtype, device=rows.device)
        step = max(1, BLOCK_ELEMENTS // max(weights.shape))
        for start in range(0, len(rows), step):
            span = slice(start, min(len(rows), start + step))
            if rows.tensor is None:
                phase = torch.from_numpy(rows.given[span] @ weights.numpy())
            else:
                phase = rows.tensor[span].double() @ weights
            phase = phase.add_(offset).cos_().mul_(math.sqrt(2 / weights.shape[1]))
            found[span] = phase.to(found.dtype)
        return rows.give(found)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _settle_gamma(self, rows: Rows) -> float:
        caller = "RBFSampler.fit"
        if self.bandwidth is not None:
            if self.gamma != 1.0:
                raise ValueError(
                    f"{caller}: gamma must be left at its default 1.0 when bandwidth is given, got "
                    f"gamma={self.gamma!r} and bandwidth={self.bandwidth!r}. Pass one of the two."
                )
            return 0.5 / check_real(self.bandwidth, "bandwidth", caller, low=0, low_open=True) ** 2
        if isinstance(self.gamma, str):
            check_choice(self.gamma, "gamma", caller, ("scale", "a number"))
            variance = _variance(rows)
            return 1 / (rows.shape[1] * variance) if variance > 0 else 1.0
        return check_real(self.gamma, "gamma", caller, low=0)


def _orthogonal(d: int, n_components: int, rng: Randomness) -> np.ndarray:
    """Normal columns, (d, n_components), turned so that those of a block of d are orthogonal.

    The directions of a block are columns of a random rotation, uniform because the signs of R's
    diagonal are undone; lengths are drawn again from the law of a normal vector's length. Each
    column alone is normal, which is what keeps the features without bias.
    """
    blocks = []
    for start in range(0, n_components, d):
        width = min(d, n_components - start)
        q, r = torch.linalg.qr(torch.from_numpy(rng.normal(size=(d, width))))
        lengths = torch.from_numpy(np.sqrt(rng.chisquare(d, size=width)))
        blocks.append(q * (r.diagonal().sign() * lengths))
    return torch.cat(blocks, dim=1).numpy()


def _variance(rows: Rows) -> float:
    """Variance of all the numbers in a table together, in two passes."""
    size = math.prod(rows.shape)
    mean = sum(float(ordered_sum(rows.take(span).reshape(-1))) for span in rows.spans()) / size
    squares = (
        float(ordered_sum((rows.take(span).double() - mean).square().reshape(-1)))
        for span in rows.spans()
    )
    return sum(squares) / size
