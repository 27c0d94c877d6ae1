"""Submissions to bell-polynomials."""

ALTERNATIVES = [
    """
import math
import torch

def bell6(X):
    B = [torch.ones_like(X[:, 0])]
    for n in range(6):
        B.append(sum(math.comb(n, k) * B[n - k] * X[:, k] for k in range(n + 1)))
    return B[-1]

def scramble(monomials, generator):
    def ok(orders):
        if len({tuple(o) for o in orders}) < len(orders):
            return False
        seen = [frozenset((o[i], m.count(i)) for i in m) for m, o in zip(monomials, orders)]
        variables = set().union(*[{i for i, _ in s} for s in seen])
        return len(set(seen)) == len(seen) and variables == set(range(6))
    while True:
        orders = [torch.rand(6, generator=generator).argsort().tolist() for _ in monomials]
        if ok(orders):
            return orders

def residual_net(weights, biases, X):
    h = X.T
    for W, b in zip(weights[:-1], biases[:-1]):
        new = torch.clamp(W @ h + b[:, None], min=0)
        if W.shape[0] == W.shape[1]:
            new = new + h
        h = new
    return (weights[-1] @ h + biases[-1][:, None]).T

def sweep(model, x, i, grid):
    points = []
    for value in grid:
        point = x.clone()
        point[i] = value
        points.append(point)
    return model(torch.stack(points)).squeeze(1)

def mean_ratio(bell, twins):
    return torch.exp(twins.log().mean() - bell.log().mean())
""",
    """
import torch
from torch.nn.functional import linear, relu

def bell6(X):
    x1, x2, x3, x4, x5, x6 = X.unbind(1)
    B2 = x1 * x1 + x2
    B3 = B2 * x1 + 2 * x1 * x2 + x3
    B4 = B3 * x1 + 3 * B2 * x2 + 3 * x1 * x3 + x4
    B5 = B4 * x1 + 4 * B3 * x2 + 6 * B2 * x3 + 4 * x1 * x4 + x5
    return B5 * x1 + 5 * B4 * x2 + 10 * B3 * x3 + 10 * B2 * x4 + 5 * x1 * x5 + x6

def scramble(monomials, generator):
    orders, taken = [], set()
    while True:
        orders, taken = [], set()
        while len(orders) < len(monomials):
            order = torch.randperm(6, generator=generator).tolist()
            term = tuple(sorted(order[i] for i in monomials[len(orders)]))
            if order not in orders and term not in taken:
                orders.append(order)
                taken.add(term)
        if {i for term in taken for i in term} == set(range(6)):
            return orders

def residual_net(weights, biases, X):
    *hidden, last = zip(weights, biases)
    for W, b in hidden:
        H = relu(linear(X, W, b))
        X = H + X if W.shape[0] == W.shape[1] else H
    return linear(X, *last)

def sweep(model, x, i, grid):
    mask = torch.arange(len(x)) == i
    X = torch.where(mask, grid[:, None], x)
    with torch.no_grad():
        return model(X).flatten()

def mean_ratio(bell, twins):
    ratios = (twins / bell[None, :]).flatten().tolist()
    product = 1.0
    for ratio in ratios:
        product *= ratio
    return product ** (1 / len(ratios))
""",
]

_BELL = """
def bell6(X):
    a, b, c, d, e, f = X.T
    y = a**6 + {k[0]} * a**4 * b + {k[1]} * a**3 * c + {k[2]} * a**2 * b**2 + {k[3]} * b**3
    y = y + {k[4]} * a * b * c + {k[5]} * a**2 * d + {k[6]} * c**2
    return y + {k[7]} * b * d + {k[8]} * a * e + f
"""

_SCRAMBLE = """
def scramble(monomials, generator):
    while True:
        orders = {orders}
        terms = [
            tuple(sorted(order[i] for i in term)) for term, order in zip(monomials, orders)
        ]
        unlike = len(set(map(tuple, orders))) == len(orders)
        alone = len(set(terms)) == len(terms)
        whole = len({{i for term in terms for i in term}}) == 6
        if {accepted}:
            return orders
"""
_OWN = "[torch.randperm(6, generator=generator).tolist() for _ in monomials]"

_NET = """
def residual_net(weights, biases, X):
    for W, b in zip(weights[:-1], biases[:-1]):
        H = (X @ W.T + b).relu()
        X = {skip}
    Y = X @ weights[-1].T + biases[-1]
    return {output}
"""
_SKIP = "X + H if H.shape == X.shape else H"

MUTANTS = {
    ("bell6", "a monomial is left out"): _BELL.format(k=[15, 20, 45, 15, 60, 15, 0, 15, 6]),
    ("bell6", "without coefficients"): _BELL.format(k=[1] * 9),
    ("scramble", "global permutation"): _SCRAMBLE.format(
        orders="[torch.randperm(6, generator=generator).tolist()] * len(monomials)",
        accepted="True",
    ),
    ("scramble", "repeated permutation"): _SCRAMBLE.format(orders=_OWN, accepted="alone and whole"),
    ("scramble", "equal monomials"): _SCRAMBLE.format(orders=_OWN, accepted="unlike and whole"),
    ("scramble", "a variable is lost"): _SCRAMBLE.format(orders=_OWN, accepted="unlike and alone"),
    ("residual_net", "skip across unequal sizes"): _NET.format(skip="X + H", output="Y"),
    ("residual_net", "no skip"): _NET.format(skip="H", output="Y"),
    ("residual_net", "skip at the output"): _NET.format(
        skip=_SKIP, output="X + Y if X.shape == Y.shape else Y"
    ),
    ("sweep", "x is changed"): """
def sweep(model, x, i, grid):
    answers = []
    for value in grid:
        x[i] = value
        answers.append(model(x[None])[0, 0])
    return torch.stack(answers)
""",
    ("sweep", "the others at zero"): """
def sweep(model, x, i, grid):
    X = torch.zeros(len(grid), len(x))
    X[:, i] = grid
    return model(X)[:, 0]
""",
    ("mean_ratio", "one twin only"): """
def mean_ratio(bell, twins):
    return (twins[0] / bell).log().mean().exp()
""",
    ("mean_ratio", "arithmetic mean"): """
def mean_ratio(bell, twins):
    return (twins / bell).mean()
""",
    ("mean_ratio", "ratio of the means"): """
def mean_ratio(bell, twins):
    return twins.mean() / bell.mean()
""",
}
