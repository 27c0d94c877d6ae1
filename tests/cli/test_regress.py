"""``gramian regress``, and ``gramian predict`` on what it saved; bad input included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.cli.conftest import summary_of

import gramian as gm
from gramian.cli.model import load_model
from gramian.data import read_table


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    """A CSV of a smooth function of two columns with noise of 0.1, and columns of other kinds."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, (150, 2))
    path = tmp_path / "wave.csv"
    pl.DataFrame(
        {
            "a": x[:, 0],
            "y": 50 + np.sin(x[:, 0]) * x[:, 1] + 0.1 * rng.normal(size=150),
            "b": x[:, 1],
            "w": rng.integers(0, 3, 150),
            "name": ["n"] * 150,
            "flat": np.ones(150),
        }
    ).write_csv(path)
    return path


def test_predictions_are_those_of_the_estimator(run, wave: Path) -> None:
    arguments = ("regress", wave, "--target", "y", "--columns", "a,b", "--weight", "w")
    summary = summary_of(run(*arguments, "--json", "-", "--out", "o.csv", "--save", "m"))
    made = pl.read_csv(wave.parent / "o.csv")
    assert made.columns[-1] == "prediction"
    assert made.drop("prediction").equals(pl.read_csv(wave))
    table = read_table(wave, columns=["a", "b"], label="y", weight="w", standardize=True)
    X = table.X.astype(np.float64)
    model = gm.KernelRidgeCV(
        np.geomspace(1e-6, 1e2, 13),
        kernel="rbf",
        bandwidths="auto",
        fit_intercept=True,
        random_state=0,
    ).fit(X, table.label, table.weight)
    np.testing.assert_allclose(made["prediction"], model.predict(X), rtol=1e-9)
    assert summary["parameters"]["used"]["alpha"] == model.alpha_
    assert summary["parameters"]["used"]["bandwidth"] == model.bandwidth_
    assert summary["leave_one_out"]["rmse"] ** 2 == pytest.approx(-model.best_score_)
    assert summary["leave_one_out"]["rmse"] < 0.15
    assert summary["leave_one_out"]["r2"] > 0.98
    assert summary["schema"] == "gramian.regress/1"
    assert len(summary["path"]["ridge"]) == 65
    assert load_model(str(wave.parent / "m")).algorithm == "regression"


@pytest.mark.parametrize("kernel", ["rbf", "laplacian", "linear"])
def test_the_saved_model_predicts_the_same_without_the_target(run, wave: Path, kernel: str) -> None:
    arguments = ("--target", "y", "--kernel", kernel, "--ridge", "0.01,1")
    assert run("regress", wave, *arguments, "--out", "o.csv", "--save", "m").code == 0
    pl.read_csv(wave).drop("y").write_csv(wave.parent / "new.csv")
    summary = summary_of(run("predict", "m", "new.csv", "--out", "p.csv", "--json", "-"))
    given, again = (pl.read_csv(wave.parent / f"{name}.csv") for name in ("o", "p"))
    assert again["prediction"].to_list() == given["prediction"].to_list()
    assert summary["prediction"]["max"] == max(again["prediction"])
    assert "clusters" not in summary
    words = run("predict", "m", "new.csv").out
    assert "150 rows predicted by a kernel ridge regression" in words


def test_the_report_the_words_and_the_python_program(
    run, wave: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("regress", "wave.csv", "--target", "y", "--out", "o.csv")
    summary = summary_of(run(*arguments, "--json", "-", "--report", "r.html"))
    page = (wave.parent / "r.html").read_text()
    for text in (
        "Prediction against truth",
        "Residuals",
        "The choice of ridge and bandwidth",
        "The 10 rows that the others predict worst",
        "gramian regress wave.csv --target y",
    ):
        assert text in page
    words = run(*arguments).out
    assert "target 'y'" in words
    assert "the best of 65 by leave-one-out" in words
    monkeypatch.chdir(wave.parent)
    names: dict = {}
    exec(summary["python"], names)
    made = pl.read_csv("o.csv")["prediction"]
    np.testing.assert_allclose(names["prediction"], made, rtol=1e-12)


def test_what_cannot_be_learnt_is_said(run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = {"a": rng.normal(size=40), "y": rng.normal(size=40)}
    pl.DataFrame(frame).write_csv(tmp_path / "noise.csv")
    words = run("regress", "noise.csv", "--target", "y", "--ridge", "0.001").out
    assert "no better than its mean" in words
    edge = run("regress", "noise.csv", "--target", "y", "--ridge", "1,10", "--bandwidth", "1").out
    assert "The ridge chosen is the last that was tried" in edge


def test_a_target_that_never_varies(run, tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("a,y\n1,5\n2,5\n3,5\n4,5\n")
    summary = summary_of(run("regress", "flat.csv", "--target", "y", "--json", "-"))
    assert summary["leave_one_out"]["r2"] is None
    assert summary["prediction"]["mean"] == pytest.approx(5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "z"], "must be a column of 'wave.csv'"),
        (["--target", "name"], "--target must be a column of numbers, got 'name'"),
        (["--target", "y", "--columns", "y"], "'y'"),
        (["--target", "y", "--ridge", "a"], "--ridge must be auto or numbers with commas"),
        (["--target", "y", "--ridge", "0"], "--ridge must be a finite number in (0"),
        (["--target", "y", "--bandwidth", "wide"], "--bandwidth must be auto or numbers"),
        (["--target", "y", "--bandwidth", "-1"], "--bandwidth must be a finite number in (0"),
        (
            ["--target", "y", "--kernel", "linear", "--bandwidth", "1"],
            "--bandwidth must be left out for --kernel linear",
        ),
        (["--target", "y", "--kernel", "wrong"], "'wrong' is not one of"),
        (["--target", "y", "--seed", "-1"], "--seed must be an int in"),
        (["--target", "y", "--columns", "flat"], "bandwidths must be given where all rows"),
        ([], "Missing option '--target'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input(run, wave: Path, arguments: list[str], message: str) -> None:
    outcome = run("regress", "wave.csv", *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert not outcome.out


def test_targets_must_be_finite_and_enough(run, tmp_path: Path) -> None:
    (tmp_path / "inf.csv").write_text("a,y\n1,5\n2,inf\n3,5\n")
    assert (
        "--target must be finite, got inf in row 2"
        in run("regress", "inf.csv", "--target", "y").err
    )
    (tmp_path / "two.csv").write_text("a,y\n1,5\n2,4\n")
    assert "at least 3 rows" in run("regress", "two.csv", "--target", "y").err
