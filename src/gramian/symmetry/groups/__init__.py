"""Finite groups, their actions on vectors and images, and the maps that commute with them."""

from gramian.symmetry.groups._action import Action, MatrixAction, PermutationAction
from gramian.symmetry.groups._commutant import commutant, orbitals
from gramian.symmetry.groups._group import FiniteGroup
from gramian.symmetry.groups._named import (
    Alternating,
    Cyclic,
    Dicyclic,
    Dihedral,
    Product,
    Symmetric,
)
from gramian.symmetry.groups._pixels import (
    cyclic_shifts,
    pixel_flips,
    pixel_shifts,
    pixel_turns,
    square_symmetries,
)
from gramian.symmetry.groups._small import group_name, small_groups

__all__ = [
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
]
