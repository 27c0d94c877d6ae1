"""Transforms of images against a plain loop in float64, and the laws of their groups."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gramian.symmetry import Flip, ImageTransform, Rotation, Translation
from gramian.symmetry.transforms import _pixel_transform

SEED = 7


def images(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(SEED), dtype=dtype)


def bilinear(image: Tensor, y: float, x: float, fill: float, wrap: bool) -> float:
    """The value between four pixels, one at a time."""
    height, width = image.shape
    total = 0.0
    for i in (math.floor(y), math.floor(y) + 1):
        for j in (math.floor(x), math.floor(x) + 1):
            weight = (1 - abs(y - i)) * (1 - abs(x - j))
            inside = 0 <= i < height and 0 <= j < width
            value = float(image[i % height, j % width]) if inside or wrap else fill
            total += weight * value
    return total


def turned_slowly(image: Tensor, degrees: float, fill: float) -> Tensor:
    height, width = image.shape
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    out = torch.empty_like(image)
    for i in range(height):
        for j in range(width):
            # right and up from the centre; the place that turns to here lies clockwise of it
            right, up = j - (width - 1) / 2, (height - 1) / 2 - i
            source_right, source_up = cos * right + sin * up, -sin * right + cos * up
            y, x = (height - 1) / 2 - source_up, source_right + (width - 1) / 2
            out[i, j] = bilinear(image, y, x, fill, wrap=False)
    return out


def shifted_slowly(image: Tensor, dy: float, dx: float, fill: float, wrap: bool) -> Tensor:
    out = torch.empty_like(image)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            out[i, j] = bilinear(image, i - dy, j - dx, fill, wrap)
    return out


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 5), (4, 7), (6, 3)], ids=str)
@pytest.mark.parametrize("fill", [0.0, -0.42])
def test_rotation_is_the_plain_loop(shape: tuple[int, int], fill: float) -> None:
    angles = torch.tensor([0.0, 15.0, 90.0, -37.5, 180.0, 300.0, 1000.0], dtype=torch.float64)
    x = images(len(angles), 2, *shape)
    turned = Rotation(angles, fill=fill)(x)
    for i, angle in enumerate(angles.tolist()):
        for channel in range(2):
            truth = turned_slowly(x[i, channel], angle, fill)
            torch.testing.assert_close(turned[i, channel], truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (5, 5), (4, 7)], ids=str)
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("fill", [0.0, -0.42])
def test_translation_is_the_plain_loop(shape: tuple[int, int], wrap: bool, fill: float) -> None:
    dy = torch.tensor([0.0, 1.0, -2.0, 0.25, -1.25, 9.0, 0.75], dtype=torch.float64)
    dx = torch.tensor([0.0, 0.0, 3.0, 1.5, -0.25, 0.125, -20.0], dtype=torch.float64)
    x = images(len(dy), *shape)
    moved = Translation(dy, dx, fill=fill, wrap=wrap)(x)
    for i in range(len(dy)):
        truth = shifted_slowly(x[i], float(dy[i]), float(dx[i]), fill, wrap)
        torch.testing.assert_close(moved[i], truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [1, 4, 7])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.float16, torch.float32], ids=str)
def test_quarter_turns_keep_every_bit(size: int, dtype: torch.dtype) -> None:
    x = (images(5, 3, size, size) * 255).to(dtype)
    turned = Rotation([0.0, 90.0, 180.0, 270.0, -450.0])(x)
    assert turned.dtype == dtype
    for i, k in enumerate((0, 1, 2, 3, -5)):
        assert torch.equal(turned[i], x[i].rot90(k, (-2, -1)))
    assert torch.equal(Rotation(270.0)(x), x.rot90(3, (-2, -1)))


def test_whole_images_among_turned_ones_keep_every_bit() -> None:
    x = images(3, 6, 6, dtype=torch.float32) - 1e6
    turned = Rotation([90.0, 45.0, 0.0], fill=0.1)(x)
    assert torch.equal(turned[0], x[0].rot90())
    assert torch.equal(turned[2], x[2])
    moved = Translation([1.0, 0.5, 0.0], [2.0, 0.0, 0.0], wrap=True)(x)
    assert torch.equal(moved[0], x[0].roll((1, 2), (0, 1)))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(-9, 9), st.integers(-9, 9), st.booleans())
def test_whole_shifts_move_pixels(height: int, width: int, dy: int, dx: int, wrap: bool) -> None:
    x = (images(2, height, width) * 255).to(torch.uint8)
    moved = Translation(dy, [dx, -dx], wrap=wrap, fill=7)(x)
    for i, right in enumerate((dx, -dx)):
        for row in range(height):
            for column in range(width):
                source = row - dy, column - right
                inside = 0 <= source[0] < height and 0 <= source[1] < width
                wrapped = int(x[i, source[0] % height, source[1] % width])
                assert moved[i, row, column] == (wrapped if inside or wrap else 7)


@pytest.mark.parametrize(
    ("axis", "dims"), [("horizontal", (-1,)), ("vertical", (-2,)), ("both", (-2, -1))]
)
def test_flips(axis: str, dims: tuple[int, ...]) -> None:
    x = images(3, 2, 4, 5)
    assert torch.equal(Flip(axis)(x), x.flip(dims))
    assert torch.equal(Flip(axis)(x[:, 0]), x[:, 0].flip(dims))
    some = Flip(axis, where=[True, False, True])
    assert torch.equal(some(x)[::2], x[::2].flip(dims))
    assert torch.equal(some(x)[1], x[1])


EXACT: dict[str, Callable[[], ImageTransform]] = {
    "flips": lambda: Flip.random(6, "vertical", random_state=0),
    "turns": lambda: Rotation([0.0, 90.0, 180.0, 270.0, 90.0, -90.0]),
    "one turn": lambda: Rotation(90.0),
    "shifts": lambda: Translation.random(6, 5, wrap=True, random_state=0),
    "all": lambda: (
        Flip("both") @ Rotation(90.0) @ Translation.random(6, 3, wrap=True, random_state=1)
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_transforms_are_undone_to_the_last_bit(name: str) -> None:
    g, x = EXACT[name](), images(6, 8, 8, dtype=torch.float32)
    assert torch.equal(g.inverse(g(x)), x)
    assert torch.equal(g(g.inverse(x)), x)
    assert g.floor(x) == 0.0
    assert bool(g.is_exact(8, 8).all())
    kept = x.clone()
    g(x)
    assert torch.equal(x, kept)


@pytest.mark.parametrize("name", EXACT)
def test_some_of_the_images(name: str) -> None:
    g, x = EXACT[name](), images(6, 5, 5)
    for rows in (slice(1, 4), torch.tensor([5, 0, 0]), torch.arange(6) % 2 == 1):
        assert torch.equal(g[rows](x[rows]), g(x)[rows])
    assert torch.equal(g[3](x)[3], g(x)[3])


def test_a_product_is_one_transform_where_it_can_be() -> None:
    x = images(2, 9, 9)
    g = Rotation(20.0) @ Rotation([10.0, -20.0])
    assert isinstance(g, Rotation)
    torch.testing.assert_close(g(x), Rotation([30.0, 0.0])(x))
    shift = Translation(1.5, 0.0, wrap=True) @ Translation(0.5, [1.0, 2.0], wrap=True)
    assert isinstance(shift, Translation)
    assert torch.equal(shift(x), Translation(2.0, [1.0, 2.0], wrap=True)(x))
    flip = Flip(where=[True, False]) @ Flip(where=[True, True])
    assert isinstance(flip, Flip)
    assert flip.where.tolist() == [False, True]


def test_a_product_does_the_last_first() -> None:
    x = images(2, 6, 6)
    g, h = Rotation(90.0), Flip("vertical")
    for product in (g @ h, Rotation(90.0) @ Rotation(0.0, fill=1.0) @ h):
        assert torch.equal(product(x), g(h(x)))
        assert not torch.equal(product(x), h(g(x)))
        assert torch.equal(product.inverse(x), h.inverse(g.inverse(x)))
    assert repr(g @ h) == "Rotation(90) @ Flip('vertical')"
    assert (g @ h).group == "C4 and C2"
    assert (g @ Translation([1.0, 2.0])).n_samples == 2
    with pytest.raises(TypeError):
        g @ 3


def test_groups() -> None:
    assert Rotation(0.0).group == "C1"
    assert Rotation([180.0, -180.0]).group == "C2"
    assert Rotation([120.0, 360 / 7]).group == "C21"
    assert Rotation.random(5, random_state=0).group == "SO(2)"
    assert Translation(1, [2.0, 3.0]).group == "Z^2"
    assert Translation(0.5, 1).group == "R^2"
    assert Flip().group == "C2"
    assert Flip(where=False).group == "C1"
    assert repr(Rotation([1.0, 2.0])) == "Rotation(<2>)"
    assert repr(Translation(1, -2)) == "Translation(1, -2)"
    assert repr(Translation([1.0, 2.0])) == "Translation(<2>)"
    assert repr(Flip(where=[True])) == "Flip('horizontal', <1>)"


def test_the_floor_is_that_of_all_pairs() -> None:
    x, g = images(5, 6, 6), Rotation([10.0, 45.0, 90.0, 200.0, 33.0])
    lost = (g.inverse(g(x)) - x).flatten(1).square().sum(1).mean()
    pairs = [(x[i] - x[j]).square().sum() for i in range(5) for j in range(5) if i != j]
    assert g.floor(x) == pytest.approx(float((lost / torch.stack(pairs).mean()).sqrt()))
    assert g.floor(x) > 0.01
    assert Translation(3, 0).floor(x) > 0.1  # what left the image does not come back


def test_random_parameters() -> None:
    g = Rotation.random(4000, -15.0, 45.0, random_state=3)
    assert g.degrees.dtype == torch.float64
    assert -15 <= float(g.degrees.min()) < -14
    assert 44 < float(g.degrees.max()) < 45
    assert torch.equal(g.degrees, Rotation.random(4000, -15.0, 45.0, random_state=3).degrees)
    whole = Translation.random(4000, 2, random_state=3)
    assert whole.dy.unique().tolist() == whole.dx.unique().tolist() == [-2, -1, 0, 1, 2]
    smooth = Translation.random(4000, 2.5, whole=False, random_state=3)
    assert 2.4 < float(smooth.dx.abs().max()) <= 2.5
    assert (
        0.2 < float(Flip.random(4000, probability=0.25, random_state=3).where.double().mean()) < 0.3
    )


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    x = images(7, 2, 6, 6)
    transforms: list[ImageTransform] = [
        Rotation.random(7, random_state=0),
        Rotation(20.0),
        Translation.random(7, 3, random_state=0),
        Translation([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]),
    ]
    transforms_whole = [g(x) for g in transforms]
    monkeypatch.setattr(_pixel_transform, "_BLOCK", 80)  # two images
    for g, whole in zip(transforms, transforms_whole, strict=True):
        assert torch.equal(g(x), whole)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_precision(dtype: torch.dtype) -> None:
    x = images(3, 28, 28)
    g = Rotation([10.0, 20.0, 30.0])
    turned = g(x.to(dtype))
    assert turned.dtype == dtype
    tolerance = 4 * torch.finfo(dtype).eps if dtype != torch.float32 else 1e-5
    torch.testing.assert_close(turned.double(), g(x), rtol=0, atol=tolerance)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_gradients_reach_images_and_parameters(interpolation: str) -> None:
    x = images(2, 5, 5).requires_grad_()
    angles = torch.tensor([10.3, 90.0], dtype=torch.float64, requires_grad=True)
    shift = torch.tensor([0.3, 0.7], dtype=torch.float64, requires_grad=True)

    def turn(x: Tensor, angles: Tensor) -> Tensor:
        return Rotation(angles, interpolation=interpolation)(x)

    def move(x: Tensor, shift: Tensor) -> Tensor:
        return Translation(shift, 0.2, interpolation=interpolation, wrap=True)(x)

    assert torch.autograd.gradcheck(turn, (x, torch.tensor([10.3, 33.3], dtype=torch.float64)))
    assert torch.autograd.gradcheck(move, (x, shift))
    turn(x, angles).sum().backward()
    assert angles.grad is not None
    assert bool(angles.grad.isfinite().all())


def keys(t: float) -> float:
    """The cubic convolution kernel with a = −0.75."""
    t, a = abs(t), -0.75
    if t < 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * (t**3 - 5 * t**2 + 8 * t - 4) if t < 2 else 0.0


def test_bicubic_and_nearest_are_the_plain_loop() -> None:
    x = images(1, 6, 1)
    cubic = Translation(0.25, 0.0, wrap=True, interpolation="bicubic")(x)
    nearest = Translation(-0.75, 0.0, wrap=True, interpolation="nearest")(x)
    for i in range(6):
        truth = sum(keys(i - 0.25 - j) * float(x[0, j % 6, 0]) for j in range(-3, 9))
        assert float(cubic[0, i, 0]) == pytest.approx(truth)
        assert nearest[0, i, 0] == x[0, (i + 1) % 6, 0]
