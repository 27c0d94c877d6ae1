"""What a backend's answer may be off by, in one table with its reasons, and the comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from tests.engine.conformance_calls import BRAIN, DOUBLE, HALF, SINGLE
from torch import Tensor

import gramian as gm
from gramian.engine import reference
from gramian.engine.call import Call
from gramian.pairwise._base import Elementary


@dataclass(frozen=True)
class Tolerance:
    """|found − truth| ≤ relative · |truth| + of_row · (largest magnitude of the row's terms)."""

    relative: float
    of_row: float


# A row's terms are its entries (block), or entries times right-hand sides, summed (sums).
TOLERANCES: dict[tuple[str, torch.dtype], Tolerance] = {
    # 16-bit data is computed in float32, so one rounding to 11 or 8 bits is all that shows
    ("block", HALF): Tolerance(1e-3, 2e-5),
    ("block", BRAIN): Tolerance(8e-3, 2e-5),
    # the product form in float32: (d + 8) u (‖a‖ + ‖b‖)², graded so that kernels err below 1e-5
    ("block", SINGLE): Tolerance(1e-5, 2e-5),
    # the same in float64, graded below 1e-9
    ("block", DOUBLE): Tolerance(1e-9, 1e-9),
    # sums add errors of entries, at most 480 float32 terms between additions in float64
    ("product", HALF): Tolerance(1e-3, 2e-5),
    ("product", BRAIN): Tolerance(8e-3, 2e-5),
    ("product", SINGLE): Tolerance(1e-5, 2e-5),
    ("product", DOUBLE): Tolerance(1e-9, 1e-9),
    # log-sum-exp errs by the error of its largest entry, which is the scale of its row
    ("logsumexp", HALF): Tolerance(1e-3, 2e-5),
    ("logsumexp", BRAIN): Tolerance(8e-3, 2e-5),
    ("logsumexp", SINGLE): Tolerance(1e-5, 2e-5),
    ("logsumexp", DOUBLE): Tolerance(1e-9, 1e-9),
    # weights err by the error of their logarithm: ten times what entries of kernels err by
    ("weighted_mean", HALF): Tolerance(1e-3, 2e-4),
    ("weighted_mean", BRAIN): Tolerance(8e-3, 2e-4),
    ("weighted_mean", SINGLE): Tolerance(1e-5, 2e-4),
    ("weighted_mean", DOUBLE): Tolerance(1e-9, 1e-8),
    # searches return float64 brute force rounded once; exp may differ in its last bit
    **{("search", dtype): Tolerance(torch.finfo(dtype).eps, 0) for dtype in (HALF, BRAIN, SINGLE)},
    ("search", DOUBLE): Tolerance(1e-14, 0),
    # compositions and inner products are added in another order, still in float64
    **{("by entry", t): Tolerance(torch.finfo(t).eps, 1e-13) for t in (HALF, BRAIN, SINGLE)},
    ("by entry", DOUBLE): Tolerance(1e-12, 1e-12),
}


def assert_near(
    found: Tensor,
    truth: Tensor,
    row_scale: Tensor,
    tolerance: Tolerance,
    flushed: Tensor | float = 1.0,
) -> None:
    """Equal up to the tolerance, after the truth is rounded to the dtype of ``found``.

    ``flushed`` says how many numbers of a row, each with its weight, may count as zero when they
    are below the normal ones.
    """
    assert found.shape == truth.shape
    rounded = truth.to(found.dtype).double()
    found = found.double()
    same = (found == rounded) | (found.isnan() & rounded.isnan())
    finite = rounded.isfinite() & row_scale.isfinite()
    allowed = tolerance.relative * truth.abs() + tolerance.of_row * row_scale
    allowed = allowed + torch.finfo(SINGLE).tiny * flushed * (truth != 0)
    good = same | (finite & ((found - truth).abs() <= allowed))
    if not bool(good.all()):
        worst = (found - truth).abs().where(~good, torch.zeros(())).nan_to_num(torch.inf).argmax()
        raise AssertionError(
            f"{int((~good).sum())} of {good.numel()} differ, such as {found.flatten()[worst]:.9g} "
            f"for {truth.flatten()[worst]:.9g} at {int(worst)}, where "
            f"{allowed.expand_as(truth).flatten()[worst]:.3g} is allowed"
        )


def assert_search(call: Call, values: Tensor | None, indices: Tensor) -> None:
    """The k best of each row: to the index where order is by the form, else any of equal merit."""
    dense = reference.dense(call)
    assert indices.dtype == torch.int64
    assert bool(((indices >= 0) & (indices < dense.shape[1])).all())
    assert all(len(set(row)) == call.k for row in indices.tolist()), "a column came twice"
    chosen = dense.gather(1, indices)
    truth, order = reference.run(call)
    if call.ordered and exactly_ordered(call.kernel):
        assert torch.equal(indices, order)
        kind = "search"
    else:
        kind = "by entry"
        merit = Tolerance(1e-12, 1e-12)
        assert_near(chosen, truth, dense.abs().amax(1, keepdim=True), merit)
    if values is not None:
        tolerance = TOLERANCES[kind, call.x.dtype]
        assert_near(values, chosen, dense.abs().amax(1, keepdim=True), tolerance)


def exactly_ordered(kernel: gm.PairFunction) -> bool:
    """Inner products are not added in feature order."""
    return isinstance(kernel, Elementary) and kernel.form != "dot"


def scale_of_rows(call: Call) -> Tensor:
    """The largest magnitude among the terms of each row."""
    dense = reference.dense(call)
    terms = dense.abs()
    if not exactly_ordered(call.kernel):
        # their entries are sums of both signs: a small one errs by the size of its neighbours
        terms = torch.full_like(terms, float(terms.amax()))
    if call.reduction == "product":
        return terms @ call.weights.double().abs() if call.weights is not None else terms.sum(1)
    if call.reduction == "weighted_mean":
        assert call.weights is not None
        return call.weights.double().abs().amax(0, keepdim=True).expand(len(dense), -1)
    return terms.amax(1) if call.reduction == "logsumexp" else terms.amax(1, keepdim=True)


def assert_agrees(call: Call, found: Any) -> None:
    """A backend's answer to ``call`` is the reference's."""
    if call.reduction == "topk":
        values, indices = found
        assert_search(call, values if call.values else None, indices)
        return
    truth = reference.run(call)
    if call.reduction == "count":
        assert isinstance(truth, Tensor)
        assert found.dtype == (torch.int64 if call.weights is None else DOUBLE)
        torch.testing.assert_close(found, truth, rtol=1e-12, atol=1e-12)
    elif call.reduction == "neighbors":
        assert torch.equal(found[0], truth[0])
        assert torch.equal(found[1], truth[1])
        kind = "search" if exactly_ordered(call.kernel) else "by entry"
        largest = truth[2].abs().amax() if len(truth[2]) else torch.zeros(())
        assert_near(found[2], truth[2], largest, TOLERANCES[kind, call.x.dtype])
    else:
        assert isinstance(truth, Tensor)
        assert found.dtype == call.x.dtype
        tolerance = TOLERANCES[call.reduction, call.x.dtype]
        assert_near(found, truth, scale_of_rows(call), tolerance, flushed_terms(call))


def flushed_terms(call: Call) -> Tensor | float:
    """How many terms of a row may count as zero: in sums every entry, and what it adds up to."""
    if call.reduction != "product":
        return 1.0
    weights = 0.0 if call.weights is None else call.weights.double().abs().sum(0)
    return len(call.y) + weights
