"""A report as HTML, in the three ways that editors of portals leave it: pasted from Word, typed as a plain table, and a page's own markup."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from crawler.replica.documents.model import Box, Paragraph, Report, Role, Table
from crawler.replica.documents.official import table_of

_MSO = "font-family:宋体;mso-ascii-font-family:Calibri;mso-hansi-font-family:Calibri"


def word_html(report: Report, *, title: bool = True) -> str:
    """Pasted from Word: `MsoNormal`, `mso-` styles, `<o:p>`, a span for each run, blanks as `&nbsp;`.

    Header and data rows of 第（八）项 have different column spans, as in a stored real report: a cell's position alone misleads there.
    """
    return _write(report, _word_paragraph, _word_table, title=title)


def table_html(report: Report, *, title: bool = True) -> str:
    """Plain tables, the rest bare paragraphs."""
    return _write(report, _plain_paragraph, _plain_table, title=title)


def page_html(report: Report, *, title: bool = True) -> str:
    """A publishing system's own markup: `nowrap` cells with pixel widths, centred paragraphs in the cells, labels broken by `<br>`."""
    return _write(report, _page_paragraph, _page_table, title=title)


def _write(report: Report, paragraph: Callable[[Paragraph], str], table: Callable[[Table], str], *, title: bool) -> str:
    parts = []
    for block in report.blocks:
        if isinstance(block, Paragraph):
            if title or block.role is not Role.TITLE:
                parts.append(paragraph(block))
        else:
            parts.append(table(table_of(report, block.table)))
    return "\n".join(parts)


def _spans(box: Box, quote: str = '"') -> str:
    columns = f" colspan={quote}{box.column_span}{quote}" if box.column_span > 1 else ""
    rows = f" rowspan={quote}{box.row_span}{quote}" if box.row_span > 1 else ""
    return rows + columns


def _rows(table: Table, cell: Callable[[Box], str], opening: str = "<tr>") -> str:
    return "\n".join(
        f"{opening}{''.join(cell(box) for box in table.row_boxes(row))}</tr>" for row in range(table.row_count)
    )


def _word_paragraph(paragraph: Paragraph) -> str:
    if paragraph.role is Role.TITLE:
        return (
            f"<p class=MsoNormal align=center style='text-align:center'><b><span style='font-size:22.0pt;{_MSO}'>"
            f"{escape(paragraph.text)}</span></b><b><span lang=EN-US style='font-size:22.0pt'><o:p></o:p></span></b></p>"
        )
    pieces = [paragraph.text[start : start + 60] for start in range(0, len(paragraph.text), 60)]
    spans = "".join(f"<span style='font-size:16.0pt;{_MSO}'>{escape(piece)}</span>" for piece in pieces)
    return (
        f"<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0;line-height:29.0pt'>{spans}"
        "<span lang=EN-US style='font-size:16.0pt'><o:p></o:p></span></p>"
    )


def _word_table(table: Table) -> str:
    if table.name == "disclosure":
        table = Table(table.name, table.widths, _shifted(table.boxes))

    def cell(box: Box) -> str:
        inner = (
            f"<span lang=EN-US style='font-size:10.5pt;{_MSO}'>{escape(box.text)}<o:p></o:p></span>"
            if box.text
            else "<span lang=EN-US style='font-size:10.5pt'><o:p>&nbsp;</o:p></span>"
        )
        return (
            f"<td width={40 * box.column_span}{_spans(box, '')} style='border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt;"
            f"padding:0cm 5.4pt 0cm 5.4pt'><p class=MsoNormal align=center style='text-align:center'>{inner}</p></td>"
        )

    rows = _rows(table, cell, "<tr style='mso-yfti-irow:0;height:20.0pt'>")
    return (
        "<table class=MsoNormalTable border=1 cellspacing=0 cellpadding=0 "
        f"style='border-collapse:collapse;border:none;mso-border-alt:solid windowtext .5pt'>\n{rows}\n</table>\n"
        "<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>"
    )


def _shifted(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """Three-cell rows with spans 1+2+1 in the header and 2+1+1 in the data, on a grid of four units of three columns."""
    of_row: dict[int, list[Box]] = {}
    for box in boxes:
        of_row.setdefault(box.row, []).append(box)
    shifted: list[Box] = []
    for row in sorted(of_row):
        cells = of_row[row]
        if len(cells) == 3:
            spans = (3, 6, 3) if all(cell.is_header for cell in cells) else (6, 3, 3)
            column = 0
            for box, span in zip(cells, spans, strict=True):
                shifted.append(Box(row, column, 1, span, box.text, box.is_header))
                column += span
        else:
            shifted += cells
    return tuple(shifted)


def _plain_paragraph(paragraph: Paragraph) -> str:
    if paragraph.role is Role.TITLE:
        return f"<h2>{escape(paragraph.text)}</h2>"
    if paragraph.role is Role.HEADING:
        return f"<p><strong>{escape(paragraph.text)}</strong></p>"
    return f"<p>{escape(paragraph.text)}</p>"


def _plain_table(table: Table) -> str:
    rows = _rows(table, lambda box: f"<td{_spans(box)}>{escape(box.text).replace(chr(10), '<br>')}</td>")
    return f'<table border="1"><tbody>\n{rows}\n</tbody></table>'


def _page_paragraph(paragraph: Paragraph) -> str:
    if paragraph.role in (Role.TITLE, Role.CAPTION):
        return f'<p style="text-align: center;">{escape(paragraph.text)}</p>'
    if paragraph.role is Role.SIGNATURE:
        return f'<p style="text-align: right;">{escape(paragraph.text)}</p>'
    return f'<p style="text-indent: 2em;">　　{escape(paragraph.text)}</p>'


def _page_table(table: Table) -> str:
    def cell(box: Box) -> str:
        text = escape(box.text).replace("\n", "<br />")
        if box.is_header and 6 <= len(box.text) <= 8 and "项" not in box.text and "/" not in box.text:
            text = f"{escape(box.text[:3])}<br />{escape(box.text[3:])}"
        return f'<td nowrap="nowrap"{_spans(box)} style="width:{47 * box.column_span}px;"><p align="center">{text or "&nbsp;"}</p></td>'

    return f'<div class="tablebox"><table align="center" border="1" cellspacing="1"><tbody>\n{_rows(table, cell)}\n</tbody></table></div>'
