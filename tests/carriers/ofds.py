"""Reports as OFD, written by hand after GB/T 33190-2016: one text object a line, rulings as path objects."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from crawler.replica.documents.model import Paragraph, Report, Table
from crawler.replica.documents.official import table_of

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_WIDTH, _HEIGHT = 210.0, 297.0
_SIZE, _LEADING = 2.6, 3.6


class _Pages:
    """Objects page by page, millimetres from the upper left corner."""

    def __init__(self) -> None:
        self.pages: list[list[str]] = [[]]
        self.y = 20.0

    def room(self, height: float) -> None:
        if self.y + height > 277:
            self.pages.append([])
            self.y = 20.0

    def text(self, x: float, y: float, text: str, size: float = _SIZE) -> None:
        if not text:
            return
        advances = [size * (0.5 if character < "\u0100" else 1.0) for character in text]
        same = len(set(advances[:-1])) == 1 and len(advances) > 2
        deltas = f"g {len(advances) - 1} {advances[0]:g}" if same else " ".join(f"{a:g}" for a in advances[:-1])
        self.pages[-1].append(
            f'<ofd:TextObject ID="1" Boundary="{x:g} {y:g} {sum(advances):g} {size:g}" Font="1" Size="{size:g}">'
            f'<ofd:TextCode X="0" Y="{0.85 * size:g}" DeltaX="{deltas}">{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )

    def stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1].append(
            f'<ofd:PathObject ID="2" Boundary="{x0:g} {y0:g} {x1 - x0 + 0.1:g} {y1 - y0 + 0.1:g}" LineWidth="0.2">'
            f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0:g} {y1 - y0:g}</ofd:AbbreviatedData></ofd:PathObject>"
        )


def write_ofd(report: Report) -> bytes:
    """The report as an OFD file."""
    pages = _Pages()
    for block in report.blocks:
        if isinstance(block, Paragraph):
            for line in _wrap(block.text, 160, 3.7):
                pages.room(6)
                pages.text(25, pages.y, line, 3.7)
                pages.y += 6
        else:
            _table(pages, table_of(report, block.table))
    parts = {
        "OFD.xml": f'<ofd:OFD {_NS} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>',
        "Doc_0/Document.xml": f"<ofd:Document {_NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 {_WIDTH:g} {_HEIGHT:g}"
        "</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages.pages)))
        + "</ofd:Pages></ofd:Document>",
    }
    for number, objects in enumerate(pages.pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page {_NS}><ofd:Content><ofd:Layer ID="9">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + xml)
    return out.getvalue()


def _table(pages: _Pages, table: Table) -> None:
    scale = 170 / sum(table.widths)
    lefts = [20 + scale * sum(table.widths[:column]) for column in range(len(table.widths) + 1)]
    for row in range(table.row_count):
        here = [box for box in table.boxes if box.row <= row < box.row + box.row_span]
        wrapped = {box: _wrap(box.text, lefts[box.column + box.column_span] - lefts[box.column] - 2) for box in here}
        height = max(6.0, *(len(wrapped[box]) * _LEADING / box.row_span + 2 for box in here))
        pages.room(height)
        for box in here:
            left, right = lefts[box.column], lefts[box.column + box.column_span]
            pages.stroke(left, pages.y, left, pages.y + height)
            pages.stroke(right, pages.y, right, pages.y + height)
            if row == box.row or pages.y == 20:
                pages.stroke(left, pages.y, right, pages.y)
            if row == box.row + box.row_span - 1:
                pages.stroke(left, pages.y + height, right, pages.y + height)
            if row == box.row:
                for number, line in enumerate(wrapped[box]):
                    pages.text(left + 1, pages.y + 1 + number * _LEADING, line)
        pages.y += height
    pages.y += 6


def _wrap(text: str, width: float, size: float = _SIZE) -> list[str]:
    lines, used = [""], 0.0
    for character in text.replace("\n", ""):
        advance = size * (0.5 if character < "\u0100" else 1.0)
        if used + advance > width:
            lines.append("")
            used = 0.0
        lines[-1] += character
        used += advance
    return lines
