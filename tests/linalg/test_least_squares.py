"""Dense least squares against the pseudo-inverse, for every shape and rank."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gramian.linalg import lstsq

SHAPES = [
    (1, 1, 1),
    (50, 10, 10),
    (50, 10, 4),
    (10, 50, 10),
    (10, 50, 3),
    (30, 30, 29),
    (65, 64, 1),
]


def table(draw: Any, n: int, d: int, rank: int) -> torch.Tensor:
    found: torch.Tensor = draw(n, rank) @ draw(rank, d)
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_solution_is_that_of_the_pseudo_inverse(
    draw: Any, shape: tuple[int, int, int], dtype: torch.dtype
) -> None:
    n, d, rank = shape
    A, b = table(draw, n, d, rank).to(dtype), draw(n, 3).to(dtype)
    solution, found, values = lstsq(A, b)
    wide = torch.linalg.svdvals(A.double())
    cut = max(n, d) * torch.finfo(dtype).eps * wide[0]
    expected = torch.linalg.pinv(A.double(), atol=float(cut)) @ b.double()
    assert found == rank
    assert solution.dtype == values.dtype == dtype
    scale = 1e3 * torch.finfo(dtype).eps * float(wide[0] / wide[rank - 1])
    assert (solution.double() - expected).norm() <= scale * expected.norm()
    torch.testing.assert_close(values.double(), wide, rtol=0, atol=float(1e2 * cut / max(n, d)))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 12), st.integers(0, 10**6))
def test_no_vector_is_better_and_none_so_good_is_shorter(
    n: int, d: int, rank: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    left = torch.randint(-3, 4, (n, rank), generator=generator).double()
    A = left @ torch.randint(-3, 4, (rank, d), generator=generator).double()
    b = torch.randn(n, generator=generator, dtype=torch.float64)
    x, found, _ = lstsq(A, b)
    assert found == torch.linalg.matrix_rank(A)
    assert (A.T @ (A @ x - b)).norm() <= 1e-9 * (1 + A.norm() * b.norm())
    # least norm: nothing of x lies in the null space
    assert (x - torch.linalg.pinv(A) @ (A @ x)).norm() <= 1e-9 * (1 + x.norm())


@pytest.mark.parametrize("scale", [1e-170, 1e170])
def test_numbers_whose_squares_leave_the_range(draw: Any, scale: float) -> None:
    A, b = draw(20, 4), draw(20)
    expected = lstsq(A, b)[0] / scale
    torch.testing.assert_close(lstsq(A * scale, b)[0], expected, rtol=1e-10, atol=0)


def test_a_flat_right_hand_side_gives_a_flat_solution_and_zero_gives_zero(draw: Any) -> None:
    A, b = draw(9, 2), draw(9)
    torch.testing.assert_close(lstsq(A, b)[0], lstsq(A, b[:, None])[0][:, 0])
    solution, rank, _ = lstsq(torch.zeros(4, 3), torch.ones(4))
    assert rank == 0
    assert not solution.any()


def test_rcond_cuts_singular_values() -> None:
    A = torch.diag(torch.tensor([1.0, 1e-3]))
    assert lstsq(A, torch.ones(2), rcond=1e-2)[1] == 1
    assert lstsq(A, torch.ones(2), rcond=1e-4)[1] == 2


def test_inputs_are_not_changed(draw: Any) -> None:
    A, b = draw(6, 3), draw(6)
    before = A.clone(), b.clone()
    lstsq(A, b)
    assert torch.equal(A, before[0])
    assert torch.equal(b, before[1])


WRONG: dict[str, tuple[Any, Any, Any, type[Exception], str]] = {
    "rank of b": (torch.ones(3, 2), torch.ones(3, 1, 1), None, ValueError, "b must have shape"),
    "rank of A": (torch.ones(3), torch.ones(3), None, ValueError, "A must have shape"),
    "rows": (torch.ones(3, 2), torch.ones(4), None, ValueError, "as many rows as A"),
    "dtype": (torch.ones(3, 2), torch.ones(3).double(), None, ValueError, "the dtype of A"),
    "kind": (
        torch.ones(3, 2),
        torch.ones(3, dtype=torch.int64),
        None,
        TypeError,
        "b must be float",
    ),
    "device": (
        torch.ones(3, 2, device="meta"),
        torch.ones(3),
        None,
        ValueError,
        "the device of A",
    ),
    "NaN in b": (
        torch.ones(3, 2),
        torch.full((3,), torch.nan),
        None,
        ValueError,
        "b must be finite",
    ),
    "NaN in A": (
        torch.full((3, 2), torch.inf),
        torch.ones(3),
        None,
        ValueError,
        "A must be finite",
    ),
    "rcond": (torch.ones(3, 2), torch.ones(3), -1.0, ValueError, "rcond must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named(name: str) -> None:
    A, b, rcond, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        lstsq(A, b, rcond=rcond)
