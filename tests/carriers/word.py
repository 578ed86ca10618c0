"""Reports as docx through python-docx: cells merged with its own `merge`, runs split as Word splits them."""

from __future__ import annotations

import io

import docx
from docx.document import Document as WordDocument

from crawler.replica.documents.model import Paragraph, Report, Table
from crawler.replica.documents.official import table_of


def write_docx(report: Report) -> bytes:
    """The report as a docx file."""
    document = docx.Document()
    document.core_properties.title = report.title
    document.sections[0].footer.paragraphs[0].text = "- 1 -"
    for block in report.blocks:
        if isinstance(block, Paragraph):
            paragraph = document.add_paragraph()
            half = len(block.text) // 2
            paragraph.add_run(block.text[:half])
            paragraph.add_run(block.text[half:])
        else:
            _add_table(document, table_of(report, block.table))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_table(document: WordDocument, table: Table) -> None:
    made = document.add_table(rows=table.row_count, cols=len(table.widths), style="Table Grid")
    grid = [list(row.cells) for row in made.rows]
    for box in table.boxes:
        cell = grid[box.row][box.column]
        if box.row_span > 1 or box.column_span > 1:
            cell = cell.merge(grid[box.row + box.row_span - 1][box.column + box.column_span - 1])
        cell.text = box.text
