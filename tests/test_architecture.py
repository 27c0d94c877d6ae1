"""The floors of the house, read from the imports.

A module imports only from floors below its own, or from its own part. Imports inside functions
count; imports under ``if TYPE_CHECKING`` do not. At import time there are no circles at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "gramian"
FACE = "gramian"
FACES_FLOOR = 10
FOUNDATION = (
    "__init__",
    "_config",
    "_core",
    "_validation",
    "_arrays",
    "_files",
    "_labels",
    "_input",
    "_native",
    "_sums",
    "errors",
)
FLOORS: dict[str, int] = {
    **dict.fromkeys(FOUNDATION, 1),
    **dict.fromkeys(("pairwise", "data"), 2),
    **dict.fromkeys(("engine", "plot", "report"), 3),
    "linalg": 4,
    "gram": 5,
    **dict.fromkeys(("metrics", "neighbors", "train"), 6),
    "cluster": 7,
    **dict.fromkeys(("linear", "kernel_methods"), 8),
    "symmetry": 9,
    "labs": FACES_FLOOR,
    **dict.fromkeys(("app", "cli"), FACES_FLOOR + 1),
    "__main__": FACES_FLOOR + 2,
}


@dataclass(frozen=True)
class Import:
    """One import statement: who imports what, and whether it runs when the module is imported."""

    module: str
    target: str
    line: int
    at_import: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules_of(root: Path) -> dict[str, Path]:
    """Every module of the package that lies at ``root``, by its dotted name."""
    found = {}
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.pyi")]):
        parts = (FACE, *path.relative_to(root).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def part_of(module: str) -> str:
    """The part of the house that a module belongs to; the foundation is one part."""
    top = module.split(".")[1] if "." in module else "__init__"
    return "foundation" if top in FOUNDATION else top


def floor_of(module: str) -> int | None:
    return FLOORS.get(module.split(".")[1] if "." in module else "__init__")


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _statements(node: ast.AST, at_import: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Import statements below ``node``, each with whether it runs at import time."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, at_import
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    children = node.orelse if _is_type_checking(node) else ast.iter_child_nodes(node)
    for child in children:
        yield from _statements(child, at_import and not inside)


def imports_of(module: str, path: Path, known: set[str]) -> Iterator[Import]:
    """What ``module`` imports from its own package."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node, at_import in _statements(ast.parse(path.read_text(encoding="utf-8")), True):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            assert isinstance(node, ast.ImportFrom)
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                above = parts[: len(parts) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            names = [f"{base}.{alias.name}" for alias in node.names]
            targets = [name if name in known or base == FACE else base for name in names]
        for target in dict.fromkeys(targets):
            if target == FACE or target.startswith(f"{FACE}."):
                yield Import(module, target, node.lineno, at_import)


def violations(root: Path) -> list[str]:
    """Every breach of the rules in the package at ``root``."""
    modules = modules_of(root)
    known = set(modules)
    found = [f"{m}: has no floor" for m in modules if floor_of(m) is None]
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for module, path in modules.items():
        floor = floor_of(module)
        for item in imports_of(module, path, known):
            through_face = item.target not in known or item.target == FACE
            if through_face and item.target.count(".") <= 1:
                # the version is the one thing that the face itself holds
                if (floor or 0) < FACES_FLOOR and item.target != f"{FACE}.__version__":
                    found.append(f"{item} through the package's face: name its own module")
                continue
            target_floor = floor_of(item.target)
            if floor is None or target_floor is None:
                continue
            if part_of(module) != part_of(item.target) and target_floor >= floor:
                found.append(f"{item}: floor {floor} may not lean on floor {target_floor}")
            if item.at_import:
                edges[module].add(item.target)
    return found + [f"circle: {' -> '.join(circle)}" for circle in circles(edges)]


def circles(edges: dict[str, set[str]]) -> Iterator[list[str]]:
    """Circles in a directed graph, each found once from the node where a walk closes it."""
    done: set[str] = set()

    def walk(node: str, trail: list[str]) -> Iterator[list[str]]:
        if node in trail:
            yield [*trail[trail.index(node) :], node]
        elif node not in done:
            for target in sorted(edges.get(node, ())):
                yield from walk(target, [*trail, node])
            done.add(node)

    for start in sorted(edges):
        yield from walk(start, [])


def test_the_package_keeps_its_floors() -> None:
    assert len(modules_of(SOURCE)) > 20
    assert violations(SOURCE) == []


def build(root: Path, files: dict[str, str]) -> Path:
    """A package of the given files, with an ``__init__`` in every folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for folder in {root, *(p.parent for p in root.rglob("*.py"))}:
        (folder / "__init__.py").touch()
    return root


BREACHES = {
    "a higher floor": (
        {"engine/plan.py": "from gramian.gram import Gram", "gram.py": ""},
        "floor 3 may not lean on floor 5",
    ),
    "inside a function": (
        {"pairwise/a.py": "def f():\n    import gramian.engine.b", "engine/b.py": ""},
        "floor 2 may not lean on floor 3",
    ),
    "the same floor, another part": (
        {"plot/a.py": "from gramian.report import page", "report/page.py": ""},
        "floor 3 may not lean on floor 3",
    ),
    "a relative import": (
        {"engine/a.py": "from ..cluster import b", "cluster/b.py": ""},
        "floor 3 may not lean on floor 7",
    ),
    "the foundation": (
        {"_config.py": "from gramian import gram", "gram.py": ""},
        "floor 1 may not lean on floor 5",
    ),
    "through the face": ({"cluster/a.py": "from gramian import Gram"}, "face"),
    "the face itself": ({"cluster/a.py": "import gramian as gm"}, "face"),
    "a circle": (
        {"engine/a.py": "from gramian.engine import b", "engine/b.py": "import gramian.engine.a"},
        "circle: gramian.engine.a -> gramian.engine.b -> gramian.engine.a",
    ),
    "a part without a floor": ({"attic/a.py": ""}, "gramian.attic.a: has no floor"),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_found(name: str, tmp_path: Path) -> None:
    files, message = BREACHES[name]
    assert any(message in found for found in violations(build(tmp_path, files)))


def test_what_is_allowed(tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "errors.py": "",
        "_config.py": "from gramian import errors",
        "gram.py": "from gramian import _config\nimport gramian.engine.a",
        "engine/a.py": "import numpy\nfrom gramian.engine import b",
        "engine/b.py": "def f():\n    from gramian.engine.a import g",
        "pairwise/a.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gramian.gram import Gram"
        ),
        "cli/main.py": "import gramian as gm\nfrom gramian.cluster import a",
        "cluster/a.py": "from gramian import __version__\nfrom gramian.gram import Gram",
    }
    assert violations(build(tmp_path, files)) == []
