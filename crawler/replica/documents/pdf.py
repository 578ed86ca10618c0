"""A report as a PDF with a text layer and ruled, merged tables, written without a PDF library.

The font is Adobe's predefined Chinese one, not embedded (`STSong-Light`, encoding `UniGB-UCS2-H`): two bytes a
character, which are its UTF-16 code. There is no `ToUnicode` map: pdfminer looks glyph numbers up in it instead of
codes, and every reader knows the predefined encoding. Rulings are thin filled rectangles, as word processors export
them. A table that meets the foot of a page goes on on the next one, and a cell merged over rows is cut there with its
text, as in real reports.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from crawler.replica.documents.model import Paragraph, Report, Role, Table
from crawler.replica.documents.official import table_of

_PAGE_WIDTH, _PAGE_HEIGHT = 595.0, 842.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 533.0, 776.0, 66.0
_RULE = 0.6
_CELL_SIZE, _CELL_LEADING, _CELL_PADDING = 8.5, 11.0, 3.0


@dataclass(slots=True)
class _Page:
    operators: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, size: float, text: str) -> None:
        if text:
            code = text.encode("utf-16-be").hex().upper()
            self.operators.append(f"BT /F1 {size:g} Tf {x:.2f} {y:.2f} Td <{code}> Tj ET")

    def rule(self, x: float, y: float, width: float, height: float) -> None:
        self.operators.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")


def _width(text: str, size: float) -> float:
    """Width in points: half an em for ASCII (declared so in the font's widths), an em for all else."""
    return size * sum(0.5 if " " <= char <= "~" else 1.0 for char in text)


def _wrap(text: str, size: float, width: float, indent: float = 0.0) -> list[str]:
    """Lines no wider than `width`; the first one is shorter by `indent`. Line breaks in the text are kept."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, room = "", width - indent
        for char in part:
            if line and _width(line + char, size) > room:
                lines.append(line)
                line, room = "", width
            line += char
        lines.append(line)
        indent = 0.0
    return lines


class _Writer:
    """Sets blocks from the top of the page to its foot, then goes on on the next page."""

    def __init__(self) -> None:
        self.pages = [_Page()]
        self.y = _TOP

    def new_page(self) -> None:
        self.pages.append(_Page())
        self.y = _TOP

    def paragraph(self, paragraph: Paragraph) -> None:
        size = {Role.TITLE: 16.0, Role.HEADING: 12.5}.get(paragraph.role, 11.5)
        leading = size * 1.7
        centred = paragraph.role in (Role.TITLE, Role.CAPTION)
        indent = 0.0 if centred or paragraph.role is Role.SIGNATURE else 2 * size
        for index, line in enumerate(_wrap(paragraph.text, size, _RIGHT - _LEFT, indent)):
            if self.y - leading < _BOTTOM:
                self.new_page()
            self.y -= leading
            x = _LEFT + (indent if index == 0 else 0.0)
            if centred:
                x = (_LEFT + _RIGHT - _width(line, size)) / 2
            elif paragraph.role is Role.SIGNATURE:
                x = _RIGHT - _width(line, size)
            self.pages[-1].text(x, self.y, size, line)
        self.y -= 4.0

    def table(self, table: Table) -> None:
        scale = (_RIGHT - _LEFT) / sum(table.widths)
        edges = [_LEFT]
        for width in table.widths:
            edges.append(edges[-1] + width * scale)
        lines = {
            (box.row, box.column): _wrap(
                box.text, _CELL_SIZE, edges[box.column + box.column_span] - edges[box.column] - 2 * _CELL_PADDING
            )
            for box in table.boxes
        }
        heights = self._row_heights(table, lines)
        self.y -= 6.0
        first = 0
        while first < table.row_count:
            last, used = first, 0.0
            while last < table.row_count and self.y - used - heights[last] >= _BOTTOM:
                used += heights[last]
                last += 1
            if last == first:
                self.new_page()
                continue
            self._part(table, lines, edges, heights, first, last)
            self.y -= used
            first = last
            if first < table.row_count:
                self.new_page()
        self.y -= 10.0

    @staticmethod
    def _row_heights(table: Table, lines: dict[tuple[int, int], list[str]]) -> list[float]:
        heights = [18.0] * table.row_count
        for box in sorted(table.boxes, key=lambda box: box.row_span):
            needed = len(lines[box.row, box.column]) * _CELL_LEADING + 2 * _CELL_PADDING
            missing = needed - sum(heights[box.row : box.row + box.row_span])
            if missing > 0:
                heights[box.row + box.row_span - 1] += missing
        return heights

    def _part(
        self,
        table: Table,
        lines: dict[tuple[int, int], list[str]],
        edges: list[float],
        heights: list[float],
        first: int,
        last: int,
    ) -> None:
        """Rows `first` to `last` (exclusive) on the present page; takes the lines that it sets out of `lines`."""
        page = self.pages[-1]
        tops = {row: self.y - sum(heights[first:row]) for row in range(first, last + 1)}
        for box in sorted(table.boxes, key=lambda box: (box.row, box.column)):
            begin, end = max(box.row, first), min(box.row + box.row_span, last)
            if begin >= end:
                continue
            left, right = edges[box.column], edges[box.column + box.column_span]
            top, bottom = tops[begin], tops[end]
            for y in (top, bottom):
                page.rule(left - _RULE / 2, y - _RULE / 2, right - left + _RULE, _RULE)
            for x in (left, right):
                page.rule(x - _RULE / 2, bottom - _RULE / 2, _RULE, top - bottom + _RULE)
            waiting = lines[box.row, box.column]
            room = int((top - bottom - 2 * _CELL_PADDING + 0.01) // _CELL_LEADING)
            now = waiting if box.row + box.row_span <= last else waiting[: max(room, 0)]
            lines[box.row, box.column] = waiting[len(now) :]
            y = (top + bottom) / 2 + len(now) * _CELL_LEADING / 2 - _CELL_SIZE
            for line in now:
                x = (left + right - _width(line, _CELL_SIZE)) / 2
                page.text(x, y, _CELL_SIZE, line)
                y -= _CELL_LEADING


def write_pdf(report: Report) -> bytes:
    """The report as a PDF 1.4 file; equal reports give equal bytes."""
    writer = _Writer()
    for block in report.blocks:
        if isinstance(block, Paragraph):
            writer.paragraph(block)
        else:
            writer.table(table_of(report, block.table))
    for number, page in enumerate(writer.pages, start=1):
        page.text((_PAGE_WIDTH - 30) / 2, 40.0, 9.0, f"- {number} -")
    return _assemble(writer.pages, report.title)


def _assemble(pages: list[_Page], title: str) -> bytes:
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",  # the page tree, once the pages have numbers
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UCS2-H /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R]>>",
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
            b" /FontDescriptor 5 0 R /DW 1000 /W [1 95 500] >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 752 /Descent -271"
            b" /CapHeight 737 /StemV 58 >>"
        ),
        b"<< /Title <FEFF" + title.encode("utf-16-be").hex().upper().encode("ascii") + b"> /Producer (OGI replica) >>",
    ]
    kids = []
    for page in pages:
        objects.append(_stream("\n".join(page.operators).encode("ascii")))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
            % (_PAGE_WIDTH, _PAGE_HEIGHT, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)
    return bytes(out)


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
