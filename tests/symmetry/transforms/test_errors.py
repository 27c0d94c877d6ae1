"""Every message of the transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gramian.symmetry import Composition, Flip, Rotation, Translation, inscribed_disc

X = torch.rand(3, 4, 4)

CASES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "words": (lambda: Rotation("a"), TypeError, "Rotation: degrees must be a number or one for ea"),
    "ragged": (lambda: Rotation([[1.0], [2.0, 3.0]]), TypeError, "Rotation: degrees must be a num"),
    "table": (lambda: Rotation(torch.ones(2, 2)), ValueError, r"degrees must be .* shape \(2, 2\)"),
    "empty": (lambda: Translation([], 1), ValueError, r"dy must be a number .*, got shape \(0,\)"),
    "complex": (
        lambda: Rotation(torch.tensor(1j)),
        ValueError,
        r"got shape \(\) of torch.complex64",
    ),
    "nan": (lambda: Rotation(float("nan")), ValueError, "degrees must be finite, got NaN or inf"),
    "fill": (lambda: Rotation(1.0, fill=float("inf")), ValueError, "fill must be a finite number"),
    "mode": (
        lambda: Translation(1, interpolation="linear"),
        ValueError,
        "Translation: interpolation must be one of 'bilinear', 'bicubic', .*, got 'linear'",
    ),
    "waves without an end": (
        lambda: Translation(0.5, interpolation="fourier"),
        ValueError,
        "Translation: wrap must be True for interpolation='fourier', got False",
    ),
    "waves on a rectangle": (
        lambda: Rotation(3.0, interpolation="fourier")(X[:, :2]),
        ValueError,
        "Rotation: x must be square for interpolation='fourier', got 2 x 4",
    ),
    "two lengths": (
        lambda: Translation([1.0, 2.0], [1.0, 2.0, 3.0]),
        ValueError,
        "Translation: dy and dx must be for as many images, got 2 and 3",
    ),
    "axis": (lambda: Flip("x"), ValueError, "Flip: axis must be one of 'horizontal', 'vertical'"),
    "where": (lambda: Flip(where=[1, 0]), TypeError, "Flip: where must be a bool or one for each"),
    "list": (lambda: Rotation(1.0)([1.0]), TypeError, "Rotation: x must be a tensor, got list"),
    "rank": (
        lambda: Flip()(torch.rand(4, 4)),
        ValueError,
        r"Flip: x must have shape \(n, h, w\) or \(n, c, h, w\) .*, got \(4, 4\)",
    ),
    "no images": (lambda: Rotation(1.0)(X[:0]), ValueError, r"Rotation: x must have shape"),
    "count": (
        lambda: Rotation([1.0, 2.0])(X),
        ValueError,
        r"x must have one image for each of the 2 parameters, got 3. Take g\[rows\] for x\[rows\]",
    ),
    "integers": (
        lambda: Rotation(1.0)(X.int()),
        TypeError,
        r"Rotation: x must be floating to be interpolated, .*got torch.int32. Convert .*x.float",
    ),
    "integers and a fill between": (
        lambda: Translation(1, fill=0.5)(X.int()),
        TypeError,
        "x must be floating to be interpolated, or filled with 0.5, got torch.int32",
    ),
    "product": (
        lambda: Rotation([1.0, 2.0]) @ Flip(where=[True, False, True]),
        ValueError,
        "Rotation: transforms must be for as many images each, got 2 and 3",
    ),
    "composition": (
        lambda: Composition(Rotation([1.0, 2.0]), Flip(), Flip(where=[True, False, True])),
        ValueError,
        "Composition: transforms must be for as many images each, got 2 and 3",
    ),
    "a loop over a transform": (lambda: list(Rotation(1.0)), TypeError, "not iterable"),
    "nothing": (Composition, ValueError, "Composition: transforms must be at least one, got none"),
    "floor of one": (
        lambda: Rotation(1.0).floor(X[:1]),
        ValueError,
        "Rotation.floor: x must hold at least two different images, got 1",
    ),
    "floor of integers": (
        lambda: Flip().floor(X.int()),
        TypeError,
        "Flip.floor: x must be floating, got torch.int32",
    ),
    "n": (lambda: Rotation.random(0), ValueError, "Rotation.random: n must be an int in"),
    "high": (
        lambda: Rotation.random(2, 5.0, 1.0),
        ValueError,
        r"Rotation.random: high must be a finite number in \[5, inf\), got 1.0",
    ),
    "most": (lambda: Translation.random(2, -1), ValueError, "Translation.random: most must be"),
    "probability": (
        lambda: Flip.random(2, probability=2),
        ValueError,
        "Flip.random: probability must be a finite number in",
    ),
    "disc": (lambda: inscribed_disc(3, 0), ValueError, "inscribed_disc: width must be an int in"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message(name: str) -> None:
    call, error, message = CASES[name]
    with pytest.raises(error, match=message):
        call()
