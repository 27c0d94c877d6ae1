# %% [markdown]
# # Tensor drills
#
# Can every basic operation on tensors be done and predicted?
#
# Each function is one line. Before you write it, say which shape comes out: a vector `(n,)` has one
# axis, a column `(n, 1)` and a row `(1, n)` have two.
#
# Some functions write into their argument and return nothing. Some must answer in the memory of
# their argument: a *view*. All others leave it as it is.
#
# Write these functions:
#
# - `zeros_column(n)`
# - `column(v)`
# - `row(v)`
# - `count_up(n, m)`
# - `identity(n)`
# - `count_blocks(a, b, c)`
# - `whole(v)`
# - `last_row(X)`
# - `rows_between(X, i, j)`
# - `column_of(X, j)`
# - `along_the_middle(Z, i, k)`
# - `every_second_row(Z)`
# - `write_entry(X, i, j, value)`
# - `clear_column(X, j)`
# - `fill_top(X, value)`
# - `is_symmetric(X)`
# - `pile(X, Y)`
# - `below(X, Y)`
# - `side_by_side(X, Y)`
# - `pairs(a, b)`
# - `joined(a, b)`
# - `transposed(X)`
# - `blocks_transposed(Z)`
# - `channels_last(image)`
# - `column_by_column(X)`
# - `in_rows(v, n)`
# - `flat_view(X)`
# - `top_view(X, k)`
# - `squares(X)`
# - `quotients(a, b)`
# - `scaled_and_moved(X, factor, step)`
# - `exponentials(v)`
# - `equal_places(X, Y)`
# - `count_larger(a, b)`
# - `total(X)`
# - `inner(a, b)`
# - `outer(a, b)`
# - `matrix_vector(A, v)`
# - `product(A, B)`
# - `row_products(A, B)`
# - `matrix_square(A)`
# - `batch_product(Z, B)`
# - `add_into(X, Y)`
# - `number_of(x)`
# - `wide(v)`
#
# Then save, and let them be checked: `gramian lab check tensor-drills FILE`.

# %%
import torch

# %% [markdown]
# ## zeros_column

# %%
def zeros_column(n: int) -> torch.Tensor:
    """A column (n, 1) of zeros, float64."""
    return torch.zeros(n, 1, dtype=torch.float64)

# %%
try:
    print(zeros_column(3))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## column

# %%
def column(v: torch.Tensor) -> torch.Tensor:
    """The entries of v (n,) as a column (n, 1)."""
    return v[:, None]

# %%
try:
    print(column(torch.tensor([1.0, 3.0, 5.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## row

# %%
def row(v: torch.Tensor) -> torch.Tensor:
    """The entries of v (n,) as a row (1, n)."""
    return v[None, :]

# %%
try:
    print(row(torch.tensor([1.0, 3.0, 5.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## count_up

# %%
def count_up(n: int, m: int) -> torch.Tensor:
    """The numbers from 1 on, row by row in a matrix (n, m), int64."""
    return torch.arange(1, n * m + 1).reshape(n, m)

# %%
try:
    print(count_up(3, 4))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## identity

# %%
def identity(n: int) -> torch.Tensor:
    """The identity matrix (n, n)."""
    return torch.eye(n)

# %%
try:
    print(identity(3))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## count_blocks

# %%
def count_blocks(a: int, b: int, c: int) -> torch.Tensor:
    """The numbers from 0 on in a blocks of b rows and c columns, int64."""
    return torch.arange(a * b * c).reshape(a, b, c)

# %%
try:
    print(count_blocks(2, 3, 4))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## whole

# %%
def whole(v: torch.Tensor) -> torch.Tensor:
    """v (n,) as int64; what stands behind the point is dropped."""
    return v.to(torch.int64)

# %%
try:
    print(whole(torch.tensor([1.5, -1.5])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## last_row

# %%
def last_row(X: torch.Tensor) -> torch.Tensor:
    """The last row (m,) of X (n, m)."""
    return X[-1]

# %%
try:
    print(last_row(torch.arange(6.0).reshape(2, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## rows_between

# %%
def rows_between(X: torch.Tensor, i: int, j: int) -> torch.Tensor:
    """The rows of X (n, m) from i on, up to j but without it."""
    return X[i:j]

# %%
try:
    print(rows_between(torch.arange(12.0).reshape(4, 3), 1, 3))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## column_of

# %%
def column_of(X: torch.Tensor, j: int) -> torch.Tensor:
    """Column j of X (n, m), still a column (n, 1)."""
    return X[:, j : j + 1]

# %%
try:
    print(column_of(torch.arange(6.0).reshape(2, 3), 1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## along_the_middle

# %%
def along_the_middle(Z: torch.Tensor, i: int, k: int) -> torch.Tensor:
    """The entries (b,) of Z (a, b, c) at place i of the first axis and k of the last."""
    return Z[i, :, k]

# %%
try:
    print(along_the_middle(torch.arange(24.0).reshape(2, 3, 4), 1, 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## every_second_row

# %%
def every_second_row(Z: torch.Tensor) -> torch.Tensor:
    """Every second row of each block of Z (a, b, c), the first one included."""
    return Z[:, ::2, :]

# %%
try:
    print(every_second_row(torch.arange(24.0).reshape(2, 3, 4)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## write_entry

# %%
def write_entry(X: torch.Tensor, i: int, j: int, value: float) -> None:
    """Set the entry of X in row i and column j to value, in place."""
    X[i, j] = value

# %%
try:
    print(write_entry(torch.zeros(2, 3), 1, 2, 9.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## clear_column

# %%
def clear_column(X: torch.Tensor, j: int) -> None:
    """Set column j of X to zero, in place."""
    X[:, j] = 0

# %%
try:
    print(clear_column(torch.ones(2, 3), 1))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## fill_top

# %%
def fill_top(X: torch.Tensor, value: float) -> None:
    """Set the first two rows of X to value, in place; all of it if there are fewer."""
    X[:2] = value

# %%
try:
    print(fill_top(torch.zeros(3, 2), 9.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## is_symmetric

# %%
def is_symmetric(X: torch.Tensor) -> bool:
    """Whether the square matrix X equals its transpose: True or False."""
    return bool((X == X.T).all())

# %%
try:
    print(is_symmetric(torch.eye(3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## pile

# %%
def pile(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A block (2, n, m) with X (n, m) before Y (n, m)."""
    return torch.stack([X, Y])

# %%
try:
    print(pile(torch.zeros(2, 3), torch.ones(2, 3)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## below

# %%
def below(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A matrix with the rows of X (n, m), and below them those of Y (n, m)."""
    return torch.cat([X, Y])

# %%
try:
    print(below(torch.zeros(2, 3), torch.ones(2, 3)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## side_by_side

# %%
def side_by_side(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """A matrix with the columns of X (n, m), and beside them those of Y (n, m)."""
    return torch.cat([X, Y], dim=1)

# %%
try:
    print(side_by_side(torch.zeros(2, 3), torch.ones(2, 3)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## pairs

# %%
def pairs(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A matrix (n, 2) with a (n,) as its first column and b (n,) as its second."""
    return torch.stack([a, b], dim=1)

# %%
try:
    print(pairs(torch.arange(3.0), torch.ones(3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## joined

# %%
def joined(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The entries of a (n,), which are whole, and then those of b (m,), as floats of b's type."""
    return torch.cat([a, b])

# %%
try:
    print(joined(torch.tensor([1, 2]), torch.tensor([0.5])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## transposed

# %%
def transposed(X: torch.Tensor) -> torch.Tensor:
    """X (n, m) with rows and columns exchanged, (m, n)."""
    return X.T

# %%
try:
    print(transposed(torch.arange(6.0).reshape(2, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## blocks_transposed

# %%
def blocks_transposed(Z: torch.Tensor) -> torch.Tensor:
    """Z (a, b, c) with every block transposed, (a, c, b)."""
    return Z.transpose(1, 2)

# %%
try:
    print(blocks_transposed(torch.arange(24.0).reshape(2, 3, 4)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## channels_last

# %%
def channels_last(image: torch.Tensor) -> torch.Tensor:
    """The same image as (height, width, channels), from (channels, height, width)."""
    return image.permute(1, 2, 0)

# %%
try:
    print(channels_last(torch.zeros(3, 8, 8)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## column_by_column

# %%
def column_by_column(X: torch.Tensor) -> torch.Tensor:
    """The entries of X (n, m) as a vector, the first column first."""
    return X.T.reshape(-1)

# %%
try:
    print(column_by_column(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## in_rows

# %%
def in_rows(v: torch.Tensor, n: int) -> torch.Tensor:
    """The entries of v in n rows, the first row first; n divides their number."""
    return v.reshape(n, -1)

# %%
try:
    print(in_rows(torch.arange(6.0), 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## flat_view

# %%
def flat_view(X: torch.Tensor) -> torch.Tensor:
    """The entries of X (n, m) as a vector, row by row, in the memory of X."""
    return X.view(-1)

# %%
try:
    print(flat_view(torch.arange(6.0).reshape(2, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## top_view

# %%
def top_view(X: torch.Tensor, k: int) -> torch.Tensor:
    """The first k rows of X (n, m), in the memory of X."""
    return X[:k]

# %%
try:
    print(top_view(torch.arange(6.0).reshape(3, 2), 2))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## squares

# %%
def squares(X: torch.Tensor) -> torch.Tensor:
    """The square of every entry of X (n, m)."""
    return X**2

# %%
try:
    print(squares(torch.tensor([[2.0, 3.0], [5.0, 6.0]])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## quotients

# %%
def quotients(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Every entry of a (n,) divided by that of b (n,)."""
    return a / b

# %%
try:
    print(quotients(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## scaled_and_moved

# %%
def scaled_and_moved(X: torch.Tensor, factor: float, step: float) -> torch.Tensor:
    """Every entry of X (n, m) times factor, and then plus step."""
    return factor * X + step

# %%
try:
    print(scaled_and_moved(torch.zeros(2, 2), 3.0, 1.0))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## exponentials

# %%
def exponentials(v: torch.Tensor) -> torch.Tensor:
    """e to the power of every entry of v (n,)."""
    return torch.exp(v)

# %%
try:
    print(exponentials(torch.arange(3.0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## equal_places

# %%
def equal_places(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """For every place of X (n, m) and Y (n, m), whether both entries are equal."""
    return X == Y

# %%
try:
    print(equal_places(torch.zeros(2, 2), torch.eye(2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## count_larger

# %%
def count_larger(a: torch.Tensor, b: torch.Tensor) -> int:
    """At how many places the entry of a (n,) is larger than that of b (n,), as a Python int."""
    return int((a > b).sum())

# %%
try:
    print(count_larger(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## total

# %%
def total(X: torch.Tensor) -> torch.Tensor:
    """The sum of all entries of X (n, m): one number."""
    return X.sum()

# %%
try:
    print(total(torch.arange(6.0).reshape(2, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## inner

# %%
def inner(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The inner product of a (n,) and b (n,): one number."""
    return a @ b

# %%
try:
    print(inner(torch.arange(3.0), torch.ones(3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## outer

# %%
def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The matrix (n, m) of all products of an entry of a (n,) and one of b (m,)."""
    return a[:, None] * b[None, :]

# %%
try:
    print(outer(torch.arange(3.0), torch.ones(2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## matrix_vector

# %%
def matrix_vector(A: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The product of A (n, m) and v (m,), a vector (n,)."""
    return A @ v

# %%
try:
    print(matrix_vector(torch.arange(6.0).reshape(2, 3), torch.arange(3.0)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## product

# %%
def product(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The matrix product of A (n, k) and B (k, m)."""
    return A @ B

# %%
try:
    print(product(torch.eye(2), torch.arange(6.0).reshape(2, 3)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## row_products

# %%
def row_products(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The inner products (n, m) of each row of A (n, k) with each row of B (m, k)."""
    return A @ B.T

# %%
try:
    print(row_products(torch.eye(2), torch.ones(3, 2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## matrix_square

# %%
def matrix_square(A: torch.Tensor) -> torch.Tensor:
    """The second power of the square matrix A (n, n)."""
    return A @ A

# %%
try:
    print(matrix_square(torch.ones(2, 2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## batch_product

# %%
def batch_product(Z: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    """The product of every block of Z (b, n, k) with B (k, m), as (b, n, m)."""
    return Z @ B

# %%
try:
    print(batch_product(torch.ones(2, 3, 4), torch.ones(4, 3)).shape)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## add_into

# %%
def add_into(X: torch.Tensor, Y: torch.Tensor) -> None:
    """Add Y (n, m) to X (n, m), in the memory of X."""
    X += Y

# %%
try:
    print(add_into(torch.zeros(2), torch.ones(2)))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## number_of

# %%
def number_of(x: torch.Tensor) -> float:
    """The one entry of x, whatever its shape, as a Python float."""
    return x.item()

# %%
try:
    print(number_of(torch.tensor([3.5])))
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## wide

# %%
def wide(v: torch.Tensor) -> torch.Tensor:
    """v (n,) as float64."""
    return v.double()

# %%
try:
    print(wide(torch.tensor([1.5])).dtype)
except NotImplementedError as missing:
    print(missing)

# %% [markdown]
# ## The lab
#
# The lab measures what these functions are about, and says which of its claims hold.
#
# With pictures: `gramian lab run tensor-drills --out .`

# %% tags=["skip-check"]
import subprocess
import sys

command = [sys.executable, "-m", "gramian", "lab", "run", "tensor-drills", "--quick"]
print(subprocess.run(command, capture_output=True, text=True).stdout)
