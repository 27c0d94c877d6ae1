"""Rows onto the components of others, from where both keep their digits."""

from __future__ import annotations

import torch
from torch import Tensor

from gramian._input import BLOCK_ELEMENTS, Rows
from gramian.kernel_methods.components._components import scaled_vectors
from gramian.kernel_methods.kernel._kernel import Kernel
from gramian.kernel_methods.kernel._rows import by_blocks, rows_of
from gramian.pairwise import Linear

__all__ = ["origin_of", "projected", "seen_from"]


def projected(
    rows: Rows, fitted: Rows, kernel: Kernel, values: Tensor, vectors: Tensor, offset: Tensor
) -> Tensor:
    """The rows in the components (values, vectors) of the fitted rows, (n, k)."""
    values, vectors, offset = (part.to(rows.device) for part in (values, vectors, offset))
    scaled, origin = scaled_vectors(values, vectors), origin_of(kernel, fitted)
    fitted = seen_from(origin, fitted)

    def of_block(block: Rows) -> Tensor:
        return kernel.table(seen_from(origin, block), fitted).double() @ scaled - offset

    return by_blocks(rows, len(values), max(1, BLOCK_ELEMENTS // rows.shape[1]), of_block)


def origin_of(kernel: Kernel, fitted: Rows) -> Tensor | None:
    """Where rows are best measured from: their mean for a linear kernel, else where they are.

    The centred matrix of a linear kernel is the same from everywhere, and from there its entries
    keep the digits that an offset of the data would take.
    """
    if not isinstance(kernel.pair, Linear) or fitted.tensor is None:
        return None
    return fitted.tensor.mean(0, dtype=torch.float64)


def seen_from(origin: Tensor | None, rows: Rows) -> Rows:
    """The rows less the origin, rounded once; sparse ones stay where they are."""
    if origin is None or rows.tensor is None:
        return rows
    return rows_of((rows.tensor.double() - origin.to(rows.device)).to(rows.dtype))
