"""Tables that go on from page to page: their parts put together by the edges of their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.layout.geometry import cluster
from extract.model import Cell, Grid

if TYPE_CHECKING:
    from extract.layout.ruled import RuledTable

_SAME_EDGE = 6.0
_SNAP = 3.0


def continues(first: RuledTable, second: RuledTable) -> bool:
    """Whether two tables, one ending a page and one opening the next, have the same left and right border."""
    return abs(first.edges[0] - second.edges[0]) <= _SAME_EDGE and abs(first.edges[-1] - second.edges[-1]) <= _SAME_EDGE


def join_parts(parts: list[RuledTable]) -> Grid:
    """One grid from the parts of a table; a row that the page break cut in two stays two rows."""
    if len(parts) == 1:
        return parts[0].grid
    edges = cluster([edge for part in parts for edge in part.edges], _SNAP)
    rows: list[list[Cell | None]] = []
    for part in parts:
        columns = [min(range(len(edges)), key=lambda index: abs(edges[index] - edge)) for edge in part.edges[:-1]]
        for row in part.grid.rows:
            placed: list[Cell | None] = [None] * (len(edges) - 1)
            for column, cell in zip(columns, row, strict=True):
                if cell is not None:
                    placed[min(column, len(placed) - 1)] = cell
            rows.append(placed)
    kept = [column for column in range(len(edges) - 1) if any(row[column] is not None for row in rows)]
    return Grid(tuple(tuple(row[column] for column in kept) for row in rows), parts[0].grid.where)
