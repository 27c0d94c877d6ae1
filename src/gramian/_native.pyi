"""Tiles of Gram matrices on the CPU, reduced while they are hot."""

from typing import Any

from numpy.typing import NDArray
from torch import Tensor

Array = Tensor | NDArray[Any]

def instruction_sets() -> list[str]: ...
def selected() -> str: ...
def force(name: str) -> None: ...
def first_bad_row(table: Array) -> int: ...
def search(
    x: Array,
    y: Array,
    form: int,
    k: int,
    about: Array,
    index: Array,
    distance: Array | None,
    workers: int,
) -> bool: ...
def search_plan(features: int, columns: int, k: int) -> tuple[int, int, int]: ...
def rounding_pays(features: int, columns: int) -> bool: ...

class KeptRows:
    def __init__(self, rows: int, features: int) -> None: ...
    @staticmethod
    def bytes(rows: int, features: int) -> int: ...

def assign(
    x: Array,
    y: Array,
    about: Array,
    labels: Array,
    is_first: bool,
    squared: Array | None,
    upper: Array | None,
    lower: Array | None,
    weights: Array,
    sums: Array,
    kept: KeptRows | None,
    workers: int,
) -> bool: ...
def add_up(
    x: Array,
    y: Array,
    labels: Array,
    wanted: Array,
    squared: Array | None,
    weights: Array,
    sums: Array,
    workers: int,
) -> None: ...
def inertia(x: Array, y: Array, labels: Array, weights: Array, workers: int) -> float: ...
def movement(before: Array, after: Array, table: Array) -> None: ...
def loosen(labels: Array, movement: Array, upper: Array, lower: Array, workers: int) -> int: ...
def refine(
    x: Array,
    y: Array,
    labels: Array,
    upper: Array,
    lower: Array,
    weights: Array,
    moved: Array,
    kept: KeptRows | None,
    part_rows: int,
    workers: int,
) -> int: ...
def refine_plan(features: int, columns: int, is_double: bool) -> tuple[int, int, int]: ...
def assign_plan(features: int, columns: int) -> tuple[int, int, int]: ...
def potential(
    x: Array,
    y: Array,
    scale: float,
    weights: Array,
    closest: Array,
    squared: Array,
    total: Array,
    workers: int,
) -> None: ...
def potential_plan(features: int, points: int, is_double: bool) -> tuple[int, int, int]: ...
def sum(
    x: Array,
    y: Array,
    form: int,
    profile: int,
    rate: float,
    alpha: float,
    logarithm: bool,
    about: Array,
    goal: int,
    weights: Array | None,
    row_of: Array | None,
    out: Array,
    workers: int,
    row_limit: int = 0,
) -> bool: ...
def sum_plan(features: int, is_double: bool, goal: int, right: int) -> tuple[int, int, int]: ...
def radius_plan(features: int) -> tuple[int, int, int]: ...
def count(
    x: Array,
    y: Array,
    form: int,
    reach: float,
    about: Array,
    weights: Array | None,
    count: Array | None,
    total: Array | None,
    workers: int,
) -> bool: ...
def neighbors(
    x: Array,
    y: Array,
    form: int,
    reach: float,
    about: Array,
    indptr: Array,
    index: Array,
    distance: Array,
    workers: int,
) -> bool: ...
def evaluate(function: int, values: Array, out: Array) -> None: ...
def blocks(values: Array, begins: Array, workers: int) -> None: ...
def block_means(values: Array, begins: Array, out: Array, workers: int) -> None: ...
def balls(
    rows: Array,
    low: list[float],
    extent: list[int],
    sides: tuple[float, float, float],
    keys: Array,
    starts: Array,
    directory: Array,
    shift: int,
    window: int,
    radius: float,
    reach: float,
    rate: float,
    values: Array,
    positions: Array,
    sums: Array,
    workers: int,
) -> None: ...
def field_moments(
    low: list[float],
    side: float,
    extent: list[int],
    rows: Array,
    weights: Array,
    starts: Array,
    tables: Array,
    workers: int,
) -> None: ...
def field_values(
    low: list[float],
    side: float,
    extent: list[int],
    positions: Array,
    tables: Array,
    sums: Array,
    workers: int,
) -> None: ...
def tree_size(points: int) -> tuple[int, int, int]: ...

class Tree:
    def __init__(
        self, points: Array, index: Array, starts: Array, boxes: Array, least: Array
    ) -> None: ...
    def build(self, x: Array, workers: int) -> None: ...
    def arrange(self, x: Array, order: Array, starts: Array, workers: int) -> None: ...
    def nearest(
        self,
        x: Array,
        order: Array,
        starts: Array,
        form: int,
        root: bool,
        others: bool,
        index: Array,
        distance: Array,
        workers: int,
    ) -> None: ...
    def count(
        self,
        x: Array,
        order: Array,
        starts: Array,
        form: int,
        reach: float,
        count: Array,
        workers: int,
    ) -> None: ...
    def lists(
        self,
        x: Array,
        order: Array,
        starts: Array,
        form: int,
        reach: float,
        root: bool,
        indptr: Array,
        index: Array,
        distance: Array,
        workers: int,
    ) -> None: ...
    def spanning(
        self,
        index: Array,
        form: Array,
        core: Array,
        scale: float,
        left: Array,
        right: Array,
        weight: Array,
        workers: int,
    ) -> None: ...

def dbscan(
    x: Array,
    form: int,
    reaches: Array,
    wanted: float,
    weights: Array | None,
    labels: Array,
    core: Array,
    most_share: float,
    workers: int,
) -> bool: ...
def join_rows(start: Array, end: Array, left: Array, right: Array, size: Array) -> None: ...
