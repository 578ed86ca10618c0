"""HTML tables → grids: spans expanded and clamped, nested tables kept apart, hidden cells left out.

A cell's `where` is an XPath that is right in a browser's tree too: `(//table)[3]/descendant::tr[5]/*[2]` is the second
cell of the fifth row of the page's third table. Tables and rows are counted, not their parents, because browsers add `tbody`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from extract.document.clean import collapse
from extract.document.drawn import Look, has_digit, may_be_figure
from extract.document.limits import Budget
from extract.document.marks import raised, struck
from extract.model import Cell, Grid
from extract.web.css import declarations
from extract.web.elements import BLOCKS, SILENT, string_of
from extract.web.styles import is_gone

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.drawn import PageView

_NUMBER = re.compile(r"\s*(\d{1,9})")
_HIDDEN = re.compile(r"display|visibility|content-vis", re.IGNORECASE)
#: Around others it only takes the gaps from between boxes, which have sizes of their own; on a text it is a mark for copyists.
_NO_SIZE = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)", re.IGNORECASE)
#: The longest text of a cell that may stand in a box of its own: the longest label of the forms has some forty characters.
_LONGEST_BOXED = 80
_MOST_SPANNED = 1000
_ASIDE = Look.MOVED.because("cells of its row are moved against each other")
_COLLAPSED = Look.HIDDEN.because("its column is collapsed")
_NO_BOXES: frozenset[_Element] = frozenset()
_SIMPLE = frozenset({"p", "span", "div", "font", "b", "strong"})


class CellPart(NamedTuple):
    """A cell: its element, what it shows, and why a figure there isn't seen as it is stored."""

    element: _Element
    text: str
    look: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableParts:
    """A table's own rows with their cells, without those of tables inside it.

    `left_out` counts hidden parts with figures, `collapsed` are the columns that the table's `<col>` elements don't show.
    """

    rows: tuple[tuple[_Element, tuple[CellPart, ...]], ...]
    nested: tuple[_Element, ...]
    left_out: int = 0
    collapsed: frozenset[int] = frozenset()

    def texts(self) -> list[list[str]]:
        """What the cells show, row by row."""
        return [[cell.text for cell in cells] for _, cells in self.rows]


def hidden_elements(root: _Element, *, unhides: bool = False) -> frozenset[_Element]:
    """The elements that their own attributes leave out: `hidden`, `display:none`, `visibility:hidden`, a text of size nought.

    `unhides`: a style sheet makes things visible again, so that what is inside something invisible may show.
    """
    return frozenset(element for element in root.iter() if _is_attributed_away(element, unhides=unhides))


def _is_attributed_away(element: _Element, *, unhides: bool) -> bool:
    if (style := element.get("style")) is None or ("n" not in style and "N" not in style):
        return _is_closed(element)
    declared = declarations(style) if _HIDDEN.search(style) else {}
    if element.get("hidden") is not None and "display" not in declared:
        return True
    if element.get("popover") is not None or (declared and is_gone(element, declared, unhides=unhides)):
        return True
    return not len(element) and _NO_SIZE.search(style) is not None


def _is_closed(element: _Element) -> bool:
    is_closed_dialog = element.tag == "dialog" and element.get("open") is None
    return is_closed_dialog or element.get("hidden") is not None or element.get("popover") is not None


def table_parts(table: _Element, view: PageView) -> TableParts:
    """Rows with their cells in order; cells outside any row (`<table><td>`) make a row of their own."""
    rows: list[tuple[_Element, tuple[CellPart, ...]]] = []
    nested: list[_Element] = []
    loose: list[CellPart] = []
    left_out: list[_Element] = []

    def walk(element: _Element, row: list[CellPart] | None) -> None:
        for child in element:
            tag = child.tag
            if child in view.hidden:
                if isinstance(tag, str) and has_digit(string_of(child)):
                    left_out.append(child)
            elif tag in ("td", "th"):
                (loose if row is None else row).append(_cell_part(child, view, nested))
            elif tag == "tr":
                cells: list[CellPart] = []
                place = len(rows)
                rows.append((child, ()))
                walk(child, cells)
                rows[place] = (child, _in_columns(child, cells, view))
            elif tag == "table":
                nested.append(child)
            elif isinstance(tag, str) and tag not in SILENT:
                walk(child, row)

    walk(table, None)
    if loose:
        rows.append((table, tuple(loose)))
    return TableParts(_in_rows(rows, view), tuple(nested), len(left_out), frozenset(_collapsed(table, view)))


def _collapsed(table: _Element, view: PageView) -> Iterator[int]:
    """The columns that `visibility: collapse` takes out of a table."""
    if view.drawing is None:
        return
    at = 0
    for group in table.iterchildren("colgroup", "col"):
        columns = list(group.iterchildren("col")) or [group]
        for column in columns:
            span = _span(column.get("span"), _MOST_SPANNED)
            if not view.drawing.drawn(column).visible:
                yield from range(at, at + span)
            at += span


def _in_columns(row: _Element, cells: Sequence[CellPart], view: PageView) -> tuple[CellPart, ...]:
    """A row's cells; where they are moved against each other, no figure's column is known, nor which cell is blank."""
    if view.drawing is None or not view.drawing.are_moved(row, [cell.element for cell in cells]):
        return tuple(cells)
    return _moved(cells)


def _moved(cells: Sequence[CellPart]) -> tuple[CellPart, ...]:
    return tuple(cell._replace(look=(*cell.look, _ASIDE)) if may_be_figure(cell.text) else cell for cell in cells)


def _in_rows(
    rows: Sequence[tuple[_Element, tuple[CellPart, ...]]], view: PageView
) -> tuple[tuple[_Element, tuple[CellPart, ...]], ...]:
    """A table's rows; those that are laid out otherwise than the rest don't stand below its headers."""
    if view.drawing is None:
        return tuple(rows)
    drawing = view.drawing
    flows = [drawing.flow(row, [cell.element for cell in cells]) for row, cells in rows]
    if len(set(flows)) < 2:
        return tuple(rows)
    return tuple((row, _moved(cells) if flow else cells) for (row, cells), flow in zip(rows, flows, strict=True))


def _cell_part(cell: _Element, view: PageView, nested: list[_Element]) -> CellPart:
    """A cell; the tables inside it, but for mere boxes, are added to `nested`."""
    boxes = _NO_BOXES
    if len(cell) and cell.find(".//table") is not None:
        inside = list(_outermost_tables(cell))
        boxes = frozenset(inner for inner in inside if _is_box(inner))
        nested.extend(inner for inner in inside if inner not in boxes)
    text = cell_text(cell, view.hidden, boxes)
    return CellPart(cell, text, () if view.drawing is None else view.drawing.look(cell, text, view.hidden, boxes))


def _outermost_tables(element: _Element) -> Iterator[_Element]:
    for child in element:
        if child.tag == "table":
            yield child
        elif len(child):
            yield from _outermost_tables(child)


def _is_box(table: _Element) -> bool:
    """Whether a table inside a cell is only a box around the cell's own short text, as some editors paste it."""
    cells = list(islice(table.iter("td", "th"), 2))
    return len(cells) == 1 and len("".join(string_of(table).split())) <= _LONGEST_BOXED


def cell_text(cell: _Element, hidden: Set[_Element], boxes: Set[_Element] = frozenset()) -> str:
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


def _gather(element: _Element, parts: list[str], hidden: Set[_Element], boxes: Set[_Element]) -> None:
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


def _mark(element: _Element) -> Callable[[str], str] | None:
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


def _numbers(row: _Element, cells: Sequence[CellPart]) -> dict[_Element, int] | None:
    """The numbers of a row's elements among their siblings; `None` where its cells are all there is."""
    if len(row) == len(cells) > 0 and row[0] is cells[0].element and row[-1] is cells[-1].element:
        return None
    return {child: number for number, child in enumerate(row, start=1)}


def to_grid(parts: TableParts, where: str, all_rows: dict[_Element, int], budget: Budget) -> Grid:
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
        for order, (cell, text, look) in enumerate(cells):
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
            at = f"{place}[{number}]" if number else cell.getroottree().getpath(cell)
            mine[j] = Cell(text, at, look=look if j not in parts.collapsed else (*look, _COLLAPSED))
            j += columns
        budget.add_cells(len(cells))
    order_of_columns = sorted(starts)
    return Grid(tuple(tuple([line.get(j) for j in order_of_columns]) for line in taken), where)
