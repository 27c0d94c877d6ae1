"""Submissions to teacher-student."""

ALTERNATIVES = [
    """
import math
import torch
from itertools import pairwise
from torch import nn

class Teacher(nn.Module):
    def __init__(self, sizes, generator):
        super().__init__()
        for k, (n_in, n_out) in enumerate(pairwise(sizes)):
            for name, shape in (("W", (n_out, n_in)), ("b", (n_out,))):
                drawn = torch.randn(shape, generator=generator)
                self.register_parameter(f"{name}{k}", nn.Parameter(drawn, requires_grad=False))
        self.depth = len(sizes) - 1

    def forward(self, X):
        for k in range(self.depth):
            X = X @ getattr(self, f"W{k}").T + getattr(self, f"b{k}")
            if k + 1 < self.depth:
                X = X.clamp_min(0)
        return X

def make_teacher(sizes, generator):
    return Teacher(sizes, generator)

def make_test_set(teacher, n, d, seed):
    X = torch.empty(n, d).uniform_(0, 2, generator=torch.Generator().manual_seed(seed))
    y = teacher(X).detach().flatten().double()
    y = (y - y.mean()) / torch.sqrt(y.square().mean() - y.mean() ** 2)
    return X, y.float()

def nmse(y_hat, y):
    return nn.functional.mse_loss(y_hat, y) / y.var(unbiased=False)

def train_step(student, teacher, optimizer, X):
    student.zero_grad()
    loss = nn.functional.mse_loss(student(X), teacher(X).detach())
    loss.backward()
    optimizer.step()
    return loss.item()

def best_rate(rates, errors):
    pairs = [(e, k) for k, e in enumerate(errors.tolist()) if not math.isnan(e)]
    return rates.tolist()[min(pairs)[1]]
""",
    """
import torch
from torch import nn

def make_teacher(sizes, generator):
    net = nn.Sequential(nn.Linear(sizes[0], sizes[1]))
    for k in range(1, len(sizes) - 1):
        net.append(nn.ReLU())
        net.append(nn.Linear(sizes[k], sizes[k + 1]))
    for p in net.parameters():
        p.data = torch.randn(p.shape, generator=generator)
        p.requires_grad = False
    return net

def make_test_set(teacher, n, d, seed):
    rng = torch.Generator()
    rng.manual_seed(seed)
    X = torch.stack([2 * torch.rand(d, generator=rng) for _ in range(n)])
    with torch.inference_mode():
        y = teacher(X).squeeze(1)
        var, mean = torch.var_mean(y, correction=0)
    return X, (y - mean) / var.sqrt()

def nmse(y_hat, y):
    spread = y - y.mean()
    errors = y_hat - y
    return errors.dot(errors) / spread.dot(spread)

def train_step(student, teacher, optimizer, X):
    with torch.no_grad():
        target = teacher(X)[:, 0]
    errors = student(X)[:, 0] - target
    loss = errors.dot(errors) / len(X)
    parameters = list(student.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    optimizer.step()
    return float(loss.detach())

def best_rate(rates, errors):
    best = None
    for rate, error in zip(rates, errors):
        if error == error and (best is None or error < best[1]):
            best = (float(rate), error)
    return best[0]
""",
]

_TEACHER = """
def make_teacher(sizes, generator):
    layers = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    teacher = nn.Sequential(*layers[:-1]){fixed}
    with torch.no_grad():
        for p in teacher.parameters():
            {drawn}
    return teacher
"""
_MADE = {
    "fixed": ".requires_grad_(False)",
    "drawn": "p.normal_(generator=generator)",
}

_SET = """
def make_test_set(teacher, n, d, seed):
    X = {X}
    with torch.no_grad():
        y = teacher(X)[:, 0]
    return X, {y}
"""
_DRAWN = {
    "X": "2 * torch.rand(n, d, generator=torch.Generator().manual_seed(seed))",
    "y": "(y - y.mean()) / y.std()",
}

_STEP = """
def train_step(student, teacher, optimizer, X):
    y = {y}
    loss = ((student(X) - y) ** 2).mean()
    {zero}
    loss.backward()
    optimizer.step()
    return loss.item()
"""
_STEPPED = {
    "y": "teacher(X).detach()",
    "zero": "optimizer.zero_grad()",
}

MUTANTS = {
    ("make_teacher", "a teacher that takes gradients"): _TEACHER.format(**{**_MADE, "fixed": ""}),
    ("make_teacher", "the usual first weights"): _TEACHER.format(
        **{**_MADE, "drawn": "p.normal_(0, p.shape[-1] ** -0.5, generator=generator)"}
    ),
    ("make_test_set", "the test set is redrawn"): _SET.format(
        **{**_DRAWN, "X": "2 * torch.rand(n, d)"}
    ),
    ("make_test_set", "raw targets"): _SET.format(**{**_DRAWN, "y": "y"}),
    ("nmse", "not divided"): "def nmse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()\n",
    ("nmse", "divided by the mean square"): """
def nmse(y_hat, y):
    return ((y_hat - y) ** 2).sum() / (y ** 2).sum()
""",
    ("train_step", "the teacher receives gradients"): _STEP.format(
        **{**_STEPPED, "y": "teacher(X)"}
    ),
    ("train_step", "gradients accumulate"): _STEP.format(**{**_STEPPED, "zero": "pass"}),
    ("train_step", "all answers with all"): _STEP.format(
        **{**_STEPPED, "y": "teacher(X).detach()[:, 0]"}
    ),
    ("best_rate", "the default rate"): "def best_rate(rates, errors):\n    return 1e-3\n",
    ("best_rate", "a diverged run wins"): """
def best_rate(rates, errors):
    return float(rates[errors.argmin()])
""",
}
