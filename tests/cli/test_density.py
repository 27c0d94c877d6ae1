"""``gramian density``, and ``gramian predict`` on what it saved; bad input included."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.neighbors import KernelDensity as Theirs
from tests.cli.conftest import summary_of

import gramian as gm
from gramian.cli.model import load_model
from gramian.data import read_table

KERNELS = ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")


def test_values_are_those_of_scikit_learn_in_the_tables_own_units(run, blobs: Path) -> None:
    arguments = ("density", blobs, "--columns", "x,y", "--weight", "w", "--json", "-")
    summary = summary_of(run(*arguments, "--out", "o.csv"))
    made = pl.read_csv(blobs.parent / "o.csv")
    assert made.columns[-1] == "prediction"
    assert made.drop("prediction").equals(pl.read_csv(blobs))
    X = made.select("x", "y").to_numpy()
    scales = X.std(0)
    assert summary["parameters"]["used"]["bandwidth"] == pytest.approx(60 ** (-1 / 6))
    theirs = Theirs(bandwidth="scott").fit(X / scales).score_samples(X / scales)
    expected = theirs - np.log(scales).sum()
    np.testing.assert_allclose(made["prediction"].to_numpy(), expected, rtol=1e-9)
    assert summary["log_density"]["mean"] == pytest.approx(expected.mean())
    assert summary["schema"] == "gramian.density/1"
    assert summary["data"]["weight"] == "w"


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_and_the_saved_model(run, blobs: Path, kernel: str) -> None:
    arguments = ("--columns", "x,y", "--kernel", kernel, "--bandwidth", "0.7")
    assert run("density", blobs, *arguments, "--out", "o.csv", "--save", "m").code == 0
    given = pl.read_csv(blobs.parent / "o.csv")
    outcome = run("predict", "m", blobs, "--out", "p.csv", "--json", "-")
    summary = summary_of(outcome)
    again = pl.read_csv(blobs.parent / "p.csv")
    assert again["prediction"].to_list() == given["prediction"].to_list()
    assert summary["log_density"]["rows_of_density_zero"] == 0
    assert "clusters" not in summary
    assert load_model(str(blobs.parent / "m")).algorithm == "density"


def test_new_rows_far_away_are_counted_and_json_stays_json(run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n0\n1\n2\n")
    (tmp_path / "far.csv").write_text("x\n1\n1000\n")
    options = ("--kernel", "tophat", "--bandwidth", "1", "--no-standardize")
    assert run("density", "a.csv", *options, "--save", "m").code == 0
    summary = summary_of(run("predict", "m", "far.csv", "--json", "-", "--out", "o.csv"))
    assert summary["log_density"]["rows_of_density_zero"] == 1
    assert pl.read_csv(tmp_path / "o.csv")["prediction"].to_list()[1] == -np.inf
    words = run("predict", "m", "far.csv").out
    assert "2 rows scored by a kernel density" in words
    assert "rows of density zero" in words


def test_weights_are_saved_and_count(run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("x,w\n0,3\n1,0\n5,1\n")
    (tmp_path / "r.csv").write_text("x\n0\n0\n0\n5\n")
    options = ("--columns", "x", "--bandwidth", "2", "--no-standardize")
    assert run("density", "w.csv", "--weight", "w", *options, "--save", "mw").code == 0
    assert run("density", "r.csv", *options, "--save", "mr").code == 0
    for model in ("mw", "mr"):
        assert run("predict", model, "w.csv", "--out", f"{model}.csv").code == 0
    weighted, repeated = (pl.read_csv(tmp_path / f"{name}.csv") for name in ("mw", "mr"))
    np.testing.assert_allclose(weighted["prediction"], repeated["prediction"], rtol=1e-12)


def test_loo_and_the_python_program(run, blobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--bandwidth", "loo", "--columns", "x,y", "--json", "-", "--out", "o.csv")
    summary = summary_of(run("density", blobs, *arguments))
    X = read_table(blobs, columns=["x", "y"], standardize=True).X
    expected = gm.KernelDensity(bandwidth="loo").fit(X)
    assert summary["parameters"]["used"]["bandwidth"] == pytest.approx(expected.bandwidth_)
    monkeypatch.chdir(blobs.parent)
    names: dict = {}
    exec(summary["python"], names)
    np.testing.assert_allclose(
        names["log_density"], pl.read_csv(blobs.parent / "o.csv")["prediction"], rtol=1e-10
    )
    shift = np.log(X.std(0)).sum() - summary["leave_one_out_mean"]
    assert np.isfinite(shift)


def test_rows_that_lie_on_themselves_alone_are_a_caution(run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pl.DataFrame(rng.normal(size=(40, 12))).write_csv(tmp_path / "wide.csv")
    said = "its own bump"
    assert said in run("density", "wide.csv").out
    pl.DataFrame(rng.normal(size=(400, 1))).write_csv(tmp_path / "tall.csv")
    assert said not in run("density", "tall.csv").out
    (tmp_path / "equal.csv").write_text("a\n1\n1\n")
    outcome = run("density", "equal.csv")
    assert outcome.code == 0
    assert "mean from the others  none" in outcome.out


@pytest.mark.parametrize("columns", ["x", "x,y", "x,y,w"])
def test_the_report_is_whole(run, blobs: Path, columns: str) -> None:
    outcome = run("density", blobs, "--columns", columns, "--report", "r.html")
    assert outcome.code == 0, outcome.err
    page = (blobs.parent / "r.html").read_text()
    for text in (
        "Log densities of the rows",
        "Each column alone",
        "rows of least density",
        "gramian density",
        "KernelDensity",
        "SHA-256",
    ):
        assert text in page
    assert ("The density" in page) == ("," in columns)
    assert 'src="http' not in page


BAD = {
    "bandwidth is text": (("--bandwidth", "wide"), "--bandwidth must be a number, 'scott',"),
    "bandwidth = 0": (("--bandwidth", "0"), "--bandwidth must be a finite number in (0, inf)"),
    "bandwidth < 0": (("--bandwidth=-1",), "--bandwidth must be a finite number in (0, inf)"),
    "bandwidth is NaN": (("--bandwidth", "nan"), "--bandwidth must be a finite number"),
    "kernel": (("--kernel", "round"), "'--kernel'"),
    "seed": (("--seed", "-1"), "--seed must be an int in [0, 4294967295], got -1."),
    "memory": (("--memory", "1MiB"), "memory must be at least 8 MiB"),
    "column": (("--columns", "q"), "must be a column of 'd.csv', got"),
    "text column": (("--columns", "t"), "column 't' of 'd.csv' must hold numbers"),
    "negative weight": (("--weight", "v"), "must be finite and >= 0, got -1.0 in"),
    "no folder": (("--out", "no/o.csv"), "--out must be in an existing folder"),
    "loo of equal rows": (("--columns", "e", "--bandwidth", "loo"), "two rows that differ"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line(run, tmp_path: Path, options, message: str) -> None:
    (tmp_path / "d.csv").write_text("a,t,v,e\n1,x,-1,1\n2,y,1,1\n4,z,1,1\n")
    outcome = run("density", "d.csv", *options)
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_broken_models_are_refused(run, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    (tmp_path / "d.csv").write_text("a\n1\n2\n4\n")
    assert run("density", "d.csv", "--save", "m").code == 0
    arrays = load_file(tmp_path / "m")
    facts = load_model(str(tmp_path / "m")).facts
    arrays["weights"] = np.ones(2)
    save_file(arrays, tmp_path / "bad", {"gramian": json.dumps(facts)})
    outcome = run("predict", "bad", "d.csv")
    assert outcome.code == 2
    assert "arrays that do not match their checksum" in outcome.err
