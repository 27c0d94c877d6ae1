"""Clustering as it happens: what each frame shows, and how frames become a GIF or a page."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import gramian as gm
from gramian.plot import KMeansIterationsDisplay, MeanShiftIterationsDisplay, style
from gramian.report import Report, _player

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(size=(20, 2)) + center for center in ([0, 0], [8, 0], [0, 8])])


def kmeans(n_init: int = 1) -> list[Any]:
    states: list[Any] = []
    model = gm.KMeans(3, init="random", n_init=n_init, random_state=1, callback=states.append)
    model.fit(X)
    return states


def climb(labels: Any = None) -> MeanShiftIterationsDisplay:
    path = [X[:6], X[:6] * 0.5, X[:6] * 0.25, X[:6] * 0.25]
    return MeanShiftIterationsDisplay.from_predictions(X, path, labels)


# ---- k-means --------------------------------------------------------------------------------


def test_states_of_the_best_run_are_the_frames() -> None:
    states = kmeans(n_init=4)
    ends = {state.run: state.inertia for state in states}
    best = min(ends, key=lambda run: ends[run])
    display = KMeansIterationsDisplay.from_states(X, states)
    kept = [state for state in states if state.run == best]
    np.testing.assert_array_equal(display.path, [state.centers for state in kept])
    assert display.inertia is not None
    assert display.inertia.tolist() == [state.inertia for state in kept]
    assert display.frames[0] == f"start: inertia {kept[0].inertia:.4g}"
    other = KMeansIterationsDisplay.from_states(X, states, run=(best + 1) % 4)
    assert len(other.frames) == sum(state.run == (best + 1) % 4 for state in states)


def test_states_messages() -> None:
    make = KMeansIterationsDisplay.from_states
    with pytest.raises(ValueError, match=r"from_states: states must be at least one state, got"):
        make(X, [])
    with pytest.raises(ValueError, match=r"from_states: run must be one of \[0\], got 2"):
        make(X, kmeans(), run=2)


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["array", "tensor"])
def test_any_number_of_features(d: int, kind: Any) -> None:
    rows, path = RNG.normal(size=(30, d)), RNG.normal(size=(3, 4, d))
    display = KMeansIterationsDisplay.from_predictions(kind(rows), kind(path))
    assert display.frames == ["start", "iteration 1", "iteration 2"]
    ax = display.plot(frame=1).ax_
    assert len(ax.images) == (d == 2)
    ax.figure.canvas.draw()
    assert display.describe() == "4 centres move through 2 iterations among 30 rows."


def test_rows_and_regions_have_the_color_of_the_nearest_centre() -> None:
    display = KMeansIterationsDisplay.from_predictions(X, X[None, :3])
    ax = display.plot().ax_
    nearest = np.linalg.norm(X[:, None] - X[:3], axis=-1).argmin(1)
    rows = next(c for c in ax.collections if len(c.get_offsets()) == len(X))
    colors = [style.to_rgba(style.LIGHT.color(k)) for k in nearest]
    np.testing.assert_allclose(rows.get_facecolors(), colors)
    picture, extent = ax.images[0].get_array(), ax.images[0].get_extent()
    column = round((X[1, 0] - extent[0]) / (extent[1] - extent[0]) * (picture.shape[1] - 1))
    line = round((X[1, 1] - extent[2]) / (extent[3] - extent[2]) * (picture.shape[0] - 1))
    np.testing.assert_allclose(picture[line, column], style.LIGHT.tint(style.LIGHT.color(1), 0.2))


def test_every_frame_has_the_same_rectangle() -> None:
    display = KMeansIterationsDisplay.from_states(X, kmeans())
    limits = {
        (display.plot(frame=k).ax_.get_xlim(), display.ax_.get_ylim())
        for k in range(len(display.frames))
    }
    assert len(limits) == 1


def test_columns_say_what_moved() -> None:
    path = [[[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [4.0, 5.0]]]
    display = KMeansIterationsDisplay.from_predictions(X, path, inertia=[9.0, 4.0])
    assert display.columns() == {
        "iteration": [0, 1],
        "moved": [0, 1],
        "largest movement": ["0", "5"],
        "inertia": ["9", "4"],
    }
    assert display.describe().endswith("the inertia goes from 9 to 4.")


def test_many_rows_are_thinned() -> None:
    rows = RNG.normal(size=(9_000, 2))
    display = KMeansIterationsDisplay.from_predictions(rows, rows[None, :2])
    drawn = [len(c.get_offsets()) for c in display.plot().ax_.collections]
    assert max(drawn) == 4_000
    assert len(display.X) == 9_000


def test_kmeans_messages() -> None:
    make = KMeansIterationsDisplay.from_predictions
    with pytest.raises(ValueError, match=r"centers must be an array of shape \(n_iterations, k, 2"):
        make(X, np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match=r"inertia must be of length 2, got 1"):
        make(X, np.zeros((2, 3, 2)), inertia=[1.0])
    with pytest.raises(ValueError, match=r"centers must be an array of 2 axes, got \(2,\)"):
        make(X, [np.zeros(2)])
    with pytest.raises(ValueError, match=r"centers must be free of NaN and infinity"):
        make(X, np.full((1, 1, 2), np.nan))


# ---- mean shift -----------------------------------------------------------------------------


def test_seeds_climb_in_the_colors_of_their_clusters() -> None:
    display = climb([0, 0, 1, 1, -1, 0])
    assert display.frames == [
        "start",
        "iteration 1: 6 of 6 moved",
        "iteration 2: 6 of 6 moved",
        "iteration 3: 0 of 6 moved",
    ]
    seeds = display.plot(frame=1).ax_.collections[-1]
    np.testing.assert_array_equal(seeds.get_offsets(), X[:6] * 0.5)
    names = [style.LIGHT.color(0), style.LIGHT.color(1), style.LIGHT.noise]
    wanted = [style.to_rgba(names[k]) for k in (0, 0, 1, 1, 2, 0)]
    np.testing.assert_allclose(seeds.get_facecolors(), wanted)
    assert display.describe() == (
        "6 seeds climb among 60 rows in 3 iterations, to 2 clusters and 1 noise points (16.7%)."
    )


def test_mean_shift_messages() -> None:
    with pytest.raises(ValueError, match=r"labels must be of length 6, got 2. Pass one label per"):
        climb([0, 1])
    with pytest.raises(ValueError, match=r"positions must be an array of shape \(n_iter"):
        MeanShiftIterationsDisplay.from_predictions(X, np.zeros((2, 3, 5)))


# ---- frames ---------------------------------------------------------------------------------


def test_frames_are_chosen_by_number() -> None:
    display = climb()
    last = display.plot().ax_.collections[-1].get_offsets()
    np.testing.assert_array_equal(last, X[:6] * 0.25)
    first = display.plot(frame=-4).ax_.collections[-1].get_offsets()
    np.testing.assert_array_equal(first, X[:6])
    with pytest.raises(ValueError, match=r"plot: frame must be an int in \[-4, 3\], got 4"):
        display.plot(frame=4)


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_few_colors_are_the_right_ones(theme: style.Theme) -> None:
    with Image.open(io.BytesIO(climb([0, 0, 1, 1, 2, 3]).png(1, theme.name))) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3).astype(int)
    for name in (theme.surface, *(theme.color(k) for k in range(4))):
        wanted = np.round(255 * np.array(style.to_rgba(name)[:3]))
        assert np.abs(pixels - wanted).max(1).min() <= 8
    assert np.abs(pixels[0] - np.round(255 * np.array(style.to_rgba(theme.surface)[:3]))).max() <= 1
    assert len(np.unique(pixels, axis=0)) <= 64


def test_gif(tmp_path: Path) -> None:
    moves = MeanShiftIterationsDisplay.from_predictions(X, [X[:6], X[:6] * 0.5, X[:6] * 0.25])
    path = moves.write_gif(tmp_path / "climb.gif", theme="dark")
    with Image.open(path) as gif:
        assert (gif.format, gif.n_frames, gif.info["loop"]) == ("GIF", 3, 0)
        assert gif.info["duration"] == 600
        assert gif.convert("RGB").getpixel((2, 2)) == pytest.approx((0x17, 0x1B, 0x22), abs=3)
        gif.seek(2)
        assert gif.info["duration"] == 2000
    assert [file.name for file in tmp_path.iterdir()] == ["climb.gif"]


def test_a_gif_keeps_the_color_of_a_few_dots() -> None:
    shades = np.random.default_rng(0).integers(0, 256, (240, 240, 3), dtype=np.uint8)
    shades[..., 0] //= 4
    shades[:8, :8] = (0xB3, 0x26, 0x1E)
    frame = io.BytesIO()
    Image.fromarray(shades).save(frame, format="png")
    with Image.open(io.BytesIO(climb().gif([frame.getvalue()] * 2))) as gif:
        assert gif.convert("RGB").getpixel((2, 2)) == pytest.approx((0xB3, 0x26, 0x1E), abs=16)


def test_a_gif_is_thinned_and_keeps_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    display = climb()
    pixel = io.BytesIO()
    Image.new("RGB", (4, 4)).save(pixel, format="png")
    monkeypatch.setattr(display, "png", lambda k, _: (drawn.append(k), pixel.getvalue())[1])
    monkeypatch.setattr("gramian.plot._moving.write_atomically", lambda path, _: path)
    display.write_gif("a.gif", most_frames=3)
    assert drawn == [0, 2, 3]


def test_gif_messages(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"write_gif: theme must be one of 'light', 'dark', got"):
        climb().write_gif(tmp_path / "a.gif", theme="blue")
    with pytest.raises(ValueError, match=r"write_gif: most_frames must be an int in \[2, inf\)"):
        climb().write_gif(tmp_path / "a.gif", most_frames=1)


# ---- pages ----------------------------------------------------------------------------------


def test_a_page_has_a_button_for_each_frame_and_needs_no_script() -> None:
    html = Report("t").figure(climb(), "The <climb>").figure(climb(), "Again").html()
    buttons = re.findall(r'type="radio" name="(f\d)" aria-label="([^"]*)"', html)
    assert [label for key, label in buttons if key == "f1"] == climb().frames
    assert len(buttons) == 8
    assert html.count("@media (prefers-reduced-motion:reduce){.play{display:none}}") == 1
    assert html.count("data:image/gif;base64,") == 2
    assert html.count('class="on-dark"') == html.count('class="on-light"') == 8
    assert "<script" not in html
    assert "The &lt;climb&gt;" in html
    assert "<summary>The numbers</summary>" in html


def test_a_page_is_thinned_where_frames_are_many_or_large(monkeypatch: pytest.MonkeyPatch) -> None:
    moving = SimpleNamespace(
        frames=[str(k) for k in range(100)],
        seconds=0.1,
        thinned=lambda most: list(range(0, 100, -(-100 // most))),
        png=lambda frame, theme: b"x" * 1000,
        gif=lambda pngs: b"gif",
    )

    def shown() -> list[str]:
        return re.findall(r'aria-label="(\d+)"', _player.player(moving, "alt", "f1", 500, 20))

    assert shown() == [str(k) for k in range(0, 100, 5)]
    monkeypatch.setattr(_player, "LIMIT", 25_000)
    assert shown() == ["0", "5", "15", "25", "35", "45", "55", "65", "75", "85", "95"]
    monkeypatch.setattr(_player, "LIMIT", 10)
    assert len(shown()) == 6


def test_a_still_page_has_no_rules_for_moving_ones() -> None:
    still = gm.ClusterSizesDisplay.from_predictions([0, 1])
    assert ".steps" not in Report("t").figure(still, "sizes").html()
    with pytest.raises(ValueError, match=r"figure: most_frames must be an int in \[2, 40\], got"):
        Report("t").figure(still, "sizes", most_frames=41)
