"""Symmetry: finite groups and their actions, image transforms, equivariant layers, measures,
tests with a verdict, and the group that weights have learned, by name.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME: dict[str, tuple[str, ...]] = {
    "groups": (
        "Action",
        "Alternating",
        "Cyclic",
        "Dicyclic",
        "Dihedral",
        "FiniteGroup",
        "MatrixAction",
        "PermutationAction",
        "Product",
        "Symmetric",
        "commutant",
        "cyclic_shifts",
        "group_name",
        "orbitals",
        "pixel_flips",
        "pixel_shifts",
        "pixel_turns",
        "small_groups",
        "square_symmetries",
    ),
    "layers": (
        "CircularConv1d",
        "CircularConv2d",
        "ComplexCells",
        "DeepSet",
        "EquivariantLinear",
        "GroupConv",
        "SetPool",
        "SimpleCells",
    ),
    "transforms": (
        "Composition",
        "Flip",
        "ImageTransform",
        "Rotation",
        "Translation",
        "inscribed_disc",
    ),
    "verdicts": (
        "Audit",
        "SymmetryResult",
        "audit",
        "equivariance_test",
        "group_averaged",
        "holm",
        "invariance_test",
        "required_rows",
        "with_random_weights",
    ),
    "discovery": (
        "GroupAnalysis",
        "InputMaps",
        "OrbitNet",
        "SymmetryRegularizer",
        "animate_orbit",
        "circulance",
        "commutator_null",
        "identify_group",
        "input_maps",
        "orbit_data",
        "relative_commutator",
        "soft_rank",
        "soft_sort",
        "train_orbit_net",
    ),
    "measures": (
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
    ),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"gramian.symmetry.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'gramian.symmetry' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
