"""Submissions to normal-density."""

ALTERNATIVES = [
    """
from scipy.stats import norm

def normal(x, mu, sigma):
    return norm(mu, sigma).pdf(x).astype(x.dtype)

def nll(y, yhat, sigma):
    return -norm.logpdf(y, loc=yhat, scale=sigma).sum()
""",
    """
import math
import numpy as np

def normal(x, m, s):
    return np.array([math.exp(-((v - m) ** 2) / (2 * s * s)) for v in x], x.dtype) / (
        math.sqrt(2 * math.pi) * s
    )

def nll(y, yhat, s):
    total = 0.0
    for a, b in zip(y, yhat):
        total += (a - b) ** 2 / (2 * s * s) + math.log(s) + 0.5 * math.log(2 * math.pi)
    return total
""",
]

MUTANTS = {
    ("normal", "sigma in place of its square"): """
def normal(x, mu, sigma):
    return np.exp(-((x - mu) ** 2) / (2 * sigma)) / (sigma * np.sqrt(2 * np.pi))
""",
    ("normal", "no sigma in front"): """
def normal(x, mu, sigma):
    return np.exp(-(((x - mu) / sigma) ** 2) / 2) / np.sqrt(2 * np.pi)
""",
    ("normal", "one half missing"): """
def normal(x, mu, sigma):
    return np.exp(-(((x - mu) / sigma) ** 2)) / (sigma * np.sqrt(2 * np.pi))
""",
    ("nll", "log of a density of zero"): """
def nll(y, yhat, sigma):
    p = np.exp(-(((y - yhat) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    return -np.log(p).sum()
""",
    ("nll", "mean in place of the sum"): """
def nll(y, yhat, sigma):
    terms = ((y - yhat) / sigma) ** 2 / 2 + np.log(sigma * np.sqrt(2 * np.pi))
    return terms.mean()
""",
    ("nll", "one half missing"): """
def nll(y, yhat, sigma):
    return (((y - yhat) / sigma) ** 2 + np.log(sigma * np.sqrt(2 * np.pi))).sum()
""",
    ("nll", "no sigma in front"): """
def nll(y, yhat, sigma):
    return (((y - yhat) / sigma) ** 2 / 2 + np.log(np.sqrt(2 * np.pi))).sum()
""",
}
