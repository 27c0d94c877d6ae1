"""What one entry of a Gram matrix is: metrics, kernels and their compositions."""

from gramian.pairwise._base import PairFunction
from gramian.pairwise.compact import CosineWindow, Epanechnikov, Exponential, Tophat, Triangular
from gramian.pairwise.inner import CosineSimilarity, Linear, Polynomial, Sigmoid
from gramian.pairwise.kernels import (
    Chi2,
    Gaussian,
    Laplacian,
    Matern,
    Periodic,
    RationalQuadratic,
)
from gramian.pairwise.metrics import (
    Chebyshev,
    CosineDistance,
    Euclidean,
    Manhattan,
    SquaredEuclidean,
)

__all__ = [
    "Chebyshev",
    "Chi2",
    "CosineDistance",
    "CosineSimilarity",
    "CosineWindow",
    "Epanechnikov",
    "Euclidean",
    "Exponential",
    "Gaussian",
    "Laplacian",
    "Linear",
    "Manhattan",
    "Matern",
    "PairFunction",
    "Periodic",
    "Polynomial",
    "RationalQuadratic",
    "Sigmoid",
    "SquaredEuclidean",
    "Tophat",
    "Triangular",
]
