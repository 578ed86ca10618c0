"""Tables as office documents: docx, xlsx, xls, and a docx inside a zip archive."""

from __future__ import annotations

import io
import random
import zipfile
from html import escape
from typing import Any

from bench.accuracy.layout import HEADINGS, TITLE, Sheet, Slot

VARIANTS = ("docx", "docx split runs", "xlsx", "xlsx one sheet", "xls", "zip with docx")


def render(sheets: list[Sheet], variant: str, seed: int) -> bytes:
    """A report as an office file."""
    rng = random.Random(seed)
    if variant.startswith("xlsx"):
        return _xlsx(sheets, one_sheet=variant.endswith("one sheet"))
    if variant == "xls":
        return _xls(sheets)
    data = _docx(sheets, split_runs=variant.endswith("runs"), rng=rng)
    if variant.startswith("zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("report.docx", (2021, 1, 20, 8, 0, 0)), data)
        return packed.getvalue()
    return data


def placed(sheet: Sheet) -> list[tuple[int, int, Slot]]:
    """Every cell with the row and column of its upper left corner; a span never leaves the table."""
    covered: set[tuple[int, int]] = set()
    cells = []
    height = len(sheet.rows)
    for y, row in enumerate(sheet.rows):
        x = 0
        for slot in row:
            while (y, x) in covered:
                x += 1
            rows = min(slot.rows, height - y)
            covered |= {(y + dy, x + dx) for dy in range(rows) for dx in range(slot.columns)}
            cells.append((y, x, Slot(slot.text, rows, slot.columns, slot.address, slot.is_header)))
            x += slot.columns
    return cells


_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def _docx(sheets: list[Sheet], *, split_runs: bool, rng: random.Random) -> bytes:
    """Written as XML: the libraries take seconds to merge the cells of one report."""
    parts = [_paragraph(TITLE), _paragraph("一、总体情况")]
    parts.append(_paragraph("本年度共办理政府信息公开申请若干件，公开各类信息1307条，其中图解14件。"))
    last = ""
    for sheet in sheets:
        if sheet.code != last:
            parts.append(_paragraph(HEADINGS[sheet.code]))
            last = sheet.code
        parts += [_word_table(sheet, rng if split_runs else None), _paragraph("")]
    parts.append(_paragraph("五、存在的主要问题及改进情况"))
    parts.append(_paragraph("公开的内容还不够深入，下一年将继续改进，力争办结率达到100%。"))
    body = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_WORD}><w:body>{"".join(parts)}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELATIONS), ("word/document.xml", body)):
            archive.writestr(zipfile.ZipInfo(name, (2021, 1, 20, 8, 0, 0)), text)
    return packed.getvalue()


def _paragraph(text: str, cut: int | None = None) -> str:
    pieces = [text] if cut is None else [text[:cut], text[cut:]]
    runs = "".join(f'<w:r><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in pieces)
    return f"<w:p>{runs}</w:p>"


def _word_table(sheet: Sheet, rng: random.Random | None) -> str:
    cells = placed(sheet)
    at = {(y, x): slot for y, x, slot in cells}
    below = {(y + dy, x): slot for y, x, slot in cells for dy in range(1, slot.rows)}
    width = max(x + slot.columns for _, x, slot in cells)
    rows = []
    for y in range(len(sheet.rows)):
        row = []
        x = 0
        while x < width:
            slot = at.get((y, x)) or below.get((y, x))
            if slot is None:
                x += 1
                continue
            starts = (y, x) in at
            merge = "" if slot.rows == 1 else '<w:vMerge w:val="restart"/>' if starts else "<w:vMerge/>"
            span = f'<w:gridSpan w:val="{slot.columns}"/>' if slot.columns > 1 else ""
            text = slot.text if starts else ""
            content = _paragraph(text, rng.randint(0, len(text)) if rng else None)
            row.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{content}</w:tc>")
            x += slot.columns
        rows.append(f"<w:tr>{''.join(row)}</w:tr>")
    grid = "<w:gridCol/>" * width
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _value(slot: Slot) -> str | int | float:
    """What a clerk's sheet holds: numbers as numbers, everything else as text."""
    if slot.address is not None and slot.text.replace("-", "", 1).replace(".", "", 1).isascii():
        try:
            number = float(slot.text)
        except ValueError:
            return slot.text
        return int(number) if number.is_integer() else number
    return slot.text


def _xlsx(sheets: list[Sheet], *, one_sheet: bool) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "报告"
    page.append([TITLE])
    last = ""
    offset = 2
    for sheet in sheets:
        if sheet.code != last:
            if not one_sheet and last:
                page = book.create_sheet(sheet.code)
                offset = 0
            page.cell(offset + 1, 1, HEADINGS[sheet.code])
            offset += 1
            last = sheet.code
        for y, x, slot in placed(sheet):
            value = _value(slot)
            if value != "":
                page.cell(offset + y + 1, x + 1, value)
            if slot.rows > 1 or slot.columns > 1:
                page.merge_cells(
                    start_row=offset + y + 1,
                    start_column=x + 1,
                    end_row=offset + y + slot.rows,
                    end_column=x + slot.columns,
                )
        offset += len(sheet.rows) + 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xls(sheets: list[Sheet]) -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    page: Any = book.add_sheet("报告")
    page.write(0, 0, TITLE)
    offset = 2
    last = ""
    for sheet in sheets:
        if sheet.code != last:
            page.write(offset, 0, HEADINGS[sheet.code])
            offset += 1
            last = sheet.code
        for y, x, slot in placed(sheet):
            value = _value(slot)
            if slot.rows > 1 or slot.columns > 1:
                page.write_merge(offset + y, offset + y + slot.rows - 1, x, x + slot.columns - 1, value)
            elif value != "":
                page.write(offset + y, x, value)
        offset += len(sheet.rows) + 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
