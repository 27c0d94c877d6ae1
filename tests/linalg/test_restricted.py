"""The restricted regression, by one triangle and by sketched LSMR, against dense least squares."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gramian as gm
from gramian.linalg import DenseOperator, solve_restricted


def truth(table: Tensor, core: Tensor, b: Tensor, ridge: float) -> Tensor:
    """Fitted values from a singular value decomposition of the stacked problem."""
    values, vectors = torch.linalg.eigh(core)
    kept = values > len(core) * 2.3e-16 * values[-1]
    basis = vectors[:, kept] / values[kept].sqrt()
    below = ridge**0.5 * torch.eye(int(kept.sum())).double()
    stacked = torch.cat([table @ basis, below])
    target = torch.cat([b, b.new_zeros(len(below), b.shape[1])])
    found: Tensor = table @ (basis @ (torch.linalg.pinv(stacked, rtol=1e-14) @ target))
    return found


@pytest.mark.parametrize("most", [2048, 10], ids=["triangle", "sketch"])
@pytest.mark.parametrize("ridge", [1.0, 1e-4, 1e-8, 0.0])
def test_fitted_values_are_the_dense_ones(
    gaussian: Any, draw: Any, seed: Any, monkeypatch: pytest.MonkeyPatch, most: int, ridge: float
) -> None:
    monkeypatch.setattr("gramian.linalg.restricted._DIRECT", most)
    K = gaussian(203, repeated=40)
    landmarks = torch.arange(0, 203, 3)  # some of them are repeated rows
    table, core, b = K[:, landmarks], K[landmarks][:, landmarks], draw(203, 2)
    found = solve_restricted(
        DenseOperator(table), core, b, ridge=ridge, generator=seed(), tol=1e-10
    )
    assert found.converged
    expected = truth(table, core, b, ridge)
    assert (table @ found.coefficients - expected).norm() <= 1e-5 * expected.norm()


def test_all_rows_as_landmarks_give_the_full_solution(gaussian: Any, draw: Any, seed: Any) -> None:
    K, b = gaussian(90), draw(90, 1)
    found = solve_restricted(DenseOperator(K), K, b, ridge=0.5, generator=seed())
    expected = torch.linalg.solve(K + 0.5 * torch.eye(90).double(), b)
    assert (K @ (found.coefficients - expected)).norm() <= 1e-8 * b.norm()


def test_budgets(gaussian: Any, draw: Any, seed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gramian.linalg.restricted._DIRECT", 10)
    K, b = gaussian(60), draw(60, 1)
    table, core = DenseOperator(K[:, :20]), K[:20, :20]
    stopped = solve_restricted(table, core, b, ridge=0.0, generator=seed(), max_iterations=1)
    assert not stopped.converged
    assert "max_iterations=1" in stopped.reason
    with gm.config_context(memory="8MiB"):
        wide = torch.eye(600).double()
        with pytest.raises(gm.MemoryBudgetError, match="600 landmarks"):
            solve_restricted(DenseOperator(wide), wide, draw(600, 1), ridge=1.0, generator=seed())
    with pytest.raises(ValueError, match="ridge must be"):
        solve_restricted(table, core, b, ridge=-1.0, generator=seed())
