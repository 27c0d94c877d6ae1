"""The moving picture of an orbit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from gramian.symmetry import GroupAnalysis, animate_orbit, cyclic_shifts, identify_group


@pytest.fixture
def analysed() -> tuple[GroupAnalysis, torch.Tensor]:
    t = torch.randn(6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    W = cyclic_shifts(6).orbit(t)
    found = identify_group(W @ W.T, random_state=0)
    assert found is not None
    return found, W @ W.T


def test_one_frame_for_each_element(
    analysed: tuple[GroupAnalysis, torch.Tensor], tmp_path: Path
) -> None:
    path = animate_orbit(*analysed, tmp_path / "orbit.gif", seconds=0.5)
    with Image.open(path) as image:
        assert image.n_frames == 6
        assert image.info["duration"] == 500
    assert [p.name for p in tmp_path.iterdir()] == ["orbit.gif"]


def test_bad_input_is_refused(analysed: tuple[GroupAnalysis, torch.Tensor], tmp_path: Path) -> None:
    found, G = analysed
    with pytest.raises(ValueError, match=r"animate_orbit: G must be of shape \(6, 6\)"):
        animate_orbit(found, G[:3, :3], tmp_path / "orbit.gif")
    with pytest.raises(ValueError, match="animate_orbit: seconds must be a finite number"):
        animate_orbit(found, G, tmp_path / "orbit.gif", seconds=0.0)
    assert not list(tmp_path.iterdir())
