"""The moving picture of an orbit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gramian.plot import style
from gramian.symmetry import GroupAnalysis, animate_orbit, cyclic_shifts, identify_group
from gramian.symmetry.discovery._orbit_picture import OrbitPicture


def orbit_of(h: int) -> tuple[GroupAnalysis, torch.Tensor]:
    """A cyclic group of h elements, from h units in mixed order."""
    rng = torch.Generator().manual_seed(0)
    t = torch.randn(h, generator=rng, dtype=torch.float64)
    W = cyclic_shifts(h).orbit(t)[torch.randperm(h, generator=rng)]
    found = identify_group(W @ W.T, random_state=0)
    assert found is not None
    return found, W @ W.T


@pytest.fixture
def analysed() -> tuple[GroupAnalysis, torch.Tensor]:
    return orbit_of(6)


def test_one_frame_for_each_element(
    analysed: tuple[GroupAnalysis, torch.Tensor], tmp_path: Path
) -> None:
    path = animate_orbit(*analysed, tmp_path / "orbit.gif", seconds=0.5)
    with Image.open(path) as image:
        assert image.n_frames == 6
        assert image.info["duration"] == 500
    assert [p.name for p in tmp_path.iterdir()] == ["orbit.gif"]


@pytest.mark.parametrize("h", [6, 32])
def test_the_mark_wanders_and_the_table_never_changes(h: int) -> None:
    found, G = orbit_of(h)
    picture = OrbitPicture(found, G.numpy(), 1.0)
    assert (picture.frames[0], picture.frames[-1]) == ("the identity", f"element {h} of {h}")
    rows, tables = [], []
    for frame in range(h):
        left, right = picture.figure(frame, "dark").axes
        marked = [one for one in left.get_yticklabels() if one.get_color() == style.DARK.accent]
        assert [one.get_text() for one in marked] == [str(found.orbits[0][0])]
        assert len(left.get_yticklabels()) == (h if h == 6 else 1)
        rows.append(round(marked[0].get_position()[1]))
        tables.append(np.asarray(left.images[0].get_array()))
        assert len(right.patches) == (h if frame else 0)
    assert sorted(rows) == list(range(h))
    for table in tables[1:]:
        np.testing.assert_allclose(table, tables[0], atol=1e-9)


def test_bad_input_is_refused(analysed: tuple[GroupAnalysis, torch.Tensor], tmp_path: Path) -> None:
    found, G = analysed
    with pytest.raises(ValueError, match=r"animate_orbit: G must be of shape \(6, 6\)"):
        animate_orbit(found, G[:3, :3], tmp_path / "orbit.gif")
    with pytest.raises(ValueError, match="animate_orbit: seconds must be a finite number"):
        animate_orbit(found, G, tmp_path / "orbit.gif", seconds=0.0)
    assert not list(tmp_path.iterdir())
