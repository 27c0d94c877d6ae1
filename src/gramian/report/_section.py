"""A section of a report: a heading, its parts, and figures side by side."""

from __future__ import annotations

__all__ = ["Section"]


class Section:
    """A heading and its parts; neighbouring figures share a grid of two columns."""

    def __init__(
        self, heading: str, parts: list[str] | None = None, *, takes_all: bool = False
    ) -> None:
        self.heading, self.takes_all = heading, takes_all
        self.parts: list[str | list[tuple[str, bool]]] = list(parts or [])

    def add_figure(self, inner: str, *, wide: bool) -> None:
        """Put a figure into the grid that is open, or into a new one."""
        last = self.parts[-1] if self.parts else ""
        if isinstance(last, str):
            self.parts.append([(inner, wide)])
        else:
            last.append((inner, wide))

    def markup(self) -> str:
        """All parts as HTML."""
        return "\n".join(part if isinstance(part, str) else _pairs(part) for part in self.parts)


def _pairs(figures: list[tuple[str, bool]]) -> str:
    """Narrow figures side by side; one that has no partner takes the whole width."""
    cells, waiting = [], False
    for place, (inner, wide) in enumerate(figures):
        followed = place + 1 < len(figures) and not figures[place + 1][1]
        alone = wide or not (waiting or followed)
        look = "wide broad" if wide else "wide" if alone else "narrow"
        cells.append(f'<figure class="{look}">{inner}</figure>')
        waiting = not alone and not waiting
    return f'<div class="pictures">{"".join(cells)}</div>'
