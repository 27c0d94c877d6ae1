"""Submissions to trainer-design."""

from tests.labs.exercises.accuracy_mutants import ACCURACY_MUTANTS

ALTERNATIVES = [
    """
import inspect
import torch

class add_method:
    def __init__(self, cls):
        self.cls = cls

    def __call__(self, function):
        setattr(self.cls, function.__name__, function)
        return function

def save_args(target, ignore=()):
    names, _, _, values = inspect.getargvalues(inspect.currentframe().f_back)
    kept = [n for n in names if n not in ignore and values[n] is not target]
    target.__dict__.update({n: values[n] for n in kept})

def accuracy(scores, y):
    return (scores.max(dim=1).indices == y).sum().item() / len(y)

def epoch_accuracy(batches):
    return accuracy(torch.cat([s for s, _ in batches]), torch.cat([y for _, y in batches]))
""",
    """
import inspect
from functools import partial

def attach(cls, function):
    setattr(cls, function.__name__, function)
    return function

def add_method(cls):
    return partial(attach, cls)

def save_args(target, ignore=()):
    frame = inspect.stack()[1].frame
    for name in inspect.signature(type(target).__init__).parameters:
        value = frame.f_locals[name]
        if value is target or name in ignore:
            continue
        setattr(target, name, value)

def accuracy(scores, y):
    hits = [row.index(max(row)) == label for row, label in zip(scores.tolist(), y.tolist())]
    return sum(hits) / len(hits)

def epoch_accuracy(batches):
    hits = rows = 0
    for scores, y in batches:
        hits += accuracy(scores, y) * len(y)
        rows += len(y)
    return hits / rows
""",
]

_SAVE = """
def save_args(target, ignore=()):
    caller = sys._getframe({depth})
    code = caller.f_code
    for name in {names}:
        if {kept}:
            setattr(target, name, caller.f_locals[name])
"""
_RIGHT = {
    "depth": "1",
    "names": "code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]",
    "kept": "caller.f_locals[name] is not target and name not in ignore",
}


def _save(**changes: str) -> str:
    return _SAVE.format(**{**_RIGHT, **changes})


MUTANTS = {
    ("add_method", "no inner function"): """
def add_method(cls, function):
    setattr(cls, function.__name__, function)
    return function
""",
    ("add_method", "decorator returns None"): """
def add_method(cls):
    def decorate(function):
        setattr(cls, function.__name__, function)
    return decorate
""",
    ("add_method", "another name"): """
def add_method(cls):
    def decorate(function):
        cls.function = function
        return function
    return decorate
""",
    ("save_args", "self stored"): _save(kept="name not in ignore"),
    ("save_args", "local variables stored"): _save(names="list(caller.f_locals)"),
    ("save_args", "own frame"): _save(depth="0"),
    ("save_args", "ignored names stored"): _save(kept="caller.f_locals[name] is not target"),
    **ACCURACY_MUTANTS,
    ("epoch_accuracy", "mean of batch means"): """
def epoch_accuracy(batches):
    return sum(accuracy(scores, y) for scores, y in batches) / len(batches)
""",
    ("epoch_accuracy", "count in place of the share"): """
def epoch_accuracy(batches):
    return float(sum(accuracy(scores, y) * len(y) for scores, y in batches))
""",
}
