"""Submissions to xor."""

ALTERNATIVES = [
    """
import torch
from torch.nn.functional import linear, mse_loss

def forward(W0, b0, W1, b1, X, phi):
    return linear(phi(linear(X, W0, b0)), W1, b1)

def loss(yhat, y):
    return mse_loss(yhat.squeeze(1), y)

def train(W0, b0, W1, b1, X, y, phi, rate, steps):
    weights = [torch.nn.Parameter(w.clone()) for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        for w in weights:
            w.grad = None
        loss(forward(*weights, X, phi), y).backward()
        for w in weights:
            w.data -= rate * w.grad
    return tuple(w.data for w in weights)
""",
    """
import torch

def forward(W0, b0, W1, b1, X, phi):
    units = [phi((X * w).sum(1) + b) for w, b in zip(W0, b0)]
    out = b1.expand(len(X))
    for value, w in zip(units, W1[0]):
        out = out + w * value
    return out.reshape(-1, 1)

def loss(yhat, y):
    total = 0.0
    for a, b in zip(yhat.flatten(), y):
        total = total + (a - b) ** 2
    return total / len(y)

def train(W0, b0, W1, b1, X, y, phi, rate, steps):
    for _ in range(steps):
        z = (X @ W0.T + b0).requires_grad_()
        h = phi(z)
        error = 2 / len(y) * (h @ W1.T + b1 - y[:, None]).detach()
        (back,) = torch.autograd.grad(h, z, error * W1)
        h = h.detach()
        W0, b0 = W0 - rate * back.T @ X, b0 - rate * back.sum(0)
        W1, b1 = W1 - rate * error.T @ h, b1 - rate * error.sum(0)
    return W0, b0, W1, b1
""",
]

_FORWARD = "def forward(W0, b0, W1, b1, X, phi):\n    return {}\n"

_TRAIN = """
def train(W0, b0, W1, b1, X, y, phi, rate, steps):
    weights = [w.clone().requires_grad_() for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        error = {error}
        error.backward()
        with torch.no_grad():
            for w in weights:
                w {sign}= rate * w.grad
                {after}
    return tuple(w.detach() for w in weights)
"""
_RIGHT = {
    "error": "loss(forward(*weights, X, phi), y)",
    "sign": "-",
    "after": "w.grad.zero_()",
}


def _train(**changes: str) -> str:
    return _TRAIN.format(**{**_RIGHT, **changes})


MUTANTS = {
    ("forward", "units put together along the wrong axis"): """
def forward(W0, b0, W1, b1, X, phi):
    units = [phi(X @ w[:, None] + b) for w, b in zip(W0, b0)]
    return torch.cat(units, dim=0) @ W1.T + b1
""",
    ("forward", "no activation"): _FORWARD.format("(X @ W0.T + b0) @ W1.T + b1"),
    ("forward", "activation on the output"): _FORWARD.format("phi(phi(X @ W0.T + b0) @ W1.T + b1)"),
    ("forward", "a bias forgotten"): _FORWARD.format("phi(X @ W0.T + b0) @ W1.T"),
    ("loss", "every output with every label"): """
def loss(yhat, y):
    return ((yhat - y) ** 2).mean()
""",
    ("loss", "sum in place of the mean"): """
def loss(yhat, y):
    return ((yhat[:, 0] - y) ** 2).sum()
""",
    ("loss", "no square"): "def loss(yhat, y):\n    return (yhat[:, 0] - y).abs().mean()\n",
    ("train", "steps in place"): """
def train(W0, b0, W1, b1, X, y, phi, rate, steps):
    weights = [w.requires_grad_() for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        gradients = torch.autograd.grad(loss(forward(*weights, X, phi), y), weights)
        for w, g in zip(weights, gradients):
            w.data -= rate * g
    return tuple(weights)
""",
    ("train", "update inside the graph"): """
def train(W0, b0, W1, b1, X, y, phi, rate, steps):
    weights = [w.clone().requires_grad_() for w in (W0, b0, W1, b1)]
    for _ in range(steps):
        loss(forward(*weights, X, phi), y).backward()
        weights = [w - rate * w.grad for w in weights]
    return tuple(weights)
""",
    ("train", "every output with every label"): _train(
        error="(forward(*weights, X, phi) - y).square().mean()"
    ),
    ("train", "sum in place of the mean"): _train(
        error="(forward(*weights, X, phi)[:, 0] - y).square().sum()"
    ),
    ("train", "gradients accumulate"): _train(after="pass"),
    ("train", "uphill"): _train(sign="+"),
}
