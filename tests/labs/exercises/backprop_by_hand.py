"""Submissions to backprop-by-hand."""

ALTERNATIVES = [
    """
import torch

def slope(f, z):
    z = z.detach().clone().requires_grad_()
    return torch.autograd.grad(f(z).sum(), z)[0]

def d_relu(z):
    return slope(torch.relu, z)

def d_sigmoid(z):
    return slope(torch.sigmoid, z)

def gradients(loss, *weights):
    leaves = [torch.as_tensor(w).clone().requires_grad_() for w in weights]
    return torch.autograd.grad(loss(*leaves), leaves)

PHI = {"linear": lambda z: z, "relu": torch.relu, "sigmoid": torch.sigmoid}

def grads_neuron(w, b, x, y, unit):
    b = torch.tensor(b, dtype=w.dtype)
    return gradients(lambda w, b: (PHI[unit]((w * x).sum() + b) - y) ** 2, w, b)

def grads_two_layer(W0, b0, w1, b1, x, y):
    b1 = torch.tensor(b1, dtype=w1.dtype)
    def loss(W0, b0, w1, b1):
        return (torch.relu(x @ W0 + b0) @ w1 + b1 - y) ** 2
    return gradients(loss, W0, b0, w1, b1)

def grads_regularised(W1, W2, x, y, lam):
    def loss(W1, W2):
        fit = (W2 @ torch.sigmoid(W1 @ x) - y).square().sum()
        return fit + lam / 2 * (W1.square().sum() + W2.square().sum())
    return gradients(loss, W1, W2)
""",
    """
import torch

def d_relu(z):
    return torch.heaviside(z, torch.zeros_like(z))

def d_sigmoid(z):
    t = torch.tanh(z / 2)
    return (1 - t) * (1 + t) / 4

def grads_neuron(w, b, x, y, unit):
    z = torch.dot(w, x) + b
    yhat = {"linear": z, "relu": z.clamp(min=0), "sigmoid": (1 + torch.tanh(z / 2)) / 2}[unit]
    slope = {"linear": torch.ones_like, "relu": d_relu, "sigmoid": d_sigmoid}[unit](z)
    db = float((2 * yhat - 2 * y) * slope)
    return torch.stack([db * entry for entry in x]), db

def grads_two_layer(W0, b0, w1, b1, x, y):
    d, q = W0.shape
    z = [sum(x[i] * W0[i, j] for i in range(d)) + b0[j] for j in range(q)]
    h = [max(v, 0 * v) for v in z]
    error = 2 * (sum(h[j] * w1[j] for j in range(q)) + b1 - y)
    db0 = torch.stack([error * w1[j] * (1.0 if z[j] > 0 else 0.0) for j in range(q)])
    return x[:, None] * db0, db0, error * torch.stack(h), error

def grads_regularised(W1, W2, x, y, lam):
    h = (1 + torch.tanh(W1 @ x / 2)) / 2
    back = 2 * (W2 @ h - y)
    further = torch.einsum("mq,m->q", W2, back) * h * (1 - h)
    return (
        torch.einsum("q,d->qd", further, x) + lam * W1,
        torch.einsum("m,q->mq", back, h) + lam * W2,
    )
""",
]

_NEURON = """
def grads_neuron(w, b, x, y, unit):
    z = w @ x + b
    phi = dict(linear=lambda z: z, relu=torch.relu, sigmoid=torch.sigmoid)[unit]
    d_phi = dict(linear=torch.ones_like, relu=d_relu, sigmoid=d_sigmoid)[unit]
    delta = {delta}
    return {answer}
"""
_RIGHT = {"delta": "2 * (phi(z) - y) * d_phi(z)", "answer": "delta * x, delta"}


def _neuron(**changes: str) -> str:
    return _NEURON.format(**{**_RIGHT, **changes})


def _two_layer(delta: str, first: str) -> str:
    return f"""
def grads_two_layer(W0, b0, w1, b1, x, y):
    z = x @ W0 + b0
    h = torch.relu(z)
    error = 2 * (h @ w1 + b1 - y)
    delta = {delta}
    return {first}, delta, error * h, error
"""


_DELTA, _FIRST = "error * w1 * d_relu(z)", "torch.outer(x, delta)"


def _regularised(first: str, second: str, slope: str = "d_sigmoid(z)") -> str:
    return f"""
def grads_regularised(W1, W2, x, y, lam):
    z = W1 @ x
    h = torch.sigmoid(z)
    error = 2 * (W2 @ h - y)
    delta = (W2.T @ error) * {slope}
    return {first}, {second}
"""


_W1, _W2 = "torch.outer(delta, x)", "torch.outer(error, h)"
_QUOTIENT = "torch.exp(-z) / (1 + torch.exp(-z)) ** 2"

MUTANTS = {
    ("d_relu", "quotient of value and input"): """
def d_relu(z):
    return torch.clamp(z, min=0) / z
""",
    ("d_relu", "another slope at the kink"): """
def d_relu(z):
    z = z.clone().requires_grad_()
    torch.maximum(z, torch.zeros_like(z)).sum().backward()
    return z.grad
""",
    ("d_relu", "the value in place of the slope"): "def d_relu(z):\n    return torch.relu(z)\n",
    ("d_sigmoid", "quotient of exponentials"): f"def d_sigmoid(z):\n    return {_QUOTIENT}\n",
    ("d_sigmoid", "input in place of the value"): "def d_sigmoid(z):\n    return z * (1 - z)\n",
    ("d_sigmoid", "the value in place of the slope"): """
def d_sigmoid(z):
    return torch.sigmoid(z)
""",
    ("grads_neuron", "derivative by b given as that by w"): _neuron(answer="delta, delta * x"),
    ("grads_neuron", "slope of the unit forgotten"): _neuron(delta="2 * (phi(z) - y)"),
    ("grads_neuron", "factor two forgotten"): _neuron(delta="(phi(z) - y) * d_phi(z)"),
    ("grads_neuron", "slope at the value"): _neuron(delta="2 * (phi(z) - y) * d_phi(phi(z))"),
    ("grads_two_layer", "quotient of value and input"): _two_layer("error * w1 * h / z", _FIRST),
    ("grads_two_layer", "first feature for every weight"): _two_layer(
        _DELTA, "x[0] * delta.repeat(len(x), 1)"
    ),
    ("grads_two_layer", "transposed outer product"): _two_layer(_DELTA, "torch.outer(delta, x)"),
    ("grads_two_layer", "a dead unit learns"): _two_layer("error * w1", _FIRST),
    ("grads_regularised", "quotient of exponentials"): _regularised(
        f"{_W1} + lam * W1", f"{_W2} + lam * W2", slope=_QUOTIENT
    ),
    ("grads_regularised", "transposed outer product"): _regularised(
        "torch.outer(x, delta) + lam * W1", f"{_W2} + lam * W2"
    ),
    ("grads_regularised", "penalty forgotten"): _regularised(_W1, _W2),
    ("grads_regularised", "penalty on one layer only"): _regularised(f"{_W1} + lam * W1", _W2),
    ("grads_regularised", "half of the penalty forgotten"): _regularised(
        f"{_W1} + 2 * lam * W1", f"{_W2} + 2 * lam * W2"
    ),
}
