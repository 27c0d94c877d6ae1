"""The compiled core for those who ask it for more than tiles, and whether they may."""

from __future__ import annotations

from torch import Tensor

from gramian import _config

try:
    import gramian._native as native
except ImportError:  # installed where there was no compiler
    native = None  # type: ignore[assignment]  # to mypy a module is never missing

__all__ = ["native", "serves"]


def serves(x: Tensor) -> bool:
    """Whether the core is there, `gramian.config` allows it, and ``x`` lies where it computes."""
    settings = _config.current()
    return (
        native is not None
        and settings.backend in ("auto", "native")
        and settings.device in (None, "cpu")
        and x.device.type == "cpu"
    )
