"""How much of the labels is in the geometry of the images?"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

import gramian as gm
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive
from gramian.labs.experiments._clothes import (
    CLASSIFIERS,
    Clusters,
    Sealed,
    ari,
    counts,
    knee,
    majority_names,
    one_to_one_names,
)
from gramian.labs.experiments._clothes_figures import draw_answers, draw_clusters, draw_tuning

LAB = Lab(
    name="fashion-perambulation",
    topic="clustering",
    question="How much of the labels is in the geometry of the images?",
    answer="About three in five: classifiers imitate clusters well, but clusters are not classes.",
    source="Advanced topics in machine learning (University of Trieste), challenge 2023, part 1",
    method=(
        "Images are projected on their first ten components, by principal component analysis and "
        "by kernel PCA with e^(−γ‖x−y‖²) and with (⟨x, y⟩/784 + 1)^d, and ten clusters of them are "
        "sought by k-means. γ and d are tuned on the training images: the kernel is kept whose "
        "clusters have the largest adjusted Rand index (ARI) with the labels, 0 for random "
        "clusters and 1 for the classes. Each cluster is named after the class that most of its "
        "images have.\n\n"
        "Then the clusters are the labels that a kernel machine, two nets and a convolutional net "
        "learn from the pixels. On test images their answers are turned into names and compared "
        "with the true classes. The same classifiers are trained on the true labels too. Agreement "
        "is the share of test images on which a classifier names the cluster that is nearest.\n\n"
        "The test images are read once, at the end; reads are counted. The knee of the spectrum is "
        "the component furthest below the chord from the first to the last."
    ),
    claims=(
        Claim(
            "geometry",
            "Clusters know a part of the classes.",
            "ari",
            ">",
            0.25,
            kind="statistical",
            figure="maps",
        ),
        Claim(
            "names",
            "Named after their majority, clusters are right far above chance, learnt ones too.",
            ("accuracy-of-names", "accuracy-wide", "accuracy-deep", "accuracy-cnn", "accuracy-svm"),
            ">=",
            0.4,
            figure="comparison",
        ),
        Claim(
            "loss",
            "True labels teach every classifier to be right on 15 % more.",
            ("loss-wide", "loss-deep", "loss-cnn", "loss-svm"),
            ">=",
            0.15,
            figure="comparison",
        ),
        Claim(
            "imitation",
            "Classifiers imitate clusters well, so the loss is in the clustering.",
            ("agreement-wide", "agreement-deep", "agreement-cnn", "agreement-svm"),
            ">=",
            0.8,
            figure="comparison",
        ),
        Claim("once", "The test images are read once.", "test-reads", "==", 1, kind="exact"),
    ),
    controls=(
        positive("true-clusters", "The true labels as clusters are the classes.", claim="geometry"),
        negative(
            "random-clusters",
            "Random clusters are named at random.",
            claim="names",
            must=("<=", 0.2),
        ),
        negative("random-geometry", "Random clusters know nothing.", claim="geometry"),
        negative(
            "labels-as-clusters",
            "Where clusters are the true labels, nothing is lost.",
            claim="loss",
            must=("<", 0.05),
        ),
        negative(
            "random-imitation",
            "Random clusters cannot be imitated.",
            claim="imitation",
            must=("<", 0.2),
        ),
        negative("tuned-on-test", "Kernels are compared on the test images.", claim="once"),
    ),
    published_errors=(
        PublishedError(
            "challenge 2023, part 1",
            "the majority may give one name to two clusters, and then some class has none",
            "names that occur are counted, and one-to-one names are shown beside",
        ),
    ),
    data=("fashion",),
    quick={"stock": 6_000, "images": 3_000, "gammas": [0.001, 0.01, 0.05], "degrees": [2, 3]},
    full={"stock": 60_000, "images": 10_000, "gammas": [0.0003, 0.001, 0.003, 0.01, 0.05]},
    seconds=(55, 1200),
)


def run(context: Context) -> Result:
    result = Result(context)
    rng, seed = context.rng(), context.seeds(1)[0]
    rows = np.sort(rng.permutation(context["stock"])[: context["images"]])
    first, last = context.load("fashion", "train", rows.tolist()), context.load("fashion", "test")
    X, y = first.X / np.float32(255), first.y.astype(np.int64)
    test = Sealed(last.X / np.float32(255), last.y.astype(np.int64))

    kernels: dict[str, dict[str, Any]] = {"PCA": {"kernel": "linear"}}
    kernels |= {f"γ = {g:g}": {"kernel": "rbf", "gamma": g} for g in context["gammas"]}
    kernels |= {f"degree {d}": {"kernel": "poly", "degree": d} for d in context["degrees"]}
    found = {
        name: Clusters.of(X, kernel, seed)
        for name, kernel in context.each(list(kernels.items()), "kernel")
    }
    scores = {name: float(adjusted_rand_score(y, own.labels)) for name, own in found.items()}
    shapes = {name: gm.silhouette_score(own.projections, own.labels) for name, own in found.items()}
    best = max(scores, key=scores.__getitem__)
    clusters = found[best]
    result.measure("chosen", best)
    result.measure("chosen-by-silhouette", max(shapes, key=shapes.__getitem__))
    result.measure("ari-by-kernel", list(scores.values()), tolerance=0.02)
    result.measure("silhouette-by-kernel", list(shapes.values()), tolerance=0.02)

    random = rng.integers(10, size=len(y))
    result.contrast(
        "ari",
        {"clusters": clusters.labels, "true-clusters": y, "random-geometry": random},
        lambda labels: ari(y, labels, context.rng(1)),
        tolerance=0.02,
    )
    result.contrast(
        "accuracy-of-names",
        {"clusters": clusters.labels, "random-clusters": random},
        lambda labels: float((majority_names(labels, y)[labels] == y).mean()),
        tolerance=0.02,
    )
    names = majority_names(clusters.labels, y)
    matched = one_to_one_names(clusters.labels, y)
    result.measure("names-given", len(set(names.tolist())))
    result.measure("accuracy-of-one-to-one-names", float((matched[clusters.labels] == y).mean()))

    # what a choice of the kernel by the test images would read, and then the judgement
    peeked = Sealed(test.X, test.y)
    for own in found.values():
        images, labels = peeked.read()
        adjusted_rand_score(labels, own.predict(images))
    peeked.read()
    answers, bars = imitate(context, result, (X, y), clusters, random, names, test)
    result.contrast(
        "test-reads", {"sealed": test, "tuned-on-test": peeked}, lambda part: part.reads
    )
    spectrum = np.linalg.eigvalsh(np.cov(X.T))[::-1]
    shares = spectrum[:40] / spectrum.sum()
    result.measure("variance-of-ten", float(shares[:10].sum()), tolerance=1e-3)
    result.measure("knee", knee(shares))
    table = counts(answers, last.y)
    draw_tuning(result, list(kernels), scores, shapes, shares)
    draw_clusters(result, first, clusters, names)
    titles = [f"{k}: {first.target_names[name]}" for k, name in enumerate(names)]
    draw_answers(result, table, titles, list(first.target_names), bars)
    return result


def imitate(
    context: Context,
    result: Result,
    part: tuple[np.ndarray, np.ndarray],
    clusters: Clusters,
    random: np.ndarray,
    names: np.ndarray,
    test: Sealed,
) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Classifiers trained on clusters and on labels, judged on the test images.

    Gives the clusters that the first classifier answers, and the accuracies of all of them.
    """
    (X, y), seed = part, context.seeds(1)[0]
    answers, supervised = {}, {}
    fresh, true = test.read()
    for name, classify in context.each(list(CLASSIFIERS.items()), "classifier"):
        answers[name] = classify(X, clusters.labels, fresh, seed)
        supervised[name] = float((classify(X, y, fresh, seed) == true).mean())
    nearest = clusters.predict(fresh)
    accuracy = {name: float((names[found] == true).mean()) for name, found in answers.items()}
    agreement = {name: float((found == nearest).mean()) for name, found in answers.items()}

    classify = CLASSIFIERS["wide"]
    at_random = classify(X, random, fresh, seed)
    again = float((classify(X, y, fresh, seed + 1) == true).mean())
    unlike = context.rng(2).integers(10, size=len(true))
    losses = {
        "clusters": supervised["wide"] - accuracy["wide"],
        "labels-as-clusters": abs(supervised["wide"] - again),
    }
    result.contrast("loss-wide", losses, float, tolerance=0.02)
    imitations = {
        "clusters": agreement["wide"],
        "random-imitation": float((at_random == unlike).mean()),
    }
    result.contrast("agreement-wide", imitations, float, tolerance=0.02)
    for name in CLASSIFIERS:
        result.measure(f"accuracy-{name}", accuracy[name], tolerance=0.02)
    for name in list(CLASSIFIERS)[1:]:
        result.measure(f"loss-{name}", supervised[name] - accuracy[name], tolerance=0.02)
        result.measure(f"agreement-{name}", agreement[name], tolerance=0.02)
    bars = {
        "names of clusters": list(accuracy.values()),
        "true labels": list(supervised.values()),
        "agreement with clusters": list(agreement.values()),
    }
    return answers["wide"], bars
