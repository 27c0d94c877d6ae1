"""Write the gallery of ``docs/labs.md`` from a folder of reports.

    gramian lab run --all --quick --out reports
    python tools/lab_gallery.py reports

Each lab is shown by the first figure of its report that is small enough.
"""

from __future__ import annotations

import argparse
import re
import sys
from base64 import b64decode
from pathlib import Path

from gramian.labs import get_lab, lab_names

DOCS = Path(__file__).resolve().parents[1] / "docs"
PICTURES = DOCS / "images" / "labs"
PICTURE = re.compile(r'<div class="on-light">(<svg.*?</svg>)', re.DOTALL)
LABEL = re.compile(r'aria-label="([^"]*)"')
FRAME = re.compile(r'<img class="on-light" alt="([^"]*)" src="data:image/png;base64,([^"]*)"')
PAPER = '<rect width="100%" height="100%" rx="6" fill="white"/>'
"""Under each picture, so that it can be read on a dark page."""
BEGIN, END = "<!-- gallery: written by tools/lab_gallery.py -->\n", "<!-- end of the gallery -->\n"
LARGEST = 60_000
"""Bytes of a picture, where a report has one that is as small."""


def main() -> int:
    """Exit code 0; 1 if a lab has no report in the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, help="folder that `gramian lab run` wrote")
    folder = parser.parse_args().reports
    missing = [name for name in lab_names() if not (folder / f"{name}.html").exists()]
    if missing:
        print(f"no report of {', '.join(missing)} in {folder}", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = DOCS / "labs.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    gallery = "".join(entry(name, folder) for name in lab_names())
    page.write_text(f"{before}{BEGIN}{gallery}\n{END}{after}", encoding="utf-8")
    return 0


def entry(name: str, folder: Path) -> str:
    """The section of one lab; its picture is written."""
    label, file = written((folder / f"{name}.html").read_text(encoding="utf-8"), PICTURES / name)
    lab = get_lab(name)
    return f"\n### {name}\n\n{lab.question} {lab.answer}\n\n![{label}](images/labs/{file})\n"


def written(report: str, path: Path) -> tuple[str, str]:
    """What a report's picture shows, and the name of its file; of moving ones the last frame."""
    found = PICTURE.findall(report)
    if not found:
        label, data = FRAME.findall(report)[-1]
        path.with_suffix(".png").write_bytes(b64decode(data))
        return label, f"{path.name}.png"
    picture = next((one for one in found if len(one) <= LARGEST), min(found, key=len))
    named = LABEL.search(picture)
    assert named is not None  # every figure has a text of its own
    standalone = picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    standalone = standalone.replace(">", f">{PAPER}", 1)
    lines = [line.rstrip() for line in standalone.splitlines()]
    path.with_suffix(".svg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return named[1], f"{path.name}.svg"


if __name__ == "__main__":
    sys.exit(main())
