"""The command that trains networks on digits and audits their layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from benchmarks.symmetry import __main__ as command
from benchmarks.symmetry import digits
from torch import nn

from gramian.errors import DataError
from gramian.symmetry import Audit, Translation
from gramian.train import predict


def made(n: int = 300) -> digits.Digits:
    """One bright spot per class, on a faint noise."""
    g = torch.Generator().manual_seed(0)
    classes = torch.randint(10, (n,), generator=g)
    images = 0.1 * torch.rand(n, 1, 28, 28, generator=g)
    images[torch.arange(n), 0, 2 + 2 * classes, 14] = 1.0
    return digits.Digits(images, classes)


def test_training_learns_and_shuffled_classes_teach_nothing() -> None:
    data = made()
    hits = [
        (predict(net, data.images).argmax(1) == data.classes).float().mean()
        for net in (
            digits.trained(digits.linear, data, 100),
            digits.trained(digits.linear, data.shuffled(), 5),
        )
    ]
    assert hits[0] > 0.9
    assert hits[1] < 0.5
    assert torch.equal(data.shuffled().classes.sort().values, data.classes.sort().values)


def test_turned_images_train_another_net() -> None:
    data = made(50)
    plain, turned, again = (
        next(digits.trained(digits.linear, data, 1, turned=turned).parameters())
        for turned in (False, True, True)
    )
    assert not torch.equal(plain, turned)
    assert torch.equal(again, turned)


def test_a_step_of_the_image_is_a_step_of_the_maps() -> None:
    net, x = digits.convolutional(), made(4).images
    maps = nn.Sequential(*list(net)[:6])
    moved = maps(digits.steps(1)(x))
    torch.testing.assert_close(moved, digits.step_of_maps(maps(x)))
    assert torch.equal(digits.step_of_maps(x), Translation(4, -4, wrap=True)(x))
    assert torch.equal(digits.steps(7)(x), x)


def test_the_study_prints_draws_and_judges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[dict[str, Audit]] = []

    def judged(audits: dict[str, Audit]) -> bool:
        found.append(audits)
        return True

    monkeypatch.setattr(digits, "as_they_must", judged)
    assert digits.study(made(60), made(60), 1, tmp_path)
    text = capsys.readouterr().out
    for words in (
        "linear, rotated: ",
        "p (Holm)",
        "8 layers, 60 images: audited in",
        "equivariant",
    ):
        assert words in text
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"audit.json", "audit-layers.png", "audit-networks.png"}
    monkeypatch.undo()
    (audits,) = found
    assert not digits.as_they_must(with_verdict(audits, "untrained", "invariant"))
    conv = [row for row in audits["convolutional"].rows if row.layer == "conv2"]
    assert len(conv) == 6  # three transforms, each without and with its action
    assert conv[-1].result.ratio < 1e-5


def with_verdict(audits: dict[str, Audit], name: str, verdict: str) -> dict[str, Audit]:
    rows: Any = tuple(replace(row, verdict=verdict) for row in audits[name].rows)
    return audits | {name: replace(audits[name], rows=rows)}


def test_the_command_reads_the_small_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def study(learn: digits.Digits, test: digits.Digits, epochs: int, out: Path) -> bool:
        assert learn.images.shape[1:] == (1, 28, 28)
        assert float(learn.images.max()) == 1.0
        assert len(test.some(1000).classes) == 1000
        return epochs == 1

    threads = torch.get_num_threads()
    monkeypatch.setattr(digits, "study", study)
    options = ["--out", str(tmp_path), "--threads", str(threads)]
    assert command.main(["audit", "--epochs", "1", *options]) == 0
    assert command.main(["audit", "--epochs", "2", *options]) == 1
    with pytest.raises(DataError):
        command.main(["audit", str(tmp_path), *options])


def test_no_epochs_make_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        command.main(["audit", "--epochs", "0"])
    assert error.value.code == 2
    assert "--epochs must be at least 1, got 0." in capsys.readouterr().err
