"""The last part of the tour: real tables, clustered, with their pictures."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from gramian.cli import choose
from gramian.cli._other_k import other_k
from gramian.cli._pictures import add_pictures, inertia_curve
from gramian.cli._scores import silhouette_sample
from gramian.cluster import DBSCAN, KMeans
from gramian.data import list_datasets, load_dataset
from gramian.plot import (
    ClusterScatterDisplay,
    ClusterSizesDisplay,
    ImageGridDisplay,
    KDistanceDisplay,
)
from gramian.report import Report

__all__ = ["real_tables"]


def real_tables(report: Report, *, quick: bool) -> list[str]:
    """Section d: wine by three clusterers, and images by k-means."""
    report.section(
        "d. Real tables",
        "Chemical analyses of wines from three cultivars, standardised; k-means does not see "
        "which is which.",
    )
    lines = [*_wine(report)]
    lines += _images(report, quick=quick)
    return lines


def _wine(report: Report) -> list[str]:
    wine = load_dataset("wine")
    X = (wine.X - wine.X.mean(0)) / wine.X.std(0)
    model = KMeans(n_clusters=3, n_init=10, random_state=0).fit(X)
    choice = choose.choose_eps(X, 5, lambda eps: DBSCAN(eps=eps).fit(X), 0)
    sampled = silhouette_sample(X, model.labels_, 0)
    add_pictures(
        report,
        X,
        model.labels_,
        names=wine.feature_names,
        centers=model.cluster_centers_,
        silhouette=sampled[:2] if sampled else None,
        curve=inertia_curve(other_k(X, 3)),
    )
    report.figure(
        KDistanceDisplay.from_predictions(choice.distances, n_neighbors=5, eps=choice.value),
        "DBSCAN: the choice of eps",
        caption=choice.how,
    )
    report.figure(
        ClusterSizesDisplay.from_predictions(choice.model.labels_), "DBSCAN: sizes and noise"
    )
    report.figure(
        ClusterScatterDisplay.from_predictions(X, wine.y, feature_names=wine.feature_names),
        "The three cultivars, for comparison",
        caption="The same rows; the numbers of the legend are the cultivars.",
    )
    indices = {
        "k-means, k = 3": adjusted_rand_score(wine.y, model.labels_),
        f"DBSCAN, eps = {choice.value:.4g}": adjusted_rand_score(wine.y, choice.model.labels_),
    }
    rows = [[name, f"{index:.3f}"] for name, index in indices.items()]
    report.table(["clusterer", "adjusted Rand index"], rows, "Agreement with the cultivars")
    return [f"wine, {name}: adjusted Rand index {index:.3f}" for name, index in indices.items()]


def _images(report: Report, *, quick: bool) -> list[str]:
    """k-means on images: the centres are pictures themselves."""
    available = {info.name for info in list_datasets() if info.available}
    images = load_dataset(
        "small-fashion" if "small-fashion" in available and not quick else "digits"
    )
    assert images.image_shape is not None
    X = (images.X / images.X.max()).astype(np.float32)
    model = KMeans(n_clusters=10, random_state=0).fit(X)
    index = adjusted_rand_score(images.y, model.labels_)
    height, width = images.image_shape
    line = f"{images.name}, {len(X):,} images, k-means, k = 10: adjusted Rand index {index:.3f}"
    report.section(
        f"d. Images: {images.name}",
        f"{images.description}. k-means with ten clusters in {width * height} dimensions; "
        f"adjusted Rand index {index:.3f} with the classes.",
    )
    report.figure(
        ImageGridDisplay.from_estimator(model, shape=images.image_shape),
        "The ten centres",
        caption="Mean image of each cluster, and how many images it holds.",
    )
    report.figure(
        ClusterScatterDisplay.from_predictions(X, model.labels_), "The images in two dimensions"
    )
    return [line]
