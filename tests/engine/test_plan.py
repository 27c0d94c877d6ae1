"""Plans: which backend, how many tiles, how much memory, and the errors when nothing fits."""

from __future__ import annotations

import json
import pickle
import sys
import types
from typing import Any

import pytest
import torch
from tests.instruction_sets import SETS, on_sets_of_searches

import gramian as gm
from gramian._config import Config
from gramian.engine import plan as engine
from gramian.engine.call import REDUCTIONS, Call
from gramian.engine.partition import Partition
from gramian.engine.plan import AUTO_ORDER, backend_reasons, format_bytes, make_plan


def call(
    n: int = 1000,
    m: int = 2000,
    d: int = 4,
    kernel: gm.PairFunction | None = None,
    reduction: str = "product",
    **settings: Any,
) -> Call:
    kernel = gm.Gaussian(1.0) if kernel is None else kernel
    return Call(reduction, torch.zeros(n, d), torch.zeros(m, d), kernel, Config(**settings))


class Stranger(gm.PairFunction):
    """Runs on the torch backend only."""

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x @ y.T


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (3 * 2**20, "3.0 MiB"),
        (5 * 2**29, "2.5 GiB"),
        (2**40, "1.0 TiB"),
        (2**50, "1024.0 TiB"),
    ],
)
def test_format_bytes(count: int, text: str) -> None:
    assert format_bytes(count) == text


def test_torch_runs_everything() -> None:
    for reduction in REDUCTIONS:
        assert backend_reasons(call(reduction=reduction))["torch"] is None


def test_auto_takes_the_first_that_fits() -> None:
    for kernel in (gm.Gaussian(1.0), Stranger()):
        asked = call(kernel=kernel)
        reasons = backend_reasons(asked)
        assert list(reasons) == list(AUTO_ORDER)
        first = next(name for name in AUTO_ORDER if reasons[name] is None)
        plan, _ = make_plan(asked)
        assert plan.backend == first
        earlier = AUTO_ORDER[: AUTO_ORDER.index(first)]
        assert plan.refused == {name: reasons[name] for name in earlier}


@pytest.mark.parametrize("name", [name for name in AUTO_ORDER if name != "torch"])
def test_a_named_backend_never_falls_back(name: str) -> None:
    asked = call(kernel=Stranger(), backend=name)
    reason = backend_reasons(asked)[name]
    assert reason, "no compiled backend can run a function written in Python"
    with pytest.raises(gm.BackendUnavailableError) as caught:
        make_plan(asked)
    assert str(caught.value) == (
        f"product: no backend fits. {name}: {reason}. Use backend='auto' or 'torch'."
    )
    with gm.config_context(backend=name), pytest.raises(gm.BackendUnavailableError):
        gm.Gram(torch.zeros(3, 1), kernel=Stranger()).sum()


@pytest.fixture
def looks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backends are looked for at every call, and what a test found is forgotten."""
    monkeypatch.setattr(engine, "_load", engine._load.__wrapped__)


@pytest.mark.usefixtures("looks_anew")
def test_a_backend_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gramian.engine.native_backend", None)
    asked = call(backend="native")
    with pytest.raises(gm.BackendUnavailableError, match=r"native: .*is not installed"):
        make_plan(asked)
    assert make_plan(call())[0].refused["native"].endswith("is not installed")


@pytest.mark.usefixtures("looks_anew")
def test_a_backend_that_breaks_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> types.ModuleType:
        raise ImportError("undefined symbol")

    monkeypatch.setattr(engine.importlib, "import_module", broken)
    with pytest.raises(ImportError, match="undefined symbol"):
        make_plan(call())


def test_the_numbers_of_a_plan() -> None:
    for backend in AUTO_ORDER:
        asked = call(n=10_000, backend=backend)
        if backend_reasons(asked)[backend] is not None:
            continue
        torch.set_num_threads(3)
        plan, module = make_plan(asked)
        assert plan.backend == backend
        assert plan.tile == module.tile(asked)
        fixed, each = module.working_bytes(asked, plan.tile)
        assert plan.working_memory == fixed + plan.workers * each <= plan.budget == 2**30
        assert plan.workers == min(3, -(-10_000 // plan.tile[0]))
        assert plan.passes == 1
        expected = 10_000 * 2000 * module.seconds_per_entry(asked) / plan.workers
        assert plan.estimated_seconds == pytest.approx(expected)
        torch.set_num_threads(1)


def test_tiles_depend_on_neither_size_nor_budget_nor_threads() -> None:
    tiles = set()
    for n, memory, threads in ((1, 2**30, 1), (10**5, 2**30, 4), (10**5, 2**23, 1)):
        torch.set_num_threads(threads)
        tiles.add(make_plan(call(n=n, memory=memory))[0].tile)
    assert len(tiles) == 1


@on_sets_of_searches
def test_a_plan_knows_that_many_columns_take_larger_tiles(instruction_set: str) -> None:
    """Where rounded numbers go first, more rows share what is packed of the columns."""
    native = pytest.importorskip("gramian._native")
    larger = 3 if instruction_set not in SETS else 1
    for plan in (
        lambda m: native.search_plan(128, m, 1),
        lambda m: native.refine_plan(128, m, False),
    ):
        few, many = plan(1024), plan(4096)
        assert many[0] == larger * few[0] == larger * plan(8)[0]
        assert many[2] - few[2] >= (larger - 1) * few[0] * 128 * 4


def test_few_columns_of_many_features_make_small_parts() -> None:
    """A few thousand rows then keep several threads busy; joining wants 64 rows a column."""
    native = pytest.importorskip("gramian._native")
    assert 512 <= native.assign_plan(784, 8)[0] <= 1000
    for d, m in ((784, 100), (2, 64), (2, 3), (4, 1)):
        assert native.assign_plan(d, m)[0] >= 4096


def test_rows_with_labels_count_as_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    native = pytest.importorskip("gramian.engine.native_backend")
    monkeypatch.setattr(native, "WORTH_A_THREAD", 2.5e-4)
    torch.set_num_threads(8)
    few, many = torch.zeros(10_000, 4), torch.zeros(100_000, 4)
    plans = {
        reduction: make_plan(Partition(reduction, few, many, gm.SquaredEuclidean(), Config()))[0]
        for reduction in ("inertia", "measure", "assign")
    }
    assert plans["inertia"].workers == plans["measure"].workers == 1
    assert plans["assign"].workers > 1


def test_a_small_budget_means_fewer_workers() -> None:
    torch.set_num_threads(8)
    asked = {"n": 10**5, "d": 16, "backend": "torch"}
    roomy, tight = make_plan(call(**asked))[0], make_plan(call(**asked, memory=2**24))[0]
    assert roomy.workers == 8
    assert 1 <= tight.workers < 8
    assert tight.working_memory <= 2**24


def test_a_plan_is_text_and_a_dict() -> None:
    plan, _ = make_plan(call(backend="torch"))
    again = json.loads(json.dumps(plan.as_dict()))
    assert again["call"]["kernel"] == "Gaussian(bandwidth=1.0)"
    assert again["workers"] == plan.workers
    text = str(plan)
    for piece in (
        "product of Gaussian(bandwidth=1.0), 1,000 x 2,000 entries, 4 features, float32",
        "backend         torch on cpu, precision exact",
        f"tiles           {plan.tile[0]} x {plan.tile[1]}, {plan.workers} at a time",
        f"working memory  {format_bytes(plan.working_memory)} of 1.0 GiB allowed",
        "passes          1",
        "estimated time  ",
    ):
        assert piece in text


def test_refusals_are_told() -> None:
    plan, _ = make_plan(call(kernel=Stranger()))
    assert plan.refused
    for name, reason in plan.refused.items():
        assert f"not {name}: {reason}" in str(plan)


def test_two_passes_for_neighbour_lists() -> None:
    plan, _ = make_plan(call(reduction="neighbors", kernel=gm.Euclidean()))
    assert plan.passes == 2


def test_a_budget_that_is_too_small() -> None:
    asked = call(d=1000, kernel=Stranger(), memory=2**23)
    with pytest.raises(gm.MemoryBudgetError) as caught:
        make_plan(asked)
    error = caught.value
    assert isinstance(error, MemoryError)
    assert error.budget == 2**23 < error.needed
    assert str(error) == (
        f"product: memory must be at least {format_bytes(error.needed)} for 1000 features, "
        f"got 8.0 MiB. Raise it with gramian.config(memory={error.needed})."
    )
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.needed, copied.budget) == (str(error), error.needed, error.budget)
    enough, _ = make_plan(call(d=1000, kernel=Stranger(), memory=error.needed))
    assert enough.workers == 1
    assert enough.working_memory == error.needed
    with pytest.raises(gm.MemoryBudgetError):
        make_plan(call(d=1000, kernel=Stranger(), memory=error.needed - 1))


def test_it_is_raised_before_any_work() -> None:
    class Counting(Stranger):
        calls = 0

        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            Counting.calls += 1
            return super().forward(x, y)

    G = gm.Gram(torch.full((1000, 1000), torch.nan), kernel=Counting())
    with gm.config_context(memory="8MiB"), pytest.raises(gm.MemoryBudgetError):
        G.sum()
    assert Counting.calls == 0


@pytest.mark.parametrize("d", [1, 16, 100, 784, 3072])
def test_eight_mebibytes_do_for_ordinary_tables(d: int) -> None:
    """The least budget that `config` takes is enough for one tile, up to hundreds of features."""
    if d > 784:
        with pytest.raises(gm.MemoryBudgetError) as caught:
            make_plan(call(d=d, memory=2**23, backend="torch", kernel=gm.Gaussian(1.0)))
        assert caught.value.needed < 2**26
    elif d <= 100:
        assert make_plan(call(d=d, memory=2**23, backend="torch"))[0].workers == 1
