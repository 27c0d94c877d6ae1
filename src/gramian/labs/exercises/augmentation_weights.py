"""The exercise of augmentation-weights: turning images, augmenting them, and round weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
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
)
from gramian.labs.exercises._turns import sampled, share_between_rings

MEAN, SD = 0.1307, 0.3081


def rotate_batch(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Each image of x (n, s, s) turned counter-clockwise about its centre, as (n, s, s).

    angles (n,) are in degrees, one for each image. Bilinear interpolation; everything outside of
    an image is 0.
    """
    turn = torch.deg2rad(angles)
    cos, sin, zero = turn.cos(), turn.sin(), torch.zeros_like(turn)
    rows = [torch.stack([cos, -sin, zero], dim=1), torch.stack([sin, cos, zero], dim=1)]
    size = [len(x), 1, *x.shape[1:]]
    grid = torch.nn.functional.affine_grid(torch.stack(rows, dim=1), size, align_corners=False)
    return torch.nn.functional.grid_sample(x[:, None], grid, align_corners=False)[:, 0]


def augment(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images x (n, s, s) with pixels in [0, 1], turned and normalised, as (n, s, s).

    Each image is turned by an angle of its own from [0, 360), drawn from the generator; what comes
    in is background, 0. In the result a pixel is (pixel - 0.1307) / 0.3081.
    """
    angles = 360 * torch.rand(len(x), generator=generator, dtype=x.dtype)
    return (rotate_batch(x, angles) - 0.1307) / 0.3081


def radial_share(W: torch.Tensor) -> float:
    """Of the variance of images W (k, s, s) over their inscribed disc, the share between rings.

    The disc holds the pixels at most (s - 1) / 2 from the centre of the image. A ring holds those
    of it whose distances have the same whole part. Variances are sums over pixels of squared
    differences from an image's mean over the disc, summed over the images; between rings, each
    pixel is replaced by its ring's mean.
    """
    across = torch.arange(W.shape[1], dtype=W.dtype) - (W.shape[1] - 1) / 2
    radius = (across[:, None] ** 2 + across**2).sqrt()
    disc = radius <= (W.shape[1] - 1) / 2
    inside, ring = W[:, disc], radius[disc].long()
    smooth = torch.zeros_like(inside)
    for r in ring.unique():
        smooth[:, ring == r] = inside[:, ring == r].mean(dim=1, keepdim=True)
    mean = inside.mean(dim=1, keepdim=True)
    return float((smooth - mean).square().sum() / (inside - mean).square().sum())


def _turned(draw: Draw) -> Iterator[Case]:
    yield Case("no turn", x=draw.normal(1, 2, 2), angles=np.zeros(1))
    yield Case("a quarter turn", x=draw.normal(1, 2, 2), angles=np.array([90.0]))
    yield Case("quarter turns", x=draw.normal(3, 3, 3), angles=np.array([90.0, -90.0, 180.0]))
    yield Case("a small turn", x=draw.normal(1, 4, 4), angles=draw.uniform(5.0, 40.0, 1))
    yield Case("different turns", x=draw.normal(3, 5, 5), angles=draw.uniform(-180.0, 180.0, 3))


def _augmented(draw: Draw) -> Iterator[Case]:
    for label, n, s in (("one image", 1, 4), ("several images", 3, 6), ("one pixel", 2, 1)):
        generator = Fixture("generators.seeded", seed=draw.seed())
        yield Case(label, x=draw.uniform(0.1, 1.0, n, s, s), generator=generator)


def _weights(draw: Draw) -> Iterator[Case]:
    yield Case("one small image", W=draw.normal(1, 3, 3))
    yield Case("an image of even size", W=draw.normal(1, 6, 6))
    yield Case("two images, one of large weights", W=draw.normal(2, 5, 5) * [[[1.0]], [[8.0]]])
    yield Case("several images", W=draw.normal(3, 7, 7) + 2.0)
    yield Case("larger images", W=draw.normal(2, 9, 9))


def _without_corners(W: np.ndarray) -> np.ndarray:
    """Other numbers in the four corners of each image."""
    changed = W.copy()
    changed[:, [0, 0, -1, -1], [0, -1, 0, -1]] += 3.0
    return changed


def _copies(size: int) -> np.ndarray:
    """Equal images with one bright spot to the right of the centre."""
    image = np.zeros((60, size, size))
    image[:, size // 2, -2] = 1.0
    return image


def _angles_of(turned: np.ndarray) -> np.ndarray:
    """In which direction the spot of each image lies, in degrees."""
    s = turned.shape[1]
    down, right = np.mgrid[:s, :s] - (s - 1) / 2
    light = turned - turned.min()
    return np.degrees(np.arctan2(-(light * down).sum((1, 2)), (light * right).sum((1, 2)))) % 360


_SIZE = 11


def _has_own_angles(f: Callable, x: np.ndarray, generator: Fixture) -> bool:
    angles = _angles_of(f(_copies(_SIZE), generator))
    return len(np.unique(angles.round())) > 20


def _covers_the_circle(f: Callable, x: np.ndarray, generator: Fixture) -> bool:
    angles = _angles_of(f(_copies(_SIZE), generator))
    return bool(np.histogram(angles, bins=4, range=(0, 360))[0].all())


def _keeps_background(f: Callable, x: np.ndarray, generator: Fixture) -> bool:
    black = f(np.zeros((5, 6, 6)), generator)
    return close(black, np.full_like(black, -MEAN / SD), 1e-4)


def _is_normalised(f: Callable, x: np.ndarray, generator: Fixture) -> bool:
    """A white disc stays a white disc."""
    down, right = np.mgrid[:15, :15] - 7.0
    white = (down**2 + right**2 <= 36).astype(np.float64)
    turned = f(np.repeat(white[None], 4, axis=0), generator)
    return close(turned[:, 7, 7], np.full(4, (1 - MEAN) / SD), 1e-4)


EXERCISE = Exercise(
    lab="augmentation-weights",
    title="Turns that print themselves into weights",
    question="Does augmentation print its symmetry into the weights?",
    background="""\
A classifier that only ever sees digits turned by random angles has no reason to prefer a
direction, and its weights become round. How round, a share of variance says: that between rings
around the centre.

The centre of an image of $s \\times s$ pixels lies at $(s - 1) / 2$, counted from the middle of the
first pixel.
""",
    arrays="torch",
    functions=(
        Function(
            solution=rotate_batch,
            cases=_turned,
            axes={"x": "nss", "angles": "n"},
            returns=Array("nss"),
            properties=(
                Property(
                    "a turn by 0 changes nothing",
                    lambda f, x, angles: close(f(x, 0 * angles), x, 1e-4),
                    "Where does the centre of an image lie, counted in pixels?",
                ),
                Property(
                    "an image does not feel the angles of others",
                    lambda f, x, angles: close(f(x[-1:], angles[-1:]), f(x, angles)[-1:], 1e-4),
                    "Each image has an angle of its own.",
                ),
            ),
            reference=sampled,
            tolerance=Tolerance(double=1e-6, single=1e-3),
            mistakes=(
                Mistake(
                    "one angle per batch",
                    like(lambda x, angles: sampled(x, np.full_like(angles, angles[0]))),
                    "Each image has an angle of its own.",
                ),
                Mistake(
                    "turned the other way",
                    like(lambda x, angles: sampled(x, angles, sign=-1.0)),
                    "Counter-clockwise, as it is seen. Rows are counted downwards.",
                ),
                Mistake(
                    "interpolation off-centre",
                    like(lambda x, angles: sampled(x, angles, centre=0.5)),
                    "Half of the size is half a pixel away from the centre.",
                ),
                Mistake(
                    "degrees taken for radians",
                    like(lambda x, angles: sampled(x, np.rad2deg(angles))),
                    "In which unit do sine and cosine take an angle?",
                ),
            ),
            hint="Which place of the old image does the first pixel of the new one come from?",
            example="rotate_batch(torch.arange(4.0).reshape(1, 2, 2), torch.tensor([90.0]))",
        ),
        Function(
            solution=augment,
            cases=_augmented,
            axes={"x": "nss"},
            returns=Array("nss"),
            properties=(
                Property(
                    "black images stay background everywhere",
                    _keeps_background,
                    "Which value has background in the result? What comes in has the same.",
                ),
                Property(
                    "the middle of a white disc stays white",
                    _is_normalised,
                    "Mean and standard deviation of the docstring, in this order.",
                ),
                Property(
                    "equal images are turned by different angles",
                    _has_own_angles,
                    "How many angles are drawn, and for how many images?",
                ),
                Property(
                    "angles cover the whole circle",
                    _covers_the_circle,
                    "Some directions never occur. Which angles can be drawn?",
                ),
            ),
            mistakes=(
                Mistake(
                    "normalised before rotating",
                    fails("black images stay background everywhere"),
                    "After normalising, background is no longer what a rotation fills with. "
                    "Which of the two comes first?",
                ),
                Mistake(
                    "one angle per batch",
                    fails("equal images are turned by different angles"),
                    "One angle for all images of a batch is far less augmentation.",
                ),
                Mistake(
                    "half of the circle",
                    fails("angles cover the whole circle"),
                    "Turns by less than half a circle are no group: two of them make one that "
                    "is not among them.",
                ),
            ),
            hint="Draw an angle for each image, turn, and normalise.",
            task="Use `rotate_batch`.",
            example="augment(torch.rand(2, 5, 5), torch.Generator().manual_seed(0))",
        ),
        Function(
            solution=radial_share,
            cases=_weights,
            axes={"W": "kss"},
            returns=Number(),
            properties=(
                Property(
                    "adding a number to every weight changes nothing",
                    lambda f, W: close(f(W + 1.0), f(W), 1e-3),
                    "Variance is about differences from the mean.",
                ),
                Property(
                    "corners do not count",
                    lambda f, W: close(f(_without_corners(W)), f(W), 1e-3),
                    "A corner of the square is not in the disc.",
                ),
            ),
            reference=share_between_rings,
            tolerance=Tolerance(double=1e-6, single=1e-3),
            mistakes=(
                Mistake(
                    "every image on a scale of its own",
                    like(lambda W: share_between_rings(W, scaled=True)),
                    "Scaled one by one, a faint image counts as much as a strong one. Sum before "
                    "you divide.",
                ),
                Mistake(
                    "the whole square",
                    like(lambda W: share_between_rings(W, whole=True)),
                    "A corner of the square is not in the disc.",
                ),
                Mistake(
                    "rings off-centre",
                    like(lambda W: share_between_rings(W, centre=0.5)),
                    "Half of the size is half a pixel away from the centre.",
                ),
            ),
            valid=lambda W: W.shape[1] > 2 and bool((W.std(axis=(1, 2)) > 0).all()),
            hint="Replace each pixel of the disc by the mean of its ring, and compare variances.",
            example="radial_share(torch.rand(1, 5, 5))",
        ),
    ),
)
