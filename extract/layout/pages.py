"""Tables that go on from page to page: their parts put together by the edges of their columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.layout.geometry import cluster
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from extract.layout.ruled import RuledTable

# A label's own number, with which only a new row begins.
_ORDINAL = re.compile(
    r"[一二三四五六七八九十]{1,3}\s*[、.．]|[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]|\d{1,2}\s*[、.．]|第二十条"
)
_FIGURE = re.compile(r"[-+\d０-９.,，．/—–－％%\s]+")
#: A row has so many labels: its own and that of its group.
_MOST_LABELS = 2
_SAME_EDGE = 6.0
_SNAP = 3.0


def continues(first: RuledTable, second: RuledTable) -> bool:
    """Whether two tables, one ending a page and one opening the next, have the same left and right border."""
    return abs(first.edges[0] - second.edges[0]) <= _SAME_EDGE and abs(first.edges[-1] - second.edges[-1]) <= _SAME_EDGE


def join_parts(parts: list[RuledTable]) -> Grid:
    """One grid from the parts of a table; a row that the page break cut in two is made whole where that is certain."""
    if len(parts) == 1:
        return parts[0].grid
    edges = cluster([edge for part in parts for edge in part.edges], _SNAP)
    rows: list[list[Cell | None]] = []
    full: set[int] = set()
    for part in parts:
        columns = [_nearest(edges, edge) for edge in part.edges[:-1]]
        for number, row in enumerate(part.grid.rows):
            placed: list[Cell | None] = [None] * (len(edges) - 1)
            for column, cell in zip(columns, row, strict=True):
                if cell is not None:
                    placed[min(column, len(placed) - 1)] = cell
            if number == 0 and rows:
                _add_after_break(rows, placed, full)
            else:
                rows.append(placed)
        full = {columns[column] for column in part.full_at_end}
    kept = [column for column in range(len(edges) - 1) if any(row[column] is not None for row in rows)]
    return Grid(tuple(tuple(row[column] for column in kept) for row in rows), parts[0].grid.where)


def _nearest(edges: list[float], edge: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - edge))


def _add_after_break(rows: list[list[Cell | None]], row: list[Cell | None], full: set[int]) -> None:
    """Add the first row of a page to the rows of the page before, or put it together with the last of them.

    A row was cut if its halves share labels and nothing else: the label fills its last line before the break and
    doesn't open anew (with a number of its own) after it, and no other column has text on both sides. Where only one of
    the two signs is there, the blank cells beside the label are marked unread: they may be the other half's.
    """
    owners = [_owner(rows, column) for column in range(len(row))]
    last = [rows[owner][column] if owner is not None else None for column, owner in enumerate(owners)]
    shared = _shared_labels(last, row)
    if not shared:
        rows.append(row)
        return
    goes_on = _goes_on(shared, full)
    opens = _opens_anew(shared, row)
    if goes_on and not opens and _have_owners(row, owners):
        _complete(rows, owners, last, row)
    elif (goes_on or not opens) and _may_lack_figures(shared, last, row):
        rows.append([_doubtful(cell) for cell in row])
    else:
        rows.append(row)


def _shared_labels(last: list[Cell | None], row: list[Cell | None]) -> list[int]:
    """The columns with text on both sides of the break; none if one of them goes on with a figure, as no label does."""
    shared = [column for column in range(len(row)) if _text(last[column]) and _text(row[column])]
    return [] if any(_is_figure(row[column]) for column in shared) else shared


def _goes_on(shared: list[int], full: set[int]) -> bool:
    """Whether labels fill their last line before the break: one of a row's two, or all if more columns have text on both sides."""
    full_columns = [column for column in shared if column in full]
    return bool(full_columns) if len(shared) <= _MOST_LABELS else full_columns == shared


def _opens_anew(shared: list[int], row: list[Cell | None]) -> bool:
    """Whether a label behind the break has a number of its own."""
    return any(_ORDINAL.match(_text(row[column])) for column in shared)


def _have_owners(row: list[Cell | None], owners: list[int | None]) -> bool:
    """Whether each text of a row stands below a cell that it can be a part of."""
    return all(owners[column] is not None for column, cell in enumerate(row) if _text(cell))


def _may_lack_figures(shared: list[int], last: list[Cell | None], row: list[Cell | None]) -> bool:
    """Whether a row without figures shares no more than its labels with a row that has some."""
    return len(shared) <= _MOST_LABELS and any(map(_is_figure, last)) and not any(map(_is_figure, row))


def _complete(
    rows: list[list[Cell | None]], owners: list[int | None], last: list[Cell | None], row: list[Cell | None]
) -> None:
    """Put the cells of a row together with those above the break that they go on with."""
    for column, owner in enumerate(owners):
        if owner is not None:
            rows[owner][column] = _put_together(last[column], row[column])


def _is_figure(cell: Cell | None) -> bool:
    return _FIGURE.fullmatch(_text(cell)) is not None


def _owner(rows: list[list[Cell | None]], column: int) -> int | None:
    """The row in which the cell begins that covers a column of the last row."""
    return next((number for number in range(len(rows) - 1, -1, -1) if rows[number][column] is not None), None)


def _text(cell: Cell | None) -> str:
    return cell.text if cell is not None else ""


def _put_together(above: Cell | None, below: Cell | None) -> Cell | None:
    if above is None or below is None:
        return above or (below if _text(below) else None)
    text = above.text + below.text
    look = tuple(dict.fromkeys((*above.look, *below.look)))
    return Cell(text, above.where if above.text else below.where, unread=above.unread or below.unread, look=look)


def _doubtful(cell: Cell | None) -> Cell | None:
    return Cell("", cell.where, unread=True) if cell is not None and not cell.text else cell
