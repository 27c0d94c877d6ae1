"""Submissions to hubel-wiesel."""

ALTERNATIVES = [
    """
import numpy as np

def flip_group(height, width):
    flipped = []
    for row in reversed(range(height)):
        for column in range(width):
            flipped.append(row * width + column)
    return np.array([list(range(height * width)), flipped])

def simple_cells(x, W, G):
    s = np.zeros((len(x), len(W), len(G)), x.dtype)
    for a in range(len(x)):
        for i in range(len(W)):
            for j in range(len(G)):
                s[a, i, j] = np.dot(x[a], W[i][G[j]])
    return s

def complex_cells(s, sigmas):
    c = np.zeros((*s.shape[:2], len(sigmas)), s.dtype)
    for h, sigma in enumerate(sigmas):
        for j in range(s.shape[2]):
            c[:, :, h] += sigma(s[:, :, j])
    return c
""",
    """
import numpy as np

def flip_group(height, width):
    place = np.arange(height * width)
    row, column = np.divmod(place, width)
    return np.vstack((place, (height - 1 - row) * width + column))

def simple_cells(x, W, G):
    # moving the templates is moving the images back
    back = np.argsort(G, axis=1)
    return np.swapaxes(x[:, back] @ W.T, 1, 2).copy()

def complex_cells(s, sigmas):
    total = [np.add.reduce(np.asarray(sigma(s)), axis=-1) for sigma in sigmas]
    return np.moveaxis(np.array(total), 0, -1).copy()
""",
]

MUTANTS = {
    ("flip_group", "wrong flip axis"): """
def flip_group(height, width):
    pixels = np.arange(height * width).reshape(height, width)
    return np.stack([pixels.ravel(), np.fliplr(pixels).ravel()])
""",
    ("flip_group", "half a turn"): """
def flip_group(height, width):
    pixels = np.arange(height * width)
    return np.stack([pixels, pixels[::-1]])
""",
    ("flip_group", "no group"): """
def flip_group(height, width):
    pixels = np.arange(height * width).reshape(height, width)
    return np.stack([pixels[::-1].ravel(), pixels[:, ::-1].ravel()])
""",
    ("simple_cells", "image returned"): """
def simple_cells(x, W, G):
    return x[:, G]
""",
    ("simple_cells", "axes of templates and group exchanged"): """
def simple_cells(x, W, G):
    return np.einsum("np,tgp->ngt", x, W[:, G])
""",
    ("simple_cells", "images moved in place of templates"): """
def simple_cells(x, W, G):
    return np.einsum("ngp,tp->ntg", x[:, G], W)
""",
    ("simple_cells", "templates stay"): """
def simple_cells(x, W, G):
    return np.stack([x @ W.T for _ in G], axis=2)
""",
    ("complex_cells", "sigma outside the sum"): """
def complex_cells(s, sigmas):
    return np.stack([sigma(s.sum(axis=2)) for sigma in sigmas], axis=2)
""",
    ("complex_cells", "sum over the templates"): """
def complex_cells(s, sigmas):
    return np.stack([sigma(s).sum(axis=1) for sigma in sigmas], axis=2)
""",
    ("complex_cells", "mean in place of the sum"): """
def complex_cells(s, sigmas):
    return np.stack([sigma(s).mean(axis=2) for sigma in sigmas], axis=2)
""",
    ("complex_cells", "no sigma"): """
def complex_cells(s, sigmas):
    return np.stack([s.sum(axis=2) for sigma in sigmas], axis=2)
""",
}
