"""Does reverse mode give the true derivative, and when does code hide a wrong one?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
)

BOOK = "Dive into Deep Learning, 2.5"
COURSE = "Advanced topics in machine learning (University of Trieste), lab 3"

LAB = Lab(
    name="autograd",
    topic="arithmetic",
    question="Does reverse mode give the true derivative, and when does code hide a wrong one?",
    answer=(
        "It gives the derivative of what was recorded: gradients that add up, and parts that are "
        "detached or not, are what makes it look wrong."
    ),
    source=f"{BOOK}; {COURSE}",
    method=(
        "At x = (0, 1, 2, 3) gradients of nine expressions are compared with closed forms and "
        "with central differences, (y(x + h) − y(x − h))/2h with h = 10⁻⁵, in float64. A vector is "
        "summed first, which asks for the gradients of its entries. What is detached is a "
        "constant: the differences leave it at its value.\n\n"
        "f doubles a, and again until it is at least 1000 in size; what is negative it multiplies "
        "by 100. It is linear on pieces: its slope is 2ᵏ or 100·2ᵏ, and equals f(a)/a."
    ),
    claims=(
        Claim("closed", "Every gradient is the closed form.", "error", "<", 1e-12, figure="graphs"),
        Claim("differences", "Central differences agree.", "difference", "<", 1e-6),
        Claim(
            "pieces",
            "On random a the slope of f is a power of two, and 100 times one if a < 0.",
            "wrong-slopes",
            "==",
            0,
            kind="exact",
            figure="pieces",
        ),
        Claim(
            "tolerance",
            "In float32 the slope is f(a)/a, if a tolerance is allowed.",
            "unequal",
            "==",
            0,
            kind="exact",
        ),
        Claim("lazy", "Before backward, grad is None.", "grad-before", "==", "None", kind="exact"),
    ),
    controls=(
        positive("linear", "The gradient of a linear map is its matrix.", claim="closed"),
        negative("no-zeroing", "Unless zeroed, passes add up.", claim="closed", must=(">", 1.0)),
        negative("no-detach", "Without detach x²·x gives 3x².", claim="closed", must=(">", 1.0)),
        negative(
            "moving-constant",
            "Differences that move the detached part are of another function.",
            claim="differences",
            must=(">", 1.0),
        ),
        negative("one-piece", "Other pieces, other slopes.", claim="pieces", must=(">", 100)),
        negative("exact-test", "Rounding breaks equality.", claim="tolerance", must=(">", 0)),
    ),
    published_errors=(
        PublishedError(
            BOOK,
            "tests grad == d/a exactly, which rounding breaks for some a",
            "a relative tolerance of 10⁻⁶",
        ),
        PublishedError(
            BOOK,
            "says that requires_grad allocates memory for the gradient",
            "the gradient is None until backward",
        ),
    ),
    source_values=(
        SourceValue(BOOK, "2xᵀx", 28.0, "y"),
        SourceValue(BOOK, "its gradient", [0, 4, 8, 12], "2xᵀx"),
        SourceValue(BOOK, "of the sum", [1, 1, 1, 1], "sum"),
        SourceValue(BOOK, "of x∗x", [0, 2, 4, 6], "x∗x"),
        SourceValue(BOOK, "of u·x, u = x² detached", [0, 1, 4, 9], "u·x"),
        SourceValue(BOOK, "of x∗x, twice without zeroing", [0, 4, 8, 12], "twice"),
        SourceValue(BOOK, "slope of f at −0.1114", 1_638_400, "slope"),
        SourceValue(BOOK, "exercise: of 3x³", [0, 9, 36, 81], "3x³"),
        SourceValue(BOOK, "exercise: of 3x", [3, 3, 3, 3], "3x"),
        SourceValue(BOOK, "exercise: of yx, y = 3x", [0, 6, 12, 18], "yx"),
        SourceValue(BOOK, "exercise: of yx, y detached", [0, 3, 6, 9], "yx detached"),
        SourceValue(COURSE, "of 3a³ − b² in a, then b", [36, 81, -12, -8], "Q"),
    ),
    quick={"slopes": 2000},
    full={"slopes": 20_000},
    seconds=(4, 20),
)


@dataclass(frozen=True)
class Expression:
    """A scalar of x; ``at`` is x again, but constant: what is detached is made of it."""

    value: Callable[[Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor], Tensor]
    x: tuple[float, ...] = (0, 1, 2, 3)
    passes: int = 1

    def at(self) -> Tensor:
        return torch.tensor(self.x, dtype=torch.float64)

    def reverse(self) -> Tensor:
        """The gradient that reverse mode leaves behind."""
        x = self.at().requires_grad_()
        for _ in range(self.passes):
            self.value(x, x.detach()).backward()
        assert x.grad is not None
        return x.grad

    def differences(self, moving: bool) -> Tensor:
        """Central differences; with ``moving`` the detached part moves along."""
        h, x = 1e-5, self.at()

        def y(step: Tensor) -> Tensor:
            return self.value(x + step, x + step if moving else x)

        steps = h * torch.eye(len(x), dtype=torch.float64)
        return torch.stack([(y(step) - y(-step)) / (2 * h) for step in steps])


EXPRESSIONS = {
    "2xᵀx": Expression(lambda x, at: 2 * x @ x, lambda x: 4 * x),
    "sum": Expression(lambda x, at: x.sum(), torch.ones_like),
    "x∗x": Expression(lambda x, at: (x * x).sum(), lambda x: 2 * x),
    "u·x": Expression(lambda x, at: (at * at * x).sum(), lambda x: x**2),
    "3x³": Expression(lambda x, at: (3 * x**3).sum(), lambda x: 9 * x**2),
    "3x": Expression(lambda x, at: (3 * x).sum(), lambda x: torch.full_like(x, 3)),
    "yx": Expression(lambda x, at: (3 * x * x).sum(), lambda x: 6 * x),
    "yx detached": Expression(lambda x, at: (3 * at * x).sum(), lambda x: 3 * x),
    "Q": Expression(
        lambda x, at: (3 * x[:2] ** 3 - x[2:] ** 2).sum(),
        lambda x: torch.cat([9 * x[:2] ** 2, -2 * x[2:]]),
        x=(2, 3, 6, 4),
    ),
}
MATRIX = torch.tensor([[1.0, -2, 0, 3], [4, 1, -1, 2]], dtype=torch.float64)
LINEAR = Expression(lambda x, at: (MATRIX @ x).sum(), lambda x: MATRIX.sum(0))
TWICE = Expression(EXPRESSIONS["x∗x"].value, EXPRESSIONS["x∗x"].gradient, passes=2)
ATTACHED = Expression(lambda x, at: (x * x * x).sum(), EXPRESSIONS["u·x"].gradient)


def f(a: Tensor) -> Tensor:
    """The book's function with a loop and a branch."""
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def slope(a: float, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """The slope of f at a by reverse mode, and f(a)/a."""
    x = torch.tensor(a, dtype=dtype, requires_grad=True)
    y = f(x)
    (found,) = torch.autograd.grad(y, x)
    return found, (y / x).detach()


def true_slope(a: float) -> float:
    """2ᵏ with the least k ≥ 1 such that |a|·2ᵏ ≥ 1000, and 100 times it for negative a."""
    k = max(1, math.ceil(math.log2(1000 / abs(a))))
    return 2.0**k * (1 if a > 0 else 100)


def run(context: Context) -> Result:
    result = Result(context)
    for name, expression in EXPRESSIONS.items():
        result.measure(name, expression.reverse())
    x = EXPRESSIONS["2xᵀx"].at()
    result.measure("y", float(EXPRESSIONS["2xᵀx"].value(x, x)))
    result.measure("twice", TWICE.reverse())
    result.measure("slope", float(slope(-0.1114)[0]))
    result.measure("grad-before", str(x.clone().requires_grad_().grad))

    def error(expressions: list[Expression]) -> float:
        gaps = [(each.reverse() - each.gradient(each.at())).abs().max() for each in expressions]
        return float(max(gaps))

    cases = {
        "reverse": list(EXPRESSIONS.values()),
        "linear": [LINEAR],
        "no-zeroing": [TWICE],
        "no-detach": [ATTACHED],
    }
    result.contrast("error", cases, error)

    def difference(moving: bool) -> float:
        every = EXPRESSIONS.values()
        return float(max((each.reverse() - each.differences(moving)).abs().max() for each in every))

    result.contrast("difference", {"constant": False, "moving-constant": True}, difference)

    shape = (context["slopes"],)
    points = torch.randn(shape, generator=context.generator(), dtype=torch.float64).tolist()
    slopes = [float(slope(a)[0]) for a in points]
    truths: dict[str, Callable[[float], float]] = {
        "pieces": true_slope,
        "one-piece": lambda a: true_slope(1.0),
    }
    result.contrast(
        "wrong-slopes",
        truths,
        lambda truth: sum(s != truth(a) for a, s in zip(points, slopes, strict=True)),
    )
    pairs = [slope(a, torch.float32) for a in points]
    tolerances = {"tolerance": 1e-6, "exact-test": 0.0}
    result.contrast(
        "unequal",
        tolerances,
        lambda rtol: sum(not torch.allclose(g, q, rtol=rtol, atol=0) for g, q in pairs),
    )

    shown = {name: graph_of(EXPRESSIONS[name]) for name in ("2xᵀx", "u·x", "3x³", "Q")}
    result.figure(
        "graphs",
        lambda axes, theme: draw_graphs(axes, theme, shown),
        title="What reverse mode walks through",
        alt="Four graphs, from the result above down to x; in u·x no path leads through u.",
        size=(10.0, 3.4),
        panels=(1, 4),
    )
    grid = [k / 100 for k in range(-400, 401) if k]
    result.figure(
        "pieces",
        lambda axes, theme: draw_pieces(axes, theme, grid),
        title="f is linear on pieces",
        alt="A saw whose teeth narrow towards 0, and its slope, a staircase of powers of two.",
        data={"a": grid[::20], "slope": [true_slope(a) for a in grid[::20]]},
        size=(9.0, 3.6),
        panels=(1, 2),
    )
    return result


Graph = tuple[list[tuple[str, int, int]], list[tuple[int, int]]]


def graph_of(expression: Expression) -> Graph:
    """Nodes (operation, depth, place at that depth), and edges between them."""
    y = expression.value(expression.at().requires_grad_(), expression.at())
    found: dict[Any, int] = {y.grad_fn: 0}
    nodes, edges, widths = [], [], [0] * 20
    todo: list[tuple[Any, int]] = [(y.grad_fn, 0)]
    for node, depth in todo:
        name = node.name().removesuffix("Backward0")
        nodes.append(("x" if "AccumulateGrad" in name else name, depth, widths[depth]))
        widths[depth] += 1
        for child in (child for child, _ in node.next_functions if child):
            if child not in found:
                found[child] = len(todo)
                todo.append((child, depth + 1))
            edges.append((found[node], found[child]))
    return nodes, edges


def draw_graphs(axes: Any, theme: Any, graphs: dict[str, Graph]) -> None:
    for ax, (title, (nodes, edges)) in zip(axes, graphs.items(), strict=True):
        for start, end in edges:
            ends = [(nodes[k][2], -nodes[k][1]) for k in (end, start)]
            ax.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": theme.muted})
        for name, depth, place in nodes:
            box = {"boxstyle": "round", "facecolor": theme.surface, "edgecolor": theme.color(0)}
            ax.text(place, -depth, name, ha="center", va="center", fontsize=8, bbox=box)
        ax.set(xlim=(-0.7, 1.7), ylim=(-4.5, 0.6), title=title)
        ax.set_axis_off()


def draw_pieces(axes: Any, theme: Any, grid: list[float]) -> None:
    slopes = [true_slope(a) for a in grid]
    axes[0].plot(
        grid, [s * a for s, a in zip(slopes, grid, strict=True)], ".", color=theme.color(0)
    )
    axes[1].semilogy(grid, slopes, ".", color=theme.color(1))
    axes[0].set_yscale("symlog", linthresh=100)
    axes[0].set(xlabel="a", ylabel="f(a)")
    axes[1].set(xlabel="a", ylabel="slope")
