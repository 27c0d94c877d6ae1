"""Measures: how far from invariant or equivariant, in one number."""

from __future__ import annotations

from gramian.symmetry.measures._consistency import Consistency, prediction_consistency
from gramian.symmetry.measures._fitted import FittedAction, composition_error, fitted_action
from gramian.symmetry.measures._flows import rotation_flow, translation_flow
from gramian.symmetry.measures._lie import (
    layerwise_lie_derivative,
    lie_derivative,
    local_equivariance_error,
)
from gramian.symmetry.measures._spread import (
    distance_to_group_average,
    orbit_variance_share,
    relative_error,
)

__all__ = [
    "Consistency",
    "FittedAction",
    "composition_error",
    "distance_to_group_average",
    "fitted_action",
    "layerwise_lie_derivative",
    "lie_derivative",
    "local_equivariance_error",
    "orbit_variance_share",
    "prediction_consistency",
    "relative_error",
    "rotation_flow",
    "translation_flow",
]
