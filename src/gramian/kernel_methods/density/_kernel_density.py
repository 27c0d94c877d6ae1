"""KernelDensity: a density from rows, with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from gramian._arrays import Form
from gramian._input import Rows, all_or_nothing, take_rows, take_weights
from gramian._sums import ordered_sum
from gramian._validation import check_int
from gramian.kernel_methods.density._fit import estimate_at, settle_bandwidth
from gramian.kernel_methods.density._kernels import OfMetric
from gramian.kernel_methods.density._laws import choose
from gramian.kernel_methods.density._leave_one_out import distinct, mean_log_likelihood
from gramian.kernel_methods.density._parameters import check_parameters
from gramian.kernel_methods.kernel._fitted import as_tensor
from gramian.kernel_methods.kernel._random_state import as_random_state
from gramian.pairwise import PairFunction

__all__ = ["KernelDensity"]


class KernelDensity(BaseEstimator):
    """Kernel density estimate: the mean of a kernel about each row, exact and without a tree.

    Takes the place of ``sklearn.neighbors.KernelDensity``: same parameters, defaults and methods,
    for NumPy arrays, data frames, memory-maps and tensors on any device.

    Parameters
    ----------
    bandwidth : float, "scott", "silverman", "loo" or array-like of shape (n_features,), default=1.0
        h, in the unit of X: the density is the mean of K((x − y) / h) / hᵈ. "scott" is
        n^(−1/(d + 4)) and "silverman" (n (d + 2) / 4)^(−1/(d + 4)), for data of deviation 1, with
        n the number of rows of positive weight. Not in scikit-learn: "loo" maximises the
        leave-one-out likelihood (see Notes); an array is a bandwidth per feature.
    algorithm : {"auto", "kd_tree", "ball_tree"}, default="auto"
        Accepted for compatibility: must allow ``metric``. No tree is built.
    kernel : {"gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"} or \
PairFunction, default="gaussian"
        A `PairFunction` (not in scikit-learn) is K, so that ``bandwidth`` multiplies its own.
    metric : str, default="euclidean"
        Any that scikit-learn's trees take. As there, the kernel is normalised for the Euclidean
        distance, so that other metrics give a density up to a factor.
    atol, rtol : float, default=0
        Accepted for compatibility: errors allowed. Every pair is computed, whatever they say.
    breadth_first : bool, default=True
        Accepted for compatibility.
    leaf_size : int, default=40
        Accepted for compatibility.
    metric_params : dict, optional
        Arguments of the metric.
    normalized : bool, default=True
        False leaves out the integral of the kernel: the density is right up to a factor that no
        bandwidth changes, for kernels whose integral is unknown or infinite. Not in scikit-learn.

    Attributes
    ----------
    bandwidth_ : float, or ndarray or Tensor of shape (n_features,)
    kernel_ : PairFunction
        K at ``bandwidth_``; at its own bandwidth where features have bandwidths of their own.
    X_fit_ : ndarray or Tensor of shape (n_samples, n_features)
        The rows of positive weight. The caller's own memory where its dtype is kept.
    sample_weight_ : ndarray or Tensor of shape (n_samples,), float64, or None
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.

    Notes
    -----
    O(n q d) time for q queries and, beyond input and output, the memory that `gramian.config`
    allows. float32 stays float32. Results do not depend on the other queries, to the bit. Where
    all entries of a row underflow its sum is taken again from the kernel's logarithm, so that log
    densities of −10⁶ are as right as others; kernels that end give −∞ beyond their end. Integrals
    of kernels are exact for any number of features; scikit-learn's of "cosine" is not where that
    number is even or large, and log densities differ from it there by a constant.

    ``bandwidth="loo"`` maximises Σ_i w_i log f₋ᵢ(x_i), where f₋ᵢ is the estimate at the same
    bandwidth from all rows that differ from x_i. Rows that are equal are left out together: else
    the likelihood would grow without end as h shrinks, and an integer weight would not be the same
    as repeated rows. Bandwidths a factor 2 apart are tried, then Brent's method refines the best
    to 10⁻⁴ of its logarithm; each of some twenty tries is one pass over all pairs of rows. There
    is no randomness.

    References
    ----------
    .. [1] E. Parzen, "On estimation of a probability density function and mode", Annals of
       Mathematical Statistics 33(3), 1962.
    .. [2] B. W. Silverman, "Density Estimation for Statistics and Data Analysis", Chapman and
       Hall, 1986; section 3.4.4 for the leave-one-out likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from gramian import KernelDensity
    >>> X = np.array([[0.0], [1.0], [5.0]])
    >>> model = KernelDensity(bandwidth=0.5).fit(X)
    >>> model.score_samples([[0.5], [100.0]]).round(1)
    array([-1.10000e+00, -1.80513e+04])
    >>> bool(KernelDensity(bandwidth="loo").fit(X).bandwidth_ > 1)
    True
    """

    def __init__(
        self,
        *,
        bandwidth: Any = 1.0,
        algorithm: str = "auto",
        kernel: str | PairFunction = "gaussian",
        metric: str = "euclidean",
        atol: float = 0,
        rtol: float = 0,
        breadth_first: bool = True,
        leaf_size: int = 40,
        metric_params: dict[str, Any] | None = None,
        normalized: bool = True,
    ) -> None:
        self.algorithm = algorithm
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.metric = metric
        self.atol = atol
        self.rtol = rtol
        self.breadth_first = breadth_first
        self.leaf_size = leaf_size
        self.metric_params = metric_params
        self.normalized = normalized

    # ------------------------------------------------------------------ public methods

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> KernelDensity:
        """Keep the rows and settle the bandwidth.

        Parameters
        ----------
        X : array-like, data frame or Tensor of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like or Tensor of shape (n_samples,), optional
            Not negative and not all zero; only ratios count, and an integer weight is worth as
            many equal rows.

        Returns
        -------
        KernelDensity
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If X, the weights or a parameter is unusable, if the integral of the kernel is not
            known, or if ``bandwidth="loo"`` and fewer than two rows differ.
        """
        with all_or_nothing(self):
            rows = take_rows(self, X, reset=True, accept_sparse=False)
            check_parameters(self, rows.shape[1])
            x, weights = rows.tensor, None
            assert x is not None
            if sample_weight is not None:
                weights = take_weights(rows, sample_weight, "KernelDensity.fit")
                if not bool(weights.all()):
                    x, weights = x[weights > 0], weights[weights > 0]
            self.X_fit_ = rows.give(x)
            self.sample_weight_ = None if weights is None else rows.give(weights)
            width = settle_bandwidth(self, x, weights)
            self._estimate = estimate_at(self, x, weights, width)
            self.bandwidth_ = rows.give(width) if isinstance(width, Tensor) else width
            self.kernel_ = self._estimate.kernel
        return self

    def score_samples(self, X: Any) -> Any:
        """Log density at each row of X.

        Parameters
        ----------
        X : array-like, data frame or Tensor of shape (n_samples, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_samples,), dtype of X
            Natural logarithm, per unit of volume of the features.
        """
        rows = self._queries(X)
        found = torch.empty(len(rows), dtype=rows.dtype, device=rows.device)
        return rows.give(self._mapped(rows, self._estimate.log_density, found))

    def score(self, X: Any, y: Any = None) -> float:
        """Total log likelihood of the rows of X; greater is better."""
        rows = self._queries(X)
        found = torch.empty(len(rows), dtype=torch.float64, device=rows.device)
        return float(ordered_sum(self._mapped(rows, self._estimate.log_density, found)))

    def gradient(self, X: Any) -> Any:
        """Gradient of the log density at each row of X. Not in scikit-learn.

        Parameters
        ----------
        X : array-like, data frame or Tensor of shape (n_samples, n_features)

        Returns
        -------
        ndarray or Tensor of shape (n_samples, n_features), dtype of X
            NaN where the density is zero.

        Raises
        ------
        ValueError
            If the metric has no derivative here.

        Notes
        -----
        With the Gaussian kernel (m(x) − x) / h², where m is the step of mean shift: one fused
        pass. Other kernels go through the engine's automatic differentiation, which is slower.
        """
        rows = self._queries(X)
        if isinstance(self.kernel_, OfMetric) and not self.kernel_.differentiable:
            raise ValueError(
                "KernelDensity.gradient: metric must be a Minkowski distance without weights, got "
                f"{self.metric!r}."
            )
        found = torch.empty(rows.shape, dtype=rows.dtype, device=rows.device)
        return rows.give(self._mapped(rows, self._estimate.gradient, found))

    def leave_one_out_score(self) -> float:
        """Total log likelihood of the rows of the fit, each from all that differ from it.

        What ``bandwidth="loo"`` maximises: Σ_i w_i log f₋ᵢ(x_i). Not in scikit-learn.

        Raises
        ------
        ValueError
            If fewer than two rows differ.
        """
        check_is_fitted(self)
        x, weights = as_tensor(self.X_fit_), self.sample_weight_
        unique, masses = distinct(x, None if weights is None else as_tensor(weights))
        width = self.bandwidth_
        settled = width if isinstance(width, float) else as_tensor(width)
        mean = mean_log_likelihood(estimate_at(self, unique, masses, settled))
        return mean * float(ordered_sum(masses))

    def sample(self, n_samples: int = 1, random_state: Any = None) -> Any:
        """Rows drawn from the density.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : None, int, numpy RandomState or Generator, or torch.Generator, default=None
            An int or a ``RandomState`` gives scikit-learn's own draws for the kernels that it
            draws from, "gaussian" and "tophat".

        Returns
        -------
        ndarray or Tensor of shape (n_samples, n_features)
            The kind of array, dtype and device of the fit. With another metric than the Euclidean
            the kernel is that of the Euclidean distance all the same, as in scikit-learn.

        Raises
        ------
        ValueError
            If ``normalized=False``, which leaves open what to draw from.
        """
        check_is_fitted(self)
        caller = "KernelDensity.sample"
        check_int(n_samples, "n_samples", caller, low=1)
        if not self.normalized:
            raise ValueError(f"{caller}: normalized must be True to draw rows, got False.")
        rng = as_random_state(random_state, caller)
        x, weights = as_tensor(self.X_fit_), self.sample_weight_
        chosen = choose(n_samples, len(x), None if weights is None else as_tensor(weights), rng)
        drawn = x[chosen].double() + self._estimate.steps(n_samples, rng, caller)
        return Form(numpy=not isinstance(self.X_fit_, Tensor)).give(drawn.to(x.dtype))

    # ------------------------------------------------------------------ inside

    def _queries(self, X: Any) -> Rows:
        check_is_fitted(self)
        return take_rows(self, X, reset=False, accept_sparse=False)

    def _mapped(self, rows: Rows, function: Callable[[Tensor], Tensor], found: Tensor) -> Tensor:
        """``found`` filled with what the function makes of the placed rows, block by block."""
        for span in rows.spans():
            found[span] = function(self._estimate.place(rows.take(span))).to(found)
        return found
