"""The HTML report: whole, offline, escaped, small, the same every time."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from gramian import plot
from gramian.report import Report, _pictures

EVIL = "<script>alert(1)</script>"
HOSTILE = EVIL + "\x00$\\frac{\ud800\"'&"
VOID = {"meta", "img", "br", "hr", "link", "input", "source"}
LOADING = {"src", "href", "srcset", "data", "poster", "action", "xlink:href", "background"}


class Page(HTMLParser):
    """The tags, ids and text of a page, and everything that is wrong with them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self.open]
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        self.wrong += [f"id {name} twice" for name in set(ids) if ids.count(name) > 1]
        for tag, attributes in self.tags:
            for name, value in attributes.items():
                self._check_reference(tag, name, value, set(ids))
            if tag == "img" and not attributes.get("alt"):
                self.wrong.append("img without alt")
            if tag == "script":
                self.wrong.append("a script")

    def _check_reference(self, tag: str, name: str, value: str, ids: set[str]) -> None:
        if name.startswith("on"):
            self.wrong.append(f"{tag} has {name}")
        places = re.findall(r"url\(([^)]*)\)", value) + ([value] if name in LOADING else [])
        for place in places:
            if place.startswith("#"):
                if place[1:] not in ids:
                    self.wrong.append(f"{tag} points to {place}, which is nowhere")
            elif not place.startswith("data:image/png;base64,"):
                self.wrong.append(f"{tag} loads {place}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and self.open[-1] == "style" and re.search(r"url\(|@import", data):
            self.wrong.append("the style sheet loads something")

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def blobs(n: int, d: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 6, n)
    return rng.normal(size=(n, d)) + 4 * labels[:, None] * rng.normal(size=d), labels


def eight_pictures(name: str = "feature") -> list[Any]:
    X, labels = blobs(3_000, 5)
    rows = np.arange(400)
    distances = np.linalg.norm(X[rows, None] - X[None, rows], axis=-1)
    names = [f"{name} {i}" for i in range(5)]
    images = np.random.default_rng(0).random((20, 28, 28))
    k = np.arange(1, 9)
    return [
        plot.ClusterScatterDisplay.from_predictions(X, labels),
        plot.ClusterSizesDisplay.from_predictions(labels),
        plot.SilhouetteDisplay.from_predictions(np.tanh(X[:, 0]), labels),
        plot.InertiaCurveDisplay.from_predictions(k, 9.0 / k, chosen=3),
        plot.KDistanceDisplay.from_predictions(np.abs(X[:, 1]), n_neighbors=5, eps=1.0),
        plot.GramDisplay.from_predictions(distances, labels[rows], name=name),
        plot.ProfileDisplay.from_predictions(X, labels, feature_names=names),
        plot.ImageGridDisplay.from_predictions(images, titles=[name] * 20),
    ]


def full_report(text: str, pictures: list[Any]) -> Report:
    report = Report(text, text).verdict(text, "good").verdict(text, "bad")
    report.highlights({text: text, "rows": 12_345}).ask(text, {text: text}).notes([text])
    for picture in pictures:
        report.figure(picture, text, caption=text)
    report.table([text, "points"], [[text, 1], ["b", 2.5]], text)
    report.code(text, f"{text}\n  indented").section(text, text).table(["a"], [[None]], text)
    return report.provenance({text: text, "seed": 0})


@pytest.fixture(scope="module")
def hostile() -> Report:
    return full_report(HOSTILE, eight_pictures(EVIL))


def test_page_is_sound_and_offline(hostile: Report) -> None:
    page = Page(hostile.html())
    assert page.wrong == []
    assert page.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all(
        "meta"
    )
    assert len(page.all("h1")) == 1
    assert len(page.all("figure")) == 8
    assert all(cell.get("scope") in {"col", "row"} for cell in page.all("th"))


def test_text_is_escaped_not_lost(hostile: Report) -> None:
    html = hostile.html()
    assert EVIL not in html
    assert "<script" not in html.lower()
    assert Page(html).text.count(EVIL) > 20
    assert not re.search(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", html)


def test_size_of_eight_pictures(hostile: Report, tmp_path: Path) -> None:
    assert hostile.write(tmp_path / "report.html").stat().st_size <= 3_000_000


def test_both_themes_are_there_with_text_to_read(hostile: Report) -> None:
    html = hostile.html()
    assert html.count('<div class="on-light">') == html.count('<div class="on-dark">') == 8
    assert "@media screen and (prefers-color-scheme:dark)" in html
    light = re.search(r'<div class="on-light">(<svg.*?</svg>)', html, re.DOTALL)
    dark = re.search(r'<div class="on-dark">(<svg.*?</svg>)', html, re.DOTALL)
    assert light is not None
    assert dark is not None
    assert "fill: #1d2430" in light[1]
    assert "fill: #e8ebf0" in dark[1]
    for drawing in (light[1], dark[1]):
        assert "first principal axis" in drawing
        assert 'role="img"' in drawing
        assert "aria-label=" in drawing


def test_the_same_input_gives_the_same_bytes(hostile: Report) -> None:
    assert full_report(HOSTILE, eight_pictures(EVIL)).html() == hostile.html()


def test_the_checker_finds_faults() -> None:
    faults = [
        '<p id="a"></p><p id="a"></p>',
        "<div><p></div></p>",
        "<p>",
        '<img src="data:image/png;base64,AA">',
        '<img alt="x" src="http://example.org/x.png">',
        '<a href="#nowhere">x</a>',
        '<p style="background:url(https://example.org)"></p>',
        "<style>@import 'x'</style>",
        "<script></script>",
        '<p onclick="x"></p>',
    ]
    assert all(Page(fault).wrong for fault in faults)


def test_sections_open_by_themselves_and_by_hand() -> None:
    report = Report("t").ask("q").code("Python", "1").code("Shell", "2").table(["a"], [[1]], "n")
    report.section("Part").table(["a"], [[1]], "m").code("Python", "3").provenance({"seed": 1})
    report.table(["a"], [[2]], "last")
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", report.html())
    expected = ["What was asked", "How to repeat it", "Numbers", "Part", "Provenance", "Numbers"]
    assert headings == expected
    assert '<nav aria-label="Contents">' in report.html()
    assert "<nav" not in Report("t").ask("q").html()


def test_verdicts_do_not_depend_on_color() -> None:
    html = Report("t").verdict("it holds", "good").verdict("it fails", "bad").html()
    assert "<strong>Good</strong> it holds" in html
    assert "<strong>Failed</strong> it fails" in html
    with pytest.raises(
        ValueError, match=r"Report.verdict: kind must be one of 'good', .* got 'ok'"
    ):
        Report("t").verdict("x", "ok")


def test_tables() -> None:
    rows = [
        ["a", 12_345, "3.5%", "x"],
        ["b", 0.123456789, "2", "y"],
        ["c", float("nan"), "1", None],
    ]
    html = Report("t").table(["name", "n", "share", "text"], rows, "cap").html()
    assert '<th scope="col" class="number">n</th>' in html
    assert '<td class="number">12\u202f345</td><td class="number">3.5%</td><td>x</td>' in html
    assert '<td class="number">0.12346</td>' in html
    assert "<td>–</td>" in html
    with pytest.raises(
        ValueError, match=r"every row must be of length 2, as the header, got \[1\]"
    ):
        Report("t").table(["a", "b"], [[1]], "cap")


def test_long_tables_are_cut_and_say_so() -> None:
    html = Report("t").table(["a"], [[i] for i in range(1_000)], "cap").html()
    assert html.count("<tr>") == 501
    assert "The first 500 of 1,000 rows." in html


def test_no_notes() -> None:
    assert "The data was used as it is." in Report("t").notes([]).html()


def test_figures_of_others() -> None:
    figure = Figure(figsize=(4, 3))
    figure.add_subplot(title="mine").plot([0, 1], [1, 0])

    class Other:
        figure_ = figure

    html = Report("t").figure(figure, "one", "a line").figure(Other(), "two", "a line").html()
    page = Page(html)
    assert page.wrong == []
    assert html.count('class="paper" style="background:#ffffff"') == 2
    assert html.count('aria-label="a line"') == 2
    assert "mine" in page.text


def test_figure_messages() -> None:
    with pytest.raises(ValueError, match=r"alt must be a text, got None. Say in words what the"):
        Report("t").figure(Figure(), "one")
    with pytest.raises(TypeError, match=r"picture must be a display or a matplotlib Figure, got 3"):
        Report("t").figure(3, "one", "alt")
    assert "<figure" not in Report("t").html()


def test_numbers_of_the_picture() -> None:
    display = plot.ClusterSizesDisplay.from_predictions([0, 0, 1])
    own = Report("t").figure(display, "sizes").html()
    assert "<summary>The numbers</summary>" in own
    assert "66.7%" in own
    given = Report("t").figure(display, "sizes", data={"given": [7]}).html()
    assert "66.7%" not in given.split("<summary>")[1]
    assert '<th scope="row">7</th>' in given


def test_a_display_is_left_as_it_was() -> None:
    display = plot.ClusterSizesDisplay.from_predictions([0, 0, 1]).plot()
    figure = display.figure_
    Report("t").figure(display, "sizes")
    assert display.figure_ is figure


def test_narrow_pictures_pair_up() -> None:
    narrow = plot.ClusterSizesDisplay.from_predictions([0, 1])
    wide = plot.ClusterScatterDisplay.from_predictions(np.eye(2), [0, 1])
    report = Report("t")
    for display in (narrow, wide, narrow, narrow, narrow):
        report.figure(display, "x")
    looks = [figure["class"] for figure in Page(report.html()).all("figure")]
    assert looks == ["wide", "wide broad", "narrow", "narrow", "wide"]


def test_a_wide_picture_says_that_it_scrolls_only_where_it_does() -> None:
    style = re.sub(r"\s*\n", "", Report("t").html())
    rule = re.search(r"@media screen and \(max-width:(\d+)px\)\{(\.broad .*?\})\}", style)
    assert rule
    assert "Scroll sideways" in rule[2]
    assert style.count("Scroll sideways") == 1
    (least,) = re.findall(r"min-width:(\d+)px", rule[2])
    beside = 2 * (24 + 16 + 1)  # of the page, of the frame, its line
    assert 0 <= int(least) - (int(rule[1]) - beside) <= 2


def test_crowds_become_pixels_but_letters_stay() -> None:
    X, labels = blobs(60_000)
    html = Report("t").figure(plot.ClusterScatterDisplay.from_predictions(X, labels), "x").html()
    assert len(html) < 2 * _pictures.LIMIT + 20_000
    assert "data:image/png;base64," in html
    assert "cluster 0" in Page(html).text
    assert Page(html).wrong == []


def test_what_is_too_long_as_svg_becomes_png() -> None:
    figure = Figure(figsize=(6, 4))
    ax = figure.add_subplot()
    for step in np.random.default_rng(0).normal(size=(400, 40)):
        ax.plot(step.cumsum())
    html = Report("t").figure(figure, "walks", "many walks").html()
    (image,) = Page(html).all("img")
    assert image["alt"] == "many walks"
    assert len(image["src"]) < _pictures.LIMIT
    assert "<svg" not in html


def test_letters_that_the_font_lacks_raise_no_warning() -> None:
    display = plot.ProfileDisplay.from_predictions(
        np.eye(2), [0, 1], feature_names=["年齢", "身長"]
    )
    assert "年齢" in Report("t").figure(display, "x").html()


def png_of(pixels: np.ndarray) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, format="png")
    return target.getvalue()


@pytest.mark.parametrize(("n_colors", "exact"), [(200, True), (256, True), (5_000, False)])
def test_compression_keeps_colors_where_it_can(n_colors: int, exact: bool) -> None:
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (n_colors, 4), dtype=np.uint8)
    pixels = colors[rng.integers(0, n_colors, (200, 300))]
    png = png_of(pixels)
    small = _pictures._compressed(png)
    with Image.open(io.BytesIO(small)) as image:
        found = np.array(image.convert("RGBA")).astype(int)
    assert len(small) < len(png) / 2
    assert (found == pixels).all() == exact
    assert np.abs(found - pixels).mean() < 30


def test_compression_leaves_small_gradients_alone() -> None:
    pixels = np.zeros((500, 20, 4), dtype=np.uint8)
    pixels[..., :2] = np.stack([np.arange(500) // 2, np.arange(500) % 256], -1)[:, None]
    assert _pictures._compressed(png_of(pixels)) == png_of(pixels)
