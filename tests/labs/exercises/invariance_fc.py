"""Submissions to invariance-fc."""

ALTERNATIVES = [
    """
import torch

@torch.no_grad()
def activations(model, layer, x):
    kept = {}
    handle = model.get_submodule(layer).register_forward_hook(
        lambda m, i, o: kept.update(out=o.clone())
    )
    was = model.training
    model.eval()(x)
    model.train(was)
    handle.remove()
    return kept["out"]

def invariance_T(a, b, generator):
    n = len(a)
    order = torch.randperm(n, generator=generator)
    partners = torch.empty(n, dtype=torch.long)
    partners[order] = order.roll(1)
    own = ((a - b) ** 2).sum(1).sqrt().mean()
    return own / ((a - b[partners]) ** 2).sum(1).sqrt().mean()
""",
    """
import torch

def activations(model, layer, x):
    model.eval()
    with torch.no_grad():
        for name, part in model.named_children():
            x = part(x)
            if name == layer:
                return x

def invariance_T(a, b, generator):
    import random
    rng = random.Random(int(torch.randint(2**31, (1,), generator=generator)))
    n = len(a)
    while True:
        j = list(range(n))
        rng.shuffle(j)
        if all(i != k for i, k in enumerate(j)):
            break
    own = sum(float(torch.dist(a[i], b[i])) for i in range(n))
    return own / sum(float(torch.dist(a[i], b[j[i]])) for i in range(n))
""",
]

_HOOK = """
def activations(model, layer, x):
    found = []
    hook = {part}.register_forward_hook(lambda m, i, output: found.append(output))
    model.{mode}()
    with torch.no_grad():
        model(x)
    {end}
    return found[0]
"""
_PART = "dict(model.named_modules())[layer]"
_T = """
def invariance_T(a, b, generator):
    partners = torch.randperm(len(a), generator=generator)
    while (partners == torch.arange(len(a))).any():
        partners = torch.randperm(len(a), generator=generator)
    own = {own}
    other = torch.linalg.vector_norm(a - b[partners], dim=1).mean()
    return {ratio}
"""
_OWN = "torch.linalg.vector_norm(a - b, dim=1).mean()"

MUTANTS = {
    ("activations", "hook never removed"): _HOOK.format(part=_PART, mode="eval", end="pass"),
    ("activations", "training mode"): _HOOK.format(part=_PART, mode="train", end="hook.remove()"),
    ("activations", "output of the whole model"): _HOOK.format(
        part="model", mode="eval", end="hook.remove()"
    ),
    ("invariance_T", "difference of means"): _T.format(
        own="torch.linalg.vector_norm(a.mean(0) - b.mean(0))", ratio="own / other"
    ),
    ("invariance_T", "loader restarted at each step"): _T.format(
        own="torch.linalg.vector_norm(a[0] - b, dim=1).mean()", ratio="own / other"
    ),
    ("invariance_T", "partners by a constant shift"): """
def invariance_T(a, b, generator):
    own = torch.linalg.vector_norm(a - b, dim=1).mean()
    return own / torch.linalg.vector_norm(a - b.roll(1, 0), dim=1).mean()
""",
    ("invariance_T", "upside down"): _T.format(own=_OWN, ratio="other / own"),
}
