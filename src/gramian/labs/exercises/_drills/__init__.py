"""The functions of tensor-drills, by group."""

from __future__ import annotations

from gramian.labs.exercises._drills.create import CREATE
from gramian.labs.exercises._drills.entries import ENTRIES
from gramian.labs.exercises._drills.index import INDEX
from gramian.labs.exercises._drills.join import JOIN
from gramian.labs.exercises._drills.memory import MEMORY
from gramian.labs.exercises._drills.products import PRODUCTS
from gramian.labs.exercises._drills.shape import SHAPE

__all__ = ["FUNCTIONS"]

FUNCTIONS = (*CREATE, *INDEX, *JOIN, *SHAPE, *ENTRIES, *PRODUCTS, *MEMORY)
