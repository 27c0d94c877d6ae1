"""Discovery: the group that weights have learned, by name."""

from __future__ import annotations

from gramian.symmetry.discovery._animation import animate_orbit
from gramian.symmetry.discovery._circulance import circulance
from gramian.symmetry.discovery._commutator import commutator_null, relative_commutator
from gramian.symmetry.discovery._identify import GroupAnalysis, identify_group
from gramian.symmetry.discovery._input_maps import InputMaps, input_maps
from gramian.symmetry.discovery._orbit_net import OrbitNet, orbit_data, train_orbit_net
from gramian.symmetry.discovery._regularizer import SymmetryRegularizer
from gramian.symmetry.discovery._soft import soft_rank, soft_sort

__all__ = [
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
]
