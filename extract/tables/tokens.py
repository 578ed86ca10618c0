"""From a document's blocks to records: the texts of a row, and the cells that follow them.

A record is what one row of a table says, whatever carried it: a row of a grid, a line with tabs or pipes, a Markdown row, a
group of lines with one cell each, or a run of lines between two labels. `bounded` tells whether the carrier itself shows
where the row begins and ends; where it doesn't, the engine trusts numbers of cells less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.lexicon.numbers import Printed, normalise, parse_printed
from extract.messages import localizable
from extract.model import Block, Grid, Line, State
from extract.tables.labels import LONGEST_LABEL, Meaning, meaning_of
from extract.tables.turn import upright

_HAN = re.compile(r"[\u3007\u4e00-\u9fff]")
_LINE_NUMBER = re.compile(r"line (\d+)")
# "-4-", "— 4 —", "第4页 共12页": a lone "-4" is a figure (本年增/减) and stays.
_PAGE_NUMBER = re.compile(
    r"[-—–―·~]\s*\d{1,3}\s*[-—–―·~]|\d{1,3}\s*/\s*\d{1,3}|第\s*\d{1,3}\s*页[\s,，/]*(?:共\s*\d{1,3}\s*页)?|Page\s*\d{1,3}.*",
    re.IGNORECASE,
)
# The line between two rows of a table drawn with characters: +-----+-----+, ├──┼──┤.
_FRAME_LINE = re.compile(r"(?=.*[-=─━═]{3})[-+=:\s\u2500-\u257f]{5,}")
_DIGIT = re.compile(r"\d")
_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,2}\s*[、.．]")
_RULE_CELL = re.compile(r"\s*:?-{2,}:?\s*")
_PROSE_END = re.compile(r"[。；！？]$")
_NOTE = re.compile(r"[（(【]?(?:备?注|说明)\d?[）)】]?\s*[:：]")
_IN_PASSING = re.compile(r"\d|[，,]")
_DATE = re.compile(r"\d{4}[-./年]\d{1,2}[-./月]\d{1,2}")

#: A line with more characters that is no label is running text.
_LONGEST_CELL = 70
#: A group of lines with one cell each that is longer than this is no row: the blank lines between rows are missing.
_LONGEST_GROUP = 24
#: From this many numbers on, a long line is a table that lost its line breaks.
_FLATTENED_NUMBERS = 20
_LONGEST_UNREAD = 8
_LONGEST_PAGE_NUMBER = 20
_SHORTEST_BLANK_ROW = 5
#: Words in the place of a figure are no longer than this; a longer text goes on with a label.
_LONGEST_WORDED = 10
#: A row without a label that is one of the challenges has at least one route's columns.
_FEWEST_OUTCOMES = 4
#: So many rows numbered one by one are numbers of rows and no figures.
_FEWEST_NUMBERED = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A cell, or a piece of a line. `printed` is `None` for text; `meaning` is `None` for numbers, blanks and dashes.

    `column` is the position in the row, counted from 0 with covered positions, where the carrier shows rows; else -1.
    `look` is the cell's: a number that is not drawn as it is stored is no number (`State.UNREAD`).
    """

    text: str
    where: str
    printed: Printed | None
    meaning: Meaning | None
    column: int = -1
    look: tuple[str, ...] = ()

    @property
    def why_unread(self) -> str:
        """What keeps the cell from being read as a number, as a warning says it."""
        if self.look:
            return localizable(f"stored {self.text!r} is not what is shown ({', '.join(self.look)})")
        return localizable(f"{self.text!r} can't be read as a number")


@dataclass(slots=True)
class TableRecord:
    """Texts, and the values after them. `source` numbers the grid or the run of lines, `row` the row of the grid."""

    texts: list[Token]
    values: list[Token]
    bounded: bool
    source: int
    is_prose: bool = False
    starts_row: bool = True
    end: int = 0
    in_grid: bool = False
    row: int = -1

    @property
    def figures(self) -> int:
        """How many values are not blank."""
        return sum(value.printed is not None and value.printed.state is not State.BLANK for value in self.values)


@lru_cache(maxsize=16384)
def _read(text: str) -> tuple[Printed | None, Meaning | None]:
    printed = parse_printed(text)
    if printed.state is State.UNREAD and _HAN.search(normalise(text)):
        return None, meaning_of(text)
    return printed, None


_UNREAD = Printed(None, State.UNREAD)


def token_of(text: str, where: str, column: int = -1, *, unread: bool = False, look: tuple[str, ...] = ()) -> Token:
    """A cell as a token."""
    if unread:
        return Token(text, where, _UNREAD, None, column, look)
    printed, meaning = _read(text)
    token = Token(text, where, printed, meaning, column)
    return _drawn(token, look) if look else token


def _drawn(token: Token, look: tuple[str, ...]) -> Token:
    """A token of a cell that isn't drawn as it is stored: no number, and not blank either."""
    return replace(token, printed=None if token.printed is None else _UNREAD, look=look)


def records_of(blocks: Sequence[Block]) -> list[TableRecord]:
    """The records of a document in reading order."""
    records: list[TableRecord] = []
    lines: list[Line] = []
    for source, block in enumerate(blocks):
        if isinstance(block, Line):
            lines.append(block)
            continue
        if lines:
            records += _records_of_lines(lines, source)
            lines = []
        records += _records_of_grid(upright(block), source + len(blocks))
    if lines:
        records += _records_of_lines(lines, len(blocks))
    return records


def has_page_numbers(blocks: Sequence[Block]) -> bool:
    """Whether lines of the text are page numbers: then a lone number among figures may be one as well."""
    return any(
        isinstance(block, Line) and len(block.text) < _LONGEST_PAGE_NUMBER and _is_page_number(block.text)
        for block in blocks
    )


def _is_page_number(text: str) -> bool:
    return bool(_DIGIT.search(text)) and bool(_PAGE_NUMBER.fullmatch(normalise(text)))


def _records_of_grid(grid: Grid, source: int) -> Iterator[TableRecord]:
    numbered = _is_numbered(grid)
    rows = [
        [
            token_of(cell.text, cell.where, column, unread=cell.unread, look=cell.look)
            for column, cell in enumerate(row)
            if cell is not None and not (numbered and column == 0)
        ]
        for row in grid.rows
    ]
    columns = _figure_columns(rows)
    for number, cells in enumerate(rows):
        if len(cells) == 1 and (len(cells[0].text) > _LONGEST_CELL or _NOTE.match(cells[0].text)):
            continue  # a note, or a layout cell
        for record in _bounded(_as_figures(cells, columns), source, in_grid=True):
            record.row = number
            yield record


def _figure_columns(rows: Iterable[Sequence[Token]]) -> frozenset[int]:
    """The columns of a table in which numbers stand, or the head of a column of numbers."""
    return frozenset(
        cell.column for row in rows for cell in row if (cell.column > 0 and _is_number(cell)) or _heads_figures(cell)
    )


def _is_number(cell: Token) -> bool:
    return cell.printed is not None and cell.printed.state not in (State.BLANK, State.UNREAD)


def _is_header(row: Sequence[Token]) -> bool:
    """Whether a row heads columns of figures."""
    return any(map(_heads_figures, row))


def _heads_figures(cell: Token) -> bool:
    """Whether a cell is by itself the head of a column, and nothing that labels a row.

    The first column is one of figures in the table of challenges alone, whose row has no label.
    """
    meaning = cell.meaning
    if meaning is None or not meaning.exact or not meaning.columns or meaning.rows:
        return False
    return cell.column > 0 or "challenges" in meaning.columns


def _as_figures(row: list[Token], columns: frozenset[int]) -> list[Token]:
    """The cells of a row; words in the place of a figure (约84, 详见附件) are one that can't be read, and no further label.

    They stand in a column of figures, right of the row's own label, or at the head of a row that has none.
    """
    if _is_header(row):
        return row
    named = next((place for place, cell in enumerate(row) if _names_row(cell)), len(row))
    begin = 0 if named == len(row) and _are_figures(row[1:]) else named + 1
    worded = {id(cell) for cell in row[begin : None if begin else 1] if cell.column in columns and _is_worded(cell)}
    return [replace(cell, printed=_UNREAD, meaning=None) if id(cell) in worded else cell for cell in row]


def _names_row(cell: Token) -> bool:
    """Whether a cell is by itself the label of a row."""
    return cell.meaning is not None and bool(cell.meaning.rows) and cell.meaning.exact and not cell.meaning.is_group


def _is_worded(cell: Token) -> bool:
    """Whether a cell holds a few words that are no label of the tables."""
    return cell.meaning is not None and not cell.meaning.is_known and len(cell.text) <= _LONGEST_WORDED


def _are_figures(cells: Sequence[Token]) -> bool:
    """Whether cells are a row of figures without any text."""
    return len(cells) >= _FEWEST_OUTCOMES and all(cell.printed is not None for cell in cells)


def _is_numbered(grid: Grid) -> bool:
    """Whether the first column only numbers the rows (序号): 1, 2, 3 … without a gap, below at most a heading."""
    shown = [row[0].text.strip() for row in grid.rows if row and row[0] is not None and row[0].text.strip()]
    while shown and not shown[0].isdecimal():
        shown = shown[1:]
    return len(shown) >= _FEWEST_NUMBERED and shown == [str(number) for number in range(1, len(shown) + 1)]


def _bounded(cells: list[Token], source: int, *, in_grid: bool = False) -> Iterator[TableRecord]:
    """The records of a row whose borders are known: usually one."""
    end = cells[-1].column + 1 if cells else 0
    record = TableRecord([], [], bounded=True, source=source, end=end, in_grid=in_grid)
    for cell in cells:
        if cell.printed is None:
            assert cell.meaning is not None
            if record.values and not cell.meaning.is_known and record.texts:
                # Text among the figures: a figure that can't be read, not a label.
                record.values.append(Token(cell.text, cell.where, _UNREAD, None, cell.column, cell.look))
                continue
            if record.values:
                if record.texts or record.figures:
                    yield record
                record = TableRecord([], [], bounded=True, source=source, starts_row=False, end=end, in_grid=in_grid)
            record.texts.append(cell)
        else:
            record.values.append(cell)
    if record.texts or record.values:
        yield record


def _records_of_lines(lines: list[Line], source: int) -> Iterator[TableRecord]:
    loose = TableRecord([], [], bounded=False, source=source)
    for row, bounded in _rows_with_figures(lines):
        if row is None:
            if loose.texts or loose.values:
                yield loose
            yield TableRecord([], [], bounded=False, source=source, is_prose=True)
            loose = TableRecord([], [], bounded=False, source=source)
        elif bounded:
            if loose.texts or loose.values:
                yield loose
                loose = TableRecord([], [], bounded=False, source=source)
            yield from _bounded(row, source)
        else:
            for token in row:
                if token.printed is None and (loose.values or (loose.texts and _is_chapter(token))):
                    yield loose
                    loose = TableRecord([], [], bounded=False, source=source)
                (loose.texts if token.printed is None else loose.values).append(token)
    if loose.texts or loose.values:
        yield loose


def _rows_with_figures(lines: list[Line]) -> Iterator[tuple[list[Token] | None, bool]]:
    """The rows of lines; where their borders are known, with words in the place of a figure as such."""
    rows = list(_rows_of_lines(lines))
    columns = _figure_columns(row for row, bounded in rows if row is not None and bounded)
    for row, bounded in rows:
        yield (_as_figures(row, columns) if row is not None and bounded else row), bounded


def _is_chapter(token: Token) -> bool:
    """Whether a text is the heading of a chapter: what follows belongs to another table."""
    return token.meaning is not None and not token.meaning.exact and _CHAPTER.match(token.text) is not None


def _rows_of_lines(lines: list[Line]) -> Iterator[tuple[list[Token] | None, bool]]:
    """Rows of tokens with whether their borders are known; `None` stands for running text."""
    borders = _outer_borders(lines)
    group: list[tuple[str, Line]] = []
    for line, is_next in _with_succession(lines):
        is_cell = _is_cell_line(line.text)
        if group and not (is_next and is_cell):
            if is_next and _continues(group[-1][0], line.text):
                group[-1] = (group[-1][0] + line.text.strip(), group[-1][1])
                continue
            yield from _group(group)
            group = []
        if is_cell:
            group.append((line.text[1:], line))
        else:
            yield from _rows_of_line(line, borders)
    if group:
        yield from _group(group)


def _outer_borders(lines: list[Line]) -> tuple[bool, bool]:
    """Whether all rows of pipes begin, and whether they all end, with one."""
    piped = [line.text.strip() for line in lines if "|" in line.text]
    return all(text.startswith("|") for text in piped), all(text.endswith("|") for text in piped)


def _with_succession(lines: list[Line]) -> Iterator[tuple[Line, bool]]:
    """Lines with whether each follows the one before it without a gap, as far as their numbers tell."""
    last_number = -1
    for line in lines:
        number = _line_number(line.where)
        yield line, number is None or number == last_number + 1
        last_number = -1 if number is None else number


def _is_cell_line(text: str) -> bool:
    """Whether a line is one cell of a row that is written cell by cell."""
    return "|" not in text and text.startswith("\t") and text.count("\t") == 1


def _rows_of_line(line: Line, borders: tuple[bool, bool]) -> Iterator[tuple[list[Token] | None, bool]]:
    """The rows of a line that is no single cell: of pipes, of tabs, or of blanks."""
    if "|" in line.text:
        row = _pipe_row(line.text, line.where, borders)
        if row:
            yield _row_of(line, row), True
    elif "\t" in line.text:
        yield _row_of(line, _cut(line.text, "\t", line.where)), True
    else:
        for tokens, bounded in _plain(line.text, line.where):
            yield tokens and _row_of(line, tokens), bounded


def _line_number(where: str) -> int | None:
    found = _LINE_NUMBER.match(where)
    return int(found.group(1)) if found else None


def _continues(before: str, text: str) -> bool:
    """Whether a line goes on with the label of the cell line before it."""
    if "|" in text or "\t" in text:
        return False
    return bool(_HAN.search(before)) and bool(_HAN.search(text)) and len(text) <= _LONGEST_CELL


def _row_of(line: Line, tokens: list[Token]) -> list[Token]:
    """The tokens of a line with the line's look."""
    return [_drawn(token, line.look) for token in tokens] if line.look else tokens


def _group(group: list[tuple[str, Line]]) -> Iterator[tuple[list[Token] | None, bool]]:
    tokens = [token_of(text, line.where, column, look=line.look) for column, (text, line) in enumerate(group)]
    yield tokens, 1 < len(tokens) <= _LONGEST_GROUP


def _pipe_row(text: str, where: str, borders: tuple[bool, bool]) -> list[Token]:
    """The cells of a row; `borders` tells whether all rows begin and end with a pipe, which is then no border of cells."""
    row = _cut(text, "|", where)
    first = int(borders[0])
    row = [replace(cell, column=cell.column - first) for cell in row[first : len(row) - int(borders[1])]]
    printed = [cell.text for cell in row if cell.text.strip()]
    if not printed:
        return row if len(row) >= _SHORTEST_BLANK_ROW else []  # a lone pipe is what is left of a merged cell
    if all(_RULE_CELL.fullmatch(text) for text in printed):
        return []
    return row


def _cut(text: str, separator: str, where: str) -> list[Token]:
    tokens = []
    column = 1
    for index, part in enumerate(text.split(separator)):
        stripped = part.strip()
        start = column + len(part) - len(part.lstrip()) if stripped else column
        tokens.append(token_of(stripped, f"{where}, column {start}", index))
        column += len(part) + 1
    return tokens


def _plain(text: str, where: str) -> Iterator[tuple[list[Token] | None, bool]]:
    stripped = " ".join(text.split())
    if not stripped or (len(stripped) < _LONGEST_PAGE_NUMBER and _is_page_number(stripped)):
        return
    if _FRAME_LINE.fullmatch(stripped):
        return
    if len(stripped) > _LONGEST_CELL or (len(stripped) > 12 and _PROSE_END.search(stripped)):
        pieces = stripped.split()
        if len(pieces) > _FLATTENED_NUMBERS and sum(_is_value(piece) for piece in pieces) > _FLATTENED_NUMBERS:
            yield from _flattened(text, where)
            return
        if not _are_headers(pieces) and (len(stripped) > _LONGEST_CELL or _is_sentence(stripped)):
            yield None, False
            return
    token = token_of(stripped, where)
    if token.printed is not None:
        if token.printed.state is not State.UNREAD:
            yield [token], False
            return
        if " " not in stripped and "\u3000" not in stripped:
            if len(stripped) <= _LONGEST_UNREAD and not _DATE.search(stripped):
                yield [token], False
            else:
                yield None, False
            return
    yield from _spaced(text, where, token)


def _is_sentence(text: str) -> bool:
    """Whether a short line that ends like a sentence is one: it names no label, or only in passing (收到自然人申请3件。)."""
    meaning = meaning_of(text)
    if not meaning.is_known:
        return True
    return not (meaning.exact or meaning.captions) and _IN_PASSING.search(text) is not None


def _are_headers(pieces: list[str]) -> bool:
    """Whether a long line is a row of headers: each piece is a label by itself."""
    meanings = [meaning_of(piece) for piece in pieces]
    return len(pieces) > 1 and all(meaning.exact and meaning.is_known for meaning in meanings)


def _is_value(piece: str) -> bool:
    printed, _ = _read(piece)
    return printed is not None and printed.state is not State.UNREAD


def _spaced(text: str, where: str, whole: Token) -> Iterator[tuple[list[Token] | None, bool]]:
    """A line whose cells are parted by blanks: a label with figures behind it, figures only, or several headers."""
    pieces = [(found.group(), found.start() + 1) for found in re.finditer(r"\S+", text)]
    if len(pieces) == 1:
        yield [whole], False
        return
    values = 0
    while values < len(pieces) and _is_value(pieces[-1 - values][0]):
        values += 1
    head = pieces[: len(pieces) - values]
    tokens = [token_of(piece, f"{where}, column {column}") for piece, column in pieces[len(head) :]]
    if not head:
        yield tokens, False
        return
    label = " ".join(piece for piece, _ in head)
    if values and (values > 1 or meaning_of(label).rows):
        yield [*_headers(head, where, label), *tokens], False
    else:
        yield _headers(pieces, where, whole.text), False


def _headers(pieces: list[tuple[str, int]], where: str, label: str) -> list[Token]:
    """The pieces of a line one by one if each is a label of its own, else the line as one text."""
    tokens = [token_of(piece, f"{where}, column {column}") for piece, column in pieces]
    if len(tokens) > 1 and all(token.meaning is not None and token.meaning.is_known for token in tokens):
        return tokens
    meaning = meaning_of(label)
    return [Token(label, f"{where}, column {pieces[0][1]}", None, meaning)]


def _flattened(text: str, where: str) -> Iterator[tuple[list[Token] | None, bool]]:
    """A table on one line: every blank parts two cells."""
    for found in re.finditer(r"\S+", text):
        piece = found.group()
        if len(piece) > LONGEST_LABEL:
            yield None, False
        else:
            yield [token_of(piece, f"{where}, column {found.start() + 1}")], False
