"""HTML tables → grids: spans expanded and clamped, nested tables kept apart, hidden cells left out.

A cell's `where` is an XPath that is right in a browser's tree too: `(//table)[3]/descendant::tr[5]/*[2]` is the second
cell of the fifth row of the page's third table. Tables and rows are counted, not their parents, because browsers add `tbody`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extract.clean import collapse
from extract.limits import Budget
from extract.model import Cell, Grid

Element = Any  # lxml.etree._Element has no published type

_NUMBER = re.compile(r"\s*(\d{1,9})")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Never text of the report, wherever they stand.
SILENT = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "embed", "head", "select", "button", "input", "svg"}
)
#: Elements that end a line, or part words inside a cell.
BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "ucapcontent", "ucaptitle"]
)


@dataclass(frozen=True, slots=True)
class TableParts:
    """A table's own rows and cells, without those of tables inside it."""

    rows: tuple[tuple[Element, tuple[Element, ...]], ...]
    nested: tuple[Element, ...]


def is_hidden(element: Element) -> bool:
    """Whether the element is never shown: `hidden`, `display:none`, `visibility:hidden`."""
    style = element.get("style")
    if style is not None and _HIDDEN.search(style):
        return True
    return element.get("hidden") is not None


def table_parts(table: Element) -> TableParts:
    """Rows with their cells in order; cells outside any row (`<table><td>`) make a row of their own."""
    rows: list[tuple[Element, tuple[Element, ...]]] = []
    nested: list[Element] = []
    loose: list[Element] = []

    def walk(element: Element, row: list[Element] | None) -> None:
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or is_hidden(child):
                continue
            if tag == "table":
                nested.append(child)
            elif tag == "tr":
                cells: list[Element] = []
                rows.append((child, ()))
                place = len(rows) - 1
                walk(child, cells)
                rows[place] = (child, tuple(cells))
            elif tag in ("td", "th"):
                (loose if row is None else row).append(child)
                if len(child):
                    nested.extend(_outermost_tables(child))
            elif tag not in SILENT:
                walk(child, row)

    walk(table, None)
    if loose:
        rows.append((table, tuple(loose)))
    return TableParts(tuple(rows), tuple(nested))


def _outermost_tables(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == "table":
            yield child
        elif isinstance(child.tag, str) and len(child):
            yield from _outermost_tables(child)


def cell_text(cell: Element) -> str:
    """What a cell shows, on one line. `<br>` and paragraphs part words, spans don't (Word makes one a character)."""
    if not len(cell):
        return collapse(cell.text) if cell.text else ""
    parts: list[str] = []
    _gather(cell, parts)
    return collapse("".join(parts))


def _gather(element: Element, parts: list[str]) -> None:
    if element.text:
        parts.append(element.text)
    for child in element:
        tag = child.tag
        if isinstance(tag, str) and tag not in SILENT and tag != "table" and not is_hidden(child):
            if tag == "br":
                parts.append(" ")
            elif tag in BLOCKS:
                parts.append(" ")
                _gather(child, parts)
                parts.append(" ")
            else:
                _gather(child, parts)
        if child.tail:
            parts.append(child.tail)


def _span(declared: str | None, limit: int) -> int:
    if declared is None:
        return 1
    found = _NUMBER.match(declared)
    return min(max(1, int(found.group(1))), limit) if found else 1


def to_grid(parts: TableParts, where: str, all_rows: dict[Element, int], budget: Budget) -> Grid:
    """Expand the spans of a table's own rows.

    Spans are clamped to the rows left and the column limit; `rowspan="0"` runs to the end, as the standard says. Columns
    in which no cell begins come from a colspan that is too large, and are dropped. A row that is too short ends in `None`:
    a cell that the page doesn't have is not a blank cell.
    """
    width_limit = budget.limits.max_columns
    height = len(parts.rows)
    taken: dict[tuple[int, int], Cell | None] = {}
    starts: set[int] = set()
    for i, (row, cells) in enumerate(parts.rows):
        j = 0
        row_number = all_rows.get(row)
        for cell in cells:
            while (i, j) in taken:
                j += 1
            if j >= width_limit:
                break
            columns = _span(cell.get("colspan"), width_limit - j)
            declared_rows = cell.get("rowspan")
            left = height - i
            rows = left if declared_rows is not None and declared_rows.strip() == "0" else _span(declared_rows, left)
            budget.add_cells(columns * rows)
            if row_number is not None and cell.getparent() is row:
                place = f"{where}/descendant::tr[{row_number}]/*[{row.index(cell) + 1}]"
            else:
                place = cell.getroottree().getpath(cell)
            starts.add(j)
            for down in range(rows):
                for right in range(columns):
                    if (i + down, j + right) not in taken:
                        taken[i + down, j + right] = None
            taken[i, j] = Cell(cell_text(cell), place)
            j += columns
    order = sorted(starts)
    return Grid(tuple(tuple(taken.get((i, j)) for j in order) for i in range(height)), where)
