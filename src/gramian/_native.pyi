"""Tiles of Gram matrices on the CPU, reduced while they are hot."""

from torch import Tensor

def instruction_sets() -> list[str]: ...
def selected() -> str: ...
def force(name: str) -> None: ...
def first_bad_row(table: Tensor) -> int: ...
def search(
    x: Tensor,
    y: Tensor,
    form: int,
    k: int,
    about: Tensor,
    index: Tensor,
    distance: Tensor | None,
    workers: int,
) -> bool: ...
def search_plan(features: int, k: int) -> tuple[int, int, int]: ...
def assign(
    x: Tensor,
    y: Tensor,
    about: Tensor,
    labels: Tensor,
    squared: Tensor | None,
    upper: Tensor | None,
    lower: Tensor | None,
    weights: Tensor,
    sums: Tensor,
    workers: int,
) -> bool: ...
def add_up(
    x: Tensor,
    y: Tensor,
    labels: Tensor,
    wanted: Tensor,
    squared: Tensor | None,
    weights: Tensor,
    sums: Tensor,
    workers: int,
) -> None: ...
def loosen(labels: Tensor, movement: Tensor, upper: Tensor, lower: Tensor, workers: int) -> int: ...
def refine(
    x: Tensor,
    y: Tensor,
    labels: Tensor,
    upper: Tensor,
    lower: Tensor,
    weights: Tensor,
    moved: Tensor,
    part_rows: int,
    workers: int,
) -> int: ...
def refine_plan(features: int, columns: int, is_double: bool) -> tuple[int, int, int]: ...
def assign_plan(features: int, columns: int) -> tuple[int, int, int]: ...
def potential(
    x: Tensor,
    y: Tensor,
    scale: float,
    weights: Tensor,
    closest: Tensor,
    squared: Tensor,
    total: Tensor,
    workers: int,
) -> None: ...
def potential_plan(features: int, points: int, is_double: bool) -> tuple[int, int, int]: ...
def sum(
    x: Tensor,
    y: Tensor,
    form: int,
    profile: int,
    rate: float,
    alpha: float,
    logarithm: bool,
    about: Tensor,
    goal: int,
    weights: Tensor | None,
    row_of: Tensor | None,
    out: Tensor,
    workers: int,
    row_limit: int = 0,
) -> bool: ...
def sum_plan(features: int, is_double: bool, goal: int, right: int) -> tuple[int, int, int]: ...
def radius_plan(features: int) -> tuple[int, int, int]: ...
def count(
    x: Tensor,
    y: Tensor,
    form: int,
    reach: float,
    about: Tensor,
    weights: Tensor | None,
    count: Tensor | None,
    total: Tensor | None,
    workers: int,
) -> bool: ...
def neighbors(
    x: Tensor,
    y: Tensor,
    form: int,
    reach: float,
    about: Tensor,
    indptr: Tensor,
    index: Tensor,
    distance: Tensor,
    workers: int,
) -> bool: ...
def evaluate(function: int, values: Tensor, out: Tensor) -> None: ...
def blocks(values: Tensor, begins: Tensor, workers: int) -> None: ...
def block_means(values: Tensor, begins: Tensor, out: Tensor, workers: int) -> None: ...
def balls(
    rows: Tensor,
    low: list[float],
    extent: list[int],
    sides: tuple[float, float, float],
    keys: Tensor,
    starts: Tensor,
    directory: Tensor,
    shift: int,
    window: int,
    radius: float,
    reach: float,
    rate: float,
    values: Tensor,
    positions: Tensor,
    sums: Tensor,
    workers: int,
) -> None: ...
def field_moments(
    low: list[float],
    side: float,
    extent: list[int],
    rows: Tensor,
    weights: Tensor,
    starts: Tensor,
    tables: Tensor,
    workers: int,
) -> None: ...
def field_values(
    low: list[float],
    side: float,
    extent: list[int],
    positions: Tensor,
    tables: Tensor,
    sums: Tensor,
    workers: int,
) -> None: ...
def tree_size(points: int) -> tuple[int, int, int]: ...

class Tree:
    def __init__(
        self, points: Tensor, index: Tensor, starts: Tensor, boxes: Tensor, least: Tensor
    ) -> None: ...
    def build(self, x: Tensor, workers: int) -> None: ...
    def arrange(self, x: Tensor, order: Tensor, starts: Tensor, workers: int) -> None: ...
    def nearest(
        self,
        x: Tensor,
        order: Tensor,
        starts: Tensor,
        form: int,
        root: bool,
        others: bool,
        index: Tensor,
        distance: Tensor,
        workers: int,
    ) -> None: ...
    def count(
        self,
        x: Tensor,
        order: Tensor,
        starts: Tensor,
        form: int,
        reach: float,
        count: Tensor,
        workers: int,
    ) -> None: ...
    def lists(
        self,
        x: Tensor,
        order: Tensor,
        starts: Tensor,
        form: int,
        reach: float,
        root: bool,
        indptr: Tensor,
        index: Tensor,
        distance: Tensor,
        workers: int,
    ) -> None: ...
    def spanning(
        self,
        index: Tensor,
        form: Tensor,
        core: Tensor,
        scale: float,
        left: Tensor,
        right: Tensor,
        weight: Tensor,
        workers: int,
    ) -> None: ...

def dbscan(
    x: Tensor,
    form: int,
    reaches: Tensor,
    wanted: float,
    weights: Tensor | None,
    labels: Tensor,
    core: Tensor,
    most_share: float,
    workers: int,
) -> bool: ...
def join_rows(start: Tensor, end: Tensor, left: Tensor, right: Tensor, size: Tensor) -> None: ...
