"""``python -m benchmarks.studies NAME``: studies of solvers and of cost against rows."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "out" / "studies"
STUDIES = {
    "ridge": "kernel ridge on many rows: peak memory, residual, error beside the noise",
    "components": "kernel principal components of many rows: peak memory, residuals",
    "cost": "seconds of a fit against the number of rows, with the fitted exponent",
    "agreement": "predictions of each iterative solver against one dense solve",
    "rank": "steps of preconditioned gradients against the rank of the factor",
    "kmeans-scaling": "k-means on a memory-map: seconds and memory against the number of rows",
    "dbscan-correctness": "wrong core rows of DBSCAN programs against float64 brute force",
    "dbscan-scaling": "seconds of DBSCAN in two features against the number of rows",
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0; 1 if a study's own bound is not met."""
    text = "\n".join(f"  {name:19} {what}" for name, what in STUDIES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.studies",
        description=f"studies:\n{text}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--rows", type=int, help="rows of the fit, the most of them for cost")
    parser.add_argument("--memory", default="512MiB", help="working memory of the fits")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures")
    options = parser.parse_args(arguments)
    from benchmarks.machine import set_threads

    set_threads(options.threads)
    from benchmarks.studies import clusters, density, scale, solvers

    studies = {
        "ridge": lambda: scale.ridge(options.rows or 100_000, options.memory),
        "components": lambda: scale.components(options.rows or 100_000, options.memory),
        "cost": lambda: scale.cost(options.rows or 32_000, options.out),
        "agreement": lambda: solvers.agreement(options.rows or 4000),
        "rank": lambda: solvers.rank(options.rows or 4000, options.out),
        "kmeans-scaling": lambda: clusters.scaling(
            options.rows or 10_000_000, options.memory, options.out
        ),
        "dbscan-correctness": lambda: density.correctness(options.rows or 2000, options.out),
        "dbscan-scaling": lambda: density.scaling(options.rows or 10_000_000, options.out),
    }
    return 0 if studies[options.study]() else 1


if __name__ == "__main__":
    sys.exit(main())
