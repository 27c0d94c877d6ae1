"""Can the Gramian of learned weights reveal the group of the data?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gramian import symmetry
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive, statistics
from gramian.labs.experiments._orbit_figures import draw_all, draw_recovery
from gramian.labs.experiments._plane_orbits import (
    ACCEPTED,
    CIRCULANT,
    Case,
    Reading,
    circles,
    train_nets,
)
from gramian.symmetry import Cyclic, Dihedral, FiniteGroup, GroupAnalysis, Symmetric

LAB = Lab(
    name="symmetry-discovery",
    topic="symmetry",
    question="Can the Gramian of learned weights reveal the group of the data?",
    answer="Only with a test on data: a penalty alone makes circulant Gramians, on any labels.",
    source="Advanced topics in machine learning (University of Trieste), challenge 2023, part 2",
    method=(
        "If the rows of W are an orbit, entry (i, j) of G = WWᵀ depends on gᵢ⁻¹gⱼ alone. Sorted "
        "rows of G then agree, which the penalty asks for: rows are compared with the mean sorted "
        "row, and a term against collapse keeps the rank. Equal sorted rows prove nothing. A group "
        "is named where permutations that leave G unchanged act regularly, and where random "
        "Gramians of the same spectrum do so in at most 5 % of draws. Five units have too few "
        "entries to tell them from chance every time.\n\n"
        "Nets of 12 units, which their readout sees together, learn orbits of C₁₂ on five circles, "
        "labelled by the circle; or the same points with shuffled labels; or orbits of C₇. The "
        "layer is read by angle: the map that takes each unit to the next is carried to the plane "
        "by least squares, and tried on orbits that were held out, made like those that were seen. "
        "A point is kept if it lands within 5 % of its radius from a point with the same label. A "
        "run is accepted where C₁₂ is named, G is circulant to one part in a thousand, and 95 % "
        "of the points are kept.\n\n"
        "The commutator of covariances, ‖[C, WᵀW]‖ relative to the norms, is 0 for every W where C "
        "is a multiple of the identity, as it is for whole orbits of turns in the plane."
    ),
    claims=(
        Claim(
            "recovery",
            "Orbits of six units and more are named, with noise of 0.01.",
            "recovered",
            ">=",
            0.95,
            figure="recovery",
        ),
        Claim(
            "recovery-rate",
            "They are in more than 95 % of all draws.",
            "recovered",
            ">",
            0.95,
            kind="statistical",
            modes=("full",),
            figure="recovery",
        ),
        Claim(
            "impostor",
            "C₃ ∪ C₄ + 2I, whose sorted rows agree, is never called a group.",
            "impostors-named",
            "==",
            0,
            kind="exact",
        ),
        Claim(
            "vacuous",
            "In the plane the commutator is 0 for random weights.",
            "commutator-of-random-weights",
            "<",
            1e-5,
        ),
        Claim(
            "accepts",
            "Where training on orbits of C₁₂ converged to C₁₂, held-out points are kept.",
            "kept",
            ">=",
            0.95,
            figure="evidence",
        ),
        Claim(
            "rejects",
            "With shuffled labels, or orbits of C₇, no run is accepted.",
            "wrongly-accepted",
            "==",
            0,
            kind="exact",
            figure="evidence",
        ),
    ),
    controls=(
        positive("exact-orbits", "Orbits without noise are named.", claim="recovery"),
        negative("heavy-noise", "With noise of 1 they are not.", claim="recovery"),
        negative(
            "real-orbits", "Orbits of C₇ are called groups.", claim="impostor", must=(">", 10)
        ),
        negative(
            "shifts", "For shifts of 12 numbers it is not.", claim="vacuous", must=(">", 0.01)
        ),
        negative(
            "random-labels",
            "Shuffled labels are kept at chance.",
            claim="accepts",
            must=("<=", 0.6),
        ),
        negative(
            "wrong-order",
            "Orbits of C₇ are not kept by turns of C₁₂.",
            claim="accepts",
            must=("<=", 0.6),
        ),
        negative("no-regulariser", "Units that are read alone are no orbit.", claim="accepts"),
        negative(
            "no-data-test",
            "Circulant Gramians alone accept runs on wrong data.",
            claim="rejects",
        ),
    ),
    published_errors=(
        PublishedError(
            "challenge 2023, part 2, commutator",
            "data in the plane: the term is 0 for every weight matrix",
            "it is left out, and measured on random weights",
        ),
        PublishedError(
            "challenge 2023, part 2, sorted rows",
            "equal sorted rows are taken for a group",
            "permutations are recovered, and must act regularly",
        ),
        PublishedError(
            "challenge 2023, part 2, evidence",
            "the penalty makes what is then found",
            "the generator is tried on held-out data; shuffled labels and another group are run",
        ),
    ),
    quick={"draws": 20, "seeds": 8, "steps": 1200},
    full={"draws": 100, "seeds": 24, "steps": 1500},
    seconds=(50, 900),
)

GROUPS: dict[str, FiniteGroup] = {
    **{f"C{n}": Cyclic(n) for n in (7, 8, 12)},
    **{f"D{n}": Dihedral(n) for n in (4, 5)},
    "S3": Symmetric(3),
}
NOISE, LEVELS = 0.01, (0.01, 0.03, 0.06, 0.1, 0.2)
SEEN, HELD_OUT = (1.0, 1.5, 2.0, 2.5, 3.0), (0.8, 1.3, 1.9, 2.6, 3.2)


def orbit(group: FiniteGroup, noise: float, seed: int) -> Tensor:
    """Of a normal template under the group's own action, units in random order."""
    rng, n = torch.Generator().manual_seed(seed), group.order
    weight = group.regular().orbit(torch.randn(n, generator=rng, dtype=torch.float64))
    weight = weight[torch.randperm(n, generator=rng)]
    return weight + noise * torch.randn(weight.shape, generator=rng, dtype=torch.float64)


def group_of(weight: Tensor) -> GroupAnalysis | None:
    return symmetry.identify_group(weight @ weight.T, random_state=0)


def is_named(group: FiniteGroup, noise: float, seed: int) -> bool:
    found = group_of(orbit(group, noise, seed))
    return found is not None and group.name in found.candidates


def two_rings(seed: int) -> Tensor:
    """C₃ ∪ C₄ + 2I with its rows and columns in random order."""
    rings = [torch.eye(n).roll(1, 0) + torch.eye(n).roll(-1, 0) for n in (3, 4)]
    order = torch.randperm(7, generator=torch.Generator().manual_seed(seed))
    return (torch.block_diag(*rings) + 2 * torch.eye(7))[order][:, order]


def shuffled(labels: Tensor, rng: torch.Generator) -> Tensor:
    return labels[torch.randperm(len(labels), generator=rng)]


def run(context: Context) -> Result:
    result = Result(context)
    check_known_groups(context, result)
    check_commutator(context, result)

    rng = context.generator(1)
    seen, labels = circles(12, SEEN, rng)
    held, held_labels = circles(12, HELD_OUT, rng)
    fewer, held_fewer = circles(7, SEEN, rng), circles(7, HELD_OUT, rng)
    cases = {
        "C₁₂": (Case(seen, labels), (held, held_labels)),
        "random-labels": (Case(seen, shuffled(labels, rng)), (held, shuffled(held_labels, rng))),
        "wrong-order": (Case(*fewer), held_fewer),
        "no-regulariser": (Case(seen, labels, strength=0.0, pooled=False), (held, held_labels)),
    }
    seeds = context.seeds(context["seeds"])
    readings = {
        name: [Reading(weight, *fresh) for weight in train_nets(case, context["steps"], seeds)]
        for name, (case, fresh) in context.each(list(cases.items()), "training")
    }
    context.progress("reading weights")
    for name, id in (("C₁₂", "named"), ("random-labels", "named-with-random-labels")):
        named = sum(one.named for one in readings[name])
        result.measure(id, statistics.wilson(named, len(seeds)), tolerance=0.02)
    least = readings["C₁₂"]
    result.contrast("kept", readings, lambda runs: kept(runs, least=runs is least), tolerance=0.02)
    wrong = [*readings["random-labels"], *readings["wrong-order"]]
    tests: dict[str, Callable[[Reading], bool]] = {
        "data test": lambda one: one.named and one.kept >= ACCEPTED,
        "no-data-test": lambda one: one.circulance >= CIRCULANT,
    }
    result.contrast("wrongly-accepted", tests, lambda accept: sum(map(accept, wrong)))
    turn = Cyclic(12).plane().matrices()[1].float()
    ratios = [
        symmetry.invariance_test(one.pooled, held, lambda x: x @ turn.T, random_state=0).ratio
        for one in readings["C₁₂"]
        if one.named
    ]
    result.measure("T-of-pooled-units", max(ratios, default=1.0), tolerance=0.02)
    draw_all(result, readings)
    return result


def kept(runs: list[Reading], *, least: bool) -> float:
    """The least share of points that a named run keeps; the largest of all runs for controls."""
    if least:
        return min((one.kept for one in runs if one.named), default=0.0)
    return max(one.kept for one in runs)


def check_known_groups(context: Context, result: Result) -> None:
    """Groups that are known, with noise, and an impostor."""
    draws = context.seeds(context["draws"])

    def rate(noise: float, seeds: list[int]) -> statistics.Estimate:
        hits = [is_named(group, noise, seed) for group in GROUPS.values() for seed in seeds]
        return statistics.wilson(sum(hits), len(hits))

    context.progress("known groups")
    levels = {
        "noise of 0.01": (NOISE, draws),
        "exact-orbits": (0.0, draws[:5]),
        "heavy-noise": (1.0, draws[:5]),
    }
    result.contrast("recovered", levels, lambda level: rate(*level), tolerance=0.02)
    shown = {group.name: group for group in (Cyclic(5), Cyclic(12), Dihedral(5), Symmetric(3))}
    curves = {
        name: [sum(is_named(group, noise, s) for s in draws[:6]) / 6 for noise in LEVELS]
        for name, group in context.each(list(shown.items()), "curve")
    }
    orbits = [orbit(Cyclic(7), NOISE, seed) for seed in draws]
    odd = torch.randn(1, 7, generator=context.generator(3), dtype=torch.float64)
    for id, change in (
        ("named-with-a-unit-missing", lambda weight: weight[1:]),
        ("named-with-a-unit-more", lambda weight: torch.cat([weight, odd])),
    ):
        result.measure(id, sum(group_of(change(weight)) is not None for weight in orbits))
    gramians = {
        "impostors": [two_rings(seed) for seed in draws],
        "real-orbits": [weight @ weight.T for weight in orbits],
    }
    result.contrast(
        "impostors-named",
        gramians,
        lambda each: sum(
            symmetry.identify_group(G, random_state=seed) is not None
            for G, seed in zip(each, draws, strict=True)
        ),
    )
    rows = two_rings(0).sort(1).values
    result.measure("sorted-rows-of-impostor-differ", float((rows - rows[0]).abs().max()))
    result.figure(
        "recovery",
        lambda ax, theme: draw_recovery(ax, theme, LEVELS, curves),
        title="Share of draws in which the group is named, against noise on the weights",
        alt="Four lines that are at 1 for little noise and fall to 0 as it grows.",
        data={"noise": list(LEVELS), **curves},
    )


def check_commutator(context: Context, result: Result) -> None:
    """The commutator of random weights with whole orbits, in the plane and of shifts."""
    rng = context.generator(2)
    plane, _ = circles(12, SEEN, rng)
    shifts = symmetry.cyclic_shifts(12).orbit(torch.randn(12, generator=rng))

    def largest(data: Tensor) -> float:
        weights = torch.randn(50, 12, data.shape[1], generator=rng)
        covariance = data.T @ data
        return max(float(symmetry.relative_commutator(w, covariance)) for w in weights)

    result.contrast(
        "commutator-of-random-weights", {"plane": plane, "shifts": shifts}, largest, tolerance=0.02
    )
