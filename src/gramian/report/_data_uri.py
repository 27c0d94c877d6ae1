"""Pictures inside the page."""

from __future__ import annotations

import base64


def data_uri(picture: bytes, kind: str = "png") -> str:
    """A PNG or GIF as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
