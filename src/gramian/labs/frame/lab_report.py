"""A report with what labs need beyond it: tables that stack, and folded text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Self

from gramian.report import Report

__all__ = ["Badge", "LabReport", "Link"]

_STYLE = """
.badge{display:inline-block;padding:0 .6rem;border-radius:999px;font-weight:600;white-space:nowrap}
.stack th,.stack td{max-width:none}
@media screen and (max-width:760px){.stack thead{position:absolute;left:-999px}
.stack table,.stack tbody,.stack tr,.stack th,.stack td{display:block}
.stack caption{display:block}
.stack tbody tr{padding:.7rem 0;border-bottom:1px solid var(--line)}
.stack tbody tr:last-child{border-bottom:0}
.stack tbody th,.stack tbody td{border:0;padding:.12rem 0}
.stack tbody td{display:grid;grid-template-columns:7.5rem 1fr}
.stack tbody td:has(>span:empty){display:none}
.stack tbody td::before{content:attr(data-label);color:var(--muted)}
.stack tbody th{font-weight:600}}
""".strip()


@dataclass(frozen=True)
class Badge:
    """A word on a coloured ground: "good", "caution", "bad" or "info"."""

    text: str
    kind: str

    def markup(self) -> str:
        return f'<span class="badge {self.kind}">{escape(self.text)}</span>'


@dataclass(frozen=True)
class Link:
    """A text that leads to a file beside the page."""

    text: str
    target: str

    def markup(self) -> str:
        return f'<a href="{escape(self.target)}">{escape(self.text)}</a>'


Cell = str | Badge | Link


class LabReport(Report):
    """A report that can also hold stacking tables and folded text."""

    def __init__(self, title: str, summary: str = "") -> None:
        super().__init__(title, summary)
        self._style(_STYLE)

    def stacking_table(
        self, header: Sequence[str], rows: Sequence[Sequence[Cell]], caption: str
    ) -> Self:
        """Add a table of texts whose rows become cards on a narrow screen."""
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
        lines = []
        for first, *others in rows:
            cells = "".join(
                f'<td data-label="{escape(name)}"><span>{_inner(cell)}</span></td>'
                for name, cell in zip(header[1:], others, strict=True)
            )
            lines.append(f'<tr><th scope="row">{_inner(first)}</th>{cells}</tr>')
        self._into("Numbers").parts.append(
            f'<div class="block stack"><div class="scroll" tabindex="0" role="region" '
            f'aria-label="{escape(caption)}"><table><caption>{escape(caption)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div></div>"
        )
        return self

    def paragraphs(self, heading: str, text: str) -> Self:
        """Add a section of several paragraphs, parted by blank lines."""
        parts = "".join(f"<p>{escape(' '.join(part.split()))}</p>" for part in text.split("\n\n"))
        return self._alone(heading, parts)

    def folded(self, heading: str, summary: str, text: str) -> Self:
        """Add a section of text that opens on demand."""
        inner = f'<pre tabindex="0"><code>{escape(text)}</code></pre>'
        return self._alone(heading, f"<details><summary>{summary}</summary>{inner}</details>")


def _inner(cell: Cell) -> str:
    return escape(cell) if isinstance(cell, str) else cell.markup()
