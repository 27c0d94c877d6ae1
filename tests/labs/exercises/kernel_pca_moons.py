"""Submissions to kernel-pca-moons."""

ALTERNATIVES = [
    """
import numpy as np
from scipy.linalg import svd
from scipy.spatial.distance import cdist

def centre(K):
    n = len(K)
    J = np.eye(n, dtype=K.dtype) - np.full((n, n), 1 / n, K.dtype)
    return J @ K @ J

def kernel(A, B, gamma):
    return np.exp(-gamma * cdist(A, B, "sqeuclidean"))

def kpca(X, gamma, k):
    U, s, _ = svd(centre(kernel(X, X, gamma)))
    return (-U[:, :k] * s[:k] ** 0.5).astype(X.dtype)

def project(X, new, gamma, k):
    K = kernel(X, X, gamma)
    J = np.eye(len(X)) - 1 / len(X)
    lifted = (kernel(new, X, gamma) - K.mean(axis=0)) @ J
    U, s, _ = svd(centre(K))
    return np.stack([lifted @ U[:, j] / s[j] ** 0.5 for j in range(k)], axis=1).astype(X.dtype)
""",
    """
import numpy as np
from sklearn.decomposition import KernelPCA
from sklearn.preprocessing import KernelCenterer

def centre(K):
    return KernelCenterer().fit_transform(K.copy())

def kpca(X, gamma, k):
    K = np.array([[np.exp(-gamma * np.sum((a - b) ** 2)) for b in X] for a in X], X.dtype)
    w, V = np.linalg.eigh(centre(K))
    order = np.argsort(w)[::-1][:k]
    return np.column_stack([V[:, j] * max(w[j], 0) ** 0.5 for j in order])

def project(X, new, gamma, k):
    model = KernelPCA(k, kernel="rbf", gamma=gamma, eigen_solver="dense").fit(X.astype(float))
    return model.transform(new.astype(float)).astype(new.dtype)
""",
]

KERNEL = """
def kernel(A, B, gamma):
    return np.exp(-gamma * ((A[:, None] - B) ** 2).sum(-1))

def top(K, k):
    w, V = np.linalg.eigh(K)
    return np.maximum(w[::-1][:k], 0), V[:, ::-1][:, :k]
"""

MUTANTS = {
    ("centre", "one mean taken off twice"): """
def centre(K):
    ones = np.full_like(K, 1 / len(K))
    return K - 2 * ones @ K + ones @ K @ ones
""",
    ("centre", "mean of all forgotten"): """
def centre(K):
    return K - K.mean(axis=0) - K.mean(axis=1)[:, None]
""",
    ("centre", "columns alone"): """
def centre(K):
    return K - K.mean(axis=0)
""",
    ("kpca", "rising eigenvalues"): KERNEL
    + """
def kpca(X, gamma, k):
    w, V = np.linalg.eigh(centre(kernel(X, X, gamma)))
    return V[:, :k] * np.sqrt(w[:k])
""",
    ("kpca", "not scaled"): KERNEL
    + """
def kpca(X, gamma, k):
    return top(centre(kernel(X, X, gamma)), k)[1].copy()
""",
    ("kpca", "eigenvalue without its root"): KERNEL
    + """
def kpca(X, gamma, k):
    w, V = top(centre(kernel(X, X, gamma)), k)
    return V * w
""",
    ("kpca", "table not centred"): KERNEL
    + """
def kpca(X, gamma, k):
    w, V = top(kernel(X, X, gamma), k)
    return V * np.sqrt(w)
""",
    ("kpca", "gamma divides"): KERNEL
    + """
def kpca(X, gamma, k):
    w, V = top(centre(kernel(X, X, 1 / gamma)), k)
    return V * np.sqrt(w)
""",
    ("project", "new rows centred by their own mean"): KERNEL
    + """
def project(X, new, gamma, k):
    N = kernel(new, X, gamma)
    w, V = top(centre(kernel(X, X, gamma)), k)
    return (N - N.mean(axis=0) - N.mean(axis=1)[:, None] + N.mean()) @ V / np.sqrt(w)
""",
    ("project", "new rows not centred"): KERNEL
    + """
def project(X, new, gamma, k):
    w, V = top(centre(kernel(X, X, gamma)), k)
    return kernel(new, X, gamma) @ V / np.sqrt(w)
""",
    ("project", "not scaled"): KERNEL
    + """
def project(X, new, gamma, k):
    K, N = kernel(X, X, gamma), kernel(new, X, gamma)
    w, V = top(centre(K), k)
    return (N - K.mean(axis=0) - N.mean(axis=1)[:, None] + K.mean()) @ V
""",
    ("project", "times the root in place of divided by it"): KERNEL
    + """
def project(X, new, gamma, k):
    K, N = kernel(X, X, gamma), kernel(new, X, gamma)
    w, V = top(centre(K), k)
    return (N - K.mean(axis=0) - N.mean(axis=1)[:, None] + K.mean()) @ V * np.sqrt(w)
""",
}
