"""Named data sets: those that scikit-learn bundles, and the image sets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gramian._validation import check_choice
from gramian.data.catalog import IMAGE_SETS, ImageFile, ImageSet
from gramian.data.images import parse_idx, unpacked
from gramian.data.locate import corrupt, find_file, locate
from gramian.errors import DataError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Dataset", "DatasetInfo", "list_datasets", "load_dataset"]

_FILES = Path(__file__).parent / "files"
_SPLITS = {"train": (0,), "test": (2,), "all": (0, 2)}
_UCI = "CC BY 4.0, as the UCI Machine Learning Repository states it"


@dataclass(frozen=True)
class _Bundled:
    """A data set that scikit-learn installs."""

    loader: str
    shape: tuple[int, int]
    description: str
    licence: str
    source: str


_BUNDLED = {
    "iris": _Bundled(
        "load_iris",
        (150, 4),
        "Three species of iris, four lengths in cm",
        _UCI,
        "R. A. Fisher, Annals of Eugenics 7(2), 1936",
    ),
    "wine": _Bundled(
        "load_wine",
        (178, 13),
        "Chemical analysis of wines from three cultivars",
        _UCI,
        "S. Aeberhard, M. Forina, Wine, UCI Machine Learning Repository, 1992",
    ),
    "digits": _Bundled(
        "load_digits",
        (1797, 64),
        "Handwritten digits, 8 x 8, values 0 to 16",
        _UCI,
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998",
    ),
    "breast-cancer": _Bundled(
        "load_breast_cancer",
        (569, 30),
        "Cell nuclei of breast masses, malignant or benign",
        _UCI,
        "W. Wolberg, O. Mangasarian, W. Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine "
        "Learning Repository, 1993",
    ),
    "diabetes": _Bundled(
        "load_diabetes",
        (442, 10),
        "Ten measurements of patients and the progression of diabetes a year later",
        "none stated by its authors",
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, Annals of Statistics 32(2), 2004",
    ),
    "linnerud": _Bundled(
        "load_linnerud",
        (20, 3),
        "Three exercises and three body measures of twenty men",
        "none stated by its authors",
        "A. C. Linnerud, in M. Tenenhaus, La régression PLS, Technip, 1998",
    ),
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set.

    Attributes
    ----------
    name : str
    X : ndarray of shape (n_rows, n_features)
        float64 for tables; uint8 with values 0 to 255 for image sets, one image per row.
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
        int64 class numbers, or float64 targets.
    feature_names : list of str
    target_names : list of str
        Names of the classes, or of the targets; empty if they have none.
    description, licence, source : str
    image_shape : tuple of two int, or None
        For image sets, digits included.
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    feature_names: list[str]
    target_names: list[str]
    description: str
    licence: str
    source: str
    image_shape: tuple[int, int] | None = None

    @property
    def images(self) -> np.ndarray:
        """``X`` seen as images, shape (n_rows, height, width); ``DataError`` for a table."""
        if self.image_shape is None:
            raise DataError(f"Dataset.images: name must be an image set, got {self.name!r}.")
        return self.X.reshape(-1, *self.image_shape)


@dataclass(frozen=True)
class DatasetInfo:
    """One line of :func:`list_datasets`.

    Attributes
    ----------
    name : str
    n_rows, n_features : int
        Of the training part for image sets.
    available : bool
        Whether :func:`load_dataset` would find it; the files are not verified here.
    where : str
        ``"scikit-learn"``, ``"shipped"``, ``"not shipped"``, a folder, or ``"to fetch"``.
    description, licence, source : str
    """

    name: str
    n_rows: int
    n_features: int
    available: bool
    where: str
    description: str
    licence: str
    source: str


def list_datasets() -> list[DatasetInfo]:
    """Every data set that :func:`load_dataset` knows, and whether it is at hand.

    Returns
    -------
    infos : list of DatasetInfo
        In the order: bundled with scikit-learn, shipped, complete.

    Examples
    --------
    >>> from gramian.data import list_datasets
    >>> [info.name for info in list_datasets()][:3]
    ['iris', 'wine', 'digits']
    """
    infos = [
        DatasetInfo(name, *b.shape, True, "scikit-learn", b.description, b.licence, b.source)
        for name, b in _BUNDLED.items()
    ]
    for name, s in IMAGE_SETS.items():
        folder = _folder(s, None)
        absent = "not shipped" if s.shipped else "to fetch"
        where = absent if folder is None else "shipped" if s.shipped else str(folder)
        rows = s.files[1].size - 8
        infos.append(
            DatasetInfo(
                name, rows, 784, folder is not None, where, s.description, s.licence, s.source
            )
        )
    return infos


def load_dataset(
    name: str, *, split: str = "train", root: str | PathLike[str] | None = None
) -> Dataset:
    """Load a data set by name. Nothing is ever downloaded here.

    Parameters
    ----------
    name : str
        ``"iris"``, ``"wine"``, ``"digits"``, ``"breast-cancer"``, ``"diabetes"``,
        ``"linnerud"``; ``"small-fashion"``, ``"small-mnist"``; ``"fashion-mnist"``, ``"mnist"``.
    split : {"train", "test", "all"}, default="train"
        Part of an image set; ``"all"`` is train then test. Tables have one part only.
    root : path, optional
        Folder of a complete image set. Default: ``GRAMIAN_DATA``, then the cache.

    Returns
    -------
    dataset : Dataset

    Raises
    ------
    ValueError
        If ``name`` or ``split`` is unknown.
    DataError
        If the files are not there, or their unpacked SHA-256 is not the known one.

    Examples
    --------
    >>> from gramian.data import load_dataset
    >>> iris = load_dataset("iris")
    >>> iris.X.shape, iris.target_names
    ((150, 4), ['setosa', 'versicolor', 'virginica'])
    """
    caller = "load_dataset"
    check_choice(name, "name", caller, [*_BUNDLED, *IMAGE_SETS])
    check_choice(split, "split", caller, _SPLITS)
    if name in _BUNDLED:
        return _load_bundled(name, _BUNDLED[name])
    image_set = IMAGE_SETS[name]
    folder = _folder(image_set, root)
    if folder is None:
        raise DataError(_absent(image_set, root, caller))
    images, labels = [], []
    for first in _SPLITS[split]:
        images.append(_verified(folder, image_set.files[first], caller))
        labels.append(_verified(folder, image_set.files[first + 1], caller))
    pixels = images[0] if len(images) == 1 else np.concatenate(images)
    height, width = pixels.shape[1:]
    return Dataset(
        name=name,
        X=pixels.reshape(len(pixels), -1),
        y=np.concatenate(labels).astype(np.int64),
        feature_names=[f"pixel_{i}_{j}" for i in range(height) for j in range(width)],
        target_names=list(image_set.target_names),
        description=image_set.description,
        licence=image_set.licence,
        source=image_set.source,
        image_shape=(height, width),
    )


def _load_bundled(name: str, bundled: _Bundled) -> Dataset:
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, bundled.loader)()
    targets = bunch.get("target_names", [])
    return Dataset(
        name=name,
        X=bunch.data,
        y=bunch.target.astype(np.int64) if bunch.target.dtype.kind == "i" else bunch.target,
        feature_names=[str(feature) for feature in bunch.feature_names],
        target_names=[str(target) for target in targets],
        description=bundled.description,
        licence=bundled.licence,
        source=bundled.source,
        image_shape=(8, 8) if name == "digits" else None,
    )


def _folder(image_set: ImageSet, root: str | PathLike[str] | None) -> Path | None:
    """Where the files of the set are; None if one is missing."""
    if not image_set.shipped:
        return locate(image_set.name, root)
    folder = _FILES / image_set.name
    return folder if all(find_file(folder, entry) for entry in image_set.files) else None


def _absent(image_set: ImageSet, root: str | PathLike[str] | None, caller: str) -> str:
    if image_set.shipped:
        return (
            f"{caller}: name must be a set that this package ships, got {image_set.name!r}, which "
            "was left out of it. Install the full package, or load the complete "
            f"{image_set.name.replace('small-fashion', 'fashion-mnist').removeprefix('small-')}."
        )
    place = "GRAMIAN_DATA or the cache" if root is None else repr(str(root))
    return (
        f"{caller}: {image_set.name} must be in {place}, got no such files. Run `gramian data "
        f"fetch {image_set.name}`, or set GRAMIAN_DATA to a folder that holds {image_set.name}/, "
        "or pass root=."
    )


def _verified(folder: Path, entry: ImageFile, caller: str) -> np.ndarray:
    """The array of one file, once its unpacked SHA-256 is known to be right."""
    path = find_file(folder, entry) or folder / entry.name
    content = unpacked(path, entry.size, caller)
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        got = f"more than {entry.size} bytes" if len(content) > entry.size else f"SHA-256 {found}"
        raise DataError(corrupt(str(path), entry, got, caller))
    return parse_idx(content, path, caller)
