"""Submissions to augmentation-weights."""

ALTERNATIVES = [
    """
import torch
import torch.nn.functional as F

def rotate_batch(x, angles):
    n, s, _ = x.shape
    mid = (s - 1) / 2
    down, right = torch.meshgrid(*[torch.arange(s, dtype=x.dtype) - mid] * 2, indexing="ij")
    a = torch.deg2rad(angles).view(-1, 1, 1)
    col = torch.cos(a) * right - torch.sin(a) * down + mid
    row = torch.sin(a) * right + torch.cos(a) * down + mid
    out = torch.zeros_like(x)
    which = torch.arange(n).view(-1, 1, 1)
    for dr in (0, 1):
        for dc in (0, 1):
            r, c = row.floor() + dr, col.floor() + dc
            weight = (1 - (row - r).abs()) * (1 - (col - c).abs())
            inside = (r >= 0) & (r < s) & (c >= 0) & (c < s)
            value = x[which, r.clamp(0, s - 1).long(), c.clamp(0, s - 1).long()]
            out += torch.where(inside, weight * value, torch.zeros_like(value))
    return out

def augment(x, generator):
    angles = torch.empty(len(x), dtype=x.dtype).uniform_(0, 360, generator=generator)
    return rotate_batch(x, angles).sub(0.1307).div(0.3081)

def radial_share(W):
    s = W.shape[-1]
    within = total = 0.0
    for image in W:
        rings = {}
        for i in range(s):
            for j in range(s):
                r2 = (i - (s - 1) / 2) ** 2 + (j - (s - 1) / 2) ** 2
                if r2 <= ((s - 1) / 2) ** 2:
                    rings.setdefault(int(r2 ** 0.5), []).append(float(image[i, j]))
        inside = [v for ring in rings.values() for v in ring]
        mean = sum(inside) / len(inside)
        total += sum((v - mean) ** 2 for v in inside)
        within += sum((v - sum(ring) / len(ring)) ** 2 for ring in rings.values() for v in ring)
    return 1 - within / total
""",
    """
import math
import torch

def rotate_batch(x, angles):
    s = x.shape[1]
    t = torch.arange(s, dtype=x.dtype) * 2 / s + 1 / s - 1
    turned = []
    for image, angle in zip(x, angles):
        c, k = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        X, Y = t[None, :], t[:, None]
        grid = torch.stack([c * X - k * Y, k * X + c * Y], dim=-1)[None]
        sampled = torch.nn.functional.grid_sample(image[None, None], grid, align_corners=False)
        turned.append(sampled[0, 0])
    return torch.stack(turned)

def augment(x, generator):
    angles = torch.randint(0, 3600, (len(x),), generator=generator) / 10
    mean, sd = 0.1307, 0.3081
    return (rotate_batch(x, angles.to(x.dtype)) - mean) / sd

def radial_share(W):
    k, s, _ = W.shape
    a = torch.arange(s, dtype=W.dtype) - (s - 1) / 2
    d = torch.hypot(a[:, None], a[None, :])
    keep = d <= (s - 1) / 2
    w = W[:, keep].double()
    w = w - w.mean(1, keepdim=True)
    member = torch.nn.functional.one_hot(d[keep].floor().long()).double()
    sums = w @ member
    between = (sums ** 2 / member.sum(0).clamp(min=1)).sum()
    return between / (w ** 2).sum()
""",
]

_ROTATE = """
def rotate_batch(x, angles):
    turn = {angle}
    cos, sin, zero = turn.cos(), turn.sin(), torch.zeros_like(turn)
    rows = [torch.stack([cos, -sin, zero], dim=1), torch.stack([sin, cos, zero], dim=1)]
    size = (len(x), 1, *x.shape[1:])
    grid = torch.nn.functional.affine_grid(torch.stack(rows, dim=1), size, align_corners=False)
    return torch.nn.functional.grid_sample(x[:, None], grid, align_corners=False)[:, 0]
"""
_SHARE = """
def radial_share(W):
    s = W.shape[1]
    across = torch.arange(s, dtype=W.dtype) - {centre}
    radius = (across[:, None] ** 2 + across**2).sqrt()
    disc = {disc}
    inside, ring = W[:, disc], radius[disc].long()
    inside = inside / {scale}
    smooth = torch.zeros_like(inside)
    for r in ring.unique():
        smooth[:, ring == r] = inside[:, ring == r].mean(dim=1, keepdim=True)
    mean = inside.mean(dim=1, keepdim=True)
    return (smooth - mean).square().sum() / (inside - mean).square().sum()
"""
_MIDDLE, _DISC = "(s - 1) / 2", "radius <= (s - 1) / 2"

MUTANTS = {
    ("rotate_batch", "one angle per batch"): _ROTATE.format(
        angle="torch.deg2rad(angles[:1]).expand(len(x))"
    ),
    ("rotate_batch", "turned the other way"): _ROTATE.format(angle="-torch.deg2rad(angles)"),
    ("rotate_batch", "degrees taken for radians"): _ROTATE.format(angle="angles"),
    ("rotate_batch", "interpolation off-centre"): """
def rotate_batch(x, angles):
    n, s, _ = x.shape
    mid = s / 2
    down, right = torch.meshgrid(*[torch.arange(s, dtype=x.dtype) - mid] * 2, indexing="ij")
    a = torch.deg2rad(angles).view(-1, 1, 1)
    col = torch.cos(a) * right - torch.sin(a) * down + mid
    row = torch.sin(a) * right + torch.cos(a) * down + mid
    grid = torch.stack([(2 * col + 1) / s - 1, (2 * row + 1) / s - 1], dim=-1)
    return torch.nn.functional.grid_sample(x[:, None], grid, align_corners=False)[:, 0]
""",
    ("augment", "normalised before rotating"): """
def augment(x, generator):
    angles = 360 * torch.rand(len(x), generator=generator, dtype=x.dtype)
    return rotate_batch((x - 0.1307) / 0.3081, angles)
""",
    ("augment", "one angle per batch"): """
def augment(x, generator):
    angle = 360 * torch.rand(1, generator=generator, dtype=x.dtype)
    return (rotate_batch(x, angle.expand(len(x))) - 0.1307) / 0.3081
""",
    ("augment", "half of the circle"): """
def augment(x, generator):
    angles = 180 * torch.rand(len(x), generator=generator, dtype=x.dtype)
    return (rotate_batch(x, angles) - 0.1307) / 0.3081
""",
    ("radial_share", "every image on a scale of its own"): _SHARE.format(
        centre=_MIDDLE, disc=_DISC, scale="inside.std(dim=1, correction=0, keepdim=True)"
    ),
    ("radial_share", "the whole square"): _SHARE.format(
        centre=_MIDDLE, disc="torch.ones_like(radius, dtype=torch.bool)", scale="1"
    ),
    ("radial_share", "rings off-centre"): _SHARE.format(centre="s / 2", disc=_DISC, scale="1"),
}
