"""Values on the wire: a JSON tree beside one block of array bytes. Nothing here runs code."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

import numpy as np

from gramian.labs.checking.received import Fixture, Opaque, TorchArray

__all__ = ["LARGEST", "decode", "encode", "read_frame", "write_frame"]

LARGEST = 256 * 2**20
"""Bytes of one frame; an answer that is larger is told about instead."""

_HEAD = struct.Struct("<QQ")
_MOST_ITEMS, _MOST_TEXT, _DEEPEST = 100_000, 10_000, 20
_PLAIN_KINDS = "fiubc"


class _Encoder:
    """Collects the array bytes of one message."""

    def __init__(self, limit: int) -> None:
        self.blob, self._room, self._items = bytearray(), limit, _MOST_ITEMS

    def node(self, value: Any, depth: int = 0) -> Any:
        """The JSON node of ``value``; what is no data becomes a description."""
        self._items -= 1
        if self._items < 0 or depth > _DEEPEST:
            return {"o": "more than can be sent back"}
        if value is None or isinstance(value, bool | int | float):
            return int(value) if type(value) is int else value
        if isinstance(value, str):
            return value[:_MOST_TEXT]
        if isinstance(value, tuple | list):
            kind = "t" if isinstance(value, tuple) else "l"
            return {kind: [self.node(item, depth + 1) for item in value[:_MOST_ITEMS]]}
        if isinstance(value, dict):
            return {"d": [[self.node(k), self.node(v, depth + 1)] for k, v in value.items()]}
        if isinstance(value, Fixture):
            return {"x": [value.name, self.node(value.options, depth + 1)]}
        return self._array_or_description(value)

    def _array_or_description(self, value: Any) -> Any:
        origin = "torch" if isinstance(value, TorchArray) else "numpy"
        if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach"):
            value, origin = _from_torch(value), "torch"
        elif not isinstance(value, np.ndarray | np.generic):
            name = type(value).__qualname__
            return {"o": f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"}
        array = np.asarray(value)
        if array.dtype.kind not in _PLAIN_KINDS:
            return {"o": f"an array of {array.dtype}"}
        if array.nbytes > self._room:
            return {"o": f"an array of shape {array.shape}, too large to be sent back"}
        self._room -= array.nbytes
        start = len(self.blob)
        self.blob += np.ascontiguousarray(array).tobytes()
        return {"a": [array.dtype.str, list(array.shape), start, origin]}


def _from_torch(value: Any) -> Any:
    dense = value.detach().to("cpu").resolve_conj().resolve_neg()
    narrow = str(dense.dtype) in ("torch.bfloat16",)  # NumPy has no such type
    return (dense.float() if narrow else dense).numpy()


def encode(value: Any, limit: int = LARGEST) -> bytes:
    """One frame with ``value``: arrays, tensors and plain data; anything else is described."""
    encoder = _Encoder(limit)
    tree = json.dumps(encoder.node(value)).encode()
    return _HEAD.pack(len(tree), len(encoder.blob)) + tree + bytes(encoder.blob)


def _value(node: Any, blob: bytes) -> Any:
    if not isinstance(node, dict):
        return node
    ((kind, content),) = node.items()
    if kind == "t":
        return tuple(_value(item, blob) for item in content)
    if kind == "l":
        return [_value(item, blob) for item in content]
    if kind == "d":
        return {_value(k, blob): _value(v, blob) for k, v in content}
    if kind == "x":
        return Fixture(content[0], **_value(content[1], blob))
    if kind == "o":
        return Opaque(str(content))
    dtype, shape, start, origin = content
    array = np.frombuffer(
        blob, dtype=np.dtype(dtype), count=int(np.prod(shape, dtype=np.int64)), offset=start
    )
    array = array.reshape(shape).copy()
    return array.view(TorchArray) if origin == "torch" else array


def decode(frame: bytes) -> Any:
    """The value of a frame; tensors become `TorchArray`, descriptions `Opaque`.

    Raises
    ------
    ValueError
        If the bytes are no frame: the other side may be broken in any way.
    """
    try:
        tree, blob = _HEAD.unpack_from(frame)
        if len(frame) != _HEAD.size + tree + blob:
            raise ValueError("lengths disagree")
        body = frame[_HEAD.size :]
        return _value(json.loads(body[:tree]), body[tree:])
    except Exception as error:
        raise ValueError(f"decode: frame must be whole and well-formed, got {error}.") from error


def write_frame(stream: IO[bytes], frame: bytes) -> None:
    """Send one frame."""
    stream.write(frame)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame; None at the end of the stream, and none of its bytes if far too large."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    tree, blob = _HEAD.unpack(head)
    if tree + blob > 2 * LARGEST:
        return b""
    body = stream.read(tree + blob)
    return head + body if len(body) == tree + blob else None
