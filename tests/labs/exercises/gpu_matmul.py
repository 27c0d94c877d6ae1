"""Submissions to gpu-matmul."""

ALTERNATIVES = [
    """
def timed(f, device):
    f()
    f()
    device.synchronize()
    start = device.clock()
    for _ in range(4):
        f()
        device.synchronize()
    return (device.clock() - start) / 4

def timed_on(f, x, device):
    moved = device.put(x)

    def call():
        return f(moved)

    return timed(call, device)

def to_device(x, d):
    if hasattr(x, "to"):
        return x.to(d)
    if isinstance(x, list):
        return [to_device(part, d) for part in x]
    if isinstance(x, tuple):
        return tuple(to_device(part, d) for part in x)
    if isinstance(x, dict):
        return {key: to_device(x[key], d) for key in x}
    return x
""",
    """
import torch

def timed(f, device):
    readings = []
    for _ in range(5):
        device.synchronize()
        readings.append(device.clock())
        f()
        device.synchronize()
        readings[-1] = device.clock() - readings[-1]
    return sorted(readings)[2]

def timed_on(f, x, device):
    y = device.put(x)
    f(y)
    device.synchronize()
    before = device.clock()
    f(y)
    device.synchronize()
    after = device.clock()
    return after - before

def to_device(x, d):
    match x:
        case list() | tuple():
            return type(x)(map(lambda part: to_device(part, d), x))
        case dict():
            return dict(zip(x, to_device(list(x.values()), d)))
        case torch.Tensor():
            return torch.empty_like(x, device=d)
        case _:
            return x
""",
]

_TO_DEVICE = """
def to_device(x, d):
    move = lambda part: part.to(d) if isinstance(part, torch.Tensor) else part
    if isinstance(x, (list, tuple)):
        return type(x)({inner} for part in x)
    if isinstance(x, dict):
        return {{key: {inner} for key, part in x.items()}}
    return move(x)
"""

MUTANTS = {
    ("timed", "no wait at the end"): """
def timed(f, device):
    f()
    device.synchronize()
    began = device.clock()
    f()
    return device.clock() - began
""",
    ("timed", "the first call counts"): """
def timed(f, device):
    device.synchronize()
    began = device.clock()
    f()
    device.synchronize()
    return device.clock() - began
""",
    ("timed", "no wait at the start"): """
def timed(f, device):
    f()
    began = device.clock()
    f()
    device.synchronize()
    return device.clock() - began
""",
    ("timed", "neither a first call nor a wait at the start"): """
def timed(f, device):
    began = device.clock()
    f()
    device.synchronize()
    return device.clock() - began
""",
    ("timed_on", "x stays where it was"): """
def timed_on(f, x, device):
    return timed(lambda: f(x), device)
""",
    ("timed_on", "the way to the device counts"): """
def timed_on(f, x, device):
    return timed(lambda: f(device.put(x)), device)
""",
    ("timed_on", "the first call counts"): """
def timed_on(f, x, device):
    y = device.put(x)
    device.synchronize()
    began = device.clock()
    f(y)
    device.synchronize()
    return device.clock() - began
""",
    ("timed_on", "no wait at the end"): """
def timed_on(f, x, device):
    y = device.put(x)
    f(y)
    device.synchronize()
    began = device.clock()
    f(y)
    return device.clock() - began
""",
    ("to_device", "a tensor alone is moved"): """
def to_device(x, d):
    return x.to(d) if isinstance(x, torch.Tensor) else x
""",
    ("to_device", "not below the first level"): _TO_DEVICE.format(inner="move(part)"),
    ("to_device", "tuples become lists"): """
def to_device(x, d):
    if isinstance(x, (list, tuple)):
        return [to_device(part, d) for part in x]
    if isinstance(x, dict):
        return {key: to_device(part, d) for key, part in x.items()}
    return x.to(d) if isinstance(x, torch.Tensor) else x
""",
}
