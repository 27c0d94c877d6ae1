"""Sums, products, scalings, exponentials and logarithms of pair functions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gramian.pairwise._base import PairFunction, Parameter

__all__ = ["Composite", "Exp", "Log", "Product", "Scaled", "Sum"]


class Composite(PairFunction):
    """A pair function made of others; ``combine`` joins the entries of its parts.

    Attributes
    ----------
    parts : tuple of PairFunction
    """

    parts: tuple[PairFunction, ...]

    def combine(self, entries: list[Tensor]) -> Tensor:
        raise TypeError(f"{type(self).__name__}.combine: must be defined by the subclass.")

    def log_combine(self, logs: list[Tensor]) -> Tensor:
        return self.combine([value.exp() for value in logs]).log()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.combine([part.forward(x, y) for part in self.parts])

    def log_forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.log_combine([part.log_forward(x, y) for part in self.parts])

    def paired(self, x: Tensor, y: Tensor) -> Tensor:
        return self.combine([part.paired(x, y) for part in self.parts])

    def _tensors(self) -> Iterator[Tensor]:
        for part in self.parts:
            yield from part._tensors()

    def with_parameters(self, values: Iterator[Tensor]) -> PairFunction:
        parts = tuple(part.with_parameters(values) for part in self.parts)
        return replace(self, parts=parts)  # type: ignore[type-var]  # subclasses are dataclasses


@dataclass(frozen=True, eq=False)
class Sum(Composite):
    """f + g + …; positive definite if every part is."""

    parts: tuple[PairFunction, ...]

    @property
    def positive_definite(self) -> bool:  # type: ignore[override]  # a constant in the base
        return all(part.positive_definite for part in self.parts)

    def combine(self, entries: list[Tensor]) -> Tensor:
        return sum(entries[1:], start=entries[0])

    def log_combine(self, logs: list[Tensor]) -> Tensor:
        return torch.stack(logs).logsumexp(0)


@dataclass(frozen=True, eq=False)
class Product(Composite):
    """f · g · …; positive definite if every part is (Schur)."""

    parts: tuple[PairFunction, ...]

    @property
    def positive_definite(self) -> bool:  # type: ignore[override]  # a constant in the base
        return all(part.positive_definite for part in self.parts)

    def combine(self, entries: list[Tensor]) -> Tensor:
        return math.prod(entries[1:], start=entries[0])

    def log_combine(self, logs: list[Tensor]) -> Tensor:
        return sum(logs[1:], start=logs[0])


@dataclass(frozen=True, eq=False)
class Scaled(Composite):
    """c · f for a number or 0-d tensor c; positive definite if f is and c ≥ 0."""

    scale: Parameter
    part: PairFunction

    @property
    def parts(self) -> tuple[PairFunction, ...]:  # type: ignore[override]  # a constant in the base
        return (self.part,)

    @property
    def positive_definite(self) -> bool:  # type: ignore[override]  # a constant in the base
        return self.part.positive_definite and bool(self.scale >= 0)

    def combine(self, entries: list[Tensor]) -> Tensor:
        scale = self.scale.to(entries[0]) if isinstance(self.scale, Tensor) else self.scale
        return entries[0] * scale

    def log_combine(self, logs: list[Tensor]) -> Tensor:
        return logs[0] + torch.as_tensor(self.scale).to(logs[0]).log()

    def _tensors(self) -> Iterator[Tensor]:
        if isinstance(self.scale, Tensor):
            yield self.scale
        yield from self.part._tensors()

    def with_parameters(self, values: Iterator[Tensor]) -> PairFunction:
        scale = next(values) if isinstance(self.scale, Tensor) else self.scale
        return Scaled(scale, self.part.with_parameters(values))


@dataclass(frozen=True, eq=False)
class Exp(Composite):
    """exp f; positive definite if f is."""

    part: PairFunction

    @property
    def parts(self) -> tuple[PairFunction, ...]:  # type: ignore[override]  # a constant in the base
        return (self.part,)

    @property
    def positive_definite(self) -> bool:  # type: ignore[override]  # a constant in the base
        return self.part.positive_definite

    def combine(self, entries: list[Tensor]) -> Tensor:
        return entries[0].exp()

    def log_forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.part.forward(x, y)

    def with_parameters(self, values: Iterator[Tensor]) -> PairFunction:
        return Exp(self.part.with_parameters(values))


@dataclass(frozen=True, eq=False)
class Log(Composite):
    """log f, computed from f's own logarithm, so that it stays finite where f underflows."""

    part: PairFunction

    @property
    def parts(self) -> tuple[PairFunction, ...]:  # type: ignore[override]  # a constant in the base
        return (self.part,)

    def combine(self, entries: list[Tensor]) -> Tensor:
        return entries[0].log()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.part.log_forward(x, y)

    def with_parameters(self, values: Iterator[Tensor]) -> PairFunction:
        return Log(self.part.with_parameters(values))
