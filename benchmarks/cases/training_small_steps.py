"""Steps of a small residual net on a Bell polynomial: what a loop costs, and many runs at once."""

from __future__ import annotations

import contextlib
import copy
import io
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks import truth
from benchmarks.cases.training import Rows
from benchmarks.registry import Case, Contestant, Sizes, Thunk, register
from gramian import train as d2l

BATCH = 20
RATES, SEEDS = (5e-4, 1e-3, 2e-3, 4e-3), (0, 1, 2, 3)


@dataclass(frozen=True)
class Inputs:
    """Points of the cube [0, 2]⁶ and the sixth complete Bell polynomial, scaled."""

    X: Tensor
    y: Tensor

    def error(self, weights: list[Tensor]) -> float:
        """Mean squared error over variance, with the weights that somebody found, in float64."""
        net = d2l.ResidualMLP(6)
        with torch.no_grad():
            for own, found in zip(net.parameters(), weights, strict=True):
                own.copy_(found)
            return float(functional.mse_loss(net.double()(self.X.double()), self.y.double()))


def make(sizes: Sizes) -> Inputs:
    X = 2 * torch.rand(sizes["n"], 6, generator=torch.Generator().manual_seed(0))
    a, b, c, d, e, f = X.double().T
    y = a**6 + 15 * a**4 * b + 20 * a**3 * c + 45 * a**2 * b**2 + 15 * b**3 + 60 * a * b * c
    y = y + 15 * a**2 * d + 10 * c**2 + 15 * b * d + 6 * a * e + f
    return Inputs(X, ((y - y.mean()) / y.std()).float()[:, None])


def build(lr: float, seed: int) -> d2l.ResidualMLP:
    return d2l.ResidualMLP(6, lr=lr, random_state=seed)


def ours(inputs: Inputs) -> Thunk:
    """With history and board."""

    def epoch() -> list[Tensor]:
        model = build(1e-3, 0)
        with contextlib.redirect_stderr(io.StringIO()):
            d2l.Trainer(1, board=True).fit(model, Rows(inputs.X, inputs.y, BATCH))
        return list(model.parameters())

    return epoch


def bare(inputs: Inputs) -> Thunk:
    """The fastest plain loop: a gather per batch, and nothing noted."""

    def epoch() -> list[Tensor]:
        net = copy.deepcopy(build(1e-3, 0))
        optimizer = net.configure_optimizers()
        for rows in torch.randperm(len(inputs.X)).split(BATCH):
            X, y = inputs.X.index_select(0, rows), inputs.y.index_select(0, rows)
            loss = functional.mse_loss(net(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return list(net.parameters())

    return epoch


def verify(inputs: Inputs, weights: list[Tensor], strict: bool) -> None:
    """The polynomial has been learnt in the main."""
    truth.at_most(inputs.error(weights), 0.5, "mean squared error over variance")


def many(inputs: Inputs) -> Thunk:
    def sweep() -> list[Tensor]:
        data = Rows(inputs.X, inputs.y, BATCH)
        found = d2l.fit_many(build, data, lrs=RATES, seeds=SEEDS, max_epochs=1)
        return [weight for model in found.models for weight in model.parameters()]

    return sweep


def in_turn(inputs: Inputs) -> Thunk:
    def sweep() -> list[Tensor]:
        models = [build(lr, seed) for lr in RATES for seed in SEEDS]
        for model in models:
            d2l.Trainer(1, board=False).fit(model, Rows(inputs.X, inputs.y, BATCH))
        return [weight for model in models for weight in model.parameters()]

    return sweep


def verify_many(inputs: Inputs, weights: list[Tensor], strict: bool) -> None:
    """All sixteen have."""
    runs = len(RATES) * len(SEEDS)
    size = len(weights) // runs
    errors = [inputs.error(weights[i * size : (i + 1) * size]) for i in range(runs)]
    truth.at_most(max(errors), 0.5, "largest mean squared error over variance")


def _register(name: str, title: str, n: int, entry: Any, peer: Contestant, check: Any) -> None:
    register(
        Case(
            name=f"train/{name}",
            title=title,
            sizes={"n": n},
            quick={"n": 4000},
            make=make,
            ours=Contestant("gramian", entry, exact=True),
            peers=(peer,),
            verify=check,
        )
    )


_register(
    "bell-steps",
    "1,000 steps of the residual net of width 50, batch 20, history and board on",
    20_000,
    ours,
    Contestant("a bare loop", bare, exact=True),
    verify,
)
_register(
    "fit-many",
    "16 runs of that net at once, 4 rates × 4 seeds, 500 steps",
    10_000,
    many,
    Contestant("the 16 runs in turn", in_turn, exact=True),
    verify_many,
)
