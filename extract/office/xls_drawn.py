"""How an xls workbook (BIFF8, Excel 97 to 2003) draws its cells: the records that the values don't need ([MS-XLS] 2.4).

Fonts, formats and extended formats, the shared strings with their runs, and of each sheet its cells' formats, hidden rows and columns.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import olefile

from extract.document.colours import BLACK, WHITE, Colour
from extract.document.drawn import Look, Run, asks
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.office.fonts import Font, font_reasons
from extract.office.number_formats import BUILT_IN
from extract.office.sheet_drawn import SheetCell, SheetLooks, Style, number_cell, text_cell
from extract.office.xlsx_styles import PALETTE

if TYPE_CHECKING:
    from extract.document.limits import Budget

_BOF, _EOF, _CONTINUE, _FILE_PASSWORD = 0x0809, 0x000A, 0x003C, 0x002F
_BOUND_SHEET, _SST, _FONT, _FORMAT, _XF, _PALETTE = 0x0085, 0x00FC, 0x0031, 0x041E, 0x00E0, 0x0092
_NUMBER, _RK, _MANY_RK, _LABEL_SST, _LABEL, _FORMULA, _STRING = 0x0203, 0x027E, 0x00BD, 0x00FD, 0x0204, 0x0006, 0x0207
_ROW, _COLUMN, _WINDOW, _MERGED, _CONDITIONS, _CONDITION = 0x0208, 0x007D, 0x023E, 0x00E5, 0x01B0, 0x01B1
_ERROR, _DRAWING, _OBJECT = 0x0205, 0x00EC, 0x005D
#: The head of the record in a drawing that says over which cells a shape lies ([MS-XLS] 2.5.193), and kinds of objects that lie
#: over none for certain: notes, which show when they are pointed at, and the buttons of filters.
_ANCHOR, _KINDS_BESIDE = b"\x10\xf0\x12\x00\x00\x00", frozenset({0x19, 0x14})
#: How the record of an object begins: with what all kinds have in common.
_COMMON = b"\x15\x00"
_BIFF8 = 0x0600
_MOST_RECORDS = 2_000_000
_MOST_COLUMNS, _MOST_CELLS = 256, 50_000
#: Flags of a conditional format for the blocks that it has, in their order, and the length of the font's ([MS-XLS] 2.5.92).
_CHANGES_NUMBER, _CHANGES_FONT, _FONT_BLOCK = 1 << 25, 1 << 26, 118
#: Numbers of colours that mean the system's text and ground.
_AUTOMATIC = {0x40: BLACK, 0x41: WHITE, 0x7FFF: BLACK}
_TWIPS = 20


@dataclass(slots=True)
class _Book:
    """What the globals of a workbook say."""

    fonts: list[tuple[Font, int]] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    formats: list[bytes] = field(default_factory=list)
    palette: list[Colour] = field(default_factory=lambda: list(PALETTE))
    sheets: dict[str, int] = field(default_factory=dict)
    strings: list[tuple[str, tuple[tuple[int, int], ...]]] = field(default_factory=list)


class XlsDrawing:
    """The looks of a workbook, sheet by sheet.

    Raises:
        UnreadableDocument: The file is of another version, encrypted or damaged.
    """

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._budget = budget
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as storage:
                name = "Workbook" if storage.exists("Workbook") else "Book"
                if storage.get_size(name) > budget.unpacked_left:
                    raise DocumentTooLarge("the workbook claims more than max_unpacked_bytes")
                self._stream = bytes(storage.openstream(name).read())
        except (OSError, IndexError, KeyError, TypeError) as error:
            raise UnreadableDocument(f"the workbook is damaged ({error})") from error
        self._book = _Book()
        try:
            self._read_globals()
            self._styles = [self._style(raw) for raw in self._book.formats]
        except (struct.error, IndexError) as error:
            raise UnreadableDocument("the workbook's styles are cut short") from error

    def looks(self, sheet: str) -> SheetLooks:
        """What is odd about the cells of a sheet."""
        start = self._book.sheets.get(sheet)
        if start is None:
            return SheetLooks()
        reader = _Sheet(self)
        try:
            records = [(code, body) for code, body in self._records(start) if code in _SETTINGS or code in _CELLS]
            # What holds of the whole sheet stands behind its cells.
            for table in (_SETTINGS, _CELLS):
                for code, body in records:
                    if code in table:
                        table[code](reader, body)
        except (struct.error, IndexError) as error:
            raise UnreadableDocument(f"sheet {sheet} is cut short") from error
        return reader.looks

    # ---- records -------------------------------------------------------------------------------------------------------

    def _records(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The records of a substream to its end."""
        at, depth = start, 0
        for number in range(_MOST_RECORDS):
            if at + 4 > len(self._stream):
                return
            code, length = struct.unpack_from("<HH", self._stream, at)
            body = self._stream[at + 4 : at + 4 + length]
            at += 4 + length
            if number % 20_000 == 0:
                self._budget.check_time()
            depth += (code == _BOF) - (code == _EOF)
            yield code, body
            if depth <= 0:
                return

    def _read_globals(self) -> None:
        book = self._book
        shared: list[bytes] = []
        last = 0
        for code, body in self._records(0):
            if code == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
                raise UnreadableDocument("the workbook is of a version before Excel 97")
            if code == _FILE_PASSWORD:
                raise UnreadableDocument("the workbook is encrypted")
            if code == _SST or (code == _CONTINUE and last == _SST):
                shared.append(body)
            elif code in _GLOBALS:
                _GLOBALS[code](book, body)
            if code != _CONTINUE:
                last = code
        book.strings = list(_Strings(shared).read()) if shared else []

    def _colour(self, number: int, automatic: Colour) -> Colour:
        if number in _AUTOMATIC:
            return automatic
        at = number if number < 8 else number - 8
        return self._book.palette[at] if at < len(self._book.palette) else automatic

    def font(self, number: int) -> Font:
        """A font by its number; there is none of number 4."""
        at = number - 1 if number > 4 else number
        font, ink = self._book.fonts[at] if at < len(self._book.fonts) else (Font(), 0x7FFF)
        return Font(font.struck, font.raised, font.size, self._colour(ink, BLACK), font.name)

    def _style(self, raw: bytes) -> Style:
        font, code = struct.unpack_from("<HH", raw)
        odd = (Look.OTHERWISE.because("repeated to fill the cell"),) if raw[6] & 7 == 4 else ()
        pattern = struct.unpack_from("<I", raw, 14)[0] >> 26
        colours = struct.unpack_from("<H", raw, 18)[0]
        front, back = self._colour(colours & 0x7F, BLACK), self._colour(colours >> 7 & 0x7F, WHITE)
        paper = WHITE if pattern == 0 else front if pattern == 1 else front.faded(0.5).over(back)
        return Style(self._book.codes.get(code, "General"), self.font(font), paper, odd)

    def style(self, number: int) -> Style:
        """A cell's style by its number."""
        return self._styles[number] if number < len(self._styles) else Style()

    def changes(self, body: bytes) -> Iterator[str]:
        """What a conditional format does to the text of a cell: its number format, and its font."""
        flags = struct.unpack_from("<I", body, 6)[0]
        if flags & _CHANGES_NUMBER:
            yield Look.OTHERWISE.because("another number format")
        elif flags & _CHANGES_FONT and len(body) >= 12 + _FONT_BLOCK:
            effects, ink = struct.unpack_from("<I", body, 12 + 68)[0], struct.unpack_from("<I", body, 12 + 80)[0]
            font = Font(struck=bool(effects & 0x80), ink=BLACK if ink > 0x7FFF else self._colour(ink, BLACK))
            yield from font_reasons(font, WHITE)

    def string(self, number: int) -> tuple[str, tuple[tuple[int, int], ...]]:
        """A shared string with the places at which its fonts change."""
        return self._book.strings[number] if number < len(self._book.strings) else ("", ())


def _add_font(book: _Book, body: bytes) -> None:
    height, flags, ink, _, script = struct.unpack_from("<HHHHH", body)
    length, wide = body[14], body[15] & 1
    raw = body[16 : 16 + length * (2 if wide else 1)]
    name = raw.decode("utf-16-le" if wide else "latin-1", "replace")
    book.fonts.append((Font(bool(flags & 0x08), script in (1, 2), height / _TWIPS, BLACK, name), ink))


def _add_code(book: _Book, body: bytes) -> None:
    number, length, wide = struct.unpack_from("<HHB", body)
    raw = body[5 : 5 + length * (2 if wide & 1 else 1)]
    book.codes[number] = raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace")


def _add_palette(book: _Book, body: bytes) -> None:
    count = struct.unpack_from("<H", body)[0]
    book.palette = [Colour(*body[2 + 4 * at : 5 + 4 * at]) for at in range(min(count, (len(body) - 2) // 4))]


def _add_sheet(book: _Book, body: bytes) -> None:
    start, _, length, wide = struct.unpack_from("<IHBB", body)
    raw = body[8 : 8 + length * (2 if wide & 1 else 1)]
    book.sheets[raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace")] = start


_GLOBALS = {
    _FONT: _add_font,
    _FORMAT: _add_code,
    _XF: lambda book, body: book.formats.append(body),
    _PALETTE: _add_palette,
    _BOUND_SHEET: _add_sheet,
}


class _Strings:
    """The shared strings: a table over several records, in which a text that goes on says anew how wide its characters are."""

    def __init__(self, records: list[bytes]) -> None:
        self._records = records
        self._record = 0
        self._at = 0

    def read(self) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
        """Each string with its runs: the first character of each, and the number of its font."""
        count = struct.unpack_from("<I", self._take(8), 4)[0]
        for _ in range(min(count, _MOST_RECORDS)):
            if self._record >= len(self._records):
                return
            yield self._string()

    def _take(self, count: int) -> bytes:
        """Bytes that may reach over the end of a record."""
        found = b""
        while len(found) < count:
            if self._record >= len(self._records):
                raise IndexError("the shared strings are cut short")
            piece = self._records[self._record][self._at : self._at + count - len(found)]
            found += piece
            self._at += len(piece)
            if self._at >= len(self._records[self._record]):
                self._record, self._at = self._record + 1, 0
        return found

    def _string(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        length, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        text = self._characters(length, wide=bool(flags & 1))
        raw = self._take(4 * runs) if runs else b""
        if extra:
            self._take(extra)
        return text, tuple(struct.unpack_from("<HH", raw, 4 * at) for at in range(runs))

    def _characters(self, length: int, *, wide: bool) -> str:
        pieces: list[str] = []
        while length:
            if self._record >= len(self._records):
                raise IndexError("the shared strings are cut short")
            left = len(self._records[self._record]) - self._at
            size = 2 if wide else 1
            count = min(length, left // size)
            pieces.append(
                self._take(count * size).decode("utf-16-le" if wide else "latin-1", "replace") if count else ""
            )
            length -= count
            if length and self._at:  # an odd byte at the end of a record
                self._record, self._at = self._record + 1, 0
            if length:
                wide = bool(self._take(1)[0] & 1)
        return "".join(pieces)


class _Sheet:
    """Reads the records of one sheet."""

    def __init__(self, drawing: XlsDrawing) -> None:
        self.looks = SheetLooks()
        self._drawing = drawing
        self._shows_zeros, self._shows_formulas = True, False
        self._widths: dict[int, float] = {}
        self._merged: set[tuple[int, int]] = set()
        self._values: set[tuple[int, int]] = set()
        self._formula: tuple[int, int, int] | None = None
        self._conditional: list[tuple[int, int]] = []
        self._anchor = b""

    def _put(self, row: int, column: int, odd: SheetCell | None) -> None:
        if odd is not None:
            self.looks.cells[row, column] = odd

    def _width(self, row: int, column: int) -> float | None:
        return None if (row, column) in self._merged else self._widths.get(column)

    def number(self, row: int, column: int, style: int, value: float) -> None:
        """A cell with a number."""
        self._values.add((row, column))
        drawn = self._drawing.style(style)
        width = self._width(row, column)
        self._put(row, column, number_cell(repr(value), drawn, shows_zeros=self._shows_zeros, width=width))

    def text(self, row: int, column: int, style: int, text: str, runs: tuple[tuple[int, int], ...] = ()) -> None:
        """A cell with text; `runs` say from which character on which font holds."""
        if not asks(text):
            return
        drawn = self._drawing.style(style)
        pieces: list[Run] = []
        if runs:
            starts = [(0, -1), *runs, (len(text), -1)]
            for (start, font), (end, _) in itertools.pairwise(starts):
                own = drawn.font if font < 0 else self._drawing.font(font)
                pieces.append(Run(text[start:end], font_reasons(own, drawn.paper), own.size))
        self._put(row, column, text_cell(text, drawn, pieces, width=self._width(row, column)))

    def take_number(self, body: bytes) -> None:
        """A number."""
        self.number(*struct.unpack_from("<HHHd", body))

    def take_rk(self, body: bytes) -> None:
        """A number in four bytes."""
        row, column, style, raw = struct.unpack_from("<HHHI", body)
        self.number(row, column, style, _from_rk(raw))

    def take_many(self, body: bytes) -> None:
        """Numbers in neighbouring cells."""
        row, first = struct.unpack_from("<HH", body)
        for at in range((len(body) - 6) // 6):
            style, raw = struct.unpack_from("<HI", body, 4 + 6 * at)
            self.number(row, first + at, style, _from_rk(raw))

    def take_shared(self, body: bytes) -> None:
        """A text of the shared strings."""
        row, column, style, number = struct.unpack_from("<HHHI", body)
        self.text(row, column, style, *self._drawing.string(number))

    def take_label(self, body: bytes) -> None:
        """A text in the cell itself."""
        row, column, style, length, wide = struct.unpack_from("<HHHHB", body)
        raw = body[9 : 9 + length * (2 if wide & 1 else 1)]
        self.text(row, column, style, raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace"))

    def take_formula(self, body: bytes) -> None:
        """A formula with its result; a text follows in a record of its own."""
        row, column, style = struct.unpack_from("<HHH", body)
        if self._shows_formulas:
            self._put(row, column, SheetCell(None, (Look.OTHERWISE.because("the sheet shows its formulas"),)))
        elif body[12:14] != b"\xff\xff":
            self.number(row, column, style, struct.unpack_from("<d", body, 6)[0])
        elif body[6] == 0:
            self._formula = (row, column, style)
        elif body[6] == 2:
            self._put(row, column, _AN_ERROR)

    def take_result(self, body: bytes) -> None:
        """The text of the formula before."""
        if self._formula is not None:
            length, wide = struct.unpack_from("<HB", body)
            raw = body[3 : 3 + length * (2 if wide & 1 else 1)]
            self.text(*self._formula, raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace"))
            self._formula = None

    def take_error(self, body: bytes) -> None:
        """A cell with a truth value or an error."""
        row, column, _, _, is_error = struct.unpack_from("<HHHBB", body)
        if is_error:
            self._put(row, column, _AN_ERROR)

    def take_drawing(self, body: bytes) -> None:
        """The place of a shape, whose kind follows in a record of its own."""
        at = body.rfind(_ANCHOR)
        self._anchor = body[at + len(_ANCHOR) :][:18] if at >= 0 else b""

    def take_object(self, body: bytes) -> None:
        """The kind of the shape before."""
        anchor, self._anchor = self._anchor, b""
        if len(body) < 26:
            return
        if body[:2] != _COMMON:  # as before Excel 97: the object says itself where it lies
            kind, anchor = 0, body[8:26]
        else:
            kind = struct.unpack_from("<H", body, 4)[0]
        if len(anchor) < 18 or kind in _KINDS_BESIDE:
            return
        _, left, _, top, _, right, _, bottom, _ = struct.unpack("<9H", anchor)
        self.looks.unread.append(f"shape at row {top + 1}")
        area = itertools.product(range(top, bottom + 1), range(left, min(right, _MOST_COLUMNS) + 1))
        for place in itertools.islice(area, _MOST_CELLS):
            self.looks.add(place, Look.COVERED.because("a picture or shape lies over the cell"))

    def take_row(self, body: bytes) -> None:
        """A row's height, and whether it is hidden."""
        row, height, flags = struct.unpack_from("<H4xH4xH", body)
        if flags & 0x20 or height & 0x7FFF == 0:
            self.looks.hidden_rows.add(row)

    def take_columns(self, body: bytes) -> None:
        """The width of columns in 1/256 of a character, and whether they are hidden."""
        first, last, width, flags = struct.unpack_from("<HHH2xH", body)
        columns = range(first, min(last, _MOST_COLUMNS) + 1)
        if flags & 1 or width == 0:
            self.looks.hidden_columns.update(columns)
        else:
            self._widths.update(dict.fromkeys(columns, width / 256))

    def take_window(self, body: bytes) -> None:
        """What the sheet's window shows."""
        flags = struct.unpack_from("<H", body)[0]
        self._shows_formulas, self._shows_zeros = bool(flags & 1), bool(flags & 0x10)

    def take_merged(self, body: bytes) -> None:
        """Merged cells are as wide as their columns together."""
        self._merged.update(_areas(body))

    def take_conditions(self, body: bytes) -> None:
        """The cells of the conditional formats that follow."""
        self._conditional = list(_areas(body[12:]))

    def take_condition(self, body: bytes) -> None:
        """A conditional format; whether its condition holds isn't worked out."""
        for reason in self._drawing.changes(body):
            for place in self._conditional:
                if place in self._values:
                    self.looks.add(place, f"{reason} by a conditional format")


def _areas(body: bytes) -> Iterator[tuple[int, int]]:
    """The cells of a list of areas, up to a limit."""
    count = struct.unpack_from("<H", body)[0]
    left = _MOST_CELLS
    for at in range(min(count, (len(body) - 2) // 8)):
        top, bottom, first, last = struct.unpack_from("<HHHH", body, 2 + 8 * at)
        for row in range(top, bottom + 1):
            for column in range(first, last + 1):
                left -= 1
                if left < 0:
                    return
                yield row, column


def _from_rk(raw: int) -> float:
    """A number of thirty bits: an integer or the upper half of a floating one, perhaps in hundredths."""
    if raw & 2:
        value = float((raw >> 2) - (1 << 30) if raw & 0x80000000 else raw >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))[0]
    return value / 100 if raw & 1 else value


_AN_ERROR = SheetCell("#", (Look.OTHERWISE.because("an error"),))
_SETTINGS: dict[int, Callable[[_Sheet, bytes], None]] = {
    _COLUMN: _Sheet.take_columns,
    _WINDOW: _Sheet.take_window,
    _MERGED: _Sheet.take_merged,
}
_CELLS: dict[int, Callable[[_Sheet, bytes], None]] = {
    _NUMBER: _Sheet.take_number,
    _RK: _Sheet.take_rk,
    _MANY_RK: _Sheet.take_many,
    _LABEL_SST: _Sheet.take_shared,
    _LABEL: _Sheet.take_label,
    _FORMULA: _Sheet.take_formula,
    _STRING: _Sheet.take_result,
    _ROW: _Sheet.take_row,
    _ERROR: _Sheet.take_error,
    _DRAWING: _Sheet.take_drawing,
    _OBJECT: _Sheet.take_object,
    _CONDITIONS: _Sheet.take_conditions,
    _CONDITION: _Sheet.take_condition,
}
