"""Submissions to mean-shift-blobs."""

ALTERNATIVES = [
    """
import torch
from torch.distributions import Normal

def weights(d, bandwidth):
    one = torch.ones((), dtype=d.dtype)
    return Normal(0 * one, bandwidth * one).log_prob(d).exp()

def step(X, data, bandwidth):
    w = weights(torch.cdist(X, data, compute_mode="donot_use_mm_for_euclid_dist"), bandwidth)
    return torch.einsum("nm,mp->np", w / w.sum(1, keepdim=True), data)

def mean_shift(data, bandwidth, iterations, batch_size):
    X = data
    for _ in range(iterations):
        new = torch.empty_like(X)
        for i in range(0, len(X), batch_size):
            new[i : i + batch_size] = step(X[i : i + batch_size], data, bandwidth)
        X = new
    return X
""",
    """
import torch, math

def weights(d, h):
    return torch.exp(-0.5 * d**2 / h**2) / math.sqrt(2 * math.pi * h**2)

def step(X, data, h):
    rows = []
    for x in X:
        w = weights(torch.linalg.norm(data - x, dim=1), h)
        rows.append((w[:, None] * data).sum(0) / w.sum())
    return torch.stack(rows)

def mean_shift(data, h, iterations, batch_size):
    X = data.clone()
    while iterations > 0:
        X, iterations = step(X, data, h), iterations - 1
    return X
""",
]

MUTANTS = {
    ("weights", "distance without its square"): """
def weights(d, bandwidth):
    return torch.exp(-d / bandwidth / 2) / (bandwidth * math.sqrt(2 * math.pi))
""",
    ("weights", "one half missing"): """
def weights(d, bandwidth):
    return torch.exp(-((d / bandwidth) ** 2)) / (bandwidth * math.sqrt(2 * math.pi))
""",
    ("weights", "no height"): """
def weights(d, bandwidth):
    return torch.exp(-((d / bandwidth) ** 2) / 2)
""",
    ("step", "moves X in place"): """
def step(X, data, bandwidth):
    w = weights(torch.cdist(X, data, compute_mode="donot_use_mm_for_euclid_dist"), bandwidth)
    X[:] = w @ data / w.sum(1, keepdim=True)
    return X
""",
    ("step", "weights times points without a unit axis"): """
def step(X, data, bandwidth):
    w = weights(torch.cdist(X, data, compute_mode="donot_use_mm_for_euclid_dist"), bandwidth)
    return w * data / w.sum(1, keepdim=True)
""",
    ("step", "no normalisation"): """
def step(X, data, bandwidth):
    d = torch.cdist(X, data, compute_mode="donot_use_mm_for_euclid_dist")
    return weights(d, bandwidth) @ data
""",
    ("step", "normalised along the wrong axis"): """
def step(X, data, bandwidth):
    w = weights(torch.cdist(X, data, compute_mode="donot_use_mm_for_euclid_dist"), bandwidth)
    return w @ data / w.sum(0)[:, None]
""",
    ("step", "squared distance in place of the distance"): """
def step(X, data, bandwidth):
    w = weights(((X[:, None] - data) ** 2).sum(-1), bandwidth)
    return w @ data / w.sum(1, keepdim=True)
""",
    ("mean_shift", "the data are overwritten"): """
def mean_shift(data, bandwidth, iterations, batch_size):
    for _ in range(iterations):
        data[:] = step(data, data.clone(), bandwidth)
    return data
""",
    ("mean_shift", "moved points are the data of the next batch"): """
def mean_shift(data, bandwidth, iterations, batch_size):
    X = data.clone()
    for _ in range(iterations):
        for i in range(0, len(X), batch_size):
            X[i : i + batch_size] = step(X[i : i + batch_size], X, bandwidth)
    return X
""",
    ("mean_shift", "moved points are the data of the next step"): """
def mean_shift(data, bandwidth, iterations, batch_size):
    for _ in range(iterations):
        data = step(data, data, bandwidth)
    return data
""",
    ("mean_shift", "last short batch"): """
def mean_shift(data, bandwidth, iterations, batch_size):
    X = data.clone()
    for _ in range(iterations):
        for b in range(len(X) // batch_size):
            rows = slice(b * batch_size, (b + 1) * batch_size)
            X[rows] = step(X[rows], data, bandwidth)
    return X
""",
}
