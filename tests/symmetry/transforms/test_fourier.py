"""Band-limited interpolation: exact on waves, undone by the inverse, close to a turned bump."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from gramian.symmetry import ImageTransform, Rotation, Translation


def places(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Right and up from the centre."""
    y = (height - 1) / 2 - torch.arange(height, dtype=torch.float64)
    x = torch.arange(width, dtype=torch.float64) - (width - 1) / 2
    x, y = torch.broadcast_tensors(x, y[:, None])
    return x, y


def bump(size: int, right: float, up: float, spread: float) -> Tensor:
    x, y = places(size, size)
    return torch.exp(-((x - right) ** 2 + (y - up) ** 2) / (2 * spread**2))


def test_waves_move_as_a_whole() -> None:
    x, y = places(12, 9)
    for ky in range(6):  # 6 would be the wave of alternating signs
        for kx in range(5):
            dy = torch.tensor([0.3, -7.75], dtype=torch.float64)
            dx = torch.tensor([1.5, 20.1], dtype=torch.float64)

            def wave(y: Tensor, x: Tensor, ky: int = ky, kx: int = kx) -> Tensor:
                return torch.cos(2 * math.pi * (ky * y / 12 + kx * x / 9) + 0.4)

            moved = Translation(dy, dx, wrap=True, interpolation="fourier")(
                wave(y, x).expand(2, 12, 9)
            )
            # down is against y
            truth = wave(y + dy[:, None, None], x - dx[:, None, None])
            torch.testing.assert_close(moved, truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("degrees", [10.0, 45.0, 70.0, 135.0, -100.0, 200.0, 359.0])
def test_a_bump_turns(degrees: float) -> None:
    radius, start = 5.0, 20.0
    angle = math.radians(start + degrees)
    before = bump(
        29, radius * math.cos(math.radians(start)), radius * math.sin(math.radians(start)), 1.5
    )
    after = bump(29, radius * math.cos(angle), radius * math.sin(angle), 1.5)
    turned = Rotation([degrees], interpolation="fourier")(before[None])[0]
    torch.testing.assert_close(turned, after, rtol=0, atol=1e-4)
    between = Rotation([degrees])(before[None])[0]
    assert (between - after).abs().max() > 100 * (turned - after).abs().max()


TRANSFORMS: list[ImageTransform] = [
    Rotation([10.0, 45.0, 170.0, -33.0], interpolation="fourier"),
    Translation([0.5, 1.25, 0.0, -9.9], 0.3, wrap=True, interpolation="fourier"),
]


@pytest.mark.parametrize("g", TRANSFORMS, ids=repr)
def test_going_back_undoes_it(g: ImageTransform) -> None:
    generator = torch.Generator().manual_seed(0)
    odd = torch.rand(4, 2, 11, 11, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(g.inverse(g(odd)), odd, rtol=0, atol=1e-12)
    assert g.floor(odd) < 1e-12
    torch.testing.assert_close(g(odd.float()).double(), g(odd), rtol=0, atol=1e-5)


@pytest.mark.parametrize("g", TRANSFORMS, ids=repr)
def test_one_parameter_is_the_same_for_all(g: ImageTransform) -> None:
    x = torch.rand(4, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(g[1](x)[1], g(x)[1])


def test_gradients_reach_images_and_parameters() -> None:
    x = torch.rand(2, 5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    angles = torch.tensor([0.0, 37.0], dtype=torch.float64, requires_grad=True)

    def turn(x: Tensor, angles: Tensor) -> Tensor:
        return Rotation(angles, interpolation="fourier")(x)

    def move(x: Tensor, shift: Tensor) -> Tensor:
        return Translation(0.1, shift, wrap=True, interpolation="fourier")(x)

    for function in (turn, move):
        assert torch.autograd.gradcheck(function, (x, angles))
