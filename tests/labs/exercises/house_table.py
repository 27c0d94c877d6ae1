"""Submissions to house-table."""

ALTERNATIVES = [
    """
import polars as pl
import numpy as np

def frame(rows):
    table = pl.DataFrame(rows, schema=["rooms", "roof", "price"], orient="row")
    table = table.with_columns(pl.all().str.strip_chars().replace({"NA": None}))
    return table.with_columns(pl.col("rooms", "price").cast(pl.Float64))

def prepare_like(train, test):
    train, test = frame(train), frame(test)
    mean = train["rooms"].mean() or 0.0
    columns = [test["rooms"].fill_null(mean)]
    for roof in train["roof"].drop_nulls().unique().sort():
        columns.append((test["roof"] == roof).fill_null(False).cast(pl.Float64))
    columns.append(test["roof"].is_null().cast(pl.Float64))
    return np.column_stack(columns), test["price"].cast(pl.Float64).to_numpy()

def prepare(rows):
    return prepare_like(rows, rows)
""",
    """
import numpy as np

def prepare(rows):
    rows = [[t.strip() for t in row] for row in rows]
    rooms = np.array([np.nan if r == "NA" else float(r) for r, _, _ in rows])
    gap = np.isnan(rooms)
    rooms[gap] = 0 if gap.all() else rooms[~gap].mean()
    names, code = np.unique([roof for _, roof, _ in rows], return_inverse=True)
    hot = np.eye(len(names))[code]
    keep = names != "NA"
    missing = hot[:, ~keep].sum(axis=1)
    y = np.array([p.replace("NA", "nan") for _, _, p in rows], dtype=float)
    return np.c_[rooms, hot[:, keep], missing], y

def prepare_like(train, test):
    train = [[t.strip() for t in row] for row in train]
    test = [[t.strip() for t in row] for row in test]
    rooms = [float(r) for r, _, _ in train if r != "NA"]
    fill = np.mean(rooms) if rooms else 0.0
    names = sorted({roof for _, roof, _ in train} - {"NA"}) + ["NA"]
    X = np.array(
        [[fill if r == "NA" else float(r)] + [roof == n for n in names] for r, roof, _ in test]
    )
    return X.astype(float), np.array([float(p.replace("NA", "nan")) for _, _, p in test])
""",
]

_PREPARE = """
def prepare(rows):
    {clean}
    rooms = [float(r) for r, _, _ in rows if r != "NA"]
    mean = np.mean(rooms) if rooms else 0.0
    roofs = {order}
    X = [[mean if r == "NA" else float(r)] + [float(f == n) for n in roofs] + [float(f == "NA")]
         for r, f, _ in rows]
    y = np.array([np.nan if p == "NA" else float(p) for _, _, p in rows])
    {fill}
    return np.array(X), y
"""
_RIGHT = {
    "clean": "rows = [[t.strip() for t in row] for row in rows]",
    "order": "sorted({f for _, f, _ in rows} - {'NA'})",
    "fill": "pass",
}
_LIKE = """
def prepare_like(train, test):
    train, test = ([[t.strip() for t in row] for row in rows] for rows in (train, test))
    rooms = [float(r) for r, _, _ in {source} if r != "NA"]
    mean = np.mean(rooms) if rooms else 0.0
    roofs = sorted({{f for _, f, _ in {source}}} - {{"NA"}})
    X = [[mean if r == "NA" else float(r)] + [float(f == n) for n in roofs] + [float({missing})]
         for r, f, _ in test]
    return np.array(X), np.array([np.nan if p == "NA" else float(p) for _, _, p in test])
"""

MUTANTS = {
    ("prepare", "spaces"): _PREPARE.format(**{**_RIGHT, "clean": "pass"}),
    ("prepare", "the target is filled"): _PREPARE.format(
        **{**_RIGHT, "fill": "y[np.isnan(y)] = np.nanmean(y)"}
    ),
    ("prepare", "column order"): _PREPARE.format(
        **{**_RIGHT, "order": "list(dict.fromkeys(f for _, f, _ in rows if f != 'NA'))"}
    ),
    ("prepare_like", "statistics taken from the test rows"): _LIKE.format(
        source="test", missing='f == "NA"'
    ),
    ("prepare_like", "an unseen roof is missing"): _LIKE.format(
        source="train", missing="f not in roofs"
    ),
}
