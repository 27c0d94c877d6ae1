"""Docstrings written for a terminal, as reStructuredText.

They write absolute values as |x|, which would be a substitution. And scikit-learn gives every
estimator methods for metadata routing, whose text refers to its own glossary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LITERAL = re.compile(r"(``.*?``)")
_ROUTING = re.compile(r"set_\w+_request|get_metadata_routing")


def setup(app: Sphinx) -> dict[str, Any]:
    # after numpydoc, which has the priority 500
    app.connect("autodoc-process-docstring", _escape_bars, priority=900)
    app.connect("autodoc-skip-member", _skip_routing)
    return {"version": "1", "parallel_read_safe": True}


def _escape_bars(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    in_example = False
    for number, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        if not in_example:
            parts = _LITERAL.split(line)
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[number] = "".join(parts)


def _skip_routing(
    app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any
) -> bool | None:
    return True if _ROUTING.fullmatch(name) else None
