"""The explicit matrix, beside torch.cdist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

import gramian as gm
from benchmarks import truth
from benchmarks.registry import Case, Contestant, Sizes, Thunk, Work, register
from gramian.pairwise import PairFunction

NORMS: dict[str, tuple[PairFunction, float, Callable[[Any, Any], Any], int]] = {
    "euclidean": (
        gm.Euclidean(),
        2.0,
        lambda x, y: np.sqrt(truth.squared_distances(x, y)),
        2,  # one fused multiply-add per feature, as a product
    ),
    # a subtraction and an addition per feature, each in the place of a fused multiply-add
    "manhattan": (gm.Manhattan(), 1.0, truth.manhattan, 4),
}


@dataclass(frozen=True)
class Inputs:
    """Rows (n, d), columns (n, d), and the name of the norm."""

    x: Tensor
    y: Tensor
    norm: str


def maker(norm: str) -> Callable[[Sizes], Inputs]:
    def make(sizes: Sizes) -> Inputs:
        generator = torch.Generator().manual_seed(0)
        x, y = (torch.randn(sizes["n"], sizes["d"], generator=generator) for _ in range(2))
        return Inputs(x, y, norm)

    return make


def ours(inputs: Inputs) -> Thunk:
    """Into memory that is there; torch.cdist takes none."""
    out = torch.empty(len(inputs.x), len(inputs.y))
    return lambda: gm.Gram(inputs.x, inputs.y, NORMS[inputs.norm][0]).dense(out=out)


def fresh(inputs: Inputs) -> Thunk:
    return lambda: gm.Gram(inputs.x, inputs.y, NORMS[inputs.norm][0]).dense()


def cdist(inputs: Inputs) -> Thunk:
    return lambda: torch.cdist(inputs.x, inputs.y, p=NORMS[inputs.norm][1])


def verify(inputs: Inputs, block: Tensor, strict: bool) -> None:
    """Relative error against float64 on a sample of the rows."""
    rows = truth.sample(len(inputs.x), 200)
    expected = NORMS[inputs.norm][2](inputs.x.numpy()[rows], inputs.y.numpy())
    error = np.abs(block.numpy()[rows] - expected) / expected
    truth.at_most(float(error.max()), 1e-5 if strict else 1e-3, "relative error")


def worker(norm: str) -> Callable[[Sizes], Work]:
    def work(sizes: Sizes) -> Work:
        n, d, each = sizes["n"], sizes["d"], NORMS[norm][3]
        formula = f"{each}·n²·d flops; 4·n² + 8·n·d bytes"
        return Work(formula, flops=float(each) * n**2 * d, bytes=4.0 * n**2 + 8 * n * d)

    return work


for name in NORMS:
    register(
        Case(
            name=f"block/{name}-5000x64",
            title=f"explicit {name} block, 5,000², 64 features",
            sizes={"n": 5_000, "d": 64},
            quick={"n": 300, "d": 64},
            make=maker(name),
            ours=Contestant("gramian", ours, exact=True),
            peers=(Contestant("torch.cdist", cdist), Contestant("ours in fresh memory", fresh)),
            verify=verify,
            work=worker(name),
            explain=lambda i: gm.Gram(i.x, i.y, NORMS[i.norm][0]).explain("block").as_dict(),
        )
    )
