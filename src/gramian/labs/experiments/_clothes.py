"""Images in clusters: representations, names for clusters, and classifiers that imitate them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score
from torch import nn

import gramian as gm
from gramian import train
from gramian.labs import statistics

__all__ = [
    "CLASSIFIERS",
    "Clusters",
    "Sealed",
    "ari",
    "counts",
    "knee",
    "majority_names",
    "one_to_one_names",
]

N_CLUSTERS, N_COMPONENTS = 10, 10
N_BOOTSTRAP = 400


@dataclass
class Sealed:
    """Images and labels that count how often they are read."""

    X: np.ndarray
    y: np.ndarray
    reads: int = field(default=0, init=False)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        self.reads += 1
        return self.X, self.y


@dataclass(frozen=True)
class Clusters:
    """Ten clusters of the first ten components of a kernel."""

    components: gm.KernelPCA
    means: gm.KMeans
    projections: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, kernel: Mapping[str, Any], seed: int) -> Clusters:
        components = gm.KernelPCA(N_COMPONENTS, random_state=seed, **kernel)
        projections = components.fit_transform(X)
        means = gm.KMeans(N_CLUSTERS, n_init=4, random_state=seed).fit(projections)
        return cls(components, means, projections)

    @property
    def labels(self) -> np.ndarray:
        return np.asarray(self.means.labels_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The clusters of other images."""
        return np.asarray(self.means.predict(self.components.transform(X)))


def counts(clusters: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How many images of each class (columns) each cluster (rows) holds."""
    table = np.zeros((N_CLUSTERS, N_CLUSTERS), dtype=int)
    np.add.at(table, (clusters, y), 1)
    return table


def majority_names(clusters: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each cluster the class that most of its images have."""
    return counts(clusters, y).argmax(1)


def one_to_one_names(clusters: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A different class for each cluster, with as many right images as possible."""
    return np.asarray(linear_sum_assignment(counts(clusters, y), maximize=True)[1])


def ari(y: np.ndarray, clusters: np.ndarray, rng: np.random.Generator) -> statistics.Estimate:
    """The adjusted Rand index with an interval over resampled images."""
    rows = rng.integers(len(y), size=(N_BOOTSTRAP, len(y)))
    drawn = [adjusted_rand_score(y[some], clusters[some]) for some in rows]
    low, high = np.quantile(drawn, [0.005, 0.995]).tolist()
    value = float(adjusted_rand_score(y, clusters))
    # resampled images repeat, which lifts the index a little
    shift = float(np.mean(drawn)) - value
    interval = low - shift, high - shift
    return statistics.Estimate(value, interval, 0.99, "bootstrap over images", len(y))


def knee(shares: np.ndarray) -> int:
    """The component that lies furthest below the chord of the spectrum."""
    n = len(shares)
    chord = shares[0] + (shares[-1] - shares[0]) * np.arange(n) / (n - 1)
    return int((chord - shares).argmax()) + 1


Classifier = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]


def _machine(X: np.ndarray, labels: np.ndarray, fresh: np.ndarray, seed: int) -> np.ndarray:
    """A kernel machine."""
    model = gm.KernelSVC(C=5.0, tol=1e-3, random_state=seed).fit(X, labels)
    return np.asarray(model.predict(fresh))


class _Images(train.DataModule):
    """Images with labels in memory."""

    def __init__(self, X: np.ndarray, y: np.ndarray, random_state: int) -> None:
        super().__init__(random_state=random_state)
        self.batch_size = 64
        self.tensors = [torch.from_numpy(X).float(), torch.from_numpy(y).long()]

    def get_dataloader(self, train: bool) -> Any:
        return self.get_tensorloader(self.tensors, True) if train else None


def _network(
    make: Callable[[], nn.Module],
    X: np.ndarray,
    labels: np.ndarray,
    fresh: np.ndarray,
    seed: int,
) -> np.ndarray:
    """A net after twelve epochs of Adam."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = make()
    adam = partial(torch.optim.Adam, lr=1e-3, fused=True)
    model = train.Learner(net, loss=nn.CrossEntropyLoss(), optimizer=adam)
    train.Trainer(12, board=False).fit(model, _Images(X, labels, seed))
    return train.predict(model, torch.from_numpy(fresh).float()).argmax(1).numpy()


def _wide() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def _deep() -> nn.Module:
    layers = (nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    return nn.Sequential(*layers)


def _convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 16, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(800, 10),
    )


CLASSIFIERS: dict[str, Classifier] = {
    "wide": partial(_network, _wide),
    "deep": partial(_network, _deep),
    "cnn": partial(_network, _convolutional),
    "svm": _machine,
}
"""Each is trained on images with labels and gives those of fresh images."""
