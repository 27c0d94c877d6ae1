"""What does a device change: time, digits?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

import gramian as gm
from gramian.labs import (
    Claim,
    Context,
    Lab,
    PublishedError,
    Result,
    SourceValue,
    negative,
    positive,
    threads,
)
from gramian.labs.experiments._queue import Queue, ratio, seconds

COURSE = "Advanced topics in machine learning (University of Trieste), lab 3"

LAB = Lab(
    name="gpu-matmul",
    topic="arithmetic",
    question="What does a device change: time, digits?",
    answer=(
        "Time, and no digit that float32 can hold; fewer bits cost digits in a known measure, and "
        "a clock that does not wait for the device measures nothing."
    ),
    source=f"{COURSE}, section on GPUs; IN3310, week 2, task 1",
    method=(
        "Entries of a and b are drawn from U[0, 1], so that entries of a b are near n/4. Its "
        "float32 product on the device is compared with the float64 product on the CPU; errors "
        "are relative to the largest entry. Products of bfloat16 round both factors and the "
        "result to 8 bits: each rounding errs by 2⁻⁸ at most, three of them by less than 2⁻⁶. "
        "TF32 rounds both factors to 11 bits: less than 2⁻⁹.\n\n"
        "Work is handed to the device, and the clock is read when the device is done. To show on "
        "any machine what a clock that does not wait measures, the CPU too works behind a queue "
        "here: a thread of its own. The growth is the time of a product of 1,024 rows over that of "
        "256; both have one thread, and the larger one has 64 times as many operations."
    ),
    claims=(
        Claim(
            "strict",
            "A float32 product errs by less than 10⁻⁵.",
            "float32-error",
            "<",
            1e-5,
            figure="errors",
        ),
        Claim(
            "reduced",
            "A product in bfloat16 stays within 2⁻⁶.",
            "bfloat16-error",
            "<=",
            2**-6,
            figure="errors",
        ),
        Claim(
            "distances",
            "Squared distances in float32 err by less than 10⁻⁵.",
            "distance-error",
            "<",
            1e-5,
        ),
        Claim(
            "device",
            "The device and the CPU give the same float32 product within 10⁻⁵.",
            "device-difference",
            "<",
            1e-5,
            requires="cuda",
        ),
        Claim(
            "tf32",
            "With TF32 the device stays within 2⁻⁹.",
            "tf32-error",
            "<=",
            2**-9,
            requires="cuda",
        ),
        Claim(
            "throughput",
            "The device multiplies: more than 10⁹ operations a second.",
            "gflops",
            ">",
            1.0,
            figure="roofline",
        ),
        Claim(
            "growth",
            "A product with 64 times as many operations takes at least sixteen times as long.",
            "growth",
            ">=",
            16,
            kind="timing",
            figure="roofline",
        ),
    ),
    controls=(
        positive("cpu-twice", "The CPU agrees with itself.", claim="strict"),
        negative("bfloat16", "bfloat16 does not keep float32's digits.", claim="strict"),
        negative("cut", "Cut after three binary digits, it does not.", claim="reduced"),
        negative(
            "no-wait",
            "Where the clock does not wait, time does not depend on size.",
            claim="growth",
        ),
    ),
    published_errors=(
        PublishedError(
            COURSE,
            "printed entries of both devices are compared by eye",
            "the largest error over all entries, against float64",
        ),
    ),
    source_values=(
        SourceValue(
            COURSE,
            "difference of CPU and CUDA entries",
            1e-4,
            "float32-difference",
            tolerance=3e-4,
            note="printed at values near 250; here float32 against float64",
        ),
    ),
    quick={"n": 1000, "products": 10},
    full={"products": 1000},
    seconds=(10, 60),
)

SIZES = (64, 128, 256, 512, 1024)
SMALL, LARGE = 256, 1024


def error(found: Tensor, truth: Tensor) -> Tensor:
    """Of every entry, relative to the largest entry of the truth."""
    return (found.cpu().double() - truth).abs() / truth.abs().max()


def in_bfloat16(a: Tensor, b: Tensor) -> Tensor:
    return a.bfloat16() @ b.bfloat16()


def cut(a: Tensor, b: Tensor) -> Tensor:
    """The product of factors whose binary digits after the third are dropped."""
    return (8 * a).floor() @ (8 * b).floor() / 64


def run(context: Context) -> Result:
    result, device = Result(context), context.device
    a, b = torch.rand(2, context["n"], context["n"], generator=context.generator())
    truth = a.double() @ b.double()
    here, there = a.to(device), b.to(device)
    products = {"float32": here @ there, "bfloat16": in_bfloat16(here, there)}
    errors = {name: error(found, truth) for name, found in products.items()}
    result.contrast(
        "float32-error",
        {
            "float32": errors["float32"],
            "cpu-twice": error(a @ b, (a @ b).double()),
            "bfloat16": errors["bfloat16"],
        },
        lambda each: float(each.max()),
        tolerance=1e-5,
    )
    result.contrast(
        "bfloat16-error",
        {"bfloat16": in_bfloat16, "cut": cut},
        lambda product: float(error(product(here, there), truth).max()),
        tolerance=0.02,
    )
    difference = (products["float32"].cpu().double() - truth).abs().max()
    result.measure("float32-difference", float(difference), tolerance=1e-3)
    compare_distances(context, result)
    if device.type == "cuda":
        compare_devices(result, a, b, truth, device)
    queue = Queue(device)
    try:
        measure_growth(context, result, queue)
        measure_throughput(context, result, queue)
    finally:
        queue.close()
    draw_errors(result, errors)
    return result


def compare_distances(context: Context, result: Result) -> None:
    """A table of squared distances on the device against float64."""
    x, y = torch.rand(2, context["n"], 20, generator=context.generator(1))
    truth = torch.cdist(x.double(), y.double()).square()
    found = gm.Gram(x.to(context.device), y.to(context.device), kernel=gm.SquaredEuclidean())
    worst = error(torch.as_tensor(found.dense()), truth).max()
    result.measure("distance-error", float(worst), tolerance=1e-5)


def compare_devices(
    result: Result, a: Tensor, b: Tensor, truth: Tensor, device: torch.device
) -> None:
    """The product of the device against that of the CPU, and the same with TF32."""
    found = (a.to(device) @ b.to(device)).cpu()
    result.measure("device-difference", float(error(found, (a @ b).double()).max()), tolerance=1e-5)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        shortened = a.to(device) @ b.to(device)
    finally:
        torch.set_float32_matmul_precision(before)
    result.measure("tf32-error", float(error(shortened, truth).max()), tolerance=1e-3)


def measure_growth(context: Context, result: Result, queue: Queue) -> None:
    """The time of a large product over that of a small one, with a clock that waits or not."""
    rng = context.generator(2)
    small, large = (torch.rand(n, n, generator=rng).to(context.device) for n in (SMALL, LARGE))

    works = [partial(torch.mm, m, m) for m in (large, small)]
    with threads(1):
        result.contrast(
            "growth",
            {"waiting": True, "no-wait": False},
            lambda waiting: ratio(queue, *works, waiting=waiting),
        )


def measure_throughput(context: Context, result: Result, queue: Queue) -> None:
    """Operations a second for several sizes, and bytes a second of a copy."""
    rates = {}
    rng = context.generator(3)
    for n in context.each(sorted({*SIZES, context["n"]}), "size"):
        m = torch.rand(n, n, generator=rng).to(context.device)
        count = context["products"] if n == context["n"] else 10
        rates[n] = 2e-9 * n**3 / seconds(queue, partial(torch.mm, m, m), count)
    result.measure("gflops", rates[context["n"]], unit="GFLOP/s", tolerance=100.0)
    long = torch.zeros(16 * 2**20, device=context.device)
    spare = torch.zeros_like(long)
    bandwidth = 2e-9 * long.nbytes / seconds(queue, partial(spare.copy_, long), 5)
    sizes, heights = np.array([*rates]), np.array([*rates.values()])
    intensities = sizes / 6  # 2n³ operations on three tables of 4n² bytes
    result.figure(
        "roofline",
        lambda ax, theme: draw_roofline(ax, theme, intensities, heights, bandwidth),
        title="Operations a second against operations per byte",
        alt=(
            "Points for products of growing size near a flat roof; left of it a roof slants down, "
            "where memory would be the limit."
        ),
        data={"n": sizes, "operations per byte": intensities, "GFLOP/s": heights},
        caption=(
            f"The slanted roof is a copy at {bandwidth:.0f} GB/s, the flat one the best point. "
            "Small tables stay in the cache, and may lie above the slanted one."
        ),
    )


def draw_roofline(ax: Any, theme: Any, intensities: Any, rates: Any, bandwidth: float) -> None:
    """Measured points and the roof."""
    wide = np.geomspace(intensities.min() / 40, intensities.max() * 2, 200)
    roof = np.minimum(bandwidth * wide, rates.max())
    ax.loglog(wide, roof, color=theme.muted, linestyle="--", linewidth=1)
    ax.loglog(intensities, rates, "o-", color=theme.color(0))
    for n, x, y in zip(np.rint(6 * intensities), intensities, rates, strict=True):
        if n in SIZES:
            ax.annotate(f"{n:.0f}", (x, y), (7, -8), textcoords="offset points", fontsize=8)
    ax.set(xlabel="operations per byte", ylabel="GFLOP/s")


def draw_errors(result: Result, errors: dict[str, Tensor]) -> None:
    """How the errors of all entries are distributed."""
    edges = np.linspace(-10, -2, 65)
    counts = {
        name: np.histogram(each.clamp_min(1e-10).log10().numpy(), edges)[0]
        for name, each in errors.items()
    }

    def draw(ax: Any, theme: Any) -> None:
        for k, (name, heights) in enumerate(counts.items()):
            ax.stairs(heights, edges, fill=True, alpha=0.7, color=theme.color(k), label=name)
        ax.set(xlabel="log₁₀ of the error", ylabel="entries")
        ax.legend(loc="upper left")

    result.figure(
        "errors",
        draw,
        title="Errors of all entries of the product",
        alt="Two heaps far apart: float32 below 10⁻⁶, bfloat16 near 10⁻³.",
        data={"from": edges[:-1].round(4), **counts},
    )
