"""Tests with a verdict: is this layer invariant, is it equivariant, and how sure is that?"""

from __future__ import annotations

from gramian.symmetry.verdicts._audit import Audit, audit
from gramian.symmetry.verdicts._controls import group_averaged, with_random_weights
from gramian.symmetry.verdicts._multiplicity import holm
from gramian.symmetry.verdicts._power import required_rows
from gramian.symmetry.verdicts._result import SymmetryResult
from gramian.symmetry.verdicts._test import equivariance_test, invariance_test

__all__ = [
    "Audit",
    "SymmetryResult",
    "audit",
    "equivariance_test",
    "group_averaged",
    "holm",
    "invariance_test",
    "required_rows",
    "with_random_weights",
]
