"""One page per public module, with every name in its ``__all__``, written before each build."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import gramian

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# public names that do not live in the face but have a place of their own
_FURTHER = (
    "gramian.data",
    "gramian.linalg",
    "gramian.train",
    "gramian.symmetry",
    "gramian.labs",
    "gramian.cluster",
    "gramian.metrics",
    "gramian.neighbors",
    "gramian.plot",
    "gramian.report",
)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", _write_pages)
    return {"version": gramian.__version__, "parallel_read_safe": True}


def names_by_page() -> dict[str, list[str]]:
    """Page title to full names. Every name of ``gramian.__all__`` is on one page."""
    pages: dict[str, list[str]] = {}
    for name in gramian.__all__:
        if name == "__version__":
            continue
        home = getattr(gramian, name).__module__.split(".")
        page = "gramian" if len(home) < 2 or _is_file(home) else ".".join(home[:2])
        pages.setdefault(page, []).append(f"gramian.{name}")
    for module_name in _FURTHER:
        module = _module(module_name)
        listed = {full.rpartition(".")[2] for full in pages.get(module_name, [])}
        further = [name for name in module.__all__ if name not in listed]
        pages.setdefault(module_name, []).extend(f"{module_name}.{name}" for name in further)
    return pages


def _is_file(home: list[str]) -> bool:
    """Whether a name's home is a single module such as ``gramian.gram`` or ``gramian.errors``."""
    return not hasattr(_module(".".join(home[:2])), "__path__")


def _only_a_formula(thing: type) -> bool:
    """Metrics and kernels: their methods are for the engine, and `PairFunction` has them."""
    return issubclass(thing, gramian.PairFunction) and thing is not gramian.PairFunction


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "api" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    pages = names_by_page()
    for old in folder.glob("*.rst"):
        if old.stem not in pages:
            old.unlink()
    for page, names in pages.items():
        text = _page(page, names)
        path = folder / f"{page}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _page(page: str, names: list[str]) -> str:
    doc = (inspect.getdoc(_module(page)) or "").partition("\n")[0]
    parts = [page, "=" * len(page), "", doc, ""]
    for full in names:
        module_name, _, name = full.rpartition(".")
        thing = getattr(_module(module_name), name)
        if inspect.isclass(thing):
            parts.append(f".. autoclass:: {full}")
            if not _only_a_formula(thing):
                parts += ["   :members:", "   :special-members: __matmul__"]
            if any(
                base.__module__.startswith(f"{thing.__module__}.") for base in thing.__mro__[1:]
            ):
                parts.append("   :inherited-members:")
        elif inspect.ismodule(thing):
            elsewhere = ", ".join(name for name in thing.__all__ if f"{page}.{name}" in names)
            parts += [f".. automodule:: {full}", "   :members:"]
            parts += [f"   :exclude-members: {elsewhere}"] if elsewhere else []
        else:
            parts += [f".. autofunction:: {full}"]
        parts.append("")
    return "\n".join(parts)
