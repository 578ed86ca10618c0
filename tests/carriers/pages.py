"""Reports as plain HTML, for browsers to print."""

from __future__ import annotations

from html import escape

from crawler.replica.documents.model import Paragraph, Report, Table
from crawler.replica.documents.official import table_of


def plain_html(report: Report) -> str:
    """Paragraphs and tables with spans, no styles."""
    return "".join(
        f"<p>{escape(block.text)}</p>" if isinstance(block, Paragraph) else _table(table_of(report, block.table))
        for block in report.blocks
    )


def _table(table: Table) -> str:
    rows = (
        "".join(
            f"<td rowspan={box.row_span} colspan={box.column_span}>{escape(box.text)}</td>"
            for box in table.row_boxes(row)
        )
        for row in range(table.row_count)
    )
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
