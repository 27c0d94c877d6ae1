"""Check an installed gramian from the outside: that it computes, and on which backend."""

from __future__ import annotations

import argparse
import importlib.util

import numpy as np

import gramian as gm
from gramian.data import load_dataset


def main() -> None:
    """Compare with NumPy, name the backend that must have run, and read a shipped file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--without-native", action="store_true", help="the extension must be absent"
    )
    wanted = "torch" if parser.parse_args().without_native else "native"

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 3)).astype(np.float32), rng.normal(size=(40, 3)).astype(np.float32)
    squares = ((x[:, None].astype(float) - y[None]) ** 2).sum(-1)
    matrix = gm.Gram(x, y)
    np.testing.assert_array_equal(matrix.argmin(), squares.argmin(1))
    np.testing.assert_array_equal(gm.Gram(x, y, gm.Euclidean()).count(1.0), (squares <= 1).sum(1))
    sums = gm.Gram(x, y, gm.Gaussian(bandwidth=1.5)).sum()
    np.testing.assert_allclose(sums, np.exp(-squares / 4.5).sum(1), rtol=2e-6)

    plan = matrix.explain("topk")
    present = importlib.util.find_spec("gramian._native") is not None
    if plan.backend != wanted or present != (wanted == "native"):
        raise SystemExit(f"expected the {wanted} backend, got:\n{plan}")
    labels = gm.KMeans(n_clusters=3, random_state=0).fit_predict(x)
    if set(labels) != {0, 1, 2}:
        raise SystemExit(f"KMeans: expected three clusters, got {sorted(set(labels))}")
    if load_dataset("small-fashion").X.shape != (6000, 784):
        raise SystemExit("the images that are shipped inside the package are not whole")
    print(f"gramian {gm.__version__} works on the {plan.backend} backend.\n{plan}")


if __name__ == "__main__":
    main()
