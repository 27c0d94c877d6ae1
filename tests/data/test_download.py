"""Fetching against a server that fails in every way a mirror can."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import socket
import subprocess
import sys

import pytest

from gramian.data import fetch_dataset, load_dataset
from gramian.data.catalog import IMAGE_SETS, PARTS
from gramian.data.locate import cache_folder
from gramian.errors import DataError

FIRST = PARTS[0]


def get(mirror, **arguments):
    """Fetch the miniature set, without waiting between attempts."""
    return fetch_dataset("mnist", **{"mirrors": [mirror.url], "backoff": 0.0, **arguments})


def leftovers(folder):
    """Files other than the four and the lock."""
    return sorted(set(os.listdir(folder)) - set(PARTS) - {".lock"})


def test_fetch_fills_the_cache_and_load_finds_it(mirror, no_data):
    seen = []
    folder = get(mirror, progress=lambda *call: seen.append(call))
    assert folder == no_data / "mnist"
    assert leftovers(folder) == []
    for name, content in mirror.files.items():
        assert (folder / name).read_bytes() == content
    assert load_dataset("mnist").X.shape == (40, 784)
    assert load_dataset("mnist", split="all").X.shape == (60, 784)
    size = len(mirror.files[FIRST])
    assert seen[0] == (FIRST, 0, size)
    assert (FIRST, size, size) in seen


def test_whole_files_are_not_fetched_again(mirror):
    folder = get(mirror)
    mirror.requests.clear()
    assert get(mirror) == folder
    assert mirror.requests == []
    (folder / PARTS[1]).unlink()
    get(mirror)
    assert [name for name, _ in mirror.requests] == [PARTS[1]]


def test_a_set_that_gramian_data_has_is_not_fetched(mirror, tmp_path, monkeypatch):
    folder = get(mirror, root=tmp_path / "elsewhere" / "mnist")
    monkeypatch.setenv("GRAMIAN_DATA", str(tmp_path / "elsewhere"))
    mirror.requests.clear()
    assert get(mirror) == folder
    assert mirror.requests == []


def test_an_unpacked_file_counts(mirror, tmp_path):
    folder = get(mirror, root=tmp_path)
    unpacked = folder / FIRST.removesuffix(".gz")
    unpacked.write_bytes(gzip.decompress((folder / FIRST).read_bytes()))
    (folder / FIRST).unlink()
    mirror.requests.clear()
    get(mirror, root=tmp_path)
    assert mirror.requests == []
    assert load_dataset("mnist", root=tmp_path).X.shape == (40, 784)


@pytest.mark.parametrize("fault", [500, 503, 429, 408, "drop"])
def test_two_failures_are_retried(mirror, fault):
    mirror.faults[FIRST] = [fault, fault]
    get(mirror, retries=2)
    assert [name for name, _ in mirror.requests].count(FIRST) == 3


def test_waiting_doubles(mirror, monkeypatch):
    waits = []
    monkeypatch.setattr("gramian.data.download.time.sleep", waits.append)
    mirror.faults[FIRST] = [500, 500, 500]
    get(mirror, backoff=0.5)
    assert waits == [0.5, 1.0, 2.0]


def test_a_cut_answer_is_resumed(mirror):
    mirror.faults[FIRST] = ["cut", "cut"]
    folder = get(mirror)
    size = len(mirror.files[FIRST])
    half = size // 2
    ranges = [wanted for name, wanted in mirror.requests if name == FIRST]
    assert ranges == [None, f"bytes={half}-", f"bytes={half + (size - half) // 2}-"]
    assert (folder / FIRST).read_bytes() == mirror.files[FIRST]


def test_a_later_call_resumes(mirror, no_data):
    mirror.faults[FIRST] = ["cut"]
    size = len(mirror.files[FIRST])
    with pytest.raises(DataError, match=f"cut off after {size // 2} of {size} bytes"):
        get(mirror, retries=0)
    assert len(leftovers(no_data / "mnist")) == 1
    mirror.requests.clear()
    folder = get(mirror, retries=0)
    assert mirror.requests[0] == (FIRST, f"bytes={size // 2}-")
    assert leftovers(folder) == []


@pytest.mark.parametrize("second", ["norange", "shift"])
def test_a_server_that_does_not_resume_as_asked(mirror, second):
    mirror.faults[FIRST] = ["cut", second]
    folder = get(mirror)
    assert (folder / FIRST).read_bytes() == mirror.files[FIRST]


def part_of(folder, mirror):
    """Name of the partial file of the first file."""
    mark = hashlib.sha256(f"{mirror.url}{FIRST}".encode()).hexdigest()[:8]
    return folder / f".{FIRST}.{mark}.part"


@pytest.mark.parametrize("spoilt", ["whole", "wrong", "too long"])
def test_a_partial_file_of_any_state_is_used_or_replaced(mirror, no_data, spoilt):
    folder = no_data / "mnist"
    folder.mkdir(parents=True)
    content = mirror.files[FIRST]
    states = {"whole": content, "wrong": b"x" * 100, "too long": content + b"xyz"}
    part_of(folder, mirror).write_bytes(states[spoilt])
    get(mirror)
    assert (folder / FIRST).read_bytes() == content
    assert leftovers(folder) == []


def test_corrupt_data_is_refused(mirror, no_data):
    wrong = gzip.compress(b"something else")
    mirror.files[FIRST] = wrong
    found = hashlib.sha256(b"something else").hexdigest()
    with pytest.raises(
        DataError, match=f"must unpack to SHA-256 .*, got SHA-256 {found}"
    ) as caught:
        get(mirror)
    assert FIRST in str(caught.value)
    assert "Try later, or put the files into the folder that GRAMIAN_DATA names" in str(
        caught.value
    )
    assert len(mirror.requests) == 2
    assert not (no_data / "mnist" / FIRST).exists()
    assert leftovers(no_data / "mnist") == []


def test_no_gzip_at_all_is_refused(mirror):
    mirror.files[FIRST] = b"<html>sign in first</html>"
    with pytest.raises(DataError, match="must unpack to SHA-256"):
        get(mirror)


def test_an_endless_answer_is_refused(mirror, no_data):
    mirror.faults[FIRST] = ["long"]
    with pytest.raises(DataError, match=r"sends more than .* bytes"):
        get(mirror)
    assert leftovers(no_data / "mnist") == []


def test_a_bomb_is_not_unpacked(mirror):
    mirror.files[FIRST] = gzip.compress(bytes(50 << 20), 1)
    with pytest.raises(DataError, match=r"got more than 31376 bytes"):
        get(mirror)


def test_the_next_mirror_is_tried(mirror):
    folder = get(mirror, mirrors=[f"{mirror.url}absent?", mirror.url], retries=3)
    assert (folder / FIRST).read_bytes() == mirror.files[FIRST]


def test_every_mirror_has_its_reason(mirror):
    del mirror.files[FIRST]
    with socket.socket() as held:  # bound but not listening: connections are refused
        held.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(DataError) as caught:
            get(mirror, mirrors=[mirror.url, dead], retries=1)
    message = str(caught.value)
    assert f"{mirror.url}{FIRST}: HTTP 404 Not Found" in message
    assert f"{dead}/{FIRST}: cannot connect: " in message
    assert len(mirror.requests) == 1


def test_a_silent_server(mini):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DataError, match=r"no answer for 0.05 s"):
            fetch_dataset("mnist", mirrors=[url], retries=1, backoff=0.0, timeout=0.05)


def test_a_folder_that_cannot_be_written(mirror, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"root must be a writable folder, got .*: Not a directory"):
        get(mirror, root=tmp_path / "file" / "inside")


def test_a_corrupt_file_in_the_cache_is_named_and_replaced(mirror):
    folder = get(mirror)
    damaged = gzip.compress(b"damaged")
    (folder / FIRST).write_bytes(damaged)
    found = hashlib.sha256(b"damaged").hexdigest()
    message = f"{FIRST}' must unpack to 31376 bytes with SHA-256 .*, got SHA-256 {found}. Delete"
    with pytest.raises(DataError, match=message):
        load_dataset("mnist")
    get(mirror)
    assert load_dataset("mnist").X.shape == (40, 784)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "iris"}, ValueError, "name must be one of 'fashion-mnist', 'mnist', got 'iris'"),
        ({"mirrors": []}, ValueError, "mirrors must be http or https addresses, at least one"),
        ({"mirrors": ["file:///x"]}, ValueError, "mirrors must be http or https addresses"),
        ({"retries": -1}, ValueError, "retries must be an int"),
        ({"backoff": -1.0}, ValueError, "backoff must be a finite number"),
        ({"timeout": 0.0}, ValueError, "timeout must be a finite number"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=f"fetch_dataset: {message}"):
        fetch_dataset(**{"name": "mnist", **arguments})


FETCH_WHEN_TOLD = """
import pickle, sys
from gramian.data import fetch_dataset
from gramian.data.catalog import IMAGE_SETS

url, folder, pickled = sys.argv[1:]
with open(pickled, "rb") as stream:
    IMAGE_SETS["mnist"] = pickle.load(stream)
print("ready", flush=True)
sys.stdin.readline()
fetch_dataset("mnist", mirrors=[url], root=folder, backoff=0.0)
"""


def test_two_processes_at_once(mirror, tmp_path):
    pickled = tmp_path / "set.pickle"
    pickled.write_bytes(pickle.dumps(IMAGE_SETS["mnist"]))
    folder = tmp_path / "mnist"
    mirror.faults[FIRST] = ["slow", "cut"]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", FETCH_WHEN_TOLD, mirror.url, str(folder), str(pickled)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 2
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    assert sorted(name for name, _ in mirror.requests) == sorted(PARTS)
    assert leftovers(folder) == []
    for name, content in mirror.files.items():
        assert (folder / name).read_bytes() == content


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMIAN_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("GRAMIAN_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "gramian"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "gramian"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder() == tmp_path / "Library" / "Caches" / "gramian"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "gramian" / "Cache"
