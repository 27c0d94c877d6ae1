"""The studies run, judge themselves, and draw."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest
from benchmarks.studies import clusters, density, growth, problems, scale, solvers
from benchmarks.studies.memory import watched
from numpy.typing import NDArray


def test_draws_have_the_noise_and_the_values_that_they_say() -> None:
    for made in (problems.process(3000), problems.friedman(3000)):
        assert made.points.dtype == np.float32
        again = type(made)(**vars(made))
        np.testing.assert_array_equal(again.targets, made.targets)
        assert abs(made.new_values.mean()) < 0.5
    whole = problems.process(3000, noise=0.0)
    noisy = problems.process(3000, noise=0.3)
    assert (noisy.targets - whole.targets).std() == pytest.approx(0.3, rel=0.05)


def test_iterative_solvers_agree_with_the_dense_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert solvers.agreement(300)
    assert capsys.readouterr().out.count("\n") == 7

    def wrong(problem: problems.Problem) -> NDArray[np.float64]:
        return problem.new_values + 1.0

    monkeypatch.setattr(solvers, "dense_predictions", wrong)
    assert not solvers.agreement(300)


def test_more_rank_takes_fewer_steps_and_is_drawn(tmp_path: Path) -> None:
    assert solvers.rank(300, tmp_path)
    assert (tmp_path / "rank.png").read_bytes().startswith(b"\x89PNG")


def test_costs_are_fitted_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.cost(1600, tmp_path)
    assert "KernelPCA: seconds ~ rows^" in capsys.readouterr().out
    assert (tmp_path / "cost.png").read_bytes().startswith(b"\x89PNG")


def test_scale_prints_its_certificate_and_judges_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not scale.ridge(60, "64MiB")  # so few rows cannot know the function
    monkeypatch.setattr(scale, "GIB", 2**40)  # the tests around have memory of their own
    monkeypatch.setattr(scale, "ABOVE_NOISE", 10.0)
    assert scale.ridge(2000, "64MiB")
    assert scale.components(1600, "64MiB")
    shown = capsys.readouterr().out
    for words in ("relative residual", "x the noise", "MiB in all", "largest residual"):
        assert words in shown


def test_the_watched_memory_is_that_of_the_block() -> None:
    # pages of its own: the heap may have room left by the tests before
    with watched() as peak, mmap.mmap(-1, 2**27) as pages:
        held = np.frombuffer(pages)
        held += 1
        for _ in range(20):
            held.sum()
        del held  # the pages cannot be given back while an array shows them
    assert 100 * 2**20 < peak.growth < 400 * 2**20
    assert "MiB more than before" in str(peak)


def test_kmeans_takes_time_in_proportion_to_its_rows_and_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MOST_FOR_TEN", 1e9)
    assert clusters.scaling(20_000, "64MiB", tmp_path)
    assert (tmp_path / "kmeans-scaling.png").stat().st_size > 0
    assert "20,000 x 8, 64 clusters" in capsys.readouterr().out
    monkeypatch.setattr(growth, "MOST_FOR_TEN", 0.0)
    assert not clusters.scaling(20_000, "64MiB", tmp_path)


def test_kmeans_that_takes_more_than_its_memory_fails_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MOST_FOR_TEN", 1e9)
    monkeypatch.setattr(clusters, "parse_bytes", lambda *_: -1)
    assert not clusters.scaling(20_000, "64MiB", tmp_path)


def test_core_rows_of_dbscan_are_counted_wrong_or_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(density, "FEATURES", [2, 5])
    assert density.correctness(150, tmp_path)
    text = capsys.readouterr().out
    assert (tmp_path / "dbscan-correctness.md").read_text() == text
    rows = [line.split(" | ") for line in text.splitlines()[4:]]
    assert len(rows) == 6
    assert all(row[2:4] == ["0", "0"] for row in rows)
    monkeypatch.setattr(
        density, "_programs", lambda: [("gramian, float32", lambda X, eps: np.zeros(len(X), bool))]
    )
    assert not density.correctness(150, tmp_path)


def test_the_cost_of_dbscan_is_drawn_and_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MOST_FOR_TEN", 1e9)
    assert density.scaling(20_000, tmp_path)
    assert (tmp_path / "dbscan-scaling.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(growth, "MOST_FOR_TEN", 0.0)
    assert not density.scaling(20_000, tmp_path)
