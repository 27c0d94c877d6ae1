"""Submissions to cnn-equivariance."""

import runpy
from pathlib import Path

_SHARED = runpy.run_path(str(Path(__file__).with_name("invariance_fc.py")))

_WITH_PADDING = """
import torch

def shift(x, dy, dx, fill):
    n, h, w = x.shape
    a, b = min(abs(dy), h), min(abs(dx), w)
    padded = torch.nn.functional.pad(x, (b, b, a, a), value=fill)
    dy, dx = max(-h, min(dy, h)), max(-w, min(dx, w))
    return padded[:, a - dy : a - dy + h, b - dx : b - dx + w].clone()

def equivariance_error(f, x, dy):
    moved = shift(x, dy, 0, 0.0)
    a, b = f(moved)[:, dy:], f(x)[:, :-dy]
    return torch.dist(a.flatten(), b.flatten(), p=float("inf"))
"""
_PIXEL_BY_PIXEL = """
import torch

def shift(x, dy, dx, fill):
    n, h, w = x.shape
    rows, columns = torch.arange(h) - dy, torch.arange(w) - dx
    known = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))[None, :]
    found = x[:, rows.clamp(0, h - 1)][:, :, columns.clamp(0, w - 1)]
    return torch.where(known, found, torch.tensor(fill, dtype=x.dtype))

def equivariance_error(f, x, dy):
    first, second = f(shift(x, dy, 0, 0.0)), f(x)
    worst = 0.0
    for row in range(dy, second.shape[1]):
        worst = max(worst, (first[:, row] - second[:, row - dy]).abs().max().item())
    return worst
"""
_SHARED_ALTERNATIVES = _SHARED["ALTERNATIVES"]
ALTERNATIVES = [
    _WITH_PADDING + _SHARED_ALTERNATIVES[0],
    _PIXEL_BY_PIXEL + _SHARED_ALTERNATIVES[1],
]

_ERROR = """
def equivariance_error(f, x, dy):
    a, b = f(shift(x, dy, 0, 0.0)), {second}
    return {error}
"""
_MOVED = "shift(f(x), dy, 0, 0.0)"

MUTANTS = {
    ("shift", "wrap-around"): "def shift(x, dy, dx, fill): return x.roll((dy, dx), (1, 2))",
    ("shift", "always filled with black"): """
def shift(x, dy, dx, fill):
    n, h, w = x.shape
    padded = torch.nn.functional.pad(x, (w + 9, w + 9, h + 9, h + 9))
    return padded[:, h + 9 - dy : 2 * h + 9 - dy, w + 9 - dx : 2 * w + 9 - dx]
""",
    ("shift", "rows and columns exchanged"): """
def shift(x, dy, dx, fill):
    n, h, w = x.shape
    padded = torch.nn.functional.pad(x, (w + 9, w + 9, h + 9, h + 9), value=fill)
    return padded[:, h + 9 - dx : 2 * h + 9 - dx, w + 9 - dy : 2 * w + 9 - dy]
""",
    ("shift", "the other way"): """
def shift(x, dy, dx, fill):
    n, h, w = x.shape
    padded = torch.nn.functional.pad(x, (w + 9, w + 9, h + 9, h + 9), value=fill)
    return padded[:, h + 9 + dy : 2 * h + 9 + dy, w + 9 + dx : 2 * w + 9 + dx]
""",
    ("equivariance_error", "borders included"): _ERROR.format(
        second=_MOVED, error="(a - b).abs().max()"
    ),
    ("equivariance_error", "sorted values"): _ERROR.format(
        second=_MOVED, error="(a.flatten(1).sort().values - b.flatten(1).sort().values).abs().max()"
    ),
    ("equivariance_error", "sorted values without the border"): _ERROR.format(
        second="f(x)[:, :-dy].flatten(1).sort().values",
        error="(a[:, dy:].flatten(1).sort().values - b).abs().max()",
    ),
    ("equivariance_error", "invariance in place of equivariance"): _ERROR.format(
        second="f(x)", error="(a - b)[:, dy:].abs().max()"
    ),
    **{key: text for key, text in _SHARED["MUTANTS"].items() if key[0] == "invariance_T"},
}
