"""Draw the pictures of ``docs/pictures.md`` into ``docs/images/clustering``.

python tools/cluster_pictures.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from scipy.cluster.hierarchy import linkage

import gramian as gm

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "clustering"
BLOBS = (((0, 0), 0.5, 300), ((4, 1), 0.4, 250), ((2.2, 4.5), 0.8, 200), ((5.2, 2.6), 0.25, 150))
DPI, COLORS = 100, 128


def main() -> None:
    """Every picture in the light theme, on its white ground."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    parts = [rng.normal(mean, width, (n, 2)) for mean, width, n in BLOBS]
    X = np.concatenate([*parts, rng.uniform(-2, 8, (100, 2))])
    iterations(X)
    curves(X)
    hdbscan = gm.HDBSCAN(min_cluster_size=15).fit(X)
    save(gm.CondensedTreeDisplay.from_estimator(hdbscan).plot().figure_, "condensed-tree")
    tree = linkage(X, "average")
    save(gm.DendrogramDisplay.from_predictions(tree, cut=2.2).plot().figure_, "dendrogram")


def iterations(X: np.ndarray) -> None:
    """k-means from four neighbouring rows, and mean shift from every fourth row."""
    states: list[Any] = []
    gm.KMeans(4, init=X[:4], callback=states.append).fit(X)
    gm.KMeansIterationsDisplay.from_states(X, states).write_gif(FOLDER / "kmeans.gif")
    path = [seeds := X[::4]]

    def collect(state: Any) -> None:
        path.append(state.positions)

    model = gm.MeanShift(bandwidth=0.9, kernel="gaussian", seeds=seeds, callback=collect).fit(X)
    labels = model.predict(path[-1])
    display = gm.MeanShiftIterationsDisplay.from_predictions(X, path, labels)
    display.write_gif(FOLDER / "mean-shift.gif", most_frames=16)


def curves(X: np.ndarray) -> None:
    """How many clusters, which radius, and how well the rows lie in their clusters."""
    counts = range(1, 11)
    models = [gm.KMeans(k, n_init=3, random_state=0).fit(X) for k in counts]
    scores = [float("nan"), *(gm.silhouette_score(X, model.labels_) for model in models[1:])]
    inertia = [model.inertia_ for model in models]
    display = gm.InertiaCurveDisplay.from_predictions(counts, inertia, silhouette=scores, chosen=4)
    save(display.plot().figure_, "inertia")
    values = gm.silhouette_samples(X, models[3].labels_)
    silhouette = gm.SilhouetteDisplay.from_estimator(models[3], values)
    save(silhouette.plot().figure_, "silhouette")


def save(figure: Figure, name: str) -> None:
    """The figure as a PNG of few colours."""
    path = FOLDER / f"{name}.png"
    figure.savefig(path, dpi=DPI)
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(COLORS, method=Image.Quantize.FASTOCTREE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
