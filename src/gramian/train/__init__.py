"""Training small networks: a loop that reads top to bottom, in the words of "Dive into Deep
Learning". ``from gramian import train as d2l`` is enough for its programs on linear regression,
softmax regression and multilayer perceptrons.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "_board": ("ProgressBoard",),
    "_callback": ("Callback",),
    "_checkpoint": ("Checkpoint",),
    "_data": ("DataModule",),
    "_datasets": ("MNIST", "FashionMNIST", "SyntheticRegressionData"),
    "_devices": ("cpu", "gpu", "num_gpus"),
    "_figures": ("plot", "show_images"),
    "_history": ("History",),
    "_hyper": ("HyperParameters", "add_to_class"),
    "_inspect": ("activations", "predict", "weight_table"),
    "_linear": ("LinearRegression", "LinearRegressionScratch"),
    "_loader": ("TensorLoader",),
    "_many": ("fit_many",),
    "_mlp": ("MLP", "MLPScratch", "ResidualMLP"),
    "_module": ("Classifier", "Learner", "Module"),
    "_schedule": ("Schedule",),
    "_sgd": ("SGD",),
    "_softmax": ("SoftmaxRegression", "SoftmaxRegressionScratch"),
    "_stopping": ("BestWeights", "EarlyStopping"),
    "_sweep": ("Run", "Sweep"),
    "_sweep_display": ("SweepDisplay",),
    "_trainer": ("Trainer",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"gramian.train.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'gramian.train' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
