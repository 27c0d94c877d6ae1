"""The report: whole without scripts and network, in words too, and small."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from gramian.labs.frame import page as page_module
from gramian.labs.frame.animation import Animation
from gramian.labs.frame.index import Line, index_page


def draw(ax: Any, theme: Any) -> None:
    ax.plot([0, 1], color=theme.color(0))


def draw_frame(ax: Any, theme: Any, frame: int) -> None:
    ax.scatter(frame, frame, color=theme.color(0))
    ax.set(xlim=(0, 60), ylim=(0, 60))


def fill(result: Any) -> None:
    result.contrast("value", {"m": 0.5, "sound": 0.1, "broken": 2.0}, lambda case: case)
    result.figure("line", draw, title="A <line>", alt="A line & more.", data={"x": [0.0, 1.0]})
    result.figure(
        "two",
        lambda axes, theme: [draw(ax, theme) for ax in axes],
        title="Two lines",
        alt="Two lines.",
        panels=(1, 2),
    )
    labels = [f"step {k}" for k in range(60)]
    result.animation(
        "walk", draw_frame, frames=labels, title="A walk", alt="A dot walks.", size=(2.0, 1.6)
    )
    result.warn("one part was left out")


class Elements(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page() -> str:
    from tests.labs.frame.conftest import make_lab

    from gramian.labs import Context, Result
    from gramian.labs.frame.run import execute

    def run(context: Context) -> Result:
        result = Result(context)
        fill(result)
        return result

    return execute(make_lab(), run).html()


def test_it_loads_and_runs_nothing(page: str) -> None:
    elements = Elements(page).found
    assert {"script", "iframe", "link", "object"} & {tag for tag, _ in elements} == set()
    for _, attributes in elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href"):
                assert value is not None
                assert value.startswith(("data:image/", "#"))
    assert "http:" not in page
    assert "https:" not in page


def test_its_parts_stand_in_order(page: str) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert headings == [
        "Claims",
        "Controls",
        "Pictures",
        "Method",
        "Parameters",
        "How to repeat it",
        "Provenance",
        "Record",
    ]
    assert "It is." in page[: page.index("<h2")]
    assert "one part was left out" in page[: page.index("<h2")]
    assert "gramian lab run tiny --quick --seed 0" in page


def test_pictures_have_words_for_both_themes(page: str) -> None:
    assert "A &lt;line&gt;" in page
    assert page.count('aria-label="A line &amp; more."') == 2
    images = [attributes for tag, attributes in Elements(page).found if tag == "img"]
    assert all(attributes["alt"] for attributes in images)
    assert sum(attributes.get("class") == "on-dark" for attributes in images) == 40


def test_an_animation_is_thinned_evenly_and_keeps_its_end(page: str) -> None:
    steps = re.findall(r'type="radio" name="f\d+" aria-label="step (\d+)"', page)
    assert len(steps) == 40
    assert (steps[0], steps[-1]) == ("0", "59")
    assert np.diff([int(step) for step in steps]).max() == 2
    assert 'aria-label="step 59" checked' in page
    assert page.count("data:image/gif;base64,") == 1
    assert "prefers-reduced-motion" in page


def test_few_frames_stay_as_they_are() -> None:
    few = Animation(draw_frame, ["a", "b", "c"], (2, 2), (1, 1), 0.4)
    assert few.thinned(40) == [0, 1, 2]


def test_a_page_that_is_too_large_loses_frames(record: Any, monkeypatch: Any) -> None:
    seen: list[int] = []

    def build(_: Any, most: int) -> str:
        seen.append(most)
        return "x" * (1000 * most)

    monkeypatch.setattr(page_module, "_build", build)
    monkeypatch.setattr(page_module, "LARGEST", 20_000)
    assert len(page_module.record_page(record())) == 12_000
    assert seen == [40, 24, 12]
    monkeypatch.setattr(page_module, "LARGEST", 10)
    with pytest.raises(ValueError, match="Lab tiny: report must be at most 10 bytes, got 6000"):
        page_module.record_page(record())


def test_failures_stand_at_the_top(record: Any) -> None:
    top = record(fault="broken").html().partition("<h2")[0]
    assert "Claim small is refuted: The value is small." in top
    assert "The fault broken is planted" in top
    assert "It is." not in top


def test_the_index_links_what_there_is() -> None:
    lines = [
        Line("deep-sets", 0, "Which?", "3 of 3", "6 of 6", 0.5),
        Line("lost", 4, "Where?"),
    ]
    page = index_page(lines, "gramian lab run --all")
    assert '<a href="deep-sets.html">deep-sets</a>' in page
    assert "lost.html" not in page
    assert "data missing" in page
    assert "1 of 2 labs hold" in page
