"""Submissions to linear-classifier."""

ALTERNATIVES = [
    """
import numpy as np

def classify(w, b, X):
    found = []
    for x in X:
        found.append(1 if np.dot(w, x) + b > 0 else -1)
    return np.array(found)

def boundary(w, b):
    if abs(w[1]) >= abs(w[0]):
        points = [[x0, -(w[0] * x0 + b) / w[1]] for x0 in (0.0, 1.0)]
    else:
        points = [[-(w[1] * x1 + b) / w[0], x1] for x1 in (0.0, 1.0)]
    return np.array(points, w.dtype)

def hinge(w, b, x, c):
    behind = 1 - c * (np.sum(w * x) + b)
    return behind if behind > 0 else 0.0

def hinge_step(w, b, x, c, mu, lam):
    new = (1 - mu * lam) * w
    if hinge(w, b, x, c) > 0:
        return new + mu * c * x, b + mu * c
    return new, b
""",
    """
import numpy as np
import torch

def classify(w, b, X):
    return 2 * (np.einsum("nd,d->n", X, w) > -b).astype(np.int64) - 1

def boundary(w, b):
    length = np.hypot(*w)
    normal = w / length
    across = np.array([[0, -1], [1, 0]], w.dtype) @ normal
    return -b / length * normal + np.array([[-3], [3]], w.dtype) * across

def hinge(w, b, x, c):
    return np.clip(1 - c * (w @ x + b), 0, None)

def hinge_step(w, b, x, c, mu, lam):
    v = torch.tensor(w, requires_grad=True)
    a = torch.tensor(float(b), dtype=torch.float64, requires_grad=True)
    loss = torch.relu(1 - c * (v @ torch.tensor(x) + a)) + lam / 2 * (v @ v)
    loss.backward()
    return (v - mu * v.grad).detach().numpy(), float(a - mu * a.grad)
""",
]

MUTANTS = {
    ("classify", "labels 0 and 1"): """
def classify(w, b, X):
    return (X @ w + b > 0).astype(int)
""",
    ("classify", "a class of its own on the boundary"): """
def classify(w, b, X):
    return np.sign(X @ w + b).astype(int)
""",
    ("classify", "the boundary counts as positive"): """
def classify(w, b, X):
    return np.where(X @ w + b < 0, -1, 1)
""",
    ("classify", "b forgotten"): """
def classify(w, b, X):
    return np.where(X @ w > 0, 1, -1)
""",
    ("boundary", "weights exchanged"): """
def boundary(w, b):
    x0 = np.array([0, 1], w.dtype)
    return np.stack([x0, -x0 * w[1] / w[0] - b / w[0]], axis=1)
""",
    ("boundary", "division by the second weight"): """
def boundary(w, b):
    x0 = np.array([0, 1], w.dtype)
    return np.stack([x0, -x0 * w[0] / w[1] - b / w[1]], axis=1)
""",
    ("boundary", "b forgotten"): """
def boundary(w, b):
    return np.array([[0, 0], [-w[1], w[0]]], w.dtype)
""",
    ("boundary", "along w in place of across"): """
def boundary(w, b):
    foot = -b * w / (w @ w)
    return np.stack([foot, foot + w])
""",
    ("hinge", "no zero"): """
def hinge(w, b, x, c):
    return 1 - c * (w @ x + b)
""",
    ("hinge", "labels 0 and 1"): """
def hinge(w, b, x, c):
    c = max(c, 0)
    return max(0.0, float(1 - c * (w @ x + b)))
""",
    ("hinge", "no margin"): """
def hinge(w, b, x, c):
    return max(0.0, float(-c * (w @ x + b)))
""",
    ("hinge", "c forgotten"): """
def hinge(w, b, x, c):
    return max(0.0, float(1 - (w @ x + b)))
""",
    ("hinge_step", "writes into w"): """
def hinge_step(w, b, x, c, mu, lam):
    inside = hinge(w, b, x, c) > 0
    w += mu * (inside * c * x - lam * w)
    return w, b + mu * inside * c
""",
    ("hinge_step", "gradient beyond the margin"): """
def hinge_step(w, b, x, c, mu, lam):
    return w + mu * (c * x - lam * w), b + mu * c
""",
    ("hinge_step", "uphill"): """
def hinge_step(w, b, x, c, mu, lam):
    inside = float(hinge(w, b, x, c) > 0)
    return w - mu * (inside * c * x + lam * w), b - mu * inside * c
""",
    ("hinge_step", "moves on the wrong side only"): """
def hinge_step(w, b, x, c, mu, lam):
    inside = float(c * (w @ x + b) < 0)
    return w + mu * (inside * c * x - lam * w), b + mu * inside * c
""",
    ("hinge_step", "price on b"): """
def hinge_step(w, b, x, c, mu, lam):
    inside = float(hinge(w, b, x, c) > 0)
    return w + mu * (inside * c * x - lam * w), b + mu * (inside * c - lam * b)
""",
    ("hinge_step", "price forgotten"): """
def hinge_step(w, b, x, c, mu, lam):
    inside = float(hinge(w, b, x, c) > 0)
    return w + mu * inside * c * x, b + mu * inside * c
""",
    ("hinge_step", "price within the margin only"): """
def hinge_step(w, b, x, c, mu, lam):
    if hinge(w, b, x, c) == 0:
        return w, b
    return w + mu * (c * x - lam * w), b + mu * c
""",
}
