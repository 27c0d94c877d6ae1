"""Submissions to fashion-softmax."""

from tests.labs.exercises.accuracy_mutants import ACCURACY_MUTANTS

ALTERNATIVES = [
    """
import torch
from torch.nn import functional

def softmax(S):
    return functional.softmax(S, dim=1)

def cross_entropy(S, y):
    return functional.cross_entropy(S, y)

def accuracy(scores, y):
    return (scores.max(dim=1).indices == y).sum().item() / len(y)

def train_step(W, b, X, y, X_test, y_test, rate):
    W, b = torch.nn.Parameter(W.clone()), torch.nn.Parameter(b.clone())
    cross_entropy(X @ W + b, y).backward()
    with torch.no_grad():
        W -= rate * W.grad
        b -= rate * b.grad
    return W, b, accuracy(X_test @ W + b, y_test)
""",
    """
import torch

def softmax(S):
    return torch.exp(S - torch.logsumexp(S, dim=1, keepdim=True))

def cross_entropy(S, y):
    losses = [torch.logsumexp(row, dim=0) - row[label] for row, label in zip(S, y)]
    return sum(losses) / len(losses)

def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores.tolist(), y.tolist()):
        hits += row.index(max(row)) == label
    return hits / len(y)

def train_step(W, b, X, y, X_test, y_test, rate):
    error = softmax(X @ W + b)
    error[torch.arange(len(y)), y] -= 1
    W, b = W - rate * X.T @ error / len(y), b - rate * error.mean(0)
    return W, b, accuracy(X_test @ W + b, y_test)
""",
]


def _loss(answer: str) -> str:
    return f"def cross_entropy(S, y):\n    return {answer}\n"


_STEP = """
def train_step(W, b, X, y, X_test, y_test, rate):
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    dW, db = torch.autograd.grad({loss}, (W, b))
    judged = {judged}
    W, b = (W {sign} rate * dW).detach(), (b {sign} rate * db).detach()
    return W, b, judged if judged is not None else accuracy(X_test @ W + b, y_test)
"""
_RIGHT = {"loss": "cross_entropy(X @ W + b, y)", "judged": "None", "sign": "-"}


def _step(**changes: str) -> str:
    return _STEP.format(**{**_RIGHT, **changes})


MUTANTS = {
    ("softmax", "overflow"): """
def softmax(S):
    e = torch.exp(S)
    return e / e.sum(1, keepdim=True)
""",
    ("softmax", "wrong axis"): "def softmax(S):\n    return torch.softmax(S, dim=0)\n",
    ("softmax", "one sum for all rows"): """
def softmax(S):
    e = torch.exp(S - S.max())
    return e / e.sum()
""",
    ("cross_entropy", "log of zero"): _loss("-torch.log(softmax(S)[range(len(y)), y]).mean()"),
    ("cross_entropy", "a floor under the share"): _loss(
        "-torch.log(softmax(S)[range(len(y)), y] + 1e-12).mean()"
    ),
    ("cross_entropy", "softmax twice"): _loss("torch.nn.functional.cross_entropy(softmax(S), y)"),
    ("cross_entropy", "sum in place of the mean"): _loss(
        "torch.nn.functional.cross_entropy(S, y, reduction='sum')"
    ),
    ("cross_entropy", "sign"): _loss("-torch.nn.functional.cross_entropy(S, y)"),
    ("cross_entropy", "wrong axis"): _loss("-torch.log_softmax(S, dim=0)[range(len(y)), y].mean()"),
    **ACCURACY_MUTANTS,
    ("train_step", "steps in place"): """
def train_step(W, b, X, y, X_test, y_test, rate):
    W.requires_grad_(), b.requires_grad_()
    cross_entropy(X @ W + b, y).backward()
    with torch.no_grad():
        W -= rate * W.grad
        b -= rate * b.grad
    return W, b, accuracy(X_test @ W + b, y_test)
""",
    ("train_step", "test data in training"): _step(
        loss="cross_entropy(torch.cat([X, X_test]) @ W + b, torch.cat([y, y_test]))"
    ),
    ("train_step", "softmax twice"): _step(loss="cross_entropy(softmax(X @ W + b), y)"),
    ("train_step", "sum in place of the mean"): _step(loss="len(y) * cross_entropy(X @ W + b, y)"),
    ("train_step", "uphill"): _step(sign="+"),
    ("train_step", "judged before the step"): _step(judged="accuracy(X_test @ W + b, y_test)"),
}
