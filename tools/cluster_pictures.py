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
    path = gm.KMeans(random_state=0).fit_path(X, range(1, 11))
    counts = gm.InertiaCurveDisplay.from_predictions(
        path.ks,
        path.inertia,
        silhouette=path.silhouette,
        gap=path.gap,
        gap_error=path.gap_error,
        chosen=path.best_k,
    )
    save(counts.plot().figure_, "inertia")
    found = gm.suggest_eps(X)
    radius = gm.KDistanceDisplay.from_predictions(
        found.curve, n_neighbors=5, eps=found.eps, knee=found.knee
    )
    save(radius.plot().figure_, "k-distance")
    model = gm.KMeans(4, n_init=3, random_state=0).fit(X)
    silhouette = gm.SilhouetteDisplay.from_estimator(model, gm.silhouette_samples(X, model.labels_))
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
