"""Submissions to fashion-mlp."""

ALTERNATIVES = [
    """
import torch
from torch.nn.functional import cross_entropy, linear

def relu(X):
    return torch.maximum(X, torch.zeros_like(X))

def forward(params, X):
    W1, b1, W2, b2 = params
    return linear(relu(linear(X.flatten(1), W1.T, b1)), W2.T, b2)

def init(d, q, k, sigma, generator):
    params = [torch.empty(d, q), torch.zeros(q), torch.empty(q, k), torch.zeros(k)]
    for W in params[::2]:
        W.normal_(0, sigma, generator=generator)
    return params

def train(params, X, y, rate, steps):
    params = [p.clone().requires_grad_() for p in params]
    for _ in range(steps):
        cross_entropy(forward(params, X), y).backward()
        for p in params:
            p.data -= rate * p.grad
            p.grad.zero_()
    return [p.detach() for p in params]
""",
    """
import torch

def relu(X):
    return torch.where(X > 0, X, 0 * X)

def forward(params, X):
    W1, b1, W2, b2 = params
    hidden = torch.stack([relu(image.reshape(-1) @ W1 + b1) for image in X])
    return hidden @ W2 + b2

def init(d, q, k, sigma, generator):
    numbers = sigma * torch.randn(d * q + q * k, generator=generator)
    first, second = numbers[: d * q].clone(), numbers[d * q :].clone()
    return [first.view(d, q), torch.zeros(q), second.view(q, k), torch.zeros(k)]

def train(params, X, y, rate, steps):
    W1, b1, W2, b2 = params
    rows = X.flatten(1)
    for _ in range(steps):
        hidden = relu(rows @ W1 + b1)
        shares = torch.softmax(hidden @ W2 + b2, 1)
        shares[torch.arange(len(y)), y] -= 1
        slope = shares / len(y)
        back = (slope @ W2.T) * (hidden > 0)
        W1, b1 = W1 - rate * rows.T @ back, b1 - rate * back.sum(0)
        W2, b2 = W2 - rate * hidden.T @ slope, b2 - rate * slope.sum(0)
    return [W1, b1, W2, b2]
""",
]

_FORWARD = """
def forward(params, X):
    W1, b1, W2, b2 = params
    hidden = X.reshape(len(X), -1) @ W1 + b1
    return {scores}
"""
_INIT = """
def init(d, q, k, sigma, generator):
    W1 = {first}
    W2 = {second}
    return [W1, torch.zeros(q), W2, torch.zeros(k)]
"""
_TRAIN = """
def train(params, X, y, rate, steps):
    params = [p{copied}.requires_grad_() for p in params]
    for _ in range(steps):
        torch.nn.functional.cross_entropy(forward(params, X), y).backward()
        with torch.no_grad():
            for p in params{part}:
                p {sign}= rate * p.grad
                {forget}
    return [p.detach() for p in params]
"""
_RIGHT = {"copied": ".clone()", "part": "", "sign": "-", "forget": "p.grad = None"}

MUTANTS = {
    ("relu", "in place"): "def relu(X):\n    X[X < 0] = 0\n    return X\n",
    ("relu", "the size in place of the positive part"): "def relu(X):\n    return X.abs()\n",
    ("relu", "one number for all"): "def relu(X):\n    return X.max().clamp(min=0)\n",
    ("forward", "no bend"): _FORWARD.format(scores="hidden @ W2 + b2"),
    ("forward", "ReLU on the output"): _FORWARD.format(scores="relu(relu(hidden) @ W2 + b2)"),
    ("init", "the same weights twice"): _INIT.format(
        first="sigma * torch.randn(d, max(q, k), generator=generator)[:, :q]",
        second="W1.T[:q, :1].expand(q, k).clone()",
    ),
    ("init", "all zero"): _INIT.format(first="torch.zeros(d, q)", second="torch.zeros(q, k)"),
    ("init", "the variance in place of the deviation"): _INIT.format(
        first="sigma**2 * torch.randn(d, q, generator=generator)",
        second="sigma**2 * torch.randn(q, k, generator=generator)",
    ),
    ("train", "steps in place"): _TRAIN.format(**_RIGHT | {"copied": ""}),
    ("train", "uphill"): _TRAIN.format(**_RIGHT | {"sign": "+"}),
    ("train", "gradients accumulate"): _TRAIN.format(**_RIGHT | {"forget": "pass"}),
    ("train", "only the last layer learns"): _TRAIN.format(**_RIGHT | {"part": "[2:]"}),
}
