"""Submissions to linear-regression."""

ALTERNATIVES = [
    """
import torch

def forward(X, w, b):
    return (X * w).sum(dim=1) + b

def loss(yhat, y):
    return torch.nn.functional.mse_loss(yhat, y) / 2

def sgd_step(params, rate):
    for p in params:
        p.data.sub_(p.grad, alpha=rate)
        p.grad.zero_()

def train(X, y, w, b, rate, batch_size, epochs, rng):
    params = [torch.nn.Parameter(w.clone()), torch.nn.Parameter(b.clone())]
    for _ in range(epochs):
        order = torch.randperm(len(y), generator=rng)
        for i in range(0, len(y), batch_size):
            rows = order[i : i + batch_size]
            loss(forward(X[rows], *params), y[rows]).backward()
            sgd_step(params, rate)
    return tuple(params)
""",
    """
import torch

def forward(X, w, b):
    return torch.stack([row @ w + b[0] for row in X])

def loss(yhat, y):
    error = yhat - y
    return error @ error / (2 * len(y))

@torch.no_grad()
def sgd_step(params, rate):
    for p in params:
        p.copy_(p - rate * p.grad)
        p.grad = torch.zeros_like(p)

def train(X, y, w, b, rate, batch_size, epochs, rng):
    for _ in range(epochs):
        order = torch.rand(len(y), generator=rng).argsort()
        for rows in torch.split(order, batch_size):
            error = forward(X[rows], w, b) - y[rows]
            w, b = w - rate * error @ X[rows] / len(rows), b - rate * error.mean()
    return w, b
""",
]

_STEP = """
def sgd_step(params, rate):
    with torch.no_grad():
        for p in params:
            {move}
            {clear}
"""
_MOVE, _CLEAR = "p -= rate * p.grad", "p.grad = None"

_TRAIN = """
def train(X, y, w, b, rate, batch_size, epochs, rng):
    params = [{w}.requires_grad_(), {b}.requires_grad_()]
    for _ in range(epochs):
        order = {order}
        for i in range(0, {end}, batch_size):
            rows = order[i : i + batch_size]
            error = forward(X[rows], *params) - y[rows]
            {loss}.backward()
            with torch.no_grad():
                for p in {moved}:
                    p -= rate * p.grad
                for p in params:
                    {after}
    return params[0].detach(), params[1].detach()
"""
_RIGHT = {
    "w": "w.clone()",
    "b": "b.clone()",
    "order": "torch.randperm(len(X), generator=rng)",
    "end": "len(X)",
    "loss": "(error.square().mean() / 2)",
    "moved": "params",
    "after": "p.grad = None",
}


def _train(**changes: str) -> str:
    return _TRAIN.format(**{**_RIGHT, **changes})


MUTANTS = {
    ("forward", "b forgotten"): "def forward(X, w, b):\n    return X @ w\n",
    ("forward", "no sum over the features"): "def forward(X, w, b):\n    return X * w + b\n",
    ("loss", "one half forgotten"): "def loss(yhat, y):\n    return ((yhat - y) ** 2).mean()\n",
    ("loss", "sum in place of the mean"): """
def loss(yhat, y):
    return ((yhat - y) ** 2 / 2).sum()
""",
    ("loss", "no square"): "def loss(yhat, y):\n    return (yhat - y).abs().mean() / 2\n",
    ("sgd_step", "update inside the graph"): """
def sgd_step(params, rate):
    for p in params:
        p -= rate * p.grad
        p.grad = None
""",
    ("sgd_step", "gradients not cleared"): _STEP.format(move=_MOVE, clear="pass"),
    ("sgd_step", "new tensors in place of moved ones"): _STEP.format(
        move="p = p - rate * p.grad", clear=_CLEAR
    ),
    ("sgd_step", "uphill"): _STEP.format(move="p += rate * p.grad", clear=_CLEAR),
    ("train", "steps in place"): _train(w="w", b="b"),
    ("train", "no shuffle"): _train(order="torch.arange(len(X))"),
    ("train", "gradient not zeroed"): _train(after="pass"),
    ("train", "sum in place of the mean"): _train(loss="(error.square().sum() / 2)"),
    ("train", "one half forgotten"): _train(loss="error.square().mean()"),
    ("train", "b is never moved"): _train(moved="params[:1]"),
    ("train", "smaller last batch left out"): _train(end="len(X) - batch_size + 1"),
}
