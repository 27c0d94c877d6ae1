"""Named data sets: shapes, counts, checksums, notices, and what is said when they are absent."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gramian.data import datasets, list_datasets, load_dataset, read_idx
from gramian.data.catalog import IMAGE_SETS, PARTS
from gramian.data.locate import locate
from gramian.errors import DataError

SMALL = ["small-fashion", "small-mnist"]


@pytest.mark.parametrize(
    ("name", "shape", "n_classes"),
    [
        ("iris", (150, 4), 3),
        ("wine", (178, 13), 3),
        ("digits", (1797, 64), 10),
        ("breast-cancer", (569, 30), 2),
        ("diabetes", (442, 10), 0),
        ("linnerud", (20, 3), 3),
    ],
)
def test_bundled(name, shape, n_classes):
    data = load_dataset(name)
    info = next(info for info in list_datasets() if info.name == name)
    assert data.X.shape == shape == (info.n_rows, info.n_features)
    assert data.X.dtype == np.float64
    assert len(data.y) == shape[0]
    assert data.y.dtype == (np.float64 if name in ("diabetes", "linnerud") else np.int64)
    assert len(data.feature_names) == shape[1]
    assert len(data.target_names) == n_classes
    assert info.available
    assert all((info.where, data.description, data.licence, data.source))


def test_images_are_a_view():
    digits = load_dataset("digits")
    assert digits.images.shape == (1797, 8, 8)
    assert np.shares_memory(digits.images, digits.X)
    with pytest.raises(DataError, match=r"Dataset.images: name must be an image set, got 'iris'"):
        _ = load_dataset("iris").images


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(("split", "per_class"), [("train", 600), ("test", 200), ("all", 800)])
def test_shipped_sets_are_balanced(name, split, per_class):
    data = load_dataset(name, split=split)
    assert data.X.shape == (10 * per_class, 784)
    assert data.X.dtype == np.uint8
    assert data.X.flags.writeable
    assert data.y.dtype == np.int64
    assert np.bincount(data.y).tolist() == [per_class] * 10
    assert data.images.shape == (10 * per_class, 28, 28)
    assert len(data.feature_names) == 784
    assert len(data.target_names) == 10


@pytest.mark.parametrize("name", SMALL)
def test_all_is_train_then_test(name):
    parts = [load_dataset(name, split=split) for split in ("train", "test")]
    whole = load_dataset(name, split="all")
    np.testing.assert_array_equal(whole.X, np.concatenate([part.X for part in parts]))
    np.testing.assert_array_equal(whole.y, np.concatenate([part.y for part in parts]))


@pytest.mark.parametrize("name", SMALL)
def test_shipped_index_list(name):
    folder = datasets._FILES / name
    listed = json.loads((folder / "indices.json").read_text())
    for split, count, limit in (("train", 6000, 60_000), ("test", 2000, 10_000)):
        indices = listed[split]
        assert len(indices) == count
        assert indices == sorted(set(indices))
        assert indices[0] == 0
        assert indices[-1] < limit


@pytest.mark.parametrize("name", SMALL)
def test_notices_lie_beside_the_files(name):
    folder = datasets._FILES / name
    notice = (folder / "NOTICE.md").read_text()
    authors, licence = {
        "small-fashion": (["Xiao", "Rasul", "Vollgraf"], "MIT, copyright (c) 2017 Zalando SE"),
        "small-mnist": (["LeCun", "Cortes", "Burges"], "CC BY-SA 3.0"),
    }[name]
    assert all(author in notice for author in authors)
    assert licence in notice
    if name == "small-fashion":
        assert "Copyright (c) 2017 Zalando SE" in (folder / "LICENSE").read_text()


def test_the_shipped_files_take_about_five_megabytes():
    total = sum(p.stat().st_size for name in SMALL for p in (datasets._FILES / name).iterdir())
    assert total < 5.5e6


def test_small_mnist_can_be_left_out(tmp_path, monkeypatch):
    shutil.copytree(datasets._FILES / "small-fashion", tmp_path / "small-fashion")
    monkeypatch.setattr(datasets, "_FILES", tmp_path)
    infos = {info.name: info for info in list_datasets()}
    assert infos["small-fashion"].available
    assert not infos["small-mnist"].available
    assert infos["small-mnist"].where == "not shipped"
    with pytest.raises(
        DataError, match=r"'small-mnist', which was left out of it. .* complete mnist"
    ):
        load_dataset("small-mnist")


def test_a_changed_pixel_is_noticed(tmp_path, monkeypatch):
    from gramian.data import write_idx

    shutil.copytree(datasets._FILES / "small-mnist", tmp_path / "small-mnist")
    monkeypatch.setattr(datasets, "_FILES", tmp_path)
    path = tmp_path / "small-mnist" / PARTS[2]
    images = read_idx(path)
    images[3, 4, 5] ^= 1
    write_idx(path, images)
    assert load_dataset("small-mnist", split="train").X.shape == (6000, 784)
    with pytest.raises(DataError, match=f"{PARTS[2]}' must unpack to 1568016 bytes with SHA-256"):
        load_dataset("small-mnist", split="test")
    write_idx(path, np.concatenate([images, images]))
    with pytest.raises(DataError, match="got more than 1568016 bytes"):
        load_dataset("small-mnist", split="test")


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist"])
def test_a_complete_set_is_never_downloaded_unasked(name, no_data, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(DataError) as caught:
        load_dataset(name)
    message = str(caught.value)
    assert f"Run `gramian data fetch {name}`" in message
    assert f"or set GRAMIAN_DATA to a folder that holds {name}/" in message
    assert "or pass root=" in message
    with pytest.raises(DataError, match=f"{name} must be in '{tmp_path}', got no such files"):
        load_dataset(name, root=tmp_path)
    info = next(info for info in list_datasets() if info.name == name)
    assert (info.available, info.where, info.n_rows) == (False, "to fetch", 60_000)
    assert not no_data.exists()


def fill(folder, packed):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("below", ["mnist", "."])
def test_places_that_are_searched(mini, no_data, tmp_path, monkeypatch, below):
    folder = fill(tmp_path / "data" / below, mini)
    with pytest.raises(DataError):
        load_dataset("mnist")
    assert load_dataset("mnist", root=tmp_path / "data").X.shape == (40, 784)
    monkeypatch.setenv("GRAMIAN_DATA", str(tmp_path / "data"))
    assert load_dataset("mnist", split="test").X.shape == (20, 784)
    info = next(info for info in list_datasets() if info.name == "mnist")
    assert (info.available, info.where) == (True, str(folder))


def test_the_cache_comes_after_gramian_data(mini, no_data, tmp_path, monkeypatch):
    fill(no_data / "mnist", mini)
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("GRAMIAN_DATA", str(tmp_path / "data"))
    assert load_dataset("mnist").X.shape == (40, 784)


def test_a_folder_of_another_set_is_passed_over(mini, tmp_path, monkeypatch):
    fill(tmp_path / "data", mini)
    monkeypatch.setenv("GRAMIAN_DATA", str(tmp_path / "data"))
    with pytest.raises(DataError, match="fashion-mnist must be in GRAMIAN_DATA or the cache"):
        load_dataset("fashion-mnist")


def test_unknown_names():
    with pytest.raises(
        ValueError, match=r"load_dataset: name must be one of 'iris', .*, got 'irsi'"
    ):
        load_dataset("irsi")
    with pytest.raises(
        ValueError, match="load_dataset: split must be one of 'train', 'test', 'all'"
    ):
        load_dataset("iris", split="validation")


def test_catalog_sizes_follow_from_the_shapes():
    for image_set in IMAGE_SETS.values():
        rows = [6000, 2000] if image_set.shipped else [60_000, 10_000]
        assert [entry.name for entry in image_set.files] == list(PARTS)
        expected = [size for n in rows for size in (16 + 784 * n, 8 + n)]
        assert [entry.size for entry in image_set.files] == expected
        assert all(len(entry.sha256) == 64 for entry in image_set.files)


def test_the_shipped_checksums_are_of_unpacked_files():
    import gzip

    for name in SMALL:
        for entry in IMAGE_SETS[name].files:
            content = gzip.decompress((datasets._FILES / name / entry.name).read_bytes())
            assert hashlib.sha256(content).hexdigest() == entry.sha256


def cutter():
    """The module that made the shipped files."""
    path = Path(__file__).parents[2] / "tools" / "make_small_images.py"
    spec = importlib.util.spec_from_file_location("make_small_images", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_rule_of_the_cut():
    labels = np.array([3, 1, 3, 3, 1, 0, 1, 3])
    assert cutter().first_of_each(labels, 2).tolist() == [0, 1, 2, 4, 5]


@pytest.mark.full
@pytest.mark.parametrize("name", SMALL)
def test_the_shipped_sets_are_cut_from_the_complete_ones(name):
    complete = name.replace("small-fashion", "fashion-mnist").removeprefix("small-")
    if locate(complete) is None:
        pytest.skip(f"{complete} is not here; run `gramian data fetch {complete}`")
    listed = json.loads((datasets._FILES / name / "indices.json").read_text())
    for split, per_class in (("train", 600), ("test", 200)):
        whole, part = load_dataset(complete, split=split), load_dataset(name, split=split)
        chosen = cutter().first_of_each(whole.y, per_class)
        assert chosen.tolist() == listed[split]
        np.testing.assert_array_equal(whole.X[chosen], part.X)
        np.testing.assert_array_equal(whole.y[chosen], part.y)


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, gramian.data\n"
        "heavy = {'polars', 'sklearn', 'scipy', 'matplotlib', 'pandas', 'urllib.request'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    bare = (
        "import sys, torch\n"
        "heavy = {'polars', 'sklearn', 'scipy', 'matplotlib', 'pandas', 'urllib.request'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", c], capture_output=True, text=True, check=True)
        for c in (code, bare)
    ]
    assert runs[0].stdout == runs[1].stdout
