"""What a run is told: mode, parameters, generators, device, data, and the planted fault."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import torch

from gramian._validation import _message, check_choice
from gramian.data import Dataset, load_dataset
from gramian.labs.frame.declaration import Lab

__all__ = ["Context"]

T = TypeVar("T")
_IMAGES = {
    "fashion": {"quick": "small-fashion", "full": "fashion-mnist"},
    "mnist": {"quick": "small-mnist", "full": "mnist"},
}


def _silent(text: str) -> None:
    """Progress that nobody watches."""


@dataclass
class Context:
    """The circumstances of one run; made by the frame, read by the lab.

    Attributes
    ----------
    lab : Lab
    mode : {"quick", "full"}
    seed : int
    device : torch.device
    data : str or None
        Folder of the complete image sets.
    fault : str or None
        Id of the negative control that is planted as if it were the method.
    progress : callable
        Takes the name of the step in hand.
    """

    lab: Lab
    mode: str = "quick"
    seed: int = 0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    data: str | None = None
    fault: str | None = None
    progress: Callable[[str], None] = _silent
    _reached: bool = field(default=False, init=False)
    _loaded: list[dict[str, Any]] = field(default_factory=list, init=False)

    def __getitem__(self, name: str) -> Any:
        """A parameter of this mode."""
        parameters = self.lab.parameters(self.mode)
        check_choice(name, "parameter", f"Context of {self.lab.name}", parameters)
        return parameters[name]

    def seeds(self, n: int) -> list[int]:
        """The seeds of n replicates, ``1000 * seed + k``."""
        return [1000 * self.seed + k for k in range(n)]

    def generator(self, k: int = 0) -> torch.Generator:
        """A fresh torch generator of replicate k."""
        return torch.Generator().manual_seed(1000 * self.seed + k)

    def rng(self, k: int = 0) -> np.random.Generator:
        """A fresh NumPy generator of replicate k."""
        return np.random.default_rng(1000 * self.seed + k)

    def method(self, cases: Mapping[str, T]) -> T:
        """The first of the cases, or the one whose fault is planted."""
        if self.fault is not None and self.fault in cases:
            self._reached = True
            return cases[self.fault]
        return next(iter(cases.values()))

    def planted(self, fault: str) -> bool:
        """Whether this fault is planted."""
        check_choice(fault, "fault", f"Context of {self.lab.name}", self.lab.faults)
        self._reached |= fault == self.fault
        return fault == self.fault

    def each(self, items: Iterable[T], what: str) -> Iterator[T]:
        """The items one by one, each named to whoever watches: "training 3 of 8"."""
        listed = list(items)
        for number, item in enumerate(listed, 1):
            self.progress(f"{what} {number} of {len(listed)}")
            yield item

    def load(self, name: str, split: str = "train", rows: Sequence[int] | None = None) -> Dataset:
        """A data set that the lab declares, or some of its rows.

        Parameters
        ----------
        name : str
            "fashion" and "mnist" are the small sets in quick mode, the complete ones in full mode.
        split : {"train", "test", "all"}, default="train"
        rows : sequence of int, default=None
            Rows to keep, in this order; None keeps all.

        Returns
        -------
        dataset : Dataset

        Raises
        ------
        ValueError
            If the lab does not declare the data set.
        DataError
            If the files are missing or corrupt.
        """
        check_choice(name, "name", f"Context of {self.lab.name}", self.lab.data)
        known = _IMAGES[name][self.mode] if name in _IMAGES else name
        self.progress(f"loading {known}")
        root = self.data if known in ("fashion-mnist", "mnist") else None
        dataset = load_dataset(known, split=split, root=root)
        digest = hashlib.sha256(np.ascontiguousarray(dataset.X).data).hexdigest()
        index = None
        if rows is not None:
            chosen = np.asarray(rows, dtype=np.int64)
            index = hashlib.sha256(chosen.tobytes()).hexdigest()
            dataset = replace(dataset, X=dataset.X[chosen], y=dataset.y[chosen])
        entry = {
            "name": known,
            "split": split,
            "n": len(dataset.X),
            "sha256_unpacked": digest,
            "indices_sha256": index,
        }
        if entry not in self._loaded:
            self._loaded.append(entry)
        return dataset

    @property
    def loaded(self) -> list[dict[str, Any]]:
        """What `load` has given out, for the record."""
        return self._loaded

    def check_fault_reached(self) -> None:
        """Raise if a fault was planted that the lab never asked about."""
        if self.fault is not None and not self._reached:
            constraint = "asked for by contrast, method or planted"
            raise RuntimeError(_message(f"Lab {self.lab.name}", "fault", constraint, self.fault))
