"""The exercise of deep-sets: layers that commute with permutations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Evidence,
    Exercise,
    Fixture,
    Function,
    Mistake,
    Number,
    Property,
    Tolerance,
    close,
    fails,
    like,
    same,
)
from gramian.labs.checking.fixtures import find_fixture


def layer(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    """mish(x W) for rows x (n, d), where W has gam everywhere and lam more on the diagonal.

    mish(z) = z tanh(log(1 + e^z)), also where e^z overflows.
    """
    z = lam * x + gam * x.sum(axis=1, keepdims=True)
    return (z * np.tanh(np.logaddexp(0, z))).astype(x.dtype)


def is_equivariant(f: Callable, x: np.ndarray) -> bool:
    """Whether f, from rows (n, d) to rows (n, d), commutes with every permutation of the entries.

    Judged on the rows of x, to 1e-8.
    """
    right = f(x)
    # exchanges of neighbours make up every permutation
    for i in range(x.shape[1] - 1):
        order = np.arange(x.shape[1])
        order[[i, i + 1]] = order[[i + 1, i]]
        if np.abs(f(x[:, order]) - right[:, order]).max() > 1e-8:
            return False
    return True


def _rows(draw: Draw) -> Iterator[Case]:
    yield Case("one entry", x=draw.normal(1, 1), lam=0.25, gam=0.4)
    yield Case("one row", x=draw.normal(1, 3), lam=0.25, gam=0.4)
    yield Case("square", x=draw.normal(3, 3), lam=draw.number(0.2, 1), gam=draw.number(0.2, 1))
    yield Case("no common part", x=draw.normal(2, 3), lam=draw.number(0.2, 1), gam=0.0)
    yield Case("ties", x=draw.grid(3, 4), lam=-0.3, gam=draw.number(0.2, 1))
    yield Case("large entries", x=draw.normal(2, 3, scale=500) + 900, lam=0.25, gam=0.4)
    yield Case("large negative entries", x=draw.normal(2, 3) - 900, lam=0.25, gam=0.4)


def _maps(draw: Draw) -> Iterator[Case]:
    def case(label: str, name: str, n: int, d: int, **options: object) -> Case:
        f, x = Fixture(f"sets.{name}", **options), np.zeros((n, d))
        while not _shows(f, x):
            x = draw.rng.permuted(np.arange(n * d) / 4 + 0.25).reshape(n, d)
        return Case(label, dtypes=("float64",), f=f, x=x)

    yield case("the map that changes nothing", "identity", 1, 2)
    yield case("a sum for every entry", "summed", 2, 3)
    yield case("a layer of equal entries", "shared_layer", 3, 4, lam=0.25, gam=0.4)
    yield case("centred along the entries", "centred", 2, 3)
    yield case("sorted entries", "sorted_entries", 2, 3)
    yield case("entries rolled by the place of the largest", "rolled_to_largest", 2, 4)
    yield case("entries reversed where the first is larger", "reversed_if_falling", 3, 4)
    yield case("a small bias for each place", "biased_places", 2, 3, size=2e-4)
    yield case("the last two places exchanged for good", "last_two_exchanged", 2, 4)
    yield case("a dense layer", "dense", 2, 3, weights=draw.normal(3, 3))
    yield case("a factor of its own for each place", "scaled_places", 2, 3)
    yield case("centred along the rows", "centred_rows", 3, 3)


_EQUIVARIANT = ("identity", "summed", "shared_layer", "centred", "centred_rows")


def _mish(z: np.ndarray) -> np.ndarray:
    return z * np.tanh(np.logaddexp(0.0, z))


def _matrix_form(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    d = x.shape[1]
    return _mish(x @ (lam * np.eye(d) + gam * np.ones((d, d))))


def _bare_diagonal(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    d = x.shape[1]
    return _mish(x @ ((lam - gam) * np.eye(d) + gam * np.ones((d, d))))


def _free_diagonal(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    d = x.shape[1]
    return _mish(x @ (lam * np.diag(np.arange(1.0, d + 1)) + gam * np.ones((d, d))))


def _down_the_rows(x: np.ndarray, lam: float, gam: float) -> np.ndarray:
    return _mish(lam * x + gam * x.sum(axis=0, keepdims=True))


def _judged(f: Fixture, x: np.ndarray) -> bool:
    return f.name.partition(".")[2] in _EQUIVARIANT


def _shows(f: Fixture, x: np.ndarray) -> bool:
    """Whether exchanges of neighbours on distinct entries show what f is: they need not."""
    called = find_fixture(f.name)(**f.options)
    return len(np.unique(x)) == x.size and is_equivariant(called, x) == _judged(f, x)


def _wrong_about(*names: str) -> Callable[[Evidence], bool]:
    """All of these maps are judged wrongly."""

    def detect(evidence: Evidence) -> bool:
        wrong = {
            case.arguments["f"].name.partition(".")[2]
            for case in evidence.cases
            if not same(getattr(evidence.outcome(case), "value", None), evidence.truth(case))
        }
        return set(names) <= wrong

    return detect


EXERCISE = Exercise(
    lab="deep-sets",
    title="Layers for sets",
    question="Which layers commute with permutations?",
    background="""\
The entries of a set have no order. A map $f$ from rows of $d$ entries to rows of $d$ entries fits
if it is **equivariant**: $f(\\pi x) = \\pi f(x)$ for every permutation $\\pi$ of the entries. Among
matrices only $\\lambda I + \\gamma 11^\\top$ are: one number on the diagonal, one everywhere else.

Comparing sorted outputs is no test: sorting itself would pass.
""",
    arrays="numpy",
    imports="from collections.abc import Callable\n\nimport numpy as np",
    functions=(
        Function(
            solution=layer,
            cases=_rows,
            axes={"x": "nd"},
            returns=Array("nd"),
            properties=(
                Property(
                    "permuting the entries permutes the result",
                    lambda f, x, lam, gam: close(f(x[:, ::-1], lam, gam), f(x, lam, gam)[:, ::-1]),
                    "Every entry is treated alike: which numbers may W have?",
                ),
                Property(
                    "a row does not feel the others",
                    lambda f, x, lam, gam: close(f(x[:1], lam, gam), f(x, lam, gam)[:1]),
                    "A row is one set. The sum runs along its entries.",
                ),
            ),
            reference=_matrix_form,
            tolerance=Tolerance(double=1e-9, single=1e-4),
            mistakes=(
                Mistake(
                    "overflow of the exponential",
                    fails("finite"),
                    "e to a large power overflows. For large z, log(1 + e^z) is nearly z.",
                ),
                Mistake(
                    "diagonal without the common part",
                    like(_bare_diagonal),
                    "The matrix of ones has ones on its diagonal too.",
                ),
                Mistake(
                    "sum over the rows",
                    like(_down_the_rows),
                    "That mixes different sets. Which axis are the entries of one set?",
                ),
                Mistake(
                    "no activation",
                    like(lambda x, lam, gam: lam * x + gam * x.sum(axis=1, keepdims=True)),
                    "What comes after the matrix?",
                ),
                Mistake(
                    "diagonal free",
                    like(_free_diagonal),
                    "Each entry of the diagonal is the same number: no place is special.",
                ),
            ),
            hint="Write W down for two entries, and multiply one row by hand.",
            example="layer(np.array([[1.0, 2.0, -1.0]]), 0.25, 0.4)",
        ),
        Function(
            solution=is_equivariant,
            cases=_maps,
            valid=_shows,
            returns=Number("boolean"),
            reference=_judged,
            hint="Compare f of the permuted rows with the permuted f, entry by entry, for enough "
            "permutations.",
            mistakes=(
                Mistake(
                    "permutes the rows",
                    _wrong_about("dense", "scaled_places"),
                    "Exchange entries within a row, not the rows with each other: every map that "
                    "works row by row passes that.",
                ),
                Mistake(
                    "compares sorted results",
                    _wrong_about("sorted_entries"),
                    "Sorting hides where the entries went. Compare place by place.",
                ),
                Mistake(
                    "too large a tolerance",
                    _wrong_about("biased_places"),
                    "A small bias is no rounding. How large may rounding be here?",
                ),
                Mistake(
                    "one permutation only",
                    _wrong_about("last_two_exchanged"),
                    "One permutation can be a lucky one. Which ones make up all of them?",
                ),
            ),
            task="`f` is a function that you can call on rows.",
            example="is_equivariant(lambda x: 2 * x, np.array([[1.0, 2.0, 3.0]]))",
        ),
    ),
)
