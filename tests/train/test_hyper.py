"""Arguments that become attributes, and methods added later."""

from __future__ import annotations

import pytest
import torch

from gramian import train as d2l


class Three(d2l.HyperParameters):
    def __init__(self, a: int, b: int, c: int, *rest: int, d: int = 4, **more: int) -> None:
        local = a + b
        self.save_hyperparameters(ignore=["c"])
        self.local_was_kept = "local" in self.hparams
        assert local


def test_arguments_become_attributes() -> None:
    made = Three(1, 2, 3, 9, d=5, e=6)
    assert made.hparams == {"a": 1, "b": 2, "d": 5, "rest": (9,), "more": {"e": 6}}
    assert (made.a, made.b, made.d) == (1, 2, 5)
    assert not hasattr(made, "c")
    assert not made.local_was_kept


def test_nothing_is_kept_without_the_call() -> None:
    class Silent(d2l.HyperParameters):
        def __init__(self, a: int) -> None: ...

    assert not hasattr(Silent(1), "a")
    assert not hasattr(Silent(1), "hparams")


def test_a_subclass_adds_its_own() -> None:
    class Four(Three):
        def __init__(self, z: int) -> None:
            super().__init__(1, 2, 3)
            self.save_hyperparameters()

    assert Four(7).hparams.keys() == {"a", "b", "d", "rest", "more", "z"}


def test_add_to_class_reaches_old_instances_and_keeps_the_name() -> None:
    class Empty: ...

    old = Empty()

    @d2l.add_to_class(Empty)
    def double(self: Empty, x: int) -> int:
        return 2 * x

    assert old.double(4) == 8  # type: ignore[attr-defined]  # a stand-in has it
    assert double(old, 5) == 10


def test_devices() -> None:
    assert d2l.cpu() == torch.device("cpu")
    assert d2l.gpu() == torch.device("cuda", 0)
    assert d2l.gpu(2) == torch.device("cuda", 2)
    assert d2l.num_gpus() == torch.cuda.device_count()
    with pytest.raises(ValueError, match=r"gpu: i must be an int in \[0, inf\), got -1"):
        d2l.gpu(-1)


def test_the_names_are_these() -> None:
    assert set(d2l.__all__) >= {
        "Classifier",
        "DataModule",
        "FashionMNIST",
        "HyperParameters",
        "LinearRegression",
        "LinearRegressionScratch",
        "MLP",
        "MLPScratch",
        "MNIST",
        "Module",
        "ProgressBoard",
        "ResidualMLP",
        "SGD",
        "SoftmaxRegression",
        "SoftmaxRegressionScratch",
        "SyntheticRegressionData",
        "Trainer",
        "add_to_class",
        "cpu",
        "gpu",
        "plot",
        "show_images",
    }
    assert dir(d2l) == d2l.__all__
    with pytest.raises(AttributeError, match=r"module 'gramian.train' has no attribute 'Trainr'"):
        d2l.Trainr  # noqa: B018 # the look-up itself is tested
