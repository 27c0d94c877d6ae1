"""The exercise of bell-polynomials: a polynomial, its twins, and a net with skips."""

from __future__ import annotations

import numpy as np
import torch

from gramian.labs.checking import (
    Anything,
    Array,
    Exercise,
    Function,
    Mistake,
    Number,
    Property,
    any_of,
    close,
    fails,
    like,
    modifies,
    raises,
)
from gramian.labs.exercises import _bell as _own


def bell6(X: torch.Tensor) -> torch.Tensor:
    """The sixth complete Bell polynomial (n,) of the rows x₁, …, x₆ of X (n, 6)."""
    a, b, c, d, e, f = X.T
    y = a**6 + 15 * a**4 * b + 20 * a**3 * c + 45 * a**2 * b**2 + 15 * b**3 + 60 * a * b * c
    return y + 15 * a**2 * d + 10 * c**2 + 15 * b * d + 6 * a * e + f


def scramble(monomials: list, generator: torch.Generator) -> list:
    """For every monomial an order of its own, so that no two monomials become equal.

    A monomial is a list of variables in 0 … 5, each as often as its power. An order is a list of
    the numbers 0 … 5 in which variable i becomes order[i]. All orders differ, and all six variables
    occur somewhere in the result. Everything is drawn by the generator, anew until all this holds.
    """
    while True:
        orders = [torch.randperm(6, generator=generator).tolist() for _ in monomials]
        renamed = [
            tuple(sorted(order[i] for i in monomial))
            for monomial, order in zip(monomials, orders, strict=True)
        ]
        unlike = len(set(map(tuple, orders))) == len(set(renamed)) == len(monomials)
        if unlike and len({i for monomial in renamed for i in monomial}) == 6:
            return orders


def residual_net(weights: list, biases: list, X: torch.Tensor) -> torch.Tensor:
    """The answers of a net with skips to the rows of X (n, d).

    A hidden layer turns h into relu(W h + b), plus h where this has the size of h. The last layer
    is W h + b alone. Each W is (n_out, n_in).
    """
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        H = (X @ W.T + b).relu()
        X = X + H if H.shape == X.shape else H
    return X @ weights[-1].T + biases[-1]


def sweep(model: torch.nn.Module, x: torch.Tensor, i: int, grid: torch.Tensor) -> torch.Tensor:
    """What the model answers where variable i of x (d,) runs over grid (g,), as (g,).

    The model turns rows (n, d) into a column (n, 1).
    """
    X = x.repeat(len(grid), 1)
    X[:, i] = grid
    return model(X)[:, 0].detach()


def mean_ratio(bell: torch.Tensor, twins: torch.Tensor) -> torch.Tensor:
    """The geometric mean of all ratios of an error of a twin to that of B₆ with the same seed.

    bell (s,) has the errors of B₆ for s seeds, twins (t, s) those of t twins for the same seeds.
    """
    return (twins / bell).log().mean().exp()


_UNLIKE = "all orders of a scrambling differ"
_NO_EQUAL = "no two monomials become equal"
_ALL = "all six variables occur"

EXERCISE = Exercise(
    lab="bell-polynomials",
    title="A polynomial and its scrambled twins",
    question="Is hierarchical structure easier to learn than a scrambled twin?",
    background="""\
The complete Bell polynomials follow from $B_0 = 1$ and
$B_{n+1} = \\sum_k \\binom{n}{k} B_{n-k}\\, x_{k+1}$. The sixth is

$$x_1^6 + 15x_1^4x_2 + 20x_1^3x_3 + 45x_1^2x_2^2 + 15x_2^3 + 60x_1x_2x_3 + 15x_1^2x_4 + 10x_3^2 +
15x_2x_4 + 6x_1x_5 + x_6.$$

A **twin** has the same monomials with the variables renamed in each of them for itself. Renaming
them alike everywhere would be the same polynomial in other names.
""",
    arrays="torch",
    functions=(
        Function(
            solution=bell6,
            cases=_own.points,
            axes={"X": "nd"},
            returns=Array("n"),
            valid=lambda X: X.shape[1] == 6,
            properties=(
                Property(
                    "a row does not feel the others",
                    lambda f, X: close(f(X[:1]), f(X)[:1], 1e-4),
                    "Each row is one point, and its columns are the variables.",
                ),
            ),
            reference=_own.bell,
            mistakes=(
                Mistake(
                    "a monomial is left out",
                    any_of(*(like(_own.without(k)) for k in range(11))),
                    "Count the monomials.",
                ),
                Mistake(
                    "without coefficients",
                    like(_own.plain),
                    "Monomials have factors in front.",
                ),
            ),
            example="bell6(torch.tensor([[1.0, 0.0, 0.5, 2.0, 0.0, 1.0]]))",
        ),
        Function(
            solution=scramble,
            cases=_own.polynomials,
            returns=Anything(),
            through="polynomials.scrambled_often",
            properties=(
                Property(
                    "there is one order of all variables for every monomial",
                    lambda f, monomials, times, seed: all(
                        len(orders) == len(monomials)
                        and all(sorted(order) == list(range(6)) for order in orders)
                        for orders in f(monomials, times, seed)["orders"]
                    ),
                    "Print one scrambling.",
                ),
                Property(
                    "equal generators make equal scramblings, others make others",
                    lambda f, monomials, times, seed: (
                        f(monomials, times, seed)["again"] == f(monomials, times, seed)["orders"][0]
                        and f(monomials, times, seed)["orders"][1:]
                        != f(monomials, times, seed)["orders"][:-1]
                    ),
                    "Everything is drawn by the generator that is given.",
                ),
                Property(
                    _UNLIKE,
                    lambda f, **case: all(map(_own.unlike, f(*case.values())["orders"])),
                    "Compare the orders with each other.",
                ),
                Property(
                    _NO_EQUAL,
                    lambda f, monomials, times, seed: all(
                        _own.unlike(_own.renamed(monomials, orders))
                        for orders in f(monomials, times, seed)["orders"]
                    ),
                    "Which monomials of the polynomial have the same form?",
                ),
                Property(
                    _ALL,
                    lambda f, monomials, times, seed: all(
                        len({i for term in _own.renamed(monomials, orders) for i in term}) == 6
                        for orders in f(monomials, times, seed)["orders"]
                    ),
                    "Which variables are left after renaming?",
                ),
            ),
            mistakes=(
                Mistake(
                    "global permutation",
                    _own.one_order,
                    "One order for all monomials gives the same polynomial in other names.",
                ),
                Mistake(
                    "repeated permutation",
                    fails(_UNLIKE),
                    "Orders that are drawn independently can coincide.",
                ),
                Mistake(
                    "equal monomials",
                    fails(_NO_EQUAL),
                    "Two monomials of one form can become the same one. Then draw again.",
                ),
                Mistake(
                    "a variable is lost",
                    fails(_ALL),
                    "A variable may occur in one monomial only. Is it still there?",
                ),
            ),
        ),
        Function(
            solution=residual_net,
            cases=_own.nets,
            axes={"X": "nd"},
            returns=Array(None),
            valid=lambda weights, biases, X: weights[0].shape[1] == X.shape[1],
            reference=_own.net(),
            mistakes=(
                Mistake(
                    "skip across unequal sizes",
                    any_of(raises("RuntimeError"), like(_own.net(broadcasts=True))),
                    "A skip needs two layers of equal size. What if one of them has a single unit?",
                ),
                Mistake(
                    "no skip", like(_own.net(skips=False)), "Where does a layer keep its input?"
                ),
                Mistake(
                    "skip at the output",
                    like(_own.net(at_output=True)),
                    "The last layer has neither a ReLU nor a skip.",
                ),
            ),
        ),
        Function(
            solution=sweep,
            cases=_own.lines,
            axes={"x": "d", "grid": "g"},
            returns=Array("g"),
            valid=lambda model, x, i, grid: len(x) == model.options["parameters"][0].shape[1],
            reference=_own.along,
            mistakes=(
                Mistake("x is changed", modifies("x"), "Each point of the line is a copy of x."),
                Mistake(
                    "the others at zero",
                    like(lambda model, x, i, grid: _own.along(model, 0 * x, i, grid)),
                    "All variables but one stay where x has them.",
                ),
            ),
            task="Give a tensor that carries no graph, or one that does; both are fine.",
        ),
        Function(
            solution=mean_ratio,
            cases=_own.errors,
            axes={"bell": "s", "twins": "ts"},
            returns=Number(),
            properties=(
                Property(
                    "with both errors exchanged the ratio turns over",
                    lambda f, bell, twins: close(
                        f(bell, twins[:1]) * f(twins[0], bell[None]), 1.0, 1e-3
                    ),
                    "A mean of ratios has this property if it is taken of logarithms.",
                ),
            ),
            reference=lambda bell, twins: float(np.exp(np.log(twins / bell).mean())),
            mistakes=(
                Mistake(
                    "one twin only",
                    like(lambda bell, twins: float(np.exp(np.log(twins[0] / bell).mean()))),
                    "One twin may be easy by chance. All of them count.",
                ),
                Mistake(
                    "arithmetic mean",
                    like(lambda bell, twins: float((twins / bell).mean())),
                    "Twice and half should cancel out.",
                ),
                Mistake(
                    "ratio of the means",
                    like(lambda bell, twins: float(twins.mean() / bell.mean())),
                    "The ratio is taken for each seed, and then the mean.",
                ),
            ),
            example="mean_ratio(torch.tensor([0.5]), torch.tensor([[0.75], [0.25]]))",
        ),
    ),
)
