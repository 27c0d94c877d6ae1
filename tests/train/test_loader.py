"""Batches from memory against a plain loop, and the place in a pass."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from torch.utils.data import DataLoader, TensorDataset

from gramian import train as d2l
from gramian.train._loader import Feed


def table(n: int) -> list[torch.Tensor]:
    return [torch.arange(2 * n).float().reshape(n, 1, 2), torch.arange(n)]


@given(n=st.integers(1, 40), size=st.integers(1, 50), shuffle=st.booleans(), seed=st.integers(0, 9))
def test_a_pass_is_what_a_plain_loop_gives(n: int, size: int, shuffle: bool, seed: int) -> None:
    X, y = table(n)
    rng = torch.Generator().manual_seed(seed)
    loader = d2l.TensorLoader([X, y], size, shuffle=shuffle, generator=rng)
    plain = torch.Generator().manual_seed(seed)
    for _ in range(2):
        order = torch.randperm(n, generator=plain) if shuffle and n > size else torch.arange(n)
        batches = list(loader)
        assert len(batches) == len(loader) == -(-n // size)
        for i, (a, b) in enumerate(batches):
            rows = order[i * size : (i + 1) * size]
            assert torch.equal(a, X[rows])
            assert torch.equal(b, y[rows])


@given(n=st.integers(1, 20), size=st.integers(1, 7), start=st.integers(0, 21))
def test_a_pass_from_the_middle(n: int, size: int, start: int) -> None:
    def loader() -> d2l.TensorLoader:
        rng = torch.Generator().manual_seed(3)
        return d2l.TensorLoader(table(n), size, shuffle=True, generator=rng)

    whole = [y.tolist() for _, y in loader()]
    assert [y.tolist() for _, y in loader().reusing(start)] == whole[start:]


def test_batches_are_new_tensors_and_the_data_stay_as_they_are() -> None:
    X, y = table(6)
    loader = d2l.TensorLoader([X, y], 2)
    for a, b in loader:
        a.zero_()
        b.zero_()
    assert torch.equal(X, table(6)[0])
    assert torch.equal(y, table(6)[1])


def test_reused_batches_share_memory() -> None:
    loader = d2l.TensorLoader(table(7), 2, shuffle=True)
    assert len({y.data_ptr() for _, y in loader.reusing()}) == 1


def test_no_generator_means_torch_s_own() -> None:
    loader = d2l.TensorLoader(table(9), 2, shuffle=True)
    passes = []
    for _ in range(2):
        torch.manual_seed(5)
        passes.append([y.tolist() for _, y in loader])
    assert passes[0] == passes[1]


def test_wrong_tensors() -> None:
    with pytest.raises(ValueError, match=r"tensors must be of one number of rows, got \[3, 2\]"):
        d2l.TensorLoader([torch.zeros(3), torch.zeros(2)], 1)
    with pytest.raises(ValueError, match=r"tensors must be of one number of rows, got \[\]"):
        d2l.TensorLoader([], 1)
    with pytest.raises(ValueError, match=r"batch_size must be an int in \[1, inf\), got 0"):
        d2l.TensorLoader(table(2), 0)


def test_a_feed_knows_place_and_rows() -> None:
    feed = Feed(d2l.TensorLoader(table(5), 2), "train_dataloader")
    seen = [(feed.position, feed.rows) for _ in feed]
    assert seen == [(1, 2), (2, 2), (3, 1)]
    assert feed.position == 0
    assert len(feed) == feed.length == 3


@pytest.mark.parametrize("kind", ["memory", "torch"])
def test_a_feed_resumes(kind: str) -> None:
    def loader() -> object:
        rng = torch.Generator().manual_seed(4)
        if kind == "memory":
            return d2l.TensorLoader(table(9), 2, shuffle=True, generator=rng)
        return DataLoader(TensorDataset(*table(9)), 2, shuffle=True, generator=rng)

    whole = [batch[1].tolist() for batch in Feed(loader(), "a")]
    feed, called = Feed(loader(), "a"), []
    feed.resume_at(3, then=lambda: called.append(feed.position))
    assert [batch[1].tolist() for batch in feed] == whole[3:]
    assert called == [0]
    again = [batch[1].tolist() for batch in feed]
    assert len(again) == 5
    assert again != whole


def test_a_data_module_reads_batch_size_when_called() -> None:
    class Late(d2l.DataModule):
        def get_dataloader(self, train: bool) -> d2l.TensorLoader:
            return self.get_tensorloader(table(6), train, [0, 2, 4])

    data = Late()
    with pytest.raises(AttributeError, match="batch_size"):
        data.train_dataloader()
    data.batch_size = 2
    assert [y.tolist() for _, y in data.val_dataloader()] == [[0, 2], [4]]
    data.batch_size = 3
    assert len(data.train_dataloader()) == 1


def test_memory_maps_are_read_in_place(tmp_path: object) -> None:
    pixels = np.memmap(f"{tmp_path}/pixels", dtype=np.uint8, mode="w+", shape=(6, 3))
    pixels[:] = np.arange(18).reshape(6, 3)
    pixels.flush()
    read = np.memmap(f"{tmp_path}/pixels", dtype=np.uint8, mode="r", shape=(6, 3))

    class Mapped(d2l.DataModule):
        batch_size = 4

        def get_dataloader(self, train: bool) -> d2l.TensorLoader:
            return self.get_tensorloader([read, np.arange(6.0)], train)

    loader = Mapped().val_dataloader()
    assert loader.tensors[0].data_ptr() == read.ctypes.data
    X, y = next(iter(loader))
    assert X.dtype == torch.uint8
    assert torch.equal(X, torch.arange(12).reshape(4, 3).byte())
    assert y.dtype == torch.float64


def test_a_data_module_without_loaders() -> None:
    with pytest.raises(TypeError, match="DataModule: get_dataloader must be defined"):
        d2l.DataModule().train_dataloader()


def test_the_order_of_batches_follows_its_seed() -> None:
    def order(random_state: object) -> list[int]:
        data = d2l.DataModule(random_state=random_state)
        data.batch_size = 2
        return [int(i) for _, y in data.get_tensorloader(table(20), True) for i in y]

    assert order(1) == order(1) != order(2)
    torch.manual_seed(7)
    first = order(None)
    torch.manual_seed(7)
    assert order(None) == first != order(None)
