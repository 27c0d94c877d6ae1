"""Cut small-fashion and small-mnist, which the package ships, out of the complete sets.

    python tools/make_small_images.py FOLDER

FOLDER holds ``fashion-mnist/`` and ``mnist/`` with the four IDX files each. The rule: the first
600 train and the first 200 test images of every class, in the order of the complete set. Prints
the SHA-256 of every unpacked file, as ``gramian.data.catalog`` lists them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from gramian.data import read_idx, write_idx
from gramian.data.catalog import IMAGE_SETS, PARTS
from gramian.data.images import unpacked
from gramian.data.locate import check_file

RULE = (
    "The first 600 train and the first 200 test images of every class, in the order of the "
    "complete set. Indices count from 0."
)
TARGET = Path(__file__).parents[1] / "src" / "gramian" / "data" / "files"


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """Sorted indices of the first ``count`` entries of every label."""
    per_class = [np.flatnonzero(labels == value)[:count] for value in np.unique(labels)]
    return np.sort(np.concatenate(per_class))


def cut(complete: str, small: str, folder: Path) -> None:
    """Write the small set and its index list."""
    for entry in IMAGE_SETS[complete].files:
        check_file(folder / entry.name, entry, "make_small_images")
    target = TARGET / small
    target.mkdir(parents=True, exist_ok=True)
    indices = {}
    for split, images, labels, count in (
        ("train", PARTS[0], PARTS[1], 600),
        ("test", PARTS[2], PARTS[3], 200),
    ):
        all_labels = read_idx(folder / labels)
        chosen = first_of_each(all_labels, count)
        write_idx(target / images, read_idx(folder / images)[chosen])
        write_idx(target / labels, all_labels[chosen])
        indices[split] = chosen.tolist()
    text = json.dumps({"of": complete, "rule": RULE, **indices}, separators=(",", ":"))
    (target / "indices.json").write_text(text + "\n", encoding="utf-8")
    for name in PARTS:
        print(small, name, hashlib.sha256(unpacked(target / name, None, small)).hexdigest())


def main() -> None:
    """Cut both sets."""
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/make_small_images.py FOLDER")
    for complete, small in (("fashion-mnist", "small-fashion"), ("mnist", "small-mnist")):
        cut(complete, small, Path(sys.argv[1]) / complete)


if __name__ == "__main__":
    main()
