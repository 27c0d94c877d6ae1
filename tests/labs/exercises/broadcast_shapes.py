"""Submissions to broadcast-shapes."""

ALTERNATIVES = [
    """
import numpy as np

def broadcast_shape(a, b):
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None

def explain(a, b):
    for k in range(1, min(len(a), len(b)) + 1):
        pair = {a[-k], b[-k]}
        if len(pair - {1}) == 2:
            return -k
""",
    """
def broadcast_shape(a, b):
    out = []
    a, b = list(a), list(b)
    while a or b:
        m = a.pop() if a else 1
        n = b.pop() if b else 1
        if m == 1:
            out.insert(0, n)
        elif n in (1, m):
            out.insert(0, m)
        else:
            return None
    return tuple(out)

def explain(a, b):
    axis = -1
    for m, n in zip(reversed(a), reversed(b)):
        if broadcast_shape((m,), (n,)) is None:
            return axis
        axis -= 1
    return None
""",
]

MUTANTS = {
    ("broadcast_shape", "left alignment"): """
def broadcast_shape(a, b):
    size = max(len(a), len(b))
    a, b = a + (1,) * (size - len(a)), b + (1,) * (size - len(b))
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return None
    return tuple(n if m == 1 else m for m, n in zip(a, b))
""",
    ("broadcast_shape", "largest size without a check"): """
def broadcast_shape(a, b):
    size = max(len(a), len(b))
    a, b = (1,) * (size - len(a)) + a, (1,) * (size - len(b)) + b
    return tuple(map(max, a, b))
""",
    ("broadcast_shape", "an empty axis counts as smaller"): """
def broadcast_shape(a, b):
    size = max(len(a), len(b))
    a, b = (1,) * (size - len(a)) + a, (1,) * (size - len(b)) + b
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return None
    return tuple(map(max, a, b))
""",
    ("explain", "left alignment"): """
def explain(a, b):
    for axis, (m, n) in enumerate(zip(a, b)):
        if m != n and 1 not in (m, n):
            return axis - max(len(a), len(b))
""",
    ("explain", "counted from the left"): """
def explain(a, b):
    size = max(len(a), len(b))
    a, b = (1,) * (size - len(a)) + a, (1,) * (size - len(b)) + b
    for axis in reversed(range(size)):
        if a[axis] != b[axis] and 1 not in (a[axis], b[axis]):
            return axis
""",
    ("explain", "the leftmost of several conflicts"): """
def explain(a, b):
    for axis in range(-min(len(a), len(b)), 0):
        if a[axis] != b[axis] and 1 not in (a[axis], b[axis]):
            return axis
""",
}
