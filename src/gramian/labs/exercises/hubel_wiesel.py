"""The exercise of hubel-wiesel: cells that move with an image, and cells that stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Fixture,
    Function,
    Mistake,
    Property,
    any_of,
    close,
    fails,
    like,
)
from gramian.labs.checking.fixtures import find_fixture

CLOSED = "one order after another is an order of the set"


def flip_group(height: int, width: int) -> np.ndarray:
    """Identity and vertical flip of an image, as two orders of its pixels: integers (2, p).

    The p = height * width pixels are numbered row by row from 0, and order g puts pixel g[i] in
    place i. The first order leaves all pixels, the second exchanges top and bottom.
    """
    pixels = np.arange(height * width).reshape(height, width)
    return np.stack([pixels.ravel(), pixels[::-1].ravel()])


def simple_cells(x: np.ndarray, W: np.ndarray, G: np.ndarray) -> np.ndarray:
    """The inner products (n, t, g) of images x (n, p) with every template of W (t, p), moved.

    Cell (a, i, j) compares image a with template i after order j of G (g, p): W[i][G[j]].
    """
    moved = W[:, G]  # (t, g, p)
    return np.einsum("np,tgp->ntg", x, moved)


def complex_cells(s: np.ndarray, sigmas: list[Callable]) -> np.ndarray:
    """Sums (n, t, h) over the group axis, the last one, of functions of simple cells s (n, t, g).

    Cell (a, i, h) is the sum over j of sigmas[h](s[a, i, j]). Each of the h functions takes an
    array and works entry by entry.
    """
    return np.stack([sigma(s).sum(axis=2) for sigma in sigmas], axis=2)


def _sizes(draw: Draw) -> Iterator[Case]:
    yield Case("one pixel", height=1, width=1)
    yield Case("one row", height=1, width=3)
    yield Case("one column", height=3, width=1)
    yield Case("square", height=2, width=2)
    yield Case("higher than wide", height=draw.integer(4, 5), width=3)
    yield Case("wider than high", height=3, width=draw.integer(4, 6))


def _rolls(p: int) -> np.ndarray:
    """The cyclic group of p pixels in a row."""
    return (np.arange(p) + np.arange(p)[:, None]) % p


def _flips(height: int, width: int) -> np.ndarray:
    """Every combination of the vertical and the sideways flip."""
    pixels = np.arange(height * width).reshape(height, width)
    copies = [pixels, pixels[::-1], pixels[:, ::-1], pixels[::-1, ::-1]]
    return np.stack([copy.ravel() for copy in copies])


def _images(draw: Draw) -> Iterator[Case]:
    def case(label: str, n: int, t: int, G: np.ndarray) -> Case:
        p = G.shape[1]
        return Case(label, x=draw.normal(n, p), W=draw.normal(t, p), G=G)

    yield case("one image, one template, nothing moves", 1, 1, np.arange(2)[None])
    yield case("a flip", 1, 2, _flips(2, 1)[:2])
    yield case("rolls: the way back is another element", 2, 1, _rolls(3))
    yield case("as many templates as elements", 1, 3, _rolls(3))
    yield Case("ties", x=draw.grid(2, 4, reach=1), W=draw.grid(2, 4, reach=1), G=_flips(2, 2))
    yield case("more images than templates", 5, 3, _flips(3, 2)[:2])


def _responses(draw: Draw) -> Iterator[Case]:
    square, absolute = Fixture("nonlinear.square"), Fixture("nonlinear.absolute")
    above, cosine = Fixture("nonlinear.above", level=0.5), Fixture("nonlinear.cosine")
    yield Case("one element, one function", s=draw.normal(1, 1, 1), sigmas=[square])
    yield Case("two elements", s=draw.normal(1, 1, 2), sigmas=[square])
    yield Case("signs that cancel", s=np.array([[[1.0, -1.0]]]), sigmas=[absolute])
    yield Case("no response", s=np.zeros((1, 2, 3)), sigmas=[square, cosine])
    yield Case("ties", s=draw.grid(2, 3, 4), sigmas=[above, absolute])
    yield Case("all sizes differ", s=draw.normal(5, 2, 4), sigmas=[above, square, cosine])


def _is_closed(G: np.ndarray) -> bool:
    """Whether the orders, one after another, never leave the set."""
    known = {tuple(order) for order in G.tolist()}
    return all(tuple(np.asarray(g)[list(h)]) in known for g in known for h in known)


def _is_group(G: np.ndarray) -> bool:
    """Whether these are orders of all places, and closed."""
    return bool((np.sort(G) == np.arange(G.shape[1])).all()) and _is_closed(G)


def _cells(x: np.ndarray, W: np.ndarray, G: np.ndarray) -> np.ndarray:
    return np.stack([x @ W[:, order].T for order in G], axis=2)


def _of_moved_images(x: np.ndarray, W: np.ndarray, G: np.ndarray) -> np.ndarray:
    return np.stack([x[:, order] @ W.T for order in G], axis=2)


def _built(sigmas: list[Fixture]) -> list[Callable[[np.ndarray], np.ndarray]]:
    return [find_fixture(sigma.name)(**sigma.options) for sigma in sigmas]


def _sums(s: np.ndarray, sigmas: list[Fixture], axis: int = 2) -> np.ndarray:
    return np.stack([sigma(s).sum(axis=axis) for sigma in _built(sigmas)], axis=2)


def _outside(s: np.ndarray, sigmas: list[Fixture]) -> np.ndarray:
    return np.stack([sigma(s.sum(axis=2)) for sigma in _built(sigmas)], axis=2)


EXERCISE = Exercise(
    lab="hubel-wiesel",
    title="Cells that move, and cells that stay",
    question="Do templates over a group give equivariant then invariant cells?",
    background="""\
Hubel and Wiesel found two kinds of cells in the visual cortex. **Simple** cells answer to a pattern
in one place and direction. **Complex** cells answer to it wherever it is.

A model of both needs a **group** $G$ of motions, such as flips or rolls: a set with which any two
motions, one after the other, make a motion of the set. A simple cell compares the image with one
moved template, $s_{ij} = \\langle x, g_j w_i \\rangle$. The inner product does not care whether the
image moves or the template moves back. So a moved image gives the same numbers in another order:
the cells are **equivariant**.

A complex cell sums over the group, $c_{ih} = \\sum_j \\sigma_h(s_{ij})$, where no order is left:
it is **invariant**. Each response goes through the nonlinear $\\sigma_h$ before the sum; after it,
each template would leave only one number.
""",
    arrays="numpy",
    imports="from collections.abc import Callable\n\nimport numpy as np",
    functions=(
        Function(
            solution=flip_group,
            cases=_sizes,
            returns=Array("2p", "integer"),
            properties=(
                Property(
                    "each order has every pixel once",
                    lambda f, height, width: np.array_equal(
                        np.sort(f(height, width)), np.tile(np.arange(height * width), (2, 1))
                    ),
                    "An order names all pixels, each of them once, by their numbers.",
                ),
                Property(
                    CLOSED,
                    lambda f, height, width: _is_closed(f(height, width)),
                    "Apply one of your orders twice, and then one after the other.",
                ),
            ),
            reference=lambda height, width: _flips(height, width)[:2],
            hint="Draw a small image with numbers in its pixels, and flip it.",
            mistakes=(
                Mistake(
                    "wrong flip axis",
                    like(lambda height, width: _flips(height, width)[[0, 2]]),
                    "That exchanges left and right. Which axis has the rows of the image?",
                ),
                Mistake(
                    "half a turn",
                    like(lambda height, width: _flips(height, width)[[0, 3]]),
                    "Reversing all pixels exchanges left and right as well.",
                ),
                Mistake(
                    "no group",
                    fails(CLOSED),
                    "Two motions of the set, one after the other, must be in the set again. That "
                    "needs the one that moves nothing.",
                ),
            ),
            example="flip_group(2, 3)",
        ),
        Function(
            solution=simple_cells,
            cases=_images,
            axes={"x": "np", "W": "tp", "G": "gp"},
            returns=Array("ntg"),
            valid=lambda x, W, G: _is_group(G),
            properties=(
                Property(
                    "a template does not feel the others",
                    lambda f, x, W, G: close(f(x, W[:1], G), f(x, W, G)[:, :1]),
                    "Each cell has one template.",
                ),
                Property(
                    "doubling the templates doubles the cells",
                    lambda f, x, W, G: close(f(x, 2 * W, G), 2 * f(x, W, G)),
                    "An inner product is linear in both. Where are your templates?",
                ),
                Property(
                    "moving the images only changes the order of their cells",
                    lambda f, x, W, G: close(
                        np.sort(f(x[:, G[-1]], W, G), axis=2), np.sort(f(x, W, G), axis=2)
                    ),
                    "Every template meets the image in all of its positions.",
                ),
            ),
            reference=_cells,
            mistakes=(
                Mistake(
                    "image returned",
                    any_of(like(lambda x, W, G: x[:, G]), like(lambda x, W, G: x[:, G[-1]])),
                    "That is the moved image itself. A cell says how alike it is to a template.",
                ),
                Mistake(
                    "axes of templates and group exchanged",
                    like(lambda x, W, G: _cells(x, W, G).transpose(0, 2, 1)),
                    "The docstring has the axis of the templates before that of the group.",
                ),
                Mistake(
                    "images moved in place of templates",
                    like(_of_moved_images),
                    "Moving the image is moving the template back: for a flip it is the same, for "
                    "a roll the cells come in another order.",
                ),
                Mistake(
                    "templates stay",
                    like(lambda x, W, G: np.repeat((x @ W.T)[:, :, None], len(G), axis=2)),
                    "All cells of a template are equal. What does G do?",
                ),
            ),
            task="`W[:, G]` has all templates in all orders. Which shape has it?",
            example="simple_cells(np.array([[1.0, 2.0, 3.0, 4.0]]), np.eye(4)[:2], "
            "flip_group(2, 2))",
        ),
        Function(
            solution=complex_cells,
            cases=_responses,
            axes={"s": "ntg"},
            returns=Array("nth"),
            properties=(
                Property(
                    "there is one cell for each image, template and function",
                    lambda f, s, sigmas: f(s, sigmas).shape == (*s.shape[:2], len(sigmas)),
                    "Which axis goes in the sum, and which one is new?",
                ),
                Property(
                    "the order of the group does not matter",
                    lambda f, s, sigmas: close(f(s[:, :, ::-1], sigmas), f(s, sigmas)),
                    "What the sum runs over has no order. Which axis is that?",
                ),
                Property(
                    "a template does not feel the others",
                    lambda f, s, sigmas: close(f(s[:, :1], sigmas), f(s, sigmas)[:, :1]),
                    "The sum runs over the group alone.",
                ),
            ),
            reference=_sums,
            mistakes=(
                Mistake(
                    "sigma outside the sum",
                    like(_outside),
                    "Each response goes through the function on its own, and then they are added.",
                ),
                Mistake(
                    "sum over the templates",
                    like(lambda s, sigmas: _sums(s, sigmas, axis=1)),
                    "Different templates are different cells. Which axis has the group?",
                ),
                Mistake(
                    "mean in place of the sum",
                    like(lambda s, sigmas: _sums(s, sigmas) / s.shape[2]),
                    "A sum grows with the number of elements. Yours does not.",
                ),
                Mistake(
                    "no sigma",
                    like(
                        lambda s, sigmas: np.repeat(s.sum(axis=2)[:, :, None], len(sigmas), axis=2)
                    ),
                    "All functions give the same. Where are they called?",
                ),
            ),
            task="`sigmas` is a list of functions that you can call on arrays.",
            example="complex_cells(np.array([[[1.0, -2.0]]]), [np.square, np.abs])",
        ),
    ),
)
