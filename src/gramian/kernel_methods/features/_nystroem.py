"""Nystroem: features of a kernel from a few landmarks, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._input import Rows, all_or_nothing, take_rows
from gramian._validation import check_int
from gramian.kernel_methods.features._landmarks import chosen_landmarks
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._kernel import Kernel, chosen_kernel, fitted_rows
from gramian.kernel_methods.kernel._rows import by_blocks

__all__ = ["Nystroem"]

_ENTRIES = 2**19
"""Kernel entries in a block of rows, in float64."""
_ASYMMETRY = 1e-5
"""Part of the largest entry by which opposite ones may differ."""


class Nystroem(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Features whose inner products are the kernel, exactly so at the landmarks.

    Row x becomes k(x, landmarks) K^(−1/2), where K is the landmarks' own kernel matrix. Takes the
    place of ``sklearn.kernel_approximation.Nystroem``: same parameters, defaults, attributes and
    methods, and with an int as ``random_state`` the same landmarks; for NumPy arrays, data frames,
    memory-maps, sparse matrices and tensors on any device.

    Parameters
    ----------
    kernel : str, PairFunction or callable, default="rbf"
        A name of scikit-learn's ("linear", "poly", "rbf", "laplacian", "sigmoid", "cosine",
        "chi2", "additive_chi2"), "precomputed", any `PairFunction`, or a function of two rows.
    gamma : float, optional
        Of "rbf", "laplacian", "poly", "sigmoid" and "chi2"; 1 / n_features if not given (1 for
        "chi2").
    coef0 : float, optional
        Of "poly" and "sigmoid"; 1 if not given.
    degree : float, optional
        Of "poly"; 3 if not given.
    kernel_params : dict, optional
        Keyword arguments of a callable kernel, or gamma, coef0 and degree of a named one.
    n_components : int, default=100
        Landmarks, unless they are given; at most n_samples.
    random_state : None, int, numpy or torch generator, default=None
    n_jobs : int, optional
        For scikit-learn's sake; threads are those of ``torch.set_num_threads``.
    landmarks : {"uniform", "rpcholesky", "kmeans"} or array of (m, n_features), default="uniform"
        "uniform": rows drawn as scikit-learn draws them. "rpcholesky": rows drawn where the kernel
        is not yet explained [2]_, which needs fewer for the same error. "kmeans": the centres of
        k-means. An array: the landmarks themselves. Not in scikit-learn.
    bandwidth : float or sequence of n_features floats, optional
        Instead of gamma, in the unit of X: exp(−‖x − y‖²/(2h²)). Not in scikit-learn.

    Attributes
    ----------
    components_ : ndarray, sparse matrix or Tensor of shape (m, n_features), dtype of X
        The landmarks. m is less than ``n_components`` where "rpcholesky" finds that fewer rows
        give the whole kernel.
    component_indices_ : ndarray or Tensor of shape (m,), int64, or None
        Which rows of the fit they are; None for "kmeans" and an array.
    normalization_ : ndarray or Tensor of shape (m, m), float64
        K^(−1/2), symmetric. Directions in which K is zero up to rounding stay zero, so that
        duplicates among the landmarks do no harm.
    rank_ : int
        Rank of K. Not in scikit-learn.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    `fit` takes O(m³) time ("rpcholesky" O(n m²) and n m numbers beside it), `transform`
    O(n m (d + m)) and, beyond input and output, two blocks of 4 MiB. Both compute in float64. An
    indefinite K gets sign(λ)|λ|^(−1/2) for λ^(−1/2), as in scikit-learn.

    References
    ----------
    .. [1] C. Williams, M. Seeger, "Using the Nyström method to speed up kernel machines",
       NIPS 2000.
    .. [2] Y. Chen, E. N. Epperly, J. A. Tropp, R. J. Webber, "Randomly pivoted Cholesky",
       Commun. Pure Appl. Math. 78(5), 2025, doi:10.1002/cpa.22234.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import Nystroem
    >>> X = np.array([[0.0], [1.0], [1.0]])
    >>> model = Nystroem(bandwidth=1.0, landmarks="rpcholesky", n_components=3, random_state=0)
    >>> features = model.fit_transform(X)
    >>> features.shape, (features @ features.T).round(2)
    ((3, 2), array([[1.  , 0.61, 0.61],
           [0.61, 1.  , 1.  ],
           [0.61, 1.  , 1.  ]]))
    """

    def __init__(
        self,
        kernel: Any = "rbf",
        *,
        gamma: float | None = None,
        coef0: float | None = None,
        degree: float | None = None,
        kernel_params: dict[str, Any] | None = None,
        n_components: int = 100,
        random_state: Any = None,
        n_jobs: int | None = None,
        landmarks: Any = "uniform",
        bandwidth: Any = None,
    ) -> None:
        self.kernel = kernel
        self.gamma = gamma
        self.coef0 = coef0
        self.degree = degree
        self.kernel_params = kernel_params
        self.n_components = n_components
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.landmarks = landmarks
        self.bandwidth = bandwidth

    def fit(self, X: Any, y: Any = None) -> Nystroem:
        """Choose the landmarks among the rows of X.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            Rows; for ``kernel="precomputed"`` the kernel matrix itself, (n_samples, n_samples).
        y : ignored

        Returns
        -------
        Nystroem
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is unusable, or "rpcholesky" finds the kernel not positive
            semi-definite.
        MemoryBudgetError
            If the factor of "rpcholesky" does not fit the memory budget.

        Warns
        -----
        UserWarning
            If n_components exceeds n_samples.
        """
        caller = "Nystroem.fit"
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True)
            check_int(self.n_components, "n_components", caller, low=1)
            kernel = self._chosen(caller)
            if kernel.precomputed and rows.shape[0] != rows.shape[1]:
                raise ValueError(
                    f"{caller}: X must be square for kernel='precomputed', got {rows.shape[0]} "
                    f"rows and {rows.shape[1]} columns."
                )
            landmarks, index = chosen_landmarks(self, rows, kernel, caller)
            core = kernel.table(landmarks, landmarks)
            if kernel.precomputed:
                core = core.between(None, index)
            normalization, self.rank_ = _inverse_root(core.double().entries(), caller)
            self.components_ = landmarks.given
            self.component_indices_ = None if index is None else rows.give(index)
            self.normalization_ = rows.give(normalization)
            self._n_features_out = len(normalization)
        return self

    def transform(self, X: Any) -> Any:
        """Features of the rows of X.

        Parameters
        ----------
        X : array-like, data frame, sparse matrix or Tensor of shape (n_samples, n_features)
            For ``kernel="precomputed"`` the kernel between new rows and those of the fit.

        Returns
        -------
        ndarray or Tensor of shape (n_samples, m), dtype of X
        """
        check_is_fitted(self)
        rows = take_rows(self, X, reset=False)
        kernel = self._chosen("Nystroem.transform")
        landmarks = fitted_rows(self.components_)
        normalization = as_tensor(self.normalization_).to(rows.device)
        index = None
        if kernel.precomputed:
            index = torch.as_tensor(self.component_indices_, device=rows.device)

        def features(block: Rows) -> Tensor:
            cross = kernel.table(block, landmarks).between(None, index)
            return cross.double().entries() @ normalization

        m = len(normalization)
        step = max(1, _ENTRIES // max(m, rows.shape[1]))
        return rows.give(by_blocks(rows, m, step, features))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.array_api_support = True
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = isinstance(self.kernel, str) and self.kernel == "precomputed"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _chosen(self, caller: str) -> Kernel:
        """The kernel that the parameters describe."""
        given = {"gamma": self.gamma, "coef0": self.coef0, "degree": self.degree}
        own: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        params = dict(self.kernel_params or {})
        if isinstance(self.kernel, str) and self.kernel != "precomputed":
            own, params = params | own, {}
        elif own:
            raise ValueError(
                f"{caller}: Don't pass gamma, coef0 or degree to Nystroem if using a callable, a "
                f"PairFunction or a precomputed kernel, got {own}."
            )
        return chosen_kernel(
            self.kernel,
            caller,
            n_features=self.n_features_in_,
            bandwidth=self.bandwidth,
            kernel_params=params,
            **own,
        )


def _inverse_root(core: Tensor, caller: str) -> tuple[Tensor, int]:
    """K^(−1/2) of a symmetric matrix on what is not its null space, and its rank."""
    largest = float(core.abs().max())
    if not bool(torch.isfinite(core).all()):
        raise ValueError(
            f"{caller}: kernel must give finite entries, got NaN or infinity. "
            "Check its parameters and the scale of X."
        )
    gap = float((core - core.T).abs().max())
    if gap > _ASYMMETRY * largest:
        raise ValueError(
            f"{caller}: kernel must be symmetric, got opposite entries that differ by {gap:g} "
            f"beside {largest:g}."
        )
    values, vectors = torch.linalg.eigh((core + core.T) / 2)
    size = values.abs()
    kept = size > len(core) * torch.finfo(torch.float64).eps * size.max()
    roots = torch.where(kept, values.sign() / size.sqrt(), 0.0)
    return (vectors * roots) @ vectors.T, int(kept.sum())
