"""Where in a document something stands, as text that people can read and a page can highlight.

PDF pages, scans and OFD use `page 3, box 72.0,100.5,130.2,118.0`: left, top, right, bottom in points (1/72 inch) of the
page as displayed, counted from its upper left corner. An image file counts as a page 595 points wide.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle; `top` is the smaller vertical coordinate."""

    left: float
    top: float
    right: float
    bottom: float


class PageBox(NamedTuple):
    """A rectangle on a page; pages count from 1."""

    page: int
    box: Box


_PAGE_BOX = re.compile(r"page (\d+), box (-?[\d.]+),(-?[\d.]+),(-?[\d.]+),(-?[\d.]+)")


def format_page_box(page: int, box: Box) -> str:
    """`page N, box left,top,right,bottom`, one decimal."""
    return f"page {page}, box {box.left:.1f},{box.top:.1f},{box.right:.1f},{box.bottom:.1f}"


def parse_page_box(where: str) -> PageBox | None:
    """The page and box that a `where` names, `None` if it names another kind of place."""
    found = _PAGE_BOX.search(where)
    if found is None:
        return None
    left, top, right, bottom = (float(part) for part in found.groups()[1:])
    return PageBox(int(found.group(1)), Box(left, top, right, bottom))
