"""What a page's scripts and shadow trees put into its cells: something is shown there, and what it is isn't known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Ways in which a script writes text into an element.
_WRITES = re.compile(
    r"innerHTML|innerText|textContent|nodeValue|insertAdjacent|\.(?:text|html|append|prepend|val|before|after)\("
)
_WRITES_HERE = re.compile(r"write|innerHTML")
_QUOTED = re.compile(r"[\"'`](?:[\w ]*#)?([^\"'`\s#]{1,60})")
_CELLS = ("td", "th")


def with_written(root: _Element, lowered: str) -> str:
    """Let what is written into a cell stand as a drawing there.

    The page's lower-case markup comes back, with the drawings' tag if there are any.
    """
    written = [*_written_in_place(root), *_named_by_scripts(root)]
    for element in written:
        if element.tag in ("script", "template"):
            element.tag, element.text = "canvas", None
            element[:] = []
        else:
            etree.SubElement(element, "canvas")
    return f"{lowered}<canvas" if written else lowered


def _written_in_place(root: _Element) -> Iterator[_Element]:
    """Scripts in a cell that write, and templates that are shown instead of what stands beside them (shadow trees)."""
    for element in root.iter("script", "template"):
        if element.tag == "script":
            is_writing = _WRITES_HERE.search(element.text or "") is not None
        else:
            is_writing = any(name.startswith("shadowroot") for name in element.attrib)
        if is_writing and _cell_of(element) is not None:
            yield element


def _named_by_scripts(root: _Element) -> Iterator[_Element]:
    """Elements of cells whose ids a script names that writes texts into elements."""
    scripts = [text for script in root.iter("script") if (text := script.text) and _WRITES.search(text)]
    if not scripts:
        return
    names = {name for text in scripts for name in _QUOTED.findall(text)}
    for cell in root.iter(*_CELLS):
        if cell.find(".//table") is None:
            yield from (
                element for element in cell.iter() if element.get("id") in names and isinstance(element.tag, str)
            )


def _cell_of(element: _Element) -> _Element | None:
    return next(element.iterancestors(*_CELLS), None)
