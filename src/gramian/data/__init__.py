"""Tables, images and data sets: everything that goes into the estimators."""

from gramian.data.datasets import Dataset, DatasetInfo, list_datasets, load
from gramian.data.download import fetch
from gramian.data.images import read_idx, write_idx
from gramian.data.preparation import Preparation, Table
from gramian.data.tables import read_table

__all__ = [
    "Dataset",
    "DatasetInfo",
    "Preparation",
    "Table",
    "fetch",
    "list_datasets",
    "load",
    "read_idx",
    "read_table",
    "write_idx",
]
