#!/usr/bin/env python3
"""Renew the lines of docs/field-guide.md that say which modules rest on a section: `.ci/field_guide.py` writes, `--check` only looks.

Citations read "field guide §2.4", several "§§1.4, 2.5" or "§§1-9"; each must name a section that the guide has.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "field-guide.md"
_CITATION = re.compile(r"[Ff]ield guide,?[ \n#]*(§[§ \d.,–\-and]*\d)")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(?:\s*[–-]\s*(\d+))?")
_HEADING = re.compile(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", re.MULTILINE)
_USED = re.compile(r"\n\*Used by: [^\n]*\*\n")


def sections(text: str) -> list[str]:
    """The numbers of the guide's sections, in order."""
    return _HEADING.findall(text)


def cited(text: str) -> list[str]:
    """The section numbers that a file cites."""
    found: list[str] = []
    for citation in _CITATION.findall(text):
        for first, part, last in _NUMBER.findall(citation):
            if last and not part:
                found += [str(number) for number in range(int(first), int(last) + 1)]
            else:
                found.append(f"{first}.{part}" if part else first)
    return found


def uses() -> dict[str, list[str]]:
    """Chapter number → modules that cite it or a section of it."""
    found: dict[str, list[str]] = {}
    for top in ("extract", "archive", "crawler"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in (".py", ".toml"):
                for chapter in sorted({number.partition(".")[0] for number in cited(file.read_text("utf-8"))}):
                    found.setdefault(chapter, []).append(file.relative_to(ROOT).as_posix())
    return found


def unknown() -> list[str]:
    """Citations of sections that the guide doesn't have: file and number."""
    known = set(sections(GUIDE.read_text("utf-8")))
    files = [
        file
        for top in ("extract", "archive", "crawler", "tests", "bench")
        for file in sorted((ROOT / top).rglob("*.py"))
    ]
    return [
        f"{file.relative_to(ROOT).as_posix()}: §{number}"
        for file in files
        if "fixtures" not in file.parts
        for number in cited(file.read_text("utf-8"))
        if number not in known
    ]


def renewed(text: str) -> str:
    """The guide with fresh lines of use under the headings of its chapters."""
    used = uses()

    def line(heading: re.Match[str]) -> str:
        modules = used.get(heading[1])
        named = ", ".join(f"`{module}`" for module in modules) if modules else "nothing yet"
        return f"{heading[0]}\n*Used by: {named}.*\n"

    return re.sub(r"^## (\d+)\. [^\n]*\n", line, _USED.sub("", text), flags=re.MULTILINE)


def main() -> int:
    """Write or look."""
    text = GUIDE.read_text("utf-8")
    fresh = renewed(text)
    missing = unknown()
    for item in missing:
        print(f"no such section of the field guide: {item}", file=sys.stderr)
    if "--check" in sys.argv[1:]:
        if fresh != text:
            print("docs/field-guide.md: run .ci/field_guide.py", file=sys.stderr)
        return 1 if missing or fresh != text else 0
    GUIDE.write_text(fresh, "utf-8")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
