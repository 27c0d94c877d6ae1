"""Drills with sums over an inner axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import Array, Case, Draw, Function, Mistake, Number, any_of, fails, like
from gramian.labs.exercises._drills.cases import vector_pairs

__all__ = ["PRODUCTS"]


def inner(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The inner product of a (n,) and b (n,): one number."""
    return a @ b


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The matrix (n, m) of all products of an entry of a (n,) and one of b (m,)."""
    return a[:, None] * b[None, :]


def matrix_vector(A: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The product of A (n, m) and v (m,), a vector (n,)."""
    return A @ v


def product(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The matrix product of A (n, k) and B (k, m)."""
    return A @ B


def row_products(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The inner products (n, m) of each row of A (n, k) with each row of B (m, k)."""
    return A @ B.T


def matrix_square(A: torch.Tensor) -> torch.Tensor:
    """The second power of the square matrix A (n, n)."""
    return A @ A


def batch_product(Z: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The product of every block of Z (b, n, k) with B (k, m), as (b, n, m)."""
    return Z @ B


def _shaped(**shapes: str) -> Callable[[Draw], Iterator[Case]]:
    """Cases with one array for each name, of the sizes that its letters stand for."""

    def cases(draw: Draw) -> Iterator[Case]:
        for b, n, k, m in ((1, 1, 1, 1), (2, 1, 2, 1), (2, 2, 2, 2), (2, 3, 3, 3), (2, 2, 3, 4)):
            sizes = {"b": b, "n": n, "k": k, "m": m}
            label = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
            arrays: dict[str, Any] = {
                x: draw.normal(*(sizes[s] for s in own)) for x, own in shapes.items()
            }
            yield Case(label, **arrays)

    return cases


_drill = partial(Function, group="products")
_FACTORS = {"A": "nk", "B": "km"}
_ROWS = {"A": "nk", "B": "mk"}

STAR = "∗ multiplies entry by entry. A product of matrices sums over the inner axis."

PRODUCTS = (
    _drill(
        solution=inner,
        cases=vector_pairs,
        axes={"a": "n", "b": "n"},
        returns=Number(),
        reference=lambda a, b: (a * b).sum(),
        mistakes=(
            Mistake(
                "∗ in place of @",
                any_of(fails("shape"), like(lambda a, b: a * b)),
                "The products are there, but nobody has added them up.",
            ),
        ),
        example="inner(torch.arange(3.0), torch.ones(3))",
    ),
    _drill(
        solution=outer,
        cases=_shaped(a="n", b="m"),
        axes={"a": "n", "b": "m"},
        returns=Array("nm"),
        reference=lambda a, b: np.outer(a, b),
        mistakes=(
            Mistake(
                "rows and columns exchanged",
                like(lambda a, b: np.outer(b, a)),
                "Rows belong to the first argument.",
            ),
            Mistake(
                "∗ of two vectors",
                like(lambda a, b: a * b),
                "Each of the two needs an axis of its own.",
            ),
        ),
        example="outer(torch.arange(3.0), torch.ones(2))",
    ),
    _drill(
        solution=matrix_vector,
        cases=_shaped(A="nk", v="k"),
        axes={"A": "nk", "v": "k"},
        returns=Array("n"),
        reference=lambda A, v: (A * v).sum(1),
        mistakes=(Mistake("∗ in place of @", like(lambda A, v: A * v), STAR),),
        example="matrix_vector(torch.arange(6.0).reshape(2, 3), torch.arange(3.0))",
    ),
    _drill(
        solution=product,
        cases=_shaped(**_FACTORS),
        axes=_FACTORS,
        returns=Array("nm"),
        reference=lambda A, B: np.einsum("nk,km->nm", A, B),
        mistakes=(
            Mistake("∗ in place of @", like(lambda A, B: A * B), STAR),
            Mistake(
                "the factors exchanged",
                like(lambda A, B: B @ A),
                "Products of matrices depend on their order.",
            ),
        ),
        example="product(torch.eye(2), torch.arange(6.0).reshape(2, 3))",
    ),
    _drill(
        solution=row_products,
        cases=_shaped(**_ROWS),
        axes=_ROWS,
        returns=Array("nm"),
        reference=lambda A, B: np.einsum("nk,mk->nm", A, B),
        mistakes=(
            Mistake(
                "nothing is transposed",
                like(lambda A, B: A @ B),
                "@ pairs rows of the first with columns of the second.",
            ),
            Mistake(
                "the other one is transposed",
                like(lambda A, B: A.T @ B),
                "That pairs columns with columns.",
            ),
        ),
        example="row_products(torch.eye(2), torch.ones(3, 2))",
    ),
    _drill(
        solution=matrix_square,
        cases=_shaped(A="nn"),
        axes={"A": "nn"},
        returns=Array("nn"),
        reference=lambda A: np.einsum("ij,jk->ik", A, A),
        mistakes=(Mistake("∗ in place of @", like(lambda A: A * A), STAR),),
        example="matrix_square(torch.ones(2, 2))",
    ),
    _drill(
        solution=batch_product,
        cases=_shaped(Z="bnk", B="km"),
        axes={"Z": "bnk", "B": "km"},
        returns=Array("bnm"),
        reference=lambda Z, B: np.einsum("bnk,km->bnm", Z, B),
        mistakes=(
            Mistake(
                "only the first block",
                like(lambda Z, B: Z[0] @ B),
                "Every block has a product. What does @ do with a first axis of its own accord?",
            ),
            Mistake(
                "blocks are added up",
                like(lambda Z, B: (Z @ B).sum(0)),
                "The axis of the blocks stays.",
            ),
        ),
        example="batch_product(torch.ones(2, 3, 4), torch.ones(4, 3)).shape",
    ),
)
