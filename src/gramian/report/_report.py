"""A report built part by part and written as one HTML file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Self

from gramian._files import write_atomically
from gramian._validation import _message, check_choice, check_int
from gramian.report import _page
from gramian.report._pictures import markup
from gramian.report._player import MOST_FRAMES, player_style
from gramian.report._section import Section
from gramian.report._values import facts_list, shown, table_markup

MARKS = {"good": "✓", "caution": "!", "bad": "✗", "info": "i"}
SPOKEN = {"good": "Good", "caution": "Caution", "bad": "Failed", "info": "Result"}
_CONTROL = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")
"""Characters that no HTML file may hold: most control characters, and halves of pairs."""


class Report:
    """One self-contained HTML file: what was asked, what was done, pictures, numbers, commands.

    Parts appear in the order in which they are added; verdicts and highlights stand at the top.
    A part opens the section it belongs to by itself. After `section`, the parts that follow go
    into that section until the next `section`, `ask`, `notes` or `provenance`. All text is
    escaped. The same input gives the same bytes.

    Parameters
    ----------
    title : str
    summary : str, default=""
        One or two sentences below the title.

    Examples
    --------
    >>> from gramian.report import Report
    >>> report = Report("Wine", "Three clusters.").notes(["No value is missing."])
    >>> report = report.table(["cluster", "points"], [["0", 59], ["1", 71]], "Sizes")
    >>> "<caption>Sizes</caption>" in report.html()
    True
    """

    def __init__(self, title: str, summary: str = "") -> None:
        self.title, self.summary = title, summary
        self._top: list[str] = []
        self._sections: list[Section] = []
        self._n_figures = 0
        self._styles: list[str] = []

    def verdict(self, text: str, kind: str = "info") -> Self:
        """Add a verdict to the top.

        Parameters
        ----------
        text : str
        kind : {"good", "caution", "bad", "info"}, default="info"

        Returns
        -------
        self : Report

        Raises
        ------
        ValueError
            If `kind` is none of the four.
        """
        check_choice(kind, "kind", "Report.verdict", MARKS)
        self._top.append(
            f'<div class="verdict {kind}"><span class="mark" aria-hidden="true">{MARKS[kind]}'
            f"</span><p><strong>{SPOKEN[kind]}</strong> {escape(text)}</p></div>"
        )
        return self

    def highlights(self, numbers_by_name: Mapping[str, Any]) -> Self:
        """Add the few numbers that matter most to the top, such as rows, clusters and noise."""
        tiles = "".join(
            f"<div><dt>{escape(str(name))}</dt><dd>{escape(shown(value))}</dd></div>"
            for name, value in numbers_by_name.items()
        )
        self._top.append(f'<dl class="tiles">{tiles}</dl>')
        return self

    def section(self, heading: str, text: str = "") -> Self:
        """Open a section that takes the parts that follow."""
        opened = Section(heading, takes_all=True)
        if text:
            opened.parts.append(f"<p>{escape(text)}</p>")
        self._sections.append(opened)
        return self

    def ask(self, text: str, facts: Mapping[str, Any] | None = None) -> Self:
        """Say what was asked: a sentence, and the settings by name."""
        return self._alone("What was asked", f"<p>{escape(text)}</p>" + facts_list(facts or {}))

    def notes(self, items: Sequence[str]) -> Self:
        """Say what was done to the data, one line for each step."""
        lines = "".join(f"<li>{escape(str(item))}</li>" for item in items)
        inner = f"<ul>{lines}</ul>" if lines else "<p>The data was used as it is.</p>"
        return self._alone("What was done to the data", inner)

    def figure(
        self,
        picture: Any,
        title: str,
        alt: str | None = None,
        caption: str = "",
        data: Mapping[str, Sequence[Any]] | None = None,
        most_frames: int = MOST_FRAMES,
    ) -> Self:
        """Add a picture, moving or still.

        Parameters
        ----------
        picture : display of `gramian.plot`, matplotlib Figure, or object with ``figure_``
            A display is drawn twice, for light and for dark pages; anything else is shown as it
            is on its own ground. A moving display gets a button for each frame, plays on demand
            and not at all where reduced motion is asked for, and can be kept as a GIF.
        title : str
        alt : str, default=None
            The picture in words; None takes the display's own description.
        caption : str, default=""
        data : mapping of column name to values, default=None
            The numbers behind the picture, folded away below it; None takes the display's own.
        most_frames : int, default=40
            Of a moving picture; more are thinned evenly, and so are frames that take more than
            2 MB together. The first and the last stay.

        Returns
        -------
        self : Report

        Raises
        ------
        TypeError
            If `picture` is none of these.
        ValueError
            If `alt` is missing for a picture that cannot describe itself, or `most_frames` is
            not in [2, 40].
        """
        describe = getattr(picture, "describe", None)
        words = describe() if alt is None and describe is not None else alt
        if not words:
            remedy = "Say in words what the picture shows."
            raise ValueError(_message("Report.figure", "alt", "a text", alt, remedy))
        check_int(most_frames, "most_frames", "Report.figure", low=2, high=MOST_FRAMES)
        key = f"f{self._n_figures + 1}"
        inner, wide = markup(picture, words, key, "Report.figure", most_frames)
        if hasattr(picture, "frames"):
            self._style(player_style())
        if data is None and hasattr(picture, "columns"):
            data = picture.columns()
        below = f"<p>{escape(caption)}</p>" if caption else ""
        folded = ""
        if data:
            rows = list(zip(*data.values(), strict=True))
            numbers = table_markup(list(data), rows, "", label=f"Numbers of the picture: {title}")
            folded = f"<details><summary>The numbers</summary>{numbers}</details>"
        self._n_figures += 1
        self._into("Pictures").add_figure(
            f'<h3>{escape(title)}</h3><div class="picture">{inner}</div>'
            f"<figcaption>{below}{folded}</figcaption>",
            wide=wide,
        )
        return self

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str) -> Self:
        """Add a table.

        Parameters
        ----------
        header : sequence of m str
        rows : sequence of sequences of m values
            The first value names the row. More than 500 rows are cut, and the table says so.
        caption : str

        Returns
        -------
        self : Report

        Raises
        ------
        ValueError
            If a row has another length than the header.
        """
        for row in rows:
            if len(row) != len(header):
                constraint = f"of length {len(header)}, as the header"
                raise ValueError(_message("Report.table", "every row", constraint, row))
        numbers = table_markup(header, rows, caption, label=caption)
        self._into("Numbers").parts.append(f'<div class="block">{numbers}</div>')
        return self

    def code(self, language: str, text: str) -> Self:
        """Add the exact command or the equivalent program.

        Parameters
        ----------
        language : str
            Written above, such as "Command line" or "Python".
        text : str

        Returns
        -------
        self : Report
        """
        program = escape(text.strip("\n"))
        self._into("How to repeat it").parts.append(
            f'<div class="block"><h3>{escape(language)}</h3>'
            f'<pre tabindex="0"><code>{program}</code></pre></div>'
        )
        return self

    def provenance(self, facts: Mapping[str, Any]) -> Self:
        """Say where the result comes from: versions, threads, device, seed, time, data."""
        return self._alone("Provenance", facts_list(facts))

    def html(self) -> str:
        """The whole document."""
        lead = f'<p class="lead">{escape(self.summary)}</p>' if self.summary else ""
        links = "".join(
            f'<li><a href="#s{number}">{escape(section.heading)}</a></li>'
            for number, section in enumerate(self._sections, 1)
        )
        contents = ""
        if len(self._sections) > 2:
            contents = f'<nav aria-label="Contents"><ul>{links}</ul></nav>'
        head = "\n".join([f"<h1>{escape(self.title)}</h1>", lead, *self._top, contents])
        body = "\n".join(
            f'<section aria-labelledby="s{number}"><h2 id="s{number}">{escape(section.heading)}'
            f"</h2>\n{section.markup()}\n</section>"
            for number, section in enumerate(self._sections, 1)
        )
        return _CONTROL.sub("\ufffd", _page.page(self.title, head, body, self._styles))

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the report; the file appears whole or not at all.

        Parameters
        ----------
        path : path
            An existing file is replaced.

        Returns
        -------
        path : Path

        Raises
        ------
        OSError
            If the folder is missing or cannot be written to.
        """
        return write_atomically(path, self.html().encode())

    def _style(self, rules: str) -> None:
        """Add rules to the style sheet, once."""
        if rules not in self._styles:
            self._styles.append(rules)

    def _into(self, heading: str) -> Section:
        """The section that takes a part: the opened one, else the last, else a new one."""
        last = self._sections[-1] if self._sections else None
        if last is None or not (last.takes_all or last.heading == heading):
            last = Section(heading)
            self._sections.append(last)
        return last

    def _alone(self, heading: str, inner: str) -> Self:
        """A section that holds one card and nothing else."""
        self._sections.append(Section(heading, [f'<div class="card">{inner}</div>']))
        return self
