"""The exercise of tensor-drills: basic operations, one line each."""

from __future__ import annotations

from gramian.labs.checking import Exercise
from gramian.labs.exercises._drills import FUNCTIONS

EXERCISE = Exercise(
    lab="tensor-drills",
    title="Tensor drills",
    question="Can every basic operation on tensors be done and predicted?",
    background="""\
Each function is one line. Before you write it, say which shape comes out: a vector `(n,)` has one
axis, a column `(n, 1)` and a row `(1, n)` have two.

Some functions write into their argument and return nothing. Some must answer in the memory of
their argument: a *view*. All others leave it as it is.
""",
    arrays="torch",
    functions=FUNCTIONS,
)
