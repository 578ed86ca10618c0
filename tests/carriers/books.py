"""Reports as workbooks through openpyxl (xlsx) and xlwt (xls): one sheet, headings and paragraphs between the tables."""

from __future__ import annotations

import io
import re

import openpyxl
import xlwt

from crawler.replica.documents.model import Paragraph, Report
from crawler.replica.documents.official import table_of


def _value(text: str) -> str | int | float:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text


def write_xlsx(report: Report) -> bytes:
    """The report as an xlsx file; figures are numbers, blank cells are empty."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "年报"
    row = 1
    for block in report.blocks:
        if isinstance(block, Paragraph):
            sheet.cell(row, 1, block.text)
            row += 2
            continue
        table = table_of(report, block.table)
        for box in table.boxes:
            sheet.cell(row + box.row, 1 + box.column, _value(box.text) if box.text else None)
            if box.row_span > 1 or box.column_span > 1:
                sheet.merge_cells(
                    start_row=row + box.row,
                    start_column=1 + box.column,
                    end_row=row + box.row + box.row_span - 1,
                    end_column=box.column + box.column_span,
                )
        row += table.row_count + 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_xls(report: Report) -> bytes:
    """The report as an xls file of Excel 97, merged cells included."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("年报")
    row = 0
    for block in report.blocks:
        if isinstance(block, Paragraph):
            sheet.write(row, 0, block.text)
            row += 2
            continue
        table = table_of(report, block.table)
        for box in table.boxes:
            top, left = row + box.row, box.column
            if box.row_span > 1 or box.column_span > 1:
                sheet.write_merge(top, top + box.row_span - 1, left, left + box.column_span - 1, _value(box.text))
            elif box.text:
                sheet.write(top, left, _value(box.text))
        row += table.row_count + 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
