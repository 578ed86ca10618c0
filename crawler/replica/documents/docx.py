"""A report as a docx file: Office Open XML written by hand, merged cells as `gridSpan` and `vMerge`."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from crawler.replica.documents.model import Paragraph, Report, Role, Table
from crawler.replica.documents.official import table_of

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
_TABLE_WIDTH = 8800  # twentieths of a point


def write_docx(report: Report) -> bytes:
    """The report as a docx file; equal reports give equal bytes."""
    body = "".join(
        _paragraph(block) if isinstance(block, Paragraph) else _table(table_of(report, block.table))
        for block in report.blocks
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<w:document xmlns:w="{_W}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1500" w:bottom="1440" w:left="1500"/></w:sectPr>'
        "</w:body></w:document>"
    )
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _run(text: str, size: int) -> str:
    font = '<w:rFonts w:hint="eastAsia" w:ascii="仿宋_GB2312" w:eastAsia="仿宋_GB2312"/>'
    pieces = [f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in text.split("\n")]
    return f'<w:r><w:rPr>{font}<w:sz w:val="{size}"/></w:rPr>{"<w:br/>".join(pieces)}</w:r>'


def _paragraph(paragraph: Paragraph) -> str:
    align = {Role.TITLE: "center", Role.CAPTION: "center", Role.SIGNATURE: "right"}.get(paragraph.role, "both")
    indent = '<w:ind w:firstLineChars="200" w:firstLine="640"/>' if align == "both" else ""
    size = 44 if paragraph.role is Role.TITLE else 32
    # Word splits a paragraph into runs at will; a reader must join them.
    middle = len(paragraph.text) // 2
    runs = _run(paragraph.text[:middle], size) + _run(paragraph.text[middle:], size)
    return f'<w:p><w:pPr>{indent}<w:jc w:val="{align}"/></w:pPr>{runs}</w:p>'


def _table(table: Table) -> str:
    scale = _TABLE_WIDTH / sum(table.widths)
    grid = "".join(f'<w:gridCol w:w="{round(width * scale)}"/>' for width in table.widths)
    rows = "".join(f"<w:tr>{_row(table, row, scale)}</w:tr>" for row in range(table.row_count))
    style = f'<w:tblPr><w:tblW w:w="{_TABLE_WIDTH}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{style}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl><w:p/>"


def _row(table: Table, row: int, scale: float) -> str:
    cells = []
    for box in sorted(table.boxes, key=lambda box: box.column):
        if not box.row <= row < box.row + box.row_span:
            continue
        width = round(sum(table.widths[box.column : box.column + box.column_span]) * scale)
        span = f'<w:gridSpan w:val="{box.column_span}"/>' if box.column_span > 1 else ""
        merge = ""
        if box.row_span > 1:
            merge = '<w:vMerge w:val="restart"/>' if row == box.row else "<w:vMerge/>"
        text = _run(box.text, 21) if row == box.row and box.text else ""
        paragraph = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{text}</w:p>'
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>{paragraph}</w:tc>'
        )
    return "".join(cells)
