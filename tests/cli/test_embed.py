"""``gramian embed``, and ``gramian predict`` on what it saved; bad input included."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.decomposition import KernelPCA as Theirs
from tests.cli.conftest import summary_of

import gramian as gm
from gramian.cli.model import load_model
from gramian.data import read_table


def test_components_are_those_of_scikit_learn(run, blobs: Path) -> None:
    arguments = ("--columns", "x,y", "--label", "class", "--bandwidth", "1.5", "--components", "3")
    summary = summary_of(run("embed", blobs, *arguments, "--json", "-", "--out", "o.csv"))
    made = pl.read_csv(blobs.parent / "o.csv")
    assert made.columns[-3:] == ["component1", "component2", "component3"]
    assert made.select(pl.exclude("^component.$")).equals(pl.read_csv(blobs))
    X = made.select("x", "y").to_numpy()
    X = (X - X.mean(0)) / X.std(0)
    theirs = Theirs(3, kernel="rbf", gamma=1 / (2 * 1.5**2), eigen_solver="dense").fit_transform(X)
    np.testing.assert_allclose(np.abs(made[:, -3:].to_numpy()), np.abs(theirs), atol=1e-6)
    parts = summary["components"]
    assert [part["component"] for part in parts] == [1, 2, 3]
    np.testing.assert_allclose([p["eigenvalue"] for p in parts], (theirs**2).sum(0), rtol=1e-6)
    assert 0 < parts[0]["share"] < parts[2]["cumulated_share"] < 1
    assert max(part["residual"] for part in parts) < 1e-6
    assert summary["data"]["label"] == "class"
    assert summary["schema"] == "gramian.embed/1"


def test_auto_bandwidth_is_the_median_distance_and_says_so(run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a\n0\n0\n3\n10\n")
    outcome = run("embed", "d.csv", "--no-standardize")
    assert "bandwidth = 7, the median distance between the rows that differ." in outcome.out
    made = summary_of(run("embed", "d.csv", "--no-standardize", "--json", "-"))
    assert made["parameters"]["used"]["bandwidth"] == 7.0
    (tmp_path / "many.csv").write_text("a\n" + "".join(f"{i}\n" for i in range(2500)))
    assert "between 2,000 rows drawn at random" in run("embed", "many.csv").out


@pytest.mark.parametrize("kernel", ["rbf", "laplacian", "linear", "poly", "cosine"])
def test_every_kernel_and_the_saved_model(run, blobs: Path, kernel: str) -> None:
    arguments = ("--columns", "x,y", "--kernel", kernel, "--out", "o.csv", "--save", "m")
    assert run("embed", blobs, *arguments).code == 0
    given = pl.read_csv(blobs.parent / "o.csv")
    summary = summary_of(run("predict", "m", blobs, "--out", "p.csv", "--json", "-"))
    again = pl.read_csv(blobs.parent / "p.csv")
    for name in ("component1", "component2"):
        np.testing.assert_allclose(again[name], given[name], atol=1e-6)
    assert summary["components"][1]["component"] == 2
    assert "clusters" not in summary
    assert load_model(str(blobs.parent / "m")).algorithm == "embedding"
    words = run("predict", "m", blobs).out
    assert "60 rows placed by a kernel PCA" in words


def test_the_python_program_repeats_it(run, blobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--columns", "x,y", "--label", "class", "--json", "-", "--out", "o.csv")
    summary = summary_of(run("embed", blobs, *arguments))
    monkeypatch.chdir(blobs.parent)
    names: dict = {}
    exec(summary["python"], names)
    made = pl.read_csv(blobs.parent / "o.csv").select("component1", "component2").to_numpy()
    np.testing.assert_allclose(names["embedding"], made, atol=1e-12)
    X = read_table(blobs, columns=["x", "y"], standardize=True).X
    width = summary["parameters"]["used"]["bandwidth"]
    assert gm.KernelPCA(2, kernel="rbf", bandwidth=width).fit(X).eigenvalues_[0] == pytest.approx(
        summary["components"][0]["eigenvalue"]
    )


@pytest.mark.parametrize("components", [1, 2, 5])
def test_the_report_is_whole(run, blobs: Path, components: int) -> None:
    arguments = ("--columns", "x,y", "--label", "class", "--components", components)
    outcome = run("embed", blobs, *arguments, "--report", "r.html")
    assert outcome.code == 0, outcome.err
    page = (blobs.parent / "r.html").read_text()
    for text in ("The embedding", "The spectrum", "What the components follow", "median distance"):
        assert text in page
    for text in ("gramian embed", "KernelPCA", "SHA-256", "which was not used"):
        assert text in page
    assert ("The next components" in page) == (components > 2)
    assert 'src="http' not in page


def test_equal_rows_are_a_caution(run, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("a,b\n1,2\n1,2\n1,2\n")
    outcome = run("embed", "e.csv", "--report", "r.html")
    assert outcome.code == 0, outcome.err
    assert "A component has the eigenvalue zero" in outcome.out
    assert "bandwidth = 1, as all rows are equal." in outcome.out


def test_columns_of_the_new_names_give_way(run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("component1,component2\n1,2\n3,4\n5,9\n")
    outcome = run("embed", "d.csv", "--out", "o.parquet", "--kernel", "linear")
    assert "own columns 'component1', 'component2' gave way to the values" in outcome.out
    made = pl.read_parquet(tmp_path / "o.parquet")
    assert made.columns == ["component1", "component2"]
    assert made.dtypes == [pl.Float64, pl.Float64]


BAD = {
    "no components": (("--components", "0"), "--components must be an int in [1, inf), got 0"),
    "too many": (("--components", "4"), "--components must be an int in [1, 3], got 4. Lower it"),
    "half": (("--components", "1.5"), "must be a whole number, got '1.5'"),
    "bandwidth is text": (("--bandwidth", "wide"), "--bandwidth must be a number or 'auto'"),
    "bandwidth = 0": (("--bandwidth", "0"), "--bandwidth must be a finite number in (0, inf)"),
    "bandwidth is NaN": (("--bandwidth", "nan"), "--bandwidth must be a finite number"),
    "no bandwidth": (
        ("--bandwidth", "2", "--kernel", "linear"),
        "--bandwidth must be left out for the 'linear' kernel, got '2'.",
    ),
    "kernel": (("--kernel", "round"), "'--kernel'"),
    "seed": (("--seed", "-1"), "--seed must be an int in [0, 4294967295], got -1."),
    "memory": (("--memory", "1MiB"), "memory must be at least 8 MiB"),
    "column": (("--columns", "q"), "must be a column of 'd.csv', got"),
    "label": (("--label", "q"), "'q'"),
    "text column": (("--columns", "t"), "column 't' of 'd.csv' must hold numbers"),
    "no folder": (("--out", "no/o.csv"), "--out must be in an existing folder"),
    "over the input": (("--save", "d.csv"), "--save must not overwrite the input"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line(run, tmp_path: Path, options, message: str) -> None:
    (tmp_path / "d.csv").write_text("a,t,v\n1,x,-1\n2,y,1\n4,z,1\n")
    outcome = run("embed", "d.csv", *options)
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_broken_models_are_refused(run, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    from gramian.cli.model import _checksum

    (tmp_path / "d.csv").write_text("a,b\n1,0\n2,1\n4,0\n")
    assert run("embed", "d.csv", "--save", "m").code == 0
    facts = load_model(str(tmp_path / "m")).facts
    for name, broken in {"offset": np.ones(5), "eigenvectors": np.full((3, 2), np.nan)}.items():
        arrays = load_file(tmp_path / "m") | {name: broken}
        header = {"gramian": json.dumps(facts | {"sha256": _checksum(arrays)})}
        save_file(arrays, tmp_path / "bad", header)
        outcome = run("predict", "bad", "d.csv")
        assert outcome.code == 2
        assert "arrays of other shapes" in outcome.err
