"""Class labels and weights of the rows, as every classifier takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, check_consistent_length, column_or_1d
from torch import Tensor

from gramian._input import Rows, take_weights

__all__ = ["Labels", "take_labels", "take_row_weights"]


@dataclass(frozen=True)
class Labels:
    """Which class each row has.

    Attributes
    ----------
    classes : ndarray of shape (k,)
        Sorted; two or more.
    codes : Tensor of shape (n,), int64
        Places in ``classes``, on the device of the rows.
    """

    classes: np.ndarray
    codes: Tensor


def take_labels(rows: Rows, y: Any, caller: str) -> Labels:
    """Labels of the rows: numbers, texts or a tensor, one per row.

    Raises
    ------
    ValueError
        If they are missing, not finite, continuous, not one per row, or all of one class.
    """
    if y is None:
        raise ValueError(
            f"{caller}: y must be class labels, got None. "
            "This estimator requires y to be passed, but the target y is None."
        )
    given = y.detach().cpu().numpy() if isinstance(y, Tensor) else y
    given = column_or_1d(given, warn=True)
    assert_all_finite(given, input_name="y")
    check_classification_targets(given)
    check_consistent_length(rows.given, given)
    classes, codes = np.unique(given, return_inverse=True)
    if len(classes) < 2:
        only = classes[:1].tolist()[0]
        raise ValueError(
            f"{caller}: y must have at least two classes, got 1 class ({only!r}). "
            "Pass rows of another class too."
        )
    return Labels(classes, torch.from_numpy(codes.astype(np.int64)).to(rows.device))


def take_row_weights(
    rows: Rows, labels: Labels, sample_weight: Any, class_weight: Any, caller: str
) -> Tensor:
    """Weights of the rows, (n,), float64: that of the row times that of its class.

    Raises
    ------
    ValueError
        If weights do not fit, or a class has no row of positive weight.
    """
    weights = take_weights(rows, sample_weight, caller)
    k = len(labels.classes)
    mass = torch.zeros(k, dtype=torch.float64, device=rows.device)
    mass.index_add_(0, labels.codes, weights)
    if isinstance(class_weight, str) and class_weight == "balanced":
        of_class = mass.sum() / (k * mass)
    else:
        found = compute_class_weight(
            class_weight, classes=labels.classes, y=labels.classes[labels.codes.cpu().numpy()]
        )
        of_class = torch.from_numpy(np.asarray(found, dtype=np.float64)).to(rows.device)
    if bool((of_class < 0).any()):
        raise ValueError(
            f"{caller}: class_weight must be non-negative, got {float(of_class.min()):g}."
        )
    empty = (mass * of_class <= 0).nonzero()[:, 0].tolist()
    if empty:
        raise ValueError(
            f"{caller}: sample_weight must leave every class a row of positive weight, got none "
            f"for class {labels.classes[empty[0]]!r}. Drop the rows of that class."
        )
    return weights * of_class[labels.codes]
