"""Spreadsheets (xlsx, xlsb, xls, ods): every sheet is a grid, merged ranges cover their positions."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import python_calamine as calamine

from extract.document.detect import ODS, XLS, XLSX, detect
from extract.document.drawn import has_digit
from extract.document.limits import Budget
from extract.document.packed import open_zip
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.messages import localizable
from extract.model import Block, Cell, Document, Grid, Limits, Line, UnreadKind, UnreadPart
from extract.office.ods_drawn import OdsDrawing
from extract.office.opc import OfficePackage
from extract.office.sheet_drawn import Place, SheetCell, SheetLooks
from extract.office.xls_drawn import XlsDrawing
from extract.office.xlsx_drawn import XlsxDrawing

_PASSWORD = localizable("the workbook is encrypted with a password; save it without one")

_ORDINARY = SheetCell(None, ())
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十][）)]|表[一二三四五]$")
_TITLE = re.compile(r"年报|报告|情况$|事项$")


class WorkbookDrawing(Protocol):
    """How a workbook draws the cells of its sheets."""

    def looks(self, sheet: str) -> SheetLooks:
        """What is odd about the cells of a sheet."""


def read(data: bytes, limits: Limits) -> Document:
    """Read the sheets of a workbook; `where` is `sheet 名称, cell C5`.

    A row with a single text (a heading between tables) becomes a line, tables are cut at empty rows. Hidden sheets, rows and
    columns are left out and named in a warning; sheets that are all hidden are read.

    Raises:
        UnreadableDocument: Damaged or encrypted.
        DocumentTooLarge: It unpacks to too much or has too many cells.
    """
    try:
        return _read(data, limits)
    except BaseException as error:
        # A panic in calamine's Rust code: it derives from BaseException and has no name to be imported by.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableDocument(f"the workbook is damaged ({error}); save it again as .xlsx") from error


def _read(data: bytes, limits: Limits) -> Document:
    budget = Budget(limits)
    media_type = detect(data)
    if data.startswith(b"PK"):
        with open_zip(data) as archive:
            budget.add_unpacked(sum(member.file_size for member in archive.infolist()))
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise UnreadableDocument(_PASSWORD) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableDocument(f"the workbook is damaged ({error}); save it again as .xlsx") from error
    reader = _Reader(workbook, budget, *_drawing(data, media_type, limits))
    blocks = tuple(reader.blocks())
    return Document(
        media_type=media_type, blocks=blocks, warnings=tuple(reader.warnings()), unread=tuple(reader.unread())
    )


def _drawing(data: bytes, media_type: str, limits: Limits) -> tuple[WorkbookDrawing | None, list[str]]:
    """How a workbook draws its cells, and the warnings where that isn't known."""
    try:
        if media_type == XLSX:
            # What was counted as values is unpacked here once more.
            return XlsxDrawing(OfficePackage(open_zip(data), Budget(limits))), []
        if media_type == ODS:
            return OdsDrawing(OfficePackage(open_zip(data), Budget(limits))), []
        if media_type == XLS:
            return XlsDrawing(data, Budget(limits)), []
    except UnreadableDocument as error:
        return None, [f"how the cells are drawn can't be told: {error}"]
    return None, [
        "number formats and fonts of this kind of workbook are not read; save it as .xlsx to have them compared"
    ]


class _Reader:
    """Reads the sheets of a workbook, and counts what is hidden."""

    def __init__(
        self,
        workbook: calamine.CalamineWorkbook,
        budget: Budget,
        drawing: WorkbookDrawing | None,
        warnings: list[str],
    ) -> None:
        self._workbook = workbook
        self._budget = budget
        self._drawing = drawing
        self._warnings = warnings
        self._left_out = 0
        self._sheets_left_out: list[str] = []
        self._pictures: list[str] = []

    def warnings(self) -> Iterator[str]:
        """The warnings about the sheets that were read."""
        yield from self._warnings
        if self._left_out:
            yield localizable(f"{self._left_out} hidden rows or columns with figures were left out")
        if self._sheets_left_out:
            yield localizable(f"hidden sheets were left out: {', '.join(self._sheets_left_out)}")

    def unread(self) -> Iterator[UnreadPart]:
        """The sheets that were left out, and what lies over the others."""
        yield from (UnreadPart(UnreadKind.SHEET, f"hidden sheet {name}") for name in self._sheets_left_out)
        yield from (UnreadPart(UnreadKind.PICTURE, where) for where in self._pictures)

    def blocks(self) -> Iterator[Block]:
        """The blocks of the sheets that show; of all, if none of those holds anything."""
        hidden = {
            sheet.name for sheet in self._workbook.sheets_metadata if sheet.visible != calamine.SheetVisibleEnum.Visible
        }
        found = [block for name in self._workbook.sheet_names if name not in hidden for block in self._sheet(name)]
        of_hidden = [
            (name, blocks) for name in self._workbook.sheet_names if name in hidden and (blocks := self._sheet(name))
        ]
        if found:
            self._sheets_left_out = [name for name, _ in of_hidden]
            yield from found
        else:
            for _, blocks in of_hidden:
                yield from blocks

    def _sheet(self, name: str) -> list[Block]:
        self._budget.check_time()
        try:
            sheet = self._workbook.get_sheet_by_name(name)
        except calamine.WorksheetNotFound:
            return []  # a chart sheet has no cells
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise UnreadableDocument(f"sheet {name} is damaged ({error}); save the workbook again") from error
        start, end = sheet.start, sheet.end
        if start is None or end is None:
            return []
        (top, left), (bottom, right) = start, end
        limit = self._budget.limits.max_columns
        self._budget.add_cells((bottom - top + 1) * min(right - left + 1, limit))
        looks = self._drawing.looks(name) if self._drawing is not None else SheetLooks()
        self._pictures += [f"sheet {name}, {what}" for what in looks.unread]
        covered = _covered_places(sheet, looks)
        lines: list[list[Cell | None]] = []
        for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=top):
            if any(_printed(value) for value in values[limit:]):
                raise DocumentTooLarge(f"sheet {name} is wider than {limit} columns; see max_columns")
            line = [
                None if (number, column) in covered else _cell(value, name, number, column, looks)
                for column, value in enumerate(values[:limit], start=left)
            ]
            if number in looks.hidden_rows:
                self._left_out += _has_figures(line)
            else:
                lines.append(line)
        return _cut(self._shown_columns(lines, left, looks), name)

    def _shown_columns(self, lines: list[list[Cell | None]], left: int, looks: SheetLooks) -> list[list[Cell | None]]:
        gone = {column - left for column in looks.hidden_columns if column >= left}
        if not gone:
            return lines
        for column in gone:
            self._left_out += _has_figures([line[column] for line in lines if column < len(line)])
        return [[cell for at, cell in enumerate(line) if at not in gone] for line in lines]


def _has_figures(cells: Sequence[Cell | None]) -> bool:
    return any(cell is not None and has_digit(cell.text) for cell in cells)


def _cell(value: Any, sheet: str, row: int, column: int, looks: SheetLooks) -> Cell:
    odd = looks.cells.get((row, column), _ORDINARY)
    text = _printed(value) if odd.text is None else odd.text
    return Cell(text, f"sheet {sheet}, cell {_column_name(column)}{row + 1}", look=odd.look)


def _covered_places(sheet: calamine.CalamineSheet, looks: SheetLooks) -> set[Place]:
    """The places under merged cells; what holds something of its own there is told, not left out."""
    return _covered(sheet.merged_cell_ranges or []) | (_covered(looks.merged) - looks.cells.keys())


def _covered(merged: Sequence[tuple[Place, Place]]) -> set[Place]:
    """The places that merged ranges cover, without the one that shows."""
    covered: set[Place] = set()
    for (top, left), (bottom, right) in merged:
        if (bottom - top + 1) * (right - left + 1) > 100_000:
            continue  # a merge over whole columns; its upper left cell is all that shows anyway
        for row in range(top, bottom + 1):
            covered.update((row, column) for column in range(left, right + 1))
        covered.discard((top, left))
    return covered


def _cut(lines: list[list[Cell | None]], name: str) -> list[Block]:
    """Tables between empty rows; headings merged over the whole width and rows of prose become lines."""
    blocks: list[Block] = []
    table: list[list[Cell | None]] = []

    def close() -> None:
        if table and all(_only_text(line) is not None and line[0] is not None and line[0].text for line in table):
            blocks.extend(_as_line(line) for line in table)  # prose, a paragraph a row
        elif table:
            blocks.append(_grid(table, name))
        table.clear()

    for line in lines:
        if _is_heading(line, at_top=not table):
            close()
            blocks.append(_as_line(line))
        elif any(cell is not None and cell.text for cell in line) or (table and any(cell is None for cell in line)):
            table.append(line)
        else:
            close()
    close()
    return blocks


def _only_text(line: list[Cell | None]) -> str | None:
    texts = [cell.text for cell in line if cell is not None and cell.text]
    return texts[0] if len(texts) == 1 else None


def _is_heading(line: list[Cell | None], at_top: bool) -> bool:
    """Whether a row is running text: merged over the whole width, or a title above a table.

    A label whose figures were all left blank also is a row with one text; it must stay in its table.
    """
    text = _only_text(line)
    if text is None:
        return False
    if sum(1 for cell in line if cell is not None) == 1 and len(line) > 1:
        return len(text) > 40 or _HEADING.match(text) is not None
    return at_top and _TITLE.search(text) is not None


def _as_line(line: list[Cell | None]) -> Line:
    cell = next(cell for cell in line if cell is not None and cell.text)
    return Line(cell.text, cell.where)


def _grid(table: list[list[Cell | None]], name: str) -> Grid:
    width = max(len(line) for line in table)
    padded = [line + [None] * (width - len(line)) for line in table]
    used = [
        column
        for column in range(width)
        if any(cell is not None and cell.text for cell in (line[column] for line in padded))
    ]
    first, last = used[0], used[-1] + 1
    # Blank columns inside are kept: a column of blanks is one whose figures were left out.
    rows = tuple(tuple(line[first:last]) for line in padded)
    corner = next(cell for line in rows for cell in line if cell is not None)
    return Grid(rows, corner.where.replace(", cell ", ", from cell "))


def _printed(value: Any) -> str:
    """A value as the sheet shows it; calamine gives `Any`, integers as floats."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # Fifteen digits are what a sheet can hold; more are noise of sums.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return " ".join(str(value).split())


def _column_name(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
