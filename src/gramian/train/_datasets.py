"""Data modules ready to use: a line with noise, clothes, digits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from gramian._validation import check_int, check_real
from gramian.data.datasets import load_dataset
from gramian.data.locate import locate
from gramian.train._data import DataModule
from gramian.train._figures import show_images
from gramian.train._loader import TensorLoader

__all__ = ["MNIST", "FashionMNIST", "SyntheticRegressionData"]


class SyntheticRegressionData(DataModule):
    """y = x·w + b + noise, with x and the noise from normal distributions.

    Parameters
    ----------
    w : Tensor of shape (d,) or (d, 1)
    b : float
    noise : float, default=0.01
        Standard deviation of the noise.
    num_train, num_val : int, default=1000
        Rows of each part; without rows for it, nothing is validated.
    batch_size : int, default=32
    random_state : None, int or generator, default=None
        Of the data and of the order of the batches. None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    X : Tensor of shape (num_train + num_val, d)
    y : Tensor of shape (num_train + num_val, 1)

    Examples
    --------
    >>> import torch
    >>> from gramian.train import SyntheticRegressionData
    >>> data = SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, random_state=0)
    >>> X, y = next(iter(data.train_dataloader()))
    >>> X.shape, y.shape
    (torch.Size([32, 2]), torch.Size([32, 1]))
    """

    def __init__(
        self,
        w: Tensor,
        b: float,
        noise: float = 0.01,
        num_train: int = 1000,
        num_val: int = 1000,
        batch_size: int = 32,
        *,
        random_state: Any = None,
    ) -> None:
        super().__init__(random_state=random_state)
        caller = "SyntheticRegressionData"
        check_real(noise, "noise", caller, low=0)
        check_int(num_train, "num_train", caller, low=1)
        check_int(num_val, "num_val", caller, low=0)
        check_int(batch_size, "batch_size", caller, low=1)
        self.save_hyperparameters()
        n, rng = num_train + num_val, self.generator
        self.X = torch.randn(n, w.numel(), generator=rng, dtype=w.dtype)
        error = noise * torch.randn(n, 1, generator=rng, dtype=w.dtype)
        self.y = self.X @ w.reshape(-1, 1) + b + error

    def get_dataloader(self, train: bool) -> TensorLoader:
        """The first ``num_train`` rows, or the others."""
        rows = slice(0, self.num_train) if train else slice(self.num_train, None)
        return self.get_tensorloader((self.X, self.y), train, rows)

    def val_dataloader(self) -> TensorLoader | None:
        """The other rows, if there are any."""
        return self.get_dataloader(train=False) if self.num_val else None


class _Images(DataModule):
    """Grey images with class labels, scaled to [0, 1]."""

    _complete: str
    _small: str

    def __init__(
        self,
        batch_size: int = 64,
        resize: tuple[int, int] = (28, 28),
        root: str | PathLike[str] | None = None,
        *,
        random_state: Any = None,
    ) -> None:
        super().__init__(root=root, random_state=random_state)
        caller = type(self).__name__
        self.batch_size = check_int(batch_size, "batch_size", caller, low=1)
        height, width = (check_int(side, "resize", caller, low=1) for side in resize)
        self.resize = (height, width)
        self.name = self._complete
        if root is None and locate(self._complete) is None:
            self.name = self._small
            warnings.warn(
                f"{caller}: the complete {self._complete} is not here; using {self._small} "
                f"(6 000 + 2 000 images). Run `gramian data fetch {self._complete}` or set "
                "GRAMIAN_DATA.",
                stacklevel=2,
            )
        self.train, self.val = (self._part(split) for split in ("train", "test"))

    def _part(self, split: str) -> TensorDataset:
        """Images of shape (n, 1, height, width), float32 in [0, 1], and labels."""
        found = load_dataset(self.name, split=split, root=self.root)
        self._names = found.target_names
        labels = torch.from_numpy(found.y)
        pixels = torch.from_numpy(found.images).unsqueeze(1)
        if pixels.shape[2:] == self.resize:
            return TensorDataset(pixels.float().div_(255), labels)
        images = torch.empty(len(pixels), 1, *self.resize)
        for part, out in zip(pixels.split(4096), images.split(4096), strict=True):
            look: dict[str, Any] = {"mode": "bilinear", "antialias": True}
            out.copy_(nn.functional.interpolate(part.float(), size=self.resize, **look).div_(255))
        return TensorDataset(images, labels)

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Batches of one part."""
        return self.get_tensorloader((self.train if train else self.val).tensors, train)

    def text_labels(self, indices: Sequence[int] | Tensor) -> list[str]:
        """Names of classes by their numbers."""
        return [self._names[int(i)] for i in indices]

    def visualize(
        self,
        batch: Sequence[Tensor],
        nrows: int = 1,
        ncols: int = 8,
        labels: Sequence[str] | None = None,
    ) -> Any:
        """Show the first images of a batch with their names, or with the given labels.

        Parameters
        ----------
        batch : (images, class numbers)
        nrows, ncols : int
        labels : sequence of str, default=None

        Returns
        -------
        axes : matplotlib Axes
        """
        X, y = batch[0][: nrows * ncols], batch[1][: nrows * ncols]
        titles = labels or self.text_labels(y)
        return show_images(X.squeeze(1), nrows, ncols, titles=titles)


class FashionMNIST(_Images):
    """Fashion-MNIST: grey images of clothes in ten classes.

    The complete set is taken from `root`, ``GRAMIAN_DATA`` or the cache; where it is in none of
    them, the small set that comes with the package, with one warning. Nothing is downloaded.

    Parameters
    ----------
    batch_size : int, default=64
    resize : tuple of two int, default=(28, 28)
        Height and width; bilinear, once, when the data are loaded.
    root : path, default=None
        Folder of the complete set.
    random_state : None, int or generator, default=None
        Of the order of the batches. None: ``torch.manual_seed`` decides.

    Attributes
    ----------
    train, val : TensorDataset
        Images of shape (n, 1, height, width), float32 in [0, 1], and labels, int64.
    name : str
        "fashion-mnist" or "small-fashion".

    Raises
    ------
    DataError
        If `root` lacks the files, or a file is not what it should be.

    Notes
    -----
    Memory: 4 bytes per pixel, 220 MB for the complete set at 28 × 28.

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
       machine learning algorithms", 2017, arXiv:1708.07747.

    Examples
    --------
    >>> import warnings
    >>> from gramian.train import FashionMNIST
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     data = FashionMNIST(batch_size=256)
    >>> next(iter(data.val_dataloader()))[0].shape
    torch.Size([256, 1, 28, 28])
    >>> data.text_labels([0, 9])
    ['T-shirt/top', 'Ankle boot']
    """

    _complete, _small = "fashion-mnist", "small-fashion"


class MNIST(_Images):
    """MNIST: grey images of handwritten digits.

    Everything is as in `FashionMNIST`; the small set is "small-mnist".

    References
    ----------
    .. [1] Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998.

    Examples
    --------
    >>> import warnings
    >>> from gramian.train import MNIST
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     data = MNIST(resize=(32, 32))
    >>> data.train[0][0].shape
    torch.Size([1, 32, 32])
    """

    _complete, _small = "mnist", "small-mnist"
