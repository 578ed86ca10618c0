"""What strangers wrote is cut and counted by the few functions made for it: a lint, because the plain methods of Python look right.

`str.splitlines` ends lines at form feeds and U+2028, where no protocol does; `str.isdigit` takes `²`, which `int` refuses, and any number of
digits, which it refuses as well.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Rooms that read heads, records, list services' values and the parts of office files.
WIRE = ("crawler/http", "archive/warc", "crawler/lists", "crawler/families", "extract/office", "crawler/imports")
DIGITS = ("isdigit", "isdecimal", "isnumeric")
#: Lines of our own records, written with line feeds alone.
OWN_LINES = {("archive/warc/manifest.py", "splitlines")}


def calls(path: Path) -> list[tuple[str, int]]:
    """Methods that are called in a module, with their lines; a look at digits behind `isascii` is a sound one."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    return [
        (node.func.attr, node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not (node.func.attr in DIGITS and "isascii" in lines[node.lineno - 1])
    ]


@pytest.mark.parametrize("room", WIRE)
def test_strangers_text_is_cut_and_counted_by_what_is_made_for_it(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, line in calls(path)
        if name in (*DIGITS, "splitlines") and (str(path.relative_to(ROOT)), name) not in OWN_LINES
    ]
    assert found == []
