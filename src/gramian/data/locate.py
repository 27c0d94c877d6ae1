"""Where the files of an image set are, and whether they are what they should be."""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from gzip import BadGzipFile
from pathlib import Path
from typing import TYPE_CHECKING

from gramian.data.catalog import IMAGE_SETS, ImageFile
from gramian.data.images import open_unpacked
from gramian.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["cache_folder", "check_file", "corrupt", "digest_fault", "find_file", "locate"]

_CHUNK = 1 << 18


def cache_folder() -> Path:
    """``GRAMIAN_CACHE``, or the platform's folder for caches."""
    if given := os.environ.get("GRAMIAN_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base or Path.home() / "AppData" / "Local") / "gramian" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gramian"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gramian"


def locate(name: str, root: str | PathLike[str] | None = None) -> Path | None:
    """The folder that has all four files of ``name``, packed or not; None if there is none.

    Looked for in ``root`` if it is given, else in ``GRAMIAN_DATA`` and then in the cache; in each
    the sub-folder ``name`` comes first. Contents are not read, but a folder that plainly holds
    another set (they share their file names) is passed over.
    """
    if root is not None:
        places = [Path(root) / name, Path(root)]
    else:
        given = os.environ.get("GRAMIAN_DATA")
        places = [Path(given) / name, Path(given)] if given else []
        places.append(cache_folder() / name)
    for place in places:
        found = [find_file(place, entry) for entry in IMAGE_SETS[name].files]
        if all(found) and not _is_another_set(name, found[-1]):
            return place
    return None


def find_file(folder: Path, entry: ImageFile) -> Path | None:
    """The file in ``folder``, packed or unpacked; None if it is not there."""
    choices = (folder / entry.name, folder / entry.name.removesuffix(".gz"))
    return next((path for path in choices if path.is_file()), None)


def _is_another_set(name: str, labels: Path | None) -> bool:
    """Whether the test labels are exactly those of another set."""
    others = [other for other in IMAGE_SETS.values() if other.name != name]
    return labels is not None and any(digest_fault(labels, o.files[-1]) is None for o in others)


def digest_fault(path: Path, entry: ImageFile) -> str | None:
    """None if the unpacked content is as listed, else what was found, in words."""
    found, size = hashlib.sha256(), 0
    try:
        with open_unpacked(path) as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
                size += len(chunk)
                if size > entry.size:
                    return f"more than {entry.size} bytes"
    except (EOFError, zlib.error, BadGzipFile) as error:
        return f"a broken gzip file ({error})"
    return None if found.hexdigest() == entry.sha256 else f"SHA-256 {found.hexdigest()}"


def check_file(path: Path, entry: ImageFile, caller: str) -> None:
    """Raise ``DataError`` unless the unpacked content of ``path`` is what ``entry`` says."""
    found = digest_fault(path, entry)
    if found is not None:
        raise DataError(corrupt(str(path), entry, found, caller))


def corrupt(shown: str, entry: ImageFile, found: str, caller: str) -> str:
    """The message for a file whose unpacked content is not what it should be."""
    return (
        f"{caller}: {shown!r} must unpack to {entry.size} bytes with SHA-256 {entry.sha256}, got "
        f"{found}. Delete the file and fetch it again."
    )
