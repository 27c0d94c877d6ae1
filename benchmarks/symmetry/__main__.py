"""``python -m benchmarks.symmetry power | recovery | training | audit``: tables and pictures.

The first three print rates over many draws; ``audit FOLDER`` trains networks on MNIST and tests
their layers.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import NormalDist

import torch
from matplotlib.axes import Axes

from benchmarks.symmetry import digits, orbits
from benchmarks.symmetry import simulations as known
from gramian.plot import style

OUT = Path(__file__).resolve().parents[2] / "out" / "symmetry"
Rates = dict[str, list[tuple[float, float]]]


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0; 1 if a promised rate is missed; 2 if the command makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.symmetry", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, trials) in COMMANDS.items():
        rates = commands.add_parser(name)
        rates.add_argument("--trials", type=int, default=trials, help="draws behind every rate")
    audit = commands.add_parser("audit")
    audit.add_argument(
        "folder", type=Path, nargs="?", help="of the complete MNIST; without it, the small set"
    )
    audit.add_argument("--epochs", type=int, default=1, help="of training")
    audit.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    for command in commands.choices.values():
        command.add_argument("--out", type=Path, default=OUT, help="folder of the pictures")
    options = parser.parse_args(arguments)
    for name in ("trials", "epochs", "threads"):
        if getattr(options, name, 1) < 1:
            parser.error(f"--{name} must be at least 1, got {getattr(options, name)}.")
    options.out.mkdir(parents=True, exist_ok=True)
    if options.command == "audit":
        torch.set_num_threads(options.threads)
        held = digits.study(*digits.read(options.folder), options.epochs, options.out)
    else:
        torch.set_num_threads(1)  # many small problems
        run, _ = COMMANDS[options.command]
        held = run(options.trials, options.out)
    return 0 if held else 1


def rate(event: Callable[[int], bool], trials: int) -> float:
    """How often an event happens over the seeds 0, 1, …"""
    return sum(event(seed) for seed in range(trials)) / trials


def binomial_interval(share: float, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Where an observed rate lies with probability ``level`` if the true one is ``share``."""
    half = NormalDist().inv_cdf((1 + level) / 2) * (share * (1 - share) / trials) ** 0.5
    return share - half, share + half


def power(trials: int, out: Path) -> bool:
    """Size of every test, and power against the invariant share of the variance."""
    low, high = binomial_interval(0.05, trials)
    print(f"5 % in {trials} trials: {low:.3f} to {high:.3f}")
    rows = (12, 20, 40, 80)
    size: Rates = {
        test: [(n, rate(partial(known.rejects, 0.0, n, test), trials)) for n in rows]
        for test in known.TESTS
    }
    exact = [found for line in size.values() for _, found in line]
    size["margin"] = [(n, rate(partial(known.boundary_claim, n), trials)) for n in rows]
    show("size", "rows", size)
    shares = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
    curve: Rates = {
        f"{n} rows": [
            (share, rate(partial(known.rejects, share, n, "invariance"), trials))
            for share in shares
        ]
        for n in rows[1:]
    }
    show("power", "share", curve)
    picture(out / "size.png", "rows", "rejections of a true hypothesis", size, band=(low, high))
    picture(out / "power.png", "invariant share of the variance", "power", curve)
    at_effect = dict(curve[f"{known.DOCUMENTED_ROWS} rows"])[known.DOCUMENTED_EFFECT]
    least, most = binomial_interval(0.05, trials, level=0.999)  # of eight rates at once
    return at_effect >= 0.9 and all(least <= found <= most for found in exact)


def recovery(trials: int, out: Path) -> bool:
    """How often a group is found again, against the noise on its Gramian."""
    levels = (0.0, 0.02, 0.04, 0.08, 0.12, 0.16)
    rates: Rates = {
        name: [(noise, rate(partial(known.recovered, name, noise), trials)) for noise in levels]
        for name in known.GROUPS
    }
    show("recovery", "noise", rates)
    picture(out / "recovery.png", "noise of an entry / spread of the Gramian", "recovered", rates)
    return all(dict(line)[known.DOCUMENTED_NOISE] >= 0.95 for line in rates.values())


def training(trials: int, out: Path) -> bool:
    """How often trained weights show the group of their data, by what was added to the loss."""
    studies: dict[str, list[tuple[float, float, int, int]]] = {
        "noise": [(noise, noise, 0, 5) for noise in (0.0, 0.05, 0.1, 0.2)],
        "missing elements": [(missing, 0.0, missing, 5) for missing in (0, 1, 2)],
        "units": [(units, 0.0, 0, units) for units in (5, 7, 10)],
    }
    for data, methods in orbits.METHODS.items():
        for name, cases in studies.items():
            rates: dict[str, Rates] = {"named": {}, "carried": {}}
            for method in methods:
                found = [
                    [
                        orbits.trained(data, method, noise, missing, units, seed)
                        for seed in range(trials)
                    ]
                    for _, noise, missing, units in cases
                ]
                for what, lines in rates.items():
                    shares = [sum(getattr(one, what) for one in row) / trials for row in found]
                    places = [at for at, *_ in cases]
                    lines[method] = list(zip(places, shares, strict=True))
            for what, lines in rates.items():
                show(f"{data}, {what}", name, lines)
                path = out / f"training-{data}-{name.split()[0]}-{what}.png"
                picture(path, name, f"group of the data {what}", lines)
    return True


COMMANDS: Mapping[str, tuple[Callable[[int, Path], bool], int]] = {
    "power": (power, 1000),
    "recovery": (recovery, 100),
    "training": (training, 20),
}


def show(title: str, across: str, rates: Rates) -> None:
    """The rates as a table."""
    columns = [at for at, _ in next(iter(rates.values()))]
    print(f"\n{title:24}" + "".join(f"{f'{across} {at:g}':>22}" for at in columns))
    for name, line in rates.items():
        print(f"{name:24}" + "".join(f"{found:22.3f}" for _, found in line), flush=True)


def picture(
    path: Path, x: str, y: str, rates: Rates, *, band: tuple[float, float] | None = None
) -> None:
    """The rates as curves."""
    figure = style.figure(style.WIDE, 4.4)
    ax: Axes = figure.add_subplot()
    for rank, (name, line) in enumerate(rates.items()):
        color, marker = style.LIGHT.color(rank), style.MARKERS[rank // 8]
        ax.plot(*zip(*line, strict=True), color=color, marker=marker, lw=1.6, ms=5, label=name)
    if band:
        ax.axhspan(*band, color=style.LIGHT.grid, zorder=0, label="5 %, 95 % interval")
    ax.set(xlabel=x, ylabel=y, ylim=(0, None if band else 1.03))
    ax.legend(ncols=2, fontsize=8)
    figure.savefig(path)
    print(path)


if __name__ == "__main__":
    sys.exit(main())
