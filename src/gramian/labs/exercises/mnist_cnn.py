"""The exercise of mnist-cnn: an epoch of training, and an accuracy that is the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Case,
    Draw,
    Exercise,
    Fixture,
    Function,
    Group,
    Mistake,
    Number,
    like,
)

Batches = list[tuple[np.ndarray, np.ndarray]]


def evaluate(model: torch.nn.Module, batches: list) -> float:
    """The share of the images in all batches that a classifier is right about, as a float.

    batches are pairs of inputs X (n, d) and labels y (n,), and n may differ. The model gives one
    score for each class. It is judged in evaluation mode, without gradients.
    """
    model.eval()
    right = total = 0
    with torch.no_grad():
        for X, y in batches:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    return right / total


def train_epoch(model: torch.nn.Module, batches: list, optimizer: torch.optim.Optimizer) -> float:
    """One step of the optimiser for each batch of (X, y); the mean loss per image, as a float.

    The loss of a step is the cross-entropy of the model's scores, as a mean over the batch, in
    training mode.
    """
    model.train()
    loss_sum, total = 0.0, 0
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += float(loss.detach()) * len(y)
        total += len(y)
    return loss_sum / total


def _batches(draw: Draw, d: int, k: int, *sizes: int) -> Batches:
    return [(draw.normal(n, d), draw.labels(n, k)) for n in sizes]


def _judged(draw: Draw) -> Iterator[Case]:
    def case(label: str, d: int, batches: Batches) -> Case:
        seen = {"mean": draw.normal(d), "variance": draw.uniform(0.5, 2.0, d)}
        model = Fixture("classifiers.normed_classifier", **seen, weights=draw.normal(3, d))
        return Case(label, dtypes=("float64",), model=model, batches=batches)

    yield case("batches of one size", 2, _batches(draw, 2, 3, 3, 3))
    # one class is right about all, the other one about none: batches differ as they should
    weights = np.array([[1.0], [-1.0]])
    plain = {"mean": np.zeros(1), "variance": np.ones(1), "weights": weights}
    far = [(draw.uniform(3.0, 6.0, n, 1), np.full(n, k)) for n, k in ((4, 0), (2, 1), (3, 0))]
    model = Fixture("classifiers.normed_classifier", **plain)
    yield Case("far from what was seen before", dtypes=("float64",), model=model, batches=far)
    yield case("a short last batch", 3, _batches(draw, 3, 3, 8, 8, 2))
    yield case("many batches", 2, _batches(draw, 2, 3, *[6] * 7, 5))


def _trained(draw: Draw) -> Iterator[Case]:
    def case(label: str, *sizes: int) -> Case:
        model = Fixture("classifiers.classifier", weights=draw.normal(3, 2), bias=draw.normal(3))
        batches = _batches(draw, 2, 3, *sizes)
        return Case(label, dtypes=("float64",), model=model, batches=batches, optimizer=0.5)

    yield case("batches of one image", 1, 1)
    yield case("batches of one size", 3, 3)
    yield case("a short last batch", 4, 4, 1)


def _hits(model: Fixture, X: np.ndarray, y: np.ndarray, *, training: bool = False) -> np.ndarray:
    """Which rows a normalised classifier is right about."""
    mean, variance = model.options["mean"], model.options["variance"]
    if training:
        if len(X) == 1:
            raise ValueError("one row has no variance")
        mean, variance = X.mean(axis=0), X.var(axis=0)
    scores = (X - mean) / np.sqrt(variance + 1e-5) @ model.options["weights"].T
    return scores.argmax(axis=1) == y


def _accuracy(model: Fixture, batches: Batches) -> float:
    return float(np.mean(np.concatenate([_hits(model, X, y) for X, y in batches])))


def _in_training_mode(model: Fixture, batches: Batches) -> float:
    return float(np.mean(np.concatenate([_hits(model, X, y, training=True) for X, y in batches])))


def _by_batches(less: int) -> Callable[..., float]:
    """The sum of the batches' accuracies over their number, or one less."""
    return lambda model, batches: float(
        np.sum([_hits(model, X, y).mean() for X, y in batches]) / (len(batches) - less)
    )


def _first_only(model: Fixture, batches: Batches) -> float:
    return _accuracy(model, batches[:1])


def _log_softmax(z: np.ndarray) -> np.ndarray:
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _epoch(
    *, doubled: bool = False, kept: float = 0.0, least: int = 0, weighted: bool = True
) -> Callable[..., Any]:
    """An epoch, or what learners make of it.

    ``kept`` adds up gradients, ``least`` is taken off the number of batches.
    """

    def trained(model: Fixture, batches: Batches, optimizer: float) -> Any:
        W, b = model.options["weights"].copy(), model.options["bias"].copy()
        losses, sizes, dW, db = [], [], np.zeros_like(W), np.zeros_like(b)
        for X, y in batches:
            logs = _log_softmax(X @ W.T + b)
            told = np.eye(len(b))[y]
            slope = np.exp(logs) - told
            if doubled:
                p, logs = np.exp(logs), _log_softmax(np.exp(logs))
                outer = np.exp(logs) - told
                slope = p * (outer - (outer * p).sum(axis=1, keepdims=True))
            losses.append(-(logs * told).sum(axis=1).mean())
            sizes.append(len(y))
            dW = kept * dW + slope.T @ X / len(y)
            db = kept * db + slope.mean(axis=0)
            W, b = W - optimizer * dW, b - optimizer * db
        weights = sizes if weighted else [1] * len(sizes)
        total = sum(weights) if weighted else len(sizes) - least
        return float(np.dot(losses, weights) / total), W, b

    return trained


def _first_step(model: Fixture, batches: Batches, optimizer: float) -> Any:
    return _epoch()(model, batches[:1], optimizer)


EXERCISE = Exercise(
    lab="mnist-cnn",
    title="Training and accuracy",
    question="Is the accuracy that a training loop reports the real one?",
    background="""\
An epoch goes through all batches once. The last batch is often shorter than the others, so a mean
over batches is not a mean over images. Layers such as batch normalisation and dropout act
otherwise while training: `model.train()` and `model.eval()` choose.
""",
    arrays="torch",
    functions=(
        Function(
            solution=evaluate,
            cases=_judged,
            returns=Number(),
            reference=_accuracy,
            mistakes=(
                Mistake(
                    "sum over the last index",
                    like(_by_batches(1)),
                    "An index that starts at zero ends one below the number of batches.",
                ),
                Mistake(
                    "mean of batch means",
                    like(_by_batches(0)),
                    "A short batch counts as much as a long one. What is the share of?",
                ),
                Mistake(
                    "return inside the loop",
                    like(_first_only),
                    "How many batches has the loop seen when it ends?",
                ),
                Mistake(
                    "training mode",
                    like(_in_training_mode),
                    "The answer to one image depends on the others in its batch. Which mode?",
                ),
            ),
            hint="Count hits and images over all batches, and divide once.",
            task="`model` is a network, `batches` a list of pairs `(X, y)`.",
            example="evaluate(torch.nn.Linear(2, 3), [(torch.zeros(4, 2), torch.zeros(4))])",
        ),
        Function(
            solution=train_epoch,
            cases=_trained,
            through="classifiers.after_epoch",
            returns=Group(loss=Number(), weights=Array(None), bias=Array(None)),
            reference=_epoch(),
            mistakes=(
                Mistake(
                    "softmax before the cross-entropy",
                    like(_epoch(doubled=True)),
                    "cross_entropy takes scores, and applies a softmax of its own.",
                ),
                Mistake(
                    "gradients accumulate",
                    like(_epoch(kept=1.0)),
                    "backward adds to the gradients that are there. What are they before?",
                ),
                Mistake(
                    "return inside the loop",
                    like(_first_step),
                    "How many steps has the loop made when it ends?",
                ),
                Mistake(
                    "sum over the last index",
                    like(_epoch(weighted=False, least=1)),
                    "An index that starts at zero ends one below the number of batches.",
                ),
                Mistake(
                    "mean of batch means",
                    like(_epoch(weighted=False)),
                    "A short batch counts as much as a long one. The mean is one over images.",
                ),
            ),
            hint="For each batch: loss, gradients to zero, backward, step. Then the mean.",
            task=(
                "The check calls it with `torch.optim.SGD`, whose rate it shows, and looks at the "
                "loss that you return and at the weights that you leave."
            ),
        ),
    ),
)
