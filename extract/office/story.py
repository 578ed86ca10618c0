"""A word processor's stream of paragraphs with cell marks → lines and grids; shared by the binary format and RTF.

Both mark the end of each cell and of each row, and describe a row by the edges of its cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import WHITE, Colour
from extract.document.drawn import Run, verdict
from extract.document.joined import join_pieces
from extract.errors import DocumentTooLarge
from extract.model import Block, Cell, Grid, Line
from extract.office.docx import tidy_grid
from extract.office.fonts import PLAIN, Font, font_reasons

if TYPE_CHECKING:
    from extract.document.limits import Budget

# Edges of cells that are nearer than this are one edge, in twips (1/20 point).
_SNAP_TWIPS = 30


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell's place in its row: left and right edge in twips, and how it merges."""

    left: int
    right: int
    opens_merge: bool
    merged_up: bool
    merged_left: bool
    paper: Colour = WHITE


@dataclass(frozen=True, slots=True)
class ParagraphProperties:
    """What the properties of a paragraph say about tables."""

    depth: int = 0
    ends_row: bool = False
    ends_inner_cell: bool = False
    slots: tuple[Slot, ...] = ()


class StoryRun(NamedTuple):
    """Characters that are printed alike; `why` are reasons besides the font, `paper` the ground where it isn't the cell's.

    A run without text and with a reason is something that shows and isn't text (a picture, an automatic number).
    """

    text: str
    font: Font = PLAIN
    paper: Colour | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Visible text up to and without its mark (`mark` is `\\r` or the cell mark `\\x07`), and how its runs are printed."""

    text: str
    mark: str
    properties: ParagraphProperties
    runs: tuple[StoryRun, ...] = ()


@dataclass(slots=True)
class _StoryCell:
    """The lines of a cell, and the runs of them all."""

    pieces: list[str] = field(default_factory=list)
    runs: list[StoryRun] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    cells: list[_StoryCell] = field(default_factory=list)
    slots: tuple[Slot, ...] = ()


@dataclass(slots=True)
class _OpenTable:
    """A table that is being collected, at one depth of nesting."""

    rows: list[_Row] = field(default_factory=list)
    row: _Row = field(default_factory=_Row)
    cell: _StoryCell = field(default_factory=_StoryCell)

    def close_cell(self) -> None:
        self.row.cells.append(self.cell)
        self.cell = _StoryCell()

    def close_row(self, slots: tuple[Slot, ...]) -> None:
        self.row.slots = slots
        self.rows.append(self.row)
        self.row = _Row()
        self.cell = _StoryCell()


class StoryBuilder:
    """Collects paragraphs into lines and tables."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._blocks: list[Block] = []
        self._open: list[_OpenTable] = []
        self._inner: list[_OpenTable] = []
        self._lines = 0
        self._tables = 0
        self.warnings: list[str] = []

    def add(self, paragraph: Paragraph) -> None:
        """Take the next paragraph of the story."""
        depth = max(0, min(paragraph.properties.depth, self._budget.limits.max_depth))
        if depth == 0 and paragraph.mark == "\x07":
            depth = max(1, len(self._open))  # a cell mark without properties: stay where we are
        while len(self._open) > depth:
            self._close_table()
        while len(self._open) < depth:
            self._open.append(_OpenTable())
        if not self._open:
            self._add_lines(paragraph)
            return
        table = self._open[-1]
        if paragraph.properties.ends_row:
            table.close_row(paragraph.properties.slots)
            return
        table.cell.pieces.extend(_whole(paragraph.text).split("\n"))
        table.cell.runs.extend(paragraph.runs)
        if paragraph.mark == "\x07" or paragraph.properties.ends_inner_cell:
            table.close_cell()

    def finish(self) -> list[Block]:
        """Close what is open and give all blocks."""
        while self._open:
            self._close_table()
        return self._blocks

    def _add_lines(self, paragraph: Paragraph) -> None:
        look = _look(paragraph.runs, WHITE)
        for part in _whole(paragraph.text).split("\n"):
            if part.strip():
                self._lines += 1
                self._blocks.append(Line(part.strip(" \r"), f"paragraph {self._lines}", look=look))

    def _close_table(self) -> None:
        table = self._open.pop()
        if table.row.cells or any(table.cell.pieces):
            if not table.rows and not self._open:
                self._give_up(table)
                return
            table.close_row(())
        if self._open:
            cells = [cell for row in table.rows for cell in row.cells]
            if len(cells) == 1:
                self._open[-1].cell.pieces.extend(cells[0].pieces)
                self._open[-1].cell.runs.extend(cells[0].runs)
            else:
                self._inner.append(table)
            return
        self._add_grid(table)
        for inner in self._inner:
            self._add_grid(inner)
        self._inner.clear()

    def _give_up(self, table: _OpenTable) -> None:
        """Cell marks without an end of row: the cells are kept as lines, their rows can't be known."""
        self.warnings.append("a table without marks for the ends of its rows was read as lines, one cell each")
        for cell in [*table.row.cells, table.cell]:
            self._lines += 1
            text = "\t" + join_pieces(cell.pieces)
            self._blocks.append(Line(text, f"paragraph {self._lines}", look=_look(cell.runs, WHITE)))

    def _add_grid(self, table: _OpenTable) -> None:
        self._tables += 1
        edges = _edges(row.slots for row in table.rows)
        limit = self._budget.limits.max_columns
        if len(edges) > limit + 1 or any(len(row.cells) > limit for row in table.rows):
            raise DocumentTooLarge(f"table {self._tables} has more than {limit} columns; see the setting max_columns")
        lines: list[list[Cell | None]] = []
        for number, row in enumerate(table.rows, start=1):
            where = f"table {self._tables}, row {number}"
            line = _placed(row, edges, where) if len(row.slots) == len(row.cells) else _in_order(row, where)
            self._budget.add_cells(len(line))
            lines.append(line)
        grid = tidy_grid(lines, f"table {self._tables}")
        if grid is not None:
            self._blocks.append(_without_blank_rows(grid))


def _whole(text: str) -> str:
    """Surrogate pairs put together; single halves become the replacement character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _edges(rows: Iterable[tuple[Slot, ...]]) -> list[int]:
    """The distinct vertical edges of a table, ascending."""
    values = sorted({edge for slots in rows for slot in slots for edge in (slot.left, slot.right)})
    edges: list[int] = []
    for value in values:
        if not edges or value - edges[-1] > _SNAP_TWIPS:
            edges.append(value)
    return edges


def _placed(row: _Row, edges: list[int], where: str) -> list[Cell | None]:
    """The cells of a row at the grid columns that their edges name."""
    line: list[Cell | None] = [None] * max(1, len(edges) - 1)
    for ordinal, (cell, slot) in enumerate(zip(row.cells, row.slots, strict=True), start=1):
        if slot.merged_up or slot.merged_left:
            continue
        column = max(0, min(_nearest(edges, slot.left), len(line) - 1))
        line[column] = _cell(cell, f"{where}, cell {ordinal}", slot.paper)
    return line


def _nearest(edges: list[int], value: int) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))


def _in_order(row: _Row, where: str) -> list[Cell | None]:
    """Cells of a row whose properties don't match its text, one after the other."""
    return [_cell(cell, f"{where}, cell {ordinal}", WHITE) for ordinal, cell in enumerate(row.cells, start=1)]


def _cell(cell: _StoryCell, where: str, paper: Colour) -> Cell:
    text = join_pieces(cell.pieces)
    return Cell(text, where, unread="\ufffd" in text, look=_look(cell.runs, paper))


def _look(runs: Sequence[StoryRun], paper: Colour) -> tuple[str, ...]:
    """Why the figure of a cell isn't seen as it is stored."""
    return verdict(
        Run(text, (*font_reasons(font, own or paper), *why) if text else why, font.size)
        for text, font, own, why in runs
    )


def _without_blank_rows(grid: Grid) -> Grid:
    """The grid without rows in which no cell begins."""
    return Grid(tuple(row for row in grid.rows if any(cell is not None for cell in row)), grid.where)
