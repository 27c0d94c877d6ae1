"""Linear algebra on operators: solvers, factorisations and eigenvectors that need only products."""

from gramian.linalg._implicit import attach
from gramian.linalg._operator import DenseOperator, Operator
from gramian.linalg._result import Callback, Progress, Solution
from gramian.linalg.cg import Iterate, conjugate_gradient
from gramian.linalg.eigen import Eigen, eigh
from gramian.linalg.least_squares import lstsq
from gramian.linalg.lsmr import LeastSquares, lsmr
from gramian.linalg.restricted import Restricted, solve_restricted
from gramian.linalg.rpcholesky import NotPositiveError, PivotedCholesky, rpcholesky
from gramian.linalg.sketch_and_project import sketch_and_project
from gramian.linalg.solve import solve

__all__ = [
    "Callback",
    "DenseOperator",
    "Eigen",
    "Iterate",
    "LeastSquares",
    "NotPositiveError",
    "Operator",
    "PivotedCholesky",
    "Progress",
    "Restricted",
    "Solution",
    "attach",
    "conjugate_gradient",
    "eigh",
    "lsmr",
    "lstsq",
    "rpcholesky",
    "sketch_and_project",
    "solve",
    "solve_restricted",
]
