"""A miniature image set, a place without data, and a server with faults on request."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from gramian.data.catalog import IMAGE_SETS, PARTS, ImageFile


def idx_bytes(array: np.ndarray) -> bytes:
    """A uint8 array as an unpacked IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """Neither GRAMIAN_DATA nor a filled cache; returns the empty cache folder."""
    monkeypatch.delenv("GRAMIAN_DATA", raising=False)
    monkeypatch.setenv("GRAMIAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "cache"


@pytest.fixture
def mini(monkeypatch, no_data) -> dict[str, bytes]:
    """``mnist`` replaced by 40 train and 20 test images; the packed files by name."""
    rng = np.random.default_rng(0)
    packed, files = {}, []
    for name, shape in zip(PARTS, [(40, 28, 28), (40,), (20, 28, 28), (20,)], strict=True):
        high = 256 if len(shape) == 3 else 10
        content = idx_bytes(rng.integers(0, high, shape, dtype=np.uint8))
        files.append(ImageFile(name, len(content), hashlib.sha256(content).hexdigest()))
        packed[name] = gzip.compress(content, mtime=0)
    monkeypatch.setitem(IMAGE_SETS, "mnist", replace(IMAGE_SETS["mnist"], files=tuple(files)))
    return packed


@dataclass
class Mirror:
    """Files to serve, and the faults to show for them, one per request, in order.

    A fault is an HTTP status, or "cut" (half of the body), "norange" (Range is ignored), "shift"
    (another range than asked for), "long" (no length, no end), "slow" (half a second late) or
    "drop" (hung up at once).
    """

    url: str
    files: dict[str, bytes]
    faults: dict[str, list] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def mirror(mini) -> Iterator[Mirror]:
    """A server on the loopback interface that has the miniature set."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args) -> None:
            """Keep the test output quiet."""

        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            wanted = self.headers.get("Range")
            made.requests.append((name, wanted))
            queue = made.faults.get(name, [])
            fault = queue.pop(0) if queue else None
            body = made.files.get(name)
            if isinstance(fault, int) or body is None:
                self.send_error(fault if isinstance(fault, int) else 404)
                return
            if fault == "slow":
                time.sleep(0.5)
            if fault == "drop":
                self.connection.close()
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if wanted and start >= len(body):
                self.send_error(416)
                return
            if wanted and fault != "norange":
                self.send_response(206)
                shown = start + 1 if fault == "shift" else start
                self.send_header("Content-Range", f"bytes {shown}-{len(body) - 1}/{len(body)}")
            else:
                start = 0
                self.send_response(200)
            rest = body[start:]
            if fault == "long":
                self.end_headers()
                self.wfile.write(bytes(3 << 20))
                return
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: len(rest) // 2] if fault == "cut" else rest)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # a client that hangs up is part of the tests
    made = Mirror(f"http://127.0.0.1:{server.server_port}/set/", dict(mini))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
