"""The exercise of broadcast-shapes: the rule that combines two shapes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from gramian.labs.checking import Case, Draw, Exercise, Function, Mistake, Plain, Property, like

Shape = tuple[int, ...]


def broadcast_shape(a: tuple, b: tuple) -> tuple | None:
    """The shape that arrays of shapes a and b combine to, or None where they do not."""
    size = max(len(a), len(b))
    a = (1,) * (size - len(a)) + a
    b = (1,) * (size - len(b)) + b
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b, strict=True)):
        return None
    return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))


def explain(a: tuple, b: tuple) -> int | None:
    """The axis where shapes a and b disagree, counted from the right: -1 is the last one.

    Of several the one nearest to the right; None where the shapes combine.
    """
    for axis in range(-1, -min(len(a), len(b)) - 1, -1):
        if a[axis] != b[axis] and 1 not in (a[axis], b[axis]):
            return axis
    return None


def _shapes(draw: Draw) -> Iterator[Case]:
    yield Case("no axis", a=(), b=())
    yield Case("a size of nothing", a=(0,), b=(1,))
    yield Case("two sizes that disagree", a=(2,), b=(3,))
    yield Case("one axis against two", a=(3,), b=(2, 1))
    yield Case("axes meet from the right", a=(3,), b=(3, 1))
    yield Case("nothing against something", a=(0,), b=(2,))
    yield Case("ones on both sides", a=(1, 4), b=(7, 1))
    yield Case("a conflict on the left", a=(3, 1, 3), b=(2, 3, 3))
    yield Case("several conflicts", a=(2, 3, 4), b=(4, 1, 5))
    for _ in range(60):
        yield Case("drawn at random", a=draw.sizes((1, 1, 2, 3), 4), b=draw.sizes((1, 1, 2, 3), 4))
    for _ in range(20):
        yield Case("drawn with empty axes", a=draw.sizes((0, 1, 2), 3), b=draw.sizes((0, 1, 2), 3))


def _pairs(a: Shape, b: Shape) -> list[tuple[int, int]]:
    """Sizes that meet, from the right."""
    return list(zip_longest(a[::-1], b[::-1], fillvalue=1))


def _conflict(a: Shape, b: Shape) -> int | None:
    for axis, (m, n) in enumerate(_pairs(a, b), 1):
        if m != n and m != 1 and n != 1:
            return -axis
    return None


def _combined(a: Shape, b: Shape) -> Shape | None:
    if _conflict(a, b) is not None:
        return None
    return tuple(n if m == 1 else m for m, n in _pairs(a, b))[::-1]


def _from_the_left(a: Shape, b: Shape) -> Shape | None:
    combined = _combined(a[::-1], b[::-1])
    return None if combined is None else combined[::-1]


def _conflict_from_the_left(a: Shape, b: Shape) -> int | None:
    for axis, (m, n) in enumerate(zip_longest(a, b, fillvalue=1)):
        if m != n and m != 1 and n != 1:
            return axis - max(len(a), len(b))
    return None


def _leftmost_conflict(a: Shape, b: Shape) -> int | None:
    found = [-k for k, (m, n) in enumerate(_pairs(a, b), 1) if m != n and m != 1 and n != 1]
    return found[-1] if found else None


def _counted_from_the_left(a: Shape, b: Shape) -> int | None:
    conflict = _conflict(a, b)
    return None if conflict is None else conflict + max(len(a), len(b))


def _largest(a: Shape, b: Shape) -> Shape:
    return tuple(max(m, n) for m, n in _pairs(a, b))[::-1]


def _largest_if_compatible(a: Shape, b: Shape) -> Shape | None:
    return None if _conflict(a, b) is not None else _largest(a, b)


EXERCISE = Exercise(
    lab="broadcast-shapes",
    title="Which shapes combine?",
    question="Which shapes combine, to what, and does it cost memory?",
    background="""\
Arrays of different shapes can be added: shapes are aligned **at their last axes**, missing axes
count as size 1, and an axis of size 1 stretches to whatever it meets. Nothing is copied: a
stretched axis has stride 0.

Two sizes that differ, and of which neither is 1, do not combine.
""",
    arrays="numpy",
    functions=(
        Function(
            solution=broadcast_shape,
            cases=_shapes,
            returns=Plain("a tuple or None", tuple, type(None)),
            properties=(
                Property(
                    "a shape without axes changes nothing",
                    lambda f, a, b: f(a, ()) == a and f((), b) == b,
                    "A single number combines with everything.",
                ),
                Property(
                    "a shape combines with itself to itself",
                    lambda f, a, b: f(a, a) == a,
                    "Equal sizes never disagree.",
                ),
                Property(
                    "the order of the two shapes does not matter",
                    lambda f, a, b: f(a, b) == f(b, a),
                    "What you do to a, do to b.",
                ),
            ),
            reference=_combined,
            mistakes=(
                Mistake(
                    "left alignment",
                    like(_from_the_left),
                    "Shapes are aligned at their last axes. Where do missing axes go?",
                ),
                Mistake(
                    "largest size without a check",
                    like(_largest),
                    "Not every pair of sizes combines. When is there no result?",
                ),
                Mistake(
                    "an empty axis counts as smaller",
                    like(_largest_if_compatible),
                    "An axis without entries stays without entries: the result is not the larger "
                    "size, it is the one that is not 1.",
                ),
            ),
            hint="Align the shapes at their last axes and look at one pair of sizes after another.",
            example="broadcast_shape((4, 1), (3, 1, 1, 5))",
        ),
        Function(
            solution=explain,
            cases=_shapes,
            returns=Plain("an int or None", int, type(None)),
            properties=(
                Property(
                    "a shape has no conflict with itself",
                    lambda f, a, b: f(a, a) is None,
                    "Equal sizes never disagree.",
                ),
                Property(
                    "the order of the two shapes does not matter",
                    lambda f, a, b: f(a, b) == f(b, a),
                    "What you do to a, do to b.",
                ),
                Property(
                    "axes in front of both shapes change nothing",
                    lambda f, a, b: f((2, *a), (2, *b)) == f(a, b) if len(a) == len(b) else True,
                    "Count from the right.",
                ),
            ),
            reference=_conflict,
            mistakes=(
                Mistake(
                    "left alignment",
                    like(_conflict_from_the_left),
                    "Shapes are aligned at their last axes. Where do missing axes go?",
                ),
                Mistake(
                    "counted from the left",
                    like(_counted_from_the_left),
                    "Axes are counted from the right here: the last one is negative.",
                ),
                Mistake(
                    "the leftmost of several conflicts",
                    like(_leftmost_conflict),
                    "Of several conflicts the one nearest to the right is meant.",
                ),
            ),
            example="explain((3, 1, 3), (2, 3, 3))",
        ),
    ),
)
