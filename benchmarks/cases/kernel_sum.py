"""Products of a kernel matrix with right-hand sides, 50 000 × 50 000."""

from __future__ import annotations

import math
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

BLOCK = 1024


@dataclass(frozen=True)
class Kernel:
    """A kernel in three vocabularies, each as a function of the bandwidth."""

    name: str
    ours: Callable[[float], PairFunction]
    of_distance: Callable[[Any, float], Any]  # takes tensors and KeOps's lazy tensors alike
    exact: Callable[[np.ndarray, float], np.ndarray]  # takes squared distances


def _matern32(distance: Any, h: float) -> Any:
    scaled = distance * (math.sqrt(3) / h)
    return (scaled + 1) * (-scaled).exp()


GAUSSIAN = Kernel(
    "Gaussian",
    lambda h: gm.Gaussian(bandwidth=h),
    lambda r, h: (-(r * r) * (0.5 / h**2)).exp(),
    lambda squares, h: np.exp(-squares / (2 * h**2)),
)
LAPLACIAN = Kernel(
    "Laplacian",
    lambda h: gm.Laplacian(bandwidth=h, norm="l2"),
    lambda r, h: (-r * (1 / h)).exp(),
    lambda squares, h: np.exp(-np.sqrt(squares) / h),
)
MATERN = Kernel(
    "Matern-3-2",
    lambda h: gm.Matern(bandwidth=h, nu=1.5),
    _matern32,
    lambda squares, h: (1 + np.sqrt(3 * squares) / h) * np.exp(-np.sqrt(3 * squares) / h),
)


@dataclass(frozen=True)
class Inputs:
    """Rows, columns and right-hand sides; the bandwidth is the typical distance, √(2d)/2."""

    x: Tensor
    y: Tensor
    v: Tensor
    kernel: Kernel

    @property
    def bandwidth(self) -> float:
        return math.sqrt(self.x.shape[1] / 2)


def maker(kernel: Kernel) -> Callable[[Sizes], Inputs]:
    def make(sizes: Sizes) -> Inputs:
        generator = torch.Generator().manual_seed(0)
        x, y = (torch.randn(sizes["n"], sizes["d"], generator=generator) for _ in range(2))
        # positive weights: the promised error is relative to the sum of positive terms
        return Inputs(x, y, torch.rand(sizes["n"], sizes["r"], generator=generator), kernel)

    return make


def ours(inputs: Inputs) -> Thunk:
    kernel = inputs.kernel.ours(inputs.bandwidth)
    return lambda: gm.Gram(inputs.x, inputs.y, kernel) @ inputs.v


def keops(inputs: Inputs) -> Thunk:
    from pykeops.torch import LazyTensor

    x, y = LazyTensor(inputs.x[:, None, :]), LazyTensor(inputs.y[None, :, :])
    squares = ((x - y) ** 2).sum(-1)
    if inputs.kernel is GAUSSIAN:
        matrix = (-squares * (0.5 / inputs.bandwidth**2)).exp()
    else:
        matrix = inputs.kernel.of_distance(squares.sqrt(), inputs.bandwidth)
    return lambda: matrix @ inputs.v


def torch_blocks(inputs: Inputs) -> Thunk:
    """What one writes by hand: blocks of rows through torch.cdist."""

    def product() -> Tensor:
        blocks = (torch.cdist(rows, inputs.y) for rows in inputs.x.split(BLOCK))
        kernel, h = inputs.kernel, inputs.bandwidth
        return torch.cat([kernel.of_distance(block, h) @ inputs.v for block in blocks])

    return product


def verify(inputs: Inputs, result: Tensor, strict: bool) -> None:
    """Relative error against float64 on a sample of the rows."""
    rows = truth.sample(len(inputs.x), 300)
    squares = truth.squared_distances(inputs.x.numpy()[rows], inputs.y.numpy())
    expected = inputs.kernel.exact(squares, inputs.bandwidth) @ inputs.v.numpy().astype(float)
    error = np.abs(result.numpy()[rows] - expected) / np.abs(expected)
    truth.at_most(float(error.max()), 2e-6 if strict else 1e-3, "relative error")


def work(sizes: Sizes) -> Work:
    n, d, r = sizes["n"], sizes["d"], sizes["r"]
    return Work(
        "2·n²·(d + r) flops; n² exponentials; 8·n·d + 8·n·r bytes",
        flops=2.0 * n**2 * (d + r),
        exps=float(n**2),
        bytes=8.0 * n * (d + r),
    )


def explain(inputs: Inputs) -> dict[str, Any]:
    kernel = inputs.kernel.ours(inputs.bandwidth)
    return gm.Gram(inputs.x, inputs.y, kernel).explain("product").as_dict()


def add(kernel: Kernel, d: int, r: int) -> None:
    right = f"{r} right-hand side{'s' * (r > 1)}"
    register(
        Case(
            name=f"kernel-sum/{kernel.name.lower()}-50000x{d}-{r}",
            title=f"{kernel.name} product, 50,000², {d} features, {right}",
            sizes={"n": 50_000, "d": d, "r": r},
            quick={"n": 400, "d": d, "r": r},
            make=maker(kernel),
            ours=Contestant("gramian", ours, exact=True),
            peers=(
                Contestant("KeOps", keops, package="pykeops"),
                Contestant("torch, in blocks", torch_blocks),
            ),
            verify=verify,
            work=work,
            explain=explain,
        )
    )


for features in (2, 3, 16, 64):
    add(GAUSSIAN, features, 1)
for kind in (GAUSSIAN, LAPLACIAN, MATERN):
    add(kind, 3, 32)
