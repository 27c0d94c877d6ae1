"""Leave-one-out errors of ridge regression for many penalties from one decomposition.

With H the hat matrix, leaving row i out changes its residual from r_i to r_i / (1 − H_ii): no
model is fitted twice. Source: R. Rifkin and R. Lippert, "Notes on regularized least squares",
MIT-CSAIL-TR-2007-025; the intercept adds wᵢ / Σw to H_ii.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from gramian.linear._problem import Problem
from gramian.linear._spectrum import Spectrum

__all__ = ["loo_errors"]


def loo_errors(
    problem: Problem, spectrum: Spectrum, ridges: list[float]
) -> Iterator[tuple[slice, Tensor]]:
    """Blocks of rows, and yᵢ − (prediction for row i without row i), (rows, t, ridges)."""
    block_errors = _tall if problem.design.tall else _wide
    yield from block_errors(problem, spectrum, ridges)


def _tall(
    problem: Problem, spectrum: Spectrum, ridges: list[float]
) -> Iterator[tuple[slice, Tensor]]:
    """By the leverages of the rows in the right singular vectors."""
    rank = spectrum.rank()
    values, vectors = spectrum.values[:rank], spectrum.vectors[:, :rank]
    moments = values[:, None] * spectrum.moments[:rank]
    inverses = 1.0 / (values.square()[:, None] + moments.new_tensor(ridges))  # (k, ridges)
    solutions = (moments[:, :, None] * inverses[:, None]).flatten(1)  # (k, t · ridges)
    weights = _weights(problem)[:, None]
    shares = weights / weights.sum() if problem.design.centred else torch.zeros_like(weights)
    scores = None  # in the same memory for all blocks, of which the last may be shorter
    for span, block in problem.design.unweighted().row_blocks():
        scores = torch.mm(block, vectors, out=None if scores is None else scores[: len(block)])
        fitted = (scores @ solutions).view(len(block), -1, len(ridges))
        left_out = 1.0 - weights[span] * (scores.square_() @ inverses) - shares[span]
        yield span, _residuals(problem, span, fitted) / left_out[:, None]


def _wide(
    problem: Problem, spectrum: Spectrum, ridges: list[float]
) -> Iterator[tuple[slice, Tensor]]:
    """By c / diag(G⁻¹) with G = A Aᵀ + ridge, which keeps its digits where residuals vanish.

    The known null direction is left out of both, and with it the correction for the intercept.
    """
    everything = slice(0, len(problem.target))
    kept = spectrum.values > spectrum.resolution * spectrum.values[:1]
    squares = torch.where(kept, spectrum.values, 0.0).square()
    roots = _weights(problem).sqrt()[:, None]
    errors = []
    for ridge in ridges:
        inverse = 1.0 / (squares + ridge)
        dual = spectrum.vectors @ (inverse[:, None] * spectrum.moments)
        diagonal = spectrum.vectors.square() @ inverse
        fitted = problem.design.unweighted().product(problem.design.adjoint(dual))
        plain = _residuals(problem, everything, fitted[..., None])[..., 0]
        # a row of weight zero is in no fit: its residual is its error
        errors.append(torch.where(roots > 0, dual / diagonal[:, None] / roots, plain))
    yield everything, torch.stack(errors, dim=2)


def _weights(problem: Problem) -> Tensor:
    """The weights of the rows, (n,)."""
    ones = problem.raw.new_ones(1).expand(len(problem.raw))
    return ones if problem.weights is None else problem.weights


def _residuals(problem: Problem, span: slice, fitted: Tensor) -> Tensor:
    """Targets less the mean and ``fitted``, in the scale of the data, (rows, t, ridges)."""
    return (problem.raw[span] - problem.mean)[..., None] - fitted
