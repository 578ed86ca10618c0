"""Plain text and Markdown → `Document`: one line a line, tabs and pipes kept, because table cells stand there."""

from __future__ import annotations

from extract.clean import printable
from extract.detect import TEXT, decode_text
from extract.errors import DocumentTooLarge
from extract.limits import check_size
from extract.model import Document, Limits, Line

#: A text with more lines is no report: the longest have some thousands.
MAX_LINES = 100_000
#: The longest reports have some hundred thousand characters.
MAX_CHARACTERS = 16_000_000


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
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        line = printable(raw).rstrip("\n\f\v")
        if line.strip() or "\t" in line:
            blocks.append(Line(line, f"line {number}", heading=line.startswith("#")))
    return Document(TEXT, tuple(blocks))
