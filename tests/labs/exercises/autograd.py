"""Submissions to autograd."""

ALTERNATIVES = [
    """
import math
import torch

def grad(f, x):
    steps = 1e-4 * torch.eye(len(x), dtype=x.dtype)
    def rise(e, k):
        return float(f(x + k * e)) - float(f(x - k * e))
    slopes = [(8 * rise(e, 1) - rise(e, 2)) / 12e-4 for e in steps]
    return torch.tensor(slopes, dtype=x.dtype)

def is_gradient(f, x, g):
    return torch.allclose(g, grad(f, x), rtol=0, atol=1e-3)

def f_slope(a):
    doublings = max(1, math.ceil(math.log2(1000 / abs(a))))
    return 2.0**doublings * (100 if a < 0 else 1)

def detached_product(x):
    return x * x
""",
    """
import torch

def grad(f, x):
    slopes = []
    for i in range(len(x)):
        up, down = x.clone(), x.clone()
        up[i] += 1e-6
        down[i] -= 1e-6
        slopes.append((f(up) - f(down)) / (up[i] - down[i]))
    return torch.stack(slopes)

def is_gradient(f, x, g):
    for ours, given in zip(grad(f, x).tolist(), g.tolist()):
        if abs(ours - given) >= 1e-3:
            return False
    return True

def f_slope(a):
    def f(x):
        b = x * 2
        while b.norm() < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b
    x = torch.tensor(a, requires_grad=True)
    f(x).backward()
    return x.grad

def detached_product(x):
    with torch.no_grad():
        u = x**2
    y = x.clone().requires_grad_()
    y.retain_grad()
    (u * y).backward(torch.ones_like(y))
    return y.grad
""",
]

_GRAD = """
def grad(f, x):
    h = {h}
    slopes = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step{where} = h
        slopes[i] = {slope}
    return slopes
"""
_RIGHT = {"h": "1e-5", "where": "[i]", "slope": "(f(x + step) - f(x - step)) / (2 * h)"}


def _grad(**changes: str) -> str:
    return _GRAD.format(**{**_RIGHT, **changes})


def _judge(answer: str) -> str:
    return f"def is_gradient(f, x, g):\n    error = g - grad(f, x)\n    return bool({answer})\n"


def _f_slope(begin: str = "2 * x", test: str = "<", above: str = "100", last: str = "grad") -> str:
    answers = {"grad": "float(torch.autograd.grad(y, x)[0])", "value": "float(y)"}
    return f"""
def f_slope(a):
    x = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    b = {begin}
    while b.abs() {test} 1000:
        b = 2 * b
    y = b if b > 0 else {above} * b
    return {answers[last]}
"""


MUTANTS = {
    ("grad", "steps in place"): """
def grad(f, x):
    slopes = torch.zeros_like(x)
    for i in range(len(x)):
        x[i] += 1e-5
        above = f(x)
        x[i] -= 2e-5
        slopes[i] = (above - f(x)) / 2e-5
    return slopes
""",
    ("grad", "all entries at once"): _grad(where="[:]"),
    ("grad", "half of the way forgotten"): _grad(slope="(f(x + step) - f(x - step)) / h"),
    ("grad", "step lost in rounding"): _grad(h="1e-20"),
    ("grad", "one side only"): _grad(slope="(f(x + step) - f(x)) / h"),
    ("is_gradient", "exact float comparison"): _judge("(error == 0).all()"),
    ("is_gradient", "one right entry is enough"): _judge("(error.abs() < 1e-3).any()"),
    ("is_gradient", "errors cancel"): _judge("error.sum().abs() < 1e-3"),
    ("is_gradient", "sign of the error forgotten"): _judge("(error < 1e-3).all()"),
    ("f_slope", "value in place of the slope"): _f_slope(last="value"),
    ("f_slope", "branch forgotten"): _f_slope(above="1"),
    ("f_slope", "one round too many"): _f_slope(test="<="),
    ("f_slope", "first doubling forgotten"): _f_slope(begin="1 * x"),
    ("detached_product", "backward on a vector"): """
def detached_product(x):
    x = x.clone().requires_grad_()
    ((x * x).detach() * x).backward()
    return x.grad
""",
    ("detached_product", "nothing recorded"): """
def detached_product(x):
    ((x * x).detach() * x).sum().backward()
    return x.grad
""",
    ("detached_product", "not detached"): """
def detached_product(x):
    x = x.clone().requires_grad_()
    u = x * x
    (u * x).sum().backward()
    return x.grad
""",
    ("detached_product", "gradients accumulate"): """
def detached_product(x):
    x = x.clone().requires_grad_()
    y = x * x
    y.sum().backward()
    (y.detach() * x).sum().backward()
    return x.grad
""",
}
