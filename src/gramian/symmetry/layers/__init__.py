"""Layers that are equivariant or invariant by construction."""

from gramian.symmetry.layers._cells import ComplexCells, SimpleCells
from gramian.symmetry.layers._circular_conv import CircularConv1d, CircularConv2d
from gramian.symmetry.layers._deep_set import DeepSet
from gramian.symmetry.layers._equivariant_linear import EquivariantLinear
from gramian.symmetry.layers._group_conv import GroupConv
from gramian.symmetry.layers._pooling import SetPool

__all__ = [
    "CircularConv1d",
    "CircularConv2d",
    "ComplexCells",
    "DeepSet",
    "EquivariantLinear",
    "GroupConv",
    "SetPool",
    "SimpleCells",
]
