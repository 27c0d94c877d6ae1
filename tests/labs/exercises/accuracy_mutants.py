"""Wrong ways to compute an accuracy, which several exercises ask for."""

ACCURACY_MUTANTS = {
    ("accuracy", "largest along the wrong axis"): """
def accuracy(scores, y):
    return (scores.argmax(0) == y).double().mean()
""",
    ("accuracy", "count in place of the share"): """
def accuracy(scores, y):
    return float((scores.argmax(1) == y).sum())
""",
    ("accuracy", "last of equal scores"): """
def accuracy(scores, y):
    last = scores.shape[1] - 1 - scores.flip(1).argmax(1)
    return float((last == y).double().mean())
""",
}
