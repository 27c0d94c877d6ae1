"""Gram: the n × m table of a pair function, described and never stored."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian.gram._factors import Factors
from gramian.gram._searches import Searches
from gramian.pairwise.composition import Product, Sum

__all__ = ["Gram"]


class Gram(Factors, Searches):
    """The matrix with entries kernel(x_i, y_j), computed tile by tile when it is asked for.

    Parameters
    ----------
    x : Tensor or ndarray of shape (n, d), float16, bfloat16, float32 or float64
        Rows of the matrix. NumPy integers count as float64. Never modified, never copied whole;
        memory-maps are read block by block.
    y : the same of shape (m, d), or None
        Columns; None, or x itself, means y = x, and the matrix is exactly symmetric.
    kernel : PairFunction, default=SquaredEuclidean()
        What one entry is.

    Raises
    ------
    TypeError, ValueError
        If shapes, dtypes, devices or array types do not fit. NaN and infinity are found, and
        raise ``ValueError``, when a reduction first reads them.

    Notes
    -----
    Construction costs nothing. Every reduction takes O(n m d) time and, beyond input and output,
    the working memory that `gramian.config` allows. In exact mode `min`, `argmin`, `topk`, `count`
    and `neighbors` return what float64 brute force returns. Results have the array type, dtype
    and device of ``x``. In sums, entries of a kernel below the least normal number (1.2e-38 in
    float32) may count as zero. Gradients flow to x, y, right-hand sides and kernel parameters, by
    computing tiles again.

    Examples
    --------
    >>> import torch, gramian as gm
    >>> x = torch.tensor([[0.0], [1.0], [3.0]])
    >>> G = gm.Gram(x, kernel=gm.Euclidean())
    >>> G
    Gram(3 x 3, Euclidean(), 1 feature, float32, symmetric)
    >>> G @ torch.ones(3)
    tensor([4., 3., 5.])
    >>> G.count(1.0)
    tensor([2, 2, 1])
    """

    def __add__(self, other: Gram) -> Gram:
        return self._joined(other, Sum) if isinstance(other, Gram) else NotImplemented

    def __mul__(self, other: Gram | float | Tensor) -> Gram:
        if isinstance(other, Gram):
            return self._joined(other, Product)
        return self._with(self.kernel * other)

    __rmul__ = __mul__

    # without these NumPy and iteration would take the matrix for an empty sequence
    __array_ufunc__ = None
    __iter__ = None

    def _joined(self, other: Gram, how: type[Sum] | type[Product]) -> Gram:
        same = self._x is other._x and self._y is other._y
        if not same and not (_equal(self._x, other._x) and _equal(self._y, other._y)):
            raise ValueError(
                "Gram: both matrices must have the same x and y to be added or multiplied, "
                f"got {self!r} and {other!r}."
            )
        return self._with(how((self.kernel, other.kernel)))


def _equal(a: Tensor, b: Tensor) -> bool:
    """The same numbers, in the same dtype and on the same device."""
    return a.dtype == b.dtype and a.device == b.device and torch.equal(a, b)
