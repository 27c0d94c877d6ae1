"""How far does a linear classifier go on images of clothes?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import gramian as gm
from gramian import train
from gramian.data import Dataset
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
)
from gramian.labs.experiments._images import Images, Trained, draw_weights, with_pixels
from gramian.plot import style

LAB = Lab(
    name="fashion-softmax",
    topic="linear models",
    question="How far does a linear classifier go on images of clothes?",
    answer="To about five in six; what it cannot tell apart are shirts, pullovers and coats.",
    source="Dive into Deep Learning, sections 4.2 to 4.4",
    method=(
        "Scores o = Wx + b of the 784 pixels in [0, 1], loss log Σ exp(oⱼ) − o_y, minibatch "
        "gradient descent with rate 0.1 from W drawn from N(0, 0.01²) and b = 0. Quick: the small "
        "set, batches of 64, 20 epochs. Full: all 60,000 images, batches of 256, 10 epochs. "
        "Accuracy on the test images is the mean over the last three epochs; one epoch moves by a "
        "percent from its neighbours.\n\n"
        "The largest score is taken out of the sum before exp, so that the loss is finite for any "
        "scores and unchanged where a constant is added to all of them. exp alone overflows "
        "float32 above 88.7."
    ),
    claims=(
        Claim(
            "accuracy",
            "Scores that are linear in the pixels classify four in five test images.",
            "accuracy",
            ">=",
            0.79,
            figure="curves",
        ),
        Claim(
            "accuracy-complete",
            "Trained on all images, two percent more.",
            "accuracy",
            ">=",
            0.81,
            modes=("full",),
            figure="curves",
        ),
        Claim("same-loss", "The loss written out is the library's.", "loss-difference", "<", 1e-5),
        Claim(
            "shift",
            "Adding 1,000 to all scores leaves the loss as it is, and finite.",
            "shift-error",
            "<",
            1e-3,
        ),
        Claim(
            "examples",
            "Sums by columns and rows, and a cross-entropy, are the printed ones.",
            "examples-right",
            "==",
            3,
            kind="exact",
        ),
        Claim(
            "loader",
            "Resized to 32 × 32, a batch has the shape (64, 1, 32, 32), and labels are integers.",
            "loader-right",
            "==",
            True,
            kind="exact",
            figure="images",
        ),
    ),
    controls=(
        positive("library", "The library's layer and loss do as well.", claim="accuracy"),
        negative(
            "shuffled-labels",
            "Labels of the training images are shuffled; mean of three shuffles.",
            claim="accuracy",
            must=("<=", 0.2),
        ),
        negative("unshifted", "exp of the scores as they are overflows.", claim="shift"),
    ),
    published_errors=(
        PublishedError(
            "Dive into Deep Learning, 4.4.1",
            "exp of unshifted scores overflows float32 above 88.7, and the loss is not a number",
            "the largest score is taken out of the sum",
        ),
    ),
    source_values=(
        SourceValue(
            "Dive into Deep Learning, 4.4.3", "cross-entropy", 1.4979, "cross-entropy", 5e-5
        ),
        SourceValue("Dive into Deep Learning, 4.4.1", "sums of columns", [5, 7, 9], "column-sums"),
        SourceValue("Dive into Deep Learning, 4.4.1", "sums of rows", [6, 15], "row-sums"),
    ),
    data=("fashion",),
    quick={"batch_size": 64, "epochs": 20, "shuffles": 3},
    full={"batch_size": 256, "epochs": 10},
    seconds=(10, 60),
)

RATE = 0.1


def unshifted(scores: Tensor, y: Tensor) -> Tensor:
    return (scores.exp().sum(1).log() - scores.gather(1, y[:, None])[:, 0]).mean()


def run(context: Context) -> Result:
    result = Result(context)
    parts = context.load("fashion", "train"), context.load("fashion", "test")
    tensors = with_pixels(*parts)
    data = Images(tensors, context["batch_size"], context.seeds(1)[0])

    def fit(model: train.Module, labels: Tensor | None = None) -> Trained:
        data = Images(tensors, context["batch_size"], context.seeds(1)[0])
        if labels is not None:
            data.parts[0] = (data.parts[0][0], labels)
        return Trained(model, train.Trainer(context["epochs"], board=False).fit(model, data))

    def scratch(k: int = 0) -> train.Module:
        rng = context.generator(k)
        return train.SoftmaxRegressionScratch(784, 10, lr=RATE, random_state=rng)

    def library() -> train.Module:
        with torch.random.fork_rng():
            torch.manual_seed(context.seeds(1)[0])  # lazy layers draw from torch's own generator
            model = train.SoftmaxRegression(10, lr=RATE)
            model.apply_init([data.parts[0][0][:1]])
        return model

    labels = data.parts[0][1]
    shuffles = [
        labels[torch.randperm(len(labels), generator=context.generator(k))]
        for k in range(1, 1 + context["shuffles"])
    ]
    runs = {
        "scratch": [fit(scratch())],
        "library": [fit(library())],
        "shuffled-labels": [
            fit(scratch(k), y) for k, y in enumerate(context.each(shuffles, "shuffle"))
        ],
    }
    result.contrast(
        "accuracy", runs, lambda each: float(np.mean([t.accuracy for t in each])), tolerance=0.02
    )
    trained = context.method(runs)[0]
    result.measure("last-losses", trained.history["val_loss"][-3:], tolerance=0.02)
    result.measure("last-accuracies", trained.history["val_acc"][-3:], tolerance=0.02)

    X, y = data.parts[1]
    scores = train.predict(trained.model, X)
    loss: Callable[[Tensor, Tensor], Tensor] = scratch().loss
    own, theirs = loss(scores, y), functional.cross_entropy(scores, y)
    result.measure("loss-difference", float((own - theirs).abs()))
    result.contrast(
        "shift-error",
        {"scratch": loss, "unshifted": unshifted},
        lambda f: max(float((f(scores + c, y) - theirs).abs()) for c in (1000.0, -1000.0)),
        tolerance=1e-3,
    )
    small_examples(result, loss)
    check_loader(result, parts[0])
    draw_all(result, parts, scores, {"scratch": trained, "library": runs["library"][0]})
    return result


def small_examples(result: Result, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Sums by axis, and the cross-entropy of two rows of probabilities."""
    table = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    probabilities = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
    entropy = round(float(loss(probabilities.log(), torch.tensor([0, 2]))), 4)
    columns, rows = table.sum(0).int().tolist(), table.sum(1).int().tolist()
    result.measure("column-sums", columns)
    result.measure("row-sums", rows)
    result.measure("cross-entropy", entropy)
    right = [columns == [5, 7, 9], rows == [6, 15], entropy == 1.4979]
    result.measure("examples-right", sum(right))


def check_loader(result: Result, part: Dataset) -> None:
    """What one batch looks like after resizing."""
    images = torch.from_numpy(part.images[:64]).float()[:, None] / 255
    wide = functional.interpolate(images, size=(32, 32), mode="bilinear", antialias=True)
    loader = train.TensorLoader((wide, torch.from_numpy(part.y[:64])), 64)
    X, y = next(iter(loader))
    right = X.shape == (64, 1, 32, 32) and (X.dtype, y.dtype) == (torch.float32, torch.int64)
    result.measure("loader-right", bool(right))


def draw_all(
    result: Result, parts: tuple[Dataset, Dataset], scores: Tensor, runs: dict[str, Trained]
) -> None:
    """Images, curves, weights, confusion and mistakes."""
    first, test = parts
    names = test.target_names
    kept = [int(np.flatnonzero(first.y == k)[place]) for place in range(2) for k in range(10)]
    titles = [names[first.y[k]] for k in kept]
    result.figure(
        "images",
        gm.ImageGridDisplay.from_predictions(first.images[kept], titles=titles),
        title="Two images of each class",
    )
    epochs = range(1, 1 + len(runs["scratch"].history))
    curves = {
        f"{name}, {part}": (epochs, trained.history[column])
        for name, trained in runs.items()
        for part, column in (("loss", "val_loss"), ("accuracy", "val_acc"))
    }
    result.figure(
        "curves",
        gm.LearningCurveDisplay.from_predictions(curves),
        title="Loss and accuracy on the test images",
    )
    weights = runs["scratch"].model.W.detach().T
    result.figure(
        "weights",
        lambda axes, theme: draw_weights(axes, theme, weights.reshape(10, 28, 28).numpy(), names),
        title="The weights of each class as an image",
        alt="Ten images on one scale: trousers show a gap between two legs, boots a high ankle.",
        size=(10.0, 4.6),
        panels=(2, 5),
    )
    predicted = scores.argmax(1).numpy()
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (test.y, predicted), 1)
    result.figure(
        "confusion",
        lambda ax, theme: draw_confusion(ax, theme, table, names),
        title="What is taken for what",
        alt="A table with a strong diagonal; shirts are taken for T-shirts, pullovers and coats.",
        data={"true class": list(names), **{n: table[:, k] for k, n in enumerate(names)}},
        size=(7.0, 5.6),
    )
    result.figure(
        "mistakes",
        gm.WrongPredictionsDisplay.from_predictions(test.images, test.y, scores, names=names),
        title="The surest mistakes",
    )


def draw_confusion(ax: Any, theme: Any, table: Any, names: list[str]) -> None:
    """Counts as colours, with their numbers."""
    colors, most = theme.colormap("sequential"), table.max()
    ax.imshow(table, cmap=colors, vmin=0, vmax=most)
    for (row, column), count in np.ndenumerate(table):
        if count:
            color = style.legible(colors(count / most))
            ax.text(column, row, str(count), ha="center", va="center", fontsize=8, color=color)
    ax.set_xticks(range(10), names, rotation=45, ha="right")
    ax.set_yticks(range(10), names)
    ax.set(xlabel="predicted", ylabel="true")
