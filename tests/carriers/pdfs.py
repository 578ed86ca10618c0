"""Reports as PDF through reportlab: with rulings, without, turned, printed twice."""

from __future__ import annotations

import io

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from crawler.replica.documents.model import Box, Paragraph, Report, Table
from crawler.replica.documents.official import table_of

FONT = "STSong-Light"
SIZE, LEADING = 8.0, 10.5


class PdfWriter:
    """Sets a report on pages of a given size.

    `turn`: `None`; "page" turns the paper by its /Rotate entry and the content with it, so that it shows upright;
    "content" turns the content only, as a landscape table on an upright page. `bold` prints each cell twice, shifted.
    """

    def __init__(self, *, ruled: bool = True, turn: str | None = None, bold: bool = False) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self._ruled, self._turn, self._bold = ruled, turn, bold
        self._width, self._height = (842.0, 595.0) if turn else (595.0, 842.0)
        self._out = io.BytesIO()
        # reportlab swaps the sides of a page that it turns.
        self._canvas = Canvas(self._out, pagesize=(842.0, 595.0) if turn == "page" else (595.0, 842.0))
        self._page = 0
        self._open_page()

    def write(self, report: Report) -> bytes:
        """The report as PDF."""
        for block in report.blocks:
            if isinstance(block, Paragraph):
                for line in wrap(block.text, self._width - 140, 10.5):
                    self._room(16)
                    self._text(70, self._y, line, 10.5)
                    self._y -= 16
            else:
                self._table(table_of(report, block.table))
        self._close_page()
        self._canvas.save()
        return self._out.getvalue()

    def _open_page(self) -> None:
        self._page += 1
        if self._turn == "page":
            self._canvas.setPageRotation(90)
        if self._turn:
            self._canvas.translate(595, 0)
            self._canvas.rotate(90)
        self._y = self._height - 60

    def _close_page(self) -> None:
        self._text(self._width / 2 - 10, 30, f"- {self._page} -", 9)
        self._canvas.showPage()

    def _room(self, height: float) -> None:
        if self._y - height < 60:
            self._close_page()
            self._open_page()

    def _text(self, x: float, y: float, text: str, size: float) -> None:
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(x, y, text)
        if self._bold:
            self._canvas.drawString(x + 0.3, y, text)

    def _table(self, table: Table) -> None:
        """Rows as high as their tallest cell; a row that doesn't fit goes to the next page, merged cells are cut there."""
        scale = (self._width - 120) / sum(table.widths)
        lefts = [60 + scale * sum(table.widths[:column]) for column in range(len(table.widths) + 1)]
        heights = [self._row_height(table, row, lefts) for row in range(table.row_count)]
        for row, height in enumerate(heights):
            self._room(height)
            for box in table.boxes:
                if box.row <= row < box.row + box.row_span:
                    self._cell(box, row, lefts, height)
            self._y -= height
        self._y -= 24

    def _row_height(self, table: Table, row: int, lefts: list[float]) -> float:
        needed = 16.0
        for box in table.boxes:
            if box.row <= row < box.row + box.row_span:
                lines = wrap(box.text, lefts[box.column + box.column_span] - lefts[box.column] - 6, SIZE)
                needed = max(needed, len(lines) * LEADING / box.row_span + 6)
        return needed

    def _cell(self, box: Box, row: int, lefts: list[float], height: float) -> None:
        left, right = lefts[box.column], lefts[box.column + box.column_span]
        if self._ruled:
            self._canvas.setLineWidth(0.5)
            self._canvas.line(left, self._y, left, self._y - height)
            self._canvas.line(right, self._y, right, self._y - height)
            if row == box.row or self._y > self._height - 61:
                self._canvas.line(left, self._y, right, self._y)
            if row == box.row + box.row_span - 1 or self._y - height < 110:
                self._canvas.line(left, self._y - height, right, self._y - height)
        if row == box.row:
            for number, line in enumerate(wrap(box.text, right - left - 6, SIZE)):
                width = pdfmetrics.stringWidth(line, FONT, SIZE)
                x = left + 3 if box.is_header and box.column < 3 else left + (right - left - width) / 2
                self._text(x, self._y - 11 - number * LEADING, line, SIZE)


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines that fit; Chinese breaks anywhere."""
    lines = [""]
    for character in text.replace("\n", ""):
        if pdfmetrics.stringWidth(lines[-1] + character, FONT, size) > width:
            lines.append("")
        lines[-1] += character
    return lines
