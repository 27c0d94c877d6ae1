"""Submissions to one-neuron."""

ALTERNATIVES = [
    """
import torch

def forward(w, b, x):
    return torch.dot(w, x) + b

def loss(yhat, y):
    return pow(yhat - y, 2)

def gradients(w, b, x, y):
    w = w.clone().requires_grad_()
    b = torch.tensor(float(b), dtype=w.dtype, requires_grad=True)
    loss(forward(w, b, x), y).backward()
    return w.grad, b.grad

def train(w, b, x, y, mu, epochs):
    w = w.clone().requires_grad_()
    b = torch.tensor(float(b), dtype=w.dtype, requires_grad=True)
    found = []
    for _ in range(epochs):
        value = loss(forward(w, b, x), y)
        found.append(value.item())
        value.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= mu * p.grad
                p.grad.zero_()
    return found
""",
    """
def forward(w, b, x):
    out = b
    for weight, entry in zip(w.tolist(), x.tolist()):
        out += weight * entry
    return out

def loss(yhat, y):
    return abs(yhat - y) ** 2

def gradients(w, b, x, y):
    error = forward(w, b, x) - y
    return 2 * error * x, 2 * error

def train(w, b, x, y, mu, epochs):
    error = forward(w, b, x) - y
    factor = 1 - 2 * mu * (float((x * x).sum()) + 1)
    return [(error * factor**k) ** 2 for k in range(epochs)]
""",
]

_TRAIN = """
def train(w, b, x, y, mu, epochs):
    losses = []
    for _ in range(epochs):
        losses.append({stored})
        dw, db = gradients(w, b, x, y)
        w, b = w {sign} mu * dw, b {sign} mu * db{bias}
    return losses
"""
_RIGHT = {"stored": "float(loss(forward(w, b, x), y))", "sign": "-", "bias": ""}

MUTANTS = {
    ("forward", "b forgotten"): "def forward(w, b, x):\n    return w @ x\n",
    ("forward", "no sum over the features"): "def forward(w, b, x):\n    return w * x + b\n",
    ("loss", "no square"): "def loss(yhat, y):\n    return abs(y - yhat)\n",
    ("loss", "one half too many"): "def loss(yhat, y):\n    return 0.5 * (y - yhat) ** 2\n",
    ("gradients", "sign"): """
def gradients(w, b, x, y):
    error = y - forward(w, b, x)
    return 2 * error * x, 2 * error
""",
    ("gradients", "factor two forgotten"): """
def gradients(w, b, x, y):
    error = forward(w, b, x) - y
    return error * x, error
""",
    ("gradients", "b forgotten"): """
def gradients(w, b, x, y):
    error = w @ x - y
    return 2 * error * x, 2 * error
""",
    ("train", "loss stored as a graph"): _TRAIN.format(
        **{**_RIGHT, "stored": "loss(forward(w, b, x), y)"}
    ),
    ("train", "steps in place"): """
def train(w, b, x, y, mu, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(float(loss(forward(w, b, x), y)))
        dw, db = gradients(w, b, x, y)
        w -= mu * dw
        b -= mu * db
    return losses
""",
    ("train", "uphill"): _TRAIN.format(**{**_RIGHT, "sign": "+"}),
    ("train", "gradients accumulate"): """
def train(w, b, x, y, mu, epochs):
    w = w.clone().requires_grad_()
    b = torch.tensor(b, dtype=w.dtype, requires_grad=True)
    losses = []
    for _ in range(epochs):
        value = loss(forward(w, b, x), y)
        losses.append(value.item())
        value.backward()
        with torch.no_grad():
            w -= mu * w.grad
            b -= mu * b.grad
    return losses
""",
    ("train", "b is never moved"): _TRAIN.format(**{**_RIGHT, "bias": " * 0"}),
}
