"""The pages: their code runs, their links lead somewhere, and every public name is on one."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import gramian

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)]
)
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(text: str, name: str) -> doctest.DocTest:
    """All interactive examples of a page, as one session, with the page's line numbers."""
    lines = [""] * text.count("\n")
    for fence in FENCE.finditer(text):
        first = text[: fence.start(1)].count("\n")
        block = fence[1].splitlines()
        lines[first : first + len(block)] = block
    return doctest.DocTestParser().get_doctest("\n".join(lines) + "\n", {}, name, name, 0)


def failures(test: doctest.DocTest) -> str:
    """What went wrong, as doctest reports it; empty if nothing did."""
    report: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append)
    return "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_runs(page: Path) -> None:
    assert failures(examples(page.read_text("utf-8"), page.name)) == ""


def test_a_wrong_page_is_found() -> None:
    page = "text\n\n```python\n>>> 1 + 1\n2\n```\n\n```python\n>>> 1 + 1\n3\n```\n"
    report = failures(examples(page, "page.md"))
    assert 'File "page.md", line 9' in report
    assert "Expected:\n    3" in report


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_public_name_is_in_the_reference() -> None:
    pages = _api_pages().names_by_page()
    listed = {full.rpartition(".")[2] for names in pages.values() for full in names}
    assert set(gramian.__all__) - {"__version__"} <= listed


def _api_pages() -> ModuleType:
    path = ROOT / "docs" / "_ext" / "api_pages.py"
    spec = importlib.util.spec_from_file_location("api_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
