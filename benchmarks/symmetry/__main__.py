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

import torch

from benchmarks.symmetry import digits, orbits
from benchmarks.symmetry import simulations as known
from benchmarks.symmetry.rates import Rates, binomial_interval, picture, rate, record, show

OUT = Path(__file__).resolve().parents[2] / "out" / "symmetry"


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


def power(trials: int, out: Path) -> bool:
    """Size of every test, and power against the invariant share of the variance."""
    low, high = binomial_interval(0.05, trials)
    print(f"5 % in {trials} trials: {low:.3f} to {high:.3f}")
    rows = (12, 20, 40, 80)
    size = {
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
    picture(
        out / "size.png",
        {"": size},
        ["rows"],
        "rejections of a true hypothesis",
        band=(low, high),
    )
    across = "invariant share of the variance"
    picture(out / "power.png", {"": curve}, [across], "rate of p ≤ 0.05")
    record(out / "power.json", f"power --trials {trials}", size=size, power=curve)
    at_effect = dict(curve[f"{known.DOCUMENTED_ROWS} rows"])[known.DOCUMENTED_EFFECT]
    least, most = binomial_interval(0.05, trials, level=0.999)  # of eight rates at once
    return at_effect >= 0.9 and all(least <= found <= most for found in exact)


def recovery(trials: int, out: Path) -> bool:
    """How often a group is found again, against the noise on its Gramian, and impostors with it."""
    levels = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.24)
    rates: Rates = {
        name: [(noise, rate(partial(known.recovered, name, noise), trials)) for noise in levels]
        for name in known.GROUPS
    }
    show("recovery", "noise", rates)
    for name, line in rates.items():
        falls = next((noise for noise, found in line if found < 0.95), None)
        print(f"{name}: {f'below 95 % from noise {falls:g}' if falls else 'never below 95 %'}")
    draws = {name: trials * (10 if name == "random" else 1) for name in known.IMPOSTORS}
    called = {
        name: sum(known.accepted(name, seed) for seed in range(count))
        for name, count in draws.items()
    }
    for name, count in draws.items():
        print(f"{name}: {called[name]} of {count} called a group")
    across = "noise of an entry / spread of the Gramian"
    cyclic = {name: line for name, line in rates.items() if name[1:].isdigit() and name[0] == "C"}
    others = {name: line for name, line in rates.items() if name not in cyclic}
    picture(
        out / "recovery.png",
        {"cyclic groups": cyclic, "other groups": others},
        [across, across],
        "recovered",
    )
    command = f"recovery --trials {trials}"
    record(out / "recovery.json", command, recovered=rates, draws=draws, called_a_group=called)
    at_documented = [dict(line)[known.DOCUMENTED_NOISE] for line in rates.values()]
    return min(at_documented) >= 0.95 and not any(called.values())


def training(trials: int, out: Path) -> bool:
    """How often trained weights show the group of their data, by what was trained."""
    held = [orbit_training(data, trials, out) for data in orbits.ACTIONS]  # all of them
    return all(held)


def orbit_training(data: str, trials: int, out: Path) -> bool:
    """On one kind of data; False if weights trained on shuffled labels pass for the data's."""
    studies = orbits.studies_of(data)
    found: dict[tuple[str, orbits.Cell], dict[str, float]] = {}
    cells = dict.fromkeys(cell for study in studies.values() for cell in study.values())
    for cell in cells:
        for method in orbits.methods_of(data):
            outcomes = orbits.trained(data, method, cell, range(trials))
            rates = {
                what: sum(getattr(one, what) for one in outcomes) / trials
                for what in ("named", "kept", "carried")
            }
            found[method, cell] = rates
            print(f"{data}, {method}, {cell}: {rates}", flush=True)
    curves = {name: study for name, study in studies.items() if len(study) > 1}
    for what, y in (
        ("named", "group of the data named"),
        ("kept", "named, and keeps held-out orbits"),
        ("carried", "named, and moves weights as the data"),
    ):
        panels: dict[str, Rates] = {
            f"{data}: {name}": {
                method: [(at, found[method, cell][what]) for at, cell in study.items()]
                for method in orbits.methods_of(data)
            }
            for name, study in curves.items()
        }
        if panels:
            path = out / f"training-{data.replace(' ', '-')}-{what}.png"
            picture(path, panels, list(curves), y)
    record(
        out / f"training-{data.replace(' ', '-')}.json",
        f"training --trials {trials}",
        rates=[
            {"data": data, "method": method, **cell._asdict(), **rates}
            for (method, cell), rates in found.items()
        ],
    )
    return data == "plane" or not any(
        rates["kept"] for (method, _), rates in found.items() if method.startswith("shuffled")
    )


COMMANDS: Mapping[str, tuple[Callable[[int, Path], bool], int]] = {
    "power": (power, 1000),
    "recovery": (recovery, 100),
    "training": (training, 20),
}


if __name__ == "__main__":
    sys.exit(main())
