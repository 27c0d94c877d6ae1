"""Submissions to kernel-regression."""

ALTERNATIVES = [
    """
import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

def ridge(X, y, lam):
    model = Ridge(alpha=lam, solver="svd").fit(X, y)
    return model.coef_.astype(X.dtype), float(model.intercept_)

def gram(X, T, sigma):
    return rbf_kernel(X, T, gamma=0.5 / sigma**2).astype(X.dtype)

def krr_fit(X, y, sigma, lam):
    model = KernelRidge(alpha=lam, kernel="rbf", gamma=0.5 / sigma**2)
    return model.fit(X, y).dual_coef_.astype(X.dtype)

def krr_predict(X, alpha, new, sigma):
    return np.array([sum(a * gram(row[None], x[None], sigma)[0, 0] for a, x in zip(alpha, X))
                     for row in new], X.dtype)

def loo(X, y, sigma, lam):
    squares = []
    for i in range(len(X)):
        kept = [j for j in range(len(X)) if j != i]
        alpha = krr_fit(X[kept], y[kept], sigma, lam)
        squares.append((y[i] - krr_predict(X[kept], alpha, X[[i]], sigma)[0]) ** 2)
    return sum(squares) / len(squares)
""",
    """
import numpy as np

def ridge(X, y, lam):
    # rows that ask for small weights, with an intercept that they do not see
    n, d = X.shape
    A = np.block([[X, np.ones((n, 1))], [np.sqrt(lam) * np.eye(d), np.zeros((d, 1))]])
    solution = np.linalg.lstsq(A, np.concatenate([y, np.zeros(d)]), rcond=None)[0]
    return solution[:d].astype(X.dtype), solution[d]

def gram(X, T, sigma):
    table = np.ones((len(X), len(T)), X.dtype)
    for k in range(X.shape[1]):
        table *= np.exp(-0.5 * ((X[:, k, None] - T[:, k]) / sigma) ** 2)
    return table

def krr_fit(X, y, sigma, lam):
    K = gram(X, X, sigma)
    K.flat[:: len(X) + 1] += lam
    half = np.linalg.cholesky(K)
    return np.linalg.solve(half.T, np.linalg.solve(half, y))

def krr_predict(X, alpha, new, sigma):
    return np.einsum("nm,n->m", gram(X, new, sigma), alpha)

def loo(X, y, sigma, lam):
    # an error without a row is its coefficient over the diagonal of the inverse
    inverse = np.linalg.inv(gram(X, X, sigma) + lam * np.eye(len(X)))
    return float(np.mean((inverse @ y / inverse.diagonal()) ** 2))
""",
]

MUTANTS = {
    ("ridge", "penalised intercept"): """
def ridge(X, y, lam):
    A = np.hstack([X, np.ones_like(X[:, :1])])
    w = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1], dtype=X.dtype), A.T @ y)
    return w[:-1], w[-1]
""",
    ("ridge", "lam missing"): """
def ridge(X, y, lam):
    A = X - X.mean(axis=0)
    w = np.linalg.solve(A.T @ A, A.T @ (y - y.mean()))
    return w, y.mean() - X.mean(axis=0) @ w
""",
    ("ridge", "no intercept"): """
def ridge(X, y, lam):
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1], dtype=X.dtype), X.T @ y), 0.0
""",
    ("ridge", "lam counted once for each row"): """
def ridge(X, y, lam):
    A, n = X - X.mean(axis=0), len(X)
    w = np.linalg.solve(A.T @ A / n + lam * np.eye(A.shape[1], dtype=X.dtype),
                        A.T @ (y - y.mean()) / n)
    return w, y.mean() - X.mean(axis=0) @ w
""",
    ("ridge", "b is the mean of the targets"): """
def ridge(X, y, lam):
    A = X - X.mean(axis=0)
    w = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1], dtype=X.dtype), A.T @ (y - y.mean()))
    return w, y.mean()
""",
    ("gram", "entry by entry"): """
def gram(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2) / (2 * sigma**2))
""",
    ("gram", "the other convention of sigma"): """
def gram(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2).sum(-1) / sigma**2)
""",
    ("gram", "distance without its square"): """
def gram(X, T, sigma):
    return np.exp(-np.linalg.norm(X[:, None] - T, axis=-1) / (2 * sigma**2))
""",
    ("gram", "sigma not squared"): """
def gram(X, T, sigma):
    return np.exp(-((X[:, None] - T) ** 2).sum(-1) / (2 * sigma))
""",
    ("krr_fit", "lam added to every entry"): """
def krr_fit(X, y, sigma, lam):
    return np.linalg.solve(gram(X, X, sigma) + lam, y)
""",
    ("krr_fit", "inverse of a singular K"): """
def krr_fit(X, y, sigma, lam):
    return np.linalg.inv(gram(X, X, sigma)) @ y
""",
    ("krr_fit", "lam subtracted"): """
def krr_fit(X, y, sigma, lam):
    return np.linalg.solve(gram(X, X, sigma) - lam * np.eye(len(X), dtype=X.dtype), y)
""",
    ("krr_predict", "kernel of training and new rows transposed"): """
def krr_predict(X, alpha, new, sigma):
    return gram(X, new, sigma) @ alpha
""",
    ("krr_predict", "divided by the sum of the kernel"): """
def krr_predict(X, alpha, new, sigma):
    K = gram(new, X, sigma)
    return K @ alpha / K.sum(axis=1)
""",
    ("krr_predict", "coefficients left out"): """
def krr_predict(X, alpha, new, sigma):
    return gram(new, X, sigma).sum(axis=1)
""",
    ("loo", "training error"): """
def loo(X, y, sigma, lam):
    return ((y - krr_predict(X, krr_fit(X, y, sigma, lam), X, sigma)) ** 2).mean()
""",
    ("loo", "left out of the sum, not of the fit"): """
def loo(X, y, sigma, lam):
    alpha = krr_fit(X, y, sigma, lam)
    fitted = gram(X, X, sigma) @ alpha - alpha
    return ((y - fitted) ** 2).mean()
""",
    ("loo", "sum in place of the mean"): """
def loo(X, y, sigma, lam):
    inverse = np.linalg.inv(gram(X, X, sigma) + lam * np.eye(len(X)))
    return ((inverse @ y / np.diag(inverse)) ** 2).sum()
""",
}
