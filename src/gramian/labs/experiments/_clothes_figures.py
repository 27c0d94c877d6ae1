"""The pictures of fashion-perambulation."""

from __future__ import annotations

from typing import Any

import numpy as np

import gramian as gm
from gramian.labs import Result
from gramian.labs.experiments._clothes import CLASSIFIERS, Clusters, knee
from gramian.plot import style

__all__ = ["draw_answers", "draw_clusters", "draw_tuning"]

SHOWN = 6


def draw_tuning(
    result: Result,
    kernels: list[str],
    scores: dict[str, float],
    shapes: dict[str, float],
    shares: np.ndarray,
) -> None:
    """Two scores for each kernel, and the spectrum."""

    def draw(ax: Any, theme: Any) -> None:
        places = np.arange(len(kernels))
        for k, (label, values) in enumerate((("ARI", scores), ("silhouette", shapes))):
            heights = [values[name] for name in kernels]
            ax.bar(places + 0.4 * k - 0.2, heights, 0.38, color=theme.color(k), label=label)
        ax.set_xticks(places, kernels, rotation=25, ha="right")
        ax.set_ylabel("score")
        ax.legend()

    result.figure(
        "tuning",
        draw,
        title="What labels and what silhouettes think of each kernel",
        alt="Pairs of bars for each kernel. The largest silhouette goes with the least ARI.",
        data={"kernel": kernels, "ARI": [*scores.values()], "silhouette": [*shapes.values()]},
    )

    def draw_spectrum(ax: Any, theme: Any) -> None:
        ax.plot(range(1, 1 + len(shares)), shares, color=theme.color(0), marker="o", markersize=3.5)
        ax.axvline(knee(shares), color=theme.accent, linestyle="--", label="knee")
        ax.axvline(10, color=theme.muted, linestyle=":", label="used")
        ax.set(xlabel="component", ylabel="share of the variance")
        ax.legend()

    result.figure(
        "spectrum",
        draw_spectrum,
        title="Share of the variance of each principal component",
        alt="A steeply falling curve that bends before the tenth component.",
        data={"component": list(range(1, 1 + len(shares))), "share": shares},
    )


def draw_clusters(result: Result, part: Any, clusters: Clusters, names: np.ndarray) -> None:
    """Maps of the classes, and images of each cluster."""
    kept = slice(0, 700)
    points, classes = clusters.projections[kept], part.y[kept]

    def draw(axes: Any, theme: Any) -> None:
        for ax, (i, j) in zip(axes, ((0, 1), (0, 2), (1, 2)), strict=True):
            for k in range(10):
                own = points[classes == k]
                ax.scatter(own[:, i], own[:, j], s=5, color=theme.color(k % 8), alpha=0.8)
                if (i, j) == (0, 1):
                    middle = np.median(own[:, :2], axis=0)
                    ax.text(
                        *middle, part.target_names[k], fontsize=7, color=theme.text, ha="center"
                    )
            ax.set(xlabel=f"component {i + 1}", ylabel=f"component {j + 1}")

    result.figure(
        "maps",
        draw,
        title="Images on the first three components, coloured by class",
        alt="Clouds of points. Trousers, boots and bags lie apart; coats and pullovers mix.",
        size=(10.0, 3.6),
        panels=(1, 3),
    )
    gaps = np.asarray(clusters.means.transform(clusters.projections))
    rows = [np.argsort(gaps[:, k])[:SHOWN] for k in range(10)]
    titles = [
        f"{k}: {part.target_names[names[k]]}" if place == 0 else ""
        for k in range(10)
        for place in range(SHOWN)
    ]
    result.figure(
        "montage",
        gm.ImageGridDisplay.from_predictions(part.images[np.concatenate(rows)], titles=titles),
        title="The images nearest to the centre of each cluster, six for each",
    )


def draw_answers(
    result: Result,
    table: np.ndarray,
    names: list[str],
    classes: list[str],
    bars: dict[str, list[float]],
) -> None:
    """Clusters against classes, and all accuracies."""

    def draw_table(ax: Any, theme: Any) -> None:
        colors, most = theme.colormap("sequential"), table.max()
        ax.imshow(table, cmap=colors, vmin=0, vmax=most)
        for (row, column), count in np.ndenumerate(table):
            if count:
                color = style.legible(colors(count / most))
                ax.text(column, row, str(count), ha="center", va="center", fontsize=8, color=color)
        ax.set_yticks(range(10), names)
        ax.set_xticks(range(10), classes, rotation=45, ha="right")
        ax.set(xlabel="true class", ylabel="cluster and its name")

    result.figure(
        "confusion",
        draw_table,
        title="Test images by the cluster that the net answers and by their class",
        alt="A table. Some clusters hold one class, others mix shirts, coats and pullovers.",
        data={"cluster": names, **{label: table[:, k] for k, label in enumerate(classes)}},
        size=(7.0, 5.0),
    )
    kinds = list(CLASSIFIERS)

    def draw_bars(ax: Any, theme: Any) -> None:
        for k, (label, values) in enumerate(bars.items()):
            places = np.arange(len(kinds)) + 0.27 * (k - 1)
            ax.bar(places, values, 0.25, color=theme.color(k), label=label)
        ax.set_xticks(range(len(kinds)), kinds)
        ax.set(ylim=(0, 1.0), ylabel="share of test images")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=8)

    result.figure(
        "comparison",
        draw_bars,
        title="Classifiers of clusters and of labels",
        alt="Each classifier is right in three of five, with labels in four of five.",
        data={"classifier": kinds, **bars},
    )
