"""HTML tables → grids: spans expanded and clamped, nested tables kept apart, hidden cells left out.

A cell's `where` is an XPath that is right in a browser's tree too: `(//table)[3]/descendant::tr[5]/*[2]` is the second
cell of the fifth row of the page's third table. Tables and rows are counted, not their parents, because browsers add `tbody`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from extract.document.clean import collapse
from extract.document.limits import Budget
from extract.document.marks import raised, struck
from extract.model import Cell, Grid

Element = Any  # lxml.etree._Element has no published type

_NUMBER = re.compile(r"\s*(\d{1,9})")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Around others it only takes the gaps from between boxes, which have sizes of their own; on a text it is a mark for copyists.
_NO_SIZE = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)", re.IGNORECASE)
#: All text below an element, scripts and hidden elements included; ten times faster than joining `itertext`.
string_of = etree.XPath("string()", smart_strings=False)
#: Never text of the report, wherever they stand.
SILENT = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "embed", "head", "select", "button", "input", "svg"}
)
#: Elements that end a line, or part words inside a cell.
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form "
        "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary "
        "table tbody td tfoot th thead tr ul ucapcontent ucaptitle",
    )
)
#: The longest text of a cell that may stand in a box of its own: the longest label of the forms has some forty characters.
_LONGEST_BOXED = 80
_SIMPLE = frozenset({"p", "span", "div", "font", "b", "strong"})


@dataclass(frozen=True, slots=True)
class TableParts:
    """A table's own rows with their cells and what each shows, without those of tables inside it."""

    rows: tuple[tuple[Element, tuple[tuple[Element, str], ...]], ...]
    nested: tuple[Element, ...]

    def texts(self) -> list[list[str]]:
        """What the cells show, row by row."""
        return [[text for _, text in cells] for _, cells in self.rows]


def hidden_elements(root: Element) -> frozenset[Element]:
    """The elements that are never shown: `hidden`, `display:none`, `visibility:hidden`, a text of size nought."""
    return frozenset(
        element for element in root.iter() if element.get("hidden") is not None or _is_styled_away(element)
    )


def _is_styled_away(element: Element) -> bool:
    style = element.get("style")
    if style is None or ("n" not in style and "N" not in style):
        return False
    return _HIDDEN.search(style) is not None or (not len(element) and _NO_SIZE.search(style) is not None)


def table_parts(table: Element, hidden: Set[Element]) -> TableParts:
    """Rows with their cells in order; cells outside any row (`<table><td>`) make a row of their own."""
    rows: list[tuple[Element, tuple[tuple[Element, str], ...]]] = []
    nested: list[Element] = []
    loose: list[tuple[Element, str]] = []

    def walk(element: Element, row: list[tuple[Element, str]] | None) -> None:
        for child in element:
            tag = child.tag
            if child in hidden:
                continue
            if tag in ("td", "th"):
                inside = list(_outermost_tables(child)) if len(child) and child.find(".//table") is not None else []
                boxes = frozenset(inner for inner in inside if _is_box(inner))
                (loose if row is None else row).append((child, cell_text(child, hidden, boxes)))
                nested.extend(inner for inner in inside if inner not in boxes)
            elif tag == "tr":
                cells: list[tuple[Element, str]] = []
                place = len(rows)
                rows.append((child, ()))
                walk(child, cells)
                rows[place] = (child, tuple(cells))
            elif tag == "table":
                nested.append(child)
            elif isinstance(tag, str) and tag not in SILENT:
                walk(child, row)

    walk(table, None)
    if loose:
        rows.append((table, tuple(loose)))
    return TableParts(tuple(rows), tuple(nested))


def _outermost_tables(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == "table":
            yield child
        elif len(child):
            yield from _outermost_tables(child)


def _is_box(table: Element) -> bool:
    """Whether a table inside a cell is only a box around the cell's own short text, as some editors paste it."""
    cells = list(islice(table.iter("td", "th"), 2))
    return len(cells) == 1 and len("".join(string_of(table).split())) <= _LONGEST_BOXED


def cell_text(cell: Element, hidden: Set[Element], boxes: Set[Element] = frozenset()) -> str:
    """What a cell shows, on one line. `<br>` and paragraphs part words, spans don't (Word makes one a character).

    Tables inside the cell are left out, except for `boxes`.
    """
    count = len(cell)
    if not count:
        return collapse(cell.text) if cell.text else ""
    if count == 1:
        only = cell[0]  # `<td><p>12</p></td>`, by far the most frequent
        if not len(only) and only.tag in _SIMPLE and only not in hidden and "through" not in only.get("style", ""):
            gap = " " if only.tag in BLOCKS else ""
            return collapse(f"{cell.text or ''}{gap}{only.text or ''}{gap}{only.tail or ''}")
    parts: list[str] = []
    _gather(cell, parts, hidden, boxes)
    return collapse("".join(parts))


def _gather(element: Element, parts: list[str], hidden: Set[Element], boxes: Set[Element]) -> None:
    if element.text:
        parts.append(element.text)
    for child in element:
        tag = child.tag
        if isinstance(tag, str) and tag not in SILENT and (tag != "table" or child in boxes) and child not in hidden:
            if tag == "br":
                parts.append(" ")
            else:
                gap = " " if tag in BLOCKS else ""
                mark = _mark(child)
                inside: list[str] = [] if mark is not None else parts
                parts.append(gap)
                _gather(child, inside, hidden, boxes)
                if mark is not None:
                    parts.append(mark("".join(inside)))
                parts.append(gap)
        if child.tail:
            parts.append(child.tail)


def _mark(element: Element) -> Callable[[str], str] | None:
    """How the element's text must be shown if it is raised or struck out."""
    if element.tag in ("sup", "sub"):
        return raised
    if element.tag in ("s", "del", "strike") or "line-through" in element.get("style", ""):
        return struck
    return None


def _span(declared: str | None, limit: int) -> int:
    if declared is None:
        return 1
    found = _NUMBER.match(declared)
    return min(max(1, int(found.group(1))), limit) if found else 1


def _numbers(row: Element, cells: Sequence[tuple[Element, str]]) -> dict[Element, int] | None:
    """The numbers of a row's elements among their siblings; `None` where its cells are all there is."""
    if len(row) == len(cells) > 0 and row[0] is cells[0][0] and row[-1] is cells[-1][0]:
        return None
    return {child: number for number, child in enumerate(row, start=1)}


def to_grid(parts: TableParts, where: str, all_rows: dict[Element, int], budget: Budget) -> Grid:
    """Expand the spans of a table's own rows.

    Spans are clamped to the rows left and the column limit; `rowspan="0"` runs to the end, as the standard says. Columns
    in which no cell begins come from a colspan that is too large, and are dropped. A row that is too short ends in `None`:
    a cell that the page doesn't have is not a blank cell.
    """
    width_limit = budget.limits.max_columns
    height = len(parts.rows)
    taken: list[dict[int, Cell | None]] = [{} for _ in range(height)]
    starts: set[int] = set()
    for i, (row, cells) in enumerate(parts.rows):
        j = 0
        mine = taken[i]
        place = f"{where}/descendant::tr[{all_rows[row]}]/*" if row in all_rows else f"{where}/*"
        numbers = _numbers(row, cells)
        for order, (cell, text) in enumerate(cells):
            while j in mine:
                j += 1
            if j >= width_limit:
                break
            columns = _span(cell.get("colspan"), width_limit - j)
            declared_rows = cell.get("rowspan")
            left = height - i
            rows = left if declared_rows is not None and declared_rows.strip() == "0" else _span(declared_rows, left)
            starts.add(j)
            if rows > 1 or columns > 1:
                budget.add_cells(columns * rows)
                for down in range(i, i + rows):
                    for right in range(j, j + columns):
                        taken[down].setdefault(right, None)
            number = order + 1 if numbers is None else numbers.get(cell)
            mine[j] = Cell(text, f"{place}[{number}]" if number else cell.getroottree().getpath(cell))
            j += columns
        budget.add_cells(len(cells))
    order_of_columns = sorted(starts)
    return Grid(tuple(tuple([line.get(j) for j in order_of_columns]) for line in taken), where)
