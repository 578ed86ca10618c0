"""Tables as PDF with a text layer: ruled and unruled, cut by pages, with page numbers, rotated."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from bench.accuracy.layout import HEADINGS, TITLE, Sheet
from bench.accuracy.office import placed

VARIANTS = ("ruled", "unruled", "short pages", "rotated")

_FONT = "STSong-Light"
_POINTS = 7
_LABEL_WIDTH = 62.0
_FIGURE_WIDTH = 46.0


def render(sheets: list[Sheet], variant: str, seed: int) -> bytes:
    """A report as PDF. The seed is not used: pages are laid out the same way every time."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    del seed
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    style = ParagraphStyle("cell", fontName=_FONT, fontSize=_POINTS, leading=_POINTS + 2, wordWrap="CJK")
    title = ParagraphStyle("title", parent=style, fontSize=14, leading=20)
    story: list[Any] = [
        Paragraph(TITLE, title),
        Paragraph("一、总体情况", style),
        Paragraph("本年度共办理政府信息公开申请若干件，公开各类信息1307条，其中图解14件。", style),
    ]
    last = ""
    for sheet in sheets:
        if sheet.code != last:
            story += [Spacer(1, 6), Paragraph(HEADINGS[sheet.code], style), Spacer(1, 4)]
            last = sheet.code
        cells = placed(sheet)
        if variant == "short pages":  # a page can't end inside a cell that spans rows
            cells = [(y, x, replace(slot, rows=1)) for y, x, slot in cells]
        width = max(x + slot.columns for _, x, slot in cells)
        data: list[list[Any]] = [[""] * width for _ in sheet.rows]
        commands: list[Any] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 2)]
        commands += [("RIGHTPADDING", (0, 0), (-1, -1), 2), ("TOPPADDING", (0, 0), (-1, -1), 1)]
        if variant != "unruled":
            commands.append(("GRID", (0, 0), (-1, -1), 0.5, "black"))
        figures = {x for _, x, slot in cells if slot.address is not None}
        for y, x, slot in cells:
            data[y][x] = Paragraph(slot.text, style) if slot.text.strip() else ""
            if slot.rows > 1 or slot.columns > 1:
                commands.append(("SPAN", (x, y), (x + slot.columns - 1, y + slot.rows - 1)))
        widths = [_FIGURE_WIDTH if x in figures else _LABEL_WIDTH for x in range(width)]
        scale = min(1.0, 520.0 / sum(widths))
        table = Table(data, colWidths=[w * scale for w in widths])
        table.setStyle(TableStyle(commands))
        story += [table, Spacer(1, 6)]
    story.append(Paragraph("五、存在的主要问题及改进情况", style))
    story.append(Paragraph("公开的内容还不够深入，下一年将继续改进，力争办结率达到100%。", style))
    size = (A4[0], 420.0) if variant == "short pages" else A4

    def number_page(canvas: Any, document: Any) -> None:
        canvas.setFont(_FONT, 9)
        canvas.drawCentredString(size[0] / 2, 18, f"- {document.page} -")
        if variant == "rotated":
            canvas.setPageRotation(90)

    out = io.BytesIO()
    template = SimpleDocTemplate(
        out, pagesize=size, leftMargin=30, rightMargin=30, topMargin=36, bottomMargin=36, invariant=1
    )
    template.build(story, onFirstPage=number_page, onLaterPages=number_page)
    return out.getvalue()
