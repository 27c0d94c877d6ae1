"""Tables, images and data sets: everything that goes into the estimators."""

from gramian.data.datasets import Dataset, DatasetInfo, list_datasets, load_dataset
from gramian.data.download import fetch_dataset
from gramian.data.images import read_idx, write_idx
from gramian.data.preparation import Preparation, Table
from gramian.data.tables import read_table

__all__ = [
    "Dataset",
    "DatasetInfo",
    "Preparation",
    "Table",
    "fetch_dataset",
    "list_datasets",
    "load_dataset",
    "read_idx",
    "read_table",
    "write_idx",
]
