"""Submissions to kernel-features."""

ALTERNATIVES = [
    """
import itertools
import math
import numpy as np

def quadratic_kernel(A, B):
    table = np.empty((len(A), len(B)), A.dtype)
    for i, a in enumerate(A):
        for j, b in enumerate(B):
            table[i, j] = (1 + float((a * b).sum())) ** 2
    return table

def quadratic_features(A):
    # with an entry of 1 in front, every product of two entries is a feature
    A = np.concatenate([np.ones((len(A), 1), A.dtype), A], axis=1)
    columns = []
    for i, j in itertools.combinations_with_replacement(range(A.shape[1]), 2):
        columns.append(A[:, i] * A[:, j] * (1 if i == j else math.sqrt(2)))
    return np.stack(columns, axis=1)

def gaussian_kernel(A, B, s):
    table = np.ones((len(A), len(B)), A.dtype)
    for k in range(A.shape[1]):
        table *= np.exp(-np.subtract.outer(A[:, k], B[:, k]) ** 2 / (2 * s * s))
    return table

def gaussian_features(x, sigma, m):
    rows = []
    for value in x.tolist():
        row = [math.exp(-((value / sigma) ** 2) / 2)]
        for i in range(1, m):
            row.append(row[-1] * value / sigma / math.sqrt(i))
        rows.append(row)
    return np.array(rows, x.dtype)
""",
    """
import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import gammaln, xlogy
from sklearn.preprocessing import PolynomialFeatures

def quadratic_kernel(X, T):
    inner = np.einsum("id,jd->ij", X, T)
    return 1 + 2 * inner + inner**2

def quadratic_features(X):
    maker = PolynomialFeatures(2).fit(X)
    powers = maker.powers_
    twice = (powers.max(axis=1) == 1)  # all but the constant and the squares
    return (maker.transform(X) * np.where(twice, 2**0.5, 1.0)).astype(X.dtype)

def gaussian_kernel(X, T, sigma):
    return np.exp(-0.5 * cdist(X / sigma, T / sigma) ** 2).astype(X.dtype)

def gaussian_features(x, sigma, m):
    i = np.arange(m)
    z = x.astype(float)[:, None] / sigma
    value = np.exp(xlogy(i, abs(z)) - gammaln(i + 1) / 2 - z**2 / 2)
    return np.where((z < 0) & (i % 2 == 1), -value, value).astype(x.dtype)
""",
]

MUTANTS = {
    ("quadratic_kernel", "no square"): """
def quadratic_kernel(X, T):
    return 1 + X @ T.T
""",
    ("quadratic_kernel", "square before the sum"): """
def quadratic_kernel(X, T):
    return 1 + (X @ T.T) ** 2
""",
    ("quadratic_kernel", "entry by entry"): """
def quadratic_kernel(X, T):
    return (1 + X * T) ** 2
""",
    ("quadratic_features", "root of two forgotten"): """
def quadratic_features(X):
    i, j = np.triu_indices(X.shape[1], k=1)
    return np.hstack([np.ones_like(X[:, :1]), X, X**2, X[:, i] * X[:, j]])
""",
    ("quadratic_features", "two in place of its root"): """
def quadratic_features(X):
    i, j = np.triu_indices(X.shape[1], k=1)
    return np.hstack([X**2, 2 * X, 2 * X[:, i] * X[:, j], np.ones_like(X[:, :1])])
""",
    ("quadratic_features", "ordered pairs twice"): """
def quadratic_features(X):
    products = (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)
    return np.hstack([np.ones_like(X[:, :1]), np.sqrt(2).astype(X.dtype) * X, products])
""",
    ("gaussian_kernel", "entry by entry"): """
def gaussian_kernel(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2) / (2 * sigma**2))
""",
    ("gaussian_kernel", "the other convention of sigma"): """
def gaussian_kernel(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2).sum(-1) / sigma**2)
""",
    ("gaussian_kernel", "sigma not squared"): """
def gaussian_kernel(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2).sum(-1) / (2 * sigma))
""",
    ("gaussian_kernel", "distance without its square"): """
def gaussian_kernel(X, T, sigma):
    return np.exp(-np.linalg.norm(X[:, None] - T, axis=-1) / (2 * sigma**2))
""",
    ("gaussian_features", "overflow"): """
def gaussian_features(x, sigma, m):
    from scipy.special import factorial
    i = np.arange(m)
    z = x[:, None] / sigma
    return (np.exp(-z**2 / 2) * z**i / np.sqrt(factorial(i))).astype(x.dtype)
""",
    ("gaussian_features", "factorial without its root"): """
def gaussian_features(x, sigma, m):
    first = np.exp(-(x**2) / (2 * sigma**2))
    ratios = x[:, None] / (sigma * np.arange(1, m))
    return np.cumprod(np.hstack([first[:, None], ratios]), axis=1).astype(x.dtype)
""",
    ("gaussian_features", "no Gaussian factor"): """
def gaussian_features(x, sigma, m):
    ratios = x[:, None] / (sigma * np.sqrt(np.arange(1, m)))
    return np.cumprod(np.hstack([np.ones((len(x), 1)), ratios]), axis=1).astype(x.dtype)
""",
    ("gaussian_features", "begins with the first power"): """
def gaussian_features(x, sigma, m):
    first = np.exp(-(x**2) / (2 * sigma**2))
    ratios = x[:, None] / (sigma * np.sqrt(np.arange(1, m + 1)))
    return np.cumprod(np.hstack([first[:, None], ratios]), axis=1)[:, 1:].astype(x.dtype)
""",
}
