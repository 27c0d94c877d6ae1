"""``gramian cluster`` and ``gramian predict`` on good input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import cluster as peers
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.metrics import adjusted_rand_score
from tests.cli.conftest import summary_of

import gramian as gm
from gramian.cli.model import CLASSES, load_model
from gramian.data import read_table

LOADERS = {"wine": load_wine, "digits": load_digits, "breast-cancer": load_breast_cancer}
KMEANS = ("-a", "kmeans", "-k", "3")


@pytest.fixture
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A table of scikit-learn as CSV, the class in the column "class"."""
    bunch = LOADERS[request.param]()
    names = [f"f{j}" for j in range(bunch.data.shape[1])]
    path = tmp_path / f"{request.param}.csv"
    frame = pl.DataFrame(bunch.data, schema=names).with_columns(pl.Series("class", bunch.target))
    frame.write_csv(path)
    return path


def peer_labels(algorithm: str, used: dict, X: np.ndarray) -> np.ndarray:
    if algorithm == "dbscan":
        return peers.DBSCAN(eps=used["eps"], min_samples=used["min_samples"]).fit_predict(X)
    return peers.MeanShift(bandwidth=used["bandwidth"]).fit_predict(X)


@pytest.mark.parametrize("algorithm", ["dbscan", "mean-shift"])
@pytest.mark.parametrize(
    "table",
    ["wine", "breast-cancer", pytest.param("digits", marks=pytest.mark.full)],
    indirect=True,
)
def test_the_value_that_is_chosen_is_not_degenerate_and_the_fit_is_scikit_learns(
    run, table: Path, algorithm: str
) -> None:
    arguments = ("cluster", table, "-a", algorithm, "--label", "class", "--json", "-")
    summary = summary_of(run(*arguments, "--out", "o.csv"))
    assert summary["n_clusters"] > 1
    assert summary["noise"]["share"] < 0.5
    labels = pl.read_csv(table.parent / "o.csv")["cluster"].to_numpy()
    X = read_table(table, columns=summary["data"]["columns"], standardize=True).X
    peer = peer_labels(algorithm, summary["parameters"]["used"], X)
    assert adjusted_rand_score(labels, peer) >= 0.99


@pytest.mark.parametrize("table", ["wine", "breast-cancer"], indirect=True)
def test_inertia_is_that_of_scikit_learns_best(run, table: Path) -> None:
    summary = summary_of(run("cluster", table, *KMEANS, "--label", "class", "--json", "-"))
    X = read_table(table, label="class", standardize=True).X
    peer = peers.KMeans(3, n_init=10, random_state=0).fit(X)
    assert summary["inertia"] <= 1.01 * peer.inertia_
    assert summary["scores"]["label"] == "class"
    assert 0 < summary["scores"]["adjusted_rand_index"] <= 1


def test_the_labels_come_after_the_inputs_own_columns(run, blobs: Path) -> None:
    outcome = run("cluster", blobs, *KMEANS, "--label", "class", "--weight", "w", "--out", "o.csv")
    assert outcome.code == 0
    assert outcome.err == ""
    given, made = pl.read_csv(blobs), pl.read_csv(blobs.parent / "o.csv")
    assert made.columns == [*given.columns, "cluster"]
    assert made.drop("cluster").equals(given)
    assert adjusted_rand_score(given["class"], made["cluster"]) == 1.0


@pytest.mark.parametrize(
    ("name", "text", "options", "made"),
    [
        ("d.csv", "id,a\n007,1.50\n\n008,9e0\n", (), "id,a,cluster\n007,1.50,{}\n008,9e0,{}\n"),
        ("d.csv", 'id;a\n"x;y";1\nz;9\n', (), "id,a,cluster\nx;y,1,{}\nz,9,{}\n"),
        ("d.tsv", "1\t2\n9\t9\n", ("--no-header",), "x0,x1,cluster\n1,2,{}\n9,9,{}\n"),
        ("d.csv", "a\n1\n9\n", (), "a,cluster\n1,{}\n9,{}\n"),
    ],
    ids=["numbers", "semicolons", "tabs", "one column"],
)
def test_text_is_given_back_as_it_was(run, tmp_path: Path, name, text, options, made) -> None:
    (tmp_path / name).write_text(text)
    outcome = run("cluster", name, "-a", "kmeans", "-k", "2", "--out", "o.csv", *options)
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "o.csv").read_text() in (made.format(0, 1), made.format(1, 0))


@pytest.mark.parametrize(
    ("name", "read"),
    [("o.tsv", lambda p: pl.read_csv(p, separator="\t")), ("o.parquet", pl.read_parquet)],
)
def test_the_suffix_of_out_is_its_form(run, blobs: Path, name: str, read) -> None:
    assert run("cluster", blobs, *KMEANS, "--out", name).code == 0
    made = read(blobs.parent / name)
    assert made.columns[-1] == "cluster"
    assert len(made) == 60


def test_a_column_called_cluster_gives_way_and_this_is_said(run, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("cluster,a\n7,1\n7,2\n7,9\n")
    arguments = ("-a", "kmeans", "-k", "2", "--columns", "a", "--out", "o.csv", "--json", "-")
    summary = summary_of(run("cluster", "c.csv", *arguments))
    assert any("'cluster' gave way" in note for note in summary["data"]["notes"])
    assert pl.read_csv(tmp_path / "o.csv").columns == ["a", "cluster"]


def test_json_owns_standard_output(run, blobs: Path) -> None:
    arguments = ("cluster", blobs, *KMEANS, "--label", "class", "--json", "-", "--save", "m")
    outcome = run(*arguments, "--out", "o.csv")
    assert outcome.err == ""
    summary = summary_of(outcome)
    assert summary["schema"] == "gramian.cluster/1"
    assert summary["data"]["rows"] == 60
    assert summary["data"]["columns"] == ["x", "y", "w"]
    assert len(summary["data"]["sha256"]) == 64
    assert sum(entry["rows"] for entry in summary["clusters"]) == 60
    assert summary["files"] == {"out": "o.csv", "save": "m"}
    assert summary["command"].startswith("gramian cluster ")
    assert {"seed", "threads", "versions", "seconds", "peak_memory", "python"} <= set(summary)


def test_standard_input_to_standard_output(run, blobs: Path) -> None:
    outcome = run("cluster", "-", *KMEANS, "--out", "-", stdin=blobs.read_bytes())
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "x,name,y,w,class,cluster"
    assert len(lines) == 61


def test_quiet_prints_nothing(run, blobs: Path) -> None:
    outcome = run("cluster", blobs, *KMEANS, "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_plain_text_says_what_was_done(run, blobs: Path) -> None:
    out = run("cluster", blobs, *KMEANS, "--label", "class", "--columns", "x,y").out
    assert "blobs.csv: 60 rows, 2 columns standardised" in out
    assert "k-means, k = 3, the best of 10 runs: 3 clusters, 0.0% noise" in out
    assert "adjusted Rand index  1.000 with 'class'" in out
    assert "\x1b" not in out


def test_vectors_of_an_npz_serve_as_label_and_weight(run, tmp_path: Path) -> None:
    X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5, axis=0) + np.arange(10)[:, None] / 100
    np.savez(tmp_path / "d.npz", X=X, y=np.repeat([0, 1], 5), w=np.ones(10))
    arguments = ("-a", "kmeans", "-k", "2", "--label", "y", "--weight", "w", "--json", "-")
    summary = summary_of(run("cluster", "d.npz", *arguments))
    assert summary["scores"]["adjusted_rand_index"] == 1.0
    assert summary["data"]["columns"] == ["x0", "x1"]
    outcome = run("cluster", "d.npz", "-a", "kmeans", "-k", "2", "--label", "z")
    assert "label must be a column of 'd.npz', got 'z'. It has x0, x1, y, w." in outcome.err


def test_a_warning_of_the_estimator_becomes_a_note(run, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("a\n1\n1\n1\n1\n")
    outcome = run("cluster", "same.csv", *KMEANS, "--report", "r.html")
    assert outcome.code == 0
    assert "Warning: Number of distinct clusters (1) found smaller than n_clusters" in outcome.out


def test_an_option_that_is_not_read_is_named(run, blobs: Path) -> None:
    given = ("cluster", str(blobs), "-a", "dbscan", "-k", "3", "--bandwidth", "1")
    assert run(*given).err == (
        "gramian cluster: -k is read by kmeans only; dbscan goes without.\n"
        "gramian cluster: --bandwidth is read by mean-shift only; dbscan goes without.\n"
    )
    assert not run(*given, "--quiet").err


@pytest.mark.parametrize(
    "options",
    [("dbscan", "--min-samples", "2"), ("hdbscan", "--min-samples", "2"), ("mean-shift",)],
)
def test_equal_rows_and_tiny_tables_are_no_fault(run, tmp_path: Path, options) -> None:
    (tmp_path / "same.csv").write_text("a,b\n" + "1,2\n" * 9)
    (tmp_path / "tiny.csv").write_text("a\n1\n2\n5\n")
    for name in ("same.csv", "tiny.csv"):
        outcome = run("cluster", name, "-a", *options, "--report", "r.html")
        assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    "options",
    [
        KMEANS,
        ("-a", "dbscan"),
        ("-a", "dbscan", "--eps", "2", "--no-standardize"),
        ("-a", "hdbscan"),
        ("-a", "hdbscan", "--min-cluster-size", "4", "--min-samples", "3", "--weight", "w"),
        ("-a", "mean-shift"),
        ("-a", "mean-shift", "--kernel", "gaussian", "--weight", "w"),
    ],
    ids=" ".join,
)
def test_a_saved_model_predicts_as_the_estimator_does(run, blobs: Path, options) -> None:
    """The model is fitted on four rows in five, and labels the rest."""
    whole = pl.read_csv(blobs).with_row_index()
    held_back = pl.col("index") % 5 == 0
    whole.filter(~held_back).drop("index").write_csv(blobs.parent / "train.csv")
    whole.filter(held_back).drop("index").write_csv(blobs.parent / "rest.csv")
    extra = ("--columns", "x,y", "--save", "m.bin", "--json", "-")
    summary = summary_of(run("cluster", "train.csv", *options, *extra))
    table = read_table(
        blobs.parent / "train.csv",
        columns=["x", "y"],
        weight=summary["data"]["weight"],
        standardize=summary["data"]["standardized"],
    )
    kind = getattr(gm, CLASSES[options[1]])
    model = kind(**summary["parameters"]["used"]).fit(table.X, sample_weight=table.weight)
    new = table.preparation.apply(str(blobs.parent / "rest.csv")).X
    found = summary_of(run("predict", "m.bin", "rest.csv", "--out", "p.csv", "--json", "-"))
    assert found["schema"] == "gramian.predict/1"
    predicted = pl.read_csv(blobs.parent / "p.csv")["cluster"].to_numpy()
    np.testing.assert_array_equal(predicted, model.predict(new))
    assert adjusted_rand_score(whole.filter(held_back)["class"], predicted) == 1.0


def test_the_same_fit_gives_the_same_model_and_no_pickle(run, blobs: Path) -> None:
    for name in ("a.bin", "b.bin"):
        assert run("cluster", blobs, *KMEANS, "--save", name).code == 0
    content = (blobs.parent / "a.bin").read_bytes()
    assert content == (blobs.parent / "b.bin").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    facts = json.loads(header["__metadata__"]["gramian"])
    assert facts["schema"] == "gramian.model/1"
    assert load_model(str(blobs.parent / "a.bin")).facts == facts


@pytest.mark.parametrize("algorithm", ["kmeans", "dbscan", "hdbscan", "mean-shift"])
def test_the_report_is_one_offline_page_with_six_pictures(run, blobs: Path, algorithm: str) -> None:
    command = ("cluster", blobs, "-a", algorithm, "--label", "class", "--report", "r.html")
    outcome = run(*command, "-k", "3", "--json", "-")
    summary = summary_of(outcome)
    page = (blobs.parent / "r.html").read_text(encoding="utf-8")
    assert page.count("<figure") >= 6
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page
    assert "<script src" not in page
    assert "Left out, as they hold text: name." in page
    assert "Fitted matrix: 60 × 3, float64, standardised" in page
    assert summary["data"]["sha256"] in page
    assert "gm.config(memory=" in page


@pytest.mark.parametrize("algorithm", ["kmeans", "dbscan", "hdbscan", "mean-shift"])
def test_the_equivalent_python_gives_the_same_labels(run, blobs: Path, algorithm: str) -> None:
    options = ("-a", algorithm, "-k", "3", "--label", "class", "--out", "o.csv", "--json", "-")
    program = summary_of(run("cluster", blobs, *options))["python"]
    names: dict[str, object] = {}
    exec(program, names)
    made = pl.read_csv(blobs.parent / "o.csv")["cluster"].to_numpy()
    np.testing.assert_array_equal(names["labels"], made)


@pytest.mark.full
def test_a_long_table_in_a_process_of_its_own(tmp_path: Path) -> None:
    """200 000 × 3 rows by DBSCAN inside 512 MiB of working memory; the peak is printed."""
    rng = np.random.default_rng(0)
    centers = rng.uniform(-40, 40, size=(20, 3))
    X = centers[rng.integers(20, size=200_000)] + rng.normal(size=(200_000, 3))
    pl.DataFrame(X, schema=["x", "y", "z"]).write_csv(tmp_path / "long.csv")
    arguments = ["-a", "dbscan", "--memory", "512MiB", "--json", "s.json"]
    done = subprocess.run(
        [sys.executable, "-m", "gramian", "cluster", "long.csv", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "peak resident memory" in done.stdout
    summary = json.loads((tmp_path / "s.json").read_text())
    assert summary["n_clusters"] > 1
    assert summary["noise"]["share"] < 0.5
    assert summary["peak_memory"] < 2 * 2**30
