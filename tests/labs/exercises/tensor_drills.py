"""Submissions to tensor-drills."""

_BY_METHODS = """
import torch

def zeros_column(n): return torch.zeros((n, 1)).double()
def column(v): return v.reshape(-1, 1)
def row(v): return v.reshape(1, -1)
def count_up(n, m): return 1 + torch.arange(n * m).view(n, m)
def identity(n): return torch.diag(torch.ones(n))
def count_blocks(a, b, c): return torch.arange(a * b * c).view(a, b, c)
def whole(v): return v.long()
def last_row(X): return X[len(X) - 1, :]
def rows_between(X, i, j): return X.narrow(0, i, j - i)
def column_of(X, j): return X[:, [j]]
def along_the_middle(Z, i, k): return Z[i][:, k]
def every_second_row(Z): return Z[:, torch.arange(0, Z.shape[1], 2)]
def write_entry(X, i, j, value): X[i][j] = value
def clear_column(X, j): X[:, j].zero_()
def fill_top(X, value): X[:2].fill_(value)
def is_symmetric(X): return torch.equal(X, X.mT)
def pile(X, Y): return torch.stack((X, Y), dim=0)
def below(X, Y): return torch.vstack([X, Y])
def side_by_side(X, Y): return torch.hstack([X, Y])
def pairs(a, b): return torch.column_stack([a, b])
def joined(a, b): return torch.cat([a.to(b.dtype), b])
def transposed(X): return X.transpose(0, 1)
def blocks_transposed(Z): return Z.mT
def channels_last(image): return image.movedim(0, -1)
def column_by_column(X): return X.T.contiguous().view(-1)
def in_rows(v, n): return v.view(n, len(v) // n)
def flat_view(X): return X.reshape(-1)
def top_view(X, k): return X.narrow(0, 0, k)
def squares(X): return X * X
def quotients(a, b): return a * (1 / b)
def scaled_and_moved(X, factor, step): return torch.add(step, X, alpha=factor)
def exponentials(v): return v.exp()
def equal_places(X, Y): return torch.eq(X, Y)
def count_larger(a, b): return sum(x > y for x, y in zip(a.tolist(), b.tolist()))
def total(X): return torch.sum(X)
def inner(a, b): return torch.dot(a, b)
def outer(a, b): return torch.outer(a, b)
def matrix_vector(A, v): return torch.mv(A, v)
def product(A, B): return torch.mm(A, B)
def row_products(A, B): return torch.mm(A, B.t())
def matrix_square(A): return torch.linalg.matrix_power(A, 2)
def batch_product(Z, B): return torch.matmul(Z, B)
def add_into(X, Y): X.add_(Y)
def number_of(x): return float(x)
def wide(v): return v.to(torch.float64)
"""

_BY_HAND = """
import torch

def zeros_column(n): return torch.tensor([[0.0]] * n, dtype=torch.float64)
def column(v): return torch.stack([v], dim=1)
def row(v): return torch.stack([v])
def count_up(n, m): return torch.tensor([[i * m + j + 1 for j in range(m)] for i in range(n)])
def identity(n): return torch.tensor([[float(i == j) for j in range(n)] for i in range(n)])
def count_blocks(a, b, c): return torch.tensor([count_up(b, c).tolist()] * a) - 1 + (
    b * c * torch.arange(a)[:, None, None])
def whole(v): return torch.tensor([int(x) for x in v.tolist()])
def last_row(X): return torch.stack([column[-1] for column in X.T])
def rows_between(X, i, j): return torch.stack([X[k] for k in range(i, j)])
def column_of(X, j): return torch.stack([row[j : j + 1] for row in X])
def along_the_middle(Z, i, k): return torch.stack([row[k] for row in Z[i]])
def every_second_row(Z): return torch.stack([block[::2] for block in Z])
def write_entry(X, i, j, value):
    X[i, j] *= 0
    X[i, j] += value
def clear_column(X, j):
    for row in X:
        row[j] = 0
def fill_top(X, value):
    for row in X[:2]:
        row[:] = value
def is_symmetric(X):
    rows = X.tolist()
    return all(rows[i][j] == rows[j][i] for i in range(len(rows)) for j in range(i))
def pile(X, Y): return torch.cat([X[None], Y[None]])
def below(X, Y): return torch.stack([*X, *Y])
def side_by_side(X, Y): return torch.cat([X.T, Y.T]).T
def pairs(a, b): return torch.cat([a[:, None], b[:, None]], dim=1)
def joined(a, b):
    c = torch.empty(len(a) + len(b), dtype=b.dtype)
    c[: len(a)], c[len(a) :] = a, b
    return c
def transposed(X): return torch.stack(list(X), dim=1)
def blocks_transposed(Z): return torch.stack([block.T for block in Z])
def channels_last(image): return torch.stack(list(image), dim=-1)
def column_by_column(X): return torch.cat([X[:, j] for j in range(X.shape[1])])
def in_rows(v, n): return torch.stack(v.chunk(n))
def flat_view(X): return X.flatten()
def top_view(X, k): return X[0:k, :]
def squares(X): return torch.pow(X, 2)
def quotients(a, b): return torch.div(a, b)
def scaled_and_moved(X, factor, step): return X.mul(factor).add(step)
def exponentials(v): return torch.e**v
def equal_places(X, Y): return (X - Y).abs() == 0
def count_larger(a, b): return torch.count_nonzero(a - b > 0).item()
def total(X): return X.sum(0).sum(0)
def inner(a, b): return (a * b).sum()
def outer(a, b): return a.reshape(-1, 1) @ b.reshape(1, -1)
def matrix_vector(A, v): return (A * v).sum(1)
def product(A, B): return (A[:, :, None] * B[None]).sum(1)
def row_products(A, B): return (A[:, None] * B[None]).sum(2)
def matrix_square(A): return torch.einsum("ij,jk->ik", A, A)
def batch_product(Z, B): return torch.stack([block @ B for block in Z])
def add_into(X, Y): X[:] = X + Y
def number_of(x): return x.reshape(-1)[0].item()
def wide(v): return v.type(torch.DoubleTensor)
"""

ALTERNATIVES = [_BY_METHODS, _BY_HAND]

_WRONG = {
    ("zeros_column(n)", "a vector in place of a column"): "torch.zeros(n, dtype=torch.float64)",
    ("column(v)", ".T of a vector"): "v.T",
    ("column(v)", "a row in place of a column"): "v[None]",
    ("row(v)", "a column in place of a row"): "v[:, None]",
    ("count_up(n, m)", "counts from zero"): "torch.arange(n * m).reshape(n, m)",
    ("count_up(n, m)", "column by column"): "torch.arange(1, n * m + 1).reshape(m, n).T",
    ("identity(n)", "ones everywhere"): "torch.ones(n, n)",
    ("count_blocks(a, b, c)", "axes in the other order"): "torch.arange(a * b * c).view(c, b, a)",
    ("whole(v)", "rounded"): "v.round().long()",
    ("whole(v)", "rounded down"): "v.floor().long()",
    ("last_row(X)", "the last column"): "X[:, -1]",
    ("rows_between(X, i, j)", "the end is included"): "X[i : j + 1]",
    ("column_of(X, j)", "the axis is lost"): "X[:, j]",
    ("along_the_middle(Z, i, k)", "the two places exchanged"): "Z[k, :, i]",
    ("every_second_row(Z)", "every second block"): "Z[::2]",
    ("every_second_row(Z)", "the first one is left out"): "Z[:, 1::2]",
    ("write_entry(X, i, j, value)", "row and column exchanged"): "X[j].__setitem__(i, value)",
    ("write_entry(X, i, j, value)", "a copy is written"): "X.clone()[i].__setitem__(j, value)",
    ("clear_column(X, j)", "a row is cleared"): "X.__setitem__(j, 0)",
    ("clear_column(X, j)", "a copy is written"): "X.clone()[:, j].__setitem__(slice(None), 0)",
    ("fill_top(X, value)", "one row too many"): "X.__setitem__(slice(3), value)",
    ("fill_top(X, value)", "columns in place of rows"): "X.T.__setitem__(slice(2), value)",
    ("fill_top(X, value)", "a copy is written"): "X.clone().__setitem__(slice(2), value)",
    ("is_symmetric(X)", "a tensor in place of one truth value"): "X == X.T",
    ("is_symmetric(X)", "one equal entry is enough"): "bool((X == X.T).any())",
    ("pile(X, Y)", "cat in place of stack"): "torch.cat([X, Y])",
    ("below(X, Y)", "stack in place of cat"): "torch.stack([X, Y])",
    ("below(X, Y)", "side by side"): "torch.cat([X, Y], 1)",
    ("side_by_side(X, Y)", "stack in place of cat"): "torch.stack([X, Y], 1)",
    ("side_by_side(X, Y)", "one below the other"): "torch.cat([X, Y])",
    ("pairs(a, b)", "cat in place of stack"): "torch.cat([a, b])",
    ("pairs(a, b)", "rows in place of columns"): "torch.stack([a, b])",
    ("joined(a, b)", "cast to whole numbers first"): "torch.cat([a, b.long()]).to(b.dtype)",
    ("transposed(X)", "reshape in place of a transpose"): "X.reshape(X.shape[1], X.shape[0])",
    ("blocks_transposed(Z)", "reshape in place of a transpose"): "Z.reshape(*Z.shape[::2], -1)",
    ("blocks_transposed(Z)", "all axes turned round"): "Z.permute(2, 1, 0)",
    (
        "channels_last(image)",
        "reshape in place of permute",
    ): "image.reshape(*image.shape[1:], image.shape[0])",
    ("channels_last(image)", "width before height"): "image.permute(2, 1, 0)",
    ("column_by_column(X)", "row by row"): "X.reshape(-1)",
    ("column_by_column(X)", "a view of a transpose"): "X.T.view(-1)",
    ("in_rows(v, n)", "n columns in place of n rows"): "v.reshape(-1, n)",
    ("in_rows(v, n)", "column by column"): "v.reshape(-1, n).T",
    ("flat_view(X)", "a copy where a view is asked"): "X.flatten().clone()",
    ("top_view(X, k)", "a copy where a view is asked"): "X[list(range(k))]",
    ("squares(X)", "@ in place of ∗"): "X @ X",
    ("squares(X)", "doubled"): "X * 2",
    ("quotients(a, b)", "whole quotients"): "a // b",
    ("quotients(a, b)", "the other way round"): "b / a",
    ("scaled_and_moved(X, factor, step)", "moved before it is scaled"): "factor * (X + step)",
    ("exponentials(v)", "powers of two"): "2**v",
    ("equal_places(X, Y)", "one truth value for all"): "torch.equal(X, Y)",
    ("count_larger(a, b)", "ties are counted"): "int((a >= b).sum())",
    ("count_larger(a, b)", "a tensor in place of a number"): "(a > b).sum()",
    ("total(X)", "a sum for each column"): "X.sum(0)",
    ("total(X)", "the mean"): "X.mean()",
    ("inner(a, b)", "∗ in place of @"): "a * b",
    ("outer(a, b)", "rows and columns exchanged"): "b[:, None] * a",
    ("outer(a, b)", "∗ of two vectors"): "a * b",
    ("matrix_vector(A, v)", "∗ in place of @"): "A * v",
    ("product(A, B)", "∗ in place of @"): "A * B",
    ("product(A, B)", "the factors exchanged"): "B @ A",
    ("row_products(A, B)", "nothing is transposed"): "A @ B",
    ("row_products(A, B)", "the other one is transposed"): "A.T @ B",
    ("matrix_square(A)", "∗ in place of @"): "A**2",
    ("batch_product(Z, B)", "only the first block"): "Z[0] @ B",
    ("batch_product(Z, B)", "blocks are added up"): "(Z @ B).sum(0)",
    ("add_into(X, Y)", "new memory in place of the old"): "[X := X + Y] and None",
    ("number_of(x)", "whole numbers only"): "float(int(x))",
    ("number_of(x)", "still a tensor"): "x.reshape(-1)[0]",
    ("wide(v)", "float32"): "v.float()",
}

MUTANTS = {
    (signature.partition("(")[0], mistake): f"def {signature}:\n    return {answer}\n"
    for (signature, mistake), answer in _WRONG.items()
}
