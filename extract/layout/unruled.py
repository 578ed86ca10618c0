"""Tables without rulings: rows of figures that stand in columns by nothing but their places.

Lines that are close together make a row, figures that overlap from row to row make a column. What the places don't show
is left open: a row without any figure gets no cells (never blanks), and where figures of one row fall into one column
there is no table.

Lines → rows is `unruled_rows`, rows → columns `unruled_columns`, which rows are a table `unruled_regions`; here the table is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.document.drawn import has_digit
from extract.document.joined import join_pieces
from extract.document.where import Box
from extract.layout.flow import numbers_page
from extract.layout.geometry import union
from extract.layout.look import cell_look
from extract.layout.ruled import RuledTable
from extract.layout.unruled_columns import SAME_LABEL, figure_columns, fits, label_edges
from extract.layout.unruled_regions import blocks_of, is_label_within, regions_of, runs_parted
from extract.layout.unruled_rows import INTERLEAVED, LEADING, printed_rows
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from extract.document.limits import Budget
    from extract.layout.flow import TextLine
    from extract.layout.page import PageInk
    from extract.layout.unruled_columns import FigureColumns
    from extract.layout.unruled_rows import PrintedRow, PrintedText


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that ends a page and may go on overleaf: its columns, where those of its labels begin, its right edge."""

    columns: FigureColumns
    labels: tuple[float, ...]
    right: float


def find_unruled(
    lines: Sequence[TextLine], page: PageInk, budget: Budget, before: OpenTable | None = None
) -> tuple[list[RuledTable], OpenTable | None]:
    """The unruled tables among the printed lines that no ruled table took, top to bottom, and the one that ends the page.

    `before`: the table that ends the page before; it goes on if the page begins with rows without headers whose figures stand in its
    columns.
    """
    body = [line for line in lines if not numbers_page(line, page)]
    found: list[tuple[RuledTable, OpenTable | None]] = []
    gone_on = _gone_on(body, page, before, budget) if before is not None and body else None
    if gone_on is not None:
        found.append(gone_on)
        body = [line for line in body if line.chars[0].serial not in gone_on[0].taken]
    found += _new_tables(body, page, budget)
    tables = [table for table, _ in found]
    return tables, found[-1][1] if tables and _ends_page(*found[-1], body) else None


def _ends_page(table: RuledTable, goes_on: OpenTable | None, lines: Sequence[TextLine]) -> bool:
    """Whether nothing stands below a table but the beginning of a label that goes on overleaf."""
    below = [line for line in lines if line.box.top > table.box.bottom and line.chars[0].serial not in table.taken]
    return goes_on is not None and all(line.box.right <= goes_on.columns.left for line in below)


def _new_tables(
    lines: Sequence[TextLine], page: PageInk, budget: Budget
) -> Iterator[tuple[RuledTable, OpenTable | None]]:
    """The tables that begin among some lines, and how each goes on overleaf if it ends the page."""
    for region in regions_of(printed_rows(lines, page), page.width):
        for block in blocks_of(region):
            columns = figure_columns(block)
            table = _table(block, columns, page, budget) if columns is not None else None
            if columns is not None and table is not None:
                goes_on = OpenTable(columns, tuple(label_edges(block, columns)), table.edges[-1])
                yield table, goes_on if not columns.is_open else None


def _gone_on(
    lines: Sequence[TextLine], page: PageInk, before: OpenTable, budget: Budget
) -> tuple[RuledTable, OpenTable] | None:
    """The part of a table that a page begins with, and the whole as it goes on; `None` if the rows aren't its rows for sure."""
    columns = before.columns
    (run, _), *others = runs_parted(printed_rows(lines, page, columns.left), page.width)
    for other, parting in others:
        if parting is None or not is_label_within(parting, other, columns):
            break
        run += [parting, *other]
    blocks = blocks_of(run)
    if not blocks or not fits(blocks[0], columns):
        return None
    whole = OpenTable(columns, _labels_with(before.labels, blocks[0], columns), before.right)
    table = _table(blocks[0], columns, page, budget, whole)
    return (table, whole) if table is not None else None


def _labels_with(known: tuple[float, ...], block: list[PrintedRow], columns: FigureColumns) -> tuple[float, ...]:
    """Where the columns of labels begin: those of the page before, and others that a block has."""
    apart = SAME_LABEL * block[0].em
    own = [edge for edge in label_edges(block, columns) if edge < columns.left - 1]
    return tuple(sorted([*known, *(edge for edge in own if all(abs(edge - other) > apart for other in known))]))


def _table(
    block: list[PrintedRow], columns: FigureColumns, page: PageInk, budget: Budget, whole: OpenTable | None = None
) -> RuledTable | None:
    """The table of some rows; `whole` is the one that they go on with."""
    if len(columns.spans) > budget.limits.max_columns:
        return None
    budget.add_cells(len(block) * (len(columns.spans) + 4))
    labels = list(whole.labels) if whole is not None else label_edges(block, columns)
    rows = [
        _doubted(_cells(row, labels, columns, page), _columns_beside(block, number, columns), len(labels))
        for number, row in enumerate(block)
    ]
    box = union([token.box for row in block for token in row.tokens])
    spans = columns.spans
    right = whole.right if whole is not None else max(box.right, spans[-1][1])
    edges = (*labels, *(_middle(spans, number) for number in range(len(spans))), right)
    taken = frozenset(char.serial for row in block for token in row.tokens for char in token.chars)
    return RuledTable(Grid(tuple(rows), page.where(box)), box, edges, taken, frozenset())


def _columns_beside(block: list[PrintedRow], number: int, columns: FigureColumns) -> set[int]:
    """The columns in which a line right above or below a row prints something that may be a part of the row's own figure.

    So it may if the line has no label, or stands less than a line away: then it is beside the row.
    """
    row = block[number]
    if not row.figures:
        return set()
    found: set[int] = set()
    for other in block[max(0, number - 1) : number] + block[number + 1 : number + 2]:
        pieces = [token for token in other.tokens if not columns.is_label(token)]
        if _may_be_lines_of(row, pieces, has_label=len(pieces) < len(other.tokens)):
            found.update(columns.of(token) for token in pieces)
    return found


def _may_be_lines_of(row: PrintedRow, pieces: Sequence[PrintedText], *, has_label: bool) -> bool:
    """Whether texts beside, above or below the figures of a row may be lines of the same cells; those above without a digit are headers."""
    gap = min((_gap(row, token) for token in pieces), default=math.inf)
    if gap < INTERLEAVED * row.em:
        return True
    is_header = pieces and pieces[0].box.top < row.figures[0].box.top and not any(has_digit(t.text) for t in pieces)
    return gap <= LEADING * row.em and not has_label and not is_header


def _gap(row: PrintedRow, token: PrintedText) -> float:
    """How far a text stands above or below the figures of a row."""
    return min(abs(token.chars[0].baseline - figure.chars[0].baseline) for figure in row.figures)


def _doubted(cells: tuple[Cell | None, ...], columns: set[int], labels: int) -> tuple[Cell | None, ...]:
    """The cells of a row, those of some columns of figures unread."""
    return tuple(
        replace(cell, unread=True) if cell is not None and place - labels in columns else cell
        for place, cell in enumerate(cells)
    )


def _middle(spans: Sequence[tuple[float, float]], number: int) -> float:
    """The left edge of a column: half-way to its neighbour."""
    return spans[number][0] if number == 0 else (spans[number - 1][1] + spans[number][0]) / 2


def _cells(row: PrintedRow, labels: list[float], columns: FigureColumns, page: PageInk) -> tuple[Cell | None, ...]:
    """The cells of a row; blanks only in rows that show at least one figure."""
    inside: dict[int, list[PrintedText]] = {}
    for token in row.tokens:
        if columns.is_label(token):
            place = max(number for number, edge in enumerate(labels) if number == 0 or token.box.left >= edge - 1)
        else:
            place = len(labels) + (columns.of(token) if token.is_figure else columns.headed_by(token))
        inside.setdefault(place, []).append(token)
    return tuple(
        _printed_cell(inside[place], columns, place - len(labels), page)
        if place in inside
        else _blank_cell(row, columns, place - len(labels), page)
        if place >= len(labels) and row.figures
        else None
        for place in range(len(labels) + len(columns.spans))
    )


def _printed_cell(tokens: list[PrintedText], columns: FigureColumns, number: int, page: PageInk) -> Cell:
    """The cell of a column (below 0: of labels) that holds some texts."""
    text = join_pieces(token.text for token in tokens)
    box = union([token.box for token in tokens])
    look = cell_look([char for token in tokens for char in token.chars], columns.around(number, box), page)
    unread = "\ufffd" in text or (columns.is_open and any(token.is_figure for token in tokens))
    return Cell(text, page.where(box), unread=unread, look=look)


def _blank_cell(row: PrintedRow, columns: FigureColumns, number: int, page: PageInk) -> Cell:
    """The cell of a column in which a row with figures prints nothing."""
    left, right = columns.spans[number]
    box = union([token.box for token in row.tokens])
    blank = Box(left, box.top, right, box.bottom)
    return Cell("", page.where(blank), unread=columns.is_open, look=cell_look((), columns.around(number, blank), page))
