"""Bad usage and bad input: exit code 2 and one clear line, whatever it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import gramian as gm

GOOD = "a,b,t,w\n1,2,x,1\n2,1,y,-1\n3,5,z,1\n4,4,u,1\n"
FILES: dict[str, str | bytes] = {
    "good.csv": GOOD,
    "empty.csv": "",
    "header.csv": "a,b\n",
    "text.csv": "name,city\nu,v\nx,y\n",
    "infinite.csv": "a,b\n1,2\ninf,3\n",
    "ragged.csv": "a,b\n1,2\n3\n",
    "repeated.csv": "a,a\n1,2\n3,4\n",
    "missing.csv": "a,b\n,1\n,2\n",
    "bytes.csv": b"a,b\n\xff\xfe,1\n",
    "quote.csv": 'a,b\n"1,2\n3,4\n',
    "broken.parquet": b"PAR1 and no more",
    "broken.npy": b"no array",
    "table.xlsx": b"PK",
    "model.bin": b"not a model at all",
    "one.csv": "a\n1\n2\n",
}

CLUSTER: dict[str, tuple[list[str], str]] = {
    "missing file": (["nowhere.csv"], "source must be an existing file, got 'nowhere.csv'."),
    "a folder": (["folder"], "source must be a file, got the folder 'folder'."),
    "unknown suffix": (["table.xlsx"], "source must end in one of .csv, .tsv, .parquet"),
    "empty file": (["empty.csv"], "'empty.csv' must hold a table, got an empty file."),
    "header only": (["header.csv"], "'header.csv' must hold at least one row, got none."),
    "text only": (["text.csv"], "'text.csv' must have at least one numeric column, got none."),
    "infinity": (["infinite.csv"], "column 'a' of 'infinite.csv' must be finite, got inf in row 2"),
    "ragged": (["ragged.csv"], "every line of 'ragged.csv' must have 2 fields, got 1 in line 3"),
    "repeated names": (["repeated.csv"], "column names of 'repeated.csv' must be unique, got 'a'"),
    "nothing but missing": (
        ["missing.csv", "--columns", "a"],
        "column 'a' of 'missing.csv' must hold numbers, got nothing but missing values.",
    ),
    "not UTF-8": (["bytes.csv"], "'bytes.csv' must be UTF-8 text, got other bytes."),
    "open quote": (["quote.csv"], "every line of 'quote.csv' must have 2 fields, got 1 in line 3."),
    "broken Parquet": (["broken.parquet"], "must be a whole Parquet file"),
    "broken NPY": (["broken.npy"], "file of numbers, got: Python objects or another format"),
    "one axis": (["vector.npy"], "'vector.npy' must have two axes, rows and columns"),
    "empty standard input": (["-"], "standard input must hold a table, got an empty file."),
    "unknown column": (["good.csv", "--columns", "a,bb"], "must be a column of 'good.csv', got"),
    "text column": (["good.csv", "--columns", "t"], "column 't' of 'good.csv' must hold numbers"),
    "a column twice": (["good.csv", "--columns", "a,a"], "columns must differ, got 'a' twice."),
    "empty name": (["good.csv", "--columns", "a,,b"], "--columns must be names with commas"),
    "unknown label": (["good.csv", "--label", "T"], "label must be a column of 'good.csv'"),
    "negative weights": (["good.csv", "--weight", "w"], "must be finite and >= 0, got -1.0 in"),
    "separator": (["good.csv", "--separator", ";;"], "--separator must be one character"),
    "k = 0": (["good.csv", "-k", "0"], "-k must be an int in [1, inf), got 0. Pass one or more,"),
    "k above rows": (["good.csv", "-k", "5"], "-k must be an int in [1, 4], got 5. Lower it"),
    "k is text": (["good.csv", "-k", "two"], "'-k': must be a whole number, got 'two'."),
    "eps is text": (["good.csv", "-a", "dbscan", "--eps", "near"], "--eps must be a number or"),
    "eps = 0": (["good.csv", "-a", "dbscan", "--eps", "0"], "got 0.0. Pass a positive number"),
    "eps < 0": (["good.csv", "-a", "dbscan", "--eps=-1"], "number in (0, inf), got -1.0. Pass"),
    "eps is NaN": (["good.csv", "-a", "dbscan", "--eps", "nan"], "--eps must be a finite number"),
    "min-samples = 0": (["good.csv", "-a", "dbscan", "--min-samples", "0"], "--min-samples must"),
    "min-cluster-size = 1": (
        ["good.csv", "-a", "hdbscan", "--min-cluster-size", "1"],
        "--min-cluster-size must be an int in [2, inf), got 1. A cluster has two rows or more",
    ),
    "min-samples above rows": (["good.csv", "-a", "dbscan", "--min-samples", "9"], "in [1, 4]"),
    "bandwidth < 0": (["good.csv", "-a", "mean-shift", "--bandwidth=-1"], "--bandwidth must be a"),
    "unknown kernel": (["good.csv", "-a", "mean-shift", "--kernel", "round"], "'--kernel'"),
    "unknown algorithm": (["good.csv", "-a", "magic"], "'--algorithm'"),
    "unknown option": (["good.csv", "--colour", "red"], "No such option: --colour"),
    "seed": (["good.csv", "--seed", "-1"], "--seed must be an int in [0, 4294967295], got -1."),
    "little memory": (["good.csv", "--memory", "1MiB"], "memory must be at least 8 MiB"),
    "memory is text": (["good.csv", "--memory", "lots"], "memory must be at least 8 MiB"),
    "bad device": (["good.csv", "--device", "abacus"], "device must be a device of this machine"),
    "no folder for --out": (["good.csv", "--out", "no/o.csv"], "--out must be in an existing"),
    "--out is a folder": (["good.csv", "--out", "folder"], "--out must be a file, got the folder"),
    "--out is the input": (["good.csv", "--out", "good.csv"], "--out must not overwrite the input"),
    "--report is a device": (["good.csv", "--report", "/dev/null"], "must be a regular file"),
    "two outputs, one place": (["good.csv", "--out", "o", "--save", "o"], "--save must be another"),
    "two on standard output": (["good.csv", "--out", "-", "--json", "-"], "must be another place"),
}

PREDICT: dict[str, tuple[list[str], str]] = {
    "no model": (["nowhere.bin", "good.csv"], "MODEL must be an existing file"),
    "a folder": (["folder", "good.csv"], "MODEL must be a file, got the folder 'folder'."),
    "not a model": (["model.bin", "good.csv"], "got a broken or foreign file"),
    "another program's": (["foreign.bin", "good.csv"], "a safetensors file of another program"),
    "newer": (
        ["newer.bin", "good.csv"],
        "got gramian.model/2 in 'newer.bin', written by gramian 9",
    ),
    "wrong columns": (["fitted.bin", "one.csv"], "feature must be a column of 'one.csv', got 'b'"),
    "--out is the model": (["fitted.bin", "good.csv", "--out", "fitted.bin"], "not overwrite"),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name, content in FILES.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    np.save(tmp_path / "vector.npy", np.arange(4.0))
    arrays = {"a": np.zeros(2)}
    save_file(arrays, tmp_path / "foreign.bin")
    newer = json.dumps({"schema": "gramian.model/2", "version": "9.0"})
    save_file(arrays, tmp_path / "newer.bin", {"gramian": newer})


def check(outcome, message: str, command: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err
    assert outcome.err.startswith(f"gramian {command}: ")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    assert not re.search(r"read_table|DataError|the data frame|cli:", outcome.err)


@pytest.mark.parametrize("name", CLUSTER)
def test_cluster(run, tmp_path: Path, name: str) -> None:
    arguments, message = CLUSTER[name]
    if "-a" not in arguments:
        arguments = [*arguments, "-a", "kmeans"]
        arguments += [] if "-k" in arguments else ["-k", "2"]
    before = sorted(tmp_path.iterdir())
    check(run("cluster", *arguments), message, "cluster")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", PREDICT)
def test_predict(run, name: str) -> None:
    arguments, message = PREDICT[name]
    assert run("cluster", "good.csv", "-a", "kmeans", "-k", "2", "--save", "fitted.bin").code == 0
    check(run("predict", *arguments), message, "predict")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cluster"], "gramian cluster: Missing argument 'DATA'. Try 'gramian cluster --help'."),
        (["cluster", "good.csv"], "Missing option '--algorithm'"),
        (["dance"], "gramian: No such command 'dance'."),
        (["clustr"], "No such command 'clustr'. Did you mean 'cluster'? Try 'gramian --help'."),
        (["cluster", "good.csv", "-a", "kmean"], "'--algorithm' / '-a': 'kmean' is not one of"),
        (["data", "fetch", "moon"], "name must be one of 'fashion-mnist', 'mnist', got 'moon'."),
        (["tour", "--report", "good.csv/x"], "--report must be a folder, got 'good.csv/x'"),
        (["tour", "--report", "no/tour.html"], "--report must be in an existing folder"),
    ],
)
def test_usage(run, arguments: list[str], message: str) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_budget_that_is_too_small_says_the_least_that_would_do(run, tmp_path: Path) -> None:
    gm.config(backend="torch")  # other backends may do with less
    np.save(tmp_path / "wide.npy", np.random.default_rng(0).normal(size=(40, 8_000)))
    outcome = run("cluster", "wide.npy", "-a", "kmeans", "-k", "2", "--memory", "8MiB")
    assert outcome.code == 2
    assert "memory must be at least" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("field", ["sha256", "parameters", "preparation", "algorithm"])
def test_a_model_that_was_tampered_with(run, tmp_path: Path, field: str) -> None:
    from safetensors import safe_open
    from safetensors.numpy import load_file

    assert run("cluster", "good.csv", "-a", "kmeans", "-k", "2", "--save", "m.bin").code == 0
    with safe_open(tmp_path / "m.bin", framework="np") as stream:
        facts = json.loads(stream.metadata()["gramian"])
    facts[field] = {"sha256": "0" * 64, "algorithm": "os.system"}.get(field, {"evil": 1})
    save_file(load_file(tmp_path / "m.bin"), tmp_path / "n.bin", {"gramian": json.dumps(facts)})
    outcome = run("predict", "n.bin", "good.csv")
    assert outcome.code == 2
    assert "must be a file that --save wrote" in outcome.err


def test_a_model_that_was_cut_off(run, tmp_path: Path) -> None:
    assert run("cluster", "good.csv", "-a", "kmeans", "-k", "2", "--save", "m.bin").code == 0
    whole = (tmp_path / "m.bin").read_bytes()
    for length in (0, 5, 100, len(whole) - 1):
        (tmp_path / "cut.bin").write_bytes(whole[:length])
        outcome = run("predict", "cut.bin", "good.csv")
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
