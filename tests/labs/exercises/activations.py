"""Submissions to activations."""

ALTERNATIVES = [
    """
import torch

def relu(z):
    return z.clamp(min=0)

def sigmoid(z):
    return torch.sigmoid(z)

def tanh(z):
    return torch.tanh(z)

def prelu(z, alpha):
    return torch.nn.functional.leaky_relu(z, alpha)

def d_relu(z):
    return (torch.sign(z) + 1) * (z != 0) / 2

def d_sigmoid(z):
    return torch.special.expit(z) * (1 - torch.special.expit(z))

def d_tanh(z):
    return torch.cosh(z.clamp(-300, 300).double()).pow(-2).to(z.dtype)

def d_prelu(z, alpha):
    return alpha + (1 - alpha) * (z > 0).to(z.dtype)
""",
    """
import math
import torch

def each(f, z):
    return torch.tensor([f(v) for v in z.flatten().tolist()], dtype=z.dtype).reshape(z.shape)

def relu(z):
    return each(lambda v: max(v, 0.0), z)

def sigmoid(z):
    return each(lambda v: 1 / (1 + math.exp(-v)) if v > -700 else 0.0, z)

def tanh(z):
    e = torch.exp(-2 * z.abs())
    return torch.sign(z) * (1 - e) / (1 + e)

def prelu(z, alpha):
    return (z + z.abs()) / 2 + alpha * (z - z.abs()) / 2

def d_relu(z):
    return each(lambda v: float(v > 0), z)

def d_sigmoid(z):
    e = torch.exp(-z.abs())
    return e / (1 + e) ** 2

def d_tanh(z):
    e = torch.exp(-2 * z.abs())
    return 4 * e / (1 + e) ** 2

def d_prelu(z, alpha):
    return each(lambda v: 1.0 if v > 0 else alpha, z)
""",
]


def _one(name: str, answer: str, arguments: str = "z") -> str:
    return f"def {name}({arguments}):\n    return {answer}\n"


_E = "(torch.exp(z) - torch.exp(-z)) / (torch.exp(z) + torch.exp(-z))"
_AUTOMATIC = """
def {name}({arguments}):
    z = z.clone().requires_grad_()
    return torch.autograd.grad({value}.sum(), z)[0]
"""

MUTANTS = {
    ("relu", "z changed in place"): "def relu(z):\n    z[z < 0] = 0\n    return z\n",
    ("relu", "slope in place of the value"): _one("relu", "(z > 0).to(z.dtype)"),
    ("relu", "the wrong side"): _one("relu", "z.clamp(max=0)"),
    ("sigmoid", "overflow"): _one("sigmoid", "torch.exp(z) / (1 + torch.exp(z))"),
    ("sigmoid", "sign of the exponent"): _one("sigmoid", "1 / (1 + torch.exp(z))"),
    ("tanh", "overflow"): _one("tanh", _E),
    ("tanh", "half of the argument"): _one("tanh", "2 * sigmoid(z) - 1"),
    ("tanh", "sigmoid in its place"): _one("tanh", "sigmoid(z)"),
    ("prelu", "maximum of both lines"): _one("prelu", "torch.maximum(z, alpha * z)", "z, alpha"),
    ("prelu", "alpha on the wrong side"): _one(
        "prelu", "torch.where(z > 0, alpha * z, z)", "z, alpha"
    ),
    ("prelu", "alpha forgotten"): _one("prelu", "relu(z)", "z, alpha"),
    ("d_relu", "quotient of value and input"): _one("d_relu", "relu(z) / z"),
    ("d_relu", "another slope at the kink"): _AUTOMATIC.format(
        name="d_relu", arguments="z", value="torch.maximum(z, torch.zeros_like(z))"
    ),
    ("d_relu", "the value in place of the slope"): _one("d_relu", "relu(z)"),
    ("d_sigmoid", "quotient of exponentials"): _one(
        "d_sigmoid", "torch.exp(-z) / (1 + torch.exp(-z)) ** 2"
    ),
    ("d_sigmoid", "input in place of the value"): _one("d_sigmoid", "z * (1 - z)"),
    ("d_sigmoid", "the value in place of the slope"): _one("d_sigmoid", "sigmoid(z)"),
    ("d_tanh", "overflow"): _one("d_tanh", f"1 - ({_E}) ** 2"),
    ("d_tanh", "input in place of the value"): _one("d_tanh", "1 - z**2"),
    ("d_tanh", "square forgotten"): _one("d_tanh", "1 - tanh(z)"),
    ("d_tanh", "slope of the sigmoid"): _one("d_tanh", "d_sigmoid(z)"),
    ("d_prelu", "quotient of value and input"): _one("d_prelu", "prelu(z, alpha) / z", "z, alpha"),
    ("d_prelu", "another slope at the kink"): _AUTOMATIC.format(
        name="d_prelu", arguments="z, alpha", value="torch.maximum(z, alpha * z)"
    ),
    ("d_prelu", "alpha forgotten"): _one("d_prelu", "d_relu(z)", "z, alpha"),
    ("d_prelu", "the value in place of the slope"): _one("d_prelu", "prelu(z, alpha)", "z, alpha"),
}
