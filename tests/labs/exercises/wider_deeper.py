"""Submissions to wider-deeper."""

ALTERNATIVES = [
    """
import torch

def init(sizes, a, generator):
    params = []
    for inputs, units in zip(sizes, sizes[1:]):
        W, b = torch.empty(units, inputs), torch.empty(units)
        params += [W.uniform_(-a, a, generator=generator), b.uniform_(-a, a, generator=generator)]
    return params

def forward(params, X):
    *hidden, W, b = params
    for k in range(0, len(hidden), 2):
        X = torch.relu(torch.nn.functional.linear(X, hidden[k], hidden[k + 1]))
    return torch.nn.functional.linear(X, W, b)

def update_all(params, gradients, rate):
    torch._foreach_add_(params, gradients, alpha=-rate)
""",
    """
import torch

def init(sizes, a, generator):
    rows = [
        [torch.rand(m + 1, generator=generator) for _ in range(n)] for m, n in zip(sizes, sizes[1:])
    ]
    params = []
    for layer in rows:
        table = a * (2 * torch.stack(layer) - 1)
        params += [table[:, :-1].clone(), table[:, -1].clone()]
    return params

def forward(params, X):
    layers = list(zip(params[::2], params[1::2]))
    for k, (W, b) in enumerate(layers):
        X = torch.stack([W @ x for x in X]) + b
        if k < len(layers) - 1:
            X = torch.where(X > 0, X, 0 * X)
    return X

def update_all(params, gradients, rate):
    for k in range(len(params)):
        params[k][:] = params[k] - rate * gradients[k]
""",
]

_INIT = """
def init(sizes, a, generator):
    params = []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        for shape in ((fan_out, fan_in), (fan_out,)):
            params.append({numbers})
    return params
"""
_FORWARD = """
def forward(params, X):
    for i in range(0, len(params), 2):
        X = {layer}
    return X
"""
_UPDATE = """
def update_all(params, gradients, rate):
    for p, g in zip(params{part}, gradients{part}):
        {step}
"""

MUTANTS = {
    ("init", "shared units"): _INIT.format(
        numbers="(2 * a * torch.rand((1, *shape[1:]), generator=generator) - a)"
        ".expand(fan_out, *shape[1:]).reshape(shape).clone()"
    ),
    ("init", "normal numbers"): _INIT.format(numbers="a * torch.randn(shape, generator=generator)"),
    ("init", "numbers of one sign"): _INIT.format(
        numbers="a * torch.rand(shape, generator=generator)"
    ),
    ("init", "the generator is not used"): _INIT.format(numbers="2 * a * torch.rand(shape) - a"),
    ("forward", "ReLU on the output"): _FORWARD.format(
        layer="torch.relu(X @ params[i].T + params[i + 1])"
    ),
    ("forward", "no bend between layers"): _FORWARD.format(layer="X @ params[i].T + params[i + 1]"),
    ("forward", "biases forgotten"): _FORWARD.format(
        layer="(X.clamp(min=0) if i > 0 else X) @ params[i].T"
    ),
    ("update_all", "a copy is written"): _UPDATE.format(part="", step="p = p - rate * g"),
    ("update_all", "uphill"): _UPDATE.format(part="", step="p += rate * g"),
    ("update_all", "only the first layer"): _UPDATE.format(part="[:2]", step="p -= rate * g"),
}
