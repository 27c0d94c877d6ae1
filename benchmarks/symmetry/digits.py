"""Networks trained on digits, and what an audit says of their layers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.symmetry.rates import record
from gramian.data import Dataset, load_dataset
from gramian.plot import AuditDisplay
from gramian.symmetry import Audit, Rotation, Translation, audit
from gramian.train import predict

__all__ = ["Digits", "convolutional", "linear", "read", "study", "trained"]

SIDE, CLASSES, BATCH = 28, 10, 256
REACH = 30.0
"""Degrees to either side, of the rotations in training and in the audit."""
STEP = 4
"""Pixels down and left. Two poolings make one of it; seven steps go once around the edges."""
SCORES = "scores"
"""The name of the last layer of every network."""


@dataclass(frozen=True)
class Digits:
    """Images of shape (n, 1, 28, 28), float32 in [0, 1], and their classes, (n,)."""

    images: Tensor
    classes: Tensor

    def some(self, n: int) -> Digits:
        """At most n of them, drawn once and for all."""
        rows = torch.randperm(len(self.images), generator=torch.Generator().manual_seed(0))[:n]
        return Digits(self.images[rows], self.classes[rows])

    def shuffled(self) -> Digits:
        """The same images with the classes of others."""
        order = torch.randperm(len(self.classes), generator=torch.Generator().manual_seed(0))
        return replace(self, classes=self.classes[order])


def read(folder: Path | None) -> tuple[Digits, Digits]:
    """The complete MNIST in a folder, or the small one of the package: to learn and to test."""
    name = "small-mnist" if folder is None else "mnist"
    learn, test = (load_dataset(name, split=split, root=folder) for split in ("train", "test"))
    return as_digits(learn), as_digits(test)


def as_digits(found: Dataset) -> Digits:
    """Pixels from 0 to 1, with a channel."""
    images = torch.from_numpy(found.images).unsqueeze(1).float().div_(255)
    return Digits(images, torch.from_numpy(found.y).long())


def linear() -> nn.Sequential:
    """One linear layer."""
    net = nn.Sequential(nn.Flatten())
    net.add_module(SCORES, nn.Linear(SIDE**2, CLASSES))
    return net


def convolutional() -> nn.Sequential:
    """Two circular convolutions: equivariant to the shifts by construction, up to ``flat``."""
    net = nn.Sequential()
    for number, (before, after) in enumerate(((1, 8), (8, 16)), start=1):
        conv = nn.Conv2d(before, after, 5, padding=2, padding_mode="circular")
        net.add_module(f"conv{number}", conv)
        net.add_module(f"relu{number}", nn.ReLU())
        net.add_module(f"pool{number}", nn.MaxPool2d(2))
    net.add_module("flat", nn.Flatten())
    net.add_module(SCORES, nn.Linear(16 * (SIDE // 4) ** 2, CLASSES))
    return net


def trained(
    build: Callable[[], nn.Sequential], digits: Digits, epochs: int, *, turned: bool = False
) -> nn.Sequential:
    """A network after some epochs of Adam; ``turned``: every image at a new angle each time."""
    torch.manual_seed(0)  # of the starting weights
    net, generator = build(), torch.Generator().manual_seed(1)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(digits.images), generator=generator).split(BATCH):
            x = digits.images[rows]
            if turned:
                x = Rotation.random(len(x), -REACH, REACH, random_state=generator)(x)
            loss = nn.functional.cross_entropy(net(x), digits.classes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def accuracy(net: nn.Module, digits: Digits) -> float:
    """Share of images whose class is named."""
    return float((predict(net, digits.images).argmax(1) == digits.classes).float().mean())


def steps(times: int) -> Translation:
    """Steps around the edges of an image."""
    return Translation(times * STEP, -times * STEP, wrap=True)


def step_of_maps(x: Tensor) -> Tensor:
    """What one step does to feature maps, which are smaller after each pooling."""
    pixels = STEP * x.shape[-1] / SIDE
    return Translation(pixels, -pixels, wrap=True)(x)


def examined(net: nn.Module, digits: Digits, layers: Sequence[str] | None = None) -> Audit:
    """The audit for rotations, quarter turns and shifts; the last two are whole groups."""
    n = len(digits.images)
    rotation, quarter = Rotation.random(n, -REACH, REACH, random_state=0), Rotation(90.0)
    return audit(
        net,
        digits.images,
        {"rotation": rotation, "quarter turn": quarter, "shift": steps(1)},
        layers,
        actions={"rotation": rotation, "quarter turn": quarter, "shift": step_of_maps},
        groups={
            "quarter turn": [Rotation(90.0 * k) for k in range(4)],
            "shift": [steps(k) for k in range(SIDE // STEP)],
        },
        labels=digits.classes,
        random_state=0,
    )


def study(learn: Digits, test: Digits, epochs: int, out: Path) -> bool:
    """Train, audit, print and draw; False if a control is not judged as it must be."""
    audited = test.some(1000)
    networks = {
        "linear": trained(linear, learn, epochs),
        "linear, rotated": trained(linear, learn, epochs, turned=True),
        "shuffled labels": trained(convolutional, learn.shuffled(), epochs),
        "untrained": trained(convolutional, learn, 0),
    }
    audits = {name: examined(net, audited, [SCORES]) for name, net in networks.items()}
    networks["convolutional"] = trained(convolutional, learn, epochs)
    began = time.perf_counter()
    audits["convolutional"] = examined(networks["convolutional"], audited)
    seconds = time.perf_counter() - began
    right = {name: accuracy(net, test) for name, net in networks.items()}
    for name, found in audits.items():
        show(f"{name}: {right[name]:.4f} of {len(test.images)} test images right", found)
    layers = len(dict(networks["convolutional"].named_children()))
    print(f"\n{layers} layers, {len(audited.images)} images: audited in {seconds:.1f} s")
    record(
        out / "audit.json",
        f"audit FOLDER --epochs {epochs}",
        images={
            "learn": len(learn.images),
            "test": len(test.images),
            "audited": len(audited.images),
        },
        test_images_right=right,
        rows={name: found.table().to_dicts() for name, found in audits.items()},
    )
    draw(out / "audit-layers.png", audits["convolutional"].display(), "layer")
    draw(out / "audit-networks.png", compared(audits), "network")
    return as_they_must(audits)


def compared(audits: dict[str, Audit]) -> AuditDisplay:
    """The last layer of every network in one picture."""
    rows = [
        replace(row, layer=name)
        for name, found in audits.items()
        for row in found.rows
        if row.layer == SCORES
    ]
    return Audit(tuple(rows), delta=audits["linear"].delta).display()


def as_they_must(audits: dict[str, Audit]) -> bool:
    """What is known of convolutions, averages, rotated training, and nets that learned nothing."""
    every = [row for found in audits.values() for row in found.rows]
    exact = [r for r in every if r.result.kind == "equivariance" and r.transform == "shift"]
    averaged = [row.positive for row in every if row.positive is not None]
    ignorant = [row for name in ("shuffled labels", "untrained") for row in audits[name].rows]
    with_turns, without = (audits[name].rows[0].result for name in ("linear, rotated", "linear"))
    return (
        all(row.verdict == "invariant" for row in exact)
        and max(averaged) < 0.01
        and all(row.verdict == "not invariant" for row in ignorant)
        and with_turns.interval[1] < without.interval[0]
    )


def show(title: str, found: Audit) -> None:
    """One line per layer and transform."""
    print(f"\n{title}")
    names = ("ratio", "within", "interval", "p (Holm)", "floor", "random", "average")
    print(f"{'layer':8}{'under':28}" + "".join(f"{name:>15}" for name in names) + "   verdict")
    for row in found.rows:
        result = row.result
        equivariance = result.kind == "equivariance"
        under = row.transform + (", equivariance" if equivariance else "")
        verdict = row.verdict.replace("invariant", "equivariant") if equivariance else row.verdict
        numbers = (
            number(result.ratio),
            number(result.within_ratio),
            f"{result.interval[0]:.3f}-{result.interval[1]:.3f}",
            number(row.pvalue),
            number(result.floor),
            number(row.negative),
            number(row.positive),
        )
        shown = "".join(f"{text:>15}" for text in numbers)
        print(f"{row.layer:8}{under:28}{shown}   {verdict}", flush=True)


def number(value: float | None) -> str:
    """Three places; a dash where there is no number."""
    return "-" if value is None else f"{value:.3f}"


def draw(path: Path, display: AuditDisplay, lines: str) -> None:
    """Save the picture and say where it is."""
    drawn = display.plot()
    drawn.ax_.set_ylabel(lines)
    drawn.figure_.savefig(path, bbox_inches="tight")  # six transforms have a wide legend
    print(path)
