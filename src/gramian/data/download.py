"""The complete image sets, fetched when asked: retry, resume, verify, then rename."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gramian._validation import check_choice, check_int, check_real
from gramian.data.catalog import IMAGE_SETS, ImageFile, ImageSet
from gramian.data.locate import cache_folder, digest_fault, find_file, locate
from gramian.errors import DataError

if TYPE_CHECKING:
    import http.client
    from os import PathLike

__all__ = ["fetch_dataset"]

Progress = Callable[[str, int, int | None], None]
_CHUNK = 1 << 18
_ROOM = 1 << 20  # a packed file is never this much longer than its content


def fetch_dataset(
    name: str,
    *,
    root: str | PathLike[str] | None = None,
    mirrors: Sequence[str] | None = None,
    retries: int = 4,
    backoff: float = 1.0,
    timeout: float = 30.0,
    progress: Progress | None = None,
) -> Path:
    """Make sure that a complete image set is on disk; download what is missing.

    Files that are there and whole are kept. A download that was cut off is resumed, also by a
    later call. A file gets its name only once its unpacked SHA-256 is right. Processes that fetch
    the same set into the same folder wait for each other.

    Parameters
    ----------
    name : {"fashion-mnist", "mnist"}
    root : path, optional
        Folder for the files. Default: where the set is found by ``GRAMIAN_DATA``, else
        ``<cache>/<name>``, the cache being ``GRAMIAN_CACHE`` or the platform's own.
    mirrors : sequence of str, optional
        ``http`` or ``https`` addresses of folders that hold the files, tried in turn.
    retries : int, default=4
        Further attempts per mirror and file after the first.
    backoff : float, default=1.0
        Seconds before the first retry; doubled for each further one.
    timeout : float, default=30.0
        Seconds without an answer after which an attempt is given up.
    progress : callable, optional
        Called as ``progress(file_name, bytes_done, bytes_total)``; the total may be None.

    Returns
    -------
    folder : Path
        The folder with the four files, each verified.

    Raises
    ------
    DataError
        If no mirror delivers a file; the message gives the last reason of each mirror.

    Notes
    -----
    About 31 MB for fashion-mnist, 12 MB for mnist. Memory: one chunk of 256 KiB.
    """
    caller = "fetch_dataset"
    complete = [key for key, image_set in IMAGE_SETS.items() if not image_set.shipped]
    check_choice(name, "name", caller, complete)
    check_int(retries, "retries", caller, low=0)
    check_real(backoff, "backoff", caller, low=0.0)
    check_real(timeout, "timeout", caller, low=0.0, low_open=True)
    image_set = IMAGE_SETS[name]
    addresses = list(image_set.mirrors if mirrors is None else mirrors)
    if not addresses or not all(a.startswith(("http://", "https://")) for a in addresses):
        raise ValueError(
            f"{caller}: mirrors must be http or https addresses, at least one, got {addresses}."
        )
    folder = Path(root) if root is not None else locate(name) or cache_folder() / name
    downloader = _Downloader(caller, retries, backoff, timeout, progress or (lambda *_: None))
    try:
        if all(_is_whole(folder, entry) for entry in image_set.files):
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / ".lock"):
            for entry in image_set.files:
                if not _is_whole(folder, entry):
                    downloader.get(image_set, entry, folder, addresses)
    except OSError as error:
        raise DataError(
            f"{caller}: root must be a writable folder, got {str(folder)!r}: {error.strerror}. "
            "Pass another root, or set GRAMIAN_CACHE."
        ) from error
    return folder


def _is_whole(folder: Path, entry: ImageFile) -> bool:
    path = find_file(folder, entry)
    return path is not None and digest_fault(path, entry) is None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold ``path`` for this process alone; the system lets go of it if the process dies."""
    with path.open("ab") as stream:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with suppress(OSError):
                    msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                time.sleep(0.2)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class _RefusedError(Exception):
    """The mirror does not have the file; asking again would not help."""


class _Downloader:
    """Downloads with retry and resume."""

    def __init__(
        self, caller: str, retries: int, backoff: float, timeout: float, progress: Progress
    ) -> None:
        self.caller, self.retries, self.backoff = caller, retries, backoff
        self.timeout, self.progress = timeout, progress

    def get(
        self, image_set: ImageSet, entry: ImageFile, folder: Path, addresses: list[str]
    ) -> None:
        """Download one file from the first mirror that delivers it whole."""
        reasons = []
        for address in addresses:
            url = f"{address.rstrip('/')}/{entry.name}"
            # one partial file per address: packed bytes of two mirrors must not be joined
            mark = hashlib.sha256(url.encode()).hexdigest()[:8]
            part = folder / f".{entry.name}.{mark}.part"
            reason = self._from_mirror(url, entry, part)
            if reason is None:
                os.replace(part, folder / entry.name)
                for rest in folder.glob(f".{entry.name}.*.part"):
                    rest.unlink()
                return
            reasons.append(f"{url}: {reason}")
        raise DataError(
            f"{self.caller}: {entry.name} of {image_set.name} must be on a mirror, got "
            f"{'; '.join(reasons)}. Try later, or put the files into the folder that GRAMIAN_DATA "
            "names."
        )

    def _from_mirror(self, url: str, entry: ImageFile, part: Path) -> str | None:
        """Fill ``part`` with verified bytes; the reason if that failed, None if not."""
        reason, wrong = "", 0
        for attempt in range(self.retries + 1):
            if attempt:
                time.sleep(self.backoff * 2 ** (attempt - 1))
            try:
                self._receive(url, entry, part)
            except _RefusedError as error:
                part.unlink(missing_ok=True)
                return str(error)
            except TimeoutError:
                reason = f"no answer for {self.timeout:g} s"
            except ConnectionError as error:
                reason = str(error)
            else:
                found = digest_fault(part, entry)
                if found is None:
                    return None
                part.unlink(missing_ok=True)
                reason = f"must unpack to SHA-256 {entry.sha256}, got {found}"
                wrong += 1
                if wrong == 2:  # a resumed file gets one fresh start; a mirror does not mend itself
                    break
        return reason

    def _receive(self, url: str, entry: ImageFile, part: Path) -> None:
        """One request, which goes on where ``part`` ends; ConnectionError if it is cut off."""
        import http.client
        import urllib.error
        import urllib.request

        have = part.stat().st_size if part.exists() else 0
        # identity: the gzip file itself is wanted, not a transfer encoding of it
        headers = {"User-Agent": "gramian", "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                resumed = answer.status == 206 and _begins_at(answer, have)
                if answer.status == 206 and not resumed:
                    part.unlink()
                    raise ConnectionError("answered with another range than was asked for")
                length = answer.headers.get("Content-Length", "")
                start = have if resumed else 0
                total = start + int(length) if length.isdigit() else None
                with part.open("ab" if resumed else "wb") as stream:
                    self._copy(answer, stream, entry, start, total)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:
                # nothing lies beyond the end of part: it is whole, or not what the mirror has
                return
            reason = f"HTTP {error.code} {error.reason}"
            if error.code in (408, 425, 429) or error.code >= 500:
                raise ConnectionError(reason) from error
            raise _RefusedError(reason) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise error.reason from error
            raise ConnectionError(f"cannot connect: {error.reason}") from error
        except http.client.HTTPException as error:
            raise ConnectionError(f"cut off: {type(error).__name__}") from error

    def _copy(
        self,
        answer: http.client.HTTPResponse,
        stream: IO[bytes],
        entry: ImageFile,
        done: int,
        total: int | None,
    ) -> None:
        self.progress(entry.name, done, total)
        while chunk := _read(answer):
            stream.write(chunk)
            done += len(chunk)
            if done > entry.size + _ROOM:
                raise _RefusedError(f"sends more than {entry.size + _ROOM} bytes")
            self.progress(entry.name, done, total)
        if total is not None and done < total:
            raise ConnectionError(f"cut off after {done} of {total} bytes")


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The next bytes; a fault of the network is told from a fault of the disk."""
    try:
        return answer.read(_CHUNK)
    except TimeoutError:
        raise
    except OSError as error:
        raise ConnectionError(f"cut off: {error}") from error


def _begins_at(answer: http.client.HTTPResponse, offset: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {offset}-")
