"""Where batches come from."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gramian._arrays import wrap
from gramian.train._hyper import HyperParameters
from gramian.train._loader import TensorLoader
from gramian.train._random import generator_for

__all__ = ["DataModule"]


class DataModule(HyperParameters):
    """Training and validation batches of one problem.

    A subclass defines ``get_dataloader(train)`` and sets ``batch_size``. It may return
    `get_tensorloader` for tensors in memory, or any loader that can be read once per epoch, such
    as torch's `DataLoader` over files or a stream.

    Parameters
    ----------
    root : path, default=None
        Folder of the data.
    num_workers : int, default=0
        For subclasses that make a `DataLoader` of torch; tensors in memory need none.
    random_state : None, int or generator, default=None
        Of the order of the batches. None is seeded from torch's own generator, so that
        ``torch.manual_seed`` decides.

    Examples
    --------
    >>> import torch
    >>> from gramian.train import DataModule
    >>> class Squares(DataModule):
    ...     def __init__(self, n, batch_size):
    ...         super().__init__()
    ...         self.save_hyperparameters()
    ...         self.x = torch.arange(n).float()[:, None]
    ...     def get_dataloader(self, train):
    ...         rows = slice(0, 8) if train else slice(8, None)
    ...         return self.get_tensorloader([self.x, self.x**2], train, rows)
    >>> data = Squares(10, batch_size=4)
    >>> len(data.train_dataloader()), next(iter(data.val_dataloader()))[1].flatten()
    (2, tensor([64., 81.]))
    """

    root: str | PathLike[str] | None = None
    num_workers = 0
    random_state: Any = None

    def __init__(
        self,
        root: str | PathLike[str] | None = None,
        num_workers: int = 0,
        *,
        random_state: Any = None,
    ) -> None:
        self.save_hyperparameters()

    @property
    def generator(self) -> torch.Generator:
        """What the order of the batches is drawn from, made when it is first asked for."""
        made: torch.Generator | None = vars(self).get("_generator")
        if made is None:
            made = self._generator = generator_for(self.random_state, type(self).__name__)
        return made

    def get_dataloader(self, train: bool) -> Any:
        """The loader of one part; for a subclass to define."""
        name = type(self).__name__
        raise TypeError(
            f"{name}: get_dataloader must be defined, or train_dataloader and val_dataloader, "
            "got none. Return self.get_tensorloader(...) or a torch DataLoader."
        )

    def train_dataloader(self) -> Any:
        """The loader of the training part."""
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> Any:
        """The loader of the validation part; None if there is none."""
        return self.get_dataloader(train=False)

    def get_tensorloader(
        self,
        tensors: Sequence[Tensor | np.ndarray],
        train: bool,
        indices: slice | Sequence[int] | Tensor = slice(0, None),
    ) -> TensorLoader:
        """Batches of ``self.batch_size`` rows of tensors in memory.

        Parameters
        ----------
        tensors : sequence of Tensor or ndarray, each of shape (n, ...)
            Inputs, then targets. Arrays, memory-maps too, are read in place.
        train : bool
            Whether the rows are shuffled, anew for each pass.
        indices : slice, sequence or Tensor of int, default=slice(0, None)
            The rows of this part.

        Returns
        -------
        loader : TensorLoader
        """
        caller = f"{type(self).__name__}.get_tensorloader"
        found = [t if isinstance(t, Tensor) else _tensor(t, caller) for t in tensors]
        parts = [tensor[indices] for tensor in found]
        generator = self.generator if train else None
        return TensorLoader(parts, self.batch_size, shuffle=train, generator=generator)


def _tensor(array: np.ndarray, caller: str) -> Tensor:
    """A tensor on the memory of an array; integers stay integers."""
    if array.dtype.kind not in "iu":
        return wrap(array, "tensors", caller)
    with warnings.catch_warnings():
        # batches are gathered from it, so a read-only array (a memory-map) is no danger
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)
