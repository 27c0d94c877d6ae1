"""What `MeanShift` may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gramian._validation import check_choice, check_int, check_real
from gramian.cluster._choose_mean import KERNELS

if TYPE_CHECKING:
    from gramian.cluster._mean_shift import MeanShift

__all__ = ["check_parameters"]

_CALLER = "MeanShift.fit"


def check_parameters(model: MeanShift) -> None:
    """Raise ``ValueError`` or ``TypeError`` for the first parameter that is impossible."""
    if model.bandwidth is not None:
        check_real(model.bandwidth, "bandwidth", _CALLER, low=0, low_open=True)
    for name in ("bin_seeding", "cluster_all"):
        check_choice(getattr(model, name), name, _CALLER, (False, True))
    check_int(model.min_bin_freq, "min_bin_freq", _CALLER, low=1)
    check_int(model.max_iter, "max_iter", _CALLER, low=0)
    if model.n_jobs is not None:
        check_int(model.n_jobs, "n_jobs", _CALLER)
    check_choice(model.kernel, "kernel", _CALLER, KERNELS)
    check_choice(model.assign, "assign", _CALLER, ("nearest", "basin"))
    if model.callback is not None and not callable(model.callback):
        raise TypeError(f"{_CALLER}: callback must be callable or None, got {model.callback!r}.")
    check_choice(model.blurring, "blurring", _CALLER, (None, "simultaneous", "in-place"))
    check_int(model.batch_size, "batch_size", _CALLER, low=1)
    if model.blurring is not None and (model.seeds is not None or model.bin_seeding):
        raise ValueError(
            f"{_CALLER}: blurring must be None where seeds or bin_seeding are given, got "
            f"{model.blurring!r}. Blurring moves every row."
        )
