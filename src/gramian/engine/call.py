"""A call: one reduction of one Gram matrix, described before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from gramian._config import Config
from gramian.pairwise._base import Elementary, PairFunction

__all__ = ["REDUCTIONS", "Call"]

REDUCTIONS = (
    "block",
    "product",
    "logsumexp",
    "weighted_mean",
    "topk",
    "count",
    "neighbors",
)


@dataclass(frozen=True, eq=False)
class Call:
    """One reduction over the columns of the Gram matrix of ``x`` and ``y``.

    Attributes
    ----------
    reduction : one of `REDUCTIONS`
    x : Tensor of shape (n, d)
    y : Tensor of shape (m, d)
    kernel : PairFunction
    config : Config
    weights : Tensor of shape (m, r), or (m,) for ``count``, or None
        Right-hand sides; None stands for a column of ones.
    k, largest : for ``topk``
    values : whether ``topk`` must return exact values or only indices.
    radius : for ``count`` and ``neighbors``
    row_of : Tensor of shape (n,), int64, or None
        The row of ``y`` that each row of ``x`` is, where x was taken from y: distances on that
        diagonal are zero by definition; -1 where it is none of them.
    centre_on : Tensor of shape (p, d) or None
        The table whose mean the distances are taken about; None means ``y``. A block of a matrix
        names the whole matrix's y here, so that it has the bits of the whole.
    names : what the caller called x and y, for error messages.
    wide : whether a ``product`` comes in `compute_dtype`, because more is done with it.
    out : Tensor of shape (n, m) or None
        Where the entries of a ``block`` go, each row without gaps; None makes room.
    """

    reduction: str
    x: Tensor
    y: Tensor
    kernel: PairFunction
    config: Config
    weights: Tensor | None = None
    k: int = 1
    largest: bool = False
    values: bool = True
    radius: float = 0.0
    row_of: Tensor | None = None
    centre_on: Tensor | None = None
    names: tuple[str, str] = ("x", "y")
    wide: bool = False
    out: Tensor | None = None

    @property
    def n_right(self) -> int:
        """Number of right-hand sides; 0 stands for a plain sum."""
        return (
            0 if self.weights is None else (self.weights.shape[1] if self.weights.ndim > 1 else 1)
        )

    @property
    def compute_dtype(self) -> torch.dtype:
        """float64 for float64 input, float32 for everything smaller."""
        return torch.float64 if self.x.dtype == torch.float64 else torch.float32

    @property
    def device(self) -> torch.device:
        """Where entries are computed."""
        return torch.device(self.config.device) if self.config.device else self.x.device

    @property
    def ordered(self) -> bool:
        """Whether order by entry is order by one pairwise form, so that searches are exact."""
        return isinstance(self.kernel, Elementary) and self.kernel.order != 0

    def room(self) -> Tensor:
        """Where the entries of a block go."""
        return self.x.new_empty(len(self.x), len(self.y)) if self.out is None else self.out

    def detached(self) -> Call:
        """The same call on tensors that carry no gradients."""
        tensors = (self.x, self.y, self.weights, *self.kernel.parameters())
        if not any(tensor.requires_grad for tensor in tensors if tensor is not None):
            return self
        return replace(
            self,
            x=self.x.detach(),
            y=self.y.detach(),
            weights=None if self.weights is None else self.weights.detach(),
            kernel=self.kernel.with_parameters(
                iter([p.detach() for p in self.kernel.parameters()])
            ),
        )

    def describe(self) -> dict[str, Any]:
        return {
            "reduction": self.reduction,
            "kernel": repr(self.kernel),
            "shape": (len(self.x), len(self.y)),
            "n_features": self.x.shape[1],
            "dtype": str(self.x.dtype).removeprefix("torch."),
            "device": str(self.device),
            "precision": self.config.precision,
        }
