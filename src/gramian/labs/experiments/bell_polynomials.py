"""Is a polynomial with hierarchical structure easier to learn than a scrambled twin?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from gramian import train
from gramian.labs import Claim, Context, Lab, PublishedError, Result, negative, positive, statistics
from gramian.labs.experiments._bell import (
    BELL6,
    Points,
    Polynomial,
    TargetNet,
    evaluate,
    has_equal_monomials,
    is_renaming,
    misses_a_variable,
    recurrence,
    renamed,
    scrambled,
    sweeps,
    twins,
)
from gramian.labs.experiments._bell_figures import draw_all

LAB = Lab(
    name="bell-polynomials",
    topic="networks",
    question="Is a polynomial with hierarchical structure easier to learn than a scrambled twin?",
    answer="It is: twins are learnt with more error; renaming all variables alike costs nothing.",
    source="Advanced topics in machine learning (University of Trieste), challenge 2024, part B",
    method=(
        "B₆, the sixth complete Bell polynomial, has eleven monomials and follows from the "
        "recurrence Bₙ₊₁ = Σₖ C(n, k) Bₙ₋ₖ xₖ₊₁. A twin has the same monomials, but in each the "
        "variables are renamed by a permutation of its own. Twins with two equal monomials or "
        "without some variable are drawn again. One permutation for all monomials makes no twin "
        "but the same polynomial in other names; all 720 are tried to rule that out.\n\n"
        "Nets with eight hidden layers of 50 units and skips (18,251 parameters) learn each "
        "polynomial from points of U[0, 2]⁶, targets standardised, with Adam, the rate falling as "
        "a cosine. Every first rate is tried for every polynomial, and the one with the least "
        "validation error is kept. NMSE = mean (ŷ − y)² / var y on test points that no choice "
        "sees. The ratio of a twin is its NMSE over that of B₆ with the same first weights; its "
        "mean is geometric.\n\n"
        "In a sweep one variable runs over [0, 2] while the others are 1; its error is divided by "
        "the variance of the polynomial."
    ),
    claims=(
        Claim("formula", "The monomials are those of the recurrence.", "formula-error", "<", 1e-11),
        Claim(
            "values",
            "B₆ is 203 where all variables are 1, and 2430 where they are 2.",
            "values",
            "==",
            [203, 2430],
            kind="exact",
        ),
        Claim("not-renamed", "No twin is B₆ in other names.", "renamings", "==", 0, kind="exact"),
        Claim(
            "redrawn",
            "One scrambling in fifteen has equal monomials, one in eight misses a variable.",
            ("equal-monomials-off", "missing-variable-off"),
            "<",
            0.015,
        ),
        Claim("learns", "B₆ is learnt.", "nmse-of-bell", "<", 0.02, figure="curves"),
        Claim("harder", "Twins are learnt with more error.", "ratio", ">=", 1.5, figure="ratios"),
        Claim(
            "harder-by-pairs",
            "Over pairs of twins and first weights, the error is larger.",
            "log-ratio",
            ">",
            0.0,
            kind="statistical",
            modes=("full",),
            figure="ratios",
        ),
        Claim(
            "renaming",
            "B₆ in other names is learnt as well as B₆.",
            "ratio-renamed",
            "in",
            (0.6, 1.6),
            figure="ratios",
        ),
    ),
    controls=(
        positive("renamed-points", "B₆ in other names is B₆ at renamed points.", claim="formula"),
        negative("missing-monomial", "Without 10x₃² it is another polynomial.", claim="formula"),
        negative(
            "global-permutation",
            "One permutation for all monomials is found out each time.",
            claim="not-renamed",
            must=("==", 200),
        ),
        negative("untrained", "Nets before training do not know it.", claim="learns"),
        negative("linear", "Nor does a linear fit.", claim="learns", must=(">", 0.1)),
        negative("other-names", "B₆ in other names is not harder.", claim="harder"),
        negative("one-twin", "A twin is not learnt as well as B₆.", claim="renaming"),
    ),
    published_errors=(
        PublishedError(
            "challenge 2024, part B",
            "a scrambling may have equal monomials or miss a variable",
            "such twins are drawn again, and how often that is needed is counted",
        ),
    ),
    quick={
        "points": 20_000,
        "test": 20_000,
        "batch_size": 100,
        "epochs": 8,
        "twins": 3,
        "seeds": 3,
        "rates": [3e-3, 6e-3],
    },
    full={
        "points": 100_000,
        "test": 60_000,
        "batch_size": 20,
        "epochs": 30,
        "twins": 4,
        "rates": [1e-3, 2e-3],
    },
    seconds=(55, 2400),
)

DRAWS, TWINS, VALIDATION = 10_000, 200, 4_000
EQUAL, MISSING = 1 / 15, 0.122
"""Shares of scramblings with equal monomials, and without some variable."""


def run(context: Context) -> Result:
    result = Result(context)
    rng = context.generator()
    context.progress("scrambling")
    pairs = check_algebra(result, rng)
    targets = {"bell": BELL6}
    targets |= {f"twin-{k + 1}": twin for k, twin in enumerate(pairs[: context["twins"]])}
    targets["renamed"] = renamed(BELL6, torch.randperm(6, generator=rng).tolist())
    sizes = context["points"], VALIDATION, context["test"]
    data = Points(list(targets.values()), sizes, context["batch_size"], rng)
    sweep = trained(context, list(targets), data)

    def errors(name: str, models: list[Any]) -> np.ndarray:
        X, y = data.test[0], data.test[1][:, list(targets).index(name)]
        found = [(train.predict(model, X)[:, 0] - y).square().mean() / y.var() for model in models]
        return np.array([float(error) for error in found])

    seeds = context.seeds(context["seeds"])
    best = {name: [sweep.best(init=name, seed=seed) for seed in seeds] for name in targets}
    models = {name: [sweep.models[i] for i in runs] for name, runs in best.items()}
    error = {name: errors(name, own) for name, own in models.items()}
    result.measure("rates", [sweep.runs[runs[0]].lr for runs in best.values()])
    untrained = [TargetNet(torch.ones(1), 1e-3, seed) for seed in seeds]
    linear = float(data.linear_error()[0] / data.test[1][:, 0].var())
    cases = {
        "bell": error["bell"],
        "untrained": errors("bell", untrained),
        "linear": np.array([linear]),
    }
    result.contrast("nmse-of-bell", cases, lambda e: float(e.mean()), tolerance=0.02)

    logs = {name: np.log(e / error["bell"]) for name, e in error.items()}
    hard = np.concatenate([logs[name] for name in targets if name.startswith("twin")])
    for id, ours, other in (
        ("ratio", {"twins": hard}, {"other-names": logs["renamed"]}),
        ("ratio-renamed", {"renamed": logs["renamed"]}, {"one-twin": hard}),
    ):
        result.contrast(id, ours | other, lambda e: float(np.exp(e.mean())), tolerance=0.2)
    if context.mode == "full":
        result.measure("log-ratio", statistics.sign_flip(hard), tolerance=0.2)

    lines = {
        name: sweeps(models[name][0], data, place)
        for place, name in enumerate(targets)
        if name in ("bell", "twin-1")
    }
    for name, six in lines.items():
        off = [float((predicted - true).square().mean()) for true, predicted in six]
        result.measure(f"sweep-errors-of-{name}", off, tolerance=0.02)
    draw_all(result, sweep, best, {name: np.exp(e) for name, e in logs.items()}, lines)
    return result


def check_algebra(result: Result, rng: torch.Generator) -> list[Polynomial]:
    """What holds of the polynomials without any training; gives two hundred twins."""
    X = 2 * torch.rand(1000, 6, generator=rng)
    order = torch.randperm(6, generator=rng).tolist()
    truth = recurrence(X)
    cases = {
        "monomials": (BELL6, X),
        "renamed-points": (renamed(BELL6, np.argsort(order).tolist()), X[:, order]),
        "missing-monomial": (tuple(part for part in BELL6 if part[1] != (2, 2)), X),
    }
    result.contrast(
        "formula-error",
        cases,
        lambda case: float((evaluate(*case) / truth - 1).abs().max()),
    )
    corners = torch.tensor([[1.0], [2.0]]).expand(2, 6)
    result.measure("values", evaluate(BELL6, corners).int().tolist())

    drawn = [scrambled(rng) for _ in range(DRAWS)]
    for id, fault, expected in (
        ("equal-monomials", has_equal_monomials, EQUAL),
        ("missing-variable", misses_a_variable, MISSING),
    ):
        rate = statistics.wilson(sum(map(fault, drawn)), DRAWS)
        result.measure(id, rate, tolerance=0.02)
        result.measure(f"{id}-off", abs(rate.value - expected), tolerance=0.02)
    found = twins(TWINS, rng)
    orders = [torch.randperm(6, generator=rng).tolist() for _ in range(TWINS)]
    groups = {"twins": found, "global-permutation": [renamed(BELL6, order) for order in orders]}
    result.contrast("renamings", groups, lambda group: sum(map(is_renaming, group)))
    return found


def trained(context: Context, names: list[str], data: Points) -> train.Sweep:
    """A net for every polynomial, rate and seed, all side by side."""
    context.progress("training")
    steps = context["epochs"] * len(data.train_dataloader())
    annealing = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=steps)
    columns = torch.eye(len(names))
    return train.fit_many(
        {name: partial(TargetNet, column) for name, column in zip(names, columns, strict=True)},
        data,
        lrs=context["rates"],
        seeds=context.seeds(context["seeds"]),
        max_epochs=context["epochs"],
        schedule=train.Schedule(annealing, "step"),
    )
