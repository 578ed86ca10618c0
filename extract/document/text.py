"""Plain text and Markdown → `Document`: one line a line, tabs and pipes kept, because table cells stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from extract.document.clean import printable
from extract.document.detect import TEXT, decode_text
from extract.document.limits import check_size
from extract.errors import DocumentTooLarge
from extract.model import Document, Limits, Line

#: A text with more lines is no report: the longest have some thousands.
MAX_LINES = 100_000
#: The longest reports have some hundred thousand characters.
MAX_CHARACTERS = 16_000_000


#: Drawn borders of cells, as pipes; rulings between rows, as Markdown draws them.
_BORDERS = str.maketrans("｜│┃║├┤┼┝┥╂╋┠┨┣┫╠╣╬┌┐└┘┏┓┗┛╔╗╚╝┬┴┳┻╦╩─━═", "|" * 36 + "---")
_DRAWN = re.compile(r"[｜│┃║├┤┼┝┥╂╋┠┨┣┫╠╣╬─━═┌└┏┗╔╚]")
_QUOTED = re.compile(r'"[^"]*"|[,"]')
#: Comma-separated rows stand together, each with as many commas as its neighbours, and hold no sentence.
_FEWEST_ROWS = 4
_FEWEST_COMMAS = 2
_SENTENCE = re.compile(r"[。；！？]")
#: A comma before three digits, as it is printed within a number.
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def read(data: bytes, limits: Limits) -> Document:
    """Read a text file. `where` is `line N`, counted from 1; blank lines are left out of the blocks, not of the count.

    A line that holds only a tab is kept: in texts with one cell a line it is a blank cell.

    Raises:
        DocumentTooLarge: Too many bytes or lines.
    """
    check_size(data, limits)
    text = decode_text(data).removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise DocumentTooLarge(f"the text has more than {MAX_CHARACTERS} characters; no report is that long")
    if text.count("\n") + text.count("\r") > MAX_LINES:
        raise DocumentTooLarge(f"the text has more than {MAX_LINES} lines; no report is that long")
    blocks = []
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(_with_borders(rows), start=1):
        line = printable(raw).rstrip("\n\f\v")
        if line.strip() or "\t" in line:
            blocks.append(Line(line, f"line {number}", heading=line.startswith("#")))
    return Document(TEXT, tuple(blocks))


def _with_borders(rows: Sequence[str]) -> Iterator[str]:
    """The lines with the borders of cells as pipes and tabs, whatever drew them; every character keeps its column."""
    separated = _separated(rows)
    for number, row in enumerate(rows):
        if number in separated:
            yield _QUOTED.sub(_cell_of, row)
        elif _DRAWN.search(row) is not None and sum(row.count(sign) for sign in "｜│┃║├┼┠╂┣╋╠╬┝") >= _FEWEST_COMMAS:
            yield row.translate(_BORDERS)
        else:
            yield row


def _separated(rows: Sequence[str]) -> set[int]:
    """The numbers of the lines whose cells are parted by commas."""
    commas = [_commas(row) for row in rows]
    printed = [number for number, row in enumerate(rows) if row.strip()]
    separated: set[int] = set()
    for count, run in groupby(printed, key=commas.__getitem__):
        numbers = list(run)
        if count < _FEWEST_COMMAS or len(numbers) < _FEWEST_ROWS or all(_in_numbers(rows[at]) for at in numbers):
            continue
        separated.update(numbers)
    return separated


def _commas(row: str) -> int:
    """How many commas part cells; 0 for a line that may be a sentence, or that has borders already."""
    if row.count(",") < _FEWEST_COMMAS or "\t" in row or "|" in row or _SENTENCE.search(row) is not None:
        return 0
    return sum(found.group() == "," for found in _QUOTED.finditer(row))


def _in_numbers(row: str) -> bool:
    """Whether all commas of a row may stand within numbers, and blanks part its cells: `行政处罚 1,104 - 50`."""
    return len(row.split()) > 1 and "," not in _THOUSANDS.sub("", row)


def _cell_of(found: re.Match[str]) -> str:
    piece = found.group()
    return "\t" if piece == "," else f" {piece[1:-1]} " if len(piece) > 1 else piece
