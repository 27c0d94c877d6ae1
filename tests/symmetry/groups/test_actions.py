"""Actions: they multiply as the group does, and move what they say they move."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gramian.symmetry import (
    Action,
    Cyclic,
    Dihedral,
    FiniteGroup,
    MatrixAction,
    PermutationAction,
    Symmetric,
    cyclic_shifts,
    pixel_flips,
    pixel_shifts,
    pixel_turns,
    small_groups,
    square_symmetries,
)

ACTIONS: list[Action] = [
    cyclic_shifts(1),
    cyclic_shifts(6),
    pixel_shifts(3, 4),
    pixel_turns(3),
    pixel_turns(4),
    pixel_flips(2, 3, "horizontal"),
    pixel_flips(2, 3, "vertical"),
    pixel_flips(3, 2),
    square_symmetries(3),
    square_symmetries(4),
    Symmetric(4).natural(),
    Symmetric(3).regular(),
    Dihedral(4).trivial(3),
    Cyclic(5).plane(),
    Dihedral(6).plane(),
    Dihedral(1).plane(),
    small_groups(8)[-1].regular(),
]


@pytest.mark.parametrize("action", ACTIONS, ids=repr)
def test_an_action_is_a_homomorphism(action: Action) -> None:
    x = torch.randn(3, 2, action.size, dtype=torch.float64, generator=torch.Generator())
    orbit, group = action.orbit(x), action.group
    assert orbit.shape == (group.order, 3, 2, action.size)
    matrices = action.matrices()
    eye = torch.eye(action.size, dtype=torch.float64)
    torch.testing.assert_close(matrices @ matrices.mT, eye.expand_as(matrices))
    for g in range(group.order):
        torch.testing.assert_close(action.apply(g, x), orbit[g])
        torch.testing.assert_close(x @ matrices[g].T, orbit[g])
        for h in range(group.order):
            # (gh)x = g(hx)
            moved = action.apply(g, orbit[h])
            torch.testing.assert_close(moved, orbit[group.table[g, h]], rtol=0, atol=1e-14)
    assert torch.equal(orbit[0], x)


@pytest.mark.parametrize("action", ACTIONS, ids=repr)
def test_the_average_is_the_projection_on_what_nothing_moves(action: Action) -> None:
    x = torch.randn(5, action.size, dtype=torch.float64, generator=torch.Generator())
    mean = action.average(x)
    torch.testing.assert_close(action.orbit(mean), mean.expand(action.group.order, -1, -1))
    torch.testing.assert_close(action.average(mean), mean)
    # orthogonal: what is left has no part among the invariants
    torch.testing.assert_close(mean @ (x - mean).T, torch.zeros(5, 5, dtype=torch.float64))


MOVES: dict[str, tuple[Action, int, tuple[int, int], Callable[[Tensor], Tensor]]] = {
    "turn": (pixel_turns(5), 1, (5, 5), lambda x: x.rot90(1, (-2, -1))),
    "three turns": (pixel_turns(4), 3, (4, 4), lambda x: x.rot90(3, (-2, -1))),
    "shift": (pixel_shifts(3, 5), 7, (3, 5), lambda x: x.roll((1, 2), (-2, -1))),
    "horizontal": (pixel_flips(3, 5, "horizontal"), 1, (3, 5), lambda x: x.flip(-1)),
    "vertical": (pixel_flips(3, 5, "vertical"), 1, (3, 5), lambda x: x.flip(-2)),
    "both, 1": (pixel_flips(3, 5), 1, (3, 5), lambda x: x.flip(-1)),
    "both, 2": (pixel_flips(3, 5), 2, (3, 5), lambda x: x.flip(-2)),
    "both, 3": (pixel_flips(3, 5), 3, (3, 5), lambda x: x.flip(-2, -1)),
    "square, s": (square_symmetries(3), 4, (3, 3), lambda x: x.flip(-2)),
    "square, rs": (square_symmetries(4), 5, (4, 4), lambda x: x.flip(-2).rot90(1, (-2, -1))),
}


@pytest.mark.parametrize("case", MOVES)
def test_pixels_move_as_torch_moves_images(case: str) -> None:
    action, element, shape, move = MOVES[case]
    images = torch.arange(2.0 * math.prod(shape)).reshape(2, *shape)
    moved = action.apply(element, images.flatten(1)).reshape(2, *shape)
    assert torch.equal(moved, move(images))


@given(st.integers(1, 9), st.integers(0, 8))
def test_shifts_are_rolls(n: int, element: int) -> None:
    x = torch.arange(float(n))
    assert torch.equal(cyclic_shifts(n).apply(element % n, x), x.roll(element % n))


def test_turns_of_the_plane() -> None:
    x = torch.tensor([1.0, 0.0], dtype=torch.float64)
    orbit = Cyclic(12).plane().orbit(x)
    angles = 2 * math.pi * torch.arange(12, dtype=torch.float64) / 12
    torch.testing.assert_close(orbit, torch.stack([angles.cos(), angles.sin()], 1))
    assert Cyclic(4).plane().orbit(x).tolist() == [[1, 0], [0, 1], [-1, 0], [0, -1]]
    assert Dihedral(2).plane().matrices()[2].tolist() == [[1, 0], [0, -1]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("action", [cyclic_shifts(3), Cyclic(3).plane()], ids=repr)
def test_dtypes_are_kept(action: Action, dtype: torch.dtype) -> None:
    x = torch.ones(2, action.size, dtype=dtype)
    assert action.orbit(x).dtype == action.apply(1, x).dtype == action.average(x).dtype == dtype


@pytest.mark.parametrize("action", [cyclic_shifts(4), Cyclic(4).plane()], ids=repr)
def test_gradients_flow(action: Action) -> None:
    x = torch.randn(2, action.size, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(action.orbit, (x,))


def test_gradients_flow_after_inference() -> None:
    action = Cyclic(4).plane()
    x = torch.ones(2)
    with torch.inference_mode():
        action.orbit(x)
    x.requires_grad_()
    action.orbit(x).square().sum().backward()
    torch.testing.assert_close(x.grad, 8 * torch.ones(2))


def test_what_the_vectors_must_be() -> None:
    action = cyclic_shifts(3)
    with pytest.raises(TypeError, match=r"PermutationAction.orbit: x must be a floating tensor"):
        action.orbit(torch.arange(3))
    with pytest.raises(TypeError, match=r"must be a floating tensor, got list"):
        action.orbit([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"apply: x must have 3 entries .*, got shape \(4,\)"):
        action.apply(1, torch.ones(4))
    with pytest.raises(ValueError, match=r"apply: element must be an int in \[0, 2\], got 3"):
        action.apply(3, torch.ones(3))


def test_what_the_rows_must_be() -> None:
    with pytest.raises(ValueError, match="permutations must have one row for each of the 2 elem"):
        PermutationAction(Cyclic(2), [[0, 1]])
    with pytest.raises(ValueError, match="permutations must multiply as the group's elements do"):
        PermutationAction(Cyclic(3), [[0, 1, 2], [1, 0, 2], [0, 1, 2]])
    with pytest.raises(ValueError, match="permutations must multiply as the group's elements do"):
        PermutationAction(Cyclic(1), [[1, 0]])
    with pytest.raises(ValueError, match=r"matrices must have shape .*, got \(2, 2\)"):
        MatrixAction(Cyclic(2), [[1, 0], [0, 1]])
    with pytest.raises(TypeError, match="matrices must be an array of numbers, got list"):
        MatrixAction(Cyclic(2), [[[1.0]], [[1.0], [2.0]]])
    with pytest.raises(ValueError, match="matrices must be orthogonal"):
        MatrixAction(Cyclic(1), [[[2.0]]])
    with pytest.raises(ValueError, match="matrices must be orthogonal"):
        MatrixAction(Cyclic(1), [[[float("nan")]]])
    with pytest.raises(ValueError, match="matrices must multiply as the group's elements do"):
        MatrixAction(Cyclic(3), [[[1.0]], [[-1.0]], [[1.0]]])
    with pytest.raises(ValueError, match=r"FiniteGroup\.trivial: size must be an int in"):
        Cyclic(2).trivial(0)
    with pytest.raises(ValueError, match="pixel_flips: axis must be one of 'horizontal'"):
        pixel_flips(2, 2, "diagonal")


def test_what_was_given_may_change_afterwards() -> None:
    matrices = torch.eye(2, dtype=torch.float64)[None]
    rows = torch.tensor([[0, 1], [1, 0]])
    turn, group = MatrixAction(Cyclic(1), matrices), FiniteGroup(rows)
    matrices.zero_()
    rows.zero_()
    assert turn.matrices()[0].tolist() == [[1, 0], [0, 1]]
    assert group.elements.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: cyclic_shifts(0), "cyclic_shifts: n"),
        (lambda: pixel_shifts(0, 1), "pixel_shifts: height"),
        (lambda: pixel_shifts(1, 0), "pixel_shifts: width"),
        (lambda: pixel_turns(0), "pixel_turns: size"),
        (lambda: pixel_flips(1, 0), "pixel_flips: width"),
        (lambda: square_symmetries(0), "square_symmetries: size"),
    ],
)
def test_sizes_are_checked(build: Callable[[], Action], name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be an int in"):
        build()
